"""``chatrec what-if``: what every other action of a turn would have led to, with the same person in the same mood."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import tyro

from agents.base import conversations, decision
from agents.export import check_single
from chatrec_env.core.kernel import State, step_batch
from chatrec_env.envs.rendering import conversation
from chatrec_env.errors import ConfigError
from experiments.cli.options import EnvOptions, check_least, id_of, named_options
from experiments.cli.progress import Meter
from experiments.conversations.logged import held_again, log_at, logged_conversation
from experiments.conversations.tracing import option_label
from experiments.conversations.watch import choose_policy
from experiments.evaluate.evaluate import Contender, task_of
from experiments.evaluate.rollout import meet, people_seeds, policy_draws
from experiments.offline.logs import Log
from experiments.report.documents import FORMAT
from experiments.report.grid import Grid, number
from experiments.report.study import show

UNSEEN, LOGGED = ("agent", "person", "seed"), ("episode",)
"""Options of a conversation that is held for the first time, and of one in a log."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WhatIfConfig(EnvOptions):
    """From one turn of a conversation: what every legal action would have led to, with the same draws.

    All randomness of a conversation is drawn at its start. So the person, their moods and their choices are the
    same in every branch, and differences between branches are due to the one action alone. After it the policy goes on
    as it would. This is one person: what is best here need not be best for people in general.

    Of a log (`chatrec log`), a conversation is taken that was held: it is held once more, everything is compared with
    what was logged, bit for bit, and then the policy that was logged goes on after the other action. A log of another
    catalogue, another policy or another version of chatrec is refused.

    Attributes:
        policy: A run folder, a policy folder, or the name of a heuristic; or the folder of a log.
        agent: Which policy of a run folder that holds several, e.g. ppo.
        turn: The turn at which to branch, from 1.
        action: Try this action alone beside the one that was taken, by its number or by its name in the table.
        person: Which of the unseen people, from 0.
        seed: Which people.
        episode: Of a log: which conversation, from 0, as the Minari dataset counts.
        json: Print the table as JSON.
    """

    policy: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="POLICY")]
    agent: Annotated[str | None, tyro.conf.arg(metavar="NAME", help_behavior_hint="")] = None
    turn: int = 1
    action: Annotated[str | None, tyro.conf.arg(metavar="ACTION", help_behavior_hint="")] = None
    person: int = 0
    seed: int = 0
    episode: int = 0
    json: bool = False

    def __post_init__(self) -> None:
        check_least(self, seed=0, turn=1, person=0, episode=0)

    def check_of(self, folder: Path | None) -> None:
        """Refuse options of the other kind of conversation.

        Raises:
            ConfigError: Names the first such option.
        """
        for name in LOGGED if folder is None else UNSEEN:
            if name in named_options(self):
                told = "no log: it has no episodes" if folder is None else "a log: name its --episode instead"
                raise ConfigError(f"--{name} has no effect: {self.policy} is {told}.")


@dataclass(frozen=True, slots=True)
class Moment:
    """A turn of a conversation at which to branch.

    Attributes:
        state: Before it, of one conversation.
        taken: The action that was taken.
        seed: The conversation's.
    """

    state: State
    taken: int
    seed: int

    @property
    def turn(self) -> int:
        """Which turn, from 1."""
        return int(self.state.dialogue.turn[0]) + 1


@dataclass(frozen=True, slots=True)
class Branch:
    """What one action led to.

    Attributes:
        action: Its number.
        name: In words.
        taken: Whether it was taken.
        reward: Of the turn itself.
        later: Sum of the rewards after it, undiscounted.
        accepted: Items accepted from this turn on.
        turns: Turns from this one on.
        reply: What the person answered.
    """

    action: int
    name: str
    taken: bool
    reward: float
    later: float
    accepted: int
    turns: int
    reply: str

    @property
    def total(self) -> float:
        """The return from this turn on."""
        return self.reward + self.later


def met(contender: Contender, seed: int, at: int) -> Moment:
    """Turn ``at`` (from 1) of the conversation with the person of a seed.

    Raises:
        ConfigError: Slates are recommended, or the conversation was over before that turn.
    """
    check_single(contender.env)
    task, draws = task_of(contender), policy_draws([seed], contender.env.max_turns)[0]

    def act(state: State) -> npt.NDArray[np.int64]:
        return contender.policy.act(decision(task, state), draws[state.dialogue.turn])

    state = meet(task, [seed])
    for turn in range(1, at):
        step = step_batch(task, state, act(state))
        if step.terminated[0] or step.truncated[0]:
            raise ConfigError(
                f"The conversation ended with turn {turn}, so there is no turn {at}. Use --turn 1 to {turn}."
            )
    return Moment(state, int(act(state)[0]), seed)


