from __future__ import annotations

import copy
import json
import math
import pickle
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest

from chatrec_env.catalog import Context, Facet, from_csv
from chatrec_env.catalog.facets import KINDS, Kind
from chatrec_env.errors import CatalogError


def size(**changes: Any) -> Facet:
    fields: dict[str, Any] = {
        "name": "size",
        "kind": "numeric",
        "column": "pages",
        "values": ["thin", "thick"],
        "bins": [None, 200, None],
        "more": "longer",
        "less": "shorter",
    }
    return Facet(**(fields | changes))


def genre(**changes: Any) -> Facet:
    fields: dict[str, Any] = {
        "name": "genre",
        "kind": "multi",
        "column": "genres",
        "values": ["art", "crime"],
        "value_phrases": {"art": "a film on art"},
        "value_plurals": {"art": "films on art"},
        "value_critiques": {"art": "too arty"},
        "synonyms": {"crime": ["gangster"]},
    }
    return Facet(**(fields | changes))


def test_wording_comes_from_the_templates_or_their_overrides() -> None:
    facet = genre(phrase="a {value} {noun}", critique="too much {value}")
    assert facet.noun_phrase("crime", "film", "films") == "a crime film"
    assert facet.noun_phrase("art", "film", "films") == "a film on art"
    assert facet.plural_phrase("crime", "film", "films") == "crime films"
    assert facet.plural_phrase("art", "film", "films") == "films on art"
    assert facet.critique_phrase("crime", "film", "films") == "too much crime"
    assert facet.critique_phrase("art", "film", "films") == "too arty"
    assert facet.question == "genre"


@pytest.mark.parametrize(
    ("facet", "multi_valued", "ordered", "numeric", "comparable"),
    [
        pytest.param(genre(), True, False, False, False, id="multi"),
        pytest.param(genre(kind="single"), False, False, False, False, id="single"),
        pytest.param(size(), False, True, True, True, id="numeric"),
        pytest.param(size(more="", less=""), False, True, True, False, id="numeric-without-comparatives"),
    ],
)
def test_a_facet_says_what_its_kind_means(
    facet: Facet, multi_valued: bool, ordered: bool, numeric: bool, comparable: bool
) -> None:
    answers = (facet.multi_valued, facet.ordered, facet.numeric, facet.comparable)
    assert answers == (multi_valued, ordered, numeric, comparable)


def test_a_new_kind_is_one_entry(books: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "scale", Kind(ordered=True))
    declaration = json.loads(books.with_suffix(".json").read_text(encoding="utf-8"))
    declaration["facets"][2].update(kind="scale", more="more grown-up", less="more childlike")
    reader = from_csv(books, declaration).facets[2]
    assert (reader.ordered, reader.numeric, reader.comparable) == (True, False, True)
    assert from_csv(books, declaration).arrays.ordered.tolist() == [False, True, True]


def test_open_ends_are_null_in_json_and_infinite_in_memory() -> None:
    facet = size()
    assert facet.bins == (-math.inf, 200.0, math.inf)
    data = json.loads(json.dumps(facet.to_dict(), allow_nan=False))
    assert data["bins"] == [None, 200.0, None]
    assert Facet(**data) == facet


def test_facets_are_frozen_inside_and_out() -> None:
    facet = genre()
    with pytest.raises(FrozenInstanceError):
        facet.name = "x"  # type: ignore[misc]
    with pytest.raises(TypeError, match="read-only"):
        facet.value_phrases["crime"] = "x"  # type: ignore[index]
    with pytest.raises(TypeError, match="read-only"):
        facet.synonyms.update({})  # type: ignore[attr-defined]


def test_facets_survive_pickling_copying_and_hashing() -> None:
    facet = genre()
    assert pickle.loads(pickle.dumps(facet)) == facet
    assert copy.deepcopy(facet) == facet
    assert hash(copy.deepcopy(facet)) == hash(facet)


def test_restricted_keeps_the_wording_of_what_stays() -> None:
    facet = genre().restricted(["crime"])
    assert facet.values == ("crime",)
    assert facet.value_phrases == {}
    assert facet.synonyms == {"crime": ("gangster",)}
    three = size(values=["a", "b", "c"], bins=[0, 1, 2, 3])
    assert three.restricted(["b", "c"]).bins == (1.0, 2.0, 3.0)


