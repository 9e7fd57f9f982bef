"""What people say in a turn, one person at a time; the same rules as ``simulators.scripted.talk.Talk`` form by form."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from chatrec_env.core.sums import dot
from chatrec_env.language.acts import SystemAct
from simulators.loops.utility import rank_row

ASK, CONFIRM = int(SystemAct.ASK), int(SystemAct.CONFIRM)
OPENING, REPLY, EXTRA, CLOSING = 0, 1, 2, 3

(
    SMALL_TALK,
    DONT_KNOW,
    ANSWER,
    WANT,
    AVOID,
    NO_PREFERENCE,
    YES,
    NO,
    ACCEPT_WARM,
    ACCEPT_PLAIN,
    ACCEPT_COOL,
    SEEN_IT,
    REJECT_MILD,
    REJECT_FIRM,
    REJECT_ANNOYED,
    ENOUGH_OF,
    TOO,
    MORE_LIKE_THAT,
    LIKE_BUT,
    RELATIVE,
    CHANGE_MIND,
    IMPATIENT,
    MOOD_BORED,
    MOOD_PLEASED,
    THANK_LEAVE,
    LEAVE_UNHAPPY,
) = range(26)
"""Places in ``simulators.scripted.talk.SPOKEN``."""


@njit(cache=True, nogil=True)
def answer(
    facet: int,
    worth: Any,
    told: Any,
    edges: Any,
    draws: Any,
    ignores: Any,
    knows: Any,
    talkative: Any,
    forms: Any,
    codes: Any,
    args: Any,
) -> None:
    """One person answers a question about ``facet``; see ``Talk.answer``."""
    args[OPENING] = facet
    if draws[8] < ignores:
        codes[OPENING], args[OPENING] = forms[SMALL_TALK], 0
    elif draws[9] >= knows:
        codes[OPENING] = forms[DONT_KNOW]
    else:
        best, worst, second = rank_row(worth, edges[facet], edges[facet + 1])
        if worth[best] >= 0.5:
            codes[OPENING], args[OPENING] = forms[ANSWER], best
            told[best] = True
            if second >= 0 and worth[second] >= 0.5 and draws[9] < talkative:
                codes[REPLY], args[REPLY] = forms[WANT], second
                told[second] = True
        elif worth[worst] <= -1.0:
            codes[OPENING], args[OPENING] = forms[AVOID], worst
            told[worst] = True
        else:
            codes[OPENING] = forms[NO_PREFERENCE]


@njit(cache=True, nogil=True)
def reaction(taken: Any, stars: Any, seen: Any, satisfaction: Any) -> int:
    """The first words on a suggestion; see ``Talk.react``."""
    if taken:
        return ACCEPT_WARM if stars >= 5 else (ACCEPT_PLAIN if stars == 4 else ACCEPT_COOL)
    if seen:
        return SEEN_IT
    if satisfaction >= -0.1:
        return REJECT_MILD
    return REJECT_FIRM if satisfaction >= -0.35 else REJECT_ANNOYED


@njit(cache=True, nogil=True)
def untold(wanted: Any, told: Any, weights: Any) -> int:
    """The weightiest wanted value not yet said, -1 if none."""
    best, most, found = 0, np.float32(0), False
    for v in range(wanted.shape[0]):
        if wanted[v] and not told[v]:
            found = True
            if weights[v] > most:
                best, most = v, weights[v]
    return best if found else -1


@njit(cache=True, nogil=True)
def sated_by(satiation: Any, sating: Any) -> int:
    """The value most consumed lately, of those that can pall."""
    best, most = 0, satiation[0] * sating[0]
    for v in range(satiation.shape[0]):
        full = satiation[v] * sating[v]
        if full > most:
            best, most = v, full
    return best


@njit(cache=True, nogil=True)
def volunteer(
    worth: Any,
    taken: Any,
    values: Any,
    weighted: Any,
    steady: Any,
    satiation: Any,
    sating: Any,
    full_up: Any,
    complained: Any,
    wanted: Any,
    told: Any,
    weights: Any,
    edges: Any,
    comparable: Any,
    draws: Any,
    forms: Any,
    codes: Any,
    args: Any,
    products: Any,
) -> bool:
    """One person says something more after a reaction; see ``Talk.volunteer``. Whether they have complained."""
    sated = sated_by(satiation, sating)
    full = satiation[sated] * sating[sated]
    if full >= full_up and draws[11] < 0.6 and not complained and not steady:
        codes[REPLY], args[REPLY] = forms[ENOUGH_OF], sated
        return True
    if not taken:
        wrong, least = 0, worth[0] * weighted[0] if values[0] > 0 else np.float32(0)
        for v in range(worth.shape[0]):
            here = worth[v] * weighted[v] if values[v] > 0 else np.float32(0)
            if here < least:
                wrong, least = v, here
        if worth[wrong] * weighted[wrong] <= -0.5:
            codes[REPLY], args[REPLY] = forms[TOO], wrong
            return bool(complained)
    elif draws[12] < (0.7 if steady else 0.05):
        codes[REPLY] = forms[MORE_LIKE_THAT]
        return bool(complained)
    wish = untold(wanted, told, weights)
    if wish >= 0:
        near = draws[12] < 0.3 and dot(worth, weighted, products) > 0
        codes[REPLY], args[REPLY] = forms[LIKE_BUT if near else WANT], wish
        told[wish] = True
        return bool(complained)
    if not taken:
        for f in comparable:
            start, stop = edges[f], edges[f + 1]
            ideal = own = start
            for v in range(start, stop):
                if worth[v] > worth[ideal]:
                    ideal = v
                if values[v] > values[own]:
                    own = v
            if worth[ideal] >= 0.5 and ideal != own:
                codes[REPLY], args[REPLY] = forms[RELATIVE], 2 * f + (ideal > own)
                break
    return bool(complained)


@njit(cache=True, nogil=True)
def say_all(
    act: Any,
    facet: Any,
    value: Any,
    asked: Any,
    offered: Any,
    item: Any,
    taken: Any,
    stars: Any,
    seen: Any,
    changed: Any,
    new_value: Any,
    leave: Any,
    worth: Any,
    place: Any,
    talkative: Any,
    knows: Any,
    patience: Any,
    questions: Any,
    satisfaction: Any,
    satiability: Any,
    satiation: Any,
    wanted: Any,
    told: Any,
    complained: Any,
    values: Any,
    weighted: Any,
    weights: Any,
    sating: Any,
    edges: Any,
    comparable: Any,
    draws: Any,
    forms: Any,
    ignores: Any,
    steady: Any,
    full_up: Any,
    bored: Any,
    pleased: Any,
    codes: Any,
    args: Any,
) -> None:
    """The sentences of a turn of N people; see ``Talk.reply``.

    Args:
        act: (N,) what the system did; ``facet`` and ``value``: about what.
        facet: (N,)
        value: (N,)
        asked: (N,) as in ``Moment``, likewise all up to ``leave``.
        offered: See ``Moment``.
        item: See ``Moment``.
        taken: See ``Moment``.
        stars: See ``Moment``.
        seen: See ``Moment``.
        changed: See ``Moment``.
        new_value: See ``Moment``.
        leave: See ``Moment``.
        worth: (n, V) as in ``Appetite``, likewise ``place``.
        place: (N,)
        talkative: (N,) as in ``People``, likewise all up to ``complained``; ``told`` and that change in place.
        knows: See ``People``.
        patience: See ``People``.
        questions: See ``People``.
        satisfaction: See ``People``.
        satiability: See ``People``.
        satiation: See ``People``.
        wanted: See ``People``.
        told: See ``People``.
        complained: See ``People``.
        values: (I, V) of the catalogue; ``weighted``: times their facets' weights.
        weighted: (I, V) float32.
        weights: (V,) float32 facet weight of each value.
        sating: (V,) whether it can pall.
        edges: (F + 1,) first value of each facet, then V.
        comparable: Numeric facets with words for more and less.
        draws: (N, 14) uniforms of the turn.
        forms: (26,) codes of ``SPOKEN``.
        ignores: Chance that a question is not answered.
        steady: Satiability up to which people hardly tire, float32.
        full_up: Satiation from which people say so.
        bored: Satisfaction below which people sometimes remark on it.
        pleased: The same above.
        codes: (N, 4) forms said, -1 where none, filled in; ``args`` their arguments.
        args: (N, 4)
    """
    products = np.empty(weights.shape[0], np.float32)
    for n in range(act.shape[0]):
        code, arg, own = codes[n], args[n], told[n]
        if act[n] == ASK:
            answer(
                facet[n],
                worth[place[n]],
                own,
                edges,
                draws[n],
                ignores,
                knows[n],
                talkative[n],
                forms,
                code,
                arg,
            )
        elif act[n] == CONFIRM:
            yes = worth[place[n], max(value[n], 0)] >= 0.5
            code[OPENING] = forms[YES if yes else NO]
            if yes:
                own[value[n]] = True
        if offered[n]:
            code[OPENING] = forms[reaction(taken[n], stars[n], seen[n], satisfaction[n])]
            if draws[n, 10] < talkative[n] and not changed[n] and not leave[n]:
                complained[n] = volunteer(
                    worth[place[n]],
                    taken[n],
                    values[item[n]],
                    weighted[item[n]],
                    satiability[n] <= steady,
                    satiation[n],
                    sating,
                    full_up,
                    complained[n],
                    wanted[n],
                    own,
                    weights,
                    edges,
                    comparable,
                    draws[n],
                    forms,
                    code,
                    arg,
                    products,
                )
        if changed[n]:
            code[REPLY], arg[REPLY] = forms[CHANGE_MIND], new_value[n]
            own[new_value[n]] = True
        if asked[n] and questions[n] > patience[n]:
            if draws[n, 13] < 0.5:
                code[EXTRA] = forms[IMPATIENT]
        elif code[OPENING] >= 0 and draws[n, 13] < 0.35:
            if satisfaction[n] < bored:
                code[EXTRA] = forms[MOOD_BORED]
            if satisfaction[n] > pleased:
                code[EXTRA] = forms[MOOD_PLEASED]
        if leave[n]:
            code[CLOSING] = forms[THANK_LEAVE if satisfaction[n] >= 0.0 else LEAVE_UNHAPPY]
