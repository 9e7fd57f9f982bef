"""What the person's sentences change in the state of a conversation: one compiled rule each, for one conversation."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.catalog.arrays import CatalogArrays
from chatrec_env.core.compiled import inlined, rule
from chatrec_env.core.state import ANSWERED, NO_ANSWER, UNKNOWN, Dialogue
from chatrec_env.dialogue.slots import note_item, remember_entity
from chatrec_env.language.acts import UserAct
from chatrec_env.language.questions import ASKING
from chatrec_env.language.sentence_ring import row_of
from chatrec_env.language.sentence_rows import UNLISTED, SentenceArrays

Row = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]
Ids = npt.NDArray[np.int64]
Signs = npt.NDArray[np.int8]

ENOUGH = np.uint64(1 << UserAct.ENOUGH_OF)
MORE = np.uint64(1 << UserAct.MORE_LIKE_THAT | 1 << UserAct.LIKE_BUT)
REPLY = np.uint64(1 << UserAct.YES | 1 << UserAct.NO)
YES = np.uint64(1 << UserAct.YES)
UNANSWERED = np.uint64(1 << UserAct.DONT_KNOW | 1 << UserAct.NO_PREFERENCE)
LIKED_IT = np.uint64(1 << UserAct.LIKED_ITEM)
LIKED = LIKED_IT | np.uint64(1 << UserAct.LIKE)
DISLIKED = np.uint64(1 << UserAct.DISLIKED_ITEM)
NAMING = LIKED | DISLIKED | np.uint64(1 << UserAct.SEEN_IT)
SOUGHT = np.uint64(1 << UserAct.FIND_ITEM)
QUESTION = np.uint64(sum(1 << act for act in ASKING))
START_OVER = np.uint64(1 << UserAct.START_OVER)
UNDO = np.uint64(1 << UserAct.UNDO)
DROP, RELATIVE = np.uint64(1 << UserAct.DROP), np.uint64(1 << UserAct.RELATIVE)
TAKEN_BACK = UNDO | DROP
VERDICT = DISLIKED | np.uint64(1 << UserAct.REJECT | 1 << UserAct.SEEN_IT | 1 << UserAct.MISMATCH)
"""Acts as bits of a flag word."""

FIRM = np.float32(1.5)
"""How much more than others a wish counts whose lack was complained of: as much as one that is put firmly."""


class Strengths(NamedTuple):
    """How strong what is said is taken to be; float32 multiples of 1/16, but ``keep``."""

    want: np.float32
    avoid: np.float32
    enough: np.float32
    similar: np.float32
    relative: np.float32
    keep: np.float32  # weight that earlier turns keep in the encoding
    likeness: npt.NDArray[np.float32]  # (I, V) values that count when two items are called alike


@rule
def hear(
    d: Dialogue,
    n: int,
    remarks: np.uint64,
    sentences: SentenceArrays,
    end: int,
    catalog: CatalogArrays,
    strengths: Strengths,
    total: Row,
) -> None:
    """Take in the turn in the transcript of conversation n, with these ``remarks_of`` it; ``total (D,)`` is scratch."""
    said, wishes, status = d.transcript[n, d.turn[n]], d.wishes[n], d.status[n]
    person, memory, before = d.slate.shape[1] + 2, d.memory, d.memory.before[n]
    take_back(d, n, remarks)
    for v in range(wishes.shape[0]):
        before[v] = wishes[v]
    memory.question[n] = 0
    memory.sought[n] = memory.lacking[n] = -1
    blend(d.heard[n], said[:person], sentences, end, strengths.keep, total)
    blend(d.said[n], said[person:], sentences, end, strengths.keep, total)
    for p in range(person, said.shape[0]):
        if said[p] >= 0:
            row = row_of(said[p], sentences.first, sentences.capacity, end)
            read(d, n, row, sentences, catalog, strengths)
            remember(d, n, row, sentences)
    d.remarks[n] = remarks
    changed = remarks & TAKEN_BACK != 0
    for v in range(wishes.shape[0]):
        changed |= wishes[v] != before[v]
    if changed:
        note_answers(wishes, before, status, remarks & TAKEN_BACK != 0, catalog.facet_start)
    asked = d.last_facet[n]
    if remarks & UNANSWERED and asked >= 0 and status[asked] == UNKNOWN:
        status[asked] = NO_ANSWER


@rule
def note_answers(wishes: Row, before: Row, status: Signs, taken_back: bool, facet_start: Rows) -> None:
    """A facet of which something new is wished for is answered; of which nothing is any more, unknown."""
    for f in range(status.shape[0]):
        known = False
        for v in range(facet_start[f], facet_start[f + 1]):
            known |= wishes[v] != 0
            if wishes[v] != 0 and before[v] == 0:
                status[f] = ANSWERED
                break
        if taken_back and status[f] == ANSWERED and not known:
            status[f] = UNKNOWN


@inlined
def remarks_of(d: Dialogue, n: int, sentences: SentenceArrays, end: int) -> Any:
    """The acts of the turn that stands in the transcript of conversation n, as bits."""
    said, remarks = d.transcript[n, d.turn[n]], np.uint64(0)
    for p in range(d.slate.shape[1] + 2, said.shape[0]):
        if said[p] >= 0:
            remarks |= sentences.flags[row_of(said[p], sentences.first, sentences.capacity, end)]
    return remarks


@rule
def asks_first(remarks: np.uint64) -> bool:
    """Whether somebody puts a question before they decide, and gives no verdict with it."""
    return remarks & QUESTION != 0 and remarks & VERDICT == 0


@rule
def take_back(d: Dialogue, n: int, remarks: np.uint64) -> None:
    """To start over forgets all wishes of conversation n; to undo, those of the person's last turn."""
    wishes, memory, status, entities = d.wishes[n], d.memory, d.status[n], d.entities[n]
    if remarks & START_OVER:
        d.context[n] = memory.anchor[n] = -1
        for f in range(status.shape[0]):
            status[f] = UNKNOWN
        for i in range(entities.shape[0]):
            entities[i] = -1
    elif not remarks & UNDO:
        return
    for v in range(wishes.shape[0]):
        wishes[v] = np.float32(0) if remarks & START_OVER else memory.before[n, v]
        memory.stated[n, v] &= wishes[v] != 0


