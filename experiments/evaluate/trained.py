"""Policies that a study trains or tunes first, and lets meet people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from agents import registry
from agents.base import OraclePolicy, Policy
from agents.checkpoints import HEADER
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task, named_files
from experiments.cli.progress import Meter
from experiments.evaluate.rollout import columns, meet_people
from experiments.report.study import Part, contents
from experiments.train.learning import usual_settings
from experiments.train.tune import ROUNDS, tune

TUNED = "ask_then_recommend"
"""The heuristic that is tuned first."""


def heuristics() -> list[str]:
    """The heuristics of a study; the one that is tuned comes last."""
    return sorted(registry.names(registry.BASELINE, actions="items"), key=lambda name: name == TUNED)


def label_of(name: str) -> str:
    """What the tables of a study call a heuristic."""
    return registry.label(name) + (" (tuned)" if name == TUNED else "")


def met(
    env: EnvConfig, policy: Policy | OraclePolicy, seeds: list[int], meter: Meter, label: str
) -> dict[str, Any]:
    """One conversation of a policy with each of these people, as plain JSON data (see ``rollout.columns``)."""
    return columns(meet_people(make_task(env), policy, seeds, meter, f"{label} meets people"))


def tune_rounds(people: int) -> tuple[int, ...]:
    """People met after each round of the tuning: the last as many as given, each of the others a third of the next."""
    return tuple(sorted({max(1, people // 27), max(1, people // 9), max(1, people // 3), people}))


def tuning_job(env: EnvConfig, seed: int, rounds: Sequence[int], label: str, meter: Meter) -> dict[str, Any]:
    """Tune the strongest heuristic; its settings."""
    with meter.work(f"{label}tuning the strongest heuristic", 1, "conversations") as work:
        return {"params": tune(env, seed=seed, rounds=rounds, progress=work.of).params}


def heuristic(
    name: str,
    env: EnvConfig,
    meter: Meter,
    folder: Path,
    part: str,
    *,
    seed: int = 0,
    rounds: Sequence[int] = ROUNDS,
) -> tuple[Policy, dict[str, Any]]:
    """A heuristic, tuned if it has settings; with those settings.

    Args:
        name: Which one.
        env: Where it acts.
        meter: Shows the tuning.
        folder: Of the study: what was tuned is a part of it, which is found once.
        part: What that belongs to, such as the scenario; the names of its file and of the work shown begin with it.
        seed: Which people it is tuned on.
        rounds: See ``tune``.
    """
    from agents.baselines import make_baseline

    if name != TUNED:
        return make_baseline(name, env), {}
    held = contents(env.catalog, env.reward, named_files(env))
    told = {"env": env.to_dict(), "seed": seed, "rounds": list(rounds), **held}
    found = Part(f"{part}-tuning", tuning_job, (env, seed, tuple(rounds), f"{part}: "), told).once(
        folder, meter
    )
    return make_baseline(name, env, **found["params"]), found


def learner(
    agent: str,
    turns: int,
    seed: int,
    env: EnvConfig,
    place: Path,
    meter: Meter,
    label: str,
    *,
    settings: Mapping[str, Any] = MappingProxyType({}),
) -> Any:
    """A trained policy; one that was trained just so is taken from its folder, or trained on from there."""
    known, begun = registry.find(agent, registry.LEARNER), False
    chosen = {**usual_settings(agent, turns), **settings}
    wanted = registry.make_config(agent, turns=turns, seed=seed, settings=chosen)
    if (place / HEADER).exists():
        kept = registry.resolve(known.policy).load(place)
        begun = (kept.config, kept.env) == (wanted, env)
    with meter.work(f"{label}training {agent}, seed {seed}", turns, "turns") as work:

        def report(record: dict[str, float]) -> None:
            note = f"return {record['return']:.2f} while exploring" if "return" in record else ""
            work.to(min(int(record["turns"]), work.total), note)

        train = registry.resolve(known.train)
        return train(wanted, env, folder=place, resume=begun, callback=report)
