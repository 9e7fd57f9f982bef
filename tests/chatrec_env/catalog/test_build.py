from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chatrec_env.catalog import Catalog, from_csv
from chatrec_env.catalog.build import rank_position


def test_words_come_from_the_declaration(catalog: Catalog) -> None:
    assert (catalog.name, catalog.noun, catalog.noun_plural) == ("books", "book", "books")
    assert (catalog.verb, catalog.verb_past) == ("read", ("read",))
    assert repr(catalog) == "Catalog('books', 4 items, 3 facets, 7 values)"


def test_values_no_item_has_are_dropped(catalog: Catalog) -> None:
    # No essay, nothing of 300 pages or more: "thick" and "huge" go; the last bin ends where "medium" does.
    assert catalog.value_names == ("adventure", "crime", "poetry", "thin", "medium", "child", "adult")
    assert catalog.facets[1].bins == (-np.inf, 100.0, 300.0)
    assert catalog.facet_slices == (slice(0, 3), slice(3, 5), slice(5, 7))
    assert catalog.value_facet.tolist() == [0, 0, 0, 1, 1, 2, 2]


def test_bins_between_filled_ones_stay(books: Path, table: str) -> None:
    books.write_text(table.replace(",250,", ",700,"), encoding="utf-8")
    catalog = from_csv(books)
    # thin 40; medium 100; thick none; huge 700.
    assert catalog.facets[1].values == ("thin", "medium", "thick", "huge")
    assert catalog.values[:, catalog.value_index("size", "thick")].tolist() == [0, 0, 0, 0]


def test_value_matrix(catalog: Catalog) -> None:
    assert catalog.values.tolist() == [
        [1, 1, 0, 0, 1, 0, 1],  # 100 pages are the first of "medium": bins are closed on the left
        [0, 0, 1, 1, 0, 0, 1],
        [1, 0, 0, 0, 1, 1, 0],
        [0, 1, 0, 0, 0, 0, 1],  # pages unknown: no bin
    ]
    assert catalog.weighted_values[0].tolist() == [1, 1, 0, 0, 0.25, 0, 0.5]
    assert catalog.values.dtype == catalog.weighted_values.dtype == np.float32


def test_numbers_and_their_ranks(catalog: Catalog) -> None:
    np.testing.assert_array_equal(catalog.numbers[:, 1], np.array([100, 40, 250, np.nan], np.float32))
    assert np.isnan(catalog.numbers[:, [0, 2]]).all()
    assert catalog.numeric_position.tolist() == [[0, 0.5, 0], [0, 0, 0], [0, 1, 0], [0, 0.5, 0]]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        pytest.param([3, 1, 2], [1, 0, 0.5], id="distinct"),
        pytest.param([1, 1, 2], [0.25, 0.25, 1], id="ties-share-the-mean-rank"),
        pytest.param([5, 5, 5], [0.5, 0.5, 0.5], id="all-equal"),
        pytest.param([7], [0.5], id="one"),
        pytest.param([1, np.nan, 2], [0, 0.5, 1], id="unknown-is-in-the-middle"),
        pytest.param([1, 2, 3, 4], [0, 0.3125, 0.6875, 1], id="thirds-rounded-to-sixteenths"),
    ],
)
def test_rank_position(numbers: list[float], expected: list[float]) -> None:
    assert rank_position(np.array(numbers, np.float32)).tolist() == expected


def test_levels_are_mapped_from_the_declared_ranges(catalog: Catalog) -> None:
    # fame 0..100 -> 0..1, unknown in the middle; stars 1..5 -> -1..1.
    assert catalog.popularity.tolist() == [1, 0.25, 0.5, 0.5]
    assert catalog.acclaim.tolist() == [1, 0, -1, 0.5]


def test_undeclared_levels_and_years_are_neutral(books: Path, declaration: dict[str, Any]) -> None:
    declaration["columns"] = {"title": "name"}
    declaration["optional"] = ["pages"]
    catalog = from_csv(books, declaration)
    assert catalog.popularity.tolist() == [0.5] * 4
    assert catalog.acclaim.tolist() == [0] * 4
    assert catalog.years.tolist() == [0] * 4
    assert catalog.ids == ("Sea Dogs", "Small Hours", "The Kite", "Long Haul")
    assert catalog.sentences[0] == "An adventure book; also a crime book."


