"""The sentences and scripts that judge the reader are well formed, and the catalogues hold what they name."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import experiments
from chatrec_env.catalog import Catalog, load_catalog

HOME = Path(experiments.__file__).parent
CHECKS = HOME / "language" / "checks" / "english"
SCRIPTS = json.loads((HOME / "conversations" / "scripts.json").read_text(encoding="utf-8"))["conversations"]

CATALOGS = {"films": "movies"} | {name: name for name in ("books", "music", "shopping", "travel", "courses")}
AFTERS = {"open", "ask", "confirm", "recommend", "slate", "closed", "any"}
ACTS = {
    *(
        "GREET",
        "THANK",
        "LEAVE",
        "YES",
        "NO",
        "DONT_KNOW",
        "NO_PREFERENCE",
        "ACCEPT",
        "REJECT",
        "SEEN_IT",
        "LIKED_IT",
    ),
    *(
        "DISLIKED_IT",
        "MORE_LIKE_THAT",
        "IMPATIENT",
        "DOUBT",
        "MISMATCH",
        "ASK_FACT",
        "ASK_PLOT",
        "ASK_OPINION",
    ),
    *(
        "ASK_WHY",
        "COMPARE",
        "FIND_ITEM",
        "CONDITION",
        "START_OVER",
        "UNDO",
        "HELP",
        "INSULT",
        "OTHER_LANGUAGE",
        "SMALL_TALK",
    ),
}
ROLES = {
    *("want", "avoid", "drop", "asked", "lacks", "too", "enough", "except"),
    *("like", "liked", "disliked", "seen", "take", "find", "named"),
}
MENTION = re.compile(r"\[([^\[\]|]+)\|([a-z]+)([!?]?)(@other)?\]")

FAULTS = {
    *("not_taken", "like_x", "mismatch", "polarity", "except", "question_not_wish", "questions"),
    *("accepting", "content", "contradiction", "unlisted", "repair", "titles"),
}
FURTHER = {
    *(
        "ask_fact",
        "ask_plot",
        "ask_opinion",
        "ask_reason",
        "compare",
        "unknowable",
        "named_liked",
        "named_disliked",
    ),
    *(
        "named_seen",
        "choose",
        "condition",
        "doubt",
        "limits",
        "someone_else",
        "insult",
        "other_language",
        "wishes",
    ),
    *("not_wishes", "question_or_statement"),
}
FILES = {"kinds": "films"} | {name: name for name in CATALOGS if name != "films"}


def rows(name: str) -> list[dict[str, str]]:
    with (CHECKS / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize("name", FILES)
def test_every_sentence_is_labelled_with_known_names(name: str) -> None:
    for row in rows(name):
        assert list(row) == ["kind", "domain", "after", "family", "acts", "text"]
        assert row["domain"] == FILES[name]
        assert row["after"] in AFTERS, row
        assert re.fullmatch(r"[a-z_]+", row["family"]), row
        assert row["acts"] == "-" or set(row["acts"].split("+")) <= ACTS, row
        assert {role for _, role, _, _ in MENTION.findall(row["text"])} <= ROLES, row
        assert not set("[]|") & set(MENTION.sub("", row["text"])), row
        assert row["text"] == row["text"].strip() != "", row


@pytest.mark.parametrize("name", FILES)
def test_no_sentence_stands_twice(name: str) -> None:
    plain = Counter((row["after"], MENTION.sub(r"\1", row["text"]).lower()) for row in rows(name))
    assert plain.most_common(1)[0][1] == 1, plain.most_common(3)


def test_every_kind_of_talk_about_films_has_fifteen_sentences() -> None:
    counts = Counter(row["kind"] for row in rows("kinds"))
    assert {kind: counts[kind] for kind in FAULTS | FURTHER if counts[kind] < 15} == {}
    assert sum(counts.values()) - counts["talk"] >= 450


@pytest.mark.parametrize("name", sorted(set(FILES) - {"kinds"}))
def test_every_other_domain_has_seventy_five_sentences_of_most_kinds(name: str) -> None:
    counts = Counter(row["kind"] for row in rows(name))
    assert sum(counts.values()) >= 75
    assert len(counts) >= 20


def test_forty_openings_name_a_film_and_values_of_the_catalogue() -> None:
    films = load_catalog("movies")
    known = set(films.value_names) | {"shorter", "newer"}
    openings = rows("reasons")
    assert len({row["text"] for row in openings}) == len(openings) == 40
    for row in openings:
        assert list(row) == ["text", "title", "wants", "avoids"]
        assert films.titles.count(row["title"]) == 1, row
        values = [value for column in ("wants", "avoids") for value in row[column].split("+") if value]
        assert set(values) <= known, row
        assert len(values) == len(set(values)) > 0, row


def holding(catalog: Catalog, constraints: dict[str, Any]) -> NDArray[np.bool_]:
    """Items that break none of the constraints; shape (I,)."""

    def carried(wish: str) -> NDArray[np.bool_]:
        columns = [catalog.value_names.index(value) for value in wish.split("|")]
        return np.any(catalog.values[:, columns], axis=1)

    kept: NDArray[np.bool_] = np.array([title not in constraints["excluded"] for title in catalog.titles])
    for wish in constraints["wants"]:
        kept &= carried(wish)
    for wish in constraints["avoids"]:
        kept &= ~carried(wish)
    for facet, (least, most) in constraints["limits"].items():
        numbers = catalog.numbers[:, catalog.facet_index(facet)]
        kept &= (numbers >= (-np.inf if least is None else least)) & (
            numbers <= (np.inf if most is None else most)
        )
    return kept


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script["name"])
def test_a_script_names_what_its_catalogue_holds_and_can_be_satisfied(script: dict[str, Any]) -> None:
    catalog = load_catalog(CATALOGS[script["domain"]])
    constraints = {key: script[key] for key in ("wants", "avoids", "excluded", "limits")}
    constraints["breaks"] = script.get("breaks", [])
    for line in script["lines"]:
        adds = line.get("adds", {})
        assert set(adds) <= set(constraints)
        constraints = {
            key: now | adds.get(key, {}) if isinstance(now, dict) else [*now, *adds.get(key, [])]
            for key, now in constraints.items()
        }
    values = [value for key in ("wants", "avoids") for wish in constraints[key] for value in wish.split("|")]
    assert {value: catalog.value_names.count(value) for value in values} == dict.fromkeys(values, 1)
    assert {*constraints["excluded"], *constraints["breaks"]} <= set(catalog.titles)
    assert holding(catalog, constraints).sum() >= 5


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script["name"])
def test_a_script_never_runs_out_of_lines(script: dict[str, Any]) -> None:
    lines = script["lines"]
    assert all(line["say"].strip() and set(line) <= {"when", "say", "adds"} for line in lines)
    assert len({line["say"] for line in lines}) == len(lines)
    short = all(line["when"] in ("any", "end") for line in lines)  # says its lines whatever comes
    assert script["turns"] == 5 if short else 6 <= script["turns"] <= 8
    whens = Counter(line["when"] for line in lines)
    assert set(whens) == ({"any", "end"} if short else {"any", "ask", "recommend", "end"})
    assert (lines[0]["when"], lines[-1]["when"], whens["end"]) == ("any", "end", 1)
    for did in ("ask", "recommend"):
        assert whens[did] + whens["any"] >= script["turns"] - 1, f"{did} at every turn leaves nothing to say"


def test_twelve_manners_on_films_and_at_least_four_in_every_other_domain() -> None:
    domains = Counter(script["domain"] for script in SCRIPTS)
    assert domains["films"] == 12
    assert set(domains) == set(CATALOGS)
    assert min(domains.values()) >= 4
    assert len(SCRIPTS) == len({script["name"] for script in SCRIPTS}) == 33
