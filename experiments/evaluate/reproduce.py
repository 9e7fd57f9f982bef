"""``chatrec reproduce``: the published comparison, over scenarios, training seeds and unseen people."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from agents import registry
from agents.planner import Oracle
from chatrec_env.envs.config import EnvConfig
from chatrec_env.errors import ConfigError
from experiments.cli.options import OptionalPath
from experiments.cli.progress import Meter
from experiments.evaluate.reproduce_table import HEURISTICS, TUNED, make_table, to_rich
from experiments.evaluate.rollout import Episodes, people_seeds, run
from experiments.evaluate.stats import mean_interval
from experiments.report.documents import FORMAT, read_document, write_document

if TYPE_CHECKING:
    from agents.ppo.agent import PPOAgent, PPOConfig

LEARNERS = {name: registry.AGENTS[name].actions[0] for name in registry.names(registry.LEARNER)}


@dataclass(frozen=True, kw_only=True, slots=True)
class ReproduceConfig:
    """Compare every policy on every scenario, over several training seeds and many unseen people.

    Learners are trained once per seed, and each of these policies meets people of its own; heuristics, which
    have nothing to train, meet all of them. The strongest heuristic is tuned on yet other people. Intervals
    of learners are over training seeds and people (``stats.seeds_interval``), those of their differences t intervals
    over seeds; the others' are over people. Two more rows: PPO with the conversation block of its state set to
    zero, and an oracle that knows each person's utilities and recommends the best candidate (not attainable; what
    myopic perfection would give).

    Finished parts are kept in the run folder, so a stopped run goes on where it was.

    Attributes:
        scenarios: Scenarios to compare on.
        seeds: Training seeds.
        first_seed: The first of them; earlier versions have met the people of seeds 0 to 14.
        people: Unseen people per training seed.
        ppo_turns: Turns PPO trains on.
        null_turns: The same in scenario null, where the best policy is found early.
        tabular_turns: Turns the tabular learners train on.
        encoder: Sentence encoder.
        workers: Processes side by side; each computes with one thread.
        out: Run folder; default: runs/reproduce. Finished parts in it are used again.
        json: Print the tables as JSON.
    """

    scenarios: tuple[str, ...] = ("full", "null")
    seeds: int = 5
    first_seed: int = 15
    people: int = 2000
    ppo_turns: int = 2_400_000
    null_turns: int = 300_000
    tabular_turns: int = 1_600_000
    encoder: str = "minilm"
    workers: int = 2
    out: OptionalPath = None
    json: bool = False

    def __post_init__(self) -> None:
        if self.first_seed < 0:
            raise ConfigError(f"--first-seed must be at least 0, got {self.first_seed}.")
        for name in ("seeds", "people", "ppo_turns", "null_turns", "tabular_turns", "workers"):
            if getattr(self, name) < 1:
                raise ConfigError(
                    f"--{name.replace('_', '-')} must be at least 1, got {getattr(self, name)}."
                )


class Ablated:
    """A policy that reads a zero instead of one block of its observation."""

    def __init__(self, policy: Any, block: str) -> None:
        self.policy, self.block, self.name = policy, block, f"{policy.name} without {block}"

    def act(self, decision: Any, uniforms: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """Act on the observation without the block."""
        observation = decision.observation.copy()
        observation[:, decision.task.layout.slices[self.block]] = 0.0
        actions: npt.NDArray[np.int64] = self.policy.act(replace(decision, observation=observation), uniforms)
        return actions


def env_of(config: ReproduceConfig, scenario: str, actions: str) -> EnvConfig:
    """The environment a kind of learner acts in."""
    observation = "tabular" if actions == "strategy" else "flat"
    return EnvConfig(actions=actions, scenario=scenario, encoder=config.encoder, observation=observation)


def learner_job(config: ReproduceConfig, scenario: str, agent: str, seed: int, folder: str) -> dict[str, Any]:
    """Train one learner with one seed and let it meet its people."""
    import torch

    torch.set_num_threads(1)
    env = env_of(config, scenario, LEARNERS[agent])
    place = Path(folder) / "policies" / scenario / f"{agent}-{seed}"
    policy: Any
    if agent == "ppo":
        from agents.ppo.agent import PPOConfig, train_ppo

        turns = min(config.null_turns, config.ppo_turns) if scenario == "null" else config.ppo_turns
        wanted = PPOConfig(turns=turns, seed=seed)
        policy = finished(place, wanted, env) or train_ppo(wanted, env, folder=place)
    else:
        from agents.tabular.agent import TabularAgent
        from agents.tabular.config import TabularConfig

        turns = config.tabular_turns
        own = TabularConfig(algorithm=agent, seed=seed, decay_turns=max(1, 3 * turns // 4))
        policy = TabularAgent(own, env).learn(turns)
        policy.save(place)
    found = {agent: meet(env, policy, unseen(config, seed))}
    if agent == "ppo":
        found["ppo without conversation"] = meet(env, Ablated(policy, "conversation"), unseen(config, seed))
    return found


def finished(folder: Path, wanted: PPOConfig, env: EnvConfig) -> PPOAgent | None:
    """The agent in ``folder``, if it was trained to the end as wanted; a comparison with other people uses it again."""
    from agents.checkpoints import load_checkpoint
    from agents.ppo.agent import PPOAgent, turns_done

    if not (folder / "policy.json").exists():
        return None
    checkpoint = load_checkpoint(folder)
    agent = PPOAgent.from_checkpoint(checkpoint)
    whole = turns_done(checkpoint) >= wanted.turns
    return agent if whole and (agent.config, agent.env) == (wanted, env) else None


def heuristic_job(config: ReproduceConfig, scenario: str, name: str, folder: str) -> dict[str, Any]:
    """Let one heuristic meet the people; the strongest is tuned first."""
    from agents.baselines import make_baseline, save_baseline
    from chatrec_env.envs.task import make_task
    from experiments.train.tune import tune

    env = replace(env_of(config, scenario, "items"), observation="tabular")
    if name == "oracle":
        return {name: meet_oracle(config, env)}
    if name == TUNED:
        tuned = tune(env)
        save_baseline(Path(folder) / "policies" / scenario / name, tuned.policy, env)
        return {name: {**meet(env, tuned.policy, everybody(config)), "params": tuned.params}}
    make_task(env)
    return {name: meet(env, make_baseline(name, env), everybody(config))}


def unseen(config: ReproduceConfig, seed: int) -> list[int]:
    """Environment seeds of the people met after training with ``seed``."""
    return people_seeds("final", seed, config.people)


def training_seeds(config: ReproduceConfig) -> range:
    """The seeds learners are trained with."""
    return range(config.first_seed, config.first_seed + config.seeds)


def everybody(config: ReproduceConfig) -> list[int]:
    """The people of all training seeds, in order."""
    return [person for seed in training_seeds(config) for person in unseen(config, seed)]


def meet(env: EnvConfig, policy: Any, seeds: list[int]) -> dict[str, Any]:
    """One conversation of a policy with each of these people."""
    from chatrec_env.envs.task import make_task

    return summary(run(make_task(env), policy, seeds))


def summary(episodes: Episodes) -> dict[str, Any]:
    """What a table needs of some conversations: every return, means of the rest."""
    return {
        "return": episodes.ret.tolist(),
        "clicks": float(episodes.clicks.mean()),
        "rating": mean_interval(episodes.stars).to_dict()["mean"],  # None if nobody accepted anything
        "questions": float(episodes.questions.mean()),
        "turns": float(episodes.turns.mean()),
        "left_unhappy": float(episodes.left_unhappy.mean()),
    }


def meet_oracle(config: ReproduceConfig, env: EnvConfig) -> dict[str, Any]:
    """As ``meet``, for the policy that knows each person's utilities."""
    from chatrec_env.envs.task import make_task

    task = make_task(env)
    return summary(run(task, Oracle(task), everybody(config)))


