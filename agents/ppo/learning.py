"""A network that learns: what it starts from, its average, and the weights that did best so far."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch

from agents.base import Decision, likeliest
from agents.ppo.callback import WeightAverage
from agents.ppo.network import RankerNetwork, network_shape
from agents.ppo.projection import Projection, fit_projection
from agents.ppo.warm_start import best_heuristic, draw_people, gather, imitate, mean_return
from chatrec_env.core.kernel import Task, observe_batch, start_batch
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ArtifactError

if TYPE_CHECKING:
    from agents.checkpoints import Checkpoint
    from agents.ppo.config import PPOConfig
    from agents.serving.ranker import NetworkShape
    from chatrec_env.envs.config import EnvConfig

UNSEEN = -np.inf
"""Return of weights that met nobody yet."""

UNTAUGHT = 500
"""People whose first words the projection is fitted to where there is no warm start."""


class Learning:
    """A network under training and what is kept of it.

    Args:
        task: The task.
        config: Hyperparameters.
        projection: Of the conversation block.
        network: Learns, on projected observations.

    Attributes:
        average: Of its weights over the last rollouts.
        best: The average when it did best with the people kept for that; it acts, if there are such people.
        best_return: What they came to with the people kept for that.
    """

    def __init__(self, task: Task, config: PPOConfig, projection: Projection, network: RankerNetwork) -> None:
        self.task, self.config, self.projection, self.network = task, config, projection, network
        self.shape: NetworkShape = network_shape(task, **config.network)
        self.average = WeightAverage(network, config.average)
        self.best, self.best_return = copy.deepcopy(network), UNSEEN
        self._people = draw_people(task, config.check_people, config.seed, key=3)

    def build(self) -> RankerNetwork:
        """The network for PPO to go on with: a new one of the same weights, drawn after PPO has seeded torch."""
        network = RankerNetwork(self.network.shape)
        network.load_state_dict(self.network.state_dict())
        self.network = network
        return network

    def average_now(self) -> None:
        """Take the weights as they are into their average."""
        self.average.update(self.network)

    def kept(self) -> RankerNetwork:
        """The network to act with, on whole observations."""
        if self.config.check_people:
            return self.projection.fold(self.best, self.shape)
        return self.projection.fold(self.average.network if self.average.count else self.network, self.shape)

    def consider(self) -> None:
        """Keep the average if it does better than what is kept, with the same ``config.check_people`` people."""
        if not self.config.check_people:
            return
        now = self.average.network
        network = self.projection.fold(now, self.shape)

        def act(seen: Decision) -> npt.NDArray[np.int64]:
            with torch.inference_mode():
                return likeliest(network(torch.from_numpy(seen.observation))[0].numpy(), seen.mask)

        found = mean_return(self.task, act, self._people)
        if found > self.best_return:
            self.best, self.best_return = copy.deepcopy(now), found

    def arrays(self) -> dict[str, Any]:
        """All of it as plain arrays; see ``take_up``."""
        found: dict[str, Any] = {
            "projection.mean": self.projection.mean,
            "projection.matrix": self.projection.matrix,
            "averaged": np.array(self.average.count, np.int64),
            "best_return": np.array(self.best_return, np.float64),
        }
        parts = {"live": self.network, "average": self.average.network, "best": self.best}
        for part, network in parts.items():
            for name, value in network.state_dict().items():
                found[f"{part}.{name}"] = value.detach().numpy().copy()
        return found


def begin(task: Task, env: EnvConfig, config: PPOConfig) -> Learning:
    """A network that has met people through a heuristic, and does as that does; untaught if ``warm_start`` is 0.

    Torch's generator initialises and shuffles.
    """
    shape = network_shape(task, **config.network)
    if not config.warm_start:
        rows = np.zeros((0, shape.conversation), np.float32)
        if config.projection:
            seen = observe_batch(task, start_batch(task, draw_people(task, UNTAUGHT, config.seed, key=1)))[0]
            rows = seen[:, : shape.conversation]
        projection = fit_projection(rows, config.projection)
        return Learning(task, config, projection, RankerNetwork(projection.narrow(shape)))
    heuristic = best_heuristic(make_task(replace(env, observation="tabular")), config.seed)
    experience = gather(task, heuristic, config.warm_start, config.seed, config.gamma)
    projection = fit_projection(experience.observation[:, : shape.conversation], config.projection)
    network = RankerNetwork(projection.narrow(shape))
    imitate(network, replace(experience, observation=projection(experience.observation)), config.vf_coef)
    learning = Learning(task, config, projection, network)
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
        network = RankerNetwork(projection.narrow(network_shape(task, **config.network)))
        learning = Learning(task, config, projection, network)
        parts = {"live": network, "average": learning.average.network, "best": learning.best}
        for part, into in parts.items():
            weights = {name: torch.from_numpy(saved[f"{part}.{name}"].copy()) for name in into.state_dict()}
            into.load_state_dict(weights)
        learning.average.count = int(saved["averaged"])
        learning.best_return = float(saved["best_return"])
    except (KeyError, RuntimeError, ValueError) as error:
        raise ArtifactError(
            f"{checkpoint.folder}: the training state does not fit the network: {error}"
        ) from error
    return learning
