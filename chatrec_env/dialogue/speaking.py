"""The system's words for the act it chose, and what the state notes of it: compiled rules for one conversation."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.catalog.arrays import CatalogArrays
from chatrec_env.core.borrowing import borrowed
from chatrec_env.core.compiled import rule
from chatrec_env.core.state import ACCEPTED, ASKED, NOTHING, Dialogue
from chatrec_env.core.sums import dot
from chatrec_env.core.user_simulator import SystemTurn
from chatrec_env.dialogue.answers import Cards, Replies, amends, answer
from chatrec_env.language.acts import SystemAct, UserAct

Row = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int32]
Ids = npt.NDArray[np.int64]

ASK, CONFIRM, RECOMMEND = int(SystemAct.ASK), int(SystemAct.CONFIRM), int(SystemAct.RECOMMEND)
CLOSE, ANSWER = int(SystemAct.CLOSE), int(SystemAct.ANSWER)

NO_REMARK, ONLY_GREETED = np.uint64(0), np.uint64(1 << UserAct.GREET)

AKIN = np.float32(0.25)
"""Likeness to the best-rated item (inner product of content factors) above which it is given as the reason."""

PRAISED = np.float32(0.5)
"""Acclaim from which that is given as the reason."""


class Forms(NamedTuple):
    """Codes of the system's sentence forms, and how sentences are numbered; see ``Grammar``."""

    ask: int
    confirm: int
    recommend: int
    close: int
    item: int
    by_value: int
    by_item: int
    by_acclaim: int
    by_popularity: int
    starts: npt.NDArray[np.int32]  # (forms,) id of argument 0, variant 0
    strides: npt.NDArray[np.int32]  # (forms,) ids per argument
    styles: npt.NDArray[np.int32]  # (forms,) styles of a form
    talks: bool  # whether questions are answered and remarks replied to
    replies: Replies
    cards: Cards


@rule
def number(starts: Ints, strides: Ints, form: int, argument: int, variant: int) -> int:
    """The id of a sentence of a form."""
    return argument * strides[form] + variant + starts[form]


@rule
def wished_value(wishes: Row, stated: Flags, only_stated: bool, carried: Ints, weights: Row) -> Any:
    """The value of an item that is wished for most, and by how much; 0 and 0 where nothing is wished for.

    Args:
        wishes: (V,) float32.
        stated: (V,) whether the wish was said.
        only_stated: Whether wishes that were inferred count for nothing.
        carried: (C,) values of the item, V where there are no more.
        weights: (C,) float32 their weights.
    """
    value, most = 0, np.float32(0)
    for c in range(carried.shape[0]):
        v = carried[c]
        if v == wishes.shape[0]:
            break
        wish = wishes[v] * weights[c]
        if wish > most and (stated[v] or not only_stated):
            value, most = v, wish
    return value, most


@rule
def speak(d: Dialogue, n: int, turn: SystemTurn, variants: Ids, catalog: CatalogArrays, forms: Forms) -> None:
    """Word the system's turn of conversation n, choose the reason it gives, and note in the state what was done.

    Args:
        d: ``Dialogue``, changed in place.
        n: Which conversation.
        turn: ``SystemTurn``; ``reason`` and ``sentences`` are filled in.
        variants: (N, 2) wordings of the opener and of the explanation, each in [0, ``N_VARIANTS``).
        catalog: ``CatalogArrays``.
        forms: How sentences are numbered.
    """
    act, slate, said, variant = turn.act[n], turn.slate[n], turn.sentences[n], variants[n, 0]
    shown, at, size = d.shown[n], d.turn[n] * slate.shape[0], slate.shape[0]
    starts, strides = forms.starts, forms.strides
    accepted = d.outcome[n] == ACCEPTED
    for s in range(size):
        d.slate[n, s] = shown[at + s] = slate[s]
    d.turn[n] += 1
    d.last_facet[n], d.last_value[n] = turn.facet[n], turn.value[n]
    d.outcome[n] = NOTHING
    if act in (ASK, CONFIRM):
        d.questions[n] += 1
        d.outcome[n] = ASKED
    for s in range(said.shape[0]):
        said[s] = -1
    turn.reason[n] = -1
    if act == ASK:
        d.asked[n, turn.facet[n]] += 1
        said[0] = number(starts, strides, forms.ask, turn.facet[n], variant)
    elif act == CONFIRM:
        d.confirmed[n, turn.value[n]] = True
        said[0] = number(starts, strides, forms.confirm, turn.value[n], variant)
    elif slate[0] >= 0:
        said[0] = number(starts, strides, forms.recommend, 0, variant)
    else:
        said[0] = number(starts, strides, forms.close, 0, variant)
    if act != ANSWER:
        for s in range(size):
            if slate[s] >= 0:
                said[1 + s] = number(starts, strides, forms.item, slate[s], 0)
    if slate[0] >= 0 and act != ANSWER:
        explain(d, n, turn, variants[n, 1], catalog, forms)
    if forms.talks:
        respond(d, n, turn, variant, accepted, catalog, forms)
    heard = d.transcript[n, d.turn[n]]
    for s in range(size + 2):
        heard[s] = said[s]


