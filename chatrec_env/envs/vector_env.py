"""The native vector environment: the same kernel with N conversations."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from gymnasium.utils import seeding
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from chatrec_env.core.kernel import (
    State,
    Turn,
    idle_turn,
    observe_batch,
    start_batch,
    step_batch,
)
from chatrec_env.envs.actions import legal_actions, make_space
from chatrec_env.envs.attributes import PerConversation
from chatrec_env.envs.config import EnvConfig, as_count
from chatrec_env.envs.infos import FULL, LEAN, as_objects, batch_info, check_level, spread
from chatrec_env.envs.rendering import render_ansi, render_rgb
from chatrec_env.envs.shared import (
    RENDER_MODES,
    Declared,
    OneCaller,
    as_seeds,
    check_options,
    check_render_mode,
    parse_autoreset,
)
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ConfigError, NotResetError

Array = npt.NDArray[Any]


class ChatRecVectorEnv(Declared, PerConversation, VectorEnv[Any, Any, Any]):
    """N conversations side by side; equals ``SyncVectorEnv`` of single environments bit for bit.

    ``gymnasium.make_vec("ChatRec/Items-v0", num_envs=N, ...)`` makes one. Actions, observations, rewards, infos,
    masks, copies and threads are as ``ChatRecEnv`` documents them, with a leading axis of N; every info key ``k`` has
    its mask ``_k``. There are no worker processes here, and no need for any: N conversations take one compiled step.

    Args:
        num_envs: N >= 1.
        autoreset_mode: ``"next_step"`` (default), ``"same_step"`` or ``"disabled"``.
        render_mode: ``"ansi"``, ``"rgb_array"`` or None.
        info: ``"full"`` (default), ``"numbers"`` (no texts) or ``"lean"`` (only ``is_success`` of conversations that
            end, and ``final_obs`` and ``final_info``), as for the single environment.
        **kwargs: As for the single environment; see ``EnvConfig``.

    Raises:
        ConfigError: A keyword is not as said.
        UnknownKeywordError: A keyword is not known.
    """

    metadata: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        "render_modes": list(RENDER_MODES),
        "render_fps": 1,
        "autoreset_mode": AutoresetMode.NEXT_STEP,
    }

    def __init__(
        self,
        num_envs: int = 1,
        *,
        autoreset_mode: str | AutoresetMode = "next_step",
        render_mode: str | None = None,
        info: str = FULL,
        **kwargs: Any,
    ) -> None:
        self._level = check_level(info)
        count = as_count(num_envs)
        if type(count) is not int or count < 1:
            raise ConfigError(f"num_envs must be a positive integer, got {num_envs!r}.")
        self.num_envs, self.render_mode = count, check_render_mode(render_mode)
        self.autoreset_mode = parse_autoreset(autoreset_mode)
        self.metadata = {**type(self).metadata, "autoreset_mode": self.autoreset_mode}  # type: ignore[misc]
        self.config = EnvConfig.create(
            kwargs, type(self).__name__, ("num_envs", "autoreset_mode", "render_mode", "info")
        )
        self.task = make_task(self.config)
        self.layout = self.task.layout
        self.single_observation_space = self.layout.make_space()
        self.single_action_space = make_space(self.task)
        self.observation_space = batch_space(self.single_observation_space, count)
        self.action_space = batch_space(self.single_action_space, count)
        self._generators: list[np.random.Generator | None] = [None] * count
        self._known_seeds = [-1] * count
        self._state: State | None = None
        self._mask: npt.NDArray[np.bool_] = np.zeros((count, self.task.actions.n), np.bool_)
        self._ended = np.zeros(count, np.bool_)
        self._caller = OneCaller()

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
            ConcurrentUseError: Another thread is inside ``reset`` or ``step``.
        """
        with self._caller:
            return self._reset(as_seeds(seed, self.num_envs), options)

    def _reset(self, seeds: list[int | None], options: dict[str, Any] | None) -> tuple[Any, dict[str, Any]]:
        n = self.num_envs
        check_options(options)
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
            if seeds[i] is not None:
                self._generators[i], self._known_seeds[i] = seeding.np_random(seeds[i])
        self._restart(rows)
        self._ended[rows] = False
        return self._outputs(None, rows)

    @property
    def np_random_seed(self) -> tuple[int, ...]:  # type: ignore[override]
        """The seeds the conversations' generators were made from, -1 before the first ``reset``."""
        return tuple(self._known_seeds)

    @property  # type: ignore[misc]
    def np_random(self) -> tuple[np.random.Generator, ...]:  # type: ignore[override]
        """The generators that people are drawn with, one per conversation."""
        return tuple(self._generator(i) for i in range(self.num_envs))

    def _generator(self, row: int) -> np.random.Generator:
        """The generator of a conversation; one that was never seeded gets a random seed."""
        known = self._generators[row]
        if known is None:
            known, self._known_seeds[row] = seeding.np_random(None)
            self._generators[row] = known
        return known

    def _restart(self, rows: npt.NDArray[np.intp]) -> State:
        """New people in the given rows; returns their conversations."""
        draws = np.empty((len(rows), self.task.n_draws))
        for i, row in enumerate(rows):
            self._generator(row).random(out=draws[i])
        fresh = start_batch(self.task, draws)
        if len(rows) == self.num_envs:
            self._state = fresh
        else:
            assert self._state is not None
            self._state.put(rows, fresh)
        return fresh

    def step(self, actions: Any) -> tuple[Any, Array, Array, Array, dict[str, Any]]:
        """One turn of every conversation; see the single environment and Gymnasium's autoreset modes.

        Raises:
            NotResetError: Before ``reset``; or, with autoreset disabled, while an ended conversation waits.
            IllegalActionError: An action is outside the space or masked.
            ConcurrentUseError: Another thread is inside ``reset`` or ``step``.
        """
        with self._caller:
            return self._step(actions)

    def _step(self, actions: Any) -> tuple[Any, Array, Array, Array, dict[str, Any]]:
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
            turn = idle_turn(self.num_envs, self.task.manager.slate_size, self.task.reward.names)
        elif len(waking):
            going = np.flatnonzero(~ended)
            part = self._state.take(going)
            some = step_batch(self.task, part, chosen[going])
            self._state.put(going, part)
            self._restart(waking)
            turn = idle_turn(self.num_envs, self.task.manager.slate_size, self.task.reward.names)
            turn.put(going, some)
        else:
            turn = step_batch(self.task, self._state, chosen)
        done = turn.terminated | turn.truncated
        rows = np.flatnonzero(done)
        if mode is AutoresetMode.SAME_STEP and len(rows):
            observations, info = self._renew(turn, rows)
        else:
            if mode is not AutoresetMode.SAME_STEP:
                self._ended = done
            observations, info = self._outputs(turn, np.arange(self.num_envs))
        return observations, turn.reward, turn.terminated, turn.truncated, info

    def _renew(self, turn: Turn, rows: npt.NDArray[np.intp]) -> tuple[Any, dict[str, Any]]:
        """Begin the conversations anew that ended in ``rows``; their last outputs become ``final_obs`` and the like."""
        n = self.num_envs
        observations, self._mask, _ = observe_batch(self.task, self.state)
        values = self._values(self.state, self._mask, turn)
        ends = {key: value[rows] for key, value in values.items()}
        if self._level == LEAN:
            ends = {"is_success": self.state.dialogue.best[rows] >= 4}
        finals = as_objects([self._form(one) for one in observations[rows]])
        fresh = self._restart(rows)
        observations[rows], self._mask[rows], _ = observe_batch(self.task, fresh)
        for key, value in self._values(fresh, self._mask[rows], None).items():
            values[key][rows] = value
        info = spread(n, values, np.arange(n)) | spread(n, {"final_obs": finals}, rows)
        info |= {"final_info": spread(n, ends, rows), "_final_info": info["_final_obs"].copy()}
        return self._form(observations), info

    def _outputs(self, turn: Turn | None, rows: npt.NDArray[np.intp]) -> tuple[Any, dict[str, Any]]:
        """Observations of all conversations, and infos that hold for ``rows``."""
        state, n = self.state, self.num_envs
        observations, self._mask, _ = observe_batch(self.task, state)
        values = {key: value[rows] for key, value in self._values(state, self._mask, turn).items()}
        if self._level == LEAN and turn is not None and self._ended.any():
            rows = np.flatnonzero(self._ended)
            values = {"is_success": state.dialogue.best[rows] >= 4}
        return self._form(observations), spread(n, values, rows)

    def _values(self, state: State, mask: npt.NDArray[np.bool_], turn: Turn | None) -> dict[str, Array]:
        """The infos of a state as arrays, one entry a conversation; none where infos are lean."""
        if self._level == LEAN:
            return {}
        return batch_info(self.task, state, mask, turn, texts=self._level == FULL)

    def _form(self, observations: Any) -> Any:
        """Observations as the configuration wants them."""
        return self.layout.split(observations) if self.config.observation == "dict" else observations

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
