"""Fits collaborative factors with implicit, once for each log, and keeps them."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from chatrec_env.core.rating_history import LARGEST_SHARE, RatingHistory, RatingHistoryPlan
from chatrec_env.core.user_simulator import Experienced, real_log
from chatrec_env.errors import ArtifactError, ConfigError, MissingExtraError
from chatrec_env.retrieval.collaborative import LIKED, SIMULATED, CollaborativeConfig, Factors
from chatrec_env.retrieval.factor_files import (
    FORMAT,
    NAMED,
    cache_file,
    named_factors,
    read_factors,
    write_factors,
)

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog
    from chatrec_env.core.user_simulator import UserSimulator

LOG_PEOPLE, LOG_SEED = 2000, 7
"""People of a simulated log, each with a heavy past; they are nobody's test people: a stream of their own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FitSettings:
    """Settings of the factorisation.

    Attributes:
        factors: C.
        regularisation: Weight of a vector's square length.
        confidence: Weight of a rating, where 1 is that of an item nobody rated.
        iterations: Sweeps over people and items.
        seed: Of the start.
    """

    factors: int = 32
    regularisation: float = 5.0
    confidence: float = 2.0
    iterations: int = 15
    seed: int = 0


def fit_factors(
    users: npt.NDArray[np.int32],
    items: npt.NDArray[np.int32],
    stars: npt.NDArray[np.float32],
    catalog: Catalog,
    about: str,
    settings: FitSettings | None = None,
) -> Factors:
    """Alternating least squares on ratings ``(n,)``; one thread, so that it repeats.

    A rating of ``LIKED`` stars or more says the item is preferred, a lower one that it is not, both with the same
    confidence; of what was not rated it is assumed with confidence 1 that it is not.

    Args:
        users: (n,) person of each rating.
        items: (n,) row of the item.
        stars: (n,) 0.5 to 5.
        catalog: The items.
        about: What the ratings are, in words.
        settings: See ``FitSettings``.

    Raises:
        MissingExtraError: implicit is not installed.
    """
    try:
        from implicit.cpu.als import AlternatingLeastSquares
    except ImportError as error:
        raise MissingExtraError("implicit", "collaborative", "Fitting collaborative factors") from error
    from scipy.sparse import csr_matrix
    from threadpoolctl import threadpool_limits

    s = settings or FitSettings()
    signs = np.where(stars >= LIKED, 1.0, -1.0).astype(np.float32)
    table = csr_matrix((signs, (users, items)), shape=(int(users.max()) + 1, catalog.n_items))
    with threadpool_limits(1, "blas"):
        model: Any = AlternatingLeastSquares(
            factors=s.factors,
            alpha=s.confidence,
            regularization=s.regularisation,
            iterations=s.iterations,
            random_state=s.seed,
            num_threads=1,
        )
        model.fit(table, show_progress=False)
        rows = np.asarray(model.item_factors, np.float64)
        scale = float(np.sqrt((rows**2).sum(1)).max()) or 1.0
        unit = (rows / scale).astype(np.float32)
        square = unit.astype(np.float64).T @ unit.astype(np.float64)
    return Factors(
        items=unit,
        square=square,
        regularisation=s.regularisation / scale**2,
        confidence=s.confidence,
        catalog=catalog.digest,
        about=about,
    )


def simulated_log(users: Experienced, catalog: Catalog) -> tuple[RatingHistory, str]:
    """The pasts of ``LOG_PEOPLE`` people of a population, and what to call them."""
    plan = RatingHistoryPlan("heavy", catalog.n_items)
    if not plan.most:
        raise ConfigError(
            f"Collaborative factors are learned from what people rated before, at most one item in {LARGEST_SHARE}; "
            f"catalog {catalog.name!r} has {catalog.n_items} item(s). Leave out collaborative, or name factors or "
            "real ratings of these items."
        )
    rng = np.random.default_rng([LOG_SEED, LOG_PEOPLE])
    people = users.crowd(rng.random((LOG_PEOPLE, users.profile_draws)))
    draws = rng.random((LOG_PEOPLE, plan.draws))
    rated = users.rating_history(people, plan, draws)
    return rated, f"{int(rated.counts.sum())} ratings of {LOG_PEOPLE} simulated people"


def open_factors(config: CollaborativeConfig, users: UserSimulator, catalog: Catalog) -> Factors:
    """The factors a configuration names: from this process, the cache, a file, or fitted now and kept.

    Raises:
        ConfigError: The people have no rating history to learn from, or the factors are of other items.
        ArtifactError: A file is missing or damaged.
        MissingExtraError: They have to be fitted and implicit is not installed.
    """
    source, path = config.factors, Path(config.factors)
    if source.startswith(NAMED):
        return _of(catalog, named_factors(source), source)
    if source != SIMULATED:
        if path.is_file():
            return _of(catalog, read_factors(path), source)
        if not path.is_dir():
            raise ConfigError(
                f"collaborative.factors must be {SIMULATED!r}, a MovieLens folder, a factors file or "
                f"{NAMED}..., got {source!r}, which is none of them."
            )
        ratings, about = real_log(path, catalog)
        return _kept(("real", ratings), catalog, about)
    if not isinstance(users, Experienced):
        raise ConfigError(
            f"Users {users.name!r} have no rating history, so nothing can be learned from theirs."
        )
    history, about = simulated_log(users, catalog)
    rows, places = np.nonzero(history.items >= 0)
    found = rows.astype(np.int32), history.items[rows, places], history.stars[rows, places]
    return _kept((SIMULATED, found), catalog, about)


def _kept(log: tuple[str, tuple[Any, Any, Any]], catalog: Catalog, about: str) -> Factors:
    """Fitted to a log (person, item, stars), or what was fitted to the very same log before."""
    kind, columns = log
    key = hashlib.sha256(json.dumps([FORMAT, catalog.digest, kind, asdict(FitSettings())]).encode())
    for column in columns:
        key.update(np.ascontiguousarray(column).data)
    file = cache_file(f"{kind}-{key.hexdigest()[:32]}")
    if file.is_file():
        with contextlib.suppress(ArtifactError):  # damaged: fitted again and replaced
            return _of(catalog, read_factors(file), str(file))
    made = fit_factors(*columns, catalog, about)
    with contextlib.suppress(OSError):  # no usable folder: fitted once per process
        write_factors(file, made)
    return made


def _of(catalog: Catalog, factors: Factors, source: str) -> Factors:
    if factors.catalog != catalog.digest:
        raise ConfigError(
            f"The collaborative factors {source!r} are of other items than catalog {catalog.name!r}: fitted on "
            f"{factors.about}."
        )
    return factors
