from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatrec_env.catalog import Declaration, load_declaration
from chatrec_env.errors import CatalogError

Change = Callable[[dict[str, Any]], object]


def test_a_declaration_is_plain_json_both_ways(declaration: dict[str, Any]) -> None:
    declared = Declaration.from_dict(declaration)
    assert Declaration.from_dict(json.loads(json.dumps(declared.to_dict()))) == declared
    assert declared.columns["title"] == "name"
    assert declared.table_columns == (
        *("name", "published", "about", "fame", "stars", "kinds", "pages", "reader", "author"),
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param(lambda d: d.pop("name"), "the key 'name'", id="no-name"),
        pytest.param(lambda d: d.pop("facets"), "the key 'facets'", id="no-facets"),
        pytest.param(lambda d: d.update(facets=[]), "at least one facet", id="empty-facets"),
        pytest.param(lambda d: d.update(facets={}), "facets: expected a list", id="facets-an-object"),
        pytest.param(lambda d: d.update(nuon="x"), r"did you mean 'noun'\?", id="misspelt-key"),
        pytest.param(
            lambda d: d["facets"][1].update(bin=[]), r"facets\[1\].*mean 'bins'", id="misspelt-facet-key"
        ),
        pytest.param(lambda d: d.update(decimal="'"), "decimal: expected '.' or ','", id="no-decimal-mark"),
        pytest.param(
            lambda d: d.update(separators={"colour": ","}),
            "separators: expected",
            id="separator-of-no-column",
        ),
        pytest.param(
            lambda d: d.update(questions={"colour": ["what colour is it"]}),
            "questions: expected",
            id="no-topic",
        ),
        pytest.param(
            lambda d: d.update(unanswered=[{"name": "shop", "thing": "where to get it", "asked_as": []}]),
            "asked_as: expected at least one question",
            id="never-asked",
        ),
        pytest.param(
            lambda d: d.update(entity_asked=["is she in it"]), "with {name} once", id="question-without-name"
        ),
        pytest.param(
            lambda d: d["facets"][1].update(told_as="is long"), "with {number} once", id="no-number"
        ),
        pytest.param(
            lambda d: d["facets"][0].pop("kind"), r"facets\[0\]: expected the key 'kind'", id="no-kind"
        ),
        pytest.param(
            lambda d: d.update(facets=d["facets"][:1] * 2), "each name once, got 'kind'", id="facet-twice"
        ),
        pytest.param(lambda d: d["columns"].pop("title"), "at least the key 'title'", id="no-title-column"),
        pytest.param(lambda d: d["columns"].update(titel="x"), "keys among title", id="stray-column"),
        pytest.param(
            lambda d: d["columns"].update(year=1), "columns.year: expected a non-empty", id="column-type"
        ),
        pytest.param(
            lambda d: d.update(columns=["name"]), "columns: expected an object", id="columns-a-list"
        ),
        pytest.param(lambda d: d.update(optional=["nothing"]), "other than the title", id="stray-optional"),
        pytest.param(lambda d: d.update(optional=["name"]), "got 'name'", id="optional-title"),
        pytest.param(lambda d: d.update(acclaim_range=[5, 1]), "acclaim_range", id="range-reversed"),
        pytest.param(lambda d: d.update(popularity_range=[1]), "two numbers", id="range-short"),
        pytest.param(lambda d: d.update(verb_past="read"), "verb_past: expected a list", id="past-a-text"),
        pytest.param(lambda d: d.update(verb_past=[]), "at least one word", id="past-empty"),
        pytest.param(
            lambda d: d["contexts"][0].update(wants=["kind:war"]), "got 'kind:war'", id="stray-wish"
        ),
        pytest.param(
            lambda d: d["contexts"][0].update(wants=["mood:sad"]), "got 'mood:sad'", id="stray-wish-facet"
        ),
    ],
)
def test_a_bad_declaration_gives_one_error(
    declaration: dict[str, Any], change: Change, says: str, tmp_path: Path
) -> None:
    change(declaration)
    path = tmp_path / "d.json"
    path.write_text(json.dumps(declaration), encoding="utf-8")
    with pytest.raises(CatalogError, match=says) as caught:
        load_declaration(path)
    assert str(caught.value).startswith(f"{path}, ")
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b'{\n  "name": }', "line 2, column 11: expected valid JSON", id="syntax"),
        pytest.param(b'{"name":\n"caf\xe9"}', "line 2: expected UTF-8 text, got byte 0xe9", id="encoding"),
        pytest.param(b"", "line 1, column 1: expected valid JSON", id="empty"),
        pytest.param(b"[]", "declaration: expected a JSON object", id="a-list"),
        pytest.param(b"[" * 200_000, "nested too deeply", id="nested"),
    ],
)
def test_a_broken_json_file_is_named_with_its_line(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "d.json"
    path.write_bytes(content)
    with pytest.raises(CatalogError, match=says):
        load_declaration(path)


def test_a_missing_declaration_says_what_it_is_for(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="expected the declaration of the catalogue"):
        load_declaration(tmp_path / "none.json")


def test_later_fields_stand_in_plain_data_only_where_they_say_something(declaration: dict[str, Any]) -> None:
    plain = Declaration.from_dict(declaration).to_dict()
    assert "noun_synonyms" not in plain
    assert not {"unit_words", "question_synonyms"} & set(plain["facets"][1])
    assert not {"unanswered", "unlisted", "questions", "entity_link", "entity_asked"} & set(plain)
    declaration["noun_synonyms"] = ["volume"]
    declaration["facets"][1].update(unit_words={"sheets": 2}, question_synonyms=["length"])
    declared = Declaration.from_dict(declaration)
    assert declared.to_dict()["noun_synonyms"] == ["volume"]
    assert declared.facets[1].to_dict()["unit_words"] == {"sheets": 2.0}
    assert Declaration.from_dict(json.loads(json.dumps(declared.to_dict()))) == declared


@pytest.mark.parametrize(
    ("facet", "change", "says"),
    [
        pytest.param(
            0, {"unit_words": {"bucks": 1}}, "unit_words: expected nothing, because", id="not-numeric"
        ),
        pytest.param(1, {"unit_words": ["bucks"]}, "unit_words: expected an object", id="a-list"),
        pytest.param(1, {"unit_words": {"bucks": 0}}, "number above 0", id="zero"),
        pytest.param(1, {"unit_words": {"bucks": "one"}}, "number above 0", id="a-text"),
        pytest.param(1, {"question_synonyms": "length"}, "expected a list of texts", id="a-single-text"),
    ],
)
def test_bad_words_for_units_are_named(
    declaration: dict[str, Any], facet: int, change: dict[str, Any], says: str
) -> None:
    declaration["facets"][facet].update(change)
    with pytest.raises(CatalogError, match=says):
        Declaration.from_dict(declaration)
