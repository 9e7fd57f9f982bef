"""What people say, and that it is read back as meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chatrec_env.catalog import Catalog
from chatrec_env.core.actions import blank_turn
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.language.acts import SystemAct
from chatrec_env.language.forms import Form
from chatrec_env.language.grammar import FORMS
from simulators.scripted import events
from simulators.scripted.people import STYLES
from simulators.scripted.sentences import CLOSING, EXTRA, OPENING, REPLY
from simulators.scripted.talk import goodbye, reaction, remark

Crowd = Callable[..., Any]


def forms(users: Any, sentences: Any, place: int) -> list[Form | None]:
    return [users.grammar.describe(int(i))[0] if i >= 0 else None for i in sentences[:, place]]


def test_null_people_tell_all_and_are_read_back_perfectly() -> None:
    """2,000 openings: the belief is the goal, term by term, and nothing else."""
    task = make_task(EnvConfig(encoder="hash", scenario="null"))
    people, sentences = task.users.start(np.random.default_rng(5).random((2000, task.users.profile_draws)))
    dialogue = task.manager.open(2000)
    task.manager.hear(dialogue, None, sentences)
    wanted, unwanted = people.wanted, people.unwanted
    np.testing.assert_array_equal(dialogue.wishes, (1.0 * wanted - 1.5 * unwanted).astype(np.float32))
    np.testing.assert_array_equal(people.told, wanted | unwanted)


def test_who_tells_all_says_no_more_than_fits(crowd: Crowd) -> None:
    """With many interests some wish stays unsaid, and is not counted as said."""
    users, people, sentences = crowd(500, "null", interests=4)
    said = np.zeros_like(people.wanted)
    for place in range(4):
        for row, sentence in enumerate(sentences[:, place].tolist()):
            if sentence >= 0:
                form, value, _ = users.grammar.describe(sentence)
                assert form == (Form.AVOID if people.unwanted[row, value] else Form.WANT)
                said[row, value] = True
    np.testing.assert_array_equal(said, people.told)
    assert (people.wanted & ~said).any()


def test_full_people_open_with_a_wish_and_keep_some_back(crowd: Crowd) -> None:
    users, people, sentences = crowd(1000)
    assert set(forms(users, sentences, OPENING)) == {Form.CONTEXT, Form.GREET, None}
    assert set(forms(users, sentences, REPLY)) == {Form.WANT, Form.WANT_PAIR}
    assert set(forms(users, sentences, EXTRA)) == {Form.AVOID, None}
    assert (sentences[:, CLOSING] == -1).all()
    told = (people.told & people.wanted).sum(1)
    assert told.min() == 1
    assert told.max() == 2
    assert (people.wanted.sum(1) - told).mean() > 2
    company = people.context >= 0
    np.testing.assert_array_equal(
        company, np.array([f == Form.CONTEXT for f in forms(users, sentences, OPENING)])
    )


@pytest.mark.parametrize("typos", [0.0, 1.0])
def test_typing_errors_are_a_trait(crowd: Crowd, typos: float) -> None:
    users, people, sentences = crowd(200, typos=typos)
    variants = {
        users.grammar.describe(int(i))[2]
        for i, f in zip(sentences[:, REPLY], forms(users, sentences, REPLY), strict=True)
        if f == Form.WANT
    }
    assert all(v >= 6 for v in variants) if typos else all(v < 6 for v in variants)
    assert (people.typos == bool(typos)).all()


def test_styles_show_in_the_wording(crowd: Crowd) -> None:
    """The terse use fewer characters than the plain, they fewer than the chatty and the hedged."""
    users, people, sentences = crowd(3000, typos=0.0)
    length = np.array([len(users.grammar.text(int(i))) for i in sentences[:, REPLY]])
    mean = [length[people.style == s].mean() for s in range(len(STYLES))]
    assert mean[0] < mean[1] < min(mean[2:])


ITEM = 0
"""The film the tests below suggest."""


def said_by_one(
    crowd: Crowd, turn: Any, prepare: Callable[[Any, Any], None], **draws: float
) -> tuple[Any, Any]:
    """What one person says in a turn, as forms with arguments by place, and the person.

    Args:
        crowd: The fixture.
        turn: What the system does.
        prepare: Makes the person what the test needs.
        draws: Uniforms by name; the others are 0.99: nothing happens by chance.
    """
    users, people, _ = crowd(1, changes_mind=0.0, leave_constant=0.0, familiarity=0.0, trust=1.0)
    people.desire[:], people.wanted[:], people.unwanted[:], people.told[:] = 0.0, False, False, False
    people.satiability[:], people.typos[:], people.knows[:], people.talkative[:] = 1.0, False, 1.0, 0.0
    prepare(users, people)
    row = np.full((1, users.turn_draws), 0.99)
    for name, uniform in draws.items():
        row[0, getattr(events, name)] = uniform
    sentences = users.respond(people, turn, row).sentences[0]
    return {p: users.grammar.describe(int(i))[:2] for p, i in enumerate(sentences) if i >= 0}, people


def asked(facet: int) -> Any:
    turn = blank_turn(1, 1)
    turn.act[:], turn.facet[:] = SystemAct.ASK, facet
    return turn


def shown(item: int = ITEM) -> Any:
    turn = blank_turn(1, 1)
    turn.act[:], turn.slate[:] = SystemAct.RECOMMEND, item
    return turn


def answer(crowd: Crowd, worth: dict[int, float], talkative: float = 0.0, **draws: float) -> tuple[Any, Any]:
    """One person's answer about the first facet when values are worth ``worth``."""

    def prepare(users: Any, people: Any) -> None:
        people.talkative[:] = talkative
        for value, amount in worth.items():
            people.desire[0, value] = amount

    return said_by_one(crowd, asked(0), prepare, **{"U_KNOW": 0.5, **draws})


