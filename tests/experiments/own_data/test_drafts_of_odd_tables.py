"""What a draft makes of odd columns and rows, and the one clear line where it can make nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import gymnasium
import pytest

from chatrec_env.catalog import load_catalog
from chatrec_env.language.acts import UserAct
from chatrec_env.language.english.facts import amount
from chatrec_env.language.forms import Form
from chatrec_env.language.grammar import Grammar
from chatrec_env.language.parser import Parser
from experiments.cli.main import main


def write(path: Path, header: str, row: str, n: int = 24) -> Path:
    """A table whose rows are made of `{i}`, `{two}` and `{three}`: the number of the row, and what recurs."""
    rows = [row.format(i=i, two=("red", "blue")[i % 2], three=("low", "mid", "top")[i % 3]) for i in range(n)]
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def drafted(path: Path) -> dict[str, Any]:
    assert main(["catalog", "draft", str(path)]) == 0
    assert main(["catalog", "check", str(path)]) == 0
    return json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))


def test_two_equal_titles_and_no_id_take_the_column_that_differs(tmp_path: Path) -> None:
    path = write(tmp_path / "lessons.csv", "course_title,added,kind", "Part {three},2026-01-{i:02d},{two}")
    assert drafted(path)["columns"] == {"title": "course_title", "id": "added"}
    assert drafted_noun(path) == "course"


def drafted_noun(path: Path) -> str:
    return load_catalog(path).noun


def test_rows_that_cannot_be_told_apart_are_one_line(tmp_path: Path, refused: Any) -> None:
    path = write(tmp_path / "lessons.csv", "course_title,kind", "Part {three},{two}")
    refused("got 'Part low' in lines 2 and 5; add a column id", "catalog", "draft", path)
    assert not path.with_suffix(".json").exists()


def test_a_draft_is_made_of_every_row_or_of_none(tmp_path: Path, refused: Any) -> None:
    path = write(tmp_path / "mugs.csv", "name,colour", "Mug {i},{two}", 600)
    path.write_text(path.read_text() + "Mug 600\n" + "Mug 601,red\n" * 600)
    refused("line 602, column 'name': expected 2 cells, got 1", "catalog", "draft", path)
    assert not path.with_suffix(".json").exists()


@pytest.mark.parametrize(
    ("header", "row", "name", "unit", "question"),
    [
        pytest.param("name,min_age,kind", "Game {i},{i},{two}", "minimum age", "years", "min-is-no-minutes"),
        pytest.param("name,time (min),kind", "Game {i},{i},{two}", "time", "minutes", "minutes-in-brackets"),
        pytest.param(
            *("name,Beats Per Minute,kind", "Song {i},{i},{two}", "tempo", "beats per minute", "beats"),
        ),
        pytest.param("name,price per night,kind", "Inn {i},${i},{two}", "price", "dollars per night", "per"),
        pytest.param("name,price (SAR),kind", "Inn {i},{i},{two}", "price", "riyals", "code-in-brackets"),
        pytest.param("name,bedrooms,kind", "Inn {i},{i},{two}", "bedroom", "bedrooms", "counted"),
        pytest.param("name,mins,kind", "Talk {i},{i}5,{two}", "length", "minutes", "a-unit-alone"),
        pytest.param("name,kg,kind", "Sack {i},{i}.5,{two}", "weight", "kg", "a-weight-alone"),
        pytest.param("name,games won,kind", "Club {i},{i}.5,{two}", "games won", None, "won-is-no-money"),
    ],
)
def test_units_by_heading_and_cell(
    tmp_path: Path, header: str, row: str, name: str, unit: str | None, question: str
) -> None:
    facets = drafted(write(tmp_path / "things.csv", header, row))["facets"]
    made = next(facet for facet in facets if facet["kind"] == "numeric")
    assert (made["name"], made.get("unit")) == (name, unit)


@pytest.mark.parametrize("text", ["under 8 beats per minute", "under 8 bpm"])
def test_beats_are_said_in_full_and_in_short(tmp_path: Path, text: str) -> None:
    catalog = load_catalog(
        declared(write(tmp_path / "songs.csv", "name,Beats Per Minute,kind", "Song {i},{i},{two}"))
    )
    (act,) = Parser(catalog).parse(text)
    assert catalog.value_names[act.value] == "slow"


def declared(path: Path) -> Path:
    drafted(path)
    return path


@pytest.mark.parametrize(
    ("heading", "unit"),
    [pytest.param("price", "", id="none"), pytest.param("price SAR", "riyals", id="riyals")],
)
def test_a_price_is_told_in_its_own_money_and_read_in_any(tmp_path: Path, heading: str, unit: str) -> None:
    path = write(tmp_path / "lamps.csv", f"name,{heading},kind", "Lamp {i},{i},{two}")
    made = next(facet for facet in drafted(path)["facets"] if facet["kind"] == "numeric")
    assert made.get("unit", "") == unit
    parser = Parser(catalog := load_catalog(path))
    cheap = catalog.value_index("price", "cheap")
    for text in ("Under 5 dollars", "Under $5", "Less than 5 euros", "At most £5"):
        assert [act.value for act in parser.parse(text) if act.act == UserAct.WANT] == [cheap]


def test_values_and_numbers_are_said_in_english(tmp_path: Path) -> None:
    header, row = "name,course,rate,star rating", "Dish {i},{three},{i},{i}"
    path = write(tmp_path / "dishes.csv", header, row)
    path.write_text(path.read_text().replace("low", "dessert").replace("mid", "soup"))
    drafted(path)
    catalog = load_catalog(path)
    grammar = Grammar(catalog)
    said = {
        grammar.text(int(grammar.ids(form, value, variant)))
        for form in (Form.WANT, Form.AVOID, Form.TOO)
        for value in range(catalog.n_values)
        for variant in range(form.n_styles)
    }
    assert not [text for text in said if "something dessert" in text or "too medium" in text]
    assert any("a dessert dish" in text for text in said)
    assert amount(1, "stars") == "1 star"


def test_nothing_is_popular_where_no_column_tells(tmp_path: Path) -> None:
    path = write(tmp_path / "lamps.csv", "name,colour,kind", "Lamp {i},{two},{three}")
    drafted(path)
    grammar = Grammar(load_catalog(path))
    popular = {
        grammar.text(int(grammar.ids(Form.S_EXPLAIN_POPULAR, 0, v)))
        for v in range(Form.S_EXPLAIN_POPULAR.n_styles)
    }
    env = gymnasium.make("ChatRec/Items-v0", catalog=str(path), encoder="hash", render_mode="ansi")
    for seed in range(20):
        env.reset(seed=seed)
        env.step(2)  # the first candidate, after the two facets
        told = env.render()
        assert isinstance(told, str)
        assert not [text for text in popular if text in told]


def test_a_bad_row_does_not_hide_what_was_understood(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "mugs.csv", "name,colour,price EUR", "Mug {i},{two},{i}")
    drafted(path)
    path.write_text(path.read_text().replace("Mug 5,blue,5", "Mug 5,green,cheap"))
    capsys.readouterr()
    assert main(["catalog", "check", str(path), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [(p["line"], p["column"]) for p in found["problems"]] == [(7, "colour"), (7, "price EUR")]
    assert found["understood"]["items"] == 23


def test_check_suggests_an_id_where_titles_repeat(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "mugs.csv", "sku,name,colour", "m{i},Mug {three},{two}")
    told = {"name": "mugs", "columns": {"title": "name"}, "facets": [{**COLOUR}]}
    path.with_suffix(".json").write_text(json.dumps(told))
    assert main(["catalog", "check", str(path)]) == 1
    assert 'declare an id: "columns": {"title": "name", "id": "sku"}' in capsys.readouterr().out


COLOUR = {"name": "colour", "kind": "single", "column": "colour"}


def test_training_on_a_table_without_a_declaration_says_what_to_run(tmp_path: Path, refused: Any) -> None:
    path = write(tmp_path / "my mugs.csv", "name,colour", "Mug {i},{two}")
    says = f"no such file; write a first one: chatrec catalog draft '{path}'"
    refused(says, "train", "--catalog", path, "--encoder", "hash")


def test_a_value_that_reads_as_one_of_another_column_is_dropped_or_kept_whole(tmp_path: Path) -> None:
    """What a catalogue cannot be built with is left out, and said: a single value with a bar in it."""
    path = write(tmp_path / "mugs.csv", "name,colour,make", "Mug {i},{two},{three}")
    path.write_text(path.read_text().replace("Mug 3,blue,low", "Mug 3,blue|red|x,low"))
    assert [facet["name"] for facet in drafted(path)["facets"]] == ["make"]


def test_a_draft_says_that_any_money_is_taken_for_the_tables_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for heading, unit in (("price", "it"), ("price SAR", "riyals")):
        path = write(tmp_path / f"lamps {unit}.csv", f"name,{heading},kind", "Lamp {i},{i},{two}")
        drafted(path)
        told = " ".join(capsys.readouterr().out.split())
        assert f"any money that people name is read as {unit} one for one" in told


def test_check_says_an_item(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "things.csv", "name,colour", "Thing {i},{two}")
    told = {"name": "things", "noun": "item", "columns": {"title": "name"}, "facets": [{**COLOUR}]}
    path.with_suffix(".json").write_text(json.dumps(told))
    assert main(["catalog", "check", str(path)]) == 0
    assert "each an item" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        pytest.param(("10-15 km", "15–20 km"), "10-15 km", id="bare"),
        pytest.param(("10-15 km", "15–20 km"), "I'd like a 10–15 km walk, please.", id="another-dash"),
        pytest.param(("10-15 km", "15–20 km"), "something of 10 to 15 km", id="in-words"),
        pytest.param(("30-45 min", "45-90 min"), "a 30-45 min walk", id="of-time"),
        pytest.param(("2-4", "3-6"), "2–4", id="of-nothing"),
        pytest.param(("XL huge", "S small"), "an XL huge walk", id="a-code-and-a-word"),
    ],
)
def test_a_range_can_be_said(cells: tuple[str, str], said: str, tmp_path: Path) -> None:
    """Also where another column has amounts of the same unit."""
    path = tmp_path / "walks.csv"
    rows = [f"Walk {i},{cells[i % 2]},{i + 1} km" for i in range(24)]
    path.write_text("\n".join(["name,stretch,height", *rows]), encoding="utf-8")
    drafted(path)
    catalog = load_catalog(path)
    read = Parser(catalog).parse(said)
    assert [(act.act, act.value) for act in read] == [
        (UserAct.WANT, catalog.value_index("stretch", cells[0]))
    ]


@pytest.mark.parametrize(
    ("heading", "cells", "has"),
    [
        pytest.param("smell (0-10)", ("3", "7"), ("smell", "numeric"), id="the-scale-is-no-name"),
        pytest.param("lasts", ("1h 30m", "2 h 00 min"), ("last", "numeric"), id="hours-and-minutes"),
        pytest.param("price", ("Rs. 300/-", "Rs. 2,500/-"), ("price", "numeric"), id="and-nothing-after-it"),
        pytest.param("score", ("8.3/10", "7/10"), None, id="out-of-ten"),
        pytest.param("Frühstück", ("ja", "nein"), None, id="yes-and-no"),
    ],
)
def test_more_columns(
    heading: str,
    cells: tuple[str, str],
    has: tuple[str, str] | None,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "cheeses.csv"
    rows = [f'Cheese {i},"{cells[i % 2]}",{"firm" if i % 3 else "soft"}' for i in range(24)]
    path.write_text("\n".join([f"name,{heading},kind", *rows]), encoding="utf-8")
    facets = {facet["column"]: (facet["name"], facet["kind"]) for facet in drafted(path)["facets"]}
    assert facets.get(heading) == has
    if has is None:
        assert f"not used: {heading}: " in capsys.readouterr().out


def test_nothing_is_too_very_hard(tmp_path: Path) -> None:
    path = tmp_path / "hikes.csv"
    rows = [f"Hike {i},{('easy', 'hard', 'very hard')[i % 3]}" for i in range(24)]
    path.write_text("\n".join(["name,difficulty", *rows]), encoding="utf-8")
    drafted(path)
    catalog = load_catalog(path)
    assert (
        catalog.value_critiques[catalog.value_index("difficulty", "very hard")]
        == "too much on the very hard side"
    )
