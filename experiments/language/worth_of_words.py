"""What a better language model buys: the same policies and people, with one encoder after the other.

    python -m experiments.language.worth_of_words --encoders none hash minilm
    python -m experiments.language.worth_of_words --encoders none minilm minilm+themes --ppo-seeds 3

People want something that no facet holds and say it in words of their own (scenario ``own_words``), in phrases that
nothing was fitted to. With ``none`` a system knows what facets hold and no more; with an encoder's name, sentences are
matched with items' texts; with ``+themes`` behind it, with the themes learned from people who use the other half of the
phrases. Differences are person by person. PPO is trained with each encoder, with people who use the other half of the
phrases, for the same number of turns.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from agents import registry
from agents.base import Policy
from agents.baselines import AskThenRecommend
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.retrieval.theme_files import LEARNED
from experiments.cli.progress import Meter
from experiments.cli.terminal import output
from experiments.evaluate.rollout import meet_people, people_seeds, read_sentences
from experiments.evaluate.stats import mean_interval, paired_interval
from experiments.report.grid import Grid, plus_minus
from experiments.train.learning import usual_settings

POLICIES = {
    "greedy": AskThenRecommend(questions=0, diversity=0.0),
    "ask one, then recommend": AskThenRecommend(questions=1, diversity=0.125),
}
"""Policies that take the best candidate; how good that is depends on what was understood."""

Returns = dict[str, dict[str, npt.NDArray[np.float64]]]


def environment(
    encoder: str, semantic: float, catalog: str, scenario: str, themes: str = LEARNED
) -> EnvConfig:
    """Where everybody acts; without an observation, what only learners look at is left out."""
    name, _, themed = encoder.partition("+")
    return EnvConfig(
        catalog=catalog,
        scenario={"name": scenario, "phrasing": "held_out"},
        encoder=name,
        semantic=0.0 if name == "none" else 1.0 if themed else semantic,
        themes=themes if themed else "",
        observation="tabular",
    )


def trained(env: EnvConfig, turns: int, seed: int, meter: Meter) -> Policy:
    """PPO after so many turns with people who say what they want in the other half of the phrases."""
    assert isinstance(env.scenario, dict)
    where = replace(env, observation="flat", scenario={**env.scenario, "phrasing": "say"})
    read_sentences(where, meter)
    settings = usual_settings("ppo", turns)
    config = registry.make_config("ppo", turns=turns, seed=seed, settings=settings)
    with meter.work(f"{env.encoder}: training PPO, seed {seed}"):
        policy: Policy = registry.resolve(registry.AGENTS["ppo"].train)(config, where)
    return policy


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
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--encoders", nargs="+", default=["none", "hash", "minilm", "minilm+themes"])
    parser.add_argument(
        "--semantic", type=float, default=0.5, help="weight of dense retrieval in items' texts"
    )
    parser.add_argument(
        "--themes", default=LEARNED, help="themes of +themes: learned, or a file of fit-themes"
    )
    parser.add_argument("--people", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--catalog", default="movies")
    parser.add_argument("--scenario", default="own_words")
    parser.add_argument("--ppo-seeds", type=int, default=0, help="training seeds of PPO with each encoder")
    parser.add_argument("--turns", type=int, default=100_000, help="turns of PPO")
    asked = parser.parse_args(arguments)
    environments = {
        name: environment(name, asked.semantic, asked.catalog, asked.scenario, asked.themes)
        for name in asked.encoders
    }
    people, meter = people_seeds("eval", asked.seed, asked.people), Meter()
    found = returns(environments, people, meter)
    for seed in range(asked.ppo_seeds):
        for name, env in environments.items():
            policy = trained(env, asked.turns, seed, meter)
            task = make_task(replace(env, observation="flat"))
            found[name][f"PPO, seed {seed}"] = meet_people(task, policy, people, meter, f"{name}: PPO").ret
    output().print(grid_of(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