@pytest.mark.parametrize(
    ("worth", "said"),
    [
        pytest.param({3: 1.0, 5: 0.75}, (Form.ANSWER, 3), id="the-best"),
        pytest.param({3: 0.4}, (Form.NO_PREFERENCE, 0), id="nothing-is-worth-much"),
        pytest.param({3: 0.4, 7: -1.0}, (Form.AVOID, 7), id="something-is-hated"),
        pytest.param({30: 3.0}, (Form.NO_PREFERENCE, 0), id="another-facet-does-not-count"),
    ],
)
def test_answers_by_hand(crowd: Crowd, worth: dict[int, float], said: tuple[Form, int]) -> None:
    found, people = answer(crowd, worth)
    assert found == {OPENING: said}
    assert people.told[0, said[1]] == (said[0] != Form.NO_PREFERENCE)


def test_the_talkative_name_a_second(crowd: Crowd) -> None:
    found, _ = answer(crowd, {3: 1.0, 5: 0.75}, talkative=1.0)
    assert found == {OPENING: (Form.ANSWER, 3), REPLY: (Form.WANT, 5)}


def test_some_do_not_answer_and_some_do_not_know(crowd: Crowd) -> None:
    assert answer(crowd, {3: 1.0}, U_IGNORE=0.0)[0] == {OPENING: (Form.SMALL_TALK, 0)}
    assert answer(crowd, {3: 1.0}, U_KNOW=1.0)[0] == {OPENING: (Form.DONT_KNOW, 0)}


@pytest.mark.parametrize(
    ("clicked", "stars", "seen", "satisfaction", "form"),
    [
        pytest.param(True, 5, False, 0.0, Form.ACCEPT_WARM, id="loved"),
        pytest.param(True, 4, False, 0.0, Form.ACCEPT_PLAIN, id="liked"),
        pytest.param(True, 2, False, 0.0, Form.ACCEPT_COOL, id="accepted"),
        pytest.param(False, 0, True, 0.0, Form.SEEN_IT, id="seen"),
        pytest.param(False, 0, False, 0.0, Form.REJECT_MILD, id="mild"),
        pytest.param(False, 0, False, -0.2, Form.REJECT_FIRM, id="firm"),
        pytest.param(False, 0, False, -0.5, Form.REJECT_ANNOYED, id="annoyed"),
    ],
)
def test_reactions_by_hand(clicked: bool, stars: int, seen: bool, satisfaction: float, form: Form) -> None:
    assert FORMS[reaction(clicked, stars, seen, satisfaction)] == form


@pytest.mark.parametrize(("satisfaction", "form"), [(0.1, Form.THANK_LEAVE), (-0.1, Form.LEAVE_UNHAPPY)])
def test_goodbyes(satisfaction: float, form: Form) -> None:
    assert FORMS[goodbye(satisfaction)] == form


