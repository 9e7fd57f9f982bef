"""What people say, and that it is read back as meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from simulators.scripted.script import CLOSING, EXTRA, OPENING, REPLY, SPOKEN, Script

from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.language.forms import Form
from simulators.scripted.profiles import STYLES

Crowd = Callable[..., Any]


def forms(users: Any, sentences: Any, place: int) -> list[Form | None]:
    return [users.grammar.describe(int(i))[0] if i >= 0 else None for i in sentences[:, place]]


def test_null_people_tell_all_and_are_read_back_perfectly() -> None:
    """2,000 openings: the belief is the goal, term by term, and nothing else."""
    task = make_task(EnvConfig(encoder="hash", scenario="null"))
    people, sentences = task.users.start(np.random.default_rng(5).random((2000, task.users.profile_draws)))
    dialogue = task.manager.open(2000)
    task.manager.tracker.hear(dialogue, sentences)
    wanted: Any = people.wanted  # type: ignore[attr-defined]
    unwanted: Any = people.unwanted  # type: ignore[attr-defined]
    np.testing.assert_array_equal(dialogue.wishes, (1.0 * wanted - 1.5 * unwanted).astype(np.float32))
    np.testing.assert_array_equal(people.told, wanted | unwanted)  # type: ignore[attr-defined]


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


def answer(crowd: Crowd, facet: int, worth: dict[int, float], **changes: Any) -> tuple[Any, Any, Any]:
    """One person's answer about ``facet`` when values are worth ``worth``."""
    users, people, _ = crowd(1, **{"ignores": 0.0, "tells": 0.0, **changes})
    people.knows[:], people.typos[:] = 1.0, False
    appetite = np.zeros((1, users.catalog.n_values), np.float32)
    for value, amount in worth.items():
        appetite[0, value] = amount
    script = Script(users.grammar, people, np.array([0.5]))
    draws = np.array([[0.5, 0.5]])
    users.talk.answer(script, np.array([0]), np.array([facet], np.int16), appetite, draws)
    said = [users.grammar.describe(int(i))[:2] for i in script.ids[0] if i >= 0]
    return said, people, users


@pytest.mark.parametrize(
    ("worth", "said"),
    [
        pytest.param({3: 1.0, 5: 0.75}, [(Form.ANSWER, 3)], id="the-best"),
        pytest.param({3: 0.4}, [(Form.NO_PREFERENCE, 0)], id="nothing-is-worth-much"),
        pytest.param({3: 0.4, 7: -1.0}, [(Form.AVOID, 7)], id="something-is-hated"),
        pytest.param({30: 3.0}, [(Form.NO_PREFERENCE, 0)], id="another-facet-does-not-count"),
    ],
)
def test_answers_by_hand(crowd: Crowd, worth: dict[int, float], said: list[Any]) -> None:
    found, people, _ = answer(crowd, 0, worth)
    assert found == said
    assert all(people.told[0, value] for form, value in said if form != Form.NO_PREFERENCE)


def test_the_talkative_name_a_second(crowd: Crowd) -> None:
    found, _, _ = answer(crowd, 0, {3: 1.0, 5: 0.75}, tells=1.0)
    assert found == [(Form.ANSWER, 3), (Form.WANT, 5)]


def test_some_do_not_answer(crowd: Crowd) -> None:
    found, _, _ = answer(crowd, 0, {3: 1.0}, ignores=1.0)
    assert found == [(Form.SMALL_TALK, 0)]


@pytest.mark.parametrize(
    ("accepted", "stars", "seen", "satisfaction", "form"),
    [
        pytest.param(True, 5, False, 0.0, Form.ACCEPT_WARM, id="loved"),
        pytest.param(True, 4, False, 0.0, Form.ACCEPT_PLAIN, id="liked"),
        pytest.param(True, 2, False, 0.0, Form.ACCEPT_COOL, id="taken"),
        pytest.param(False, 0, True, 0.0, Form.SEEN_IT, id="seen"),
        pytest.param(False, 0, False, 0.0, Form.REJECT_MILD, id="mild"),
        pytest.param(False, 0, False, -0.2, Form.REJECT_FIRM, id="firm"),
        pytest.param(False, 0, False, -0.5, Form.REJECT_ANNOYED, id="annoyed"),
    ],
)
def test_reactions_by_hand(
    crowd: Crowd, accepted: bool, stars: int, seen: bool, satisfaction: float, form: Form
) -> None:
    users, people, _ = crowd(1)
    people.satisfaction[:] = satisfaction
    script = Script(users.grammar, people, np.array([0.5]))
    users.talk.react(script, np.array([accepted]), np.array([stars]), np.array([seen]), np.array([0]))
    assert forms(users, script.ids, OPENING) == [form]


@pytest.mark.parametrize(("satisfaction", "form"), [(0.1, Form.THANK_LEAVE), (-0.1, Form.LEAVE_UNHAPPY)])
def test_goodbyes(crowd: Crowd, satisfaction: float, form: Form) -> None:
    users, people, _ = crowd(2)
    people.satisfaction[:] = satisfaction
    script = Script(users.grammar, people, np.full(2, 0.5))
    users.talk.goodbye(script, np.array([True, False]))
    assert forms(users, script.ids, CLOSING) == [form, None]


def test_the_compiled_loop_numbers_the_forms_in_the_same_order() -> None:
    talking = pytest.importorskip("simulators.loops.talking")
    assert [getattr(talking, form.name) for form in SPOKEN] == list(range(len(SPOKEN)))
    assert (talking.OPENING, talking.REPLY, talking.EXTRA, talking.CLOSING) == (
        OPENING,
        REPLY,
        EXTRA,
        CLOSING,
    )
