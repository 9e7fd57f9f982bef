"""What people have in mind that no facet holds: what it is worth, and when they say it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

import chatrec_env  # noqa: F401  (registers the ids)
from chatrec_env.core.actions import blank_turn
from chatrec_env.errors import ConfigError
from chatrec_env.language import Grammar
from chatrec_env.language.acts import SystemAct
from chatrec_env.language.forms import Form
from simulators.scripted.manners.notions import next_phrase, swap_notion
from simulators.scripted.rating_histories import lasting
from simulators.scripted.simulator import make_scripted

Crowd = Callable[..., Any]

ASK, RECOMMEND = SystemAct.ASK, SystemAct.RECOMMEND
HALVES, THIRDS, ONE = range(3)
"""The notions of ``notion_file``: films 0, 2, 4, ..., films 0, 3, 6, ..., and film 0."""


@pytest.fixture
def minded(crowd: Crowd, notion_file: str) -> Crowd:
    """``minded(n, **changes)``: people who all have something in mind, worth 1.5."""

    def build(n: int, **changes: Any) -> Any:
        return crowd(n, **{"notions": 1.5, "notion_share": 1.0, "notion_file": notion_file, **changes})

    return build


def test_an_item_that_has_it_is_worth_so_much_more(minded: Crowd) -> None:
    users, people, _ = minded(3)
    people.notion[:] = HALVES, ONE, -1
    items = np.tile(np.arange(6, dtype=np.int32), (3, 1))
    more = users.utility(people, items) - users.utility(
        people._replace(notion=np.full(3, -1, np.int16)), items
    )
    assert more.tolist() == [[1.5, 0, 1.5, 0, 1.5, 0], [1.5, 0, 0, 0, 0, 0], [0] * 6]
    assert users.reveal(people)["notion"].tolist() == [HALVES, ONE, -1]


def test_it_is_read_off_the_goal(minded: Crowd) -> None:
    users, _, _ = minded(1)
    draws = np.random.default_rng(0).random((500, users.profile_draws))
    people, _ = users.start(draws)
    goals = users.sampler.goal_items(draws)
    has = [goals % 2 == 0, goals % 3 == 0, goals == 0]
    for notion, own in zip(people.notion, np.stack(has, -1), strict=True):
        assert own.any(0)[notion] if notion >= 0 else not own.any()


def test_shares_and_the_opening(minded: Crowd) -> None:
    _, people, _ = minded(6000, notion_share=0.5, notion_opens=0.3)
    someone = people.notion >= 0
    # Of three films of a goal, none is of the first two kinds with chance (1/2 * 2/3) ** 3.
    assert someone.mean() == pytest.approx(0.5 * (1 - 1 / 27), abs=0.03)
    assert (people.phrase[someone] >= 0).mean() == pytest.approx(0.3, abs=0.03)


@pytest.mark.parametrize("talk", ["plain", "crs", "chat"])
@pytest.mark.parametrize("phrasing", ["say", "held_out"])
def test_who_has_opened_with_it_has_said_it(minded: Crowd, talk: str, phrasing: str) -> None:
    users, people, sentences = minded(800, talk=talk, phrasing=phrasing)
    words = "said in way" if phrasing == "say" else "put in form"
    assert all(words in phrase for phrase in users.grammar.phrases)
    for row, phrase in zip(sentences, people.phrase, strict=True):
        told = [users.grammar.describe(int(i)) for i in row if i >= 0]
        assert [arg for form, arg, _ in told if form is Form.NOTION] == ([phrase] if phrase >= 0 else [])


def test_who_tells_all_tells_it_too(minded: Crowd) -> None:
    _, people, sentences = minded(500, name="null")
    free = (people.notion >= 0) & (sentences < 0).any(1)
    assert free.any()
    assert (people.phrase[free] >= 0).all()


def test_said_again_it_is_said_in_other_words(minded: Crowd) -> None:
    users, people, _ = minded(1)
    people.notion[:], people.phrase[:] = THIRDS, -1
    said = [next_phrase(people, 0, uniform, users.items.notions) for uniform in (0.99, 0.0, 0.99, 0.5)]
    # Phrases 4 to 7 are those of the second notion: the last; the next after it; any but that; again any but the last.
    assert said == [7, 4, 7, 5]


@pytest.mark.parametrize("talk", ["plain", "crs"])
def test_when_they_say_it(person: Callable[..., Any], notion_file: str, talk: str) -> None:
    own = {"notions": 1.5, "notion_share": 1.0, "notion_file": notion_file}
    some = person(talk=talk, **own)
    some.people.notion[:], some.people.phrase[:], some.people.knows[:] = HALVES, -1, 0.0

    def says(*args: Any, **kwargs: Any) -> list[tuple[Form, int]]:
        told = some.hears(*args, **kwargs)[1]
        return [(form, arg) for form, arg in told if form in (Form.NOTION, Form.MEANT)]

    assert says(ASK, facet=0, U_NOTION=0.5) == []  # by chance
    assert says(RECOMMEND, 0, U_NOTION=0.0) == []  # the film has it
    assert says(ASK, facet=0, U_NOTION=0.0) == [(Form.NOTION, 0)]  # no other answer
    assert says(RECOMMEND, 1, U_NOTION=0.0) == [(Form.MEANT, 1)]  # refused, in other words


def test_a_change_of_mind_may_be_about_it(minded: Crowd) -> None:
    users, people, _ = minded(3, changes_mind=1.0, leave_constant=0.0)
    people.notion[:], people.phrase[:], people.wanted[:] = HALVES, 3, False
    turn = blank_turn(3, 1)
    turn.act[:], turn.slate[:] = RECOMMEND, 0
    answer = users.respond(people, turn, np.full((3, users.turn_draws), 0.6))
    assert people.notion.tolist() == [ONE] * 3  # of the two others, the second
    assert [users.grammar.describe(int(i))[0] for i in answer.sentences[0] if i >= 0][-1] is Form.NOTION
    swap_notion(people, 0, 0.0, users.items.notions)
    assert people.notion[0] == HALVES


def test_what_was_rated_before_knows_nothing_of_it(minded: Crowd) -> None:
    _, people, _ = minded(5)
    assert (lasting(people, 1.5).notion == -1).all()


@pytest.mark.parametrize("talk", ["plain", "crs"])
def test_a_crowd_is_its_people(minded: Crowd, talk: str) -> None:
    users, _, _ = minded(1, talk=talk)
    rng = np.random.default_rng(5)
    profiles, turns = rng.random((6, users.profile_draws)), rng.random((4, 6, users.turn_draws))
    shown = rng.integers(0, users.catalog.n_items, (4, 6))

    def play(rows: slice) -> list[Any]:
        people, said = users.start(profiles[rows])
        heard = [said]
        for draws, items in zip(turns, shown, strict=True):
            turn = blank_turn(len(said), 1)
            turn.act[:], turn.slate[:, 0] = RECOMMEND, items[rows]
            heard.append(users.respond(people, turn, draws[rows]).sentences)
        return [np.stack(heard, 1), people.notion, people.phrase]

    for n in range(6):
        for whole, single in zip(play(slice(None)), play(slice(n, n + 1)), strict=True):
            np.testing.assert_array_equal(whole[n : n + 1], single)


def test_off_nothing_is_drawn(crowd: Crowd, minded: Crowd) -> None:
    plain, without, having = crowd(4), crowd(4, notions=1.5), minded(4)
    assert without[0].profile_draws == plain[0].profile_draws == having[0].profile_draws - 3
    assert having[0].turn_draws == plain[0].turn_draws
    for one, other in zip(plain[1], without[1], strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(plain[2], without[2])
    assert (plain[1].notion == -1).all()


def test_the_grammar_must_know_the_phrases(minded: Crowd, grammar: Grammar, notion_file: str) -> None:
    with pytest.raises(ConfigError, match="lacks the phrases"):
        make_scripted(grammar.catalog, grammar, {"notion_share": 0.5, "notion_file": notion_file})


def test_an_environment_says_it_and_shows_nothing_else(notion_file: str) -> None:
    scenario = {"name": "full", "notions": 1.5, "notion_share": 1.0, "notion_opens": 1.0}
    env = gym.make(
        "ChatRec/Items-v0", encoder="hash", scenario={**scenario, "notion_file": notion_file, "contexts": 0.0}
    )
    texts = []
    for seed in range(20):
        _, info = env.reset(seed=seed)
        texts.append(info["user_text"])
        assert not [key for key in info if "notion" in key]
    revealing: Any = env.unwrapped
    notion = revealing.reveal()["notion"]
    assert sum("said in way" in text.lower() for text in texts) >= 15
    assert notion.shape == ()
    env.close()
