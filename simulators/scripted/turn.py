"""One turn of N people: what they make of what they hear, how it changes them, and what they say."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from chatrec_env.core.borrowing import borrowed
from chatrec_env.core.compiled import rule
from chatrec_env.core.sums import how_many
from chatrec_env.core.user_simulator import UserTurn
from chatrec_env.language.acts import SystemAct
from simulators.scripted.choice import (
    attraction,
    careless_rating,
    choose,
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
    U_WAY,
    U_WORDING,
    Event,
    Heard,
    no_event,
)
from simulators.scripted.manners.notions import swap_notion, tell_notions
from simulators.scripted.manners.questions import mind, wonder
from simulators.scripted.manners.replies import talk_freely
from simulators.scripted.manners.tone import NO_WAY, moods, number_in_tone
from simulators.scripted.people import Items, People, Rates
from simulators.scripted.sentences import Numbering, number_freely, number_sentences
from simulators.scripted.talk import greet_again, reply
from simulators.scripted.utility import appetite, satiation_loss, utilities, worth_having
from simulators.scripted.visits import come_back

ASK, CONFIRM, CLOSE = int(SystemAct.ASK), int(SystemAct.CONFIRM), int(SystemAct.CLOSE)

Float = npt.NDArray[np.float64]


@rule
def take_in(people: People, heard: Heard, draws: Float, event: Event) -> npt.NDArray[np.float32]:
    """Note who is asked and offered what, and what values are worth to those who may speak of them, (n, V)."""
    act, slate, talkative = heard.act, heard.slate, people.talkative
    desire, satiation, satiability = people.desire, people.satiation, people.satiability
    asked, offered, item, speaks = event.asked, event.offered, event.item, event.speaks
    speakers = 0
    for n in range(len(act)):
        asked[n] = act[n] == ASK or act[n] == CONFIRM
        for s in range(slate.shape[1] - 1, -1, -1):
            if slate[n, s] >= 0:
                offered[n], item[n] = True, slate[n, s]
        if asked[n] or (offered[n] and draws[n, U_VOLUNTEER] < talkative[n]):
            speaks[n] = speakers
            speakers += 1
    worth = np.empty((speakers, desire.shape[1]), np.float32)
    for n in range(len(act)):
        if speaks[n] >= 0:
            appetite(desire[n], satiation[n], satiability[n], worth[speaks[n]])
    return worth


@rule
def look(
    people: People, heard: Heard, judged: Float, draws: Float, items: Items, rates: Rates, event: Event,
) -> None:  # fmt: skip
    """Trust, clicks and ratings of N people, and which item the turn is about.

    A reason moves trust before the slate is looked at: it is true if the person does want the value it names. Nothing
    draws them to an item they know. What they have just looked at satiates like what they have consumed, in proportion
    to its examination: the more an item is like those above it, the less it draws. The same item twice is known twice
    or not at all. Who has a question about the first item decides nothing, unless they know it already; an item they
    were told about they did not know, and they look at it for certain.

    Args:
        people: Who looks; ``trust`` changes in place.
        heard: The slate and the reason given.
        judged: (N, S) utilities that somebody else gives the items, NaN where their own count; or (N, 0).
        draws: (N, 14 or more) uniforms of the turn.
        items: The items as they see them.
        rates: Of the scenario.
        event: ``click``, ``stars``, ``item``, ``seen`` and ``passed`` are filled in.
    """
    slate, reason, width = heard.slate, heard.reason, heard.slate.shape[1]
    desire, satiation, satiability, trust = people.desire, people.satiation, people.satiability, people.trust
    familiarity, threshold = people.familiarity, people.threshold
    generosity, stretch = people.generosity, people.stretch
    popularity, sating, cuts, careless = items.popularity, items.sating, rates.cuts, rates.careless
    gain, loss, (at, scale, to) = rates.trust_gain, rates.trust_loss, rates.anchor
    offered, click, stars, item = event.offered, event.click, event.stars, event.item
    seen, passed, question, answered = event.seen, event.passed, event.question, event.answered
    pending = people.pending
    utility = utilities(people, slate, items)
    weights, known = np.empty(width), np.zeros(width, np.bool_)
    above = np.empty(sating.shape[1] if width > 1 else 0, np.float32)  # sating values times examination
    products = np.empty_like(above)
    for n in range(slate.shape[0]):
        v = reason[n]
        if v >= 0:
            true = worth_having(desire[n, v], satiation[n, v], satiability[n])
            trust[n] = trust_after(trust[n], true, gain, loss)
        if not offered[n]:
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
                known[s], uniform = knows_already(familiarity[n] * popularity[i], uniform)
            first, told = s if first < 0 else first, answered[n] and i == pending[n]
            if told:
                known[s] = False
            if judged.shape[1] and not np.isnan(judged[n, s]):
                utility[n, s] = judged[n, s]
            if known[s]:
                continue
            fresh, looked, lost = True, 1.0 if told else examination(s, trust[n]), 0.0
            if width > 1:
                lost = satiation_loss(satiability[n], above, sating[i], products)
                for v in range(above.shape[0]):
                    above[v] += np.float32(looked) * sating[i, v]
            weights[s] = attraction(looked, utility[n, s] - lost, threshold[n])
        if known[first]:
            question[n] = -1
        if question[n] >= 0:
            continue
        place = choose(weights, draws[n, U_CLICK])
        click[n] = place
        seen[n], passed[n] = known[first] and place < 0, fresh and place < 0
        if place >= 0:
            appeal = to + scale * (utility[n, place] - threshold[n] - at)
            item[n] = slate[n, place]
            stars[n] = careless_rating(appeal, generosity[n], stretch[n], cuts, draws[n, U_STARS], careless)


@rule
def feel(people: People, event: Event, items: Items, rates: Rates) -> None:
    """Satiation, satisfaction, drift and the clocks of N people, in place."""
    desire, satiation, satisfaction = people.desire, people.satiation, people.satisfaction
    questions, patience, waiting, complained = (
        people.questions,
        people.patience,
        people.waiting,
        people.complained,
    )
    asked, offered, passed, question = event.asked, event.offered, event.passed, event.question
    click, stars, item, sating = event.click, event.stars, event.item, items.sating
    decay, memory, rate = np.float32(rates.satiation_decay), rates.reaction_memory, rates.drift
    ignored, question_reaction = rates.ignored, rates.question_reaction
    nothing = np.zeros(sating.shape[1], np.float32)
    for n in range(len(asked)):
        clicked, tired = click[n] >= 0, False
        if clicked:
            satiate(satiation[n], sating[item[n]], decay)
        else:
            satiate(satiation[n], nothing, decay)
        if asked[n]:
            questions[n] += 1
            tired = questions[n] > patience[n]
        enjoyment = (stars[n] - 3.0) / 2.0
        if clicked or passed[n] or tired:
            felt = enjoyment if clicked else (ignored if passed[n] else question_reaction)
            satisfaction[n] = satisfy(satisfaction[n], felt, memory)
        if clicked and stars[n] >= 3:
            waiting[n] = 0
        elif (offered[n] and question[n] < 0) or tired:
            waiting[n] += 1
        if clicked:
            complained[n] = False
            if rate > 0:
                drift(desire[n], sating[item[n]], enjoyment, rate)


@rule
def decide(
    people: People, act: npt.NDArray[np.int8], draws: Float, items: Items, rates: Rates, event: Event
) -> None:
    """Changes of mind and goodbyes of N people; some keep a change to themselves.

    What changes is a wish or what they have in mind that no facet holds, each as likely as the others.

    Args:
        people: ``wanted``, ``desire`` and ``notion`` change in place.
        act: (N,) of the system; nobody walks out of a conversation it closes.
        draws: (N, 14 or more) uniforms of the turn.
        items: The facets of values.
        rates: Of the scenario.
        event: ``swapped``, ``renewed`` and ``leave`` are filled in.
    """
    wanted, unwanted, desire, goal_size = people.wanted, people.unwanted, people.desire, people.goal_size
    questions, patience = people.questions, people.patience
    satisfaction, waiting = people.satisfaction, people.waiting
    facet_of, facet_start, swapped, leave = items.facet_of, items.facet_start, event.swapped, event.leave
    changes_mind, says_so = rates.changes_mind, rates.changes_mind * rates.says_so
    for n in range(len(act)):
        if draws[n, U_CHANGE] < changes_mind:
            uniform, says = draws[n, U_SWAP], draws[n, U_CHANGE] < says_so
            if people.notion[n] >= 0 and uniform * 997.0 % 1.0 < 1.0 / (1 + how_many(wanted[n])):
                swap_notion(people, n, uniform, items.notions)
                event.renewed[n] = says
            else:
                new = swap_wish(
                    wanted[n], unwanted[n], desire[n], goal_size[n], uniform, facet_of, facet_start
                )
                if says:
                    swapped[n] = new
        excess = max(questions[n] - patience[n], 0.0)
        chance = leaving_chance(satisfaction[n], waiting[n], excess, rates)
        leave[n] = draws[n, U_LEAVE] < chance and act[n] != CLOSE


def _turn(name: str, manners: bool) -> Any:
    """The rule of a turn, compiled with ``simulators.scripted.manners`` or without what takes long to compile."""

    def live_turn(
        people: People,
        items: Items,
        rates: Rates,
        numbering: Numbering,
        heard: Heard,
        judged: Float,
        draws: Float,
        answer: UserTurn,
    ) -> None:
        """One turn of N people, who change in place.

        Args:
            people: N people.
            items: The items as they see them.
            rates: Of the scenario.
            numbering: Of sentences.
            heard: What the system said and showed.
            judged: (N, S) utilities that somebody else gives the items shown, NaN where their own count; or (N, 0).
            draws: (N, 14, 16 or 24) uniforms.
            answer: What they do, filled in. To return new arrays would take longer than the turn of one person.
        """
        people, items, rates, numbering, heard, judged, draws, answer = borrowed(
            (people, items, rates, numbering, heard, judged, draws, answer)
        )
        event = no_event(len(draws))
        worth = take_in(people, heard, draws, event)
        if manners and rates.talk.lively:
            wonder(people, heard, event, draws, items, rates.talk)
        look(people, heard, judged, draws, items, rates, event)
        feel(people, event, items, rates)
        if manners and rates.talk.lively:
            mind(people, event, draws, items, rates)
        decide(people, heard.act, draws, items, rates, event)
        said = reply(people, heard, event, worth, draws, items, rates)
        if manners and rates.talk.lively:
            talk_freely(people, heard, event, draws, items, rates, said)
        if manners and items.notions.share > 0:
            tell_notions(people, event, draws, items.notions, said)
        if rates.season > 0:
            back = come_back(people, event.leave, draws[:, U_RETURN], draws[:, U_AWAY], rates)
            for n in range(len(back)):
                if back[n]:
                    event.leave[n] = False
                    greet_again(people.wanted[n], people.told[n], items.value_weights, n, said)
        if manners and rates.tone > 0:
            ways = draws[:, U_WAY] if rates.talk.lively else NO_WAY
            ids = number_in_tone(
                people, said, moods(people, event, items, rates), draws[:, U_WORDING], ways, numbering
            )
        elif manners and rates.talk.lively:
            ids = number_freely(people, said, draws[:, U_WORDING], draws[:, U_WAY], numbering)
        else:
            ids = number_sentences(people, said, draws[:, U_WORDING], numbering)
        answer.click[:] = event.click
        answer.stars[:] = event.stars
        answer.leave[:] = event.leave
        answer.sentences[:] = ids

    live_turn.__name__ = live_turn.__qualname__ = name
    return rule(live_turn)


plain_turn, mannered_turn = _turn("plain_turn", manners=False), _turn("mannered_turn", manners=True)
"""The turn of people who only state wishes, answer and judge; and of those who talk, have notions or a tone."""
