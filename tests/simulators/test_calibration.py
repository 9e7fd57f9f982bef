from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chatrec_env.catalog import Catalog, load_catalog
from chatrec_env.errors import ArtifactError, CatalogError, UnknownNameError
from simulators.calibration.factorisation import factorise
from simulators.calibration.fit import Fit, FitConfig, fit_people
from simulators.calibration.heldout import calibration_curve, person_auc, split_ratings, sums_of, table_rows
from simulators.calibration.population_fit import (
    low_rank,
    make_population,
    modelled_exposure,
    simulated_ratings,
)
from simulators.calibration.realism import compare, distance, gini, histogram, person_moments
from simulators.calibration.scale import LOGISTIC, Scale, fit_scale
from simulators.population import Population, load_population
from simulators.ratings import Ratings, read_ratings, read_tags
from simulators.tastes import match_values


@dataclass(frozen=True)
class World:
    planted: Any
    catalog: Catalog
    ratings: Ratings
    held: np.ndarray[Any, Any]
    fit: Fit
    scale: Scale
    population: Population


@pytest.fixture(scope="module")
def world(planted: Any) -> World:
    catalog = load_catalog(f"movielens:{planted.folder}")
    ratings = read_ratings(planted.folder, catalog)
    held = split_ratings(ratings, 0.15, seed=1)
    known, asked = ratings.where(~held), ratings.where(held)
    fit = fit_people(known, catalog, FitConfig(factors=2, rounds=12))
    mean, variance = fit.predict(known, asked)
    scale = fit_scale(mean, np.sqrt(variance + fit.noise[asked.users]), asked.stars)
    population = make_population(
        fit, scale, ratings, catalog, name="tiny", provenance={}, tags=read_tags(planted.folder)
    )
    return World(planted, catalog, ratings, held, fit, scale, population)


def values(world: World) -> list[int]:
    genres = ("Action", "Comedy", "Drama", "Horror", "Romance", "Sci-Fi")
    return [world.catalog.value_index("genre", genre) for genre in genres]


def test_planted_people_are_recovered(world: World) -> None:
    columns = values(world)
    taste = world.fit.weights[:, 1:][:, columns]
    # A taste for everything and a generous habit are one thing, so both are compared without it.
    true = world.planted.taste - world.planted.taste.mean(1, keepdims=True)
    found = taste - taste.mean(1, keepdims=True)
    assert np.corrcoef(found.ravel(), true.ravel())[0, 1] > 0.85
    mean = world.fit.weights[:, 0] + world.fit.weights[:, 1 : 1 + world.catalog.n_values] @ world.fit.centre
    share = world.catalog.values[:, columns].mean(0)
    assert np.corrcoef(mean, world.planted.bias + world.planted.taste @ share)[0, 1] > 0.9
    assert np.corrcoef(world.fit.bias, world.planted.quality)[0, 1] > 0.85
    assert np.sqrt(world.fit.noise.mean()) == pytest.approx(0.52, abs=0.08)  # 0.5, and rounding to half stars


def test_planted_covariance_is_recovered(world: World) -> None:
    p = world.population
    loadings = np.array(p.loadings)
    cov = loadings @ loadings.T + np.diag(np.square(p.own))
    row = [p.values.index(f"genre:{genre}") for genre in ("Action", "Sci-Fi", "Romance", "Drama")]
    corr = cov[np.ix_(row, row)] / np.sqrt(np.outer(np.diag(cov)[row], np.diag(cov)[row]))
    assert corr[0, 1] > 0.5
    assert corr[0, 2] < -0.5
    assert abs(corr[0, 3]) < 0.4


def test_fitted_people_predict_better_than_factorisation(world: World) -> None:
    known, asked = world.ratings.where(~world.held), world.ratings.where(world.held)
    mean, variance = world.fit.predict(known, asked)
    found = {
        "mf": sums_of(asked, factorise(known, 8, 0.1, 8).predict(asked)),
        "fitted": sums_of(
            asked, world.scale.expected(mean, np.sqrt(variance + world.fit.noise[asked.users]))
        ),
    }
    rows = {row["predictor"]: row for row in table_rows(found, "mf", draws=50, seed=0)}
    assert rows["fitted"]["ratio"]["high"] < 1
    assert rows["fitted"]["auc"]["mean"] > rows["mf"]["auc"]["mean"]
    assert rows["mf"]["ratio"]["mean"] == 1
    # Calibrated: no tenth of the predictions is far off.
    for point in calibration_curve(mean, asked.stars, 5):
        assert abs(point["predicted"] - point["given"]) < point["half"] + 0.1


