"""``chatrec what-if``: what every other action of a turn would have led to, with the same person in the same mood."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import tyro

from agents.base import conversations, decision
from agents.export import check_single
from chatrec_env.core.kernel import State, step_batch
from chatrec_env.envs.rendering import conversation
from chatrec_env.errors import ConfigError
from experiments.cli.options import EnvOptions, check_least, id_of
from experiments.cli.progress import Meter
from experiments.conversations.tracing import option_label
from experiments.conversations.watch import choose_policy
from experiments.evaluate.evaluate import Contender, task_of
from experiments.evaluate.rollout import meet, people_seeds, policy_draws
from experiments.report.documents import FORMAT
from experiments.report.grid import Grid, number
from experiments.report.study import show


@dataclass(frozen=True, kw_only=True, slots=True)
class WhatIfConfig(EnvOptions):
    """From one turn of a conversation: what every legal action would have led to, with the same draws.

    All randomness of a conversation is drawn at its start. So the person, their moods and their choices are the
    same in every branch, and differences between branches are due to the one action alone. After it the policy goes on
    as it would. This is one person: what is best here need not be best for people in general.

    Attributes:
        policy: A run folder, a policy folder, or the name of a heuristic.
        agent: Which policy of a run folder that holds several, e.g. ppo.
        turn: The turn at which to branch, from 1.
        person: Which of the unseen people, from 0.
        seed: Which people.
        json: Print the table as JSON.
    """

    policy: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="POLICY")]
    agent: Annotated[str | None, tyro.conf.arg(metavar="NAME", help_behavior_hint="")] = None
    turn: int = 1
    person: int = 0
    seed: int = 0
    json: bool = False

    def __post_init__(self) -> None:
        check_least(self, seed=0, turn=1, person=0)


@dataclass(frozen=True, slots=True)
class Branch:
    """What one action led to.

    Attributes:
        action: Its number.
        name: In words.
        taken: Whether the policy took it.
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


def branches(contender: Contender, seed: int, at: int) -> list[Branch]:
    """Every legal action at turn ``at`` (from 1) of the conversation with this person, best first.

    Raises:
        ConfigError: If the conversation was over before that turn, or the simulated users do not answer the same draws
            alike.
    """
    check_single(contender.env)
    task, policy = task_of(contender), contender.policy
    if not task.users.deterministic:
        raise ConfigError(
            f"Users {task.users.name!r} do not answer the same draws alike: branches would differ by chance. "
            "Use scripted users, or recorded ones."
        )
    draws = policy_draws([seed], task.manager.max_turns)[0]

    def act(rows: npt.NDArray[np.intp], state: State) -> npt.NDArray[np.int64]:
        return policy.act(decision(task, state), draws[state.dialogue.turn])

    state = meet(task, [seed])
    for turn in range(1, at):
        step = step_batch(task, state, act(np.arange(1), state))
        if step.terminated[0] or step.truncated[0]:
            raise ConfigError(
                f"The conversation ended with turn {turn}, so there is no turn {at}. Use --turn 1 to {turn}."
            )
    seen = decision(task, state)
    taken, legal = int(act(np.arange(1), state)[0]), np.flatnonzero(seen.mask[0])
    names = [option_label(task, seen, int(a)) for a in legal]
    before = int(state.dialogue.clicks[0])
    many = state.take(np.zeros(len(legal), np.intp))
    reward, later = np.zeros((2, len(legal)))
    clicks, turns = np.zeros((2, len(legal)), np.int64)
    replies = [""] * len(legal)

    def branch(rows: npt.NDArray[np.intp], state: State) -> npt.NDArray[np.int64]:
        return legal[rows] if int(state.dialogue.turn[0]) == at - 1 else act(rows, state)

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
        Branch(int(a), names[i], int(a) == taken, float(reward[i]), float(later[i]), int(clicks[i]), int(turns[i]),
               replies[i])
        for i, a in enumerate(legal)
    ]  # fmt: skip
    return sorted(found, key=lambda b: -b.total)


def make_document(contender: Contender, seed: int, at: int, found: list[Branch]) -> dict[str, Any]:
    """The branches as plain JSON data."""
    rows = [{**asdict(b), "return": b.total} for b in found]
    return {
        "format": FORMAT,
        "policy": contender.name,
        "env": id_of(contender.env),
        "person": seed,
        "turn": at,
        "rows": rows,
    }


def grid_of(document: dict[str, Any]) -> Grid:
    """The table for people; what the policy did stands out."""
    taken = next(row["name"] for row in document["rows"] if row["taken"])
    out = Grid(
        ("action", "return", "now", "later", "accepted", "turns", "the person's answer"),
        title=f"Turn {document['turn']} of {document['policy']} with person {document['person']}: every legal action",
        caption=f"return: from this turn on; the same draws in every branch; the policy did this: {taken}",
        text=(6,),
    )
    for row in document["rows"]:
        figures = (number(row[key]) for key in ("return", "reward", "later"))
        out.add(row["name"], *figures, row["accepted"], row["turns"], row["reply"], bold=row["taken"])
    return out


def what_if(config: WhatIfConfig) -> int:
    """Run the command; returns its exit code."""
    meter = Meter()
    with meter.work("Loading the policy, the catalogue and the sentence encoder"):
        contender, _ = choose_policy(config.policy, config.agent, config)
        seed = people_seeds("eval", config.seed, config.person + 1)[-1]
    with meter.work("Holding every branch"):
        document = make_document(contender, seed, config.turn, branches(contender, seed, config.turn))
    show(document, [grid_of(document)], json=config.json)
    return 0
