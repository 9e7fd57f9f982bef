"""What is believed of each facet, how uncertain that is, and the question that would settle most of it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.catalog import Catalog
from chatrec_env.core.borrowing import borrowed
from chatrec_env.core.compiled import inlined, rule
from chatrec_env.core.elementary import exp32, log32
from chatrec_env.core.state import ANSWERED, Dialogue
from chatrec_env.core.sums import BLOCK, add_up
from chatrec_env.dialogue.tracker import TrackerConfig

Row = npt.NDArray[np.float32]

MOST_TABULATED = 512
"""Values of a facet up to which the entropies of single wishes are tabulated."""

CONVICTION = np.float32(4.0)
"""A wish of 1 multiplies a value's odds by ``e`` to this power."""


class Prior(NamedTuple):
    """What is believed before anything was said."""

    facet_start: npt.NDArray[np.intp]  # (F + 1,) first value of each facet, then V
    log_share: npt.NDArray[np.float32]  # (V,) logarithm of the share of the facet's items that have it
    odds: npt.NDArray[np.float32]  # (V,) ``exp`` of that
    largest: npt.NDArray[np.float32]  # (F,) entropy if every value were as likely
    untold: npt.NDArray[np.float32]  # (F,) entropy over ``largest``
    alone: npt.NDArray[np.float32]  # (2, V) if that value alone is wanted, or avoided; NaN: not worked out
    want: np.float32  # strength of a wish
    avoid: np.float32  # strength of a dislike


@inlined
def believe(wishes: Row, prior: Prior, f: int, odds: Row) -> int:
    """Probability of each value of facet f, into the front of ``odds (V,)``, given ``wishes (V,)``; their number.

    ``p_v ~ share_v exp(4 wish_v)``: a wish multiplies a value's odds by ``e^4``, a dislike divides them by ``e^6``.
    """
    common, log_share = prior.odds, prior.log_share
    start, size = prior.facet_start[f], prior.facet_start[f + 1] - prior.facet_start[f]
    for i in range(size):
        v = start + i
        odds[i] = common[v] if wishes[v] == 0 else exp32(wishes[v] * CONVICTION + log_share[v])
    total = odds[0] + (add_up(odds, 1, size) if size <= BLOCK else add_up(odds[:size].copy(), 1, size))
    for i in range(size):
        odds[i] /= total
    return size


@inlined
def entropy_of(belief: Row, size: int, largest: np.float32) -> Any:
    """``-sum p log p`` of the first ``size`` entries over its largest possible value, in [0, 1]; uses them up."""
    for i in range(size):
        belief[i] = log32(belief[i] + np.float32(1e-9)) * belief[i]
    first = belief[0]
    spread = (first + add_up(belief, 1, size)) / -largest
    return min(max(spread, np.float32(0)), np.float32(1))


@inlined
def facet_entropy(wishes: Row, prior: Prior, f: int, scratch: Row) -> Any:
    """Entropy of what is believed of facet f, in [0, 1]; half of all cases are looked up."""
    count, at, starts = 0, 0, prior.facet_start
    for v in range(starts[f], starts[f + 1]):
        if wishes[v] != 0:
            count, at = count + 1, v
    if count == 0:
        return prior.untold[f]
    if count == 1:
        known = np.float32(np.nan)
        if wishes[at] == prior.want:
            known = prior.alone[0, at]
        elif wishes[at] == -prior.avoid:
            known = prior.alone[1, at]
        if not np.isnan(known):
            return known
    size = believe(wishes, prior, f, scratch)
    return entropy_of(scratch, size, prior.largest[f])


@rule
def tabulate(prior: Prior, wishes: Row) -> None:
    """Fill in ``untold`` and ``alone``; ``wishes (V,)`` float32 are none, and scratch."""
    prior, wishes = borrowed((prior, wishes))
    scratch = np.empty(wishes.shape[0], np.float32)
    for f in range(prior.untold.shape[0]):
        start, stop = prior.facet_start[f], prior.facet_start[f + 1]
        prior.untold[f] = entropy_of(scratch, believe(wishes, prior, f, scratch), prior.largest[f])
        if stop - start > MOST_TABULATED:
            continue
        for v in range(start, stop):
            wishes[v] = prior.want
            prior.alone[0, v] = entropy_of(scratch, believe(wishes, prior, f, scratch), prior.largest[f])
            wishes[v] = -prior.avoid
            prior.alone[1, v] = entropy_of(scratch, believe(wishes, prior, f, scratch), prior.largest[f])
            wishes[v] = 0