@rule
def remember(d: Dialogue, n: int, row: int, sentences: SentenceArrays) -> None:
    """What one sentence asks, names, looks for and misses."""
    memory, flags, item = d.memory, sentences.flags[row], sentences.item[row]
    if sentences.question[row] > 0 and memory.question[n] == 0:
        memory.question[n], memory.about[n] = sentences.question[row], sentences.about[row]
        memory.asked_item[n] = item if item >= 0 else latest(d, n)
    if sentences.lacking[row] >= 0:
        memory.lacking[n] = sentences.lacking[row]
    if item < 0:
        return
    if flags & SOUGHT:
        memory.sought[n] = item
    elif flags & NAMING:
        note_item(memory.named[n], item)
        if flags & LIKED and sentences.item_polarity[row] > 0:
            memory.anchor[n] = item


@rule
def latest(d: Dialogue, n: int) -> int:
    """The first item on the table of conversation n, where nothing lies there the one shown last; -1 if none."""
    if d.slate[n, 0] >= 0:
        return int(d.slate[n, 0])
    for turn in range(d.turn[n] - 1, -1, -1):
        item = d.shown[n, turn * d.slate.shape[1]]
        if item >= 0:
            return int(item)
    return -1


@inlined
def blend(
    encoding: Row, said: Ids, sentences: SentenceArrays, end: int, keep: np.float32, total: Row
) -> None:
    """Move an encoding ``(D,)`` towards the mean of this turn's sentences; left alone where nothing was said.

    ``e' = keep e + (1 - keep) mean``: the latest turns weigh most. ``total (D,)`` is scratch.
    """
    width, count, embeddings = encoding.shape[0], 0, sentences.embeddings
    total[:] = 0
    for p in range(said.shape[0]):
        if said[p] >= 0:
            vector = embeddings[row_of(said[p], sentences.first, sentences.capacity, end)]
            count += 1
            for i in range(width):
                total[i] += vector[i]
    if count > 0:
        share = np.float32(np.float64(np.float32(1) - keep) / np.float64(count))
        for i in range(width):
            encoding[i] = encoding[i] * keep + total[i] * share


