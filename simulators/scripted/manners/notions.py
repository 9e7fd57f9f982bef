"""What people have in mind that no facet holds: whose notion it is, when they say it, and in which phrase."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import rule
from chatrec_env.language.forms import Form
from chatrec_env.language.grammar import FORMS
from simulators.notions.record import Notions
from simulators.scripted.events import U_NOTION, U_VOLUNTEER, Event
from simulators.scripted.people import People
from simulators.scripted.sentences import CLOSING, EXTRA, OPENING, REPLY, Said, say

Float = npt.NDArray[np.float64]

NOTION, MEANT = FORMS.index(Form.NOTION), FORMS.index(Form.MEANT)
DONT_KNOW, NO_PREFERENCE = FORMS.index(Form.DONT_KNOW), FORMS.index(Form.NO_PREFERENCE)

INSTEAD = 0.5
"""Share of those who open with what they have in mind that name no other wish."""


@rule
def has_notion(notions: Notions, item: int, notion: int) -> bool:
    """Whether an item has a notion; -1 is none."""
    found = False
    for c in range(notions.carried.shape[1]):
        found |= notion >= 0 and notions.carried[item, c] == notion
    return found


@rule
def draw_notion(items: npt.NDArray[np.int32], having: float, which: float, notions: Notions) -> int:
    """What a person has in mind: a notion of an item that their goal was read off, so that both can be met; -1 if none.

    Each of these items that has any is as likely as the others, and so is each of its notions.

    Args:
        items: (interests,) rows of the items.
        having: A uniform that decides whether they have something in mind.
        which: A uniform that decides what.
        notions: Of the catalogue.
    """
    carried, count = notions.carried, 0
    for i in items:
        count += carried[i, 0] >= 0
    if having >= notions.share or count == 0:
        return -1
    place = which * count
    left = min(int(place), count - 1)
    place -= left
    for i in items:
        if carried[i, 0] >= 0:
            if left == 0:
                own = 0
                for notion in carried[i]:
                    own += notion >= 0
                return int(carried[i, min(int(place * own), own - 1)])
            left -= 1
    return -1


@rule
def swap_notion(people: People, n: int, uniform: float, notions: Notions) -> None:
    """Person ``n`` has another notion in mind from now on, each as likely as the others; nothing of it is said yet."""
    others = len(notions.phrases) - 2
    if others > 0:
        new = min(int(uniform * others), others - 1)
        people.notion[n] = new + (new >= people.notion[n])
        people.phrase[n] = -1


@rule
def next_phrase(people: People, n: int, uniform: float, notions: Notions) -> int:
    """The phrase person ``n`` says it in now: any at first, then any but the last one."""
    notion = people.notion[n]
    first, last = notions.phrases[notion], people.phrase[n]
    count = notions.phrases[notion + 1] - first
    others = count if last < 0 or count == 1 else count - 1
    place = (int(uniform * others) + (count - others) * (last - first + 1)) % count
    people.phrase[n] = first + place
    return int(people.phrase[n])


@rule
def open_with_notion(people: People, n: int, uniform: float, notions: Notions, said: Said) -> bool:
    """Person ``n`` may open with what they have in mind; whether it takes the place of their first wish."""
    if people.notion[n] < 0 or uniform >= notions.opens:
        return False
    place = uniform / notions.opens
    instead = place < INSTEAD and said.forms[n, REPLY] < 0
    phrase = next_phrase(people, n, place * 997.0 % 1.0, notions)
    say(said, n, REPLY if instead else CLOSING, NOTION, phrase)
    return instead


@rule
def open_with_all(people: People, n: int, uniform: float, notions: Notions, said: Said) -> None:
    """Person ``n``, who tells everything at once, says what they have in mind too, if a place is left."""
    if people.notion[n] < 0:
        return
    for place in range(said.forms.shape[1]):
        if said.forms[n, place] < 0:
            say(said, n, place, NOTION, next_phrase(people, n, uniform, notions))
            return


@rule
def tell_notions(people: People, event: Event, draws: Float, notions: Notions, said: Said) -> None:
    """N people may say what they have in mind: with no answer, a refusal, a question or something volunteered.

    They need not when the item has it. After a refusal, what was said before is said in other words, as what was meant.
    A change of mind that is said is said for certain.

    Args:
        people: Who speaks; ``phrase`` changes.
        event: What came of the turn.
        draws: (N, 14 or more) uniforms of the turn.
        notions: Of the catalogue.
        said: What they say besides; a free place is filled.
    """
    forms = said.forms
    for n in range(len(draws)):
        place = REPLY if forms[n, REPLY] < 0 else EXTRA
        if people.notion[n] < 0 or event.leave[n] or forms[n, place] >= 0:
            continue
        vague = forms[n, OPENING] == DONT_KNOW or forms[n, OPENING] == NO_PREFERENCE
        met = event.offered[n] and has_notion(notions, event.item[n], people.notion[n])
        talks = event.question[n] >= 0 or draws[n, U_VOLUNTEER] < people.talkative[n]
        occasion = vague or (event.offered[n] and (event.passed[n] or talks) and not met)
        uniform = draws[n, U_NOTION]
        if event.renewed[n] or (occasion and uniform < notions.tells):
            again = event.passed[n] and people.phrase[n] >= 0
            phrase = next_phrase(people, n, uniform * 997.0 % 1.0, notions)
            say(said, n, place, MEANT if again else NOTION, phrase)
