"""Targets and updates on arrays worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from agents.tabular.td import (
    double_q_target,
    epsilon_greedy,
    epsilon_greedy_policy,
    expected_sarsa_target,
    greedy,
    lambda_target,
    linear,
    move_toward,
    n_step_target,
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


@pytest.mark.parametrize(
    ("terminated", "policy", "expected"),
    [
        # 0.25 * 1 + 0.5 * 3 + 0.25 * 2 = 2.25
        pytest.param(False, [0.25, 0.5, 0.25], 1.0 + 0.5 * 2.25, id="mean-over-the-policy"),
        pytest.param(False, [0.0, 0.0, 1.0], 1.0 + 0.5 * 2.0, id="a-certain-policy-is-sarsa"),
        pytest.param(True, [0.25, 0.5, 0.25], 1.0, id="terminal-stops"),
    ],
)
def test_expected_sarsa_target(terminated: bool, policy: list[float], expected: float) -> None:
    told = (np.array([1.0]), np.array([terminated]), VALUES, np.array([policy]))
    assert expected_sarsa_target(*told, gamma=0.5).tolist() == [expected]


def test_the_policy_of_epsilon_greedy() -> None:
    """Epsilon 0.3 over the two legal actions is 0.15 each; the better of them has 0.7 more."""
    policy = epsilon_greedy_policy(VALUES, np.array([[True, False, True]]), 0.3)
    np.testing.assert_allclose(policy, [[0.15, 0.0, 0.85]])


@pytest.mark.parametrize(
    ("terminated", "mask", "expected"),
    [
        # The first values choose action 1 (3.0), which the second say is worth 5.
        pytest.param(False, [True, True, True], 1.0 + 0.5 * 5.0, id="one-chooses-the-other-judges"),
        # Without it they choose action 2 (2.0), worth 7.
        pytest.param(False, [True, False, True], 1.0 + 0.5 * 7.0, id="masked-actions-are-not-chosen"),
        pytest.param(False, [False, False, False], 1.0, id="no-legal-action-is-worth-nothing"),
        pytest.param(True, [True, True, True], 1.0, id="terminal-stops"),
    ],
)
def test_double_q_target(terminated: bool, mask: list[bool], expected: float) -> None:
    judging = np.array([[9.0, 5.0, 7.0]])
    told = (np.array([1.0]), np.array([terminated]), VALUES, judging, np.array([mask]))
    assert double_q_target(*told, gamma=0.5).tolist() == [expected]


REWARDS, NEXT = np.array([1.0, 2.0, 4.0]), np.array([10.0, 20.0, 40.0])


@pytest.mark.parametrize(
    ("n", "last", "expected"),
    [
        # Gamma 0.5. 1 + 0.5 * 10, 2 + 0.5 * 20, 4 + 0.5 * 40.
        pytest.param(1, 40.0, [6.0, 12.0, 24.0], id="one-step-is-sarsa"),
        # 1 + 0.5 * 2 + 0.25 * 20, 2 + 0.5 * 4 + 0.25 * 40, then what is left: 4 + 0.5 * 40.
        pytest.param(2, 40.0, [7.0, 14.0, 24.0], id="truncation-keeps-the-bootstrap"),
        # 1 + 0.5 * 2 + 0.25 * 4 = 3, 2 + 0.5 * 4 = 4, 4.
        pytest.param(9, 0.0, [3.0, 4.0, 4.0], id="all-steps-are-the-return"),
    ],
)
def test_n_step_target(n: int, last: float, expected: list[float]) -> None:
    assert n_step_target(REWARDS, np.array([10.0, 20.0, last]), n, gamma=0.5).tolist() == expected


@pytest.mark.parametrize(
    ("decay", "last", "expected"),
    [
        pytest.param(0.0, 40.0, [6.0, 12.0, 24.0], id="none-is-sarsa"),
        pytest.param(1.0, 0.0, [3.0, 4.0, 4.0], id="one-is-the-return"),
        # 4 + 0.5 * 40 = 24; 2 + 0.5 (0.5 * 20 + 0.5 * 24) = 13; 1 + 0.5 (0.5 * 10 + 0.5 * 13) = 6.75.
        pytest.param(0.5, 40.0, [6.75, 13.0, 24.0], id="half-way"),
    ],
)
def test_lambda_target(decay: float, last: float, expected: list[float]) -> None:
    assert lambda_target(REWARDS, np.array([10.0, 20.0, last]), decay, gamma=0.5).tolist() == expected


def test_lambda_returns_weigh_n_step_returns() -> None:
    """G(lambda) = (1 - lambda) (G1 + lambda G2) + lambda^2 G3 for the first of three turns."""
    one, two, three = (n_step_target(REWARDS, NEXT, n, gamma=0.9)[0] for n in (1, 2, 3))
    whole = 0.4 * (one + 0.6 * two) + 0.36 * three
    assert lambda_target(REWARDS, NEXT, 0.6, gamma=0.9)[0] == pytest.approx(whole)


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
