"""The record of arrays of the tiny catalogue of books, worked out by hand.

Values in order: kind adventure 0, crime 1, poetry 2 (weight 1); size thin 3, medium 4 (0.25); reader child 5,
adult 6 (0.5). Essay, thick and huge are dropped: no book has them.
"""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from chatrec_env.catalog import Catalog


def test_facets_and_their_values(catalog: Catalog) -> None:
    a = catalog.arrays
    assert a.facet_start.tolist() == [0, 3, 5, 7]
    assert a.facet_of.tolist() == [0, 0, 0, 1, 1, 2, 2]
    assert a.facet_weights.tolist() == [1, 0.25, 0.5]
    assert a.value_weights.tolist() == [1, 1, 1, 0.25, 0.25, 0.5, 0.5]
    assert a.ordered.tolist() == [False, True, False]
    assert a.askable.tolist() == [True, True, True]
    assert a.sating.tolist() == [True, True, True, False, False, False, False]
    assert a.context_wishes.tolist() == [[0, -1, 0, 0, 0, 1, 0]]


def test_the_values_an_item_carries(catalog: Catalog) -> None:
    a = catalog.arrays
    assert a.carried.tolist() == [
        [0, 1, 4, 6],  # Sea Dogs: adventure, crime, medium, adult
        [2, 3, 6, 7],  # Small Hours: poetry, thin, adult, and padding
        [0, 4, 5, 7],  # The Kite: adventure, medium, child
        [1, 6, 7, 7],  # Long Haul: crime, adult, no size
    ]
    assert a.carried_weights.tolist() == [
        [1, 1, 0.25, 0.5],
        [1, 0.25, 0.5, 0],
        [1, 0.25, 0.5, 0],
        [1, 0.5, 0, 0],
    ]
    assert a.weighted_values[2].tolist() == [1, 0, 0, 0, 0.25, 0.5, 0]


def test_arrays_are_contiguous_and_cannot_be_written_to(catalog: Catalog) -> None:
    for where in (catalog, pickle.loads(pickle.dumps(catalog))):
        for name, array in where.arrays._asdict().items():
            assert array.flags.c_contiguous, name
            assert not array.flags.writeable, name
    assert catalog.arrays.weighted_values is catalog.weighted_values
    with pytest.raises(ValueError, match="read-only"):
        catalog.arrays.carried[0, 0] = 1


def test_dtypes_are_those_that_compiled_rules_are_typed_for(catalog: Catalog) -> None:
    kinds = {name: array.dtype for name, array in catalog.arrays._asdict().items()}
    assert {name for name, kind in kinds.items() if kind == np.intp} == {"facet_start", "facet_of"}
    assert {name for name, kind in kinds.items() if kind == np.bool_} == {"sating", "ordered", "askable"}
    assert (kinds["carried"], kinds["context_wishes"]) == (np.int32, np.int8)
    assert {kinds[name] for name in kinds if name.endswith(("values", "weights"))} == {np.dtype(np.float32)}
