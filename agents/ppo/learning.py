"""A network that learns: what it starts from, its updates, its average, and the weights that did best so far."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch

from agents.base import Decision, likeliest
from agents.ppo.average import WeightAverage
from agents.ppo.network import Critic, RankerNetwork, network_shape
from agents.ppo.projection import Projection, fit_projection
from agents.ppo.rollout import Meeting
from agents.ppo.update import Updates
from agents.ppo.warm_start import (
    best_heuristic,
    draw_people,
    gather,
    imitate,
    knows_worth,
    mean_return,
)
from chatrec_env.core.kernel import Task, observe_batch, start_batch
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ArtifactError, ChatRecError

if TYPE_CHECKING:
    from agents.checkpoints import Checkpoint
    from agents.ppo.config import PPOConfig
    from agents.serving.ranker import NetworkShape
    from chatrec_env.envs.config import EnvConfig

UNSEEN = -np.inf
"""Return of weights that met nobody yet."""

UNTAUGHT = 500
"""People whose first words the projection is fitted to where there is no warm start."""

CHECK_EVERY = 4
"""Updates between two checks of the average with the people kept for that."""


class DivergedError(ChatRecError, ArithmeticError):
    """A training came to numbers that are not finite."""


class Learning:
    """A network under training and what is kept of it.

    What an update does depends on the weights, the optimisers' state and the number of the update alone, so that a
    training that was stopped goes on to the same bits.

    Args:
        task: The task.
        config: Hyperparameters.
        projection: Of the conversation block.
        network: Learns, on projected observations.
        critic: Learns beside it.

    Attributes:
        updates: Updates done.
        turns: Turns they came to.
        average: Of the network's weights over the last updates.
        best: The average when it did best with the people kept for that; it acts, if there are such people.
        best_return: What it came to with them.
    """

    def __init__(
        self, task: Task, config: PPOConfig, projection: Projection, network: RankerNetwork, critic: Critic
    ) -> None:
        self.task, self.config, self.projection = task, config, projection
        self.network, self.critic = network, critic
        self.shape: NetworkShape = network_shape(task, **config.network)
        self.improve = Updates(config, network, critic)
        self.average = WeightAverage(network, config.average)
        self.best, self.best_return = copy.deepcopy(network), UNSEEN
        self.updates, self.turns = 0, 0
        self._meeting = Meeting(task, projection, appraisal=critic_knows(task, config) > 0)
        self._people = draw_people(task, config.check_people, config.seed, key=3)

    def update(self) -> dict[str, float]:
        """Meet new people and learn from their conversations.

        Returns:
            ``turns`` so far, ``return`` and ``length`` (means of these conversations), and ``train/...`` figures.

        Raises:
            DivergedError: If a figure or a weight is not finite.
        """
        c = self.config
        seeds = np.random.SeedSequence(c.seed, spawn_key=(2, self.updates))
        rng = np.random.default_rng(seeds)
        torch.manual_seed(int(seeds.generate_state(1)[0]))
        draws = rng.random((c.num_envs, self.task.n_draws))
        rollout = self._meeting.hold(
            self.network, self.critic, draws, rng, gamma=c.gamma, gae_lambda=c.gae_lambda
        )
        figures = self.improve(rollout, max(0.0, 1 - self.turns / c.turns))
        self.updates, self.turns = self.updates + 1, self.turns + len(rollout)
        self._check_finite(figures)
        self.average.update(self.network)
        if self.updates % CHECK_EVERY == 0 or self.turns >= c.turns:
            self.consider()
        return {
            "turns": float(self.turns),
            "return": float(rollout.returns.mean()),
            "length": len(rollout) / c.num_envs,
            **{f"train/{name}": value for name, value in figures.items()},
        }

    def _check_finite(self, figures: dict[str, float]) -> None:
        parts = {"policy": self.network, "critic": self.critic}
        broken = [name for name, value in figures.items() if not np.isfinite(value)] + [
            f"{part}.{name}"
            for part, network in parts.items()
            for name, value in network.named_parameters()
            if not torch.isfinite(value).all()
        ]
        if broken:
            raise DivergedError(
                f"PPO came to numbers that are not finite in update {self.updates}, after {self.turns:,} turns: "
                f"{', '.join(broken)}. The checkpoint is that of the last good update. Train again with a smaller "
                f"learning_rate (now {self.config.learning_rate:g}) or max_grad_norm "
                f"(now {self.config.max_grad_norm:g})."
            )

    def kept(self) -> RankerNetwork:
        """The network to act with, on whole observations."""
        now = self.best if self.config.check_people else self._mean_network()
        return self.projection.fold(now, self.shape)

    def _mean_network(self) -> RankerNetwork:
        return self.average.network if self.average.count else self.network

    def consider(self) -> None:
        """Keep the average if it does better than what is kept, with the same ``config.check_people`` people."""
        if not self.config.check_people:
            return
        now = self._mean_network()

        def act(seen: Decision) -> npt.NDArray[np.int64]:
            with torch.inference_mode():
                logits = now(torch.from_numpy(self.projection(seen.observation)))
            return likeliest(logits.numpy(), seen.mask)

        found = mean_return(self.task, act, self._people)
        if found > self.best_return:
            self.best, self.best_return = copy.deepcopy(now), found

    def _networks(self) -> dict[str, torch.nn.Module]:
        return {
            "live": self.network,
            "critic": self.critic,
            "average": self.average.network,
            "best": self.best,
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """All of it as plain arrays, copies; see ``take_up``."""
        found: dict[str, npt.NDArray[Any]] = {
            "projection.mean": self.projection.mean,
            "projection.matrix": self.projection.matrix,
            "averaged": np.array(self.average.count, np.int64),
            "best_return": np.array(self.best_return, np.float64),
            "updates": np.array(self.updates, np.int64),
            "turns": np.array(self.turns, np.int64),
        }
        for part, network in self._networks().items():
            for name, value in network.state_dict().items():
                found[f"{part}.{name}"] = value.detach().numpy().copy()
        for part, optimizer in self.improve.optimizers.items():
            for index, state in optimizer.state_dict()["state"].items():
                for key, value in state.items():
                    found[f"optimizer.{part}.{index}.{key}"] = value.detach().numpy().copy()
        return found

    def restore(self, saved: dict[str, npt.NDArray[Any]]) -> None:
        """Put back what ``arrays`` gave.

        Raises:
            KeyError: If something is missing.
            RuntimeError: If it has another shape.
        """
        for part, network in self._networks().items():
            network.load_state_dict(
                {name: torch.from_numpy(saved[f"{part}.{name}"].copy()) for name in network.state_dict()}
            )
        for part, optimizer in self.improve.optimizers.items():
            whole, states = optimizer.state_dict(), dict[int, dict[str, Any]]()
            for name, value in saved.items():
                if name.startswith(f"optimizer.{part}."):
                    index, key = name.split(".")[2:]
                    states.setdefault(int(index), {})[key] = torch.from_numpy(np.array(value))
            optimizer.load_state_dict({**whole, "state": states})
        self.average.count, self.best_return = int(saved["averaged"]), float(saved["best_return"])
        self.updates, self.turns = int(saved["updates"]), int(saved["turns"])


def critic_knows(task: Task, config: PPOConfig) -> int:
    """Columns that only the critic reads."""
    return task.manager.n_candidates if config.appraisal and knows_worth(task) else 0


def make_learning(task: Task, config: PPOConfig, projection: Projection) -> Learning:
    """Fresh networks; torch's generator draws them."""
    network = RankerNetwork(projection.narrow(network_shape(task, **config.network)))
    critic = Critic(network.shape.width, critic_knows(task, config))
    return Learning(task, config, projection, network, critic)


