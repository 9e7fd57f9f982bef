"""The pictures of off-policy evaluation, and the page of its study."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.cli.options import actions_of
from experiments.offline.estimates import ESTIMATORS, LABELS
from experiments.offline.study_tables import WANTED, grids_of
from experiments.report.plots import COLORS, INK, MUTED, RULE, Picture, canvas, drawn, lying, titled
from experiments.report.publish import Section, Sheet


def coverage_chart(document: dict[str, Any]) -> Picture:
    """Measured coverage of every estimator's 95% interval, a dot a pair with its Wilson interval."""
    tables = document["tables"]
    figure, all_axes = canvas(5.2 * len(tables), 4.6, columns=len(tables))
    for axes, table in zip(np.ravel(all_axes), tables, strict=True):
        axes.axvspan(*WANTED, color=RULE, alpha=0.6, linewidth=0, zorder=0)
        last = len(table["pairs"]) - 1
        for p, pair in enumerate(table["pairs"]):
            color = MUTED if p == last else COLORS[p % len(COLORS)]
            for i, row in enumerate(reversed(pair["rows"])):
                c, height = row["coverage"], i + 0.24 - 0.16 * p
                axes.plot([c["low"], c["high"]], [height, height], color=color, linewidth=3, alpha=0.4)
                told = pair["judged"] if i == 0 else None
                axes.plot(
                    [c["mean"]], [height], "x" if p == last else "o", color=color, markersize=5, label=told
                )
        lying(axes, [LABELS[name] for name in reversed(ESTIMATORS)])
        axes.set_xlim(0, 1.01)
        axes.legend(loc="upper center", bbox_to_anchor=(0.4, -0.12), fontsize=7, frameon=False)
        titled(
            axes,
            table["env"].removeprefix("ChatRec/"),
            "share of 95% intervals that hold the truth",
        )
    return drawn(figure, "Measured coverage of every estimator's 95% intervals")


def ranking_chart(document: dict[str, Any]) -> Picture:
    """Estimated against true values of the ten policies ranked, by fitted Q and DR."""
    tables = document["tables"]
    figure, all_axes = canvas(4.6 * len(tables), 4.4, columns=len(tables))
    for axes, table in zip(np.ravel(all_axes), tables, strict=True):
        ranks = table["ranking"]
        truth = np.array(ranks["truth"])
        axes.plot(
            [truth.min(), truth.max()],
            [truth.min(), truth.max()],
            color=MUTED,
            linewidth=1,
            linestyle=(0, (5, 4)),
        )
        spread = float(np.ptp(truth))
        for color, name in zip(COLORS, ("fqe", "dr", "pdis"), strict=False):
            row = next(r for r in ranks["rows"] if r["estimator"] == name)
            told = f"{LABELS[name]}  (Spearman {row['spearman']:.2f})"
            axes.plot(truth, row["means"], "o", color=color, markersize=5, label=told)
        axes.set_ylim(truth.min() - 0.6 * spread, truth.max() + 0.6 * spread)
        axes.legend(loc="upper left", fontsize=8, frameon=False, labelcolor=INK)
        titled(
            axes, table["env"].removeprefix("ChatRec/"), "estimate from one log, mean over logs", "true value"
        )
    return drawn(figure, "Estimated against true values of ten policies")


def estimates_chart(table: dict[str, Any]) -> Picture:
    """What every estimator says of one policy from one log, beside what the log got; see ``ope_command.table_of``."""
    figure, axes = canvas(6.6, 3.8)
    own = table["logged_return"]["mean"]
    axes.axvline(own, color=MUTED, linewidth=1.2, linestyle=(0, (5, 4)), zorder=1)
    axes.annotate("the log", (own, -0.6), (5, 0), textcoords="offset points", color=MUTED, fontsize=9)
    rows = table["estimates"][::-1]
    color = MUTED if table["diagnostics"]["warnings"] else COLORS[0]
    for height, row in enumerate(rows):
        found = row["interval"]
        if found["low"] is not None:
            axes.plot([found["low"], found["high"]], [height, height], color=color, linewidth=5, alpha=0.3)
        axes.plot([found["mean"]], [height], "o", color=color, markersize=6)
    lying(axes, [LABELS[row["estimator"]] for row in rows])
    axes.set_ylim(-0.8, len(rows) - 0.4)
    told = "not to be trusted" if table["diagnostics"]["warnings"] else "return, with 95% intervals"
    titled(axes, table["policy"], f"{told}; from logs of {table['logged']}")
    return drawn(figure, f"Return of {table['policy']} by every estimator")


def headline(document: dict[str, Any]) -> str:
    """The result in one line."""
    name = document["recommended"]
    if name is None:
        return "No estimator's 95% intervals hold the truth in 92–98% of the logs of every pair"
    return (
        f"{LABELS[name]}: its 95% intervals hold the truth in 92–98% of the logs of every pair that overlaps"
    )


def sheet_of(document: dict[str, Any]) -> Sheet:
    """The study's page."""
    config, tables = document["config"], document["tables"]
    near = [pair for table in tables for pair in table["pairs"][:-1]]
    name = document["recommended"] or "dr"
    rows = [row for pair in near for row in pair["rows"] if row["estimator"] == name]
    far = [table["pairs"][-1]["flagged"]["mean"] for table in tables]
    best = [max(table["ranking"]["rows"], key=lambda r: r["spearman"]) for table in tables]
    tiles = (
        (f"coverage of {LABELS[name]}", f"{min(r['coverage']['mean'] for r in rows):.0%}–"
         f"{max(r['coverage']['mean'] for r in rows):.0%}", f"over {len(rows)} pairs, nominal 95%"),
        ("bad overlap flagged", f"{min(far):.0%}", "of the logs of pairs that do not overlap"),
        ("Spearman of ten policies", f"{min(r['spearman'] for r in best):.2f}",
         f"{' and '.join(LABELS[r['estimator']] for r in best)}, the lower of the environments"),
    )  # fmt: skip
    sections = [
        Section(
            title="Coverage",
            about="Each dot is a pair of policies: the share of its logs whose interval holds the truth. Grey band: "
            "92–98%. Crosses: the pair that hardly overlaps.",
            pictures={"coverage": coverage_chart(document)},
        ),
        Section(
            title="Ranking",
            about="Ten policies judged from one log.",
            pictures={"ranking": ranking_chart(document)},
        ),
    ]
    for table in tables:
        *pairs, ranks = grids_of(table, document["rank_log"])
        short = actions_of(table["env"])
        named = {f"{short}-pair-{i + 1}": grid for i, grid in enumerate(pairs)}
        sections.append(Section(title=table["env"], grids={**named, f"{short}-ranking": ranks}))
    return Sheet(
        kicker="off-policy evaluation",
        headline=headline(document),
        lead=f"{config['repetitions']} logs of {config['people']} conversations for each pair, cut off after "
        f"{config['max_turns']} turns; truths are means over {config['truth_people']:,} fresh conversations.",
        tiles=tiles,
        sections=sections,
        curves=[
            {
                "env": table["env"],
                "ranked": name,
                "truth": value,
                **{r["estimator"]: r["means"][i] for r in table["ranking"]["rows"]},
            }
            for table in tables
            for i, (name, value) in enumerate(
                zip(table["ranking"]["policies"], table["ranking"]["truth"], strict=True)
            )
        ],
    )
