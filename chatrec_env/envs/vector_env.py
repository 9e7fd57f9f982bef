"""The native vector environment: the same kernel with N conversations."""

from __future__ import annotations

from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium.envs.registration import EnvSpec
from gymnasium.utils import seeding
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from chatrec_env.core.kernel import (
    State,
    Turn,
    idle_turn,
    observe_batch,
    observe_dialogue,
    start_batch,
    step_batch,
)
from chatrec_env.core.records import take
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.env import RENDER_MODES
from chatrec_env.envs.rendering import render_ansi, render_rgb
from chatrec_env.envs.shared import batch_info, declared, legal_actions
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ConfigError, NotResetError, UnknownNameError

Array = npt.NDArray[Any]
INFO_LEVELS = ("full", "lean")


def parse_autoreset(mode: str | AutoresetMode) -> AutoresetMode:
    """An ``AutoresetMode`` from itself, its name (any case) or its value."""
    for known in AutoresetMode:
        if mode is known or (
            isinstance(mode, str) and mode.lower() in (known.name.lower(), known.value.lower())
        ):
            return known
    raise UnknownNameError("autoreset_mode", mode, [m.name.lower() for m in AutoresetMode])


class ChatRecVectorEnv(VectorEnv[Any, Any, Any]):
    """N conversations side by side; equals ``SyncVectorEnv`` of single environments bit for bit.

    Args:
        num_envs: N >= 1.
        autoreset_mode: ``"next_step"`` (default), ``"same_step"`` or ``"disabled"``.
        render_mode: ``"ansi"``, ``"rgb_array"`` or None.
        info: ``"full"`` (default), or ``"lean"`` for trainers: no info but ``final_obs`` and ``final_info``.
        **kwargs: As for the single environment; see ``EnvConfig``.
    """

    metadata: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        "render_modes": list(RENDER_MODES),
        "render_fps": 1,
        "autoreset_mode": AutoresetMode.NEXT_STEP,
    }

    _spec: EnvSpec | None = None

    def __init__(
        self,
        num_envs: int = 1,
        *,
        autoreset_mode: str | AutoresetMode = "next_step",
        render_mode: str | None = None,
        info: str = "full",
        **kwargs: Any,
    ) -> None:
        if info not in INFO_LEVELS:
            raise UnknownNameError("info level", info, INFO_LEVELS)
        self._lean = info == "lean"
        if isinstance(num_envs, bool) or not isinstance(num_envs, int) or num_envs < 1:
            raise ConfigError(f"num_envs must be a positive integer, got {num_envs!r}.")
        if render_mode is not None and render_mode not in RENDER_MODES:
            raise ConfigError(
                f"render_mode must be one of {list(RENDER_MODES)} or None, got {render_mode!r}."
            )
        self.num_envs, self.render_mode = num_envs, render_mode
        self.autoreset_mode = parse_autoreset(autoreset_mode)
        self.metadata = {**type(self).metadata, "autoreset_mode": self.autoreset_mode}  # type: ignore[misc]
        self.config = EnvConfig.create(kwargs)
        self.task = make_task(self.config)
        self.layout = self.task.layout
        self.single_observation_space = self.layout.space
        self.single_action_space = gym.spaces.Discrete(self.task.actions.n)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._generators: list[np.random.Generator | None] = [None] * num_envs
        self._known_seeds = [-1] * num_envs
        self._state: State | None = None
        self._mask: npt.NDArray[np.bool_] = np.zeros((num_envs, self.task.actions.n), np.bool_)
        self._ended = np.zeros(num_envs, np.bool_)

    @property
    def spec(self) -> EnvSpec | None:
        """How the environment was made; declared nondeterministic where its people are."""
        return self._spec

    @spec.setter
    def spec(self, value: EnvSpec | None) -> None:
        self._spec = declared(value, self.task)

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin conversations; sub-environment ``i`` is seeded with ``seed + i``.

        Args:
            seed: None, an integer >= 0, or one of these per sub-environment.
            options: ``{"reset_mask": (N,) bool}`` restarts only some conversations; other keys are not used.

        Raises:
            ConfigError: A seed or the mask is not as said; nothing has changed then.
            NotResetError: The first reset leaves conversations out.
        """
        n = self.num_envs
        seeds = self._seeds(seed)
        if options is not None and not isinstance(options, dict):
            raise ConfigError(f"options must be a dict or None, got {options!r}.")
        chosen = np.ones(n, np.bool_)
        if options is not None and "reset_mask" in options:
            chosen = np.asarray(options["reset_mask"])
            if chosen.shape != (n,) or chosen.dtype != np.bool_ or not chosen.any():
                raise ConfigError(
                    f"options['reset_mask'] must be a boolean array of shape ({n},) with at least one True, "
                    f"got {chosen.dtype} of shape {chosen.shape}."
                )
            if self._state is None and not chosen.all():
                raise NotResetError("The first reset() must start every conversation: leave out reset_mask.")
        rows = np.flatnonzero(chosen)
        for i in rows:
            if seeds[i] is not None or self._generators[i] is None:
                self._generators[i], self._known_seeds[i] = seeding.np_random(seeds[i])
        self._restart(rows)
        self._ended[rows] = False
        return self._outputs(None, rows)

    def _seeds(self, seed: Any) -> list[int | None]:
        """One seed per sub-environment, or None for those that go on with the generator they have.

        Raises:
            ConfigError: What came is neither None, an integer, nor one of these per sub-environment.
        """
        n = self.num_envs
        if seed is None or isinstance(seed, (int, np.integer)):
            seeds = [None if seed is None else int(seed) + i for i in range(n)]
        elif isinstance(seed, (list, tuple, np.ndarray)):
            whole = [int(s) if isinstance(s, np.integer) else s for s in seed]
            if len(whole) != n:
                raise ConfigError(f"Expected {n} seeds, one per sub-environment, got {len(whole)}.")
            seeds = whole
        else:
            raise ConfigError(f"seed must be None, an integer, or a list of {n} of these, got {seed!r}.")
        for i, one in enumerate(seeds):
            if one is not None and (not isinstance(one, int) or one < 0):
                raise ConfigError(
                    f"A seed must be None or an integer >= 0, got {one!r} for conversation {i}."
                )
        return seeds

    @property
    def np_random_seed(self) -> tuple[int, ...]:  # type: ignore[override]
        """The seeds the conversations' generators were made from, -1 before the first ``reset``."""
        return tuple(self._known_seeds)

    @property  # type: ignore[misc]
    def np_random(self) -> tuple[np.random.Generator, ...]:  # type: ignore[override]
        """The generators that people are drawn with, one per conversation; none before the first ``reset``."""
        return tuple(g for g in self._generators if g is not None)

    def _restart(self, rows: npt.NDArray[np.intp]) -> None:
        """New people in the given rows."""
        draws = np.empty((len(rows), self.task.n_draws))
        for i, row in enumerate(rows):
            generator = self._generators[row]
            assert generator is not None
            generator.random(out=draws[i])
        fresh = start_batch(self.task, draws)
        if len(rows) == self.num_envs:
            self._state = fresh
        else:
            assert self._state is not None
            self._state.put(rows, fresh)

    def step(self, actions: Any) -> tuple[Any, Array, Array, Array, dict[str, Any]]:
        """One turn of every conversation; see the single environment and Gymnasium's autoreset modes.

        Raises:
            NotResetError: Before ``reset``; or, with autoreset disabled, while an ended conversation waits.
            IllegalActionError: If an action is outside the space or masked.
        """
        if self._state is None:
            raise NotResetError("step() needs conversations under way, but reset() was never called.")
        mode, ended = self.autoreset_mode, self._ended
        if mode is AutoresetMode.DISABLED and ended.any():
            raise NotResetError(
                f"Conversation {int(np.flatnonzero(ended)[0])} has ended and autoreset is disabled. "
                "Call reset(options={'reset_mask': terminated | truncated}) first."
            )
        waking = np.flatnonzero(ended) if mode is AutoresetMode.NEXT_STEP else np.zeros(0, np.intp)
        chosen = legal_actions(self.config, self.task, actions, self._mask, ~ended)
        if len(waking) == self.num_envs:
            self._restart(waking)
            turn = idle_turn(self.num_envs)
        elif len(waking):
            going = np.flatnonzero(~ended)
            part = self._state.take(going)
            some = step_batch(self.task, part, chosen[going])
            self._state.put(going, part)
            self._restart(waking)
            turn = idle_turn(self.num_envs)
            turn.put(going, some)
        else:
            turn = step_batch(self.task, self._state, chosen)
        reward, terminated, truncated = turn.reward, turn.terminated, turn.truncated
        done = terminated | truncated
        if mode is not AutoresetMode.SAME_STEP:
            self._ended = done.copy()
            observations, info = self._outputs(turn, np.arange(self.num_envs))
            return observations, reward, terminated, truncated, info
        rows = np.flatnonzero(done)
        if not len(rows):
            observations, info = self._outputs(turn, np.arange(self.num_envs))
            return observations, reward, terminated, truncated, info
        if self._lean:
            over = take(self._state.dialogue, rows)
            final_obs, _, _ = observe_dialogue(self.task, over)
            ends = {"is_success": over.best >= 4}
        else:
            last = self._state.take(rows)
            final_obs, final_mask, _ = observe_batch(self.task, last)
            ends = batch_info(self.task, last, final_mask, turn.take(rows))
        final_info = self._spread(ends, rows)
        self._restart(rows)
        observations, info = self._outputs(turn, np.arange(self.num_envs), renewed=rows)
        info["final_obs"], info["_final_obs"] = self._objects(final_obs, rows), done.copy()
        info["final_info"], info["_final_info"] = final_info, done.copy()
        return observations, reward, terminated, truncated, info

    def _outputs(
        self,
        turn: Turn | None,
        rows: npt.NDArray[np.intp],
        renewed: npt.NDArray[np.intp] | None = None,
    ) -> tuple[Any, dict[str, Any]]:
        """Observations of all conversations, and infos that hold for ``rows`` (``renewed`` ones as at reset)."""
        assert self._state is not None
        observations, self._mask, _ = observe_batch(self.task, self._state)
        out = self.layout.split(observations) if self.config.observation == "dict" else observations
        if self._lean:
            return out, {}
        values = batch_info(self.task, self._state, self._mask, turn)
        if renewed is not None:
            fresh = batch_info(self.task, self._state.take(renewed), self._mask[renewed], None)
            for key, value in fresh.items():
                values[key][renewed] = value
        if len(rows) < self.num_envs:
            return out, self._spread({key: value[rows] for key, value in values.items()}, rows)
        info: dict[str, Any] = {}
        for key, value in values.items():
            info[key], info[f"_{key}"] = value, np.ones(self.num_envs, np.bool_)
        return out, info

    def _spread(self, values: dict[str, Array], rows: npt.NDArray[np.intp]) -> dict[str, Any]:
        """Infos of some conversations as arrays over all, each with its mask."""
        held = np.zeros(self.num_envs, np.bool_)
        held[rows] = True
        info: dict[str, Any] = {}
        for key, value in values.items():
            whole = np.full(
                (self.num_envs, *value.shape[1:]), None if value.dtype == object else 0, value.dtype
            )
            whole[rows] = value
            info[key], info[f"_{key}"] = whole, held.copy()
        return info

    def _objects(self, observations: Any, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.object_]:
        """Final observations (one per entry of ``rows``) as an object array, None elsewhere."""
        out = np.full(self.num_envs, None, object)
        for i, row in enumerate(rows):
            one = observations[i]
            if self.config.observation == "dict":
                one = self.layout.split(one)
            out[row] = one
        return out

    def action_masks(self) -> npt.NDArray[np.bool_]:
        """Legal actions (N, n) bool.

        Raises:
            NotResetError: Before ``reset``.
        """
        if self._state is None:
            raise NotResetError("No action is legal before reset(). Call reset() first.")
        return self._mask.copy()

    def reveal(self) -> dict[str, npt.NDArray[Any]]:
        """Latent state of the people, ``(N, ...)`` each, for evaluators and planners only."""
        return self.task.users.reveal(self.state.people)

    @property
    def state(self) -> State:
        """The kernel state of all conversations."""
        if self._state is None:
            raise NotResetError("There is no state before reset(). Call reset() first.")
        return self._state

    def render(self) -> tuple[Any, ...] | None:
        """One rendering per conversation, as the single environment's."""
        if self.render_mode is None:
            return None
        draw = render_ansi if self.render_mode == "ansi" else render_rgb
        return tuple(draw(self.task, self.state, i) for i in range(self.num_envs))
