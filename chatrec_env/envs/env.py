"""The single environment: a shell around the kernel with one conversation."""

from __future__ import annotations

from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from chatrec_env.core.kernel import State, Turn, make_room, observe_batch, start_batch, step_batch
from chatrec_env.envs.actions import legal_action, make_space, no_action
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.first_start import start
from chatrec_env.envs.infos import FULL, LEAN, check_level, single_info
from chatrec_env.envs.manual import MANUAL
from chatrec_env.envs.rendering import render_ansi, render_rgb
from chatrec_env.envs.shared import (
    RENDER_MODES,
    Declared,
    OneCaller,
    as_seed,
    check_options,
    check_render_mode,
)
from chatrec_env.envs.task import make_task
from chatrec_env.errors import NotResetError


class ChatRecEnv(Declared, gym.Env[Any, Any]):  # noqa: D101 (it is the manual page)
    __doc__ = MANUAL

    metadata: ClassVar[dict[str, Any]] = {"render_modes": list(RENDER_MODES), "render_fps": 1}  # type: ignore[misc]

    def __init__(self, *, render_mode: str | None = None, info: str = FULL, **kwargs: Any) -> None:
        self.render_mode = check_render_mode(render_mode)
        self._level = check_level(info)
        self.config = EnvConfig.create(kwargs, type(self).__name__, ("render_mode", "info"))
        start(self.config)
        self.task = make_task(self.config)
        self.layout = self.task.layout
        self.observation_space = self.layout.make_space()
        self.action_space = make_space(self.task)
        self._state: State | None = None
        self._mask: npt.NDArray[np.bool_] = np.zeros((1, self.task.actions.n), np.bool_)
        self._action = no_action(self.task, 1)
        self._room = make_room(self.task, 1)
        self._done = True
        self._caller = OneCaller()

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Meet a new person, who speaks first.

        Args:
            seed: The same seed brings the same person in the same mood.
            options: A dict or None; nothing in it is used.

        Returns:
            Observation and info; see the manual page.

        Raises:
            ConfigError: Seed or options are not of these kinds.
            ConcurrentUseError: Another thread is inside ``reset`` or ``step``.
        """
        with self._caller:
            check_options(options)
            super().reset(seed=as_seed(seed))
            self._done = True  # should the next line fail, nothing is under way
            self._state = start_batch(self.task, self.np_random.random((1, self.task.n_draws)), self._state)
            self._done = False
            return self._outputs(None)

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Take one system turn and hear the answer.

        Raises:
            NotResetError: Before ``reset``, or after the conversation ended.
            IllegalActionError: The action is outside the space or masked.
            ConcurrentUseError: Another thread is inside ``reset`` or ``step``.
        """
        with self._caller:
            if self._state is None or self._done:
                what = "reset() was never called" if self._state is None else "the conversation has ended"
                raise NotResetError(
                    f"step() needs a conversation under way, but {what}. Call env.reset() first."
                )
            self._action[0] = legal_action(self.config, self.task, action, self._mask)
            turn = step_batch(self.task, self._state, self._action, self._room)
            terminated, truncated = turn.terminated.item(), turn.truncated.item()
            self._done = terminated or truncated
            observation, info = self._outputs(turn)
            return observation, turn.reward.item(), terminated, truncated, info

    def _outputs(self, turn: Turn | None) -> tuple[Any, dict[str, Any]]:
        state = self.state
        observations, self._mask, _ = observe_batch(self.task, state, self._room)
        info: dict[str, Any] = {}
        if self._level != LEAN:
            info = single_info(self.task, state, self._mask, turn, texts=self._level == FULL)
        elif turn is not None and self._done:
            info["is_success"] = state.dialogue.best.item() >= 4
        observation: Any = observations[0]
        if self.config.observation == "dict":
            observation = self.layout.split(observation)
        return observation, info

    def action_masks(self) -> npt.NDArray[np.bool_]:
        """Legal actions of this turn, (n,) bool; what sb3-contrib's MaskablePPO asks for.

        Raises:
            NotResetError: Before ``reset``.
        """
        if self._state is None:
            raise NotResetError("No action is legal before reset(). Call env.reset() first.")
        return self._mask[0].copy()

    def reveal(self) -> dict[str, npt.NDArray[Any]]:
        """The person's latent state, for evaluators and planners; never for the agent."""
        return {k: v[0] for k, v in self.task.users.reveal(self.state.people).items()}

    @property
    def state(self) -> State:
        """The kernel state (batch of one), e.g. to branch a copy from for a what-if replay; ``reset`` overwrites it."""
        if self._state is None:
            raise NotResetError("There is no conversation before reset(). Call env.reset() first.")
        return self._state

    def render(self) -> Any:
        """The conversation so far: text (``"ansi"``) or a picture (H, W, 3) uint8 (``"rgb_array"``)."""
        if self.render_mode is None:
            gym.logger.warn("render() was called, but the environment was made without render_mode.")
            return None
        draw = render_ansi if self.render_mode == "ansi" else render_rgb
        return draw(self.task, self.state, 0)