def reproduce(config: ReproduceConfig) -> int:
    """Run the command; returns its exit code."""
    from experiments.cli.terminal import clean, output, print_json, say

    folder = config.out or Path("runs") / "reproduce"
    (folder / "parts").mkdir(parents=True, exist_ok=True)
    meter = Meter()
    if config.encoder.startswith("minilm") and unfinished(config, folder):
        from experiments.train.preload import read_sentences

        read_sentences(env_of(config, config.scenarios[0], "items"), meter)
    compute(config, folder, meter)
    tables = [table_of(config, scenario, folder) for scenario in config.scenarios]
    write_document(
        folder / "reproduce.json",
        {"format": FORMAT, "config": {**asdict(config), "out": str(folder)}, "tables": tables},
    )
    if config.json:
        print_json({"tables": tables})
    else:
        for table in tables:
            output().print(to_rich(table))
    say(f"Kept in {clean(folder)}")
    return 0


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the comparison that is computed, and kept, on its own."""

    name: str
    job: Callable[..., dict[str, Any]]
    arguments: tuple[Any, ...]


def parts_of(config: ReproduceConfig, scenario: str, folder: Path) -> list[Part]:
    """A scenario's parts: every learner with every seed, in the order of the seeds, then the policies without."""
    learners = [
        Part(f"{scenario}-{agent}-{seed}", learner_job, (config, scenario, agent, seed, str(folder)))
        for agent in LEARNERS
        for seed in training_seeds(config)
    ]
    others = (*HEURISTICS, TUNED, "oracle")
    return learners + [
        Part(f"{scenario}-{name}", heuristic_job, (config, scenario, name, str(folder))) for name in others
    ]


