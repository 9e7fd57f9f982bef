"""One turn of N people: what they make of what they hear, how it changes them, and what they say."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import rule
from chatrec_env.language.acts import SystemAct
from simulators.scripted.choice import (
    attraction,
    careless_rating,
    choose,
    crowding,
    examination,
    knows_already,
)
from simulators.scripted.dynamics import drift, leaving_chance, satiate, satisfy, swap_wish, trust_after
from simulators.scripted.events import (
    U_AWAY,
    U_CHANGE,
    U_CLICK,
    U_KNOWN,
    U_LEAVE,
    U_RETURN,
    U_STARS,
    U_SWAP,
    U_VOLUNTEER,
    U_WORDING,
    Event,
    Heard,
    no_event,
)
from simulators.scripted.people import Items, People, Rates
from simulators.scripted.sentences import Numbering, number_sentences
from simulators.scripted.talk import greet_again, reply
from simulators.scripted.utility import appetite, utilities
from simulators.scripted.visits import come_back

ASK, CONFIRM, CLOSE = int(SystemAct.ASK), int(SystemAct.CONFIRM), int(SystemAct.CLOSE)

Float = npt.NDArray[np.float64]


@rule
def take_in(people: People, heard: Heard, draws: Float, event: Event) -> npt.NDArray[np.float32]:
    """Note who is asked and offered what, and what values are worth to those who may speak of them, (n, V)."""
    speakers = 0
    for n in range(len(draws)):
        event.asked[n] = heard.act[n] == ASK or heard.act[n] == CONFIRM
        for s in range(heard.slate.shape[1] - 1, -1, -1):
            if heard.slate[n, s] >= 0:
                event.offered[n], event.item[n] = True, heard.slate[n, s]
        if event.asked[n] or (event.offered[n] and draws[n, U_VOLUNTEER] < people.talkative[n]):
            event.speaks[n] = speakers
            speakers += 1
    worth = np.empty((speakers, people.desire.shape[1]), np.float32)
    for n in range(len(draws)):
        if event.speaks[n] >= 0:
            appetite(people.desire[n], people.satiation[n], people.satiability[n], worth[event.speaks[n]])
    return worth


@rule
def hear_reasons(people: People, reason: npt.NDArray[np.int16], rates: Rates) -> None:
    """A reason moves trust before the slate is looked at: it is true if the person does want the value it names.

    Args:
        people: Whose ``trust`` changes in place.
        reason: (N,) values, -1 where none is named.
        rates: ``trust_gain``, ``trust_loss``.
    """
    for n in range(len(reason)):
        v = reason[n]
        if v >= 0:
            true = people.desire[n, v] - people.satiability[n] * people.satiation[n, v] > 0
            people.trust[n] = trust_after(people.trust[n], true, rates.trust_gain, rates.trust_loss)


@rule
def look(
    people: People, slate: npt.NDArray[np.int32], judged: Float, draws: Float, items: Items,
    rates: Rates, event: Event,
) -> None:  # fmt: skip
    """Clicks and ratings of N people, and which item the turn is about.

    Nothing draws them to an item they know, and the less to another one the more it is like those above it. The same
    item twice is known twice or not at all.

    Args:
        people: Who looks.
        slate: (N, S) items, -1 where none.
        judged: (N, S) utilities that somebody else gives the items, NaN where their own count; or (N, 0).
        draws: (N, 14 or more) uniforms of the turn.
        items: The items as they see them.
        rates: Of the scenario.
        event: ``click``, ``stars``, ``item``, ``seen`` and ``passed`` are filled in.
    """
    width = slate.shape[1]
    utility = utilities(people, slate, items)
    weights, known = np.empty(width), np.zeros(width, np.bool_)
    above = np.empty(items.sating.shape[1] if width > 1 else 0, np.float32)
    at, scale, to = rates.anchor
    for n in range(slate.shape[0]):
        if not event.offered[n]:
            continue
        uniform, fresh, first = draws[n, U_KNOWN], False, -1
        above[:] = 0
        for s in range(width):
            i = slate[n, s]
            weights[s] = 0.0
            if i < 0:
                continue
            twin = 0
            while slate[n, twin] != i:
                twin += 1
            if twin < s:
                known[s] = known[twin]
            else:
                known[s], uniform = knows_already(people.familiarity[n] * items.popularity[i], uniform)
            first = s if first < 0 else first
            if judged.shape[1] and not np.isnan(judged[n, s]):
                utility[n, s] = judged[n, s]
            if known[s]:
                continue
            fresh, looked, lost = True, examination(s, people.trust[n]), 0.0
            if width > 1:
                lost = crowding(above, items.sating[i], people.satiability[n])
                for v in range(above.shape[0]):
                    above[v] += np.float32(looked) * items.sating[i, v]
            weights[s] = attraction(looked, utility[n, s] - lost, people.threshold[n])
        place = choose(weights, draws[n, U_CLICK])
        event.click[n] = place
        event.seen[n], event.passed[n] = known[first] and place < 0, fresh and place < 0
        if place >= 0:
            appeal = to + scale * (utility[n, place] - people.threshold[n] - at)
            shift, stretch = people.generosity[n], people.stretch[n]
            event.item[n] = slate[n, place]
            event.stars[n] = careless_rating(
                appeal, shift, stretch, rates.cuts, draws[n, U_STARS], rates.careless
            )


@rule
def feel(people: People, event: Event, items: Items, rates: Rates) -> None:
    """Satiation, satisfaction, drift and the clocks of N people, in place."""
    nothing = np.zeros(items.sating.shape[1], np.float32)
    decay = np.float32(rates.satiation_decay)
    for n in range(len(event.asked)):
        clicked, tired = event.click[n] >= 0, False
        consumed = items.sating[event.item[n]] if clicked else nothing
        satiate(people.satiation[n], consumed, decay)
        if event.asked[n]:
            people.questions[n] += 1
            tired = people.questions[n] > people.patience[n]
        enjoyment = (event.stars[n] - 3.0) / 2.0
        if clicked or event.passed[n] or tired:
            felt = enjoyment if clicked else (rates.ignored if event.passed[n] else rates.question_reaction)
            people.satisfaction[n] = satisfy(people.satisfaction[n], felt, rates.reaction_memory)
        if clicked and event.stars[n] >= 3:
            people.waiting[n] = 0
        elif event.offered[n] or tired:
            people.waiting[n] += 1
        if clicked:
            people.complained[n] = False
            if rates.drift > 0:
                drift(people.desire[n], consumed, enjoyment, rates.drift)


@rule
def decide(
    people: People, act: npt.NDArray[np.int8], draws: Float, items: Items, rates: Rates, event: Event
) -> None:
    """Changes of mind and goodbyes of N people; some keep a change to themselves.

    Args:
        people: ``wanted`` and ``desire`` change in place.
        act: (N,) of the system; nobody walks out of a conversation it closes.
        draws: (N, 14 or more) uniforms of the turn.
        items: The facets of values.
        rates: Of the scenario.
        event: ``swapped`` and ``leave`` are filled in.
    """
    for n in range(len(act)):
        if draws[n, U_CHANGE] < rates.changes_mind:
            new = swap_wish(
                people.wanted[n],
                people.unwanted[n],
                people.desire[n],
                people.goal_size[n],
                draws[n, U_SWAP],
                items.facet_of,
                items.facet_start,
            )
            if draws[n, U_CHANGE] < rates.changes_mind * rates.says_so:
                event.swapped[n] = new
        excess = max(people.questions[n] - people.patience[n], 0.0)
        chance = leaving_chance(people.satisfaction[n], people.waiting[n], excess, rates)
        event.leave[n] = draws[n, U_LEAVE] < chance and act[n] != CLOSE


@rule
def live_turn(
    people: People,
    heard: Heard,
    judged: Float,
    draws: Float,
    items: Items,
    rates: Rates,
    numbering: Numbering,
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8], npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """One turn of N people, who change in place.

    Args:
        people: N people.
        heard: What the system said and showed.
        judged: (N, S) utilities that somebody else gives the items shown, NaN where their own count; or (N, 0).
        draws: (N, 14 or 16) uniforms.
        items: The items as they see them.
        rates: Of the scenario.
        numbering: Of sentences.

    Returns:
        Clicks, stars, who leaves for good (N,), and sentence ids (N, 4); see ``UserTurn``.
    """
    event = no_event(len(draws))
    worth = take_in(people, heard, draws, event)
    hear_reasons(people, heard.reason, rates)
    look(people, heard.slate, judged, draws, items, rates, event)
    feel(people, event, items, rates)
    decide(people, heard.act, draws, items, rates, event)
    said = reply(people, heard, event, worth, draws, items, rates)
    if rates.season > 0:
        back = come_back(people, event.leave, draws[:, U_RETURN], draws[:, U_AWAY], rates)
        for n in np.flatnonzero(back):
            event.leave[n] = False
            greet_again(people, n, items.value_weights, said)
    return (
        event.click,
        event.stars,
        event.leave,
        number_sentences(people, said, draws[:, U_WORDING], numbering),
    )