@pytest.mark.parametrize(
    ("make", "changes", "says"),
    [
        pytest.param(genre, {"name": ""}, "non-empty text", id="no-name"),
        pytest.param(genre, {"name": "a:b"}, "without ':'", id="colon-in-name"),
        pytest.param(genre, {"kind": "many"}, "one of single, multi, numeric, got 'many'", id="kind"),
        pytest.param(genre, {"column": 3}, "column: expected a non-empty text, got 3", id="column-type"),
        pytest.param(genre, {"values": "art"}, "values: expected a list of texts", id="values-a-text"),
        pytest.param(genre, {"values": ["art", "art", "crime"]}, "each value once, got 'art'", id="twice"),
        pytest.param(genre, {"values": ["art|x", "crime", "art"]}, r"without '\|'", id="separator"),
        pytest.param(genre, {"weight": 0.3}, "multiple of 1/16 in", id="weight-off-grid"),
        pytest.param(genre, {"weight": 0}, "multiple of 1/16", id="weight-zero"),
        pytest.param(genre, {"weight": True}, "multiple of 1/16", id="weight-bool"),
        pytest.param(genre, {"weight": "1"}, "multiple of 1/16", id="weight-text"),
        pytest.param(genre, {"askable": 1}, "askable: expected true or false, got 1", id="askable"),
        pytest.param(genre, {"phrase": "a {thing}"}, "no fields but", id="unknown-placeholder"),
        pytest.param(genre, {"phrase": "a {value"}, "no fields but", id="broken-template"),
        pytest.param(genre, {"phrase": "a {}"}, "no fields but", id="unnamed-placeholder"),
        pytest.param(genre, {"bins": [0, 1]}, "nothing, because the kind is multi", id="bins-of-words"),
        pytest.param(genre, {"more": "artier", "less": "less arty"}, "nothing, because", id="more-of-words"),
        pytest.param(genre, {"synonyms": {"war": ["x"]}}, "a value of the facet", id="stray-synonym"),
        pytest.param(genre, {"synonyms": {"art": "x"}}, "a list of texts", id="synonym-a-text"),
        pytest.param(genre, {"value_phrases": ["x"]}, "an object keyed by value", id="phrases-a-list"),
        pytest.param(genre, {"value_phrases": {"art": ""}}, "a non-empty text", id="empty-phrase"),
        pytest.param(size, {"values": []}, "one label per bin", id="numeric-without-values"),
        pytest.param(size, {"bins": [None, None]}, "3 edges for 2 values", id="too-few-edges"),
        pytest.param(size, {"bins": [0, None, 9]}, "null only at the ends", id="null-inside"),
        pytest.param(size, {"bins": [0, "x", 9]}, "numbers", id="edge-a-text"),
        pytest.param(size, {"bins": [0, math.nan, 9]}, "numbers", id="edge-nan"),
        pytest.param(size, {"bins": [0, 9, 9]}, "increasing edges", id="edges-equal"),
        pytest.param(size, {"bins": 7}, "a list of numbers", id="bins-a-number"),
        pytest.param(size, {"less": ""}, "both words or neither", id="more-without-less"),
    ],
)
def test_a_bad_facet_gives_one_error_that_names_the_field(make: Any, changes: Any, says: str) -> None:
    with pytest.raises(CatalogError, match=says):
        make(**changes)


def test_context_checks_its_wishes() -> None:
    context = Context(name="kids", phrase="With the kids", wants=["a:b"], avoids=["a:c"])  # type: ignore[arg-type]
    assert context.wants == ("a:b",)
    assert Context(**context.to_dict()) == context
    with pytest.raises(CatalogError, match="no value in both, got 'a:b'"):
        Context(name="kids", phrase="With the kids", wants=("a:b",), avoids=("a:b",))
    with pytest.raises(CatalogError, match="'facet:value', got 'b'"):
        Context(name="kids", phrase="With the kids", wants=("b",))
    with pytest.raises(CatalogError, match="phrase: expected a non-empty text"):
        Context(name="kids", phrase=" ")
