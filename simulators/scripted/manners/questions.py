"""What people ask about a suggestion before they decide, and how they take an answer or the lack of one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import rule
from chatrec_env.language.acts import SystemAct
from chatrec_env.language.forms import Form
from chatrec_env.language.grammar import FORMS
from simulators.scenarios.talk import Talk
from simulators.scripted.dynamics import satisfy
from simulators.scripted.events import U_ASK, U_MISMATCH, U_QUESTION, Event, Heard
from simulators.scripted.people import Items, People, Rates
from simulators.scripted.situation import BELOW_ONE

Row = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Float = npt.NDArray[np.float64]

RECOMMEND, ANSWER = int(SystemAct.RECOMMEND), int(SystemAct.ANSWER)
ASK, CONFIRM = int(SystemAct.ASK), int(SystemAct.CONFIRM)

ASK_VALUE, ASK_FACT = FORMS.index(Form.ASK_VALUE), FORMS.index(Form.ASK_FACT)
ASK_PLOT, ASK_OPINION = FORMS.index(Form.ASK_PLOT), FORMS.index(Form.ASK_OPINION)
ASK_WHY, ASK_UNANSWERED = FORMS.index(Form.ASK_WHY), FORMS.index(Form.ASK_UNANSWERED)
COMPARE = FORMS.index(Form.COMPARE)

FACT, CREDIT, PLOT, OPINION, WHY, UNANSWERED = range(1, 7)
"""Kinds of questions, as ``talk.QUESTIONS`` counts them: values come first, comparing last."""


@rule
def share_of(shares: tuple[float, ...], uniform: float) -> tuple[int, float]:
    """Which of some shares a uniform falls into, ``len(shares)`` behind them all, and its place there in [0, 1)."""
    for k in range(len(shares)):
        if uniform < shares[k]:
            return k, uniform / shares[k]
        uniform -= shares[k]
    return len(shares), min(max(uniform, 0.0), BELOW_ONE)


@rule
def about(form: int, arg: int) -> int:
    """One number for a question's form and argument."""
    return int(form) * 65536 + int(arg)


@rule
def has_asked(people: People, n: int, item: int, what: int) -> bool:
    """Whether person ``n`` remembers having put this question about the item."""
    found = False
    for k in range(people.asked.shape[1]):
        found |= people.asked[n, k] == item and people.asked_about[n, k] == what
    return found


@rule
def pressing_value(people: People, n: int, item: int, reason: int, ordered: bool, items: Items) -> int:
    """The wish, for or against, whose worth to person ``n`` is largest among what they do not know of the item.

    They know the facet that the reason named, and what they asked already.

    Args:
        people: Who asks.
        n: Which of them.
        item: What is on the table.
        reason: Value that the reason given for it names, -1 if none.
        ordered: Whether only values of ordered facets count, of which the whole facet is asked about.
        items: The catalogue.

    Returns:
        A value, -1 if there is none.
    """
    desire, facet_of = people.desire[n], items.facet_of
    found, most, told = -1, np.float32(0), facet_of[reason] if reason >= 0 else -1
    for v in range(desire.shape[0]):
        facet = facet_of[v]
        worth = abs(desire[v])
        if not (people.wanted[n, v] or people.unwanted[n, v]) or facet == told or worth <= most:
            continue
        if ordered and not items.names.ordered[facet]:
            continue
        what = about(ASK_FACT, facet) if ordered else about(ASK_VALUE, v)
        if not has_asked(people, n, item, what):
            found, most = v, worth
    return found


