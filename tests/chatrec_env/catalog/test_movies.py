"""The built-in films: enough of them, consistent, and worded so that people's words find them."""

from __future__ import annotations

import csv
import itertools
from collections import Counter
from importlib.resources import files

import numpy as np
import pytest

from chatrec_env.catalog import Catalog

GENRES = (
    *("action", "adventure", "animation", "biography", "comedy", "crime", "documentary", "drama", "family"),
    *(
        "fantasy",
        "history",
        "horror",
        "musical",
        "mystery",
        "romance",
        "science fiction",
        "sport",
        "thriller",
    ),
    *("war", "western"),
)
DATA = files("chatrec_env.catalog") / "data"


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    return list(csv.DictReader((DATA / "movies.csv").read_text(encoding="utf-8").splitlines()))


def test_there_are_enough_films_of_every_age(movies: Catalog) -> None:
    assert movies.n_items >= 800
    assert len(set(zip(movies.titles, movies.years.tolist(), strict=True))) == movies.n_items
    assert movies.years.min() >= 1915
    assert movies.years.max() <= 2025
    assert list(movies.years) == sorted(movies.years)


def test_the_facets_are_as_declared(movies: Catalog) -> None:
    shape = [(facet.name, facet.kind, facet.weight, facet.askable) for facet in movies.facets]
    assert shape == [
        ("genre", "multi", 1.0, True),
        ("mood", "multi", 0.75, True),
        ("theme", "multi", 0.75, True),
        ("era", "numeric", 0.5, True),
        ("audience", "single", 0.5, True),
        ("length", "numeric", 0.25, True),
        ("country", "single", 0.25, True),
        ("language", "single", 0.25, True),
    ]
    assert movies.facets[0].values == GENRES
    assert movies.facets[3].values == tuple(f"{decade}s" for decade in range(1920, 2030, 10))
    assert [(facet.more, facet.less) for facet in movies.facets if facet.comparable] == [
        ("newer", "older"),
        ("longer", "shorter"),
    ]


def test_no_declared_value_is_unused_and_none_is_rare(movies: Catalog) -> None:
    counts = movies.values.sum(axis=0)
    rare = [movies.value_names[v] for v in np.flatnonzero(counts < 3)]
    assert rare == []
    assert movies.n_values == 143


def test_every_film_is_described_in_full(movies: Catalog) -> None:
    for facet, span in zip(movies.facets, movies.facet_slices, strict=True):
        per_item = movies.values[:, span].sum(axis=1)
        most = 3 if facet.multi_valued else 1
        assert per_item.min() >= 1, facet.name
        assert per_item.max() <= most, facet.name
    for directors, leads in movies.credits:
        assert directors
        assert 2 <= len(leads) <= 3
    assert all(6 <= len(sentence.split()) <= 24 for sentence in movies.sentences)
    assert len(set(movies.sentences)) == movies.n_items
    assert all(
        sentence.endswith(".") and not sentence.startswith(title + " ")
        for title, sentence in zip(movies.titles, movies.sentences, strict=True)
    )


def test_tiers_use_the_whole_range(movies: Catalog) -> None:
    for levels in (movies.popularity, movies.acclaim):
        assert len(set(levels.tolist())) == 5
    assert 0.15 < (movies.acclaim <= 0).mean() < 0.5
    assert (movies.popularity >= 0.75).sum() > 300


@pytest.mark.parametrize(
    ("title", "year", "values"),
    [
        (
            "Casablanca",
            1942,
            {"genre:romance", "era:1940s", "length:medium", "country:USA", "language:English"},
        ),
        ("Toy Story", 1995, {"genre:animation", "era:1990s", "audience:kids", "length:short"}),
        ("Seven Samurai", 1954, {"era:1950s", "length:long", "country:Japan", "language:Japanese"}),
        ("Metropolis", 1927, {"genre:science fiction", "era:1920s", "language:Silent", "country:Germany"}),
    ],
)
def test_known_films(movies: Catalog, title: str, year: int, values: set[str]) -> None:
    item = movies.item_index(title, year)
    assert movies.item_index(title.upper(), year) == item
    has = {
        f"{movies.facets[movies.value_facet[v]].name}:{movies.value_names[v]}"
        for v in np.flatnonzero(movies.values[item])
    }
    assert values <= has


