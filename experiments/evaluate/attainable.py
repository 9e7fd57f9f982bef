"""How far learners come on the way that can be gone: from the best heuristic to a planner that knows the population."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from experiments.cli.progress import Meter
from experiments.evaluate.rollout import final_people
from experiments.evaluate.stats import Interval, mean_interval, paired_interval, ratio_interval
from experiments.evaluate.trained import met
from experiments.report.grid import Grid, from_to, plus_minus

PLANNER = "bayes_planner"
"""What tables call the planner."""

Float = npt.NDArray[np.float64]


def planner_job(env: EnvConfig, seed: int, people: int, meter: Meter) -> dict[str, Any]:
    """Let the Bayes planner meet the first people of a training seed."""
    from agents.bayes_planner.agent import BayesPlanner

    planner = BayesPlanner(make_task(env))
    return {PLANNER: met(env, planner, final_people([seed], people), meter, PLANNER)}


def share_of_the_way(values: Float, start: Float, end: Float) -> Interval:
    """``mean(values - start) / mean(end - start)`` with a percentile bootstrap interval over people, (n,) each.

    NaN throughout where there is no way to go: ``end`` is not ahead of ``start`` on average.
    """
    return ratio_interval(values - start, end - start)


def attainable(planned: list[Float], learned: dict[str, list[Float]], reference: Float) -> dict[str, Any]:
    """What can be attained, and what of it learners do, as plain JSON data.

    Args:
        planned: The planner's returns with the first n people of each seed, (n,) each.
        learned: Every learner's with all people of each seed, (people,) each.
        reference: The best heuristic's with everybody, seed after seed, (seeds * people,).
    """
    n, whole = len(planned[0]), len(reference) // len(planned)
    best = np.concatenate([reference[i * whole : i * whole + n] for i in range(len(planned))])
    plan = np.concatenate(planned)
    theirs = {name: np.concatenate([one[:n] for one in runs]) for name, runs in learned.items()}
    return {
        "people": len(plan),
        "return": mean_interval(plan).to_dict(),
        "difference": paired_interval(plan, best).to_dict(),
        "whole": share_of_the_way(plan, best, plan).to_dict(),
        "learners": {
            name: {
                "difference": paired_interval(values, best).to_dict(),
                "share": share_of_the_way(values, best, plan).to_dict(),
            }
            for name, values in theirs.items()
        },
    }


def grid_of(scenario: str, found: dict[str, Any], reference: str) -> Grid:
    """``attainable`` for people."""
    out = Grid(
        ("policy", "difference", "share of the way"),
        title=f"{scenario}: how far it is, and how far learners come",
        caption=f"difference to {reference}, person by person; the same {found['people']:,} people for all",
    )
    out.add(PLANNER, plus_minus(found["difference"], sign=True), from_to(found["whole"], 0, percent=True))
    for name, one in found["learners"].items():
        out.add(
            name,
            plus_minus(one["difference"], sign=True),
            from_to(one["share"], 0, percent=True),
            bold=True,
        )
    return out
