"""Every built-in domain, and one's own table, by the same commands: train, evaluate, watch, chat."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from chatrec_env.catalog import BUILT_IN, load_catalog
from tests.chatrec_env.catalog.test_draft import wines

DOMAINS = ("books", "courses", "movies", "music", "shopping", "travel")
TINY = ("--encoder", "hash", "--max-turns", "4")
OF_FILMS = re.compile(r"\b(films?|movies?|watch(ed|ing)?|cinema)\b", re.IGNORECASE)


def play(chatrec: Any, monkeypatch: pytest.MonkeyPatch, catalog: str, run: Path) -> str:
    """Trains, evaluates, watches and chats with tiny budgets; returns what was said."""
    env = (*TINY, "--catalog", catalog)
    done = chatrec(
        "train", "--agent", "q_learning", "--turns", 300, "--curve-people", 4, "--out", run, *env, "--json"
    )
    assert done.code == 0, done.err
    assert json.loads(done.out)["evaluation"]["return"]["n"] == 4
    done = chatrec("evaluate", run, "greedy", "--people", 6, "--json")
    assert done.code == 0, done.err
    table = json.loads(done.out)
    assert table["catalog"] == catalog
    assert {row["policy"] for row in table["rows"]} == {"Q-learning", "greedy"}
    watched = chatrec("watch", run, "--person", 1)
    assert watched.code == 0, watched.err
    monkeypatch.setattr(sys, "stdin", io.StringIO("Hello, surprise me\ny\nbye\n"))
    talked = chatrec("chat", run)
    assert talked.code == 0, talked.err
    return f"{watched.out}{talked.out}"


def test_six_domains_are_built_in() -> None:
    assert tuple(BUILT_IN) == DOMAINS
    assert all(load_catalog(name).n_items >= 250 for name in BUILT_IN)


@pytest.mark.parametrize("name", DOMAINS)
def test_a_domain_by_every_command(
    chatrec: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    said = play(chatrec, monkeypatch, name, tmp_path / "run")
    catalog = load_catalog(name)
    assert any(title in said for title in catalog.titles)
    if name not in ("movies", "books", "music"):  # those may tell of films in their sentences
        spoken = "\n".join(line for line in said.splitlines() if line.startswith(("system", "person", "you")))
        assert not OF_FILMS.search(spoken)


def test_from_a_table_and_ratings_to_a_policy(
    chatrec: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The tutorial of docs/domains.md, with tiny budgets."""
    table, ratings = tmp_path / "wines.csv", tmp_path / "ratings.csv"
    rows = wines().splitlines()
    table.write_text(
        "\n".join(row.rsplit(",", 5)[0] for row in rows) + "\n", encoding="utf-8"
    )  # no Rating, Votes
    told = [f"{user},Bottle number {i},{1 + (i * 7 + user) % 5}" for i in range(60) for user in range(i % 9)]
    ratings.write_text("\n".join(["user,Name,rating", *told]) + "\n", encoding="utf-8")
    assert chatrec("catalog", "draft", table, "--ratings", ratings).code == 0
    rated = tmp_path / "wines-rated.csv"
    assert chatrec("catalog", "check", rated).code == 0
    catalog = load_catalog(str(rated))
    assert catalog.popularity[0] == 0
    assert catalog.popularity.max() == 1
    assert len(set(catalog.acclaim.tolist())) > 3
    said = play(chatrec, monkeypatch, str(rated), tmp_path / "run")
    assert "Bottle number" in said
    few = ("--set", "num_envs=8", "warm_start=50", "check_people=8")
    train = ("train", "--agent", "ppo", "--catalog", rated, "--turns", 64, *few)
    assert chatrec(*train, "--curve-people", 4, "--out", tmp_path / "ppo", *TINY).code == 0


@pytest.mark.parametrize(
    ("ratings", "says"),
    [
        pytest.param("user,Name,mark\n1,Bottle number 1,5\n", "called rating or stars", id="no-rating"),
        pytest.param("user,who,rating\n1,Bottle number 1,5\n", "names the items like one of", id="no-item"),
        pytest.param(
            "Name,rating\nBottle number 1,5\nBottle 99,4\n", "line 3, column 'Name'", id="unknown-item"
        ),
        pytest.param("Name,rating\nBottle number 1,good\n", "line 2, column 'rating'", id="no-number"),
        pytest.param("Name,rating\nBottle number 1\n", "line 2", id="too-few-cells"),
        pytest.param("Name,rating\nBottle number 1,5\n", "expected ratings that differ", id="all-the-same"),
    ],
)
def test_bad_ratings_are_one_clear_line(refused: Any, tmp_path: Path, ratings: str, says: str) -> None:
    table, file = tmp_path / "wines.csv", tmp_path / "ratings.csv"
    table.write_text(wines(), encoding="utf-8")
    file.write_text(ratings, encoding="utf-8")
    refused(says, "catalog", "draft", table, "--ratings", file)
    assert not (tmp_path / "wines-rated.csv").exists()
