"""``chatrec play``: scripts are followed by their rules, and what breaks them is counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chatrec_env.catalog import load_catalog
from experiments.conversations.play import Terms, next_line, read_scripts

SCRIPT = {
    "name": "short",
    "domain": "films",
    "person": "Says little.",
    "wants": ["western"],
    "avoids": [],
    "excluded": ["Unforgiven"],
    "limits": {"length": [None, 60]},
    "turns": 3,
    "lines": [
        {"when": "any", "say": "a western"},
        {"when": "recommend", "say": "how long is it?"},
        {"when": "end", "say": "I'll take it, bye"},
    ],
}


def test_lines_follow_what_the_system_did() -> None:
    left = [dict(line) for line in SCRIPT["lines"]]  # type: ignore[attr-defined]
    assert next_line(left, "", last=False)["say"] == "a western"  # type: ignore[index]
    assert next_line(list(left), "recommend", last=False)["say"] == "how long is it?"  # type: ignore[index]
    assert next_line(left, "recommend", last=True)["say"] == "I'll take it, bye"  # type: ignore[index]


def test_terms_that_an_item_breaks() -> None:
    films = load_catalog("movies")
    terms = Terms()
    terms.add(
        {"wants": ["comedy|funny", "western"], "excluded": ["Unforgiven"], "limits": {"era": [None, 1980]}}
    )
    broken = terms.broken(films, films.item_index("Unforgiven"))
    assert broken == ["lacks comedy|funny", "was excluded", "era is 1992"]


@pytest.mark.usefixtures("films_read")
def test_the_scripts_are_played_and_faults_counted(chatrec: Any, tmp_path: Path) -> None:
    path = tmp_path / "scripts.json"
    path.write_text(json.dumps({"conversations": [SCRIPT]}))
    done = chatrec("play", "greedy", "--scripts", path, "--json")
    assert done.code == 0
    found = json.loads(done.out)
    turns = found["conversations"]["short"]
    assert [turn["line"] for turn in turns] == ["a western", "how long is it?", "I'll take it, bye"]
    assert [turn["act"] for turn in turns] == ["recommend", "answer", "close"]
    assert found["counts"]["replies"] == 3
    assert found["counts"]["constraint"] >= 1, "no western is as short as that, and it was never said"
    assert found["counts"]["question"] == found["counts"]["reason"] == 0


def test_the_scripts_of_the_repository_can_be_read() -> None:
    from experiments.conversations.play import SCRIPTS

    assert len([one for one in read_scripts(SCRIPTS) if one["domain"] == "films"]) == 12