def test_length_and_era_edges(movies: Catalog, rows: list[dict[str, str]]) -> None:
    length, era = movies.facet_slices[5], movies.facet_slices[3]
    for item, row in enumerate(rows):
        minutes = int(row["runtime"])
        expected = 0 if minutes < 95 else 1 if minutes <= 130 else 2
        assert movies.values[item, length].argmax() == expected
        assert movies.facets[3].values[movies.values[item, era].argmax()] == f"{int(row['year']) // 10 * 10}s"


def surfaces(catalog: Catalog) -> list[tuple[str, str]]:
    """Every surface form, hyphens and case aside, with what it stands for."""
    found: list[tuple[str, str]] = []
    for facet in catalog.facets:
        for value in facet.values:
            texts = {value, *facet.synonyms.get(value, ())}
            found.extend((text.casefold().replace("-", " "), f"{facet.name}:{value}") for text in texts)
    for context in catalog.contexts:
        found.extend((text.casefold().replace("-", " "), context.name) for text in context.synonyms)
    return found


def test_no_word_stands_for_two_things(movies: Catalog) -> None:
    meanings: dict[str, set[str]] = {}
    for text, meaning in surfaces(movies):
        meanings.setdefault(text, set()).add(meaning)
    assert {text: meaning for text, meaning in meanings.items() if len(meaning) > 1} == {}


def test_words_that_mean_something_else_in_talk_are_not_synonyms(movies: Catalog) -> None:
    known = {text for text, _ in surfaces(movies)}
    assert known.isdisjoint(
        {"love", "work", "job", "sweet", "happy", "other", "no", "not", "new", "good", "like"}
    )
    assert not [text for text in known if {"not", "no", "without"} & set(text.split())]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("sci fi", "genre:science fiction"),
        ("rom com", "genre:romance"),
        ("world war", "genre:war"),
        ("hilarious", "mood:funny"),
        ("nineties", "era:1990s"),
        ("90s", "era:1990s"),
        ("kid friendly", "audience:kids"),
        ("bollywood", "country:India"),
        ("in french", "language:French"),
        ("french film", "country:France"),
        ("date night", "partner"),
    ],
)
def test_what_people_say(movies: Catalog, text: str, meaning: str) -> None:
    assert (text, meaning) in surfaces(movies)


@pytest.mark.parametrize(
    ("facet", "value", "phrase", "plural", "critique"),
    [
        ("genre", "thriller", "a thriller", "thrillers", "too much of a thriller"),
        ("genre", "animation", "an animated film", "animated films", "too cartoonish"),
        ("mood", "dark", "a dark film", "dark films", "too dark"),
        ("mood", "uplifting", "an uplifting film", "uplifting films", "too cheerful"),
        ("theme", "heists", "a film about heists", "films about heists", "too much about heists"),
        ("era", "1990s", "a film from the 1990s", "films from the 1990s", "too obviously from the 1990s"),
        ("length", "long", "a long film", "long films", "too long"),
        ("country", "France", "a French film", "French films", "too French"),
        ("language", "French", "a film in French", "films in French", "too much French"),
    ],
)
def test_phrases(movies: Catalog, facet: str, value: str, phrase: str, plural: str, critique: str) -> None:
    v = movies.value_index(facet, value)
    assert (movies.value_phrases[v], movies.value_plurals[v], movies.value_critiques[v]) == (
        phrase,
        plural,
        critique,
    )


def test_phrases_are_distinct_and_short(movies: Catalog) -> None:
    assert [phrase for phrase, n in Counter(movies.value_phrases).items() if n > 1] == []
    assert max(len(phrase.split()) for phrase in movies.value_phrases) <= 8


def test_contexts(movies: Catalog) -> None:
    assert [context.name for context in movies.contexts] == ["alone", "partner", "friends", "kids"]
    wishes = movies.context_wishes[3]
    assert wishes[movies.value_index("audience", "kids")] == 1
    for facet, value in (("audience", "adults"), ("mood", "scary"), ("mood", "violent")):
        assert wishes[movies.value_index(facet, value)] == -1
    assert np.abs(wishes).sum() == 4


def test_names_are_spelt_one_way(movies: Catalog) -> None:
    folded = Counter(name.casefold().replace(".", "").replace(" ", "") for name in movies.entity_names)
    assert [name for name, n in folded.items() if n > 1] == []
    assert all(len(a) > 1 for a in movies.entity_names)
    assert all(a != b for a, b in itertools.pairwise(movies.entity_names))


def test_the_data_carries_its_licence() -> None:
    assert "MIT" in (DATA / "NOTICE.md").read_text(encoding="utf-8")
