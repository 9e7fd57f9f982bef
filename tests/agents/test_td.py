"""Targets and updates on arrays worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from agents.tabular.td import (
    epsilon_greedy,
    greedy,
    linear,
    move_toward,
    q_learning_target,
    sarsa_target,
    uniform_legal,
)

VALUES = np.array([[1.0, 3.0, 2.0]])
ALL = np.ones((1, 3), np.bool_)


@pytest.mark.parametrize(
    ("terminated", "mask", "expected"),
    [
        pytest.param(False, [True, True, True], 1.0 + 0.5 * 3.0, id="bootstraps-on-the-best"),
        pytest.param(True, [True, True, True], 1.0, id="terminal-stops"),
        pytest.param(False, [True, False, True], 1.0 + 0.5 * 2.0, id="masked-actions-do-not-count"),
        pytest.param(False, [False, False, False], 1.0, id="no-legal-action-is-worth-nothing"),
    ],
)
def test_q_learning_target(terminated: bool, mask: list[bool], expected: float) -> None:
    target = q_learning_target(np.array([1.0]), np.array([terminated]), VALUES, np.array([mask]), gamma=0.5)
    assert target.tolist() == [expected]


@pytest.mark.parametrize(
    ("terminated", "action", "expected"),
    [
        pytest.param(False, 0, 1.0 + 0.5 * 1.0, id="the-action-chosen-not-the-best"),
        pytest.param(False, 1, 1.0 + 0.5 * 3.0, id="another-action"),
        pytest.param(True, 1, 1.0, id="terminal-stops"),
    ],
)
def test_sarsa_target(terminated: bool, action: int, expected: float) -> None:
    target = sarsa_target(np.array([1.0]), np.array([terminated]), VALUES, np.array([action]), gamma=0.5)
    assert target.tolist() == [expected]


def test_negative_values_bootstrap_too() -> None:
    target = q_learning_target(np.zeros(1), np.array([False]), -VALUES, ALL, gamma=1.0)
    assert target.tolist() == [-1.0]


def test_move_toward_updates_a_cell_met_twice_twice() -> None:
    table, visits = np.zeros((2, 2)), np.zeros((2, 2), np.int64)
    states, actions = np.array([0, 1, 0]), np.array([1, 0, 1])
    errors = move_toward(table, visits, states, actions, np.array([4.0, 1.0, 8.0]), lambda n: 0.5)
    # Cell (0, 1): 0 -> 2 -> 5. Cell (1, 0): 0 -> 0.5.
    assert errors.tolist() == [4.0, 1.0, 6.0]
    assert table.tolist() == [[0.0, 5.0], [0.5, 0.0]]
    assert visits.tolist() == [[0, 2], [1, 0]]


def test_one_over_n_gives_the_mean_of_the_targets() -> None:
    table, visits = np.full((1, 1), 99.0), np.zeros((1, 1), np.int64)
    targets = np.array([1.0, 2.0, 6.0])
    move_toward(table, visits, np.zeros(3, np.int64), np.zeros(3, np.int64), targets, lambda n: 1.0 / n)
    assert table[0, 0] == pytest.approx(3.0)


def test_greedy_is_legal_and_breaks_ties_low() -> None:
    values = np.array([[5.0, 1.0, 1.0], [5.0, 5.0, 1.0]])
    mask = np.array([[False, True, True], [True, True, True]])
    assert greedy(values, mask).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("uniform", "expected"),
    [
        pytest.param(0.0, 1, id="first"),
        pytest.param(0.49, 1, id="still-first"),
        pytest.param(0.5, 3, id="second"),
        pytest.param(np.nextafter(1.0, 0.0), 3, id="last"),
    ],
)
def test_uniform_legal_splits_the_draw_evenly(uniform: float, expected: int) -> None:
    mask = np.array([[False, True, False, True]])
    assert uniform_legal(mask, np.array([uniform])).tolist() == [expected]


def test_epsilon_greedy_explores_below_epsilon() -> None:
    values, mask = np.repeat(VALUES, 2, axis=0), np.ones((2, 3), np.bool_)
    chosen = epsilon_greedy(values, mask, 0.25, np.array([0.24, 0.25]), np.array([0.9, 0.9]))
    assert chosen.tolist() == [2, 1]


@pytest.mark.parametrize(
    ("progress", "expected"), [(-1.0, 1.0), (0.0, 1.0), (0.5, 0.6), (1.0, 0.2), (2.0, 0.2)]
)
def test_linear(progress: float, expected: float) -> None:
    assert linear(1.0, 0.2, progress) == pytest.approx(expected)
