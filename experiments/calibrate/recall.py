"""``chatrec recall``: what retrieval finds of the films real people went on to like, by route."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from chatrec_env.errors import ConfigError
from experiments.calibrate.data import TABLE_OPTIONS, RatingsOptions, begin, read
from experiments.calibrate.recall_routes import (
    BLENDED,
    COLLABORATIVE,
    CONTENT,
    POPULARITY,
    Found,
    blend_of,
    known_catalog,
    measure,
    most_popular,
    retrieve,
    rows_of,
    sheet_of,
)
from experiments.cli.options import same_again
from experiments.cli.progress import Meter
from experiments.cli.terminal import clean, say
from experiments.report.documents import FORMAT, write_document
from experiments.report.publish import publish
from experiments.report.runlog import TABLE
from experiments.report.study import show
from simulators.ratings import Ratings

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog
    from chatrec_env.language import SentenceTable
    from chatrec_env.retrieval.collaborative import Factors
    from chatrec_env.retrieval.factor_fitting import FitSettings

LENGTHS = (10, 50, 100)
"""Lengths of the list of candidates that are looked at unless others are named."""

INNER = 0.2
"""Share of the known ratings of each person that settings and weight are chosen on."""

WEIGHTS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""Blend weights tried."""

SETTINGS = ((16, 10.0, 3.0), (32, 10.0, 3.0), (32, 5.0, 2.0), (64, 10.0, 2.0))
"""Factors, regularisation and confidence tried."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecallConfig(RatingsOptions):
    """Hold out ratings of real people and see how many of those they liked retrieval puts among its candidates.

    Every route but popularity is the retriever that serves, given what each person rated before, and asked for
    candidates before anybody has spoken. Popularity, acclaim and factors are of the known ratings alone; the blend
    weight and the settings of the factors are chosen on a part of them. The run folder gets table.json, recall.png and
    the factors.

    Attributes:
        k: Lengths of the list of candidates. The first decides in the choice of settings and weight. Default: 10, 50
            and 100, as far as there are items.
        newcomers: If above 0, a third of the people come with so many ratings, drawn at random, and they alone are
            measured, on all their others; settings and weight are chosen on another third, treated alike.
    """

    k: tuple[int, ...] = ()
    held_out: float = 0.2
    newcomers: int = 0

    def __post_init__(self) -> None:
        self.check(newcomers=0)
        if (self.k and min(self.k) < 1) or len(set(self.k)) < len(self.k):
            raise ConfigError(f"--k expects different lengths of 1 or more, got {list(self.k)}.")

    def command(self) -> str:
        """The command line that gives the same table; the data folder by its last name alone."""
        return same_again(
            "recall", self, (*TABLE_OPTIONS, "k", "held_out", "newcomers", "people", "draws", "seed")
        )


@dataclass(frozen=True, slots=True)
class Bench:
    """Known and asked ratings, and the retriever's catalogue made of the known ones.

    Attributes:
        catalog: See ``known_catalog``.
        table: Its sentences.
        known: What the routes are told.
        asked: What they are asked for.
        k: Lengths of the list.
    """

    catalog: Catalog
    table: SentenceTable
    known: Ratings
    asked: Ratings
    k: tuple[int, ...]

    def fit(self, settings: FitSettings) -> Factors:
        """Factors of the known ratings."""
        from chatrec_env.retrieval.factor_fitting import fit_factors

        known = self.known
        about = f"{len(known)} known ratings of {known.n_users} people"
        return fit_factors(known.users, known.items, known.stars, self.catalog, about, settings)

    def route(
        self, route: str, factors: Factors | None, weight: float, step: Callable[[int], None] = lambda _: None
    ) -> Found:
        """How one route does; ``step`` is told how many further people are done."""
        most = max(self.k)
        if route == POPULARITY:
            found = most_popular(self.known, most)
        else:
            blend = blend_of(route, weight)
            found = retrieve(self.catalog, self.table, self.known, blend, factors, most, step)
        return measure(found, self.asked, self.k)


def choose(
    bench: Bench, config: RecallConfig, meter: Meter
) -> tuple[FitSettings, float, list[dict[str, Any]]]:
    """Settings of the factors, by the collaborative route alone, and then the blend weight; with all that was tried.

    By mean recall at the first k; the first of equals.
    """
    from chatrec_env.retrieval.factor_fitting import FitSettings

    tried: list[dict[str, Any]] = []
    best: tuple[float, FitSettings, Factors] | None = None
    with meter.work("Choosing the factors", len(SETTINGS), "settings") as work:
        for size, regularisation, confidence in SETTINGS:
            settings = FitSettings(
                factors=size, regularisation=regularisation, confidence=confidence, seed=config.seed
            )
            factors = bench.fit(settings)
            score = float(np.nanmean(bench.route(COLLABORATIVE, factors, 0.0).recall[:, 0]))
            tried.append({"route": COLLABORATIVE, **asdict(settings), "recall": score})
            if best is None or score > best[0]:
                best = score, settings, factors
            work.add(1, f"recall@{bench.k[0]} {score:.3f}")
    assert best is not None
    weights: dict[float, float] = {}
    with meter.work("Choosing the blend", len(WEIGHTS), "weights") as work:
        for weight in WEIGHTS:
            found = bench.route(BLENDED if weight else CONTENT, best[2], weight)
            weights[weight] = float(np.nanmean(found.recall[:, 0]))
            tried.append({"route": BLENDED, "weight": weight, "recall": weights[weight]})
            work.add(1, f"recall@{bench.k[0]} {weights[weight]:.3f}")
    return best[1], max(weights, key=lambda w: weights[w]), tried


def split(config: RecallConfig, meter: Meter) -> tuple[Bench, Bench, list[str]]:
    """The bench that settings are chosen on, the one that counts, and notes."""
    from chatrec_env.language.encoders import make_encoder
    from chatrec_env.language.grammar import Grammar
    from chatrec_env.language.parser import Parser
    from chatrec_env.language.sentence_table import SentenceTable
    from simulators.calibration.heldout import LIKED, split_ratings

    catalog, ratings, notes = read(config, meter)
    k = config.k or tuple(n for n in LENGTHS if n <= catalog.n_items) or (catalog.n_items,)
    if max(k) > catalog.n_items:
        raise ConfigError(f"--k must be at most {catalog.n_items}, the number of items, got {max(k)}.")
    table = SentenceTable(Grammar(catalog), Parser(catalog), make_encoder("hash"))
    if config.newcomers:
        third = np.random.default_rng([config.seed, 2]).permutation(ratings.n_users) % 3
        order = shuffled_places(ratings, config.seed)
        few = order < config.newcomers
        tested, tried = third[ratings.users] == 0, third[ratings.users] == 1
        known, asked = ratings.where(~tested | few), ratings.where(tested & ~few)
        inner, inner_asked = ratings.where(~tested & (~tried | few)), ratings.where(tried & ~few)
    else:
        out = split_ratings(ratings, config.held_out, seed=config.seed)
        known, asked = ratings.where(~out), ratings.where(out)
        part = split_ratings(known, INNER, seed=config.seed + 1)
        inner, inner_asked = known.where(~part), known.where(part)
    for some in (inner_asked, asked):
        if not (some.stars >= LIKED).any():
            raise ConfigError(
                f"{config.ratings}: expected ratings of {LIKED:g} stars or more among those held out, got none among "
                f"{len(some)}. Take more ratings, or tell their scale with --scale LOW HIGH."
            )
    return (
        Bench(known_catalog(catalog, inner), table, inner, inner_asked, k),
        Bench(known_catalog(catalog, known), table, known, asked, k),
        notes,
    )


def shuffled_places(ratings: Ratings, seed: int) -> npt.NDArray[np.int64]:
    """Each rating's place (n,) among those of its person, in random order."""
    ranked = np.lexsort((np.random.default_rng([seed, 1]).random(len(ratings)), ratings.users))
    starts = ratings.starts()
    place = np.empty(len(ratings), np.int64)
    place[ranked] = np.arange(len(ratings)) - np.repeat(starts[:-1], np.diff(starts))
    return place


