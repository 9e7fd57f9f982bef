"""Slates on scores and similarities worked by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agents.action_numbers import greedy_slate, mmr_slate, random_slate, sating_similarity
from agents.base import Decision
from agents.baselines import make_baseline
from chatrec_env.core.actions import SlateActions
from chatrec_env.dialogue.dialogue_manager import DialogueManager
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task

SCORES = np.array([[3.0, 2.5, 1.0, 2.0]], np.float32)
ALL = np.ones((1, 4), np.bool_)
TWINS = np.array(
    # The first two are twins, so are the last two.
    [[[1.0, 1.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]]],
    np.float32,
)


@pytest.mark.parametrize(
    ("present", "size", "expected"),
    [
        pytest.param([1, 1, 1, 1], 3, [0, 1, 3], id="best-first"),
        pytest.param([0, 1, 1, 1], 2, [1, 3], id="only-what-is-there"),
        pytest.param([0, 0, 1, 0], 3, [2, -1, -1], id="too-few-are-filled-up"),
        pytest.param([1, 1, 1, 1], 6, [0, 1, 3, 2, -1, -1], id="larger-than-the-table"),
    ],
)
def test_greedy(present: list[int], size: int, expected: list[int]) -> None:
    assert greedy_slate(SCORES, np.array([present], np.bool_), size).tolist() == [expected]


def test_greedy_ties_go_to_the_lower_place() -> None:
    assert greedy_slate(np.zeros((1, 4), np.float32), ALL, 3).tolist() == [[0, 1, 2]]


@pytest.mark.parametrize(
    ("trade_off", "expected"),
    [
        pytest.param(1.0, [0, 1, 3], id="all-score-is-greedy"),
        # 0.5 * 2.5 - 0.5 * 1 = 0.75 for the twin of the first, 0.5 * 2.0 = 1 for the unlike one; then the twin's
        # 0.75 against 0.5 * 1.0 - 0.5 * 1 = 0 for the twin of the second.
        pytest.param(0.5, [0, 3, 1], id="unlike-before-twin"),
        pytest.param(0.0, [0, 2, 1], id="all-variety"),
    ],
)
def test_mmr(trade_off: float, expected: list[int]) -> None:
    assert mmr_slate(SCORES, TWINS, ALL, 3, trade_off).tolist() == [expected]


def test_mmr_shows_only_what_is_there() -> None:
    present = np.array([[False, True, False, True], [False] * 4])
    slates = mmr_slate(np.repeat(SCORES, 2, axis=0), np.repeat(TWINS, 2, axis=0), present, 3, 0.5)
    assert slates.tolist() == [[1, 3, -1], [-1, -1, -1]]


@pytest.mark.parametrize(
    ("uniform", "expected"),
    [
        # 0.0: the first of three, then the first of two. 0.5 * 3 = 1.5: the second, rest 0.5; 0.5 * 2 = 1: the second
        # of what is left. 0.99 * 3 = 2.97: the third, rest 0.97; 0.97 * 2 = 1.94: the second.
        pytest.param(0.0, [0, 2], id="first-first"),
        pytest.param(0.5, [2, 3], id="middle"),
        pytest.param(0.99, [3, 2], id="last"),
    ],
)
def test_random(uniform: float, expected: list[int]) -> None:
    present = np.array([[True, False, True, True]])
    assert random_slate(present, np.array([uniform]), 2).tolist() == [expected]


def test_random_draws_every_order_equally_often() -> None:
    uniforms = (np.arange(6000) + 0.5) / 6000
    slates = random_slate(np.ones((6000, 3), np.bool_), uniforms, 3)
    orders, counts = np.unique(slates, axis=0, return_counts=True)
    assert (len(orders), set(counts.tolist())) == (6, {1000})


def test_random_with_nothing_there_is_empty() -> None:
    assert random_slate(np.zeros((1, 3), np.bool_), np.array([0.7]), 2).tolist() == [[-1, -1]]


def test_similarity_is_that_of_what_people_tire_of() -> None:
    manager = make_task(EnvConfig(encoder="hash")).manager
    catalog, sating = manager.catalog, manager.catalog.arrays.sating
    item = catalog.item_index("Heat")
    other = int(((catalog.weighted_values * sating) @ (catalog.weighted_values[item] * sating)).argmin())
    found = sating_similarity(catalog, np.array([[item, item, other]], np.int32), sating)
    assert found.shape == (1, 3, 3)
    np.testing.assert_allclose(found[0, 0], [1.0, 1.0, 0.0], atol=1e-6)


def on_slates(**changes: Any) -> Decision:
    """A decision about slates of 3 out of 4 candidates, with scores 3, 2.5, 1 and 2; fields of the view replaced."""
    task = make_task(EnvConfig(encoder="hash"))
    manager = DialogueManager(task.manager.catalog, task.manager.table, n_candidates=4, slate_size=3)
    task = replace(task, manager=manager, actions=SlateActions(manager))
    dialogue = manager.open(1)
    manager.hear(dialogue, None, np.full((1, 4), -1))
    dialogue.scores[:] = SCORES
    view = manager.view(dialogue)
    for name, value in changes.items():
        getattr(view, name)[:] = value
    mask = task.actions.mask(dialogue, view)
    return Decision(task=task, observation=np.zeros((1, 0)), mask=mask, dialogue=dialogue, view=view)


@pytest.mark.parametrize(
    ("name", "params", "changes", "action"),
    [
        pytest.param("greedy", {}, {}, [0, 0, 1, 3], id="greedy"),
        pytest.param(
            "greedy", {}, {"present": [0, 1, 0, 1]}, [0, 1, 3, 1], id="an-empty-place-names-the-first"
        ),
        pytest.param("mmr", {"trade_off": 1.0}, {}, [0, 0, 1, 3], id="mmr-without-variety"),
        pytest.param(
            "ask_then_recommend",
            {"questions": 0, "diversity": 1.0},
            {"overlap": [2.5, 0.0, 0.0, 0.0]},
            [0, 1, 3, 2],
            id="less-of-what-was-accepted",
        ),
    ],
)
def test_policies_recommend_slates(
    name: str, params: dict[str, Any], changes: dict[str, Any], action: list[int]
) -> None:
    seen = on_slates(**changes)
    assert make_baseline(name, **params).act(seen, np.zeros(1)).tolist() == [action]


@pytest.mark.parametrize("name", ["ask_then_recommend", "greedy"])
def test_policies_on_slates_ask(name: str) -> None:
    """The heuristic at first, greedy where nothing is left: number 1 + f, whatever stands in the places."""
    seen = on_slates(**({"present": False} if name == "greedy" else {}))
    worth = seen.task.manager.beliefs.question_values(seen.dialogue)[0]
    askable = [f for f, facet in enumerate(seen.task.manager.catalog.facets) if facet.askable]
    best = max(range(len(askable)), key=lambda i: worth[askable[i]])
    assert make_baseline(name).act(seen, np.zeros(1))[0, 0] == 1 + best


def test_the_random_policy_draws_questions_and_slates_evenly() -> None:
    seen = on_slates()
    first = seen.task.actions.sizes[0]
    draws = (np.arange(24 * first) + 0.5) / (24 * first)
    actions = np.stack([make_baseline("random").act(seen, np.array([u]))[0] for u in draws])
    assert np.bincount(actions[:, 0]).tolist() == [24] * first
    slates = np.unique(actions[actions[:, 0] == 0, 1:], axis=0)
    assert len(slates) == 4 * 3 * 2
    assert all(len(set(slate)) == 3 for slate in slates.tolist())