def table_of(config: ReproduceConfig, scenario: str, folder: Path) -> dict[str, Any]:
    """The table of one scenario from the parts on disk."""
    files = [part_file(folder, part) for part in parts_of(config, scenario, folder)]
    found = [read_document(file)["found"] for file in files]
    return make_table(found, scenario=scenario, people=config.people, encoder=config.encoder)


def part_file(folder: Path, part: Part) -> Path:
    """Where a part is kept."""
    return folder / "parts" / f"{part.name}.json"


def unfinished(config: ReproduceConfig, folder: Path) -> list[Part]:
    """Parts that are not on disk, or were computed with other settings."""
    every = [part for scenario in config.scenarios for part in parts_of(config, scenario, folder)]

    def stands(part: Part) -> bool:
        file = part_file(folder, part)
        return file.exists() and read_document(file).get("signature") == signature(config, part.name)

    return [part for part in every if not stands(part)]


def compute(config: ReproduceConfig, folder: Path, meter: Meter) -> None:
    """Every part that is not there yet, in worker processes; each is written as soon as it is known."""
    todo = unfinished(config, folder)
    if not todo:
        return
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[variable] = "1"
    context = multiprocessing.get_context("spawn")
    with (
        meter.work("Training and meeting people", len(todo), "parts") as work,
        ProcessPoolExecutor(config.workers, mp_context=context) as pool,
    ):
        futures = {pool.submit(part.job, *part.arguments): part for part in todo}
        try:
            for future in as_completed(futures):
                part = futures[future]
                kept = {"signature": signature(config, part.name), "found": future.result()}
                write_document(part_file(folder, part), {"format": FORMAT, **kept})
                work.add(1, part.name)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def signature(config: ReproduceConfig, part: str) -> dict[str, Any]:
    """What the numbers of a part depend on."""
    found = {
        k: v
        for k, v in asdict(config).items()
        if k in ("seeds", "first_seed", "people", "ppo_turns", "tabular_turns", "encoder")
    }
    return {**found, "null_turns": config.null_turns} if part.startswith("null-") else found
