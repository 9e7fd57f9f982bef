"""The table of ``chatrec science``: from every policy's returns to means, intervals and differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from experiments.stats import Interval, mean_interval, paired_interval

HEURISTICS = ("random", "popular", "greedy", "most_informative")
"""Policies without anything to train or tune."""

TUNED = "ask_then_recommend"
"""The heuristic that is tuned first."""

RESAMPLES = 2000
"""Bootstrap resamples of a learner's mean."""


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
    rows: list[dict[str, Any]] = []
    for name, runs in found.items():
        returns = [np.array(r["return"]) for r in runs]  # one array per policy trained
        pooled = np.concatenate(returns)
        reference = np.array(found[best][0]["return"])
        means = ("clicks", "rating", "questions", "turns", "left_unhappy")
        rows.append(
            {
                "policy": name,
                "seeds": len(runs),
                "return": (
                    two_level(np.stack(returns)) if len(runs) > 1 else mean_interval(pooled)
                ).to_dict(),
                "difference": None
                if name == best
                else paired_interval(pooled, reference[: len(pooled)]).to_dict(),
                "per_seed": [float(r.mean()) for r in returns],
                **{key: float(np.mean([r[key] for r in runs])) for key in means},
            }
        )
    rows.sort(key=lambda r: -r["return"]["mean"])
    return {**about, "reference": best, "rows": rows}


def two_level(returns: npt.NDArray[np.float64], level: float = 0.95) -> Interval:
    """Mean of ``returns (seeds, people)`` with a percentile bootstrap over seeds and, within, people.

    Both are resampled, since another seed would have trained another policy and other people would have met
    it (two-level resampling; Davison and Hinkley, 1997, section 3.8).
    """
    rng = np.random.default_rng(0)
    n_seeds, n_people = returns.shape
    means = np.empty(RESAMPLES)
    for i in range(RESAMPLES):
        chosen = rng.integers(0, n_seeds, n_seeds)
        people = rng.integers(0, n_people, (n_seeds, n_people))
        means[i] = np.take_along_axis(returns[chosen], people, axis=1).mean()
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(returns.mean()), float(low), float(high), n_seeds * n_people)


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
            f"{row['rating']:.2f}",
            f"{row['questions']:.2f}",
            f"{row['turns']:.1f}",
            f"{row['left_unhappy']:.0%}",
        )
    return shown
