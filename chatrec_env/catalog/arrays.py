"""The numbers of a catalogue as one record of arrays, which compiled rules take as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from chatrec_env.catalog.facets import Facet


class CatalogArrays(NamedTuple):
    """Arrays of a catalogue, ``catalog.arrays``. All are C-contiguous and read-only.

    Sizes: ``I`` items, ``V`` values over all facets, ``F`` facets, ``C`` values of the item that has most, ``X``
    contexts.
    """

    values: NDArray[np.float32]  # (I, V) in {0, 1}
    weighted_values: NDArray[np.float32]  # (I, V) values times the weight of their facet
    factors: NDArray[np.float32]  # (I, 16) content factors
    acclaim: NDArray[np.float32]  # (I,) in [-1, 1]
    popularity: NDArray[np.float32]  # (I,) in [0, 1]
    carried: NDArray[np.int32]  # (I, C) the item's values, ascending, padded with V
    carried_weights: NDArray[np.float32]  # (I, C) the weights of their facets, padded with 0
    facet_start: NDArray[np.intp]  # (F + 1,) the first value of each facet, then V
    facet_of: NDArray[np.intp]  # (V,) the facet of each value
    facet_weights: NDArray[np.float32]  # (F,)
    value_weights: NDArray[np.float32]  # (V,) the weight of each value's facet
    sating: NDArray[np.bool_]  # (V,) values that satiate: of multi-valued facets, as genres and moods
    ordered: NDArray[np.bool_]  # (F,) facets whose values stand in an order
    askable: NDArray[np.bool_]  # (F,) facets the system may ask about
    context_wishes: NDArray[np.int8]  # (X, V) +1 wanted, -1 avoided


def catalog_arrays(
    facets: Sequence[Facet],
    values: NDArray[np.float32],
    factors: NDArray[np.float32],
    acclaim: NDArray[np.float32],
    popularity: NDArray[np.float32],
    context_wishes: NDArray[np.int8],
) -> CatalogArrays:
    """Derives the record from the facets and the arrays a catalogue is made of.

    Arguments are as the fields; the columns of ``values`` are the values of ``facets``.
    """
    sizes = [len(facet.values) for facet in facets]
    facet_of = np.repeat(np.arange(len(facets)), sizes)
    facet_weights = np.array([facet.weight for facet in facets], np.float32)
    value_weights = facet_weights[facet_of]
    carried = _carried(values)
    arrays = CatalogArrays(
        values=values,
        weighted_values=values * value_weights,
        factors=factors,
        acclaim=acclaim,
        popularity=popularity,
        carried=carried,
        carried_weights=np.append(value_weights, np.float32(0))[carried],
        facet_start=np.cumsum([0, *sizes]),
        facet_of=facet_of,
        facet_weights=facet_weights,
        value_weights=value_weights,
        sating=np.array([facet.multi_valued for facet in facets])[facet_of],
        ordered=np.array([facet.ordered for facet in facets]),
        askable=np.array([facet.askable for facet in facets]),
        context_wishes=context_wishes,
    )
    arrays = CatalogArrays(*map(np.ascontiguousarray, arrays))
    for array in arrays:
        array.setflags(write=False)
    return arrays


def _carried(values: NDArray[np.float32]) -> NDArray[np.int32]:
    """Each item's values, ascending and padded with V, (I, C)."""
    n_items, n_values = values.shape
    items, found = np.nonzero(values)
    counts = np.bincount(items, minlength=n_items)
    place = np.arange(len(items)) - (np.cumsum(counts) - counts)[items]
    carried = np.full((n_items, int(counts.max())), n_values, np.int32)
    carried[items, place] = found
    return carried
