"""``chatrec shaping``: rewards x learners x seeds, judged by what no reward changes."""

from __future__ import annotations

import importlib
import re
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from agents import registry
from agents.baselines import make_baseline
from chatrec_env.core.rewards import RewardConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ConfigError
from experiments.cli.progress import Meter
from experiments.evaluate.rollout import people_seeds
from experiments.evaluate.trained import met
from experiments.report.study import Part, chosen, compute_groups, contents, finish, folder_of
from experiments.shaping.config import DECIDING, LOOKS, NO_PLANNER, ShapingConfig, base_of
from experiments.shaping.measures import MEASURES, PAID, means, measure
from experiments.shaping.page import sheet_of
from experiments.shaping.table import list_rewards, make_table

Float = npt.NDArray[np.float64]


def train_job(
    config: ShapingConfig, learner: str, reward: RewardConfig, seed: int, meter: Meter
) -> dict[str, Any]:
    """Train once, and look at it now and then.

    Returns:
        Turns in ``looks``, a list for ``PAID`` and each of ``MEASURES``; what the last of ``final_people`` came to, in
        ``final``; and returns of the planner's people, in ``returns``.
    """
    load_modules(config.modules)
    known, settings = registry.find(learner, registry.LEARNER), config.hyperparameters(learner, seed)
    env = config.env(config.actions, known.observation, replace(reward, gamma=settings.gamma))
    task, seeds = make_task(env), people_seeds("curve", seed, config.final_people)
    due = [config.turns * look // LOOKS[-1] for look in LOOKS]
    looks: dict[str, list[Any]] = {"looks": [], **{name: [] for name in (PAID, *MEASURES)}}

    def see(measured: dict[str, Float]) -> None:
        for name, value in means({name: own[: config.people] for name, own in measured.items()}).items():
            looks[name].append(value)

    def look(policy: Any, turns: int) -> None:
        if len(due) > 1 and turns >= due[0]:
            see(measure(task, policy, seeds[: config.people], settings.gamma))
            looks["looks"].append(due[0])
            while len(due) > 1 and due[0] <= turns:
                due.pop(0)

    with meter.work(f"{learner}, seed {seed}", config.turns, "turns") as work:
        policy = registry.resolve(known.train)(
            settings, env, look=look, callback=lambda record: work.to(min(int(record["turns"]), work.total))
        )
    measured = measure(task, policy, seeds, settings.gamma)
    see(measured)
    looks["looks"].append(config.turns)
    return {
        **looks,
        "final": means(measured),
        "returns": measured["return"][: config.planner_people].tolist(),
    }


def before_job(config: ShapingConfig, learner: str, reward: RewardConfig, meter: Meter) -> dict[str, Any]:
    """What the people of every seed come to before anything is learned: the greedy heuristic meets them.

    That is what an untrained table does, and what a system does that recommends and does not ask.

    Returns:
        A list for ``PAID`` and each of ``MEASURES``, a mean for every seed.
    """
    load_modules(config.modules)
    settings = config.hyperparameters(learner, 0)
    env = config.env(config.actions, "tabular", replace(reward, gamma=settings.gamma))
    task, greedy = make_task(env), make_baseline("greedy", env)
    found = [
        means(measure(task, greedy, people_seeds("curve", seed, config.people), settings.gamma))
        for seed in range(config.seeds)
    ]
    return {name: [one[name] for one in found] for name in (PAID, *MEASURES)}


def planner_job(config: ShapingConfig, seed: int, meter: Meter) -> dict[str, Any]:
    """Let the planner meet the first people of a seed."""
    planner, env = config.make_planner()
    seeds = people_seeds("curve", seed, config.planner_people)
    return met(env, planner, seeds, meter, f"{config.planner}, seed {seed}")


def load_modules(modules: tuple[str, ...]) -> None:
    """Import modules that register terms and potentials.

    Raises:
        ConfigError: One cannot be found.
    """
    for name in modules:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
            raise ConfigError(
                f"--modules names {name!r}, which cannot be imported. Install it, or run from its folder with "
                f"PYTHONPATH=. set."
            ) from error


def parts_of(config: ShapingConfig, rewards: dict[str, RewardConfig]) -> dict[str, list[Part]]:
    """The parts by ``learner reward``, a seed each; one by ``before learner reward``; and those of the planner."""
    told = chosen(config, DECIDING)
    parts: dict[str, list[Part]] = {}
    for learner in config.learners:
        for number, (name, reward) in enumerate(rewards.items()):
            kept = name.replace("*", "x") if re.fullmatch(r"[\w+*.]+", name) else f"reward{number}"
            own = {**told, "reward": asdict(reward), **contents(config.catalog, reward)}
            parts[f"{learner} {name}"] = [
                Part(
                    f"{learner}-{kept}-{seed}",
                    train_job,
                    (config, learner, reward, seed),
                    {**own, "learner": asdict(config.hyperparameters(learner, seed))},
                )
                for seed in range(config.seeds)
            ]
            gamma = config.hyperparameters(learner, 0).gamma
            parts[f"before {learner} {name}"] = [
                Part(
                    f"{learner}-{kept}-before",
                    before_job,
                    (config, learner, reward),
                    {**own, "gamma": gamma, "seeds": config.seeds},
                )
            ]
    if config.planner != NO_PLANNER:
        own = {**told, "planner": config.planner, **contents(config.catalog)}
        parts["planner"] = [
            Part(f"{config.planner}-{seed}", planner_job, (config, seed), own) for seed in range(config.seeds)
        ]
    return parts


def shaping(config: ShapingConfig) -> int:
    """Run the command; returns its exit code."""
    load_modules(config.modules)
    if config.list:
        return list_rewards(config.json)
    config = config.sized()
    rewards, folder, meter = config.check_names(), folder_of(config, "shaping"), Meter()
    found = compute_groups(parts_of(config, rewards), folder, config.where, meter)
    about = chosen(config, (*DECIDING, "seeds", "share", "planner"))
    bases = {name: base_of(name, rewards) for name in rewards}
    table = make_table(about, config.learners, rewards, bases, found)
    return finish(config, folder, table, sheet_of(table))
