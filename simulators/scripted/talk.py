"""What people say in a turn: answers, reactions, what they volunteer, remarks and goodbyes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import rule
from chatrec_env.core.sums import dot
from chatrec_env.language.acts import SystemAct
from chatrec_env.language.forms import Form
from chatrec_env.language.grammar import FORMS
from simulators.scripted.events import (
    U_FULL_UP,
    U_IGNORE,
    U_KNOW,
    U_REMARK,
    U_VOLUNTEER,
    U_WISH,
    Event,
    Heard,
)
from simulators.scripted.people import Items, People, Rates
from simulators.scripted.sentences import CLOSING, EXTRA, OPENING, REPLY, Said, nothing_said, say
from simulators.scripted.utility import most_sated, rank, worst_fault

Row = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]
Float = npt.NDArray[np.float64]

ASK, CONFIRM = int(SystemAct.ASK), int(SystemAct.CONFIRM)

GREET, WANT, AVOID = FORMS.index(Form.GREET), FORMS.index(Form.WANT), FORMS.index(Form.AVOID)
ANSWER, DONT_KNOW = FORMS.index(Form.ANSWER), FORMS.index(Form.DONT_KNOW)
NO_PREFERENCE, SMALL_TALK = FORMS.index(Form.NO_PREFERENCE), FORMS.index(Form.SMALL_TALK)
YES, NO = FORMS.index(Form.YES), FORMS.index(Form.NO)
ACCEPT_WARM, ACCEPT_PLAIN = FORMS.index(Form.ACCEPT_WARM), FORMS.index(Form.ACCEPT_PLAIN)
ACCEPT_COOL, SEEN_IT = FORMS.index(Form.ACCEPT_COOL), FORMS.index(Form.SEEN_IT)
REJECT_MILD, REJECT_FIRM = FORMS.index(Form.REJECT_MILD), FORMS.index(Form.REJECT_FIRM)
REJECT_ANNOYED, ENOUGH_OF = FORMS.index(Form.REJECT_ANNOYED), FORMS.index(Form.ENOUGH_OF)
TOO, MORE_LIKE_THAT = FORMS.index(Form.TOO), FORMS.index(Form.MORE_LIKE_THAT)
LIKE_BUT, RELATIVE = FORMS.index(Form.LIKE_BUT), FORMS.index(Form.RELATIVE)
CHANGE_MIND, IMPATIENT = FORMS.index(Form.CHANGE_MIND), FORMS.index(Form.IMPATIENT)
MOOD_BORED, MOOD_PLEASED = FORMS.index(Form.MOOD_BORED), FORMS.index(Form.MOOD_PLEASED)
THANK_LEAVE, LEAVE_UNHAPPY = FORMS.index(Form.THANK_LEAVE), FORMS.index(Form.LEAVE_UNHAPPY)

LIKED, HATED = 0.5, -1.0
"""What a value must be worth to be named as a wish, and at most as something to avoid."""

BORED, PLEASED, REMARKS = -0.25, 0.35, (0.35, 0.5)
"""Satisfaction below or above which people sometimes remark on it; chances of that, and of remarks of the tired."""

SAYS_ENOUGH, ADDS = 0.6, (0.05, 0.3, 0.7)
"""Chance of saying "enough of ..."; chances of asking for more of the same (who seeks variety; who does not tire, the
last) and of saying "like that, but ..." instead of the bare wish (the middle one)."""

FULL_UP = 2.0
"""Satiation of a value, in units of weighted consumption, from which people say they have had enough of it."""


@rule
def untold(wanted: Flags, told: Flags, weights: Row) -> int:
    """The weightiest wanted value not yet said, the first of equals, -1 if none; all (V,)."""
    best, most = -1, np.float32(0)
    for v in range(wanted.shape[0]):
        if wanted[v] and not told[v] and weights[v] > most:
            best, most = v, weights[v]
    return best


@rule
def answer_to(
    facet: int, own: Row, knows: float, talkative: float, uniform: float, starts: Rows
) -> tuple[int, int, int]:
    """What somebody who does not ignore a question about a facet answers: form, argument, and second choice or -1.

    Args:
        facet: What is asked.
        own: (V,) what each value is worth to them now.
        knows: Chance of knowing.
        talkative: The second choice is named below this, by those who know.
        uniform: Decides.
        starts: (F + 1,) the first value of each facet, then V.
    """
    if uniform >= knows:
        return DONT_KNOW, facet, -1
    best, worst, second = rank(own, starts[facet], starts[facet + 1])
    if own[best] >= LIKED:
        named = second >= 0 and own[second] >= LIKED and uniform < talkative
        return ANSWER, best, second if named else -1
    if own[worst] <= HATED:
        return AVOID, worst, -1
    return NO_PREFERENCE, facet, -1


@rule
def answer(
    people: People, heard: Heard, event: Event, worth: npt.NDArray[np.float32], draws: Float, items: Items,
    rates: Rates, said: Said,
) -> None:  # fmt: skip
    """Those who are asked name the value they now want most, or do not want, or say that they don't know.

    The talkative name their second choice too, if they want it as much as a wish. To confirm a value is to want it as
    much. Arguments as for ``reply``.
    """
    act, facets, values, told = heard.act, heard.facet, heard.value, people.told
    knows, talkative, speaks, starts = people.knows, people.talkative, event.speaks, items.facet_start
    ignores, question = rates.ignores, event.question
    for n in range(len(act)):
        if (act[n] != ASK and act[n] != CONFIRM) or question[n] >= 0:
            continue
        own, facet = worth[speaks[n]], facets[n]
        if act[n] == CONFIRM:
            value = max(values[n], 0)
            form, arg = (YES, 0) if own[value] >= LIKED else (NO, 0)
            told[n, value] |= own[value] >= LIKED
        elif draws[n, U_IGNORE] < ignores:
            form, arg = SMALL_TALK, 0
        else:
            form, arg, second = answer_to(facet, own, knows[n], talkative[n], draws[n, U_KNOW], starts)
            if form in (ANSWER, AVOID):
                told[n, arg] = True
            if second >= 0:
                say(said, n, REPLY, WANT, second)
                told[n, second] = True
        say(said, n, OPENING, form, arg)


@rule
def reaction(clicked: bool, stars: int, seen: bool, satisfaction: float) -> int:
    """Form of the first words on a suggestion: accepted warmly, plainly or coolly, known already, or turned down."""
    if clicked:
        return ACCEPT_WARM if stars >= 5 else (ACCEPT_PLAIN if stars == 4 else ACCEPT_COOL)
    if seen:
        return SEEN_IT
    if satisfaction >= -0.1:
        return REJECT_MILD
    return REJECT_FIRM if satisfaction >= -0.35 else REJECT_ANNOYED


@rule
def comparison(worth: Row, weighted: Row, facet_start: Rows, comparable: Rows) -> int:
    """What an item should have more or less of: ``2 * facet + 1`` or ``2 * facet``; -1 if nothing is wrong there.

    Args:
        worth: (V,) what each value is worth to the person.
        weighted: (V,) the item's values.
        facet_start: (F + 1,) the first value of each facet, then V.
        comparable: Facets with words for more and less.
    """
    for f in comparable:
        start, stop = facet_start[f], facet_start[f + 1]
        ideal = own = start
        for v in range(start, stop):
            ideal = v if worth[v] > worth[ideal] else ideal
            own = v if weighted[v] > weighted[own] else own
        if worth[ideal] >= LIKED and ideal != own:
            return int(2 * f + (ideal > own))
    return -1


@rule
def enough(people: People, n: int, items: Items, least: np.float32, uniform: float) -> tuple[int, int]:
    """Whether person ``n`` has had enough of something, said once until they accept something again; see ``added``."""
    sated = most_sated(people.satiation[n], items.sates)
    full = items.sates[sated] and people.satiation[n, sated] >= FULL_UP
    if full and uniform < SAYS_ENOUGH and not people.complained[n] and people.satiability[n] > least:
        return ENOUGH_OF, sated
    return ENOUGH_OF, -1


@rule
def added(
    people: People, n: int, event: Event, own: Row, items: Items, least: np.float32, uniform: float
) -> tuple[int, int]:
    """What else person ``n`` adds to a reaction: form and argument, -1 for nothing.

    Args:
        people: Who speaks.
        n: Which of them.
        event: What came of the turn.
        own: (V,) what each value was worth to them before.
        items: The items as they see them.
        least: Satiability up to which people ask for more of the same.
        uniform: Decides; what it decides changes at ``ADDS`` alone.
    """
    weighted, clicked = items.weighted[event.item[n]], event.click[n] >= 0
    rarely, near, often = ADDS
    wrong = worst_fault(own, weighted)
    if not clicked and own[wrong] * weighted[wrong] <= -0.5:
        return TOO, wrong
    if clicked and uniform < (often if people.satiability[n] <= least else rarely):
        return MORE_LIKE_THAT, 0
    arg = untold(people.wanted[n], people.told[n], items.value_weights)
    if arg >= 0:
        likes_it = uniform < near and dot(own, weighted, np.empty(own.shape[0], np.float32)) > 0
        return (LIKE_BUT if likes_it else WANT), arg
    return RELATIVE, -1 if clicked else comparison(own, weighted, items.facet_start, items.comparable)


@rule
def volunteer(
    people: People, event: Event, worth: npt.NDArray[np.float32], draws: Float, items: Items, rates: Rates,
    said: Said,
) -> None:  # fmt: skip
    """The talkative add to a reaction: "enough of ...", a critique, praise, a wish, "newer"; the first that applies.

    Arguments as for ``reply``.
    """
    talkative, question = people.talkative, event.question
    offered, swapped, leave, speaks = event.offered, event.swapped, event.leave, event.speaks
    least = np.float32(rates.steady)
    for n in range(len(draws)):
        if not offered[n] or draws[n, U_VOLUNTEER] >= talkative[n] or question[n] >= 0:
            continue
        if swapped[n] >= 0 or leave[n]:
            continue
        form, arg = enough(people, n, items, least, draws[n, U_FULL_UP])
        if arg < 0:
            form, arg = added(people, n, event, worth[speaks[n]], items, least, draws[n, U_WISH])
        if form == ENOUGH_OF:
            people.complained[n] = True
        elif form in (WANT, LIKE_BUT):
            people.told[n, arg] = True
        if arg >= 0:
            say(said, n, REPLY, form, arg)


@rule
def remark(satisfaction: float, tired: bool, spoken: bool, uniform: float) -> int:
    """Form of a remark on how it is going: impatience with questions, boredom, pleasure; -1 for none.

    Args:
        satisfaction: In [-1, 1].
        tired: Whether they were just asked one question too many.
        spoken: Whether they said something else first.
        uniform: Decides.
    """
    if tired:
        return IMPATIENT if uniform < REMARKS[1] else -1
    if spoken and uniform < REMARKS[0]:
        if satisfaction < BORED:
            return MOOD_BORED
        if satisfaction > PLEASED:
            return MOOD_PLEASED
    return -1


@rule
def goodbye(satisfaction: float) -> int:
    """Form of the last words: thanks if it went well, otherwise not."""
    return THANK_LEAVE if satisfaction >= 0.0 else LEAVE_UNHAPPY


@rule
def reply(
    people: People, heard: Heard, event: Event, worth: npt.NDArray[np.float32], draws: Float, items: Items,
    rates: Rates,
) -> Said:  # fmt: skip
    """What N people say in this turn.

    Args:
        people: Who speaks; ``told`` and ``complained`` are updated in place.
        heard: What they were asked or offered.
        event: What came of it.
        worth: (n, V) what each value was worth before the turn to those who may speak of it; see ``event.speaks``.
        draws: (N, 14 or more) uniforms of the turn.
        items: The items as they see them.
        rates: Of the scenario.
    """
    said = nothing_said(len(draws))
    answer(people, heard, event, worth, draws, items, rates, said)
    volunteer(people, event, worth, draws, items, rates, said)
    questions, patience, satisfaction, told = (
        people.questions,
        people.patience,
        people.satisfaction,
        people.told,
    )
    asked, offered, click, stars = event.asked, event.offered, event.click, event.stars
    seen, swapped, leave, forms = event.seen, event.swapped, event.leave, said.forms
    question, about = event.question, event.about
    for n in range(len(draws)):
        if question[n] >= 0:
            say(said, n, OPENING, question[n], about[n])
        elif offered[n]:
            forms[n, OPENING] = reaction(click[n] >= 0, stars[n], seen[n], satisfaction[n])
        if swapped[n] >= 0 and not leave[n]:
            say(said, n, REPLY, CHANGE_MIND, swapped[n])
            told[n, swapped[n]] = True
        tired = asked[n] and questions[n] > patience[n]
        forms[n, EXTRA] = remark(satisfaction[n], tired, forms[n, OPENING] >= 0, draws[n, U_REMARK])
        if leave[n]:
            forms[n, CLOSING] = goodbye(satisfaction[n])
    return said


@rule
def greet_again(wanted: Flags, told: Flags, weights: Row, n: int, said: Said) -> None:
    """A goodbye, then, days later, a greeting and what they are there for: the weightiest wish, as at first.

    Args:
        wanted: (V,) of person ``n``.
        told: (V,) theirs, updated in place.
        weights: (V,) weight of each value's facet.
        n: Which person.
        said: Changed.
    """
    say(said, n, REPLY, said.forms[n, CLOSING], said.args[n, CLOSING])
    say(said, n, EXTRA, GREET, 0)
    said.forms[n, CLOSING] = -1
    wish = untold(wanted, np.zeros_like(wanted), weights)
    if wish >= 0:
        say(said, n, CLOSING, WANT, wish)
        told[wish] = True
