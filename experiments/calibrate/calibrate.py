"""``chatrec calibrate``: fits people to real ratings, checks them on held-out ratings and against real people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from chatrec_env.catalog import Catalog
from experiments.calibrate.baselines import (
    ALS,
    ALS_GRID,
    FACTORISATION,
    MF_GRID,
    factorisation,
    library_als,
    means,
)
from experiments.calibrate.data import TABLE_OPTIONS, RatingsOptions, begin, check_enough, read
from experiments.calibrate.report import FITTED, held_out_grid, realism_grid, transfer_grid
from experiments.cli.options import same_again
from experiments.cli.progress import Meter
from experiments.cli.terminal import clean, say
from experiments.report.documents import FORMAT, write_document
from experiments.report.runlog import TABLE, check_free, package_versions
from experiments.report.study import show
from simulators.ratings import Ratings

if TYPE_CHECKING:
    from simulators.calibration.fit import Fit
    from simulators.calibration.scale import Scale
    from simulators.population import Population

POPULATION = "population.json"
MOVIELENS = (
    "F. M. Harper and J. A. Konstan (2015), The MovieLens datasets: history and context, ACM TiiS 5(4)"
)
INNER = 0.1
"""Share of the training ratings that cut points and the settings of the baselines are chosen on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CalibrateConfig(RatingsOptions):
    """Fit a population of people to real ratings and check it twice: on held-out ratings, and against real people.

    The run folder gets the population (population.json, figures of all people, none of anybody), the tables
    (table.json), figures and a page to look at (index.html). Use it with
    --users '{"name": "scripted", "population": "FOLDER/population.json"}'.

    Attributes:
        name: What the population is called; default: the folder's name.
        split: Which ratings are held out: drawn at random, or each person's last ones in time (at random where times
            are missing).
        factors: Latent factors of taste besides the facet values.
        rounds: Rounds of EM.
        splits: Splits into halves of real people that simulated ones are compared on.
    """

    name: str = ""
    split: Literal["random", "time"] = "random"
    factors: int = 8
    rounds: int = 20
    splits: int = 20

    def __post_init__(self) -> None:
        self.check(factors=1, rounds=2, splits=2)

    def command(self) -> str:
        """The command line that gives the same population; the data folder by its last name alone."""
        options = (*TABLE_OPTIONS, "name", "held_out", "split", "people", "factors", "rounds", "seed")
        return same_again("calibrate", self, options)


def fitted(config: CalibrateConfig, ratings: Ratings, catalog: Catalog, meter: Meter, label: str) -> Fit:
    """People fitted to ratings, showing the progress."""
    from simulators.calibration.fit import FitConfig, fit_people

    with meter.work(label, config.rounds, "rounds") as work:
        own = FitConfig(factors=config.factors, rounds=config.rounds, seed=config.seed)
        return fit_people(ratings, catalog, own, work.to)


def held_out_check(
    config: CalibrateConfig, catalog: Catalog, ratings: Ratings, meter: Meter
) -> tuple[dict[str, Any], Scale]:
    """The held-out table with its calibration curves, and the cut points found on the way."""
    from simulators.calibration.heldout import (
        LIKED,
        calibration_curve,
        split_ratings,
        sums_of,
        table_rows,
    )
    from simulators.calibration.scale import fit_scale

    by_time = config.split == "time" and ratings.timed
    out = split_ratings(ratings, config.held_out, by_time=by_time, seed=config.seed)
    known, asked = ratings.where(~out), ratings.where(out)
    part = split_ratings(known, INNER, by_time=by_time, seed=config.seed + 1)
    inner, inner_asked = known.where(~part), known.where(part)
    fit = fitted(config, inner, catalog, meter, "Fitting people, to set the cut points")
    mean, variance = fit.predict(inner, inner_asked)
    scale = fit_scale(mean, np.sqrt(variance + fit.noise[inner_asked.users]), inner_asked.stars)
    fit = fitted(config, known, catalog, meter, "Fitting people to the training ratings")
    mean, variance = fit.predict(known, asked)
    sd = np.sqrt(variance + fit.noise[asked.users])
    expected = scale.expected(mean, sd)
    liked = scale.shares(mean, sd)[:, scale.levels >= LIKED].sum(1)
    found = {FITTED: sums_of(asked, expected)}
    settings = {FITTED: f"{config.factors} latent factors"}
    notes = []
    fits = len(MF_GRID) + 1 + len(ALS_GRID) + 1
    with meter.work("Baselines", fits, "fits") as work:

        def step(name: str) -> None:
            work.add(1, name)

        found[FACTORISATION], settings[FACTORISATION] = factorisation(inner, inner_asked, known, asked, step)
        try:
            found[ALS], settings[ALS] = library_als(inner, inner_asked, known, asked, step)
        except ImportError:
            notes.append(
                'implicit is not installed, so its ALS is left out: pip install "chatrec[calibrate]".'
            )
        for name, predicted in reversed(means(known, asked).items()):
            found[name] = sums_of(asked, predicted)
        work.to(fits)
    table: dict[str, Any] = {
        "split": "time" if by_time else "random",
        "people": ratings.n_users,
        "known": len(known),
        "asked": len(asked),
        "rows": table_rows(found, FACTORISATION, draws=config.draws, seed=config.seed),
        "settings": settings,
        "reference": FACTORISATION,
        "stars_curve": calibration_curve(expected, asked.stars),
        "liked_curve": calibration_curve(liked, asked.stars >= LIKED),
        "notes": notes,
    }
    return table, scale


