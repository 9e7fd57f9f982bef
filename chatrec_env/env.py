"""The single environment: a shell around the kernel with one conversation."""

from __future__ import annotations

from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from chatrec_env.config import EnvConfig
from chatrec_env.errors import ConfigError, NotResetError
from chatrec_env.kernel import State, Turn, observe_batch, start_batch, step_batch
from chatrec_env.rendering import render_ansi, render_rgb
from chatrec_env.shell import batch_info, legal_actions
from chatrec_env.task import make_task

RENDER_MODES = ("ansi", "rgb_array")


class ChatRecEnv(gym.Env[Any, np.int64]):
    __doc__ = "One conversation; see ``chatrec_env.manual`` for the manual page of each id."

    metadata: ClassVar[dict[str, Any]] = {"render_modes": list(RENDER_MODES), "render_fps": 1}  # type: ignore[misc]

    def __init__(self, *, render_mode: str | None = None, **kwargs: Any) -> None:
        if render_mode is not None and render_mode not in RENDER_MODES:
            raise ConfigError(
                f"render_mode must be one of {list(RENDER_MODES)} or None, got {render_mode!r}."
            )
        self.render_mode = render_mode
        self.config = EnvConfig.create(kwargs)
        self.task = make_task(self.config)
        self.layout = self.task.layout
        self.observation_space = self.layout.space
        self.action_space = gym.spaces.Discrete(self.task.actions.n)
        self._state: State | None = None
        self._mask: npt.NDArray[np.bool_] = np.zeros((1, self.task.actions.n), np.bool_)
        self._done = True

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Meet a new person, who speaks first.

        Args:
            seed: The same seed brings the same person in the same mood.
            options: Not used; present because the API has it.

        Returns:
            Observation and info; see the manual page.
        """
        super().reset(seed=seed)
        draws = self.np_random.random(self.task.n_draws)[None]
        self._state = start_batch(self.task, draws)
        self._done = False
        return self._outputs(None)

    def step(self, action: np.int64) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Take one system turn and hear the answer.

        Raises:
            NotResetError: Before ``reset``, or after the conversation ended.
            IllegalActionError: If the action is outside the space or masked.
        """
        if self._state is None or self._done:
            what = "reset() was never called" if self._state is None else "the conversation has ended"
            raise NotResetError(f"step() needs a conversation under way, but {what}. Call env.reset() first.")
        chosen = (
            np.asarray(action).reshape(1)
            if np.ndim(action) <= 1 and np.size(action) == 1
            else np.asarray(action)
        )
        live = np.ones(1, np.bool_)
        turn = step_batch(
            self.task, self._state, legal_actions(self.config, self.task, chosen, self._mask, live)
        )
        observation, info = self._outputs(turn)
        terminated, truncated = bool(turn.terminated[0]), bool(turn.truncated[0])
        self._done = terminated or truncated
        return observation, float(turn.reward[0]), terminated, truncated, info

    def _outputs(self, turn: Turn | None) -> tuple[Any, dict[str, Any]]:
        assert self._state is not None
        observations, self._mask, _ = observe_batch(self.task, self._state)
        info = {}
        for key, value in batch_info(self.task, self._state, self._mask, turn).items():
            one = value[0]
            info[key] = one if value.ndim > 1 or value.dtype == object else one.item()
        observation: Any = observations[0]
        if self.config.observation == "dict":
            observation = self.layout.split(observation)
        return observation, info

    def action_masks(self) -> npt.NDArray[np.bool_]:
        """Legal actions of this turn, (n,) bool; what sb3-contrib's MaskablePPO asks for."""
        return self._mask[0].copy()

    def reveal(self) -> dict[str, npt.NDArray[Any]]:
        """The person's latent state, for evaluators and planners; never for the agent."""
        if self._state is None:
            raise NotResetError(
                "reveal() needs a person, but reset() was never called. Call env.reset() first."
            )
        return {k: v[0] for k, v in self.task.users.reveal(self._state.people).items()}

    @property
    def state(self) -> State:
        """The kernel state (batch of one), e.g. to branch from for a what-if replay."""
        if self._state is None:
            raise NotResetError("There is no state before reset(). Call env.reset() first.")
        return self._state

    def render(self) -> Any:
        """The conversation so far: text (``"ansi"``) or a picture (H, W, 3) uint8 (``"rgb_array"``)."""
        if self.render_mode is None:
            gym.logger.warn("render() was called, but the environment was made without render_mode.")
            return None
        if self._state is None:
            raise NotResetError(
                "render() needs a conversation, but reset() was never called. Call env.reset()."
            )
        if self.render_mode == "ansi":
            return render_ansi(self.task, self._state, 0)
        return render_rgb(self.task, self._state, 0)
