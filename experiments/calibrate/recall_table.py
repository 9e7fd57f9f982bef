"""The recall table: intervals over people, for a terminal and as a figure."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from experiments.calibrate.recall_routes import BLENDED, Found
from experiments.evaluate.stats import Interval
from experiments.report.grid import Grid, from_to
from experiments.report.plots import COLORS, canvas, png, titled
from simulators.calibration.heldout import person_weights

Float = npt.NDArray[np.float64]


def rows_of(found: dict[str, Found], ks: tuple[int, ...], *, draws: int, seed: int) -> list[dict[str, Any]]:
    """One row a route: recall and NDCG at each k with 95% intervals, and the lead of the blend over the route.

    Intervals are of a bootstrap over people; leads are paired, on the same draws of people.

    Args:
        found: What each route found.
        ks: The lengths.
        draws: Bootstrap samples.
        seed: Of the bootstrap.
    """
    names = list(found)
    has = np.isfinite(found[names[0]].recall[:, 0])
    # (routes, people, 2 k): recall at each k, then NDCG.
    each = np.stack([np.concatenate([found[n].recall[has], found[n].ndcg[has]], axis=1) for n in names])
    now, n = each.mean(1), each.shape[1]
    sample = np.stack([np.einsum("p,rpk->rk", weight / n, each) for weight in person_weights(n, draws, seed)])
    blended = names.index(BLENDED)
    rows = []
    for r, name in enumerate(names):
        row: dict[str, Any] = {"route": name}
        for c, key in enumerate([*(f"recall@{k}" for k in ks), *(f"ndcg@{k}" for k in ks)]):
            row[key] = _interval(now[r, c], sample[:, r, c], n)
            if r != blended and c < len(ks):
                lead = sample[:, blended, c] - sample[:, r, c]
                row[f"blended lead, {key}"] = _interval(now[blended, c] - now[r, c], lead, n)
        rows.append(row)
    return rows


def _interval(value: float, sample: Float, n: int) -> dict[str, Any]:
    low, high = np.quantile(sample, (0.025, 0.975))
    return Interval(float(value), float(low), float(high), n).to_dict()


def grid_of(table: dict[str, Any]) -> Grid:
    """The table for people."""
    keys = [*(f"recall@{k}" for k in table["k"]), f"ndcg@{table['k'][0]}"]
    people = f"{table['measured']:,} people, 95% intervals over people"
    out = Grid(("route", *keys), title=f"Held-out liked films among the first k; {people}")
    for row in table["rows"]:
        blended = row["route"] == BLENDED
        name = f"{row['route']}, weight {table['weight']:g}" if blended else row["route"]
        out.add(name, *(from_to(row[key]) for key in keys), bold=blended)
    return out


def curves(table: dict[str, Any]) -> bytes:
    """Recall by length of the list, a line a route, as PNG."""
    figure, axes = canvas(6.6, 4.2)
    ks = np.array(sorted(table["k"]))
    for place, row in enumerate(table["rows"]):
        color = COLORS[0] if row["route"] == BLENDED else COLORS[1 + place % (len(COLORS) - 1)]
        mean, low, high = (np.array([row[f"recall@{k}"][key] for k in ks]) for key in ("mean", "low", "high"))
        axes.plot(ks, mean, "o-", color=color, linewidth=2.2, markersize=5, label=row["route"])
        axes.fill_between(ks, low, high, color=color, alpha=0.14, linewidth=0)
    axes.set_xticks(ks)
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, fontsize=10, loc="upper left")
    told = "share of the held-out films they liked; bands: 95% over people"
    titled(axes, "Recall of retrieval", told, "candidates (k)")
    return png(figure)
