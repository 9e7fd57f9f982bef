"""How likely what was seen is of each particle, a person who might be the one: by the rules people live by.

A rule that takes a uniform is asked once for every interval of that uniform within which its outcome cannot change;
the widths of those that agree with what was seen add up to its likelihood. What tells nothing of a person's wishes or
moods (wording, typing errors, greetings) is left out.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.core.borrowing import borrowed
from chatrec_env.core.compiled import rule
from simulators.scripted.choice import attraction, choice_chance, examination, stars_chance
from simulators.scripted.dynamics import leaving_chance, move_wish, swap_chances, swap_wish, trust_after
from simulators.scripted.events import Event, no_event
from simulators.scripted.opening import (
    CONTEXT,
    SECOND_WISH,
    SOMETHING_TO_AVOID,
    WANT_PAIR,
    say_unwanted,
    tell_all,
    tell_some,
)
from simulators.scripted.people import Items, People, Rates
from simulators.scripted.sentences import CLOSING, EXTRA, OPENING, REPLY, nothing_said
from simulators.scripted.talk import (
    ADDS,
    ANSWER,
    AVOID,
    CHANGE_MIND,
    DONT_KNOW,
    ENOUGH_OF,
    LIKE_BUT,
    REMARKS,
    SAYS_ENOUGH,
    SMALL_TALK,
    WANT,
    added,
    answer_to,
    enough,
    goodbye,
    reaction,
    remark,
    untold,
)
from simulators.scripted.turn import feel
from simulators.scripted.utility import appetite, utilities, worth_having
from simulators.scripted.visits import begin_visit, days_away, return_chance, within_days

Float = npt.NDArray[np.float64]

PATH = 2
"""Uniforms of a turn that decide what was not seen of it: an unsaid change of mind, days away."""

IMPOSSIBLE = -1e9
"""Log likelihood of what cannot be."""


class Seen(NamedTuple):
    """One turn of one conversation, as it can be seen."""

    facet: int  # asked about, -1 if none
    item: int  # recommended, -1 if none
    reason: int  # value the explanation names, -1 if none
    click: bool
    stars: int
    known: bool  # whether they said that they know the item
    back: bool  # whether they said goodbye and came back
    forms: npt.NDArray[np.int64]  # (4,) forms of what they said, -1 where nothing
    args: npt.NDArray[np.int64]  # (4,)


@rule
def log_of(chance: float) -> float:
    """Logarithm of a chance."""
    return np.log(chance) if chance > 0 else IMPOSSIBLE


@rule
def opening_likelihood(
    people: People,
    seen: Seen,
    weights: npt.NDArray[np.float32],
    pairs: npt.NDArray[np.int32],
    all_at_once: bool,
) -> Float:
    """Log likelihood (P,) of first words in plain talk; ``told`` changes in place.

    Args:
        people: Particles.
        seen: The words.
        weights: (V,) weight of each value's facet.
        pairs: (V, V) argument of the sentence that names two values, -1 where there is none.
        all_at_once: Whether people tell everything.
    """
    people, weights, pairs = borrowed((people, weights, pairs))
    forms, args, out = seen.forms, seen.args, np.zeros(len(people.threshold))
    said = nothing_said(len(out))
    pair = forms[REPLY] == WANT_PAIR
    avoid = CLOSING if all_at_once else EXTRA
    for n in range(len(out)):
        wanted, unwanted, told = people.wanted[n], people.unwanted[n], people.told[n]
        some = unwanted.any()
        if all_at_once:
            tell_all(wanted, told, n, CLOSING if some else CLOSING + 1, said)
        else:
            expected = args[OPENING] if forms[OPENING] == CONTEXT else -1
            if people.context[n] != expected:
                out[n] += IMPOSSIBLE
            # Whether there is a second wish that could have been named with the first.
            first = untold(wanted, told, weights)
            could = False
            if first >= 0:
                told[first] = True
                second = untold(wanted, told, weights)
                told[first] = False
                could = second >= 0 and pairs[first, second] >= 0
            tell_some(wanted, told, 0.0 if pair else 1.0, weights, pairs, n, said)
            if could:
                out[n] += np.log(SECOND_WISH if pair else 1.0 - SECOND_WISH)
            if some:
                named = forms[avoid] >= 0
                out[n] += np.log(SOMETHING_TO_AVOID if named else 1.0 - SOMETHING_TO_AVOID)
        if all_at_once or forms[avoid] >= 0:
            say_unwanted(unwanted, told, n, avoid, said)
        for place in range(REPLY if not all_at_once else OPENING, CLOSING + 1):
            if said.forms[n, place] != forms[place] or (
                forms[place] >= 0 and said.args[n, place] != args[place]
            ):
                out[n] += IMPOSSIBLE
    return out


@rule
def answer_chance(
    people: People, n: int, seen: Seen, own: npt.NDArray[np.float32], items: Items, rates: Rates
) -> float:
    """Chance of the answer that was heard to a question; ``told`` changes."""
    form, arg = seen.forms[OPENING], seen.args[OPENING]
    # A goodbye takes the place of a second choice.
    second = seen.args[REPLY] if seen.forms[REPLY] == WANT else -1
    if form == SMALL_TALK:
        return rates.ignores
    knows, told = people.knows[n], people.told[n]
    if form == DONT_KNOW:
        return (1.0 - rates.ignores) * (1.0 - knows)
    talks = min(people.talkative[n], knows)
    chance, lower = 0.0, 0.0
    for upper in (talks, knows):
        f, a, s = answer_to(seen.facet, own, knows, people.talkative[n], lower, items.facet_start)
        if upper > lower and f == form and a == arg and (s == second or seen.back):
            chance += upper - lower
        lower = upper
    if form in (ANSWER, AVOID):
        told[arg] = True
    if second >= 0:
        told[second] = True
    return (1.0 - rates.ignores) * chance


@rule
def volunteer_chance(
    people: People, n: int, seen: Seen, event: Event, own: npt.NDArray[np.float32], items: Items, rates: Rates
) -> float:
    """Chance of what was added to a reaction, or that nothing was; ``told`` and ``complained`` change."""
    form, arg, least = seen.forms[REPLY], seen.args[REPLY], np.float32(rates.steady)
    _, full = enough(people, n, items, least, 0.0)
    says = SAYS_ENOUGH if full >= 0 else 0.0
    chance = says if form == ENOUGH_OF and full == arg else 0.0
    lower = 0.0
    for upper in (ADDS[0], ADDS[1], ADDS[2], 1.0):
        f, a = added(people, n, event, own, items, least, lower)
        if (a < 0 and form < 0) or (a >= 0 and f == form and a == arg):
            chance += (1.0 - says) * (upper - lower)
        lower = upper
    if form == ENOUGH_OF:
        people.complained[n] = True
    elif form in (WANT, LIKE_BUT):
        people.told[n, arg] = True
    return people.talkative[n] * chance + (0.0 if form >= 0 else 1.0 - people.talkative[n])


@rule
def remark_chance(satisfaction: float, tired: bool, form: int) -> float:
    """Chance of a remark, or that there was none."""
    chance, lower = 0.0, 0.0
    for upper in (REMARKS[0], REMARKS[1], 1.0):
        if remark(satisfaction, tired, True, lower) == form:
            chance += upper - lower
        lower = upper
    return chance


@rule
def react(
    people: People, n: int, seen: Seen, event: Event, utility: float, items: Items, rates: Rates
) -> float:
    """Log likelihood of click and stars, or of neither, of particle ``n`` with what was recommended."""
    item = seen.item
    known = people.familiarity[n] * items.popularity[item]
    event.offered[n], event.item[n] = True, item
    event.click[n], event.stars[n] = 0 if seen.click else -1, seen.stars
    event.seen[n], event.passed[n] = seen.known, not (seen.known or seen.click)
    if seen.known:
        return log_of(known)
    weights = np.empty(1)
    weights[0] = attraction(examination(0, people.trust[n]), utility, people.threshold[n])
    found = log_of(1.0 - known) + log_of(choice_chance(weights, event.click[n]))
    if seen.click:
        at, scale, to = rates.anchor
        appeal = to + scale * (utility - people.threshold[n] - at)
        rated = stars_chance(
            appeal, people.generosity[n], people.stretch[n], rates.cuts, rates.careless, seen.stars
        )
        found += log_of(rated)
    return found


@rule
def change(people: People, n: int, seen: Seen, path: Float, items: Items, rates: Rates) -> float:
    """Log likelihood of the change of mind that was heard, or that none was; what was not heard follows ``path``."""
    wanted, unwanted, desire = people.wanted[n], people.unwanted[n], people.desire[n]
    said = seen.args[REPLY] if seen.forms[REPLY] == CHANGE_MIND else -1
    if rates.changes_mind <= 0:
        return IMPOSSIBLE if said >= 0 else 0.0
    told = rates.changes_mind * rates.says_so
    some, found = swap_chances(wanted, unwanted, said, items.facet_of, items.facet_start)
    if said >= 0:
        if found <= 0:
            return IMPOSSIBLE
        start, stop = items.facet_start[items.facet_of[said]], items.facet_start[items.facet_of[said] + 1]
        left, old = int(path[0] * wanted[start:stop].sum()), start - 1
        while left >= 0:
            old += 1
            left -= wanted[old]
        move_wish(wanted, desire, people.goal_size[n], old, said)
        people.told[n, said] = True
        return log_of(told * found)
    silent = rates.changes_mind if seen.back else (rates.changes_mind - told) / (1.0 - told * some)
    if path[0] < silent:
        swap_wish(wanted, unwanted, desire, people.goal_size[n], path[1], items.facet_of, items.facet_start)
    return 0.0 if seen.back else log_of(1.0 - told * some)


@rule
def return_likelihood(people: People, n: int, seen: Seen, path: Float, items: Items, rates: Rates) -> float:
    """Log likelihood of coming back after a goodbye, in time, with the wish that was heard; a new visit begins."""
    satisfaction = people.satisfaction[n]
    if goodbye(satisfaction) != seen.forms[REPLY]:
        return IMPOSSIBLE
    left = int(rates.season - people.day[n])
    within = within_days(satisfaction, left, rates.away, rates.away_satisfaction)
    chance = return_chance(satisfaction, rates.return_base, rates.return_satisfaction) * within
    if left > 0:
        days = days_away(satisfaction, path[1] * within, rates.away, rates.away_satisfaction)
        begin_visit(people, n, min(days, left), rates)
    wish = untold(people.wanted[n], np.zeros_like(people.wanted[n]), items.value_weights)
    if wish != (seen.args[CLOSING] if seen.forms[CLOSING] == WANT else -1):
        return IMPOSSIBLE
    if wish >= 0:
        people.told[n, wish] = True
    return log_of(chance)


@rule
def turn_likelihood(people: People, seen: Seen, path: Float, items: Items, rates: Rates) -> Float:
    """Log likelihood (P,) of a turn in plain talk after which the conversation goes on; particles change in place.

    Args:
        people: P particles.
        seen: What was said, shown and done.
        path: (P, 2) uniforms that decide what was not seen.
        items: The items as people see them.
        rates: Of the scenario.
    """
    people, path, items = borrowed((people, path, items))
    n_particles = len(people.threshold)
    out, event = np.zeros(n_particles), no_event(n_particles)
    worth = np.empty(people.desire.shape, np.float32)
    shown = np.full((n_particles, 1), seen.item, np.int32)
    for n in range(n_particles):
        appetite(people.desire[n], people.satiation[n], people.satiability[n], worth[n])
        event.asked[n] = seen.facet >= 0
        v = seen.reason
        if v >= 0:
            true = worth_having(people.desire[n, v], people.satiation[n, v], people.satiability[n])
            people.trust[n] = trust_after(people.trust[n], true, rates.trust_gain, rates.trust_loss)
    if seen.item >= 0:
        utility = utilities(people, shown, items)
        for n in range(n_particles):
            out[n] += react(people, n, seen, event, utility[n, 0], items, rates)
    feel(people, event, items, rates)
    for n in range(n_particles):
        out[n] += change(people, n, seen, path[n], items, rates)
        satisfaction = people.satisfaction[n]
        excess = max(people.questions[n] - people.patience[n], 0.0)
        tired = event.asked[n] and excess > 0
        leaves = leaving_chance(satisfaction, people.waiting[n], excess, rates)
        out[n] += log_of(leaves if seen.back else 1.0 - leaves)
        if seen.facet >= 0:
            out[n] += log_of(answer_chance(people, n, seen, worth[n], items, rates))
        elif reaction(seen.click, seen.stars, seen.known, satisfaction) != seen.forms[OPENING]:
            out[n] += IMPOSSIBLE
        elif not seen.back and seen.forms[REPLY] != CHANGE_MIND:
            out[n] += log_of(volunteer_chance(people, n, seen, event, worth[n], items, rates))
        if seen.back:
            out[n] += return_likelihood(people, n, seen, path[n], items, rates)
        else:
            out[n] += log_of(remark_chance(satisfaction, tired, seen.forms[EXTRA]))
    return out
