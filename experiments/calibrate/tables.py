"""The tables of ``chatrec calibrate`` for people."""

from __future__ import annotations

from typing import Any

from experiments.report.grid import Grid, from_to
from simulators.calibration.realism import MEASURES

FITTED = "fitted people"
"""What the tables call the people a population was fitted to."""


def held_out_grid(check: dict[str, Any]) -> Grid:
    """The held-out table for people, best first."""
    out = Grid(
        ("predictor", "RMSE", "MAE", "AUC, liked v. disliked", "RMSE / MF"),
        title=f"{check['asked']:,} held-out ratings of {check['people']:,} people; 95% intervals over people",
    )
    for row in check["rows"]:
        figures = (from_to(row[key]) for key in ("rmse", "mae", "auc", "ratio"))
        out.add(row["predictor"], *figures, bold=row["predictor"] == FITTED)
    return out


def realism_grid(found: dict[str, Any]) -> Grid:
    """The distances for people."""
    out = Grid(
        ("measure", "simulated to real", "real half to half (floor)", "ratio"),
        title=f"Simulated against real people: distances, means over {found['splits']} splits",
    )
    for row in found["rows"]:
        figures = (from_to(row["simulated"]), from_to(row["floor"]), from_to(row["ratio"], 2))
        out.add(row["measure"].replace("_", " "), *figures, about=MEASURES[row["measure"]])
    return out


def transfer_grid(found: dict[str, Any]) -> Grid:
    """How well the next ratings of one kind of people are predicted from another kind's, for people."""
    out = Grid(("next rating: trained to tested", "RMSE"))
    for key, interval in found["transfer"].items():
        out.add(key.replace("_", " "), from_to(interval))
    return out
