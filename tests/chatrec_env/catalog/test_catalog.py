from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pytest

from chatrec_env.catalog import Catalog, from_csv
from chatrec_env.errors import ConfigError, UnknownNameError

ARRAYS = (
    *("years", "values", "weighted_values", "numbers", "numeric_position", "popularity", "acclaim"),
    *("factors", "value_facet", "context_wishes"),
)


def assert_protected(catalog: Catalog) -> None:
    for array in (*(getattr(catalog, name) for name in ARRAYS), *catalog.entity_items):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_nothing_can_be_changed(catalog: Catalog) -> None:
    assert_protected(catalog)
    with pytest.raises(FrozenInstanceError):
        catalog.titles = ()  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del catalog.values


def test_pickling_gives_an_equal_and_protected_catalogue(catalog: Catalog) -> None:
    other = pickle.loads(pickle.dumps(catalog))
    assert other is not catalog
    assert other == catalog
    assert hash(other) == hash(catalog)
    assert other.digest == catalog.digest
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(other, name), getattr(catalog, name))
    assert other.item_index("the kite") == 2
    assert_protected(other)


def test_copies_are_the_catalogue_itself(catalog: Catalog) -> None:
    assert copy.copy(catalog) is catalog
    assert copy.deepcopy({"c": catalog})["c"] is catalog


def test_the_digest_is_the_same_in_another_process(books: Path, catalog: Catalog) -> None:
    code = f"from chatrec_env.catalog import from_csv; print(from_csv({str(books)!r}).digest)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == catalog.digest
    assert len(catalog.digest) == 64


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("The Kite", "The Kites", id="title"),
        pytest.param("2001", "2002", id="year"),
        pytest.param("poetry", "crime", id="value"),
        pytest.param(",250,", ",251,", id="number-in-the-same-bin"),
        pytest.param("wrong load", "right load", id="sentence"),
        pytest.param("Cy Moss", "Cy Mosse", id="name"),
        pytest.param("Ann Lee|Bo Ray", "Bo Ray|Ann Lee", id="order-of-names"),
        pytest.param(",25,3,", ",25,4,", id="acclaim"),
    ],
)
def test_the_digest_sees_every_change(books: Path, table: str, catalog: Catalog, old: str, new: str) -> None:
    assert table.count(old) == 1
    books.write_text(table.replace(old, new), encoding="utf-8")
    assert from_csv(books) != catalog


def test_the_digest_sees_the_declaration(books: Path, catalog: Catalog) -> None:
    declaration = books.with_suffix(".json")
    declaration.write_text(declaration.read_text().replace('"verse"', '"rhymes"'))
    assert from_csv(books) != catalog


def test_lookups(catalog: Catalog) -> None:
    assert catalog.facet_index("size") == 1
    assert catalog.value_index("kind", "poetry") == 2
    assert catalog.value_index("reader", "adult") == 6
    assert catalog.item_index("Long Haul") == 3
    assert catalog.item_index("LONG HAUL", 2010) == 3


def test_unknown_names_suggest_the_nearest(catalog: Catalog) -> None:
    with pytest.raises(UnknownNameError, match=r"No facet 'kinds'\. Did you mean 'kind'"):
        catalog.facet_index("kinds")
    with pytest.raises(UnknownNameError, match=r"No kind 'poem'\. Did you mean 'poetry'"):
        catalog.value_index("kind", "poem")
    with pytest.raises(
        ConfigError, match=r"No book 'The Kit' among the 4 of the catalog. Nearest: 'The Kite'"
    ):
        catalog.item_index("The Kit")
    with pytest.raises(ConfigError, match="'The Kite' from 1991; that title exists with the years 1990"):
        catalog.item_index("The Kite", 1991)


def test_a_shared_title_needs_its_year(books: Path, table: str) -> None:
    books.write_text(table.replace("Long Haul", "The Kite"), encoding="utf-8")
    catalog = from_csv(books)
    assert catalog.item_index("The Kite", 2010) == 3
    with pytest.raises(ConfigError, match="exists with the years 1990, 2010"):
        catalog.item_index("The Kite")
