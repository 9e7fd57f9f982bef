"""The same people, played by one simulator or another: what they said, did and thought, person by person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from agents.base import Policy, conversations, decision
from chatrec_env.core.kernel import State, Task, step_batch
from chatrec_env.core.user_simulator import USER_SENTENCES, MeteredUsers
from chatrec_env.envs.config import EnvConfig
from chatrec_env.errors import ConfigError
from chatrec_env.language.acts import UserAct
from experiments.evaluate.rollout import meet, policy_draws
from simulators.fidelity import same_answer
from simulators.llm.config import LLMConfig
from simulators.llm.users import METERS, LLMUsers
from simulators.llm.wording.acts import clause
from simulators.llm.wording.checking import meaning, stated
from simulators.llm.wording.examples import is_scripted
from simulators.llm.wording.leaks import TitleGuard
from simulators.scripted.choice import sigmoid

if TYPE_CHECKING:
    from chatrec_env.language import SentenceTable
    from experiments.cli.progress import Work

CHUNK = 16
"""People who talk at the same time, where a model answers several at once."""

GOOD = 0.08
"""Share of the catalogue, best first, that a person's good items are drawn from."""

Float = npt.NDArray[np.float64]


class Wording(NamedTuple):
    """What a person said, beside what it puts in a language model's words: a sentence, or a whole turn."""

    heard: str  # what the system said just before; empty at the opening
    act: str  # what the person does, in clauses
    scripted: str  # the scripted wording
    said: str
    by: str  # "model"; "grammar" where it took another of the grammar's wordings, "scripted" where it took this one


@dataclass(slots=True)
class Life:
    """One person, as one simulator plays them.

    Attributes:
        said: What they said, turn by turn, the opening first.
        heard: What the system said in between.
        acts: Turns in which each ``UserAct`` was read, (A,) int64.
        stars: Their ratings, in order.
        shown: Items suggested.
        clicked: Items accepted.
        earned: Return of the conversation.
        leaked: Turns that name a title which neither the meant sentence nor the system had named, words for a stated
            wish aside.
        worded: Turns a language model worded, or tried to.
        wordings: What it made of the scripted wordings, one by one.
        bill: What it took, by ``METERS``.
        alike: How alike two answers to the same question were, in [0, 1].
        contradicted: Whether one wanted what the other refused.
        appeal: Utility less threshold of the probe items, (P,), in logits; empty if there are none.
        judged: The language model's share of it; empty if it judges nothing.
        accepts: Chance of accepting each probe item, (P,).
    """

    said: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    acts: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(UserAct), np.int64))
    stars: list[int] = field(default_factory=list)
    shown: int = 0
    clicked: int = 0
    earned: float = 0.0
    leaked: int = 0
    worded: int = 0
    wordings: list[Wording] = field(default_factory=list)
    bill: dict[str, float] = field(default_factory=dict)
    alike: float = float("nan")
    contradicted: bool = False
    appeal: Float = field(default_factory=lambda: np.zeros(0))
    judged: Float = field(default_factory=lambda: np.zeros(0))
    accepts: Float = field(default_factory=lambda: np.zeros(0))


def played_by(env: EnvConfig, users: str | dict[str, Any]) -> Task:
    """The task of an environment with other people."""
    from chatrec_env.envs.task import make_task

    return make_task(replace(env, users=users))


def speaking(users: str | dict[str, Any], *, replay: bool) -> dict[str, Any]:
    """The language model's users with their recording named, so that a second run finds it.

    Raises:
        ConfigError: These are not users of the LLM user simulator.
    """
    from simulators.llm.backends import default_recording, make_backend

    told = dict(users) if isinstance(users, dict) else {"name": users}
    if told.get("name") != "llm":
        raise ConfigError(
            f"--users must name the LLM user simulator, got {users!r}. Example: --users "
            '\'{"name": "llm", "backend": "llamacpp", "mode": "full"}\''
        )
    options = {key: value for key, value in told.items() if key != "name"}
    if replay and not options.get("recording"):
        options["recording"] = str(default_recording(make_backend(LLMConfig.create(options))))
    if replay:
        options["replay"] = True
    LLMConfig.create(options)  # wrong options are told before anything is loaded
    return {"name": "llm", **options}


