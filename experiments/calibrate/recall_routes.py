"""What each route of retrieval puts on the table for people whose past is known, and what of it they liked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from chatrec_env.catalog import Catalog
from chatrec_env.catalog.movielens.folder import rating_levels
from chatrec_env.core.rating_history import RatingHistory
from chatrec_env.dialogue.dialogue_manager import DialogueManager
from chatrec_env.language import SentenceTable
from chatrec_env.retrieval.collaborative import Factors
from chatrec_env.retrieval.retriever import RetrievalConfig
from simulators.calibration.heldout import LIKED
from simulators.ratings import Ratings

Float = npt.NDArray[np.float64]

CONTENT, COLLABORATIVE = "content only", "collaborative only"
BLENDED, POPULARITY = "blended", "popularity"

GROUP = 32
"""People retrieved for together, those with pasts of like length."""


@dataclass(frozen=True, slots=True)
class Found:
    """How one route did, by person: (U, number of k) each, NaN for people with nothing liked among what is asked."""

    recall: Float
    ndcg: Float


def known_catalog(catalog: Catalog, known: Ratings) -> Catalog:
    """The catalogue with popularity and acclaim of the known ratings alone: its own are made of all there are."""
    counts = np.bincount(known.items, minlength=catalog.n_items).astype(np.float64)
    totals = np.bincount(known.items, known.stars, catalog.n_items).astype(np.float64)
    popularity, acclaim = rating_levels(counts, totals)
    return replace(catalog, popularity=popularity, acclaim=acclaim)


def blend_of(route: str, weight: float) -> RetrievalConfig:
    """The weights of a route: the served ones, with those of content or of the factors at 0."""
    if route == COLLABORATIVE:
        return RetrievalConfig(acclaim=0.0, popularity=0.0, taste=0.0, collaborative=1.0)
    return RetrievalConfig(collaborative=weight if route == BLENDED else 0.0)


def pasts_of(known: Ratings, people: npt.NDArray[np.intp]) -> RatingHistory:
    """The known ratings of some people as pasts; as long as the longest of them."""
    starts = known.starts()
    sizes = np.diff(starts)[people]
    place = np.arange(max(int(sizes.max(initial=0)), 1))
    there = place < sizes[:, None]
    row = np.where(there, starts[people][:, None] + place, 0)
    items = np.where(there, known.items[row], -1).astype(np.int32)
    return RatingHistory(items, np.where(there, known.stars[row], 0).astype(np.float32))


def retrieve(
    catalog: Catalog,
    table: SentenceTable,
    known: Ratings,
    blend: RetrievalConfig,
    factors: Factors | None,
    k: int,
    step: Callable[[int], None] = lambda _: None,
) -> npt.NDArray[np.int32]:
    """The k best candidates of every person (U, k), by the assistant that serves, before anybody has spoken.

    Args:
        catalog: See ``known_catalog``.
        table: Sentences of the catalogue; none is said.
        known: What people rated.
        blend: Weights.
        factors: Collaborative factors, where they have a weight.
        k: Candidates.
        step: Told how many further people are done.
    """
    manager = DialogueManager(catalog, table, n_candidates=k, max_turns=1, retrieval=blend, factors=factors)
    out = np.empty((known.n_users, k), np.int32)
    order = np.argsort(np.diff(known.starts()), kind="stable")
    for start in range(0, len(order), GROUP):
        people = order[start : start + GROUP]
        dialogue = manager.open(len(people))
        manager.remember(dialogue, pasts_of(known, people))
        manager.retrieve(dialogue)
        out[people] = dialogue.candidates
        step(len(people))
    return out


def most_popular(known: Ratings, k: int) -> npt.NDArray[np.int32]:
    """The k most rated items each person has not rated, (U, k): by exact counts, ties to the lower index."""
    counts = np.bincount(known.items, minlength=known.n_items)
    best = np.argsort(-counts, kind="stable").astype(np.int32)
    starts, out = known.starts(), np.empty((known.n_users, k), np.int32)
    for person in range(known.n_users):
        mine = known.items[starts[person] : starts[person + 1]]
        head = best[: k + len(mine)]
        # What they have rated comes last, as in retrieval: it can only fill up a list as long as the catalogue.
        out[person] = np.concatenate([head[~np.isin(head, mine)], mine])[:k]
    return out


def measure(candidates: npt.NDArray[np.int32], asked: Ratings, ks: tuple[int, ...]) -> Found:
    """Recall and NDCG at each k of candidates ``(U, K)``, best first, against the asked ratings that were liked.

    ``recall@k = hits / min(k, liked)`` and binary NDCG, both as Liang et al. (2018) have them, so that the best
    possible list scores 1.
    """
    good = asked.stars >= LIKED
    count = np.bincount(asked.users[good], minlength=asked.n_users)
    pair = asked.users[good].astype(np.int64) * asked.n_items + asked.items[good]
    hits = np.isin(np.arange(asked.n_users)[:, None] * asked.n_items + candidates, pair)
    gain = 1.0 / np.log2(np.arange(candidates.shape[1]) + 2.0)
    recall, ndcg = np.full((2, asked.n_users, len(ks)), np.nan)
    has = count > 0
    for j, k in enumerate(ks):
        most = np.minimum(count[has], k)
        recall[has, j] = hits[has, :k].sum(1) / most
        ndcg[has, j] = (hits[has, :k] * gain[:k]).sum(1) / np.cumsum(gain)[most - 1]
    return Found(recall, ndcg)
