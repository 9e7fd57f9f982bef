"""What a study of off-policy evaluation found: tables of coverage, errors and rankings, and the estimator to take."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from experiments.evaluate.stats import share_interval
from experiments.offline.estimates import ESTIMATORS, LABELS
from experiments.report.grid import Grid, from_to, number, percent

Float = npt.NDArray[np.float64]

WANTED = (0.92, 0.98)
"""Coverage that is called right, of intervals at 95%."""


def pair_table(
    log: str, judged: str, truth: dict[str, float], repetitions: list[dict[str, Any]]
) -> dict[str, Any]:
    """One pair of policies as plain JSON data.

    Args:
        log: Name of the policy logged.
        judged: Of the one judged.
        truth: True values of both, by name.
        repetitions: What ``study.pair_job`` found.

    Returns:
        ``rows``, an estimator each: ``bias`` and ``sd`` over the repetitions, ``rmse``; ``coverage`` of the bootstrap
        interval and ``bernstein`` of the other, shares with Wilson intervals; ``width`` of the first; ``relative``:
        mean relative error; ``type_1``: share of repetitions in which the gain's interval lies above the true gain;
        ``claimed``: share in which it lies above 0, that is "better" is claimed.
    """
    value, gain = truth[judged], truth[judged] - truth[log]
    rows = []
    for i, name in enumerate(ESTIMATORS):
        told = [one["estimates"][i] for one in repetitions]
        mean, low, high = _columns(told, "interval")
        _, gain_low, _ = _columns(told, "gain")
        row: dict[str, Any] = {
            "estimator": name,
            "bias": float(mean.mean() - value),
            "sd": float(mean.std(ddof=1)),
            "rmse": float(np.sqrt(((mean - value) ** 2).mean())),
            "relative": float(np.abs((mean - value) / value).mean()),
            "coverage": share_interval((low <= value) & (value <= high)).to_dict(),
            "width": float((high - low).mean()),
            "bernstein": None,
            "type_1": share_interval(gain_low > gain).to_dict(),
            "claimed": share_interval(gain_low > 0).to_dict(),
        }
        if told[0]["bernstein"] is not None:
            _, low, high = _columns(told, "bernstein")
            row["bernstein"] = share_interval((low <= value) & (value <= high)).to_dict()
        rows.append(row)
    return {
        "log": log,
        "judged": judged,
        "truth": value,
        "logged": truth[log],
        "gain": gain,
        "repetitions": len(repetitions),
        "share": float(np.mean([one["share"] for one in repetitions])),
        "weight": float(np.mean([one["weight"]["mean"] for one in repetitions])),
        "overlap": float(np.mean([one["overlap"] for one in repetitions])),
        "flagged": share_interval([bool(one["warnings"]) for one in repetitions]).to_dict(),
        "rows": rows,
    }


def _columns(told: list[dict[str, Any]], key: str) -> tuple[Float, Float, Float]:
    found = [[one[key][k] for k in ("mean", "low", "high")] for one in told]
    mean, low, high = np.array(found, np.float64).T  # None becomes NaN, which no truth lies between
    return mean, low, high


def rank_table(
    names: list[str], truth: dict[str, float], repetitions: list[dict[str, Any]]
) -> dict[str, Any]:
    """Rankings from single logs as plain JSON data: Spearman's correlation with the truth, per estimator."""
    from experiments.simulator.agreement import spearman

    value = np.array([truth[name] for name in names])
    rows = []
    for name in ESTIMATORS:
        found = np.array([[one[name] for one in r["points"]] for r in repetitions], np.float64)
        correlations = spearman(found, value)
        best = value.max() - value[found.argmax(axis=1)]
        rows.append(
            {
                "estimator": name,
                "spearman": float(np.mean(correlations)),
                "least": float(np.min(correlations)),
                "regret": float(best.mean()),
                "rmse": float(np.sqrt(((found - value) ** 2).mean())),
                "means": found.mean(axis=0).tolist(),
            }
        )
    return {"policies": names, "truth": value.tolist(), "repetitions": len(repetitions), "rows": rows}


def right(share: dict[str, Any]) -> bool:
    """Whether a coverage is what is called right."""
    return WANTED[0] <= share["mean"] <= WANTED[1]


def recommended(pairs: list[dict[str, Any]]) -> str | None:
    """The estimator of least relative error among those whose coverage is right for every pair; None if none is."""
    fit: dict[str, float] = {}
    for i, name in enumerate(ESTIMATORS):
        rows = [pair["rows"][i] for pair in pairs]
        if all(right(row["coverage"]) for row in rows):
            fit[name] = float(np.mean([row["relative"] for row in rows]))
    return min(fit, key=fit.__getitem__) if fit else None


def pair_grid(env: str, pair: dict[str, Any], *, flagged: bool) -> Grid:
    """One pair for people."""
    better = pair["gain"] > 0
    claims = "misses 'better'" if better else "wrong 'better'"
    out = Grid(
        (
            "estimator",
            "bias",
            "sd",
            "RMSE",
            "relative error",
            "coverage",
            "width",
            "Bernstein",
            "type I",
            claims,
        ),
        title=f"{env}: {pair['judged']} from logs of {pair['log']}",
        caption=f"truth {pair['truth']:.3f}, of the log {pair['logged']:.3f}; {pair['repetitions']} logs; "
        f"effective share of conversations {pair['share']:.0%}, mean weight {pair['weight']:.2f}, overlap "
        f"{pair['overlap']:.2f}, flagged in {pair['flagged']['mean']:.0%} of the logs"
        + ("; meant to be flagged" if flagged else ""),
    )
    for row in pair["rows"]:
        claimed = row["claimed"]["mean"]
        out.add(
            LABELS[row["estimator"]],
            number(row["bias"], 3),
            number(row["sd"], 3),
            number(row["rmse"], 3),
            percent(row["relative"], 1),
            from_to(row["coverage"], 1, percent=True).marked("" if right(row["coverage"]) else " !"),
            number(row["width"]),
            percent(None if row["bernstein"] is None else row["bernstein"]["mean"]),
            percent(row["type_1"]["mean"], 1),
            percent(1 - claimed if better else claimed, 1),
        )
    return out


def rank_grid(env: str, ranks: dict[str, Any], log: str) -> Grid:
    """Rankings for people."""
    out = Grid(
        ("estimator", "Spearman", "least", "regret of its best", "RMSE"),
        title=f"{env}: ten policies ranked from one log of {log}",
        caption=f"means over {ranks['repetitions']} logs; regret: true value of the best policy less "
        "that of the one ranked first",
    )
    for row in ranks["rows"]:
        out.add(
            LABELS[row["estimator"]],
            number(row["spearman"]),
            number(row["least"]),
            number(row["regret"], 3),
            number(row["rmse"]),
        )
    return out


def grids_of(table: dict[str, Any], log: str) -> list[Grid]:
    """The tables of one environment for people."""
    last = len(table["pairs"]) - 1
    pairs = [pair_grid(table["env"], pair, flagged=i == last) for i, pair in enumerate(table["pairs"])]
    return [*pairs, rank_grid(table["env"], table["ranking"], log)]
