"""Stable-baselines3 on the native vector environment: the ``VecEnv`` adapter and the masked ranker policy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt
import torch
from sb3_contrib.common.maskable.distributions import make_masked_proba_distribution
from sb3_contrib.common.maskable.policies import MaskableActorCriticPolicy
from stable_baselines3.common.vec_env import VecEnv
from torch import nn

from agents.ppo.network import Critic, RankerNetwork
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.vector_env import ChatRecVectorEnv

KEPT_INFO = ("is_success",)
"""Info keys passed on to SB3 at the end of an episode; texts stay behind, since nobody reads them there."""


class SB3VecEnv(VecEnv):
    """A ``ChatRecVectorEnv`` (same-step autoreset) as a stable-baselines3 ``VecEnv``.

    Provides ``terminal_observation``, ``TimeLimit.truncated`` and the ``episode`` record that SB3 expects, and
    action masks through ``env_method("action_masks")``.

    Args:
        config: Keywords of the environment.
        num_envs: Conversations side by side.
    """

    def __init__(self, config: EnvConfig, num_envs: int) -> None:
        kwargs = config.to_dict()
        self.venv = ChatRecVectorEnv(num_envs, autoreset_mode="same_step", info="lean", **kwargs)
        self.render_mode = None
        super().__init__(num_envs, self.venv.single_observation_space, self.venv.single_action_space)
        self._actions: npt.NDArray[np.int64] = np.zeros(num_envs, np.int64)
        self._returns, self._lengths = np.zeros(num_envs), np.zeros(num_envs, np.int64)
        self._seed: int | None = None

    def reset(self) -> Any:
        """Begin all conversations; uses the seed given by ``seed``, once."""
        observations, _ = self.venv.reset(seed=self._seed)
        self._seed = None
        self._returns[:], self._lengths[:] = 0.0, 0
        return observations

    def seed(self, seed: int | None = None) -> Sequence[int | None]:
        """Conversation ``i`` is seeded with ``seed + i`` at the next reset."""
        self._seed = seed
        return [None if seed is None else seed + i for i in range(self.num_envs)]

    def step_async(self, actions: npt.NDArray[np.int64]) -> None:
        """Remember the actions."""
        self._actions = actions

    def step_wait(self) -> tuple[Any, npt.NDArray[np.float32], npt.NDArray[np.bool_], list[dict[str, Any]]]:
        """Take the turn; ended conversations have begun anew, their last observation is in the info."""
        observations, reward, terminated, truncated, info = self.venv.step(self._actions)
        self._returns += reward
        self._lengths += 1
        done = terminated | truncated
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        for i in np.flatnonzero(done):
            infos[i] = {
                "terminal_observation": info["final_obs"][i],
                "TimeLimit.truncated": bool(truncated[i]),
                "episode": {"r": float(self._returns[i]), "l": int(self._lengths[i]), "t": 0.0},
                **{key: info["final_info"][key][i].item() for key in KEPT_INFO},
            }
        self._returns[done], self._lengths[done] = 0.0, 0
        return observations, reward.astype(np.float32), done, infos

    def close(self) -> None:
        """Close the environment."""
        self.venv.close()

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """The attribute of each conversation; see ``ChatRecVectorEnv.call``."""
        return self.env_method(attr_name, indices=indices)

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """The same for all conversations, as far as they can be set; see ``ChatRecVectorEnv.set_attr``."""
        self.venv.set_attr(attr_name, value)

    def env_method(self, method_name: str, *args: Any, indices: Any = None, **kwargs: Any) -> list[Any]:
        """What a method of the single environment gives each conversation; see ``ChatRecVectorEnv.call``."""
        found = self.venv.call(method_name, *args, **kwargs)
        return [found[i] for i in self._get_indices(indices)]

    def has_attr(self, attr_name: str) -> bool:
        """Whether the vector environment has the attribute (MaskablePPO asks for ``action_masks``)."""
        return hasattr(self.venv, attr_name)

    def env_is_wrapped(
        self, wrapper_class: type[gym.Wrapper[Any, Any, Any, Any]], indices: Any = None
    ) -> list[bool]:
        """Never wrapped."""
        return [False] * len(list(self._get_indices(indices)))


class RankerPolicy(MaskableActorCriticPolicy):
    """``MaskableActorCriticPolicy`` whose logits come from a ``RankerNetwork``, values from a ``Critic``.

    Args:
        observation_space: Flat observation space.
        action_space: Discrete.
        lr_schedule: SB3 learning-rate schedule.
        network: Builds the network.
        **kwargs: Passed on.
    """

    def __init__(
        self,
        observation_space: gym.Space[Any],
        action_space: gym.Space[Any],
        lr_schedule: Callable[[float], float],
        *,
        network: Callable[[], RankerNetwork],
        **kwargs: Any,
    ) -> None:
        self._make = network
        super().__init__(observation_space, action_space, lr_schedule, **kwargs)

    def _build(self, lr_schedule: Callable[[float], float]) -> None:
        self.network = self._make()
        self.critic = Critic(self.network.shape.width)
        self.mlp_extractor = nn.Identity()  # type: ignore[assignment]
        self.action_net = nn.Identity()
        self.value_net = nn.Identity()  # type: ignore[assignment]
        self.action_dist = make_masked_proba_distribution(self.action_space)
        self.optimizer = self.optimizer_class(  # type: ignore[call-arg]
            self.parameters(), lr=lr_schedule(1), **self.optimizer_kwargs
        )

    def _both(self, obs: torch.Tensor, masks: Any) -> tuple[Any, torch.Tensor]:
        distribution = self.action_dist.proba_distribution(action_logits=self.network(obs))
        if masks is not None:
            distribution.apply_masking(masks)
        return distribution, self.predict_values(obs)

    def forward(
        self,
        obs: torch.Tensor,
        deterministic: bool = False,
        action_masks: npt.NDArray[np.bool_] | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Actions, values and log-probabilities."""
        distribution, values = self._both(obs, action_masks)
        actions = distribution.get_actions(deterministic=deterministic)
        return actions, values, distribution.log_prob(actions)

    def evaluate_actions(
        self, obs: torch.Tensor, actions: torch.Tensor, action_masks: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
        """Values, log-probabilities and entropies."""
        distribution, values = self._both(obs, action_masks)
        return values, distribution.log_prob(actions), distribution.entropy()

    def get_distribution(self, obs: Any, action_masks: npt.NDArray[np.bool_] | None = None) -> Any:
        """Distribution over actions."""
        return self._both(obs, action_masks)[0]

    def predict_values(self, obs: Any) -> torch.Tensor:
        """Values ``(N, 1)``."""
        values: torch.Tensor = self.critic(obs)
        return values
