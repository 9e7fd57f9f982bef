"""Pictures and page of a shaping study, from its table alone."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np

from experiments.report.page import h
from experiments.report.plots import COLORS, INK, MUTED, Picture, canvas, drawn, lying, thousands, titled
from experiments.report.publish import Section, Sheet
from experiments.shaping.measures import MEASURES, PAID, YARDSTICKS
from experiments.shaping.table import final_grid, hacking_grid, speed_grid

MOST_LINES = 6
"""Rewards that one picture of learning shows: as many as there are colours."""


def _band(axes: Any, turns: list[int], points: list[dict[str, Any]], color: str, label: str) -> None:
    mean, low, high = (
        np.array([np.nan if p[key] is None else p[key] for p in points]) for key in ("mean", "low", "high")
    )
    axes.fill_between(turns, low, high, color=color, alpha=0.08, linewidth=0)
    axes.plot(turns, mean, color=color, linewidth=2, label=label)


def families(table: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Rows of one learner by their base, the base first; whose return falls as they are hacked are left out."""
    out: dict[str, list[dict[str, Any]]] = {}
    for row in part["rows"]:
        if row["base"] == row["reward"] or row["hacking"].get("yardstick") != "return":
            out.setdefault(row["base"], []).append(row)
    own = {row["reward"]: row for row in part["rows"]}
    return {
        base: [own[base], *(row for row in rows if row["reward"] != base)][:MOST_LINES]
        for base, rows in out.items()
        if len(rows) > 1 or rows[0]["reward"] != base
    }


def learning_picture(table: Mapping[str, Any], part: Mapping[str, Any]) -> Picture:
    """The unshaped return while rewards are learned, a panel for each base."""
    groups = families(table, part)
    figure, panels = canvas(5.6 * max(len(groups), 1), 4.4, 1, max(len(groups), 1))
    for axes, (base, rows) in zip(np.ravel(panels), groups.items(), strict=False):
        for row, color in zip(rows, (INK, *COLORS), strict=False):
            _band(axes, part["turns"], row["curve"]["return"], color, row["reward"])
        level = table["share"] * rows[0]["final"]["return"]["mean"]
        axes.axhline(level, color=MUTED, linewidth=1, linestyle=(0, (5, 4)))
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(thousands)
        axes.xaxis.set_minor_formatter("")
        axes.legend(frameon=False, fontsize=9, loc="lower right")
        told = f"unshaped; dashed: {table['share']:.0%} of the base's last one; 95% bands"
        titled(axes, f"{part['label']}: return beside {base}", told, "turns of training")
    return drawn(figure, "Return while rewards are learned, with 95% bands")


def hacking_picture(part: Mapping[str, Any]) -> Picture:
    """What a hacked reward pays, and the yardstick that falls, while it is learned; a column each."""
    rows = [row for row in part["rows"] if row["hacking"]["hacked"]][:4]
    figure, panels = canvas(4.2 * max(len(rows), 1), 5.2, 2, max(len(rows), 1))
    for column, row in zip(np.reshape(panels, (2, -1)).T, rows, strict=False):
        found = row["hacking"]
        for axes, key, color in zip(column, (PAID, found["yardstick"]), (COLORS[1], COLORS[0]), strict=True):
            _band(axes, part["turns"], row["curve"][key], color, key)
            axes.axhline(row["before"][key]["mean"], color=INK, linewidth=1.2, linestyle=(0, (5, 4)))
            axes.axvline(found["since"], color=MUTED, linewidth=1.2, linestyle=(0, (2, 3)))
            axes.set_xscale("log")
            axes.xaxis.set_major_formatter(thousands)
            axes.xaxis.set_minor_formatter("")
        titled(column[0], row["reward"], "what the reward pays; dashed: before learning")
        told = YARDSTICKS[found["yardstick"]].label
        column[1].set_title(
            f"{told}; dotted: hacked since turn {found['since']:,}", loc="left", fontsize=10, color=MUTED
        )
        column[1].set_xlabel("turns of training", color=MUTED, fontsize=10)
    return drawn(figure, "What hacked rewards pay, and the yardstick that falls")