@rule
def respond(
    d: Dialogue, n: int, turn: SystemTurn, variant: int, accepted: bool, catalog: CatalogArrays, forms: Forms
) -> None:
    """Answer what conversation n's person asked, mend what went wrong, close warmly; the question comes last."""
    act, said, memory, replies = turn.act[n], turn.sentences[n], d.memory, forms.replies
    last, form, about = said.shape[0] - 1, -1, 0
    shows = turn.slate[n, 0] >= 0
    if memory.question[n] > 0 and act in (ANSWER, RECOMMEND):
        item = memory.asked_item[n]
        form, about = answer(memory.question[n], memory.about[n], item, forms.cards, replies)
        if form < 0 and act == ANSWER and shows:
            explain(d, n, turn, variant, catalog, forms)
            said[0], said[last] = said[last], -1
            return
        if form < 0 and act == ANSWER:
            form, about = replies.unknown, forms.cards.unknown
        other = beside(turn.slate[n], item)
        if form == replies.fact_of and act == ANSWER and other >= 0:
            other = about + forms.cards.topics * (other - item)
            said[last] = number(forms.starts, forms.strides, form, other, 0)
    if form < 0:
        form, about = amends(d.remarks[n], memory.lacking[n], memory.sought[n], replies)
    if form < 0 and accepted and act == CLOSE:
        form, about = replies.close_warm, memory.taken[n]
    elif form < 0 and accepted and shows:
        form = replies.offer_more
    elif form < 0 and shows and turn.slate.shape[1] > 1:
        form = replies.starters if d.remarks[n] in (NO_REMARK, ONLY_GREETED) else replies.slate
    if form < 0:
        return
    if act in (ASK, CONFIRM):
        said[last] = said[0]
    said[0] = number(forms.starts, forms.strides, form, about, variant % forms.styles[form])


@rule
def beside(slate: Ints, item: int) -> int:
    """The first item of a slate ``(S,)`` that is another one, -1 if there is none."""
    for s in range(slate.shape[0]):
        if slate[s] >= 0 and slate[s] != item:
            return int(slate[s])
    return -1


@rule
def explain(
    d: Dialogue, n: int, turn: SystemTurn, variant: int, catalog: CatalogArrays, forms: Forms
) -> None:
    """The reason given for the first item: a wish it meets, else an item it resembles, acclaim, popularity."""
    item, liked, anchor = turn.slate[n, 0], d.favourite[n], d.memory.anchor[n]
    stated, carried = d.memory.stated[n], catalog.carried[item]
    value, worth = wished_value(d.wishes[n], stated, forms.talks, carried, catalog.carried_weights[item])
    form, about = forms.replies.guess if forms.talks else forms.by_popularity, 0
    if worth > 0:
        turn.reason[n] = value
        form, about = forms.by_value, value
    elif forms.talks and anchor >= 0 and alike(catalog.factors[item], catalog.factors[anchor]):
        form, about, variant = forms.replies.by_likeness, anchor, 0
    elif liked >= 0 and alike(catalog.factors[item], catalog.factors[liked]):
        form, about, variant = forms.by_item, liked, 0
    elif catalog.acclaim[item] >= PRAISED:
        form = forms.by_acclaim
    turn.sentences[n, d.slate.shape[1] + 1] = number(forms.starts, forms.strides, form, about, variant)


@rule
def alike(a: Row, b: Row) -> bool:
    """Whether two items ``(16,)`` are near enough in content to name one as the reason for the other."""
    return dot(a, b, np.empty(a.shape[0], np.float32)) > AKIN


@rule
def speak_all(d: Dialogue, catalog: CatalogArrays, forms: Forms, turn: SystemTurn, variants: Ids) -> None:
    """``speak`` of N conversations; ``variants (N, 2)``."""
    d, catalog, forms, turn, variants = borrowed((d, catalog, forms, turn, variants))
    for n in range(turn.act.shape[0]):
        speak(d, n, turn, variants, catalog, forms)