def test_simulated_people_rate_like_the_real_ones(world: World) -> None:
    found = compare(
        world.ratings,
        lambda e, s: simulated_ratings(world.population, e, world.catalog, s),
        lambda e, s: modelled_exposure(world.population, e, world.catalog, s),
        world.catalog,
        splits=6,
        transfers=1,
    )
    ratio = {row["measure"]: row["ratio"]["mean"] for row in found["rows"]}
    assert ratio["histogram"] < 2
    assert ratio["person_mean"] < 2
    assert found["transfer"]["simulated_to_real"]["mean"] < 1.2 * found["transfer"]["real_to_real"]["mean"]


def test_words_go_with_what_they_were_said_of(world: World) -> None:
    (word,) = world.population.words
    assert (word["word"], word["people"], word["items"]) == ("scary", 8, 3)
    assert max(word["said_of"], key=lambda v: word["said_of"][v]) == "genre:Horror"


def test_a_preset_reads_back_the_same(world: World, tmp_path: Path) -> None:
    file = tmp_path / "people.json"
    file.write_text(world.population.to_json())
    assert load_population(str(file)) == world.population
    file.with_name("bad.json").write_text(world.population.to_json().replace('"cuts": [', '"cuts": [9.0, '))
    with pytest.raises(ArtifactError, match=r"bad\.json is damaged"):
        load_population(str(file.with_name("bad.json")))
    with pytest.raises(UnknownNameError, match="ml-small"):
        load_population("nobody")


def test_shipped_preset_fits_the_built_in_films() -> None:
    population, films = load_population("ml-small"), load_catalog("movies")
    matched = match_values(population, films)
    assert population.values[matched[films.value_index("genre", "science fiction")]] == "genre:Sci-Fi"
    assert population.values[matched[films.value_index("genre", "family")]] == "genre:Children"
    assert matched[films.value_index("genre", "sport")] == -1
    assert population.provenance["ratings"] == 100_836
    assert "chatrec calibrate" in population.provenance["command"]
    assert sum(population.histogram) == pytest.approx(1, abs=1e-3)
    assert sum(habit.share for habit in population.habits) == pytest.approx(1, abs=1e-3)


def tiny_ratings(stars: list[float], users: list[int], items: list[int]) -> Ratings:
    none = np.zeros(0, np.int64)
    return Ratings(
        np.array(users, np.int32),
        np.array(items, np.int32),
        np.array(stars, np.float32),
        max(users) + 1,
        max(items) + 1,
        none,
    )


def test_auc_by_hand() -> None:
    ratings = tiny_ratings([5, 4, 2, 1, 5, 5], [0, 0, 0, 0, 1, 1], [0, 1, 2, 3, 0, 1])
    # Person 0: 5 v 2, 5 v 1, 4 v 1 right, 4 v 2 tied: 3.5 of 4. Person 1 disliked nothing.
    found = person_auc(ratings, np.array([0.9, 0.5, 0.5, 0.1, 0.3, 0.2]))
    assert found[0] == 0.875
    assert np.isnan(found[1])


def test_measures_by_hand() -> None:
    ratings = tiny_ratings([0.5, 1, 4.5, 5], [0, 0, 1, 1], [0, 1, 0, 0])
    np.testing.assert_allclose(histogram(ratings), [0.5, 0, 0, 0, 0.5])
    mean, spread = person_moments(ratings)
    np.testing.assert_allclose(mean, [0.75, 4.75])
    np.testing.assert_allclose(spread, [0.25, 0.25])
    assert gini(ratings) == pytest.approx(0.25)  # one and three: (3 - 1) / (2 * 4)
    assert distance("histogram", np.array([1.0, 0]), np.array([0.0, 1])) == 1


