"""Baselines on situations set up by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from agents import registry
from agents.base import Decision, decision
from agents.baselines import make_baseline
from chatrec_env.core.actions import STRATEGIES
from chatrec_env.core.state import ASKED, IGNORED
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ConfigError, UnknownNameError
from experiments.evaluate.rollout import meet, people_seeds

ITEMS = EnvConfig(encoder="hash", n_candidates=4)
STRATEGY = EnvConfig(encoder="hash", n_candidates=4, actions="strategy")
QUESTIONS = sum(name.startswith("ask:") for name in make_task(ITEMS).actions.names)
ASK, EXPLOIT, DIVERSIFY = (STRATEGIES.index(name) for name in ("ask", "exploit", "diversify"))


def situation(env: EnvConfig = ITEMS, **changes: Any) -> Decision:
    """One conversation, with parts of what is visible replaced: fields of the dialogue or of the view."""
    task = make_task(env)
    made = decision(task, meet(task, people_seeds("eval", 0, 1)))
    d, view = made.dialogue, made.view
    d.scores[0] = [3.0, 2.0, 1.0, 0.0]
    for name, value in changes.items():
        array = getattr(d if hasattr(d, name) else view, name)
        array[0] = value
    return made


def act(name: str, seen: Decision, **params: Any) -> int:
    action = make_baseline(name, **params).act(seen, np.zeros(len(seen)))
    assert action.shape == (1,)
    return int(action[0])


def test_greedy_takes_the_best_candidate_still_there() -> None:
    assert act("greedy", situation()) == QUESTIONS
    assert act("greedy", situation(present=[False, True, True, True])) == QUESTIONS + 1


def test_popular_takes_the_most_popular_candidate() -> None:
    popularity = make_task(ITEMS).manager.catalog.popularity
    low, high = int(popularity.argmin()), int(popularity.argmax())
    assert act("popular", situation(candidates=[low, low, high, low])) == QUESTIONS + 2
    assert (
        act("popular", situation(candidates=[high, low, high, low])) == QUESTIONS
    )  # the better match of equals


@pytest.mark.parametrize(
    ("params", "changes", "place"),
    [
        pytest.param({"diversity": 0.0}, {"overlap": [9, 0, 0, 0]}, 0, id="no-weight"),
        pytest.param({"diversity": 1.0}, {"overlap": [0.75, 0, 0, 0]}, 0, id="3-.75-beats-2"),
        pytest.param({"diversity": 2.0}, {"overlap": [0.75, 0, 0, 0]}, 1, id="3-1.5-loses-to-2"),
        pytest.param({"diversity": 2.0}, {"overlap": [1, 1, 0, 0]}, 0, id="ties-go-to-the-better-match"),
        pytest.param(
            {"diversity": 0.0, "refused": 1.0}, {"refused": [1.5, 1.5, 0, 0]}, 0, id="3-1.5-beats-1"
        ),
        pytest.param({"diversity": 0.0, "refused": 2.0}, {"refused": [1.5, 1.5, 0, 0]}, 2, id="1-beats-3-3"),
    ],
)
def test_the_heuristic_weighs_variety_against_the_score(
    params: dict[str, Any], changes: dict[str, Any], place: int
) -> None:
    assert act("ask_then_recommend", situation(**changes), questions=0, **params) == QUESTIONS + place


@pytest.mark.parametrize(
    ("params", "changes", "asks"),
    [
        pytest.param({"questions": 2}, {"questions": 1}, True, id="first-questions"),
        pytest.param({"questions": 2}, {"questions": 2}, False, id="enough-asked"),
        pytest.param({"again_after": 2}, {"refusals": 2, "outcome": IGNORED}, True, id="two-ignored"),
        pytest.param({"again_after": 2}, {"refusals": 4, "outcome": IGNORED}, True, id="two-more-ignored"),
        pytest.param({"again_after": 2}, {"refusals": 3, "outcome": IGNORED}, False, id="not-every-time"),
        pytest.param({"again_after": 2}, {"refusals": 2, "outcome": ASKED}, False, id="just-asked"),
        pytest.param({"again_after": 0}, {"refusals": 2, "outcome": IGNORED}, False, id="never-again"),
        pytest.param({"ask_below": 3.5}, {"outcome": IGNORED}, True, id="in-doubt"),
        pytest.param({"ask_below": 2.5}, {"outcome": IGNORED}, False, id="not-in-doubt"),
        pytest.param(
            {"ask_below": 2.5}, {"present": [False, True, True, True]}, True, id="in-doubt-of-what-is-left"
        ),
        pytest.param({"ask_below": 3.5}, {"outcome": ASKED}, False, id="not-twice-running"),
        pytest.param({"ask_below": 3.5}, {"questions": 4}, False, id="not-for-ever"),
    ],
)
def test_when_the_heuristic_asks(params: dict[str, Any], changes: dict[str, Any], asks: bool) -> None:
    for env, recommends in ((ITEMS, QUESTIONS), (STRATEGY, EXPLOIT)):
        seen = situation(env, **changes)
        action = act("ask_then_recommend", seen, **({"questions": 0, "diversity": 0.0} | params))
        assert (action < QUESTIONS if env is ITEMS else action == ASK) if asks else action == recommends


def test_the_heuristic_heeds_the_time_of_day_unless_something_was_said() -> None:
    catalog = make_task(ITEMS).manager.catalog
    night = catalog.setting_index("night", None)
    habit = catalog.weighted_values @ catalog.time_wishes[night[0]]
    low, high = int(habit.argmin()), int(habit.argmax())
    assert habit[high] > 0 > habit[low]
    table: dict[str, Any] = {
        "candidates": [low, low, high, low],
        "scores": [1.0, 1.0, 1.0, 1.0],
        "wishes": 0.0,
    }
    by_night = situation(situational_context=night, **table)
    assert act("ask_then_recommend", by_night, questions=0, diversity=0.0) == QUESTIONS
    assert act("ask_then_recommend", by_night, questions=0, diversity=0.0, heed=0.5) == QUESTIONS + 2
    whenever = situation(situational_context=(-1, -1), **table)
    assert act("ask_then_recommend", whenever, questions=0, diversity=0.0, heed=0.5) == QUESTIONS
    said = situation(
        situational_context=night, **{**table, "wishes": 0.25 * (catalog.time_wishes[night[0]] != 0)}
    )
    assert act("ask_then_recommend", said, questions=0, diversity=0.0, heed=0.5) == QUESTIONS


def test_on_strategies_variety_is_on_or_off() -> None:
    assert act("ask_then_recommend", situation(STRATEGY), questions=0, diversity=0.25) == DIVERSIFY
    assert act("ask_then_recommend", situation(STRATEGY), questions=0, diversity=0.0) == EXPLOIT


def test_the_question_is_the_legal_one_that_would_tell_most() -> None:
    seen = situation()
    catalog, values = (
        seen.task.manager.catalog,
        seen.task.manager.beliefs.question_values(seen.dialogue)[0],
    )
    askable = [i for i, facet in enumerate(catalog.facets) if facet.askable]
    order = sorted(range(len(askable)), key=lambda i: -values[askable[i]])
    assert act("ask_then_recommend", seen, questions=1) == order[0]
    seen.mask[0, order[0]] = False
    assert act("ask_then_recommend", seen, questions=1) == order[1]


def test_without_legal_questions_it_recommends_and_without_candidates_it_asks() -> None:
    seen = situation()
    seen.mask[0, :QUESTIONS] = False
    assert act("ask_then_recommend", seen, questions=9) == QUESTIONS
    seen = situation(present=False)
    seen.mask[0, QUESTIONS:] = False
    assert act("greedy", seen) < QUESTIONS
    seen = situation(STRATEGY, present=False)
    seen.mask[0, EXPLOIT : DIVERSIFY + 1] = False
    assert act("greedy", seen) == ASK


def test_most_informative_asks_above_its_threshold() -> None:
    seen = situation()
    best = float(seen.task.manager.beliefs.question_values(seen.dialogue).max())
    assert act("most_informative", seen, threshold=best - 0.01) < QUESTIONS
    assert act("most_informative", seen, threshold=best) == QUESTIONS


def test_which_baselines_an_environment_can_have() -> None:
    every = registry.names(registry.BASELINE)
    assert registry.names(registry.BASELINE, actions="slate") == every
    assert registry.names(registry.BASELINE, actions="items") == [n for n in every if n != "mmr"]
    assert registry.names(registry.BASELINE, actions="strategy") == [
        n for n in every if n not in ("mmr", "popular")
    ]


@pytest.mark.parametrize(
    ("name", "env", "params", "error", "message"),
    [
        pytest.param("gready", None, {}, UnknownNameError, "Did you mean 'greedy'", id="name"),
        pytest.param(
            "greedy", None, {"depth": 1}, UnknownNameError, "No parameter of greedy 'depth'", id="field"
        ),
        pytest.param("popular", STRATEGY, {}, ConfigError, "Use ChatRec/Items-v0", id="needs-items"),
        pytest.param(
            "ask_then_recommend", None, {"questions": -1}, ConfigError, "integer >= 0, got -1", id="negative"
        ),
        pytest.param(
            "ask_then_recommend", None, {"diversity": float("inf")}, ConfigError, "got inf", id="infinite"
        ),
        pytest.param(
            "most_informative",
            None,
            {"threshold": "x"},
            ConfigError,
            r"a number in \(-inf, inf\), got 'x'",
            id="text",
        ),
    ],
)
def test_wrong_settings_are_named(
    name: str, env: EnvConfig | None, params: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make_baseline(name, env, **params)
