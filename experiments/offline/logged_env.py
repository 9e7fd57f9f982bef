"""A native vector environment whose conversations are logged as they are held, whoever decides."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium.vector import AutoresetMode, VectorWrapper

from agents.base import Policy, decision
from agents.stochastic import chances_of
from chatrec_env.core.kernel import Turn
from chatrec_env.core.records import take
from chatrec_env.core.user_simulator import USER_SENTENCES, SystemTurn, UserTurn
from chatrec_env.envs.infos import LEAN
from chatrec_env.envs.vector_env import ChatRecVectorEnv
from chatrec_env.errors import ConfigError, NotResetError
from experiments.evaluate.rollout import STREAMS, policy_draws
from experiments.offline.logs import Log, Recorder

Float = npt.NDArray[np.float64]


class LoggedVectorEnv(VectorWrapper):
    """Logs every turn of a ``ChatRecVectorEnv``: ``draw`` actions from chances, then ``step`` with them.

    Example::

        env = LoggedVectorEnv(gymnasium.make_vec("ChatRec/Items-v0", num_envs=64))
        env.reset(seed=0)
        for _ in range(200):
            seen = decision(env.task, env.state)
            env.step(env.draw(policy.chances(seen)))
        log = env.log({...}, each=5)

    Args:
        env: Restarts conversations by ``"next_step"`` or not at all; its infos tell numbers.
        seed: The draws of all conversations come from it.

    Raises:
        ConfigError: It is another environment, restarts by ``"same_step"``, or has lean infos.
    """

    def __init__(self, env: Any, seed: int = 0) -> None:
        super().__init__(env)
        own = env.unwrapped
        if not isinstance(own, ChatRecVectorEnv):
            raise ConfigError(f"Only a ChatRecVectorEnv can be logged, got {type(own).__name__}.")
        if own.autoreset_mode is AutoresetMode.SAME_STEP or own._level == LEAN:
            raise ConfigError(
                "A logged environment needs autoreset_mode 'next_step' or 'disabled' and info 'numbers' or 'full': "
                "otherwise the end of a conversation is gone before it can be noted."
            )
        self._own, self.task = own, own.task
        self._seeds = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(STREAMS["log"],)))
        self._recorder = Recorder(self.task)
        self._ids = np.full(own.num_envs, -1, np.int64)  # conversation each row holds
        self._rows: list[int] = []  # row of each conversation begun
        self._draws = np.zeros((own.num_envs, self.task.manager.max_turns))
        self._over = np.ones(own.num_envs, np.bool_)
        self._drawn: npt.NDArray[Any] | None = None

    @property
    def state(self) -> Any:
        """The kernel state of all conversations."""
        return self._own.state

    def reset(self, *, seed: Any = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Begin conversations; see the environment."""
        out = self.env.reset(seed=seed, options=options)
        mask = (options or {}).get("reset_mask", np.ones(self._own.num_envs, np.bool_))
        self._begin(np.flatnonzero(mask))
        return out

    def _begin(self, rows: npt.NDArray[np.intp]) -> None:
        seeds = [int(s) for s in self._seeds.integers(0, 2**63, len(rows), np.uint64)]
        self._recorder.begin(seeds, take(self._own.state.dialogue, rows))
        self._ids[rows] = len(self._rows) + np.arange(len(rows))
        self._rows += rows.tolist()
        self._draws[rows] = policy_draws(seeds, self.task.manager.max_turns)
        self._over[rows] = False

    def draw(self, chances: Float) -> npt.NDArray[np.int64]:
        """Actions ``(N,)``, on slates ``(N, 1 + S)``, drawn from ``chances (N, W)``; to be stepped with.

        Those of conversations that have ended are of no account, as the environment's are.
        """
        state, rows = self._own.state, np.flatnonzero(~self._over)
        part = state.take(rows)
        uniforms = self._draws[rows, part.dialogue.turn]
        drawn = self._recorder.choose(
            self._ids[rows], part, chances[rows], uniforms, decision(self.task, part)
        )
        out = np.zeros((len(self._over), *drawn.shape[1:]), np.int64)
        out[rows] = drawn
        self._drawn = out
        return out

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """One turn, with the actions that were drawn.

        Raises:
            NotResetError: None were drawn.
            ConfigError: They are others: then their chances are not known.
        """
        if self._drawn is None:
            raise NotResetError(
                "A logged environment steps with actions that were drawn: call draw(chances) first."
            )
        if not np.array_equal(actions, self._drawn):
            raise ConfigError(
                "A logged environment steps with the actions that draw(chances) gave, got others."
            )
        rows = np.flatnonzero(~self._over)
        before = take(self._own.state.dialogue, rows)
        system = self.task.actions.decode(self.task.manager, before, self._drawn[rows])
        self._drawn = None
        out = self.env.step(actions)
        _, reward, terminated, truncated, info = out
        if len(rows):
            self._recorder.came(self._turn(rows, system, reward, terminated, truncated, info))
        waking = np.flatnonzero(self._over)
        self._over[rows] = (terminated | truncated)[rows]
        if len(waking):
            self._begin(waking)
        return out

    def _turn(
        self,
        rows: npt.NDArray[np.intp],
        system: SystemTurn,
        reward: Any,
        terminated: Any,
        truncated: Any,
        info: Any,
    ) -> Turn:
        d = self._own.state.dialogue
        said = d.transcript[rows, d.turn[rows]]
        click = np.where(
            info["clicked"][rows], (d.slate[rows] == info["item"][rows, None]).argmax(axis=1), -1
        )
        names = self._own.task.reward.names
        return Turn(
            system=system._replace(sentences=said[:, :-USER_SENTENCES]),
            user=UserTurn(
                click=click.astype(np.int8),
                stars=info["stars"][rows].astype(np.int8),
                leave=info["left"][rows],
                sentences=said[:, -USER_SENTENCES:],
            ),
            paid=np.stack([info[f"reward_{name}"][rows] for name in names], axis=1),
            reward=reward[rows],
            terminated=terminated[rows],
            truncated=truncated[rows],
            names=names,
        )

    def finished(self) -> int:
        """Conversations that every row has finished."""
        begun = np.bincount(np.array(self._rows, np.int64), minlength=len(self._over))
        return int((begun - ~self._over).min())

    def log(self, meta: dict[str, Any], each: int) -> Log:
        """The first ``each`` conversations of every row.

        All that have ended by some step would be too many short ones.

        Args:
            meta: See ``Log``; ``catalog``, ``env`` and ``environment`` are added: ``seed`` is that of the policy's
                draws alone, since people are drawn from the environment's own generators.
            each: At most ``finished()``.

        Raises:
            ConfigError: Some are still under way.
        """
        if each > self.finished():
            raise ConfigError(
                f"Every row has finished {self.finished()} conversations, asked for {each}. Go on."
            )
        digest = self.task.manager.catalog.digest
        told = {"env": self._own.config.to_dict(), "catalog": digest, "environment": True, **meta}
        seen = np.zeros(len(self._over), np.int64)
        wanted = []
        for i, row in enumerate(self._rows):
            seen[row] += 1
            if seen[row] <= each:
                wanted.append(i)
        return self._recorder.log(told, np.array(wanted))


def record_env(env: Any, policy: Policy, conversations: int, meta: dict[str, Any], seed: int = 0) -> Log:
    """Log a policy in a vector environment: so many conversations, up to a whole number for each row.

    Args:
        env: See ``LoggedVectorEnv``.
        policy: Who decides.
        conversations: At least.
        meta: See ``Log``.
        seed: Of the people and of the draws.
    """
    logged = LoggedVectorEnv(env, seed)
    logged.reset(seed=seed)
    each = -(-conversations // logged.num_envs)
    while logged.finished() < each:
        logged.step(logged.draw(chances_of(policy, decision(logged.task, logged.state))))
        if logged._own.autoreset_mode is AutoresetMode.DISABLED and logged._over.any():
            logged.reset(options={"reset_mask": logged._over.copy()})
    return logged.log(meta, each)
