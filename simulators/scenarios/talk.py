"""How scripted people talk: sets of rates, by name, and where each comes from.

``crs`` is for people talking to machines, ``chat`` for people talking to people, ``plain`` for the fewest acts: wishes,
answers and plain reactions alone. Shares marked (d) are those of real dialogues (public collections of people with
machines and of people with people); the others are set so that ``simulators.calibration.talk`` finds the shares of
questions, acceptances and refusals of these dialogues, and repetition as rare.
"""

from __future__ import annotations

from typing import NamedTuple

QUESTIONS = ("value", "fact", "credit", "plot", "opinion", "why", "unanswered", "compare")
"""Kinds of questions, in the order of ``Talk.asks``."""

OPENINGS = ("greeting", "surprise", "help", "like", "opinion", "find", "unlisted")
"""Kinds of openings without a wish of their own words, in the order of ``Talk.openings``."""


class Talk(NamedTuple):
    """Rates of a way of talking; compiled rules take it. Shares and chances are in [0, 1], reactions in [-1, 1]."""

    lively: bool = False  # whether any of the following happens
    hasty: float = (
        0.0  # share of people who type in haste: no closing mark in 49% (crs), 40 to 43% (chat) (d)
    )
    curious: float = (
        0.0  # mean chance to ask about a fresh suggestion; uniform from 0.5 to 1.5 of it, 1 at most
    )
    asks: tuple[float, ...] = (0.0,) * len(QUESTIONS)  # shares of the kinds of questions
    hesitates: float = 0.0  # share of questions that begin with a doubt
    reasons: float = 0.0  # share of questions that end with the wish behind them, or another one
    repeats: float = 0.0  # chance to put a question again that was not answered
    unanswered: float = 0.0  # reaction to that; real people leave most such dialogues frustrated
    answered: float = (
        0.0  # share of missing trust an answer restores; a tenth of what a true reason does, or more
    )
    mismatch: float = (
        0.0  # chance to complain of what lacks a value they asked for; 13 in 45 dislikes are that (d)
    )
    mismatched: float = 0.0  # reaction to that
    accepts: float = 0.0  # share of acceptances that are said: to accept is 5% of messages (d)
    points: float = 0.0  # share of those that name the title or the place
    conditions: float = 0.0  # share of those with a condition
    rejects: float = 0.0  # share of refusals that are said plainly: to reject is 3% of messages (d)
    doubts: float = 0.0  # share of refusals that are worded as doubts
    opinions: float = 0.0  # share of items they know of which they say how they liked them
    stars: float = 0.0  # share of acceptances not said of which they say how good it was
    names: float = (
        0.0  # chance to name a title when there is nothing to react to: 5% (crs), 4 to 8% (chat) (d)
    )
    tells: float = 0.0  # chance to tell a wish then
    goes_on: float = 0.0  # chance to add a title, a wish or a remark to a bare reaction
    limits: float = 0.0  # share of wishes of ordered values put as a limit
    others: float = 0.0  # share of wishes told for somebody else
    excepts: float = 0.0  # share of wishes told with an exception, where there is one
    drops: float = 0.0  # share of changes of mind that only withdraw the old wish
    insults: float = 0.0  # chance a turn, of those who are fed up
    starts_over: float = 0.0  # likewise
    foreign: float = 0.0  # chance of a turn in another language
    helps: float = 0.0  # chance a turn to ask what the system can do
    chatters: float = 0.0  # chance a turn to say nothing of use
    openings: tuple[float, ...] = (0.0,) * len(OPENINGS)  # shares; the rest states a wish, 43% (crs) (d)


TALKS: dict[str, Talk] = {
    "plain": Talk(),
    "crs": Talk(
        lively=True,
        hasty=0.55,
        curious=1.5,
        asks=(0.34, 0.2, 0.08, 0.1, 0.08, 0.06, 0.08, 0.06),
        hesitates=0.3,
        reasons=0.35,
        repeats=0.5,
        unanswered=-0.6,
        answered=0.03,
        mismatch=0.3,
        mismatched=-0.6,
        accepts=0.4,
        points=0.4,
        conditions=0.08,
        rejects=0.16,
        doubts=0.2,
        opinions=0.5,
        stars=0.15,
        names=0.15,
        tells=0.4,
        goes_on=0.8,
        limits=0.4,
        others=0.06,
        excepts=0.3,
        drops=0.4,
        insults=0.1,
        starts_over=0.04,
        foreign=0.002,
        helps=0.05,
        chatters=0.03,
        openings=(0.2, 0.08, 0.08, 0.08, 0.05, 0.05, 0.03),
    ),
    "chat": Talk(
        lively=True,
        hasty=0.42,
        curious=0.42,
        asks=(0.26, 0.16, 0.14, 0.2, 0.14, 0.02, 0.04, 0.04),
        hesitates=0.25,
        reasons=0.3,
        repeats=0.4,
        unanswered=-0.5,
        answered=0.05,
        mismatch=0.2,
        mismatched=-0.4,
        accepts=0.35,
        points=0.4,
        conditions=0.06,
        rejects=0.12,
        doubts=0.3,
        opinions=0.8,
        stars=0.25,
        names=0.2,
        tells=0.4,
        goes_on=0.8,
        limits=0.3,
        others=0.08,
        excepts=0.3,
        drops=0.4,
        insults=0.02,
        starts_over=0.01,
        foreign=0.001,
        helps=0.01,
        chatters=0.06,
        openings=(0.25, 0.06, 0.02, 0.12, 0.12, 0.02, 0.01),
    ),
}
"""By name; see ``Scenario.talk``. What people say to people when they open is not known: taken as to machines, with
more greetings and titles."""
