"""The table of ``chatrec reproduce``: from every policy's returns to means, intervals and differences."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from agents import registry
from experiments.evaluate.stats import Interval, mean_interval, paired_interval, seeds_interval

Float = npt.NDArray[np.float64]

TUNED = "ask_then_recommend"
"""The heuristic that is tuned first."""

HEURISTICS = tuple(name for name in registry.names(registry.BASELINE, actions="items") if name != TUNED)
"""Policies without anything to train or tune."""


def make_table(parts: list[dict[str, Any]], **about: Any) -> dict[str, Any]:
    """The table of one scenario as plain JSON data, rows by falling return.

    Args:
        parts: What each part found, policy by policy; the parts of a learner in the order of its seeds.
        **about: What else to note: scenario, people per seed, encoder.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for part in parts:
        for name, numbers in part.items():
            found.setdefault(name, []).append(numbers)
    heuristics = [n for n in found if n in (*HEURISTICS, TUNED)]
    best = max(heuristics, key=lambda n: float(np.mean(found[n][0]["return"])))
    ease = np.mean([found[n][0]["return"] for n in heuristics], axis=0)
    rows: list[dict[str, Any]] = []
    for name, runs in found.items():
        returns = [np.array(r["return"]) for r in runs]  # one array per policy trained
        reference = np.array(found[best][0]["return"])
        means = ("clicks", "rating", "questions", "turns", "left_unhappy")
        rows.append(
            {
                "policy": name,
                "seeds": len(runs),
                "return": interval(returns, ease).to_dict(),
                "difference": None if name == best else difference(returns, reference).to_dict(),
                "per_seed": [float(r.mean()) for r in returns],
                "per_seed_ahead": ahead_of(returns, reference),
                **{key: mean_of([r[key] for r in runs]) for key in means},
            }
        )
    rows.sort(key=lambda r: -r["return"]["mean"])
    return {**about, "reference": best, "rows": rows}


def ahead_of(returns: list[Float], reference: Float) -> list[float]:
    """Mean difference to ``reference (all people,)`` of each policy trained, on the people it met."""
    starts = np.cumsum([0, *(len(r) for r in returns)])
    parts = zip(returns, starts[:-1], starts[1:], strict=True)
    return [float((r - reference[a:b]).mean()) for r, a, b in parts]


def mean_of(values: list[float | None]) -> float | None:
    """The mean of what is known, None if nothing is: who accepts nothing rates nothing."""
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def interval(returns: list[Float], ease: Float) -> Interval:
    """Mean of a policy's returns: over people, and over seeds if it was trained more than once.

    Args:
        returns: One array ``(people,)`` per policy trained.
        ease: What all people, in the same order, gave the heuristics on average.
    """
    if len(returns) == 1:
        return mean_interval(returns[0])
    values = np.stack(returns)
    return seeds_interval(values, ease[: values.size].reshape(values.shape))


def difference(returns: list[Float], reference: Float) -> Interval:
    """The difference to ``reference (all people,)``, person by person: t intervals over people, or over seeds."""
    if len(returns) == 1:
        return paired_interval(returns[0], reference[: len(returns[0])])
    values = np.stack(returns)
    ahead = values - reference[: values.size].reshape(values.shape)
    return replace(mean_interval(ahead.mean(1)), n=values.size)


def to_rich(table: dict[str, Any]) -> Any:
    """The table for the terminal."""
    from rich.table import Table

    shown = Table(
        title=f"Scenario {table['scenario']}: {table['people']:,} unseen people per training seed",
        caption=f"[..] 95% intervals; difference to {table['reference']}, person by person",
    )
    for heading in (
        "policy",
        "return",
        "difference",
        "seeds",
        "clicks",
        "rating",
        "questions",
        "turns",
        "unhappy",
    ):
        shown.add_column(heading, justify="left" if heading == "policy" else "right")
    for row in table["rows"]:
        r, d = row["return"], row["difference"]
        shown.add_row(
            row["policy"],
            f"{r['mean']:.2f} [{r['low']:.2f}, {r['high']:.2f}]".replace("[", r"\["),
            "" if d is None else f"{d['mean']:+.2f} ± {(d['high'] - d['low']) / 2:.2f}",
            str(row["seeds"]),
            f"{row['clicks']:.2f}",
            "–" if row["rating"] is None else f"{row['rating']:.2f}",
            f"{row['questions']:.2f}",
            f"{row['turns']:.1f}",
            f"{row['left_unhappy']:.0%}",
        )
    return shown
