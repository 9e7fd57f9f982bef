"""What a better language model buys: the same policies and people, with one encoder after the other.

    python -m experiments.evaluate.worth_of_words --encoders none hash minilm

People want something that no facet holds and say it in words of their own (scenario ``own_words``), in phrases that
nothing was fitted to. With ``none`` a system knows what facets hold and no more. Differences are person by person.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from agents.baselines import AskThenRecommend
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from experiments.cli.progress import Meter
from experiments.evaluate.rollout import meet_people, people_seeds
from experiments.evaluate.stats import mean_interval, paired_interval
from experiments.report.grid import Grid, plus_minus

POLICIES = {
    "greedy": AskThenRecommend(questions=0, diversity=0.0),
    "ask one, then recommend": AskThenRecommend(questions=1, diversity=0.125),
}
"""Policies that take the best candidate; how good that is depends on what was understood."""

Returns = dict[str, dict[str, npt.NDArray[np.float64]]]


def environment(encoder: str, semantic: float, catalog: str, scenario: str) -> EnvConfig:
    """Where everybody acts; what only learners look at is left out."""
    people = {"name": scenario, "phrasing": "held_out"}
    weight = 0.0 if encoder == "none" else semantic
    return EnvConfig(
        catalog=catalog, scenario=people, encoder=encoder, semantic=weight, observation="tabular"
    )


def returns(environments: dict[str, EnvConfig], seeds: list[int], meter: Meter) -> Returns:
    """What every policy gets from each of the same people, by encoder."""
    return {
        encoder: {
            name: meet_people(make_task(env), policy, seeds, meter, f"{encoder}: {name} meets people").ret
            for name, policy in POLICIES.items()
        }
        for encoder, env in environments.items()
    }


def grid_of(found: Returns) -> Grid:
    """A row for every encoder and policy; the first encoder is the one they are compared with."""
    first = next(iter(found.values()))
    out = Grid(
        ("encoder", "policy", "return", "difference, person by person", "share"),
        title=f"the same {len(next(iter(first.values()))):,} people for every row",
    )
    for encoder, policies in found.items():
        for name, got in policies.items():
            difference: Any = None if policies is first else paired_interval(got, first[name])
            share = "" if difference is None else f"{difference.mean / first[name].mean():+.0%}"
            out.add(encoder, name, plus_minus(mean_interval(got)), plus_minus(difference, sign=True), share)
    return out


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    from rich.console import Console

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--encoders", nargs="+", default=["none", "hash", "minilm"])
    parser.add_argument("--semantic", type=float, default=0.5, help="weight of dense retrieval")
    parser.add_argument("--people", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--catalog", default="movies")
    parser.add_argument("--scenario", default="own_words")
    asked = parser.parse_args(arguments)
    environments = {
        name: environment(name, asked.semantic, asked.catalog, asked.scenario) for name in asked.encoders
    }
    found = returns(environments, people_seeds("eval", asked.seed, asked.people), Meter())
    console = Console()
    Console(width=None if console.is_terminal else 120).print(grid_of(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
