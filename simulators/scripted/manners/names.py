"""What people can name: items everybody has heard of, limits, values that go together, and topics of questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.language.facts import bin_edges, topics
from chatrec_env.language.grammar import LIKEABLE_POPULARITY

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

COMPANIONS = 3
"""Values kept of those that go with a value."""


class Names(NamedTuple):
    """What can be named of a catalogue. I items, V values, F facets."""

    famous: npt.NDArray[np.int32]  # rows of the items everybody has heard of, ascending
    nameable: npt.NDArray[np.bool_]  # (I,) the same
    at_most: npt.NDArray[np.bool_]  # (V,) whether a value has an upper end that can be said
    at_least: npt.NDArray[np.bool_]  # (V,) whether it has a lower one
    companions: npt.NDArray[
        np.int32
    ]  # (V, 3) other values of its facet that items have with it most often, -1 for none
    ordered: npt.NDArray[np.bool_]  # (F,) facets whose values stand in an order
    n_topics: int  # of questions: facets, then columns of named people
    n_unanswered: int  # questions that no catalogue answers
    n_unlisted: int  # titles that are not in the catalogue


def names_of(catalog: Catalog) -> Names:
    """What can be named of a catalogue."""
    nameable = catalog.popularity >= LIKEABLE_POPULARITY
    edges = [bin_edges(catalog, value) for value in range(catalog.n_values)]
    return Names(
        famous=np.flatnonzero(nameable).astype(np.int32),
        nameable=nameable,
        at_most=np.array([high is not None for _, high in edges]),
        at_least=np.array([low is not None for low, _ in edges]),
        companions=_companions(catalog),
        ordered=catalog.arrays.ordered.copy(),
        n_topics=len(topics(catalog)),
        n_unanswered=len(catalog.declaration.unanswered),
        n_unlisted=len(catalog.declaration.unlisted),
    )


def _companions(catalog: Catalog) -> npt.NDArray[np.int32]:
    values, facet = catalog.values, catalog.value_facet
    together = np.where(facet[:, None] == facet, values.T @ values, 0.0)
    np.fill_diagonal(together, 0.0)
    best = np.argsort(-together, axis=1, kind="stable")[:, :COMPANIONS]
    often = np.take_along_axis(together, best, 1)
    return np.where(often > 0, best, -1).astype(np.int32)