def as_asked(users: dict[str, Any]) -> dict[str, Any]:
    """The options of users that their answers depend on: not where these are recorded."""
    return {key: value for key, value in users.items() if key not in ("replay", "recording")}


def together(task: Task) -> int:
    """How many people talk at the same time: one by one where the model gains nothing, so that progress shows."""
    users = task.users
    if not isinstance(users, LLMUsers):
        return 256
    return CHUNK if users.backend.capabilities.batch else 1


def choose_probes(task: Task, seeds: Sequence[int], n: int) -> npt.NDArray[np.int32]:
    """Items each person is asked about besides the conversation, ``(N, n)``: half good ones, half random ones.

    Args:
        task: With scripted people: what is good is good by their utilities.
        seeds: The people.
        n: Items a person, even.
    """
    n_items = task.manager.catalog.n_items
    out = np.zeros((len(seeds), n), np.int32)
    for start in range(0, len(seeds), 256):
        part = list(seeds[start : start + 256])
        utility = task.users.reveal(meet(task, part).people)["utility"]
        best = np.argsort(-utility, axis=1, kind="stable")[:, : max(n, int(GOOD * n_items))]
        for row, seed in enumerate(part):
            rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(9,)))
            good = rng.permutation(best[row])[: n // 2]
            rest = np.setdiff1d(np.arange(n_items), good)
            out[start + row] = np.concatenate([good, rng.permutation(rest)[: n - n // 2]])
    return out


def play(
    task: Task, policy: Policy, seeds: Sequence[int], probes: npt.NDArray[np.int32], work: Work
) -> list[Life]:
    """Hold one conversation with each person, ask one question twice, and have them judge the probe items."""
    guard = TitleGuard.of(task.manager.catalog)
    lives: list[Life] = []
    size = together(task)
    for start in range(0, len(seeds), size):
        part = list(seeds[start : start + size])
        state = meet(task, part)
        some = [Life() for _ in part]
        if probes.shape[1]:
            _judge(task, state, some, probes[start : start + size])
        if task.manager.max_turns > 1:
            _ask_twice(task, state, some)
        _converse(task, policy, state, some, part, guard)
        for life in some:
            for text in life.said:
                told = {act.act for act in task.manager.table.parser.parse(text)}
                life.acts[[int(act) for act in told]] += 1
        lives += some
        work.add(len(part))
    return lives


def _converse(
    task: Task, policy: Policy, state: State, lives: list[Life], seeds: list[int], guard: TitleGuard
) -> None:
    own = policy_draws(seeds, task.manager.max_turns)
    named: list[set[int]] = [set() for _ in lives]
    _listen(task, state, state.dialogue.transcript[:, 0, -USER_SENTENCES:], lives, named, guard)
    for rows, now, turn in conversations(
        task, state, lambda rows, now: policy.act(decision(task, now), own[rows, now.dialogue.turn])
    ):
        here = [lives[r] for r in rows]
        for i, life in enumerate(here):
            life.heard.append(task.manager.table.texts(turn.system.sentences[i : i + 1])[0])
            items = {int(item) for item in turn.system.slate[i] if item >= 0}
            named[rows[i]] |= items
            life.shown += len(items)
            life.clicked += int(turn.user.click[i] >= 0)
            life.earned += float(turn.reward[i])
            if turn.user.stars[i] > 0:
                life.stars.append(int(turn.user.stars[i]))
        _listen(task, now, turn.user.sentences, here, [named[r] for r in rows], guard)
        if isinstance(task.users, MeteredUsers):
            for name, values in task.users.meter(now.people).items():
                for life, value in zip(here, values, strict=True):
                    life.bill[name.removeprefix("llm_")] = float(value)


def _listen(
    task: Task,
    state: State,
    sentences: npt.NDArray[np.int64],
    lives: list[Life],
    named: list[set[int]],
    guard: TitleGuard,
) -> None:
    """Take down what was said, and whether it names what it should not."""
    people: Any = state.people
    llm = task.users if isinstance(task.users, LLMUsers) else None
    for i, text in enumerate(task.manager.table.texts(sentences)):
        life = lives[i]
        if not text:
            continue
        life.said.append(text)
        if llm is None:
            continue
        meant = task.manager.table.texts(people.meant[i : i + 1])[0]
        goals = [int(item) for item in people.goals[i]]
        told = [act for s in people.meant[i] if s >= 0 for act in task.manager.table.acts(int(s))]
        wishes = stated(meaning(told))
        life.leaked += bool(guard.leaks(text, meant=meant, goals=goals, allowed=named[i], wishes=wishes))
        if llm.writer is not None:
            life.worded += 1
            heard = life.heard[-1] if life.heard else ""
            life.wordings += _wordings(
                task, heard, people.meant[i], sentences[i], one_by_one=llm.writer.by_sentence
            )


def _wordings(
    task: Task,
    heard: str,
    meant: npt.NDArray[np.int64],
    said: npt.NDArray[np.int64],
    *,
    one_by_one: bool,
) -> list[Wording]:
    """The sentences ``(4,)`` of one turn beside those they word, ``-1`` where there is none."""
    table = task.manager.table
    told = meant >= 0
    parts = [(meant[i : i + 1], said[i : i + 1]) for i in np.flatnonzero(told)]
    if not one_by_one:
        parts = [(meant[told], said[said >= 0])]
    return [
        Wording(
            heard,
            " and ".join(clause(table.grammar, *table.grammar.describe(int(s))[:2]) for s in before),
            table.texts(before[None])[0],
            table.texts(after[None])[0],
            _by(table, before, after),
        )
        for before, after in parts
    ]


def _by(table: SentenceTable, meant: npt.NDArray[np.int64], said: npt.NDArray[np.int64]) -> str:
    """Who put a sentence or a turn so: the script, the grammar in another of its wordings, or the model."""
    text = table.texts(said[None])[0]
    if text == table.texts(meant[None])[0]:
        return "scripted"
    copied = len(meant) == 1 and is_scripted(table.grammar, int(meant[0]), text)
    return "grammar" if copied else "model"


def question_actions(task: Task, state: State) -> npt.NDArray[np.int64]:
    """The action ``(N,)`` that asks the question whose answer would tell most."""
    names = task.actions.names
    if "ask" in names:
        return np.full(len(state), names.index("ask"), np.int64)
    facets = task.manager.catalog.facets
    best = task.manager.beliefs.most_informative_facet(state.dialogue)
    return np.array([names.index(f"ask:{facets[f].name}") for f in best], np.int64)


def _ask_twice(task: Task, state: State, lives: list[Life]) -> None:
    """Put the same question to the same person in two moments of the same mood; what they answer is compared."""
    asked = question_actions(task, state)
    answers = []
    for moment in (0, 1):
        branch = state.copy()
        branch.draws[:, 0] = state.draws[:, moment]
        answers.append(step_batch(task, branch, asked).user.sentences)
    for life, one, other in zip(lives, *answers, strict=True):
        life.alike, life.contradicted = same_answer(_named(task, one), _named(task, other))


def _named(task: Task, sentences: npt.NDArray[np.int64]) -> frozenset[tuple[int, int]]:
    acts = [act for i in sentences if i >= 0 for act in task.manager.table.acts(int(i))]
    return frozenset((act.value, act.polarity) for act in acts if act.value >= 0 and act.polarity)


def _judge(task: Task, state: State, lives: list[Life], items: npt.NDArray[np.int32]) -> None:
    """What each person thinks of the probe items before anything else was shown."""
    people, users = state.people, task.users
    utility = users.utility(people, items)  # type: ignore[attr-defined]
    known = users.reveal(people)
    appeal = utility - known["threshold"][:, None]
    looks = 0.5 + 0.5 * known["trust"][:, None]
    accepts = sigmoid(appeal + np.log(np.maximum(looks, 1e-9)))  # a slate of one that is not known yet
    judges = isinstance(users, LLMUsers) and users.judge is not None
    own = appeal - users.base.in_code(people.person, items) if judges else None  # type: ignore[attr-defined]
    for i, life in enumerate(lives):
        life.appeal, life.accepts = appeal[i], accepts[i]
        if own is not None:
            life.judged = own[i]


def bills(lives: Sequence[Life]) -> Float:
    """What each person took, ``(N, METERS)``; zero where nothing was metered."""
    return np.array([[life.bill.get(name, 0.0) for name in METERS] for life in lives])