@rule
def question(
    people: People, n: int, heard: Heard, item: int, uniform: float, items: Items, talk: Talk
) -> tuple[int, int]:
    """Form and argument of what person ``n`` asks about an item, form -1 if they have no reason to ask.

    Where there is nothing of the kind to ask, they ask about the value that matters most to them.

    Args:
        people: Who asks.
        n: Which of them.
        heard: What the system said and showed.
        item: The first on the table.
        uniform: Decides on the kind.
        items: The catalogue.
        talk: Shares of the kinds.
    """
    kind, place = share_of(talk.asks, uniform)
    reason, names = heard.reason[n], items.names
    form, arg = -1, 0
    if kind == FACT:
        value = pressing_value(people, n, item, reason, True, items)
        form, arg = (ASK_FACT, items.facet_of[value]) if value >= 0 else (-1, 0)
    elif kind == CREDIT:
        first = names.ordered.shape[0]
        form, arg = (
            (ASK_FACT if names.n_topics > first else -1),
            first + int(place * (names.n_topics - first)),
        )
    elif kind == PLOT:
        form = ASK_PLOT
    elif kind == OPINION:
        form = ASK_OPINION
    elif kind == WHY:
        form = ASK_WHY if reason < 0 else -1
    elif kind == UNANSWERED:
        form, arg = (ASK_UNANSWERED if names.n_unanswered else -1), int(place * names.n_unanswered)
    elif kind > UNANSWERED and heard.slate.shape[1] > 1 and heard.slate[n, 1] >= 0:
        form = COMPARE
    if form < 0 or has_asked(people, n, item, about(form, arg)):
        arg = pressing_value(people, n, item, reason, False, items)
        form = ASK_VALUE if arg >= 0 else -1
    return form, int(arg)


@rule
def wonder(people: People, heard: Heard, event: Event, draws: Float, items: Items, talk: Talk) -> None:
    """Who was answered, who was not, and who puts a question instead of deciding, of N people.

    A question waits for the next turn. An answer, or whatever else is shown with words, answers it; if the system asks
    instead, they may put it again. Those with nothing to wait for may ask about a fresh suggestion.

    Args:
        people: Who asks.
        heard: What the system said and showed.
        event: ``answered``, ``ignored``, ``question`` and ``about`` are filled in.
        draws: (N, 24) uniforms of the turn.
        items: The catalogue.
        talk: Rates.
    """
    act, pending = heard.act, people.pending
    for n in range(len(act)):
        if pending[n] >= 0:
            event.answered[n] = act[n] == ANSWER or act[n] == RECOMMEND
            event.ignored[n] = act[n] == ASK or act[n] == CONFIRM
            if event.ignored[n] and draws[n, U_ASK] < talk.repeats:
                event.question[n], event.about[n] = divmod(people.pending_about[n], 65536)
                event.item[n] = pending[n]
        if act[n] == RECOMMEND and event.offered[n] and draws[n, U_ASK] < people.curious[n]:
            item = event.item[n]
            if event.answered[n] and item == pending[n]:
                continue
            form, arg = question(people, n, heard, item, draws[n, U_QUESTION], items, talk)
            event.question[n], event.about[n] = form, arg


@rule
def lacking(wanted: Flags, told: Flags, weighted: Row, weights: Row) -> int:
    """The weightiest value that was asked for and that an item lacks, the first of equals, -1 if none; all (V,)."""
    best, most = -1, np.float32(0)
    for v in range(wanted.shape[0]):
        if wanted[v] and told[v] and weighted[v] == 0 and weights[v] > most:
            best, most = v, weights[v]
    return best


@rule
def mind(people: People, event: Event, draws: Float, items: Items, rates: Rates) -> None:
    """What N people make of answers and of not being heard, in place, and which question waits from now on.

    Args:
        people: ``trust``, ``satisfaction`` and the questions change.
        event: What came of the turn; ``lacking`` is filled in.
        draws: (N, 24) uniforms of the turn.
        items: The catalogue.
        rates: Of the scenario.
    """
    talk, memory, trust, satisfaction = rates.talk, rates.reaction_memory, people.trust, people.satisfaction
    pending, pending_about = people.pending, people.pending_about
    for n in range(len(draws)):
        if event.answered[n]:
            trust[n] += talk.answered * (1.0 - trust[n])
        if event.ignored[n]:
            satisfaction[n] = satisfy(satisfaction[n], talk.unanswered, memory)
        if event.passed[n] and draws[n, U_MISMATCH] < talk.mismatch:
            weighted = items.weighted[event.item[n]]
            event.lacking[n] = lacking(people.wanted[n], people.told[n], weighted, items.value_weights)
            if event.lacking[n] >= 0:
                satisfaction[n] = satisfy(satisfaction[n], talk.mismatched, memory)
        pending[n] = -1
        if event.question[n] >= 0:
            pending[n], pending_about[n] = event.item[n], about(event.question[n], event.about[n])
            if not event.ignored[n]:
                place = people.n_asked[n] % people.asked.shape[1]
                people.asked[n, place], people.asked_about[n, place] = pending[n], pending_about[n]
                people.n_asked[n] += 1
