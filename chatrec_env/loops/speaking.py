"""The system's words for the act it chose, and what the state notes of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from chatrec_env.core.sums import dot
from chatrec_env.language.acts import SystemAct
from chatrec_env.loops.candidates import wished_value

ASK, CONFIRM = int(SystemAct.ASK), int(SystemAct.CONFIRM)

SAY_ASK, SAY_CONFIRM, SAY_RECOMMEND, SAY_CLOSE, SAY_ITEM, BY_VALUE, BY_ITEM, BY_ACCLAIM, BY_POPULARITY = (
    range(9)
)
"""Places in ``chatrec_env.dialogue.dialogue_manager.SPOKEN``."""


@njit(cache=True, nogil=True)
def speak(
    act: Any,
    facet: Any,
    value: Any,
    slate: Any,
    variants: Any,
    wishes: Any,
    favourite: Any,
    carried: Any,
    weights: Any,
    factors: Any,
    acclaim: Any,
    akin_from: Any,
    praised_from: Any,
    forms: Any,
    starts: Any,
    strides: Any,
    outcomes: Any,
    reason: Any,
    sentences: Any,
    shown: Any,
    turn: Any,
    questions: Any,
    outcome: Any,
    asked: Any,
    confirmed: Any,
) -> None:
    """Choose the reason to give, number the sentences and note what was done; see ``DialogueManager.speak``.

    Args:
        act: (N,) SystemAct; ``facet`` and ``value``: about what, -1 otherwise.
        facet: (N,)
        value: (N,)
        slate: (N, S) items shown, -1 where none.
        variants: (N, 2) wordings of the opener and the explanation.
        wishes: (N, V) float32.
        favourite: (N,) best-rated item so far, -1 if none.
        carried: (I, C) value numbers of each item, V where there are no more; ``weights``: their facets' weights.
        weights: (I, C) float32.
        factors: (I, 16) float32.
        acclaim: (I,) float32.
        akin_from: Likeness from which the favourite is a reason.
        praised_from: Acclaim from which that is one.
        forms: (9,) codes of ``SPOKEN``.
        starts: (forms,) id of argument 0, variant 0; ``strides``: ids per argument.
        strides: (forms,)
        outcomes: What the last turn came to: after a question, and after anything else.
        reason: (N,) filled in, likewise ``sentences (N, 3)``, both -1 where none.
        sentences: (N, 3)
        shown: (N, max_turns) items shown so far, changed in place, likewise all that follow.
        turn: (N,)
        questions: (N,)
        outcome: (N,)
        asked: (N, F)
        confirmed: (N, V)
    """
    products = np.empty(factors.shape[1], np.float32)
    for n in range(act.shape[0]):
        item = slate[n, 0]
        shown[n, turn[n]] = item
        turn[n] += 1
        opener, about = forms[SAY_CLOSE], 0
        outcome[n] = outcomes[1]
        if act[n] == ASK or act[n] == CONFIRM:
            questions[n] += 1
            outcome[n] = outcomes[0]
        if act[n] == ASK:
            opener, about = forms[SAY_ASK], facet[n]
            asked[n, facet[n]] += 1
        elif act[n] == CONFIRM:
            opener, about = forms[SAY_CONFIRM], value[n]
            confirmed[n, value[n]] = True
        elif item >= 0:
            opener = forms[SAY_RECOMMEND]
        sentences[n, 0] = about * strides[opener] + variants[n, 0] + starts[opener]
        sentences[n, 1] = sentences[n, 2] = reason[n] = -1
        if item < 0:
            continue
        sentences[n, 1] = item * strides[forms[SAY_ITEM]] + starts[forms[SAY_ITEM]]
        best, worth = wished_value(wishes[n], item, carried, weights)
        liked = favourite[n]
        form, about, variant = forms[BY_POPULARITY], 0, variants[n, 1]
        if worth > 0:
            reason[n] = best
            form, about = forms[BY_VALUE], best
        elif liked >= 0 and dot(factors[item], factors[liked], products) > akin_from:
            form, about, variant = forms[BY_ITEM], liked, 0
        elif acclaim[item] >= praised_from:
            form = forms[BY_ACCLAIM]
        sentences[n, 2] = about * strides[form] + variant + starts[form]