def difference_picture(part: Mapping[str, Any]) -> Picture:
    """Differences to the base after the last turn in units of the margin, all measures, within which none counts."""
    rows = [row for row in reversed(part["rows"]) if row["difference"] is not None]
    figure, axes = canvas(8.2, max(3.0, 0.46 * len(rows) + 1.8))
    measures = {key: MEASURES[key] for key in part["measures"]}
    shades = dict(zip(measures, itertools.cycle((INK, *COLORS, MUTED)), strict=False))
    step = 0.66 / max(len(measures) - 1, 1)
    limit = 6.0
    axes.axvspan(-1, 1, color=MUTED, alpha=0.14, linewidth=0)
    for at, row in enumerate(rows):
        for i, (key, measure) in enumerate(measures.items()):
            found = row["difference"][key]
            if found["low"] is None:
                continue
            height = at + 0.33 - step * i
            low, mean, high = (
                np.clip(found[k] / measure.margin, -limit, limit) for k in ("low", "mean", "high")
            )
            axes.plot([low, high], [height, height], color=shades[key], linewidth=3, alpha=0.4)
            label = measure.label if at == 0 else None
            axes.plot([mean], [height], "o", color=shades[key], markersize=3.6, label=label)
    lying(axes, [row["reward"] for row in rows])
    axes.set_xlim(-1.03 * limit, 1.03 * limit)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    figure.legend(loc="outside lower center", ncols=7, frameon=False, fontsize=9, handletextpad=0.2)
    titled(axes, f"{part['label']}: what differs from the base in the end", "")
    told = "in margins (grey counts as none), with 95% intervals, cut off at 6"
    axes.annotate(
        told, (0, 1), (0, 7), "axes fraction", "offset points", fontsize=10, color=MUTED, va="bottom"
    )
    return drawn(figure, "Differences to the base after the last turn, in margins, with 95% intervals")


def _pictures(table: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, dict[str, Picture]]:
    """Pictures of a learner, by the table they stand with and the stem of their files."""
    learner, out = part["learner"], dict[str, dict[str, Picture]]()
    if families(table, part):
        out["speed"] = {f"learning-{learner}": learning_picture(table, part)}
    if any(row["difference"] for row in part["rows"]):
        out["final"] = {f"differences-{learner}": difference_picture(part)}
    if any(row["hacking"]["hacked"] for row in part["rows"]):
        out["hacking"] = {f"hacking-{learner}": hacking_picture(part)}
    return out


def _curves(part: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the pictures of a learner draw: a record for each reward, unshaped measures at each look."""
    return [
        {"learner": part["learner"], "reward": row["reward"], "looks": part["turns"], **row["curve"]}
        for row in part["rows"]
    ]


def headline(table: Mapping[str, Any]) -> str:
    """The result in one line."""
    shown = {word: set() for word in ("faster", "nothing but speed", "hacked")}  # type: dict[str, set[str]]
    for part in table["tables"]:
        for row in part["rows"]:
            for word in shown.keys() & set(row["verdict"]):
                shown[word].add(row["reward"])
    words = [f"{len(names)} {word}" for word, names in shown.items() if names]
    return f"Of {len(table['rewards'])} rewards: {', '.join(words) or 'nothing is shown'}"


def sheet_of(table: Mapping[str, Any]) -> Sheet:
    """The study's page."""
    sections, curves = list[Section](), list[dict[str, Any]]()
    for part in table["tables"]:
        shown, label, learner = _pictures(table, part), part["label"], part["learner"]
        grids = {
            "speed": speed_grid(table, part),
            "final": final_grid(table, part),
            "hacking": hacking_grid(part),
        }
        titles = {"speed": "speed", "final": "in the end", "hacking": "hacking"}
        sections += [
            Section(
                title=f"{label}: {titles[name]}",
                pictures=shown.get(name, {}),
                grids={f"{name}-{learner}": grid},
            )
            for name, grid in grids.items()
        ]
        curves += _curves(part)
    yardsticks = "; ".join(f"{m.label}: {m.about}, margin {m.margin:g}" for m in MEASURES.values())
    return Sheet(
        kicker="reward shaping",
        headline=headline(table),
        lead=f"{', '.join(part['label'] for part in table['tables'])}; {table['seeds']} seeds, {table['turns']:,} "
        f"turns, {table['people']} people of each seed at every look; scenario {table['scenario']}.",
        sections=sections,
        curves=curves,
        footer=f"{h(yardsticks)}.",
    )
