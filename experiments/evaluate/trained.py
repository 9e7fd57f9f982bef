"""Policies that a study trains or tunes first, and lets meet people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from agents.base import OraclePolicy, Policy
from agents.ppo.agent import one_thread
from chatrec_env.envs.config import EnvConfig
from experiments.cli.progress import Meter, Work
from experiments.evaluate.rollout import columns, meet_people
from experiments.train.tune import ROUNDS, Tuned, tune

NAMES = {
    "random": "random",
    "popular": "most popular",
    "greedy": "greedy",
    "most_informative": "most informative question",
    "ask_then_recommend": "ask-n-then-recommend (tuned)",
}
"""The heuristics of a study and what tables call them."""

TUNED = "ask_then_recommend"
"""The heuristic that is tuned first."""

HEURISTICS = tuple(name for name in NAMES if name != TUNED)
"""Policies without anything to train or tune."""


def met(
    env: EnvConfig, policy: Policy | OraclePolicy, seeds: list[int], meter: Meter, label: str
) -> dict[str, Any]:
    """One conversation of a policy with each of these people, as plain JSON data (see ``rollout.columns``)."""
    from chatrec_env.envs.task import make_task

    return columns(meet_people(make_task(env), policy, seeds, meter, f"{label} meets people"))


def heuristic(
    name: str, env: EnvConfig, meter: Meter, label: str = "", *, seed: int = 0, rounds: Sequence[int] = ROUNDS
) -> tuple[Policy, dict[str, Any]]:
    """A heuristic, tuned if it has settings; with those settings.

    Args:
        name: A key of ``NAMES``.
        env: Where it acts.
        meter: Shows the progress of the tuning.
        label: Put before what is shown.
        seed: Which people it is tuned on.
        rounds: How many of them; see ``tune``.
    """
    from agents.baselines import make_baseline

    if name != TUNED:
        return make_baseline(name, env), {}
    found = _tuned(env, meter, label, seed, rounds)
    return found.policy, {"params": found.params}


def _tuned(env: EnvConfig, meter: Meter, label: str, seed: int, rounds: Sequence[int]) -> Tuned:
    with meter.work(f"{label}tuning the strongest heuristic", 1, "conversations") as work:

        def progress(held: int, total: int, note: str) -> None:
            work.total = total
            work.to(held, note)

        return tune(replace(env, observation="tabular"), seed=seed, rounds=rounds, progress=progress)


def learner(agent: str, turns: int, seed: int, env: EnvConfig, place: Path, meter: Meter, label: str) -> Any:
    """A trained policy; one of PPO that was trained just so is taken from its folder, or trained on from there.

    Args:
        agent: ``"ppo"``, ``"q_learning"`` or ``"sarsa"``.
        turns: Turns of training.
        seed: Of everything random.
        env: Where it acts.
        place: Its checkpoint folder.
        meter: Shows the progress.
        label: Put before what is shown.
    """
    with meter.work(f"{label}training {agent}, seed {seed}", turns, "turns") as work, one_thread():
        if agent == "ppo":
            return _ppo(turns, seed, env, place, work)
        from agents.tabular.agent import TabularAgent
        from agents.tabular.config import TabularConfig

        own = TabularConfig(algorithm=agent, seed=seed, decay_turns=max(1, 3 * turns // 4))
        policy = TabularAgent(own, env).learn(turns)
        policy.save(place)
        return policy


def _ppo(turns: int, seed: int, env: EnvConfig, place: Path, work: Work) -> Any:
    from agents.checkpoints import load_checkpoint
    from agents.ppo.agent import PPOAgent, PPOConfig, train_ppo, turns_done

    wanted, begun = PPOConfig(turns=turns, seed=seed), False
    if (place / "policy.json").exists():
        checkpoint = load_checkpoint(place)
        agent = PPOAgent.from_checkpoint(checkpoint)
        begun = (agent.config, agent.env) == (wanted, env)
        if begun and turns_done(checkpoint) >= turns:
            return agent

    def report(record: dict[str, float]) -> None:
        note = f"return {record['return']:.2f} while exploring" if "return" in record else ""
        work.to(min(int(record["turns"]), work.total), note)

    return train_ppo(wanted, env, folder=place, resume=begun, callback=report)