@rule
def read(
    d: Dialogue, n: int, row: int, sentences: SentenceArrays, catalog: CatalogArrays, strengths: Strengths
) -> None:
    """What one sentence of the person in conversation n says of their wishes."""
    wishes, flags, named, want = d.wishes[n], sentences.flags[row], sentences.wishes[row], strengths.want
    stated, missed = d.memory.stated[n], sentences.lacking[row]
    if sentences.replaces[row]:
        drop_wishes(wishes, stated, named, catalog.facet_start)
    state_wishes(wishes, stated, named, want, strengths.enough if flags & ENOUGH else strengths.avoid)
    if flags & DROP:
        drop_stated(wishes, stated, sentences.dropped[row])
    if missed >= 0:
        wishes[missed], stated[missed] = max(wishes[missed], FIRM * want), True
    company = sentences.context[row]
    if company >= 0:
        d.context[n] = company
        imply_wishes(wishes, catalog.context_wishes[company], want, strengths.avoid)
    linked = sentences.item[row]
    shown = d.slate[n, 0] if linked != UNLISTED else -1
    if linked >= 0:
        resemble(
            wishes, strengths.likeness[linked], strengths.similar, np.float32(sentences.item_polarity[row])
        )
    elif shown >= 0 and flags & (MORE | LIKED_IT):
        resemble(wishes, strengths.likeness[shown], strengths.similar, np.float32(1))
    elif shown >= 0 and flags & DISLIKED:
        resemble(wishes, strengths.likeness[shown], strengths.similar, np.float32(-1))
    anchor = linked if linked >= 0 else shown
    if anchor >= 0 and flags & RELATIVE:
        direction = sentences.relative[row]
        compare(
            wishes,
            direction,
            catalog.values[anchor],
            catalog.ordered,
            catalog.facet_start,
            strengths.relative,
        )
    if flags & REPLY and d.last_value[n] >= 0:
        wishes[d.last_value[n]] = want if flags & YES else np.float32(0)
        stated[d.last_value[n]] = flags & YES != 0
    if sentences.entity[row] >= 0:
        remember_entity(
            d.entities[n], d.entity_signs[n], sentences.entity[row], sentences.entity_polarity[row]
        )


@inlined
def state_wishes(wishes: Row, stated: Flags, named: Signs, want: np.float32, avoid: np.float32) -> None:
    """Values ``(V,)`` named above 0 are wanted, below 0 to be avoided: by halves of ``want`` and ``avoid``."""
    half = np.float32(0.5)
    for v in range(wishes.shape[0]):
        if named[v] != 0:
            wishes[v] = (want if named[v] > 0 else avoid) * half * np.float32(named[v])
            stated[v] = True


@inlined
def drop_stated(wishes: Row, stated: Flags, dropped: Flags) -> None:
    """Values ``(V,)`` that are wished for no longer, nor avoided."""
    for v in range(wishes.shape[0]):
        if dropped[v]:
            wishes[v], stated[v] = 0, False


@rule
def imply_wishes(wishes: Row, implied: Signs, want: np.float32, avoid: np.float32) -> None:
    """The same of values ``(V,)`` that a company implies, where nothing is stated."""
    for v in range(wishes.shape[0]):
        if implied[v] != 0 and wishes[v] == 0:
            wishes[v] = want if implied[v] > 0 else -avoid


@rule
def drop_wishes(wishes: Row, stated: Flags, named: Signs, facet_start: Rows) -> None:
    """Forget earlier positive wishes of the facets named in ``named (V,)``: "Actually, ..."."""
    for f in range(facet_start.shape[0] - 1):
        wanted = False
        for v in range(facet_start[f], facet_start[f + 1]):
            wanted |= named[v] > 0
        if wanted:
            for v in range(facet_start[f], facet_start[f + 1]):
                wishes[v] = min(wishes[v], np.float32(0))
                stated[v] &= wishes[v] < 0


@rule
def resemble(wishes: Row, likeness: Row, similar: np.float32, sign: np.float32) -> None:
    """The values ``(V,)`` of a liked (+1) or disliked (-1) title become weak wishes where nothing is stated."""
    for v in range(wishes.shape[0]):
        pull = likeness[v] * (similar * sign)
        if pull != 0 and abs(wishes[v]) <= similar:
            wishes[v] = pull


@inlined
def compare(
    wishes: Row, direction: Signs, values: Row, ordered: Flags, facet_start: Rows, step: np.float32
) -> None:
    """Newer, shorter, ...: bins beyond the item's own are wanted a little, the others not.

    Args:
        wishes: (V,) changed in place.
        direction: (F,) int8 +1 for more, -1 for less, 0 where nothing is compared.
        values: (V,) of the item compared with.
        ordered: (F,) whether a facet's values stand in an order.
        facet_start: (F + 1,) first value of each facet, then V.
        step: Strength of such a wish.
    """
    for f in range(direction.shape[0]):
        if direction[f] == 0 or not ordered[f]:
            continue
        start, stop = facet_start[f], facet_start[f + 1]
        own = start
        for v in range(start, stop):
            if values[v] > values[own]:
                own = v
        for v in range(start, stop):
            wishes[v] = step if (v - own) * direction[f] > 0 else -step