def test_low_rank_keeps_the_variances() -> None:
    a = np.random.default_rng(0).normal(size=(6, 6))
    cov = a @ a.T
    loadings, own = low_rank(cov, 2)
    np.testing.assert_allclose(np.diag(loadings @ loadings.T) + own**2, np.diag(cov), rtol=0.02)


def test_cut_points_are_recovered() -> None:
    rng = np.random.default_rng(0)
    mean = rng.normal(3.5, 0.7, 20_000)
    cuts = np.array([1.4, 2.3, 3.4, 4.4])
    felt = mean + LOGISTIC * 0.8 * rng.logistic(size=len(mean))
    scale = fit_scale(mean, np.full(len(mean), 0.8), 1 + (felt[:, None] >= cuts).sum(1))
    np.testing.assert_allclose(scale.cuts, cuts, atol=0.06)
    assert scale.width == pytest.approx(1, abs=0.05)


def test_split_by_time_holds_out_the_last() -> None:
    ratings = tiny_ratings([1, 2, 3, 4, 5], [0] * 5, [0, 1, 2, 3, 4])
    assert split_ratings(ratings, 0.4, by_time=True).tolist() == [False, False, False, True, True]
    assert split_ratings(ratings, 0.4, seed=3).sum() == 2


@pytest.mark.parametrize(
    ("line", "told"),
    [
        pytest.param("1,1,7.5,0", r"line \d+.*from 0.5 to 5, got '7.5'", id="out-of-range"),
        pytest.param("1,999,4.0,0", r"line \d+, column 'movieId'.*got '999'", id="unknown-item"),
        pytest.param("1,1,good,0", "from 0.5 to 5, got 'good'", id="no-number"),
    ],
)
def test_bad_ratings_are_one_clear_message(world: World, tmp_path: Path, line: str, told: str) -> None:
    for name in ("movies.csv", "ratings.csv"):
        (tmp_path / name).write_text((world.planted.folder / name).read_text())
    with (tmp_path / "ratings.csv").open("a") as file:
        file.write(line + "\n")
    with pytest.raises(CatalogError, match=told):
        read_ratings(tmp_path, world.catalog)
    with pytest.raises(CatalogError, match=r"ratings\.csv"):
        load_catalog(f"movielens:{tmp_path}")


def test_repeated_and_untimed_ratings_are_handled(world: World, tmp_path: Path) -> None:
    lines = (world.planted.folder / "ratings.csv").read_text().splitlines()
    user, film, stars, _ = lines[1].split(",")
    again = f"{user},{film},{'0.5' if stars != '0.5' else '5.0'},1500000000"
    (tmp_path / "movies.csv").write_text((world.planted.folder / "movies.csv").read_text())
    (tmp_path / "ratings.csv").write_text("\n".join([lines[0], again, *lines[1:]]) + "\n")
    ratings = read_ratings(tmp_path, world.catalog)
    assert (ratings.repeated, len(ratings)) == (1, len(world.ratings))
    # First in the file but last in time: it counts, and comes last of that person's.
    assert ratings.stars[ratings.starts()[1] - 1] == float(again.split(",")[2])
    (tmp_path / "ratings.csv").write_text("\n".join(line.rpartition(",")[0] for line in lines) + "\n")
    untimed = read_ratings(tmp_path, world.catalog)
    assert (untimed.timed, len(untimed)) == (False, len(world.ratings))


@pytest.mark.parametrize("layout", ["100k", "1m"])
def test_other_layouts_give_the_same_ratings(world: World, tmp_path: Path, layout: str) -> None:
    rows = [line.split(",") for line in (world.planted.folder / "ratings.csv").read_text().splitlines()[1:]]
    separator, names = (
        ("\t", ("u.item", "u.data")) if layout == "100k" else ("::", ("movies.dat", "ratings.dat"))
    )
    (tmp_path / names[1]).write_text("\n".join(separator.join(row) for row in rows) + "\n")
    (tmp_path / names[0]).write_text("")
    ratings = read_ratings(tmp_path, world.catalog)
    for mine, theirs in ((ratings.users, world.ratings.users), (ratings.items, world.ratings.items)):
        np.testing.assert_array_equal(mine, theirs)
    np.testing.assert_array_equal(ratings.stars, world.ratings.stars)
