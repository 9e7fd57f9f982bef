"""Behaviour cloning (Pomerleau, 1989): the candidate network does what a policy does that needs no training."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from agents import registry
from agents.base import Decision, Look, Policy, Report, check_integers, check_numbers, decision, likeliest
from agents.baselines import Greedy
from agents.checkpoints import load_checkpoint, save_checkpoint
from agents.conversations import Conversations, see_observation
from agents.deep.network import CandidateNetwork, CandidateShape, candidate_shape, load_arrays, state_arrays
from agents.ppo.agent import one_thread
from agents.ppo.warm_start import best_heuristic
from agents.tabular.td import uniform_legal
from chatrec_env.core.kernel import Task
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ArtifactError, ConfigError, UnknownNameError

TEACHERS = ("heuristic", "greedy", "bayes-planner")
OWN_STREAM = 7
"""Spawn key of strayed actions and of the batches."""

PARALLEL = 100
"""Conversations side by side while the teacher acts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CloningConfig:
    """Settings of behaviour cloning; plain JSON data.

    Attributes:
        turns: Turns of the teacher to learn from.
        teacher: ``"heuristic"`` (the best of a few settings of ``ask_then_recommend``), ``"greedy"``, or
            ``"bayes-planner"`` (about a second a turn and conversation).
        stray: Share of turns in which something legal is done at random instead, so that what to do afterwards is
            learned too; what is learned in these turns is what the teacher would have done.
        steps: Gradient steps.
        batch_size: Turns per gradient step.
        learning_rate: Step size of Adam, falling linearly to zero.
        seed: Seed of network, batches and people.
        network: Sizes of the network to change.
    """

    turns: int = 30_000
    teacher: str = "heuristic"
    stray: float = 0.1
    steps: int = 2_000
    batch_size: int = 256
    learning_rate: float = 1e-3
    seed: int = 0
    network: dict[str, int] | None = None

    def __post_init__(self) -> None:
        if self.teacher not in TEACHERS:
            raise UnknownNameError("teacher", self.teacher, TEACHERS)
        check_integers("cloning", self, turns=1, steps=1, batch_size=1, seed=0)
        check_numbers("cloning", self, stray="[0, 1]", learning_rate="(0, 1)")


class CloneAgent:
    """A candidate network that imitates: the legal action of the highest logit.

    Args:
        config: How it learned.
        env: The environment it learned in.
        network: Acts; its weights are used as they are.
        turns: Turns of the teacher it has learned from.
    """

    name = "cloning"

    def __init__(
        self, config: CloningConfig, env: EnvConfig, network: CandidateNetwork, *, turns: int = 0
    ) -> None:
        self.config, self.env, self.network, self.turns = config, env, network.eval(), turns

    def act(self, decision: Decision, uniforms: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """See ``Policy``; the number of candidates may differ from training."""
        with torch.inference_mode():
            logits = self.network.actions(torch.from_numpy(decision.observation)).numpy()
        return likeliest(logits, decision.mask)

    def save(self, folder: Path) -> None:
        """Write a checkpoint; see ``agents.checkpoints``."""
        meta = {
            "config": asdict(self.config),
            "turns": self.turns,
            "shape": asdict(self.network.shape),
        }
        save_checkpoint(
            Path(folder), kind=self.name, env=self.env, tensors=state_arrays(self.network), meta=meta
        )

    @classmethod
    def load(cls, folder: Path) -> CloneAgent:
        """Read a saved agent.

        Raises:
            ArtifactError: If a file is missing, damaged, or belongs to another kind of agent.
        """
        checkpoint = load_checkpoint(Path(folder))
        try:
            config = CloningConfig(**checkpoint.meta["config"])
            network = CandidateNetwork(CandidateShape(**checkpoint.meta["shape"]))
            load_arrays(network, checkpoint.tensors)
            return cls(config, checkpoint.env, network, turns=int(checkpoint.meta["turns"]))
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise ArtifactError(
                f"{checkpoint.folder}: the weights do not fit the network described: {error}"
            ) from error


def make_teacher(config: CloningConfig, env: EnvConfig) -> Policy:
    """The policy to imitate.

    Raises:
        ConfigError: If it cannot act in this environment.
    """
    if config.teacher == "greedy":
        return Greedy()
    if config.teacher == "heuristic":
        return best_heuristic(make_task(replace(env, observation="tabular")), config.seed)
    registry.check_actions(config.teacher, env.actions)
    planner: Policy = registry.resolve(registry.AGENTS[config.teacher].policy)(make_task(env))
    return planner


def demonstrations(
    config: CloningConfig, task: Task, teacher: Policy, rng: np.random.Generator, callback: Report | None
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """Observations, masks, and what the teacher does, of ``config.turns`` turns or a few more."""
    talks = Conversations(task, min(PARALLEL, config.turns), config.seed, see_observation)
    seen: list[tuple[Any, ...]] = []
    finished: list[float] = []
    turns = 0
    while turns < config.turns:
        told = decision(task, talks.state)
        taught = teacher.act(told, rng.random(len(told)))
        seen.append((told.observation.copy(), told.mask.copy(), taught))
        strays = rng.random(len(told)) < config.stray
        talks.choose(np.where(strays, uniform_legal(told.mask, rng.random(len(told))), taught))
        turn = talks.step()
        done = turn.terminated | turn.truncated
        finished += talks.returns[done].tolist()
        talks.renew(done)
        turns += len(told)
        if callback is not None and done.any():
            callback({"turns": float(min(turns, config.turns)), "return": float(np.mean(finished[-500:]))})
    observation, mask, action = (np.concatenate([turn[i] for turn in seen]) for i in range(3))
    return observation, mask, action


@one_thread()
def train_cloning(
    config: CloningConfig,
    env: EnvConfig,
    *,
    callback: Report | None = None,
    look: Look | None = None,
    folder: Path | None = None,
    resume: bool = False,
) -> CloneAgent:
    """Imitate a policy; see ``agents.base.Train``.

    Args:
        config: Hyperparameters.
        env: The environment; ``observation`` must be ``"flat"``.
        callback: Called while the teacher acts.
        look: Called once, with what came out.
        folder: Keeps the outcome.
        resume: Returns what is in the folder if it has learned from ``config.turns`` turns; otherwise it learns anew,
            from the people it has met and more.
    """
    registry.check_actions("cloning", env.actions)
    if resume and folder is None:
        raise ConfigError("resume=True needs the folder of the run to go on with, got folder=None.")
    if resume and folder is not None:
        before = CloneAgent.load(folder)
        if before.turns >= config.turns:
            return before
    task = make_task(env)
    torch.manual_seed(config.seed)
    network = CandidateNetwork(candidate_shape(task, **(config.network or {})))
    rng = np.random.default_rng(np.random.SeedSequence(config.seed, spawn_key=(OWN_STREAM,)))
    gathered = demonstrations(config, task, make_teacher(config, env), rng, callback)
    observation, mask, action = (torch.from_numpy(part) for part in gathered)
    optimizer = torch.optim.Adam(network.parameters(), config.learning_rate)
    for step in range(config.steps):
        for group in optimizer.param_groups:
            group["lr"] = config.learning_rate * (1 - step / config.steps)
        rows = torch.from_numpy(rng.integers(len(action), size=config.batch_size))
        logits = network.actions(observation[rows]).masked_fill(~mask[rows], -1e9)
        loss = torch.nn.functional.cross_entropy(logits, action[rows])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    agent = CloneAgent(config, env, network, turns=config.turns)
    if look is not None:
        look(agent, agent.turns)
    if folder is not None:
        agent.save(folder)
    return agent