def fit_population(
    config: CalibrateConfig,
    catalog: Catalog,
    ratings: Ratings,
    scale: Scale,
    check: dict[str, Any],
    meter: Meter,
) -> Population:
    """The population of all ratings, with where it comes from."""
    from simulators.calibration.population_fit import make_population
    from simulators.ratings import read_tags

    fit = fitted(config, ratings, catalog, meter, "Fitting people to all ratings")
    folder = config.ratings.resolve().name
    provenance = {
        "data": folder,
        "about": "figures of the population of raters; no ratings, no people",
        "citation": MOVIELENS if config.ratings.is_dir() else None,
        "people": ratings.n_users,
        "items": len(np.unique(ratings.items)),
        "ratings": len(ratings),
        "years": list(ratings.years) if ratings.years else None,
        "command": config.command(),
        "versions": {k: v for k, v in package_versions().items() if k in ("python", "chatrec", "numpy")},
        "held_out": {
            row["predictor"]: {
                key: None if row[key]["mean"] is None else round(row[key]["mean"], 4)
                for key in ("rmse", "mae", "auc")
            }
            for row in check["rows"]
        },
    }
    with meter.work("Drawing the population"):
        return make_population(
            fit,
            scale,
            ratings,
            catalog,
            name=config.name or folder,
            provenance=provenance,
            tags=read_tags(config.ratings) if config.ratings.is_dir() else iter(()),
            seed=config.seed,
        )


def realism(
    config: CalibrateConfig, catalog: Catalog, ratings: Ratings, population: Population, meter: Meter
) -> dict[str, Any]:
    """Simulated people against real ones; see ``simulators.calibration.realism.compare``."""
    from simulators.calibration.population_fit import modelled_exposure, simulated_ratings
    from simulators.calibration.realism import compare

    with meter.work("Simulated against real people", config.splits, "splits") as work:
        return compare(
            ratings,
            lambda exposure, seed: simulated_ratings(population, exposure, catalog, seed),
            lambda exposure, seed: modelled_exposure(population, exposure, catalog, seed),
            catalog,
            splits=config.splits,
            seed=config.seed,
            step=work.to,
        )


def calibrate(config: CalibrateConfig) -> int:
    """Run the command; returns its exit code."""
    import sklearn.mixture  # noqa: F401  (fails before the work, not after it)

    from experiments.calibrate.report import write_report

    if config.out is not None:
        check_free(config.out)
    meter = Meter()
    catalog, ratings, notes = read(config, meter)
    if not ratings.timed:
        told = "held out at random, not by time" if config.split == "time" else "what is held out is random"
        notes.append(f"Not every rating has a time, so no order of rating is known: {told}.")
    check_enough(config.ratings, ratings, config.held_out)
    run = begin(config, "calibrate", notes)
    check, scale = held_out_check(config, catalog, ratings, meter)
    run.done("held-out check")
    population = fit_population(config, catalog, ratings, scale, check, meter)
    run.write(POPULATION, population.to_json())
    run.done("population")
    table: dict[str, Any] = {
        "format": FORMAT,
        "data": config.ratings.resolve().name,
        "command": config.command(),
        "ratings": len(ratings),
        "notes": [*notes, *check["notes"]],
        "held_out": check,
        "realism": realism(config, catalog, ratings, population, meter),
    }
    write_document(run.folder / TABLE, table)
    page = write_report(run, table, population)
    run.mark("finished")
    grids = (held_out_grid(check), realism_grid(table["realism"]), transfer_grid(table["realism"]))
    show(table, grids, json=config.json)
    for note in check["notes"]:
        say(clean(note))
    say(f"Population: {clean(run.folder / POPULATION)}  Page: {clean(page)}")
    return 0
