"""What lies on the table: the items that fit best, and the cards beside the one that is suggested."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from agents.serving.talk import likeness
from agents.serving.talk.bounds import Bounds, Mask
from agents.serving.talk.fitting import (
    LEAST,
    PLAIN,
    doubtful,
    fit,
    held_values,
    passed_over,
    plainly_wished,
    spared,
)
from chatrec_env.core.state import Dialogue
from chatrec_env.dialogue.dialogue_manager import DialogueManager

ALIKE, VERY_ALIKE = 25, 8
"""Items near to what was named as one to be like, among which wishes decide: of before, and just now."""

AS_NEAR = 0.6
"""How much less near than the nearest an item may be that is suggested for it, in deviations."""

ENOUGH = 4
"""Items that have to be left where those are passed over that might not suit."""

USUAL = 0.5
"""Share of the items that fit best from which those that might not suit are usual there, and stay."""


def _without(
    left: Mask, lacks: npt.NDArray[np.float32], over: Sequence[Mask], offered: Sequence[int]
) -> Mask:
    """(I,) items without those that are passed over, as long as enough new ones are left that lack as little."""
    for mask in over:
        best = left & (lacks <= lacks[left].min())
        best[list(offered)] = False
        if (best & ~mask).sum() >= max(ENOUGH, USUAL * best.sum()):
            left = left & ~mask
    return left


def _nearest(items: Mask, near: npt.NDArray[np.float32], most: int) -> Mask:
    """(I,) those ``most`` of some items that are nearest."""
    out = np.zeros_like(items)
    out[np.argsort(np.where(items, -near, np.inf), kind="stable")[:most]] = True
    return out & items


def _nearly(manager: DialogueManager, dialogue: Dialogue) -> npt.NDArray[np.float32]:
    """(I,) how likely each item may be called what is wished, where the list calls none that is alike enough so."""
    wanted = plainly_wished(manager.catalog, dialogue)
    chances = [likeness.standard(likeness.likely(manager, int(value))) for value in wanted]
    return np.asarray(sum(chances, np.zeros(manager.catalog.n_items, np.float32)), np.float32)


def lay_table(
    manager: DialogueManager,
    dialogue: Dialogue,
    bounds: Bounds,
    offered: Sequence[int],
    near: npt.NDArray[np.float32] | None = None,
    most: int = 0,
    *,
    alike: int = 0,
    known: Sequence[int] = (),
) -> bool:
    """Put on the table only what fits, what meets most first; in place.

    Args:
        manager: Whose catalogue and ranking.
        dialogue: One conversation; ``candidates`` and ``scores`` change.
        bounds: Limits and words.
        offered: Items that were on cards before: put on the table only where nothing else fits as well.
        near: (I,) how near each item is to what was looked for, where that counts.
        most: How many of the nearest are considered then; 0: as many as lie on the table.
        known: Items that the person named with an opinion.
        alike: Among how many of the nearest wishes decide, where to be near matters more; 0: among all.

    Returns:
        Whether there is something on the table; if not, it is as it was.
    """
    catalog = manager.catalog
    allowed, lacks = fit(catalog, dialogue, bounds)
    gone = np.zeros(catalog.n_items, np.bool_)
    for items in (dialogue.shown[0], dialogue.rating_history.items[0], dialogue.memory.named[0]):
        gone[items[items >= 0]] = True
    gone[list(known)] = True
    left = allowed & ~gone
    if not left.any():
        return False
    over = passed_over(manager, dialogue, bounds, typical=near is None, alike=alike > 0)
    left = _without(left, lacks, over, offered)
    if near is not None and alike:
        met = lacks == lacks[left].min()
        wide = next((n for n in (alike, ALIKE) if (_nearest(left, near, n) & met).any()), 0)
        left = _nearest(left, near, wide or ALIKE)
        near = near if wide else near + _nearly(manager, dialogue)
    best = left & (lacks == lacks[left].min())
    fresh = best.copy()
    fresh[list(offered)] = False
    best = fresh if fresh.any() and near is None else best  # the nearest are so whether they were seen before
    if near is not None:
        best = _nearest(best, near, most or manager.n_candidates)
        best &= near >= near[best].max() - AS_NEAR
    out = np.flatnonzero(~best).astype(dialogue.shown.dtype)
    manager.retrieve(dialogue._replace(shown=np.concatenate([dialogue.shown, out[None]], 1)))
    return True


def least_lacking(manager: DialogueManager, dialogue: Dialogue, bounds: Bounds) -> float:
    """How much of the stated wishes the best item that is left does not meet; infinite where none is left."""
    allowed, lacks = fit(manager.catalog, dialogue, bounds)
    gone = dialogue.shown[0]
    allowed[gone[gone >= 0]] = False
    return float(np.floor(lacks[allowed].min() / LEAST) * LEAST) if allowed.any() else math.inf


def beside(
    manager: DialogueManager, dialogue: Dialogue, bounds: Bounds, item: int, without: Sequence[int]
) -> list[int]:
    """Items that meet as much of what was said as one does, the best first; none that might be what is to be spared.

    Args:
        manager: Whose catalogue and ranking.
        dialogue: One conversation.
        bounds: Limits and words.
        item: The one.
        without: Items that are left out.
    """
    catalog, wishes, stated = manager.catalog, dialogue.wishes[0], dialogue.memory.stated[0]
    allowed, lacks = fit(catalog, dialogue, bounds)
    allowed &= (lacks <= lacks[item]) & (not bounds.blind)
    for mask in (*spared(manager, dialogue), doubtful(manager, dialogue)):
        allowed &= ~mask
    held = held_values(catalog)
    wanted = (wishes >= PLAIN) & stated
    for value in np.flatnonzero(wanted & held[item]):  # what it has of these, they have
        facet = int(catalog.value_facet[value])
        same = wanted & (catalog.value_facet == facet)
        choice = next((list(some) for some in bounds.choices if value in some), [int(value)])
        allowed &= held[:, choice if catalog.facets[facet].multi_valued else same].any(1)
    gone = dialogue.rating_history.items[0]
    allowed[[item, *without, *gone[gone >= 0]]] = False
    score = manager.retriever.scores(dialogue.wishes, np.zeros((1, _tastes(manager)), np.float32))[0]
    found = np.flatnonzero(allowed)
    return [int(i) for i in found[np.argsort(-score[found], kind="stable")]]


def _tastes(manager: DialogueManager) -> int:
    return manager.retriever.blend.matrix.shape[0] - manager.catalog.n_values