def recall(config: RecallConfig) -> int:
    """Run the command; returns its exit code."""
    import implicit  # noqa: F401  (fails before the work, not after it)

    meter = Meter()
    inner, bench, notes = split(config, meter)
    run = begin(config, "recall", notes)
    settings, weight, tried = choose(inner, config, meter)
    run.done("settings")
    with meter.work("Fitting the factors"):
        factors = bench.fit(settings)
    found = {}
    routes = (POPULARITY, CONTENT, COLLABORATIVE, BLENDED)
    with meter.work("Retrieving", 3 * bench.known.n_users, "people") as work:
        for route in routes:
            found[route] = bench.route(route, factors, weight, work.add)
    table: dict[str, Any] = {
        "format": FORMAT,
        "data": config.ratings.resolve().name,
        "command": config.command(),
        "people": bench.known.n_users,
        "measured": int(np.isfinite(found[BLENDED].recall[:, 0]).sum()),
        "known": len(bench.known),
        "asked": len(bench.asked),
        "k": list(bench.k),
        "weight": weight,
        "settings": asdict(settings),
        "tried": tried,
        "notes": notes,
        "rows": rows_of(found, bench.k, draws=config.draws, seed=config.seed),
    }
    write_document(run.folder / TABLE, table)
    sheet = sheet_of(table)
    page = publish(run.folder, sheet, run.versions)
    run.done("recall")
    run.mark("finished")
    show(table, sheet.grids, json=config.json)
    say(f"Table: {clean(run.folder / TABLE)}  Page: {clean(page)}")
    return 0