def begin(task: Task, env: EnvConfig, config: PPOConfig) -> Learning:
    """A network that has met people through a heuristic, and does as that does; untaught if ``warm_start`` is 0."""
    torch.manual_seed(config.seed)
    if not config.warm_start:
        said = task.layout.slices["conversation"]
        rows = np.zeros((0, said.stop), np.float32)
        if config.projection:
            first = start_batch(task, draw_people(task, UNTAUGHT, config.seed, key=1))
            rows = observe_batch(task, first)[0][:, said]
        return make_learning(task, config, fit_projection(rows, config.projection))
    heuristic = best_heuristic(make_task(replace(env, observation="tabular")), config.seed)
    met, projection = gather(task, heuristic, config)
    learning, lessons = make_learning(task, config, projection), [met]
    imitate(learning.network, learning.critic, lessons)
    for lesson in range(1, 1 + config.rounds):
        pupil = learning.network, projection
        lessons.append(gather(task, heuristic, config, lesson=lesson, pupil=pupil)[0])
        imitate(learning.network, learning.critic, lessons)
    learning.average = WeightAverage(learning.network, config.average)
    learning.consider()
    return learning


def take_up(task: Task, config: PPOConfig, checkpoint: Checkpoint) -> Learning:
    """Go on from what ``Learning.arrays`` has written.

    Raises:
        ArtifactError: If it does not fit the network.
    """
    saved = checkpoint.training or {}
    try:
        projection = Projection(saved["projection.mean"].copy(), saved["projection.matrix"].copy())
        learning = make_learning(task, config, projection)
        learning.restore(saved)
    except (KeyError, RuntimeError, ValueError) as error:
        raise ArtifactError(
            f"{checkpoint.folder}: the training state does not fit the network: {error}"
        ) from error
    return learning
