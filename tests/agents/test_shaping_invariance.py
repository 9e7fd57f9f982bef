"""Potential-based shaping leaves the optimal policy as it is: on an instance solved by hand and by value iteration.

A conversation of two states, "new" and "known", discount 0.8. New: to ask costs 0.1 and leads to known; to recommend
pays 0.4 and ends it. Known: to recommend pays 1 and ends it; to ask costs 0.1 and stays. By hand: V(known) = 1, and
V(new) = max(-0.1 + 0.8 * 1, 0.4) = 0.7 by asking.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from agents.tabular.td import bootstrap, q_learning_target

ASK, RECOMMEND = 0, 1
NEW, KNOWN, END = 0, 1, 2
GAMMA = 0.8
PAYS = np.array([[-0.1, 0.4], [-0.1, 1.0]])  # (state, action)
LEADS = np.array([[KNOWN, END], [KNOWN, END]])

Float = npt.NDArray[np.float64]


def solve(pays: Float) -> Float:
    """Action values by value iteration, (2, 2)."""
    values = np.zeros((2, 2))
    for _ in range(200):
        best = np.append(values.max(1), 0.0)
        values = pays + GAMMA * best[LEADS]
    return values


def shaped(phi: Float, bonus: bool = False) -> Float:
    """What the actions pay with ``gamma phi(s') - phi(s)``, or with the potential reached as a plain bonus."""
    after = np.append(phi, 0.0)[LEADS]  # nothing after the end
    return PAYS + (after if bonus else GAMMA * after - phi[:, None])


def test_by_hand() -> None:
    np.testing.assert_allclose(solve(PAYS), [[0.7, 0.4], [0.7, 1.0]])


@pytest.mark.parametrize(
    "phi",
    [
        pytest.param([0.0, 1.0], id="helpful"),
        pytest.param([0.0, -5.0], id="misleading"),
        pytest.param([3.0, 3.0], id="constant"),
    ],
)
def test_action_values_move_by_the_potential_and_the_best_action_stays(phi: list[float]) -> None:
    """``Q'(s, a) = Q(s, a) - phi(s)`` (Ng, Harada and Russell, 1999): alike for all actions of a state."""
    potential = np.array(phi)
    values = solve(shaped(potential))
    np.testing.assert_allclose(values, solve(PAYS) - potential[:, None], atol=1e-12)
    assert values.argmax(1).tolist() == [ASK, RECOMMEND]


def test_the_same_potential_as_a_plain_bonus_is_hacked() -> None:
    """Paid 1 whenever something is known, the best is to ask for ever: 0.9 / (1 - 0.8) = 4.5 against 1."""
    values = solve(shaped(np.array([0.0, 1.0]), bonus=True))
    np.testing.assert_allclose(values[KNOWN], [4.5, 1.0])
    assert values.argmax(1).tolist() == [ASK, ASK]


@pytest.mark.parametrize("phi", [[0.0, 1.0], [2.0, -1.0]])
def test_a_learner_that_is_cut_off_finds_the_same_policy(phi: list[float]) -> None:
    """Every conversation is truncated after one turn; as learners bootstrap through truncation, the kept potential of
    the last state cancels against its value. Taking it for 0 there would move values by ``-gamma phi(s')``."""
    potential, rewards = np.array(phi), shaped(np.array(phi))
    values, mask = np.zeros((2, 2)), np.ones((1, 2), np.bool_)
    for _ in range(200):
        for state in (NEW, KNOWN):
            for action in (ASK, RECOMMEND):
                reward, reached = rewards[state, action], LEADS[state, action]
                ended = np.array([reached == END])
                following = values[[min(reached, KNOWN)]]
                values[state, action] = q_learning_target(np.array([reward]), ended, following, mask, GAMMA)[
                    0
                ]
    np.testing.assert_allclose(values, solve(PAYS) - potential[:, None], atol=1e-9)
    # By hand: asking in "new", cut off there, is worth r + gamma (phi(known) + V(known) - phi(known)) - phi(new).
    cut = bootstrap(rewards[NEW, [ASK]], np.array([False]), values.max(1)[[KNOWN]], GAMMA)[0]
    assert cut == pytest.approx(-0.1 + GAMMA * 1.0 - potential[NEW])
