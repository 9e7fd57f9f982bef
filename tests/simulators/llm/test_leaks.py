"""Titles are found, slips and all; everyday words are not taken for titles."""

from __future__ import annotations

import pytest

from chatrec_env.catalog import Catalog
from simulators.llm.wording.leaks import TitleGuard

TITLES = (
    "Heat",
    "Up",
    "The Silence of the Lambs",
    "Love Story",
    "Amélie",
    "2001: A Space Odyssey",
    "Ghostbusters",
    "It Happened One Night",
    "Drive",
)
GUARD = TitleGuard(TITLES)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        pytest.param("Something like The Silence of the Lambs.", {2}, id="plain"),
        pytest.param("I want silence of the lambs", {2}, id="no-article-no-case"),
        pytest.param("like the silense of the lams maybe", {2}, id="slips"),
        pytest.param("2001 a space odyssey please", {5}, id="digits"),
        pytest.param("ghost-busters? I loved Ghostbusterz", {6}, id="one-long-word"),
        pytest.param("Was that It Happened, One Night?", {7}, id="marks-inside"),
        pytest.param("Maybe Heat, or something like it.", {0}, id="short-as-title"),
        pytest.param('something like "drive"', {8}, id="short-quoted"),
        pytest.param("I watched Amelie again.", {4}, id="accents"),
        pytest.param("The heat is on, let's drive up north.", set(), id="everyday"),
        pytest.param("Up for anything. Heat makes me tired.", set(), id="sentence-begins"),
        pytest.param("I want silence, with lambs", set(), id="loose-words"),
        pytest.param("It happened last night.", set(), id="near"),
        pytest.param("", set(), id="empty"),
        pytest.param("?!", set(), id="marks"),
    ],
)
def test_named(text: str, named: set[int]) -> None:
    assert GUARD.named(text) == named


def test_a_goal_counts_in_any_case() -> None:
    assert GUARD.named("a good drive tonight", goals=[8]) == {8}
    assert GUARD.named("a good driver tonight", goals=[8]) == set()


def test_leaks_spare_what_was_meant_or_said_before() -> None:
    assert GUARD.leaks("I'd love a love story.", meant="A film with a love story.") == set()
    assert GUARD.leaks("I'd love a love story.", meant="A romance.") == {3}
    assert GUARD.leaks("Not Heat again.", allowed=[0]) == set()
    assert GUARD.leaks("Not Heat again.", allowed=[1]) == {0}


THEMES = {0: ("love story", "film with a love story", "romance"), 1: ("heat waves", "heat wave", "drive")}
WISHING = TitleGuard(TITLES, lambda value: THEMES[value])


@pytest.mark.parametrize(
    ("text", "wishes", "leaked"),
    [
        pytest.param("I'd love a love story.", [0], set(), id="a-stated-theme"),
        pytest.param("Some love-story, please!", [0], set(), id="however-it-is-written"),
        pytest.param("A Love Story. Yes, a Love Story.", [0], set(), id="said-twice"),
        pytest.param("I'd love a love story.", [1], {3}, id="another-theme"),
        pytest.param("I'd love a love story.", [], {3}, id="none-stated"),
        pytest.param(
            "A romance like Love Story.", [0], set(), id="its-own-words-tell-no-more-than-the-theme"
        ),
        pytest.param("A love story like The Silence of the Lambs.", [0], {2}, id="a-title-beside-it"),
        pytest.param("A heat wave, as in Heat.", [1], {0}, id="words-and-title"),
        pytest.param("Is it like Drive? I mean the drive.", [1], set(), id="a-short-one"),
        pytest.param("A Ghostbusters love story.", [0], {6}, id="a-long-one"),
    ],
)
def test_words_of_a_wish_are_no_leak(text: str, wishes: list[int], leaked: set[int]) -> None:
    assert WISHING.leaks(text, wishes=wishes) == leaked
    assert (
        WISHING.leaks(text, wishes=wishes, goals=leaked) == leaked
    )  # of the goal's titles, none gets through


def test_a_goal_that_is_named_like_a_theme(films: Catalog) -> None:
    """The film Love Story for somebody who wants a love story, in all words the grammar and the parser know."""
    guard = TitleGuard.of(films)
    goal, theme = films.item_index("Love Story"), films.value_names.index("love story")
    for said in ("I'd like some love stories.", "Any movie with a love story?", "love-story please"):
        assert guard.leaks(said, goals=[goal], wishes=[theme]) == set()
        assert guard.leaks(said, goals=[goal]) in (set(), {goal})
    assert guard.leaks("I'd like a love story, like Chinatown.", goals=[goal], wishes=[theme]) == {
        films.item_index("Chinatown")
    }
    war, spies = films.item_index("Cold War"), films.value_names.index("espionage")
    assert guard.leaks("Cold war spies are my thing.", goals=[war], wishes=[spies]) == set()
    assert guard.leaks("Spies, as in Cold War.", goals=[war], wishes=[spies]) == {war}


def test_masking() -> None:
    text = "Try The Silence of the Lambs (1991), not Heat."
    assert GUARD.masked(text, [0, 2], "film") == "Try that film, not that film."


def test_every_title_of_the_films_is_found(films: Catalog) -> None:
    guard = TitleGuard.of(films)
    missed = [
        t for i, t in enumerate(films.titles) if i not in guard.named(f'Do you have "{t}" here?', goals=[i])
    ]
    assert missed == []
