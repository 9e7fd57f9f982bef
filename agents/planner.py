"""Oracles: policies that know the users' true utilities, upper bounds for every agent. One is myopic, one plans.

Both ask ``users.utility``, which no agent can; see ``OraclePolicy``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from agents.base import check_integers, check_numbers
from chatrec_env.core.actions import ItemActions
from chatrec_env.core.kernel import State, Task, step_batch
from chatrec_env.core.records import take
from chatrec_env.core.user_simulator import Appraisable
from chatrec_env.errors import ConfigError, UnknownNameError
from chatrec_env.retrieval.ranking import EXCLUDED

FUTURES = ("fresh", "own")
"""Whose draws a planner tries its actions in; see ``Planner``."""

Float = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannerConfig:
    """How hard the planner thinks.

    Attributes:
        draws: ``"fresh"`` or ``"own"``; see ``Planner``.
        screen: Futures that every legal action is tried in.
        finalists: Actions that go on from there, the myopic one always among them.
        futures: Further futures that the finalists are tried in; these alone decide.
        caution: Standard errors by which an action must beat the myopic one to be taken instead of it.
        together: Conversations that are stepped side by side, for memory.
        seed: Seed of the fresh draws.
    """

    draws: str = "fresh"
    screen: int = 2
    finalists: int = 4
    futures: int = 10
    caution: float = 1.0
    together: int = 4096
    seed: int = 0

    def __post_init__(self) -> None:
        if self.draws not in FUTURES:
            raise UnknownNameError("draws of a planner", self.draws, FUTURES)
        check_integers("planner", self, screen=1, finalists=2, futures=2, together=1, seed=0)
        check_numbers("planner", self, caution="[0, 10]")


class Oracle:
    """Recommends the candidate of highest true utility, which no agent can know; does not look ahead.

    A question about an item that is worth as much or more is answered, so that the item can be taken.

    Args:
        task: A task with item actions and users whose utilities can be asked (scripted ones).

    Raises:
        ConfigError: If it has other actions or users.
    """

    name = "oracle"

    def __init__(self, task: Task) -> None:
        if not isinstance(task.actions, ItemActions):
            raise ConfigError(
                f"Oracles need actions that name candidates, got {', '.join(task.actions.names[:3])}, ... Use "
                "ChatRec/Items-v0."
            )
        if not isinstance(task.users, Appraisable):
            raise ConfigError(
                "Oracles ask users what items are worth to them, which "
                f'users={task.users.name!r} cannot tell. Use users="scripted".'
            )
        self._task, self._users = task, task.users

    def act_on(self, state: State) -> npt.NDArray[np.int64]:
        """Actions ``(N,)``, from the whole state."""
        dialogue = state.dialogue
        worth = self._users.utility(state.people, dialogue.candidates)
        worth[dialogue.scores <= EXCLUDED / 2] = -np.inf
        best: npt.NDArray[np.int64] = worth.argmax(1) + self._task.actions.fallback
        if not self._task.manager.talks:
            return best
        memory, table = dialogue.memory, dialogue.slate[:, :1]
        table = np.where(table < 0, memory.asked_item[:, None], table)
        kept = np.where(table < 0, -np.inf, self._users.utility(state.people, np.maximum(table, 0)))[:, 0]
        answers = (memory.question > 0) & (kept >= worth.max(1))
        return np.where(answers, self._task.actions.names.index("answer"), best)


class Planner:
    """Tries every action in imagined futures, on the kernel itself, and takes the one that does best.

    A rollout algorithm (Tesauro and Galperin, 1996; Bertsekas, Tsitsiklis and Wu, 1997): one step of policy
    improvement on ``Oracle``, which is what every imagined conversation goes on with, to its end. All actions
    are tried in the same futures (common random numbers), so their differences are sharp; with two stages, since
    most actions are soon seen to be poor: all of them in ``screen`` futures, then the best few in ``futures``
    further ones, which alone decide, so that luck in the first stage counts for nothing. Another action than the
    myopic one must be better by ``caution`` standard errors.

    What it knows, and what its return therefore is:

    * ``draws="fresh"`` knows the person: tastes, satiation, satisfaction, patience, and the rules by which they
      change; but not their mood, the uniforms that decide what a click with chance 0.6 becomes. Futures are drawn
      anew at every turn. This is a policy of the decision process whose state is fully visible, so what it reaches is
      a *lower* bound on what the best such policy reaches. As it knows more than any agent sees, it tells how much a
      scenario holds; as it improves its base by a single step, not all of it.
    * ``draws="own"`` knows the mood too: futures are the uniforms this very conversation will use, tried once each.
      It avoids bad luck, which no policy can, so it is a clairvoyant bound (information relaxation; Brown, Smith and
      Sun, 2010): its advantage is mostly foresight of noise and shows in ``null`` as well. ``screen``, ``finalists``,
      ``futures`` and ``caution`` do not matter.

    In ``null`` a planner with fresh draws has nothing to gain: the best candidate now is the best action whatever is
    to come, so that any other choice is a mistake of its own sampling, which ``caution`` keeps rare.

    Fresh draws are a function of ``seed``, the conversation's own draws and the turn: the same conversation is
    planned alike in any batch.

    Args:
        task: As of ``Oracle``.
        config: How hard it thinks.

    Raises:
        ConfigError: As ``Oracle``.
    """

    name = "planner"

    def __init__(self, task: Task, config: PlannerConfig | None = None) -> None:
        self.config, self._task, self._base = config or PlannerConfig(), task, Oracle(task)

    def act_on(self, state: State) -> npt.NDArray[np.int64]:
        """Actions ``(N,)``, from the whole state."""
        c = self.config
        widest = self._task.actions.n if c.draws == "own" else self._task.actions.n * c.screen
        n = max(1, c.together // max(widest, c.finalists * c.futures))
        parts = [
            self._plan(state.take(np.arange(start, min(start + n, len(state)))))
            for start in range(0, len(state), n)
        ]
        return np.concatenate(parts) if parts else np.zeros(0, np.int64)

    def _plan(self, state: State) -> npt.NDArray[np.int64]:
        c, task = self.config, self._task
        every = np.arange(len(state))
        base = self._base.act_on(state)
        legal = task.actions.mask(state.dialogue, task.manager.view(state.dialogue))
        if c.draws == "own":
            worth = self.returns(state, legal, state.draws[:, None])[:, :, 0]
            best = worth.argmax(1)
            # Of equals the myopic one, so that a choice that does not matter is not a mistake.
            return np.where(worth[every, best] > worth[every, base], best, base)
        draws = imagined_draws(state, c.screen + c.futures, c.seed)
        worth = self.returns(state, legal, draws[:, : c.screen]).mean(2)
        worth[every, base] = np.inf
        finalists = np.zeros_like(legal)
        chosen = np.argsort(-worth, axis=1, kind="stable")[:, : c.finalists]
        finalists[every[:, None], chosen] = True
        finalists &= legal
        worth = self.returns(state, finalists, draws[:, c.screen :])
        gain = np.where(finalists[:, :, None], worth - worth[every, base][:, None], 0.0)
        mean, error = gain.mean(2), gain.std(2, ddof=1) / np.sqrt(c.futures)
        sure = np.where(finalists, mean - c.caution * error, -np.inf)
        best = sure.argmax(1)
        return np.where(sure[every, best] > 0, best, base)

    def returns(self, state: State, tried: npt.NDArray[np.bool_], draws: Float) -> Float:
        """Returns from here on ``(N, n_actions, S)`` of each action ``tried (N, n_actions)`` in each future.

        Args:
            state: Conversations.
            tried: Which actions; the others get -inf.
            draws: (N, S, max_turns, draws of a turn) the futures.
        """
        who, action = np.nonzero(tried)
        n_futures = draws.shape[1]
        rows, future = np.repeat(who, n_futures), np.tile(np.arange(n_futures), len(who))
        imagined = State(take(state.dialogue, rows), take(state.people, rows), draws[rows, future])
        worth = np.full((*tried.shape, n_futures), -np.inf)
        worth[who, action] = self._finish(imagined, np.repeat(action, n_futures)).reshape(-1, n_futures)
        return worth

    def _finish(self, state: State, actions: npt.NDArray[np.int64]) -> Float:
        """Returns ``(n,)`` of conversations that take these actions now and go on as the base policy would."""
        out, rows = np.zeros(len(state)), np.arange(len(state))
        while True:
            turn = step_batch(self._task, state, actions)
            out[rows] += turn.reward
            going = np.flatnonzero(~(turn.terminated | turn.truncated))
            if not len(going):
                return out
            if len(going) < len(rows):
                rows, state = rows[going], state.take(going)
            actions = self._base.act_on(state)


def imagined_draws(state: State, futures: int, seed: int) -> Float:
    """Draws of imagined futures ``(N, futures, max_turns, draws of a turn)``.

    They are a function of ``seed``, the conversation's own draws and its turn, and tell nothing of the draws to come.
    """
    shape = (futures, *state.draws.shape[1:])
    out = np.empty((len(state), *shape))
    for row, turn in enumerate(state.dialogue.turn.tolist()):
        own = hashlib.blake2b(np.ascontiguousarray(state.draws[row]).tobytes(), digest_size=8).digest()
        sequence = np.random.SeedSequence((seed, int.from_bytes(own, "little"), turn))
        out[row] = np.random.default_rng(sequence).random(shape)
    return out
