"""What a policy does to people, whatever it was paid: yardsticks, habits, and what its own reward came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from agents.base import Policy, conversations, decision
from chatrec_env.core.kernel import State, Task, Turn
from chatrec_env.core.records import take
from chatrec_env.core.rewards import Outcome, RewardConfig, reward
from chatrec_env.language.forms import Form
from chatrec_env.language.grammar import Grammar
from chatrec_env.shaping.entries import TERMS
from experiments.evaluate.rollout import meet, policy_draws

Float = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of one conversation.

    Attributes:
        label: What tables call it.
        about: What it is.
        margin: Differences up to this count as none.
        decimals: Digits of a table.
    """

    label: str
    about: str
    margin: float
    decimals: int = 2


YARDSTICKS = {
    "return": Measure("return", "of the default reward, unshaped and undiscounted", 0.25),
    "satisfaction": Measure("satisfaction", "the person's own, in [-1, 1], mean over the turns", 0.05),
    "content": Measure("content", "share of people whose own satisfaction is above 0 at the end", 0.05),
    "rating": Measure("rating", "mean stars of accepted items", 0.1),
    "retention": Measure("retention", "how often people came back after a goodbye", 0.1),
}
"""How well people fare. No reward of a study changes what they are."""

HABITS = {
    "questions": Measure("questions", "share of the turns that ask or confirm", 0.1),
    "diversity": Measure("diversity", "mean of 1 less the cosine, in factors, of any two items shown", 0.05),
    "turns": Measure("turns", "length of the conversation", 1.0, 1),
    "apologies": Measure("apologies", "share of the turns in which the system says sorry", 0.05),
}
"""How a policy goes about it."""

MEASURES = {**YARDSTICKS, **HABITS}
PAID = "paid"
"""Key of the return under the reward that was trained on, discounted as the learner discounts."""


def plain_reward(turn: Turn) -> Float:
    """What a turn pays by default, (N,), whatever it was paid."""
    user, nothing = turn.user, np.zeros(len(turn.reward))
    outcome = Outcome(user.click, user.stars, turn.system.act, user.leave, nothing, nothing, turn.terminated)
    terms, total = np.empty((len(nothing), len(TERMS))), np.empty(len(nothing))
    reward(outcome, RewardConfig().weights, terms, total)
    return total


def latent(task: Task, people: Any, name: str) -> Float:
    """What only the person knows, (N,): ``"satisfaction"``, ``"visits"``."""
    known = getattr(people, name, None)  # `reveal` works out the utility of every item too
    return np.array(task.users.reveal(people)[name] if known is None else known, np.float64)


def apologies(grammar: Grammar) -> npt.NDArray[np.int32]:
    """Ids of the sentences that meet a complaint or an insult, (A,): what a policy does decides how often they fall."""
    ids = []
    for form in (Form.S_SORRY, Form.S_MISMATCH, Form.S_CALM):
        arguments = np.arange(grammar.n_args(form))[:, None]
        ids.append(grammar.ids(form, arguments, np.arange(form.n_variants)).ravel())
    return np.concatenate(ids)


def spread(factors: Float, shown: npt.NDArray[np.int32]) -> Float:
    """Mean of ``1 - cosine`` over the pairs of items shown, (N,); NaN where fewer than two were.

    The cosines of all pairs of n unit vectors sum to ``(|sum|^2 - n) / 2``.

    Args:
        factors: (I, C) of the items.
        shown: (N, T) items, -1 where none.
    """
    unit = factors / np.maximum(np.linalg.norm(factors, axis=1, keepdims=True), 1e-9)
    there = shown >= 0
    n = there.sum(1).astype(np.float64)
    total = (unit[shown] * there[:, :, None]).sum(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(n > 1, 1.0 - ((total**2).sum(1) - n) / (n * (n - 1)), np.nan)


def measure(task: Task, policy: Policy, seeds: list[int], gamma: float) -> dict[str, Float]:
    """Hold one conversation with each person: ``PAID`` and every one of ``MEASURES``, ``(n,)`` each.

    Args:
        task: With the reward that was trained on.
        policy: Who decides.
        seeds: Environment seeds, one per person.
        gamma: Discount of ``PAID``.
    """
    n, own = len(seeds), policy_draws(seeds, task.manager.max_turns)
    out = {name: np.full(n, np.nan) for name in ("rating", "diversity")}
    out |= {name: np.zeros(n) for name in (PAID, *MEASURES) if name not in out}
    factors = task.manager.catalog.arrays.factors.astype(np.float64)
    sorry = apologies(task.manager.grammar)

    def act(rows: npt.NDArray[np.intp], state: State) -> npt.NDArray[np.int64]:
        return policy.act(decision(task, state), own[rows, state.dialogue.turn])

    for step, (rows, state, turn) in enumerate(conversations(task, meet(task, seeds), act)):
        out[PAID][rows] += gamma**step * turn.reward
        out["return"][rows] += plain_reward(turn)
        satisfaction = latent(task, state.people, "satisfaction")
        out["satisfaction"][rows] += satisfaction
        out["apologies"][rows] += np.isin(turn.system.sentences, sorry).any(1)
        done = turn.terminated | turn.truncated
        d, who = take(state.dialogue, np.flatnonzero(done)), rows[done]
        out["content"][who] = satisfaction[done] > 0
        out["turns"][who] = d.turn
        out["satisfaction"][who] /= d.turn
        out["apologies"][who] /= d.turn
        out["retention"][who] = latent(task, take(state.people, np.flatnonzero(done)), "visits") - 1.0
        out["questions"][who] = d.questions / d.turn
        out["diversity"][who] = spread(factors, d.shown)
        some = d.clicks > 0
        out["rating"][who[some]] = d.stars[some] / d.clicks[some]
    return out


def means(measured: dict[str, Float]) -> dict[str, float]:
    """The mean of each over the people of whom it is known; NaN if of none."""
    known = {name: values[~np.isnan(values)] for name, values in measured.items()}
    return {name: float(values.mean()) if len(values) else float("nan") for name, values in known.items()}
