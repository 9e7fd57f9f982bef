"""Files of notions: what they hold, and what is said of those that are wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chatrec_env.catalog import Catalog, load_catalog
from chatrec_env.catalog.loading import BUILT_IN
from chatrec_env.errors import ConfigError
from simulators.notions.files import DATA, load_notions
from simulators.notions.record import phrases_of
from simulators.scenarios.scenario import make_scenario

WHOLE = {"items": ["Heat"], "say": ["a job too many", "one last score"], "held_out": ["crime", "vaults"]}


@pytest.mark.parametrize("name", sorted(path.stem for path in DATA.glob("*.json")))
def test_what_comes_with_a_catalogue_is_whole(name: str) -> None:
    catalog = load_catalog(name)
    notions = load_notions(catalog)
    assert len(notions) >= (120 if name == "movies" else 40)
    for notion in notions:
        assert len(notion.say) >= 4
        assert len(notion.held_out) >= 4
        assert not set(notion.say) & set(notion.held_out)
        assert notion.items[0] >= 0
        assert notion.items[-1] < catalog.n_items


def test_only_catalogues_that_are_built_in_have_some_of_their_own() -> None:
    assert {path.stem for path in DATA.glob("*.json")} <= set(BUILT_IN)


def test_items_are_named_by_title(films: Catalog, tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    path.write_text(json.dumps({"heists": WHOLE}))
    (notion,) = load_notions(films, str(path))
    assert (notion.name, notion.items) == ("heists", (films.titles.index("Heat"),))
    assert notion.phrases("all") == ("a job too many", "one last score", "crime", "vaults")


@pytest.mark.parametrize(
    ("document", "says"),
    [
        pytest.param([], "an object of notions by name, got list", id="no-object"),
        pytest.param({"x": {"items": ["Heat"]}}, "items, say, held_out, got 'items'", id="part-missing"),
        pytest.param(
            {"x": {**WHOLE, "items": ["Heart"]}}, "no item 'Heart'. Did you mean 'Heat'?", id="title"
        ),
        pytest.param({"x": {**WHOLE, "items": []}}, "items must be 1 or more", id="no-item"),
        pytest.param({"x": {**WHOLE, "say": ["one"]}}, "say must be 2 or more", id="one-phrase"),
        pytest.param({"x": {**WHOLE, "say": ["one", "one"]}}, "different texts", id="twice"),
        pytest.param({"x": {**WHOLE, "say": ["one", 2]}}, "must be a list of texts", id="number"),
        pytest.param({"x": {**WHOLE, "say": ["one", "two."]}}, "no full stop", id="full-stop"),
        pytest.param({"x": {**WHOLE, "say": ["one", "vaults"]}}, "share no phrase", id="both-halves"),
    ],
)
def test_what_is_wrong_is_said(films: Catalog, tmp_path: Path, document: Any, says: str) -> None:
    path = tmp_path / "own.json"
    path.write_text(json.dumps(document))
    with pytest.raises(ConfigError) as error:
        load_notions(films, str(path))
    assert says in str(error.value)


def test_a_title_that_two_items_share_needs_its_year(films: Catalog, tmp_path: Path) -> None:
    title = next(t for t in films.titles if films.titles.count(t) > 1)
    path = tmp_path / "own.json"
    path.write_text(json.dumps({"x": {**WHOLE, "items": [title]}}))
    with pytest.raises(ConfigError, match=r"two items are called .*\(\d{4}\)"):
        load_notions(films, str(path))


def test_a_missing_file_is_said(films: Catalog, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="path of a JSON file"):
        load_notions(films, str(tmp_path / "none.json"))


def test_the_halves_never_mix(films: Catalog, notion_file: str) -> None:
    def phrases(phrasing: str, share: float = 0.5) -> tuple[str, ...]:
        changes = {"notion_share": share, "notion_file": notion_file, "phrasing": phrasing}
        return phrases_of(films, make_scenario(changes))

    assert all("said in way" in phrase for phrase in phrases("say"))
    assert all("put in form" in phrase for phrase in phrases("held_out"))
    assert set(phrases("all")) == {*phrases("say"), *phrases("held_out")}
    assert len(phrases("say")) == 12
    assert phrases("say", share=0.0) == ()