@rule
def all_beliefs(wishes: Row, prior: Prior, out: Row) -> None:
    """``believe`` of N conversations and all facets into ``out (N, V)``."""
    wishes, prior, out = borrowed((wishes, prior, out))
    odds = np.empty(wishes.shape[1], np.float32)
    for n in range(wishes.shape[0]):
        for f in range(prior.untold.shape[0]):
            size, start = believe(wishes[n], prior, f, odds), prior.facet_start[f]
            for i in range(size):
                out[n, start + i] = odds[i]


@rule
def all_entropies(wishes: Row, prior: Prior, out: Row) -> None:
    """``facet_entropy`` of N conversations and all facets into ``out (N, F)``."""
    wishes, prior, out = borrowed((wishes, prior, out))
    scratch = np.empty(wishes.shape[1], np.float32)
    for n in range(wishes.shape[0]):
        for f in range(out.shape[1]):
            out[n, f] = facet_entropy(wishes[n], prior, f, scratch)


class Beliefs:
    """Beliefs over the values of facets, read off the stated wishes.

    Args:
        catalog: The items; how common a value is among them is the prior.
        config: How strong a wish is taken to be.

    Attributes:
        prior: For the compiled rules of this module.
    """

    def __init__(self, catalog: Catalog, config: TrackerConfig) -> None:
        arrays = catalog.arrays
        self._weights, self._askable = arrays.facet_weights, arrays.askable
        self._value_weights = arrays.value_weights
        share = catalog.values.mean(0) + np.float32(1e-3)
        whole = np.add.reduceat(share, arrays.facet_start[:-1])
        log_share = np.log(share / whole[arrays.facet_of]).astype(np.float32)
        n_facets, n_values = catalog.n_facets, catalog.n_values
        self.prior = Prior(
            facet_start=arrays.facet_start,
            log_share=log_share,
            odds=np.exp(log_share),
            largest=np.log(np.maximum(np.diff(arrays.facet_start), 2)).astype(np.float32),
            untold=np.empty(n_facets, np.float32),
            alone=np.full((2, n_values), np.nan, np.float32),
            want=np.float32(config.want),
            avoid=np.float32(config.avoid),
        )
        tabulate(self.prior, np.zeros(n_values, np.float32))

    def belief(self, dialogue: Dialogue) -> npt.NDArray[np.float32]:
        """Probability that a value of each facet is the one wanted, (N, V) float32, rows sum to 1 per facet."""
        out = np.empty_like(dialogue.wishes)
        all_beliefs(dialogue.wishes, self.prior, out)
        return out

    def entropies(self, dialogue: Dialogue) -> npt.NDArray[np.float32]:
        """Entropy of what is believed of each facet, over its largest possible value, (N, F) in [0, 1]."""
        out = np.empty((len(dialogue.wishes), len(self._weights)), np.float32)
        all_entropies(dialogue.wishes, self.prior, out)
        return out

    def question_values(self, dialogue: Dialogue) -> npt.NDArray[np.float32]:
        """How much the answer to each facet's question would tell, (N, F): weight times entropy.

        Facets already asked count less each time; the one just asked, or not askable, counts nothing.
        """
        entropy = self.entropies(dialogue)
        worth = self._weights * entropy / (1.0 + 2.0 * dialogue.asked)
        worth = np.where(dialogue.status == ANSWERED, worth * np.float32(0.5), worth)
        barred = (np.arange(len(self._weights)) == dialogue.last_facet[:, None]) | ~self._askable
        return np.where(barred, np.float32(-1), worth).astype(np.float32)

    def most_informative_facet(self, dialogue: Dialogue) -> npt.NDArray[np.int16]:
        """The facet whose question would tell most, (N,)."""
        return self.question_values(dialogue).argmax(1).astype(np.int16)

    def value_to_confirm(self, dialogue: Dialogue) -> npt.NDArray[np.int16]:
        """The likeliest value not yet offered for confirmation, (N,)."""
        belief = self.belief(dialogue) * self._value_weights
        return np.where(dialogue.confirmed, np.float32(-1), belief).argmax(1).astype(np.int16)