def logged(contender: Contender, log: Log, at: int) -> Moment:
    """Turn ``at`` (from 1) of a conversation in a log; see ``held_again``."""
    check_single(contender.env)
    state = held_again(task_of(contender), log, at)
    return Moment(state, int(log.turns["action"][at - 1]), int(log.people["seed"][0]))


def branches(contender: Contender, moment: Moment, action: str | None = None) -> list[Branch]:
    """Every legal action at this moment, or one beside the one that was taken; best first.

    Args:
        contender: Who goes on after it.
        moment: The turn.
        action: The one, by its number or its name.

    Raises:
        ConfigError: The simulated users do not answer the same draws alike, or there is no such action.
    """
    task, policy, at = task_of(contender), contender.policy, moment.turn
    if not task.users.deterministic:
        raise ConfigError(
            f"Users {task.users.name!r} do not answer the same draws alike: branches would differ by chance. "
            "Use scripted users, or recorded ones."
        )
    draws, state = policy_draws([moment.seed], task.manager.max_turns)[0], moment.state
    seen = decision(task, state)
    names = {int(a): option_label(task, seen, int(a)) for a in np.flatnonzero(seen.mask[0])}
    tried = np.array([a for a in names if action is None or a in (moment.taken, number_of(action, names))])
    before = int(state.dialogue.clicks[0])
    many = state.take(np.zeros(len(tried), np.intp))
    reward, later = np.zeros((2, len(tried)))
    clicks, turns = np.zeros((2, len(tried)), np.int64)
    replies = [""] * len(tried)

    def branch(rows: npt.NDArray[np.intp], state: State) -> npt.NDArray[np.int64]:
        if int(state.dialogue.turn[0]) == at - 1:
            return tried[rows]
        return policy.act(decision(task, state), draws[state.dialogue.turn])

    for rows, after, step in conversations(task, many, branch):
        if int(after.dialogue.turn[0]) == at:
            reward[rows] = step.reward
            for place, row in enumerate(rows):
                said = conversation(task, after, place)
                replies[row] = said[-1][1] if said[-1][0] == "person" else ""
        else:
            later[rows] += step.reward
        clicks[rows], turns[rows] = after.dialogue.clicks - before, after.dialogue.turn - (at - 1)
    found = [
        Branch(a, names[a], a == moment.taken, float(reward[i]), float(later[i]), int(clicks[i]), int(turns[i]),
               replies[i])
        for i, a in enumerate(tried.tolist())
    ]  # fmt: skip
    return sorted(found, key=lambda b: -b.total)


def number_of(action: str, names: dict[int, str]) -> int:
    """The legal action of this number or name.

    Raises:
        ConfigError: There is none.
    """
    known = {name: number for number, name in names.items()} | {str(number): number for number in names}
    if action not in known:
        raise ConfigError(f"No legal action {action!r} at this turn. There are: {'; '.join(known)}.")
    return known[action]


def make_document(contender: Contender, whose: str, moment: Moment, found: list[Branch]) -> dict[str, Any]:
    """The branches as plain JSON data; ``whose`` says which conversation it is."""
    rows = [{**asdict(b), "return": b.total} for b in found]
    return {
        "format": FORMAT,
        "policy": contender.name,
        "env": id_of(contender.env),
        "conversation": whose,
        "person": moment.seed,
        "turn": moment.turn,
        "rows": rows,
    }


def grid_of(document: dict[str, Any]) -> Grid:
    """The table for people; what the policy did stands out."""
    taken = next(row["name"] for row in document["rows"] if row["taken"])
    out = Grid(
        ("action", "return", "now", "later", "accepted", "turns", "the person's answer"),
        title=f"Turn {document['turn']} of {document['policy']} with {document['conversation']}",
        caption=f"return: from this turn on; the same draws in every branch; the policy did this: {taken}",
        text=(6,),
    )
    for row in document["rows"]:
        figures = (number(row[key]) for key in ("return", "reward", "later"))
        out.add(row["name"], *figures, row["accepted"], row["turns"], row["reply"], bold=row["taken"])
    return out


def what_if(config: WhatIfConfig) -> int:
    """Run the command; returns its exit code."""
    meter, folder = Meter(), log_at(Path(config.policy))
    config.check_of(folder)
    with meter.work("Loading the policy, the catalogue and the sentence encoder"):
        if folder is None:
            contender, _ = choose_policy(config.policy, config.agent, config)
            moment = met(contender, people_seeds("eval", config.seed, config.person + 1)[-1], config.turn)
            whose = f"person {moment.seed}"
        else:
            contender, log = logged_conversation(folder, config.episode, config)
            moment = logged(contender, log, config.turn)
            whose = f"episode {config.episode} of {folder}, held again as it was logged"
    with meter.work("Holding every branch"):
        document = make_document(contender, whose, moment, branches(contender, moment, config.action))
    show(document, [grid_of(document)], json=config.json)
    return 0