def test_levels_are_rounded_to_sixteenths(books: Path, table: str) -> None:
    # 26/100 -> 4.16/16; stars 3.1 -> (3.1 - 1)/4 * 2 - 1 = 0.05 -> 0.8/16.
    books.write_text(table.replace(",25,3,", ",26,3.1,"), encoding="utf-8")
    catalog = from_csv(books)
    assert (catalog.popularity[1], catalog.acclaim[1]) == (0.25, 0.0625)


def test_people_and_their_items(catalog: Catalog) -> None:
    assert catalog.entity_names == ("Ann Lee", "Bo Ray", "Cy Moss")
    assert [rows.tolist() for rows in catalog.entity_items] == [[0, 2], [0, 3], [1]]
    assert catalog.credits == (((0, 1),), ((2,),), ((0,),), ((1,),))


def test_a_missing_sentence_is_made_of_what_is_known(catalog: Catalog) -> None:
    assert catalog.sentences[0] == "Two sailors chase a stolen ship."
    assert catalog.sentences[1] == "A book of poems from 2001."


def test_contexts_become_wishes(catalog: Catalog) -> None:
    # The essay it avoids is gone with the value.
    assert catalog.contexts[0].avoids == ("kind:crime",)
    assert catalog.context_wishes.tolist() == [[0, -1, 0, 0, 0, 1, 0]]
    assert catalog.context_wishes.dtype == np.int8


def test_phrases(catalog: Catalog) -> None:
    assert catalog.value_phrases[:3] == ("an adventure book", "a crime book", "a book of poems")
    assert catalog.value_plurals[5] == "books for a child"
    assert catalog.value_critiques[3] == "too thin"


def test_an_open_vocabulary_is_read_from_the_table_most_frequent_first(
    books: Path, declaration: dict[str, Any]
) -> None:
    declaration["facets"][0] = {
        "name": "kind",
        "kind": "multi",
        "column": "kinds",
        "synonyms": {"war": ["x"]},
    }
    catalog = from_csv(books, declaration)
    assert catalog.facets[0].values == ("adventure", "crime", "poetry")
    assert catalog.facets[0].synonyms == {}
    assert catalog.contexts[0].avoids == ("kind:crime",)


def test_an_id_column_allows_twins(books: Path, table: str, declaration: dict[str, Any]) -> None:
    declaration["columns"]["id"] = "key"
    rows = table.splitlines()
    lines = ["key," + rows[0], *(f"b{i},{row}" for i, row in enumerate([*rows[1:], rows[1]]))]
    books.write_text("\n".join(lines), encoding="utf-8")
    catalog = from_csv(books, declaration)
    assert catalog.ids == ("b0", "b1", "b2", "b3", "b4")
    assert catalog.item_index("Sea Dogs") == 0


def test_quotes_line_breaks_and_a_byte_order_mark(books: Path, table: str) -> None:
    text = table.replace("The Kite", '"The\n  Kite, again"').replace("\n", "\r\n")
    books.write_bytes(b"\xef\xbb\xbf" + text.encode() + b"\r\n,,,,,,,,\r\n\r\n")
    catalog = from_csv(books)
    assert catalog.titles[2] == "The Kite, again"
    assert catalog.n_items == 4


def test_column_order_and_further_columns_do_not_matter(books: Path, table: str) -> None:
    before = from_csv(books)
    rows = [line.split(",") for line in table.splitlines()]
    books.write_text("\n".join(",".join([*reversed(row), "x"]) for row in rows), encoding="utf-8")
    assert from_csv(books) == before


def test_the_declaration_is_kept_reduced_and_is_plain_json(catalog: Catalog) -> None:
    data = json.loads(json.dumps(catalog.declaration.to_dict()))
    assert data["facets"][0]["values"] == ["adventure", "crime", "poetry"]
