"""Ten tables as people have them: drafted, checked and trained on without an edit."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from chatrec_env.catalog import load_catalog
from chatrec_env.catalog.readers import beside
from experiments.cli.main import main
from tests.experiments.own_data.ten_tables import TABLES, N


@pytest.fixture
def drafted(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """One of the tables, with its draft beside it."""
    path = tmp_path / request.param
    path.write_bytes(TABLES[request.param])
    assert main(["catalog", "draft", str(path)]) == 0
    return path


@pytest.mark.parametrize("name", TABLES)
def test_drafted_checked_and_trained_without_an_edit(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drafted = tmp_path / name
    drafted.write_bytes(TABLES[name])
    assert main(["catalog", "draft", str(drafted)]) == 0
    said = [line.partition(":")[0] for line in capsys.readouterr().out.splitlines()]
    assert said[:4] == ["items", "title", "id", "noun"]
    assert main(["catalog", "check", str(drafted), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["understood"]["items"] == N
    run = tmp_path / "a run"
    words = ("--agent", "q_learning", "--env", "ChatRec/Strategy-v0", "--encoder", "hash", "--max-turns", "6")
    few = ("--turns", "100", "--curve-people", "8", "--set", "parallel=25")
    assert main(["train", *words, *few, "--catalog", str(drafted), "--out", str(run)]) == 0
    told = "".join(capsys.readouterr())
    printed = [line[line.index("chatrec ") :] for line in told.splitlines() if "chatrec " in line]
    assert len(printed) == 2
    assert all(shlex.split(line)[2] == str(run) for line in printed)  # as pasted into a shell, blanks and all


FOUND: list[Any] = [
    pytest.param(
        *("wines.csv", "title", "Nom", "prix", {"unit": "euros", "bins": [None, 30, 50, None]}),
        id="decimal-commas",
    ),
    pytest.param(
        "podcasts.tsv", "popularity", "listeners", "topic", {"kind": "multi"}, id="a-list-in-UTF-16"
    ),
    pytest.param(
        "board games.csv", "acclaim", "rating", "minimum age", {"unit": "years"}, id="min-is-minimum"
    ),
    pytest.param(
        *("recipes.csv", "title", "recipe_name", "course", {"critique": "too much on the {value} side"}),
        id="a-course-is-a-thing",
    ),
    pytest.param(
        "houses for sale.csv", "id", "listing_id", "price", {"unit": "pounds"}, id="an-id-where-titles-repeat"
    ),
    pytest.param("jobs.csv", "title", "job_title", "salary", {"unit": "dollars"}, id="a-date-is-no-title"),
    pytest.param("museums.csv", "year", "year", "entry fee", {"unit": "riyals"}, id="riyals-are-no-euros"),
    pytest.param(
        *("perfumes.csv", "title", "name", "free 60", {"column": "free_60"}),
        id="headings-that-differ-by-digits",
    ),
    pytest.param("plants.txt", "title", "Name", "größe", {"unit": "cm"}, id="headings-beyond-ASCII"),
    pytest.param("apps.csv", "popularity", "Installs", "size", {"column": "Size"}, id="a-byte-of-Latin-1"),
]


@pytest.mark.parametrize(("drafted", "role", "column", "facet", "has"), FOUND, indirect=["drafted"])
def test_what_is_found_in_it(drafted: Path, role: str, column: str, facet: str, has: dict[str, Any]) -> None:
    told = json.loads(beside(drafted, ".json").read_text(encoding="utf-8"))
    assert told["columns"][role] == column
    made = next(each for each in told["facets"] if each["name"] == facet)
    assert has.items() <= made.items()


@pytest.mark.parametrize("drafted", ["recipes.csv"], indirect=True)
def test_markup_is_read_as_text(drafted: Path) -> None:
    assert load_catalog(drafted).sentences[0] == "Stir & serve warm. Batch 0"


@pytest.mark.parametrize("drafted", ["houses for sale.csv"], indirect=True)
def test_numbers_with_signs_are_numbers(drafted: Path) -> None:
    catalog = load_catalog(drafted)
    assert catalog.numbers[1, catalog.facet_index("price")] == 154_500
    assert catalog.ids[1] == "#H/001-ß"


def test_ratings_are_added_to_a_table_of_decimal_commas(tmp_path: Path) -> None:
    items, ratings = tmp_path / "wines.csv", tmp_path / "ratings.tsv"
    items.write_bytes(TABLES["wines.csv"])
    rows = [f"Château numéro {i}\t{1 + i % 9},5" for i in range(N) for _ in range(i % 5)]
    ratings.write_text("\n".join(["Nom\tscore", *rows]) + "\n", encoding="utf-16")
    assert main(["catalog", "draft", str(items), "--ratings", str(ratings)]) == 0
    catalog = load_catalog(tmp_path / "wines-rated.csv")
    assert (catalog.popularity.min(), catalog.popularity.max()) == (0, 1)
    assert catalog.numbers[1, catalog.facet_index("prix")] == pytest.approx(7.35)