@pytest.mark.parametrize(
    ("satisfaction", "tired", "spoken", "uniform", "form"),
    [
        pytest.param(0.0, True, True, 0.4, Form.IMPATIENT, id="one-question-too-many"),
        pytest.param(-0.3, True, True, 0.6, None, id="keeps-it-down"),
        pytest.param(-0.3, False, True, 0.3, Form.MOOD_BORED, id="bored"),
        pytest.param(0.4, False, True, 0.3, Form.MOOD_PLEASED, id="pleased"),
        pytest.param(0.0, False, True, 0.3, None, id="neither"),
        pytest.param(-0.3, False, False, 0.3, None, id="silent"),
    ],
)
def test_remarks_by_hand(
    satisfaction: float, tired: bool, spoken: bool, uniform: float, form: Form | None
) -> None:
    found = remark(satisfaction, tired, spoken, uniform)
    assert (FORMS[found] if found >= 0 else None) == form


def volunteered(crowd: Crowd, prepare: Callable[[Any, Any], None], **draws: float) -> tuple[Form, int] | None:
    """What a talkative person adds to a reaction to ``ITEM``."""

    def talkative(users: Any, people: Any) -> None:
        people.talkative[:], people.threshold[:] = 1.0, 40.0
        prepare(users, people)

    said, _ = said_by_one(crowd, shown(), talkative, **draws)
    found: tuple[Form, int] | None = said.get(REPLY)
    return found


def carried(users: Any, item: int = ITEM) -> int:
    """The first value of the item that satiates."""
    return int(np.flatnonzero(users.items.sating[item])[0])


def test_who_has_had_their_fill_says_so_once(crowd: Crowd, films: Catalog) -> None:
    def full(users: Any, people: Any) -> None:
        people.satiation[0, 4] = 2.5

    def complained(users: Any, people: Any) -> None:
        full(users, people)
        people.complained[:] = True

    # The turn leaves 0.85 * 2.5 of it, still above 2.
    assert volunteered(crowd, full, U_FULL_UP=0.5) == (Form.ENOUGH_OF, 4)
    assert volunteered(crowd, full, U_FULL_UP=0.7) is None
    assert volunteered(crowd, complained, U_FULL_UP=0.5) is None


def test_a_fault_comes_before_a_wish(crowd: Crowd) -> None:
    fault = []

    def hates(users: Any, people: Any) -> None:
        fault.append(carried(users))
        people.desire[0, fault[0]], people.wanted[0, 50] = -2.0, True

    assert volunteered(crowd, hates) == (Form.TOO, fault[0])


def test_the_weightiest_wish_not_yet_told(crowd: Crowd, films: Catalog) -> None:
    weights = films.arrays.value_weights
    first, second = int(weights.argmax()), int(weights.argmin())

    def wishes(users: Any, people: Any) -> None:
        people.wanted[0, [first, second]] = True

    def one_told(users: Any, people: Any) -> None:
        wishes(users, people)
        people.told[0, first] = True

    assert volunteered(crowd, wishes) == (Form.WANT, first)
    assert volunteered(crowd, one_told) == (Form.WANT, second)


def test_what_is_near_the_mark_is_liked_but_for_a_wish(crowd: Crowd) -> None:
    wish = []

    def near(users: Any, people: Any) -> None:
        people.desire[0, carried(users)] = 1.0
        wish.append(int(np.flatnonzero(users.items.weighted[ITEM] == 0)[0]))
        people.wanted[0, wish[-1]] = True

    assert volunteered(crowd, near, U_WISH=0.2) == (Form.LIKE_BUT, wish[0])
    assert volunteered(crowd, near, U_WISH=0.4) == (Form.WANT, wish[0])


def test_newer_or_older_than_the_suggestion(crowd: Crowd, films: Catalog) -> None:
    """Whose favourite value of an ordered facet lies above the film's asks for more of it."""
    facet = next(f for f, one in enumerate(films.facets) if one.comparable)
    part = films.facet_slices[facet]
    own = part.start + int(films.values[ITEM, part].argmax())
    ideal = part.stop - 1 if own < part.stop - 1 else part.start

    def prefers(users: Any, people: Any) -> None:
        people.desire[0, ideal] = 1.0

    assert volunteered(crowd, prefers) == (Form.RELATIVE, 2 * facet + (ideal > own))
