"""What each route of retrieval puts on the table for people whose past is known, and what of it they liked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from chatrec_env.catalog import Catalog
from chatrec_env.catalog.movielens.folder import rating_levels
from chatrec_env.core.rating_history import RatingHistory
from chatrec_env.dialogue.dialogue_manager import DialogueManager
from chatrec_env.language import SentenceTable
from chatrec_env.retrieval.collaborative import Factors
from chatrec_env.retrieval.retriever import RetrievalConfig
from experiments.evaluate.stats import sampled_interval
from experiments.report.grid import Grid, from_to
from experiments.report.page import h
from experiments.report.plots import COLORS, Picture, canvas, drawn, titled
from experiments.report.publish import Section, Sheet
from simulators.calibration.heldout import LIKED, person_weights
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
        dialogue = manager.remember(dialogue, pasts_of(known, people))
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


def rows_of(found: dict[str, Found], ks: tuple[int, ...], *, draws: int, seed: int) -> list[dict[str, Any]]:
    """One row a route: recall and NDCG at each k with 95% intervals, and the lead of the blend over the route.

    Intervals are of a bootstrap over people; leads are paired, on the same draws of people.
    """
    names = list(found)
    has = np.isfinite(found[names[0]].recall[:, 0])
    # (routes, people, 2 k): recall at each k, then NDCG.
    each = np.stack([np.concatenate([found[n].recall[has], found[n].ndcg[has]], axis=1) for n in names])
    now, n = each.mean(1), each.shape[1]
    sample = np.stack([np.einsum("p,rpk->rk", weight / n, each) for weight in person_weights(n, draws, seed)])
    blended = names.index(BLENDED)
    rows = []
    for r, name in enumerate(names):
        row: dict[str, Any] = {"route": name}
        for c, key in enumerate([*(f"recall@{k}" for k in ks), *(f"ndcg@{k}" for k in ks)]):
            row[key] = sampled_interval(now[r, c], sample[:, r, c], n).to_dict()
            if r != blended and c < len(ks):
                lead = sample[:, blended, c] - sample[:, r, c]
                gap = now[blended, c] - now[r, c]
                row[f"blended lead, {key}"] = sampled_interval(gap, lead, n).to_dict()
        rows.append(row)
    return rows


def grid_of(table: dict[str, Any]) -> Grid:
    """The table for people."""
    keys = [*(f"recall@{k}" for k in table["k"]), f"ndcg@{table['k'][0]}"]
    people = f"{table['measured']:,} people, 95% intervals over people"
    out = Grid(("route", *keys), title=f"Held-out liked items among the first k; {people}")
    for row in table["rows"]:
        blended = row["route"] == BLENDED
        name = f"{row['route']}, weight {table['weight']:g}" if blended else row["route"]
        out.add(name, *(from_to(row[key]) for key in keys), bold=blended)
    return out


def curves(table: dict[str, Any]) -> Picture:
    """Recall by length of the list, a line a route."""
    figure, axes = canvas(6.6, 4.2)
    ks = np.array(sorted(table["k"]))
    for place, row in enumerate(table["rows"]):
        color = COLORS[0] if row["route"] == BLENDED else COLORS[1 + place % (len(COLORS) - 1)]
        mean, low, high = (np.array([row[f"recall@{k}"][key] for k in ks]) for key in ("mean", "low", "high"))
        axes.plot(ks, mean, "o-", color=color, linewidth=2.2, markersize=5, label=row["route"])
        axes.fill_between(ks, low, high, color=color, alpha=0.14, linewidth=0)
    axes.set_xticks(ks)
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, fontsize=10, loc="upper left")
    told = "share of the held-out items they liked; bands: 95% over people"
    titled(axes, "Recall of retrieval", told, "candidates (k)")
    return drawn(figure, "Recall by length of the list")


def sheet_of(table: dict[str, Any]) -> Sheet:
    """The page."""
    first = f"recall@{table['k'][0]}"
    blended = next(row for row in table["rows"] if row["route"] == BLENDED)
    return Sheet(
        kicker=f"recall on {table['data']} · {table['people']:,} people",
        headline=f"Blended retrieval finds {from_to(blended[first], 0, percent=True)} of what they liked",
        lead=f"Among its first {table['k'][0]} candidates, of {table['asked']:,} ratings held out.",
        sections=[
            Section(
                title="Routes of retrieval",
                pictures={"recall": curves(table)},
                grids={"table": grid_of(table)},
            )
        ],
        footer=f"<code>{h(table['command'])}</code>. {' '.join(h(note) for note in table['notes'])}",
    )
