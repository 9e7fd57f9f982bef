"""How people put their reactions: in other words or not at all, with complaints, repairs, titles and small talk."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import rule
from chatrec_env.language.forms import Form
from chatrec_env.language.grammar import FORMS
from simulators.scenarios.talk import Talk
from simulators.scripted.events import U_FILL, U_NAME, U_RARE, U_SAY, Event, Heard
from simulators.scripted.manners.naming import name_item, put_wishes
from simulators.scripted.manners.questions import ASK_FACT, ASK_VALUE, share_of
from simulators.scripted.people import Items, People, Rates
from simulators.scripted.sentences import EXTRA, OPENING, REPLY, Said, say
from simulators.scripted.talk import (
    AVOID,
    CHANGE_MIND,
    DONT_KNOW,
    IMPATIENT,
    LIKED,
    MOOD_BORED,
    MOOD_PLEASED,
    MORE_LIKE_THAT,
    NO_PREFERENCE,
    SMALL_TALK,
    WANT,
    untold,
)
from simulators.scripted.utility import liking

Float = npt.NDArray[np.float64]

RATE, DOUBT, MISMATCH = FORMS.index(Form.RATE), FORMS.index(Form.DOUBT), FORMS.index(Form.MISMATCH)
LIKED_IT, HATED_IT, CONDITION = (
    FORMS.index(Form.LIKED_IT),
    FORMS.index(Form.HATED_IT),
    FORMS.index(Form.CONDITION),
)
TAKE_ITEM, TAKE_PLACE = FORMS.index(Form.TAKE_ITEM), FORMS.index(Form.TAKE_PLACE)
DROP, UNDO, START_OVER = FORMS.index(Form.DROP), FORMS.index(Form.UNDO), FORMS.index(Form.START_OVER)
HELP, INSULT = FORMS.index(Form.HELP), FORMS.index(Form.INSULT)
OTHER_LANGUAGE = FORMS.index(Form.OTHER_LANGUAGE)

FED_UP = -0.3
"""Satisfaction below which people insult or start over."""

LAST = 5
"""Argument of ``TAKE_PLACE`` for the last of several."""


@rule
def take(
    people: People, heard: Heard, event: Event, n: int, uniform: float, items: Items, talk: Talk, said: Said
) -> None:
    """Person ``n`` says, or does not, that they take the item: plainly, by its place or title, or under a condition.

    A condition is a wish that the item does meet.
    """
    if uniform >= talk.accepts:
        said.forms[n, OPENING] = -1
        if uniform < talk.accepts + (1.0 - talk.accepts) * talk.stars:
            say(said, n, OPENING, RATE, event.stars[n])
        return
    uniform /= talk.accepts
    item, place, shown = event.item[n], event.click[n], 0
    for s in range(heard.slate.shape[1]):
        shown += heard.slate[n, s] >= 0
    if uniform < talk.points:
        if shown > 1 and (uniform < 0.6 * talk.points or not items.names.nameable[item]):
            say(said, n, OPENING, TAKE_PLACE, LAST if place == shown - 1 and place > 1 else place)
        elif items.names.nameable[item]:
            say(said, n, OPENING, TAKE_ITEM, item)
    elif uniform > 1.0 - talk.conditions:
        for v in range(people.wanted.shape[1]):
            if people.wanted[n, v] and items.weighted[item, v] > 0:
                say(said, n, REPLY, CONDITION, v)
                break


@rule
def decline(
    people: People, event: Event, n: int, uniform: float, items: Items, talk: Talk, said: Said
) -> None:
    """Person ``n`` turns the item down: as a mismatch, plainly, in doubt, or without saying so; or knows it already."""
    if event.seen[n]:
        if uniform < talk.opinions:
            item = event.item[n]
            liked = np.float64(liking(people, n, item, items) + items.quality[item])
            say(said, n, OPENING, LIKED_IT if liked >= people.threshold[n] else HATED_IT, 0)
    elif event.lacking[n] >= 0:
        say(said, n, OPENING, MISMATCH, event.lacking[n])
    elif uniform >= talk.rejects:
        doubtful = uniform < talk.rejects + talk.doubts
        said.forms[n, OPENING], said.args[n, OPENING] = (DOUBT if doubtful else -1), 0


@rule
def withdraw(people: People, n: int, uniform: float, items: Items, talk: Talk, said: Said) -> None:
    """Person ``n``, who changes their mind, may only withdraw the old wish; the new one then remains untold.

    The old wish is a value of the same facet that was told and is worth nothing to them any more. If it was the last
    thing they told, they take that back.
    """
    new = said.args[n, REPLY]
    facet = items.facet_of[new]
    for v in range(items.facet_start[facet], items.facet_start[facet + 1]):
        wished = people.wanted[n, v] or people.unwanted[n, v] or people.desire[n, v] >= LIKED
        if people.told[n, v] and not wished and uniform < talk.drops:
            people.told[n, v] = people.told[n, new] = False
            if people.last_told[n] == v:
                say(said, n, REPLY, UNDO, 0)
            else:
                say(said, n, REPLY, DROP, v)
            return


@rule
def rare_act(satisfaction: float, uniform: float, talk: Talk) -> int:
    """Form of what people do now and then instead of reacting: repair, insult, chatter; -1 for none."""
    fed_up = 1.0 if satisfaction < FED_UP else 0.0
    shares = (talk.foreign, talk.helps, talk.chatters, talk.insults * fed_up, talk.starts_over * fed_up)
    kind, _ = share_of(shares, uniform)
    forms = (OTHER_LANGUAGE, HELP, SMALL_TALK, INSULT, START_OVER, -1)
    return forms[kind]


@rule
def begin_anew(people: People, n: int, items: Items, said: Said) -> None:
    """Person ``n`` starts over: what they told is void, and they tell the weightiest wish again."""
    people.told[n, :] = False
    said.forms[n, EXTRA] = -1
    wish = untold(people.wanted[n], people.told[n], items.value_weights)
    if wish >= 0:
        say(said, n, REPLY, WANT, wish)
        people.told[n, wish] = True


@rule
def say_again(people: People, n: int, uniform: float, said: Said) -> bool:
    """Person ``n`` repeats one or two of the wishes they told; whether there are any."""
    wanted, unwanted, told = people.wanted[n], people.unwanted[n], people.told[n]
    count = 0
    for v in range(wanted.shape[0]):
        count += told[v] and (wanted[v] or unwanted[v])
    first, k = int(uniform * count), 0
    second = (first + 1) % count if count > 1 and uniform * count % 1.0 < 0.6 else -1
    for v in range(wanted.shape[0]):
        if told[v] and (wanted[v] or unwanted[v]):
            if k in (first, second):
                say(said, n, REPLY if k == first else EXTRA, WANT if wanted[v] else AVOID, v)
            k += 1
    return count > 0


@rule
def put_question(
    people: People, event: Event, n: int, uniform: float, items: Items, talk: Talk, said: Said
) -> None:
    """Person ``n`` asks, some in doubt and some with the wish behind the question, or another one."""
    form, arg = event.question[n], event.about[n]
    said.forms[n, EXTRA] = -1
    if uniform < talk.hesitates:
        say(said, n, OPENING, DOUBT, 0)
        say(said, n, REPLY, form, arg)
    elif uniform > 1.0 - talk.reasons:
        start, stop = 0, 0
        if form == ASK_VALUE:
            start, stop = arg, arg + 1
        elif form == ASK_FACT and arg < items.names.ordered.shape[0]:
            start, stop = items.facet_start[arg], items.facet_start[arg + 1]
        for v in range(start, stop):
            if people.wanted[n, v] or people.unwanted[n, v]:
                say(said, n, REPLY, WANT if people.wanted[n, v] else AVOID, v)
                people.told[n, v] = True
                return
        say_again(people, n, uniform * 101.0 % 1.0, said)


@rule
def fill(people: People, event: Event, n: int, draws: Float, items: Items, talk: Talk, said: Said) -> None:
    """What person ``n`` says when they put no reaction into words: a title, a wish, how it goes, or a wish again.

    Args:
        people: Who speaks; ``told`` changes.
        event: What came of the turn.
        n: Which of them.
        draws: (24,) their uniforms of the turn.
        items: The catalogue.
        talk: Rates.
        said: Changed.
    """
    wanted, told = people.wanted[n], people.told[n]
    uniform, clicked = draws[U_FILL], event.click[n] >= 0
    if uniform < talk.names:
        name_item(people, n, REPLY, draws[U_NAME], items, said)
        return
    wish = untold(wanted, told, items.value_weights)
    uniform = (uniform - talk.names) / (1.0 - talk.names)
    if wish >= 0 and uniform < talk.tells:
        say(said, n, REPLY, WANT, wish)
        told[wish] = True
        return
    uniform = draws[U_NAME]
    if clicked and uniform < 0.35 and event.stars[n] >= 3:
        say(said, n, REPLY, MORE_LIKE_THAT if people.satiability[n] < 0.5 else MOOD_PLEASED, 0)
        return
    if not clicked and uniform < 0.2 and people.satisfaction[n] < 0:
        say(said, n, REPLY, MOOD_BORED, 0)
        return
    if say_again(people, n, uniform * 31.0 % 1.0, said):
        return
    if wish >= 0:
        say(said, n, REPLY, WANT, wish)
        told[wish] = True
    else:
        say(said, n, REPLY, SMALL_TALK, 0)


@rule
def talk_freely(
    people: People, heard: Heard, event: Event, draws: Float, items: Items, rates: Rates, said: Said
) -> None:
    """Put what N people say in other words, by the rates of their way of talking.

    Args:
        people: Who speaks; ``told`` and ``last_told`` are updated in place.
        heard: What the system said and showed.
        event: What came of the turn.
        draws: (N, 24) uniforms of the turn.
        items: The items as they see them.
        rates: Of the scenario.
        said: What they would say in plain talk; changed.
    """
    talk, forms = rates.talk, said.forms
    for n in range(len(draws)):
        asks, clicked = event.question[n] >= 0, event.click[n] >= 0
        if event.offered[n] and not asks:
            if clicked:
                take(people, heard, event, n, draws[n, U_SAY], items, talk, said)
            else:
                decline(people, event, n, draws[n, U_SAY], items, talk, said)
        elif event.ignored[n] and not asks and draws[n, U_SAY] < 0.5:
            say(said, n, EXTRA, IMPATIENT, 0)
        if event.leave[n]:
            if asks:
                forms[n, OPENING] = -1
            continue
        if forms[n, REPLY] == CHANGE_MIND:
            withdraw(people, n, draws[n, U_SAY], items, talk, said)
        idle = event.offered[n] and not clicked and event.lacking[n] < 0
        vague = forms[n, OPENING] == DONT_KNOW or forms[n, OPENING] == NO_PREFERENCE
        form = -1
        if asks:
            put_question(people, event, n, draws[n, U_RARE], items, talk, said)
        elif idle or vague:
            form = rare_act(people.satisfaction[n], draws[n, U_RARE], talk)
            if form >= 0:
                say(said, n, OPENING, form, 0)
                if form == START_OVER:
                    begin_anew(people, n, items, said)
        bare = forms[n, REPLY] < 0 and forms[n, EXTRA] < 0 and not asks and form < 0
        goes_on = idle and draws[n, U_RARE] > 1.0 - talk.goes_on
        if event.offered[n] and bare and (forms[n, OPENING] < 0 or goes_on):
            fill(people, event, n, draws[n], items, talk, said)
        put_wishes(people, n, draws[n, U_NAME], items, talk, said)
