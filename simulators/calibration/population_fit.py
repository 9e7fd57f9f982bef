"""From a fitted model to a population: covariance of tastes, rating habits, quality, exposure, words."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.sparse import csr_matrix
from scipy.special import expit

from simulators.calibration.fit import NOISE_PRIOR, Fit
from simulators.calibration.scale import LOGISTIC, Scale
from simulators.calibration.words import rounded, word_rows
from simulators.population import Habit, Population
from simulators.ratings import Ratings
from simulators.tastes import HABIT_DRAWS, draw_tastes, habits_of, habits_of_all, tastes_on
from simulators.uniforms import normals_of

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

Float = npt.NDArray[np.float64]

RANK = 6
"""Directions of the shared part of tastes that are kept."""

BLOCK = 100_000
"""Ratings that are simulated at a time: what a rating takes on the way does not add up."""


def make_population(
    fit: Fit,
    scale: Scale,
    ratings: Ratings,
    catalog: Catalog,
    *,
    name: str,
    provenance: dict[str, Any],
    tags: Iterable[tuple[int, int, str]] = (),
    seed: int = 0,
) -> Population:
    """Boils a fitted model down to figures of the population.

    The cut points are set last, so that people drawn from the population and shown what the real ones rated give the
    real shares of stars (moment matching).

    Args:
        fit: The model.
        scale: Its cut points.
        ratings: What it was fitted to.
        catalog: The items.
        name: What the population is called.
        provenance: Written into it.
        tags: Person, movie id and word.
        seed: Of the draws behind the cut points and the mixture.
    """
    v = catalog.n_values
    unit = LOGISTIC * scale.width * float(np.sqrt(np.exp(np.log(fit.noise).mean())))
    x = np.asarray(catalog.weighted_values, np.float64)
    count = np.bincount(ratings.items, minlength=ratings.n_items).astype(np.float64)
    appeal = (fit.bias + (x - fit.centre) @ fit.population[0, 1 : 1 + v]) / unit
    columns = np.column_stack([np.ones(len(x)), catalog.acclaim, catalog.popularity, x - fit.centre])
    ridge = np.diag([0.0, 1.0, 1.0, *[20.0] * v])
    weighted = columns * count[:, None]
    quality = np.linalg.solve(weighted.T @ columns + ridge, weighted.T @ appeal)
    loadings, own = low_rank(fit.covariance[1 : 1 + v, 1 : 1 + v] / unit**2, RANK)
    latent = fit.covariance[1 + v :, 1 + v :]
    length = np.einsum("ip,pq,iq->i", fit.design.latent, latent, fit.design.latent) @ count / count.sum()
    slope = float((fit.population[1, 0] + fit.population[1, 1 : 1 + v] @ fit.centre) / unit)
    shift = (fit.drawn[:, 0] + fit.drawn[:, 1 : 1 + v] @ fit.centre) / unit
    sizes = np.diff(ratings.starts())
    # A draw from the posterior of each variance (scaled inverse chi square): the estimates alone are too alike.
    degrees = sizes + NOISE_PRIOR
    varied = np.log(fit.noise * degrees / np.random.default_rng(seed).chisquare(degrees))
    stretch = 0.5 * (varied - np.log(fit.noise).mean())
    labels = [f"{catalog.facets[catalog.value_facet[j]].name}:{catalog.value_names[j]}" for j in range(v)]
    also = {
        label: list(catalog.facets[catalog.value_facet[j]].synonyms.get(catalog.value_names[j], ()))
        for j, label in enumerate(labels)
    }
    given = np.clip(np.ceil(ratings.stars - 1e-6), 1, 5).astype(np.int64)
    shares = np.bincount(given, minlength=6)[1:6] / len(given)
    draft = Population(
        name=name,
        provenance=provenance,
        stars_per_logit=rounded(unit),
        cuts=(-3.0, -1.0, 1.0, 3.0),
        histogram=tuple(rounded(s, 5) for s in shares),
        acclaim=rounded(quality[1]),
        popularity=rounded(quality[2]),
        appeal={"mean": 0.0, "sd": 1.0},
        habits=fit_habits(shift - slope * fit.activity, stretch, seed),
        activity={
            "slope": rounded(slope),
            "mean": rounded(fit.activity_mean),
            "sd": rounded(float(fit.activity.std())),
            "rating_mean": rounded(fit.activity_mean + float((fit.activity * sizes).sum() / sizes.sum())),
        },
        values=tuple(labels),
        also={label: words for label, words in also.items() if words},
        centre=tuple(rounded(c) for c in fit.centre),
        mean=tuple(rounded(m) for m in quality[3:]),
        loadings=tuple(tuple(rounded(entry) for entry in row) for row in loadings),
        own=tuple(rounded(o) for o in own),
        factors=rounded(float(np.sqrt(max(length, 0.0))) / unit),
        exposure={
            "popularity": 1.0,
            "appeal": rounded(_tilt(fit, ratings, x, unit)),
            "ratings": [int(q) for q in np.quantile(sizes, np.linspace(0, 1, 21))],
        },
        words=tuple(word_rows(fit, ratings, catalog, labels, tags)),
    )
    return _with_cuts(_with_popularity(draft, ratings, catalog, seed), ratings, catalog, shares, seed)


def simulate(
    population: Population, exposure: Ratings, catalog: Catalog, seed: int = 0
) -> tuple[Float, Float, Float]:
    """People drawn from the population feel about what real people were exposed to.

    Returns:
        Appeal (n,) in logits, and each person's shift and stretch (U,).
    """
    rng = np.random.default_rng(seed)
    tastes, n = tastes_on(population, catalog), exposure.n_users
    activity = np.log1p(np.diff(exposure.starts()))
    uniforms = rng.random((n, HABIT_DRAWS))
    shift, stretch = habits_of_all(uniforms, normals_of(uniforms), activity, habits_of(population))
    taste = draw_tastes(tastes, rng.standard_normal((n, tastes.n_normals)))
    factor = population.factors * rng.standard_normal((n, catalog.factors.shape[1]))
    x, f = np.asarray(catalog.weighted_values, np.float64) - tastes.centre, catalog.factors
    quality = population.acclaim * catalog.acclaim + population.popularity * catalog.popularity
    appeal = np.empty(len(exposure))
    for begin in range(0, len(exposure), BLOCK):
        part = slice(begin, begin + BLOCK)
        u, i = exposure.users[part], exposure.items[part]
        appeal[part] = (taste[u] * x[i]).sum(1) + (factor[u] * f[i]).sum(1) + quality[i]
    return appeal, shift, stretch


def simulated_ratings(population: Population, exposure: Ratings, catalog: Catalog, seed: int = 0) -> Ratings:
    """The same exposure rated by people drawn from the population, 1 to 5 stars."""
    from simulators.scripted.choice import rate_all

    appeal, shift, stretch = simulate(population, exposure, catalog, seed)
    uniform, cuts = np.random.default_rng([seed, 1]).random(len(appeal)), np.array(population.cuts)
    stars = np.empty(len(appeal), np.float32)
    for begin in range(0, len(appeal), BLOCK):
        part = slice(begin, begin + BLOCK)
        users = exposure.users[part]
        stars[part] = rate_all(appeal[part], shift[users], stretch[users], cuts, uniform[part], 0.0)
    return exposure.rated(stars)


def modelled_exposure(population: Population, ratings: Ratings, catalog: Catalog, seed: int = 0) -> Ratings:
    """Which items people drawn from the population come by: by popularity and appeal, as many as the real ones."""
    from simulators.calibration.realism import exposed

    rng = np.random.default_rng(seed)
    tastes, sizes = tastes_on(population, catalog), np.diff(ratings.starts())
    taste = draw_tastes(tastes, rng.standard_normal((len(sizes), tastes.n_normals))) - tastes.mean
    count = np.bincount(ratings.items, minlength=ratings.n_items).astype(np.float64)
    x = np.asarray(catalog.weighted_values, np.float64) - tastes.centre
    weights = count ** float(population.exposure["popularity"])
    return exposed(weights, lambda part: taste[part] @ x.T, float(population.exposure["appeal"]), sizes, seed)


def low_rank(covariance: Float, rank: int) -> tuple[Float, Float]:
    """Loadings (V, rank) and own standard deviations (V,) whose covariance is near the given one; same variances.

    Principal factors: the leading eigenvectors of the covariance less what the last round left to each value alone.
    """
    own = np.zeros(len(covariance))
    loadings = np.zeros((len(covariance), rank))
    for _ in range(50):
        values, vectors = np.linalg.eigh(covariance - np.diag(own))
        loadings = (
            vectors[:, ::-1][:, :rank] * np.sqrt(np.maximum(values[::-1][:rank], 0))
            if rank <= len(values)
            else np.pad(vectors * np.sqrt(np.maximum(values, 0)), ((0, 0), (0, rank - len(values))))
        )
        own = np.maximum(np.diag(covariance) - (loadings**2).sum(1), 0.0)
    loadings *= np.where(loadings.sum(0) < 0, -1.0, 1.0)
    return loadings, np.sqrt(own)


def fit_habits(shift: Float, log_stretch: Float, seed: int) -> tuple[Habit, ...]:
    """A mixture of Gaussians over shift and log stretch; each component is named by what sets it apart."""
    from sklearn.mixture import GaussianMixture

    points = np.column_stack([shift, log_stretch])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # convergence: a mixture that has not settled is still a description
        model = GaussianMixture(3, random_state=seed, n_init=3, reg_covar=1e-3).fit(points)
    spread = np.maximum(points.std(0), 1e-9)
    middle = points.mean(0)
    names: list[str] = []
    for at in model.means_:
        a, b = (at - middle) / spread
        by_shift = "generous" if a > 0.25 else "harsh" if a < -0.25 else ""
        by_stretch = "narrow" if b < -0.5 else "erratic" if b > 0.5 else ""
        names.append(" and ".join(word for word in (by_shift, by_stretch) if word) or "middling")
    out = []
    for name, share, at, cov in zip(names, model.weights_, model.means_, model.covariances_, strict=True):
        sd = np.sqrt(np.diag(cov))
        out.append(
            Habit(
                name=name,
                share=rounded(share),
                shift=rounded(at[0]),
                shift_sd=rounded(sd[0]),
                log_stretch=rounded(at[1]),
                log_stretch_sd=rounded(sd[1]),
                correlation=rounded(cov[0, 1] / (sd[0] * sd[1])),
            )
        )
    return tuple(sorted(out, key=lambda habit: -habit.share))


def _with_cuts(draft: Population, ratings: Ratings, catalog: Catalog, shares: Float, seed: int) -> Population:
    """The population with cut points that give the real shares of stars on the real exposure."""
    from dataclasses import replace

    felt = [simulate(draft, ratings, catalog, seed + s) for s in range(3 if len(ratings) < 1_000_000 else 1)]
    appeal = np.concatenate([a for a, _, _ in felt])
    moved = np.concatenate([a + s[ratings.users] for a, s, _ in felt])
    stretch = np.concatenate([w[ratings.users] for _, _, w in felt])
    del felt
    if len(moved) > 300_000:
        some = np.random.default_rng(seed).choice(len(moved), 300_000, replace=False)
        moved, stretch = moved[some], stretch[some]
    cuts = []
    for wanted in np.clip(np.cumsum(shares)[:4], 1e-4, 1 - 1e-4):

        def surplus(cut: float, wanted: float = wanted) -> float:
            return float(expit((cut - moved) / stretch).mean() - wanted)

        edge = 60.0
        while surplus(-edge) > 0 or surplus(edge) < 0:  # somebody's noise of rating is very wide
            edge *= 4
        cuts.append(rounded(brentq(surplus, -edge, edge, xtol=1e-4)))
    found = {"mean": rounded(float(appeal.mean())), "sd": rounded(float(appeal.std()))}
    return replace(draft, cuts=tuple(cuts), appeal=found)


def _with_popularity(draft: Population, ratings: Ratings, catalog: Catalog, seed: int) -> Population:
    """The population with the exponent of popularity that gives the real Gini coefficient of ratings per item."""
    from dataclasses import replace

    from simulators.calibration.realism import POPULARITY_PEOPLE, gini

    some = ratings.of_people(np.arange(min(POPULARITY_PEOPLE, ratings.n_users)))
    wanted = gini(some)

    def at(exponent: float) -> Population:
        return replace(draft, exposure={**draft.exposure, "popularity": exponent})

    def surplus(exponent: float) -> float:
        return gini(modelled_exposure(at(exponent), some, catalog, seed)) - wanted

    low, high = 0.5, 2.0
    if surplus(low) > 0 or surplus(high) < 0:
        return draft
    return at(rounded(brentq(surplus, low, high, xtol=0.01)))


def _tilt(fit: Fit, ratings: Ratings, x: Float, unit: float) -> float:
    """How much more likely an item is to be rated per logit of appeal to the person, at equal popularity.

    First order in the tilt: the mean surplus of a person's own items in their appeal, over its variance among
    items drawn by popularity.
    """
    v = x.shape[1]
    taste = fit.weights[:, 1 : 1 + v] - fit.weights[:, 1 : 1 + v].mean(0)
    ones = np.ones(len(ratings))
    rated = csr_matrix((ones, (ratings.users, ratings.items)), (ratings.n_users, ratings.n_items))
    own = float((taste * (rated @ (x - fit.centre))).sum()) / unit / len(ratings)
    share = np.bincount(ratings.items, minlength=len(x)) / len(ratings)
    cov = ((x - fit.centre) * share[:, None]).T @ (x - fit.centre)
    variance = np.einsum("up,pq,uq->u", taste, cov, taste) / unit**2
    sizes = np.diff(ratings.starts())
    return float(np.clip(own / max((variance * sizes).sum() / sizes.sum(), 1e-6), -2.0, 2.0))
