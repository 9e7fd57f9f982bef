"""Learning targets, exploration and schedules of tabular control: pure functions of arrays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]
Int = npt.NDArray[np.int64]


def q_learning_target(
    reward: Float, terminated: Bool, next_values: Float, next_mask: Bool, gamma: float
) -> Float:
    """``r + gamma * max_a' Q(s', a')`` over the legal actions (Watkins and Dayan, 1992).

    A truncated conversation keeps its bootstrap, a terminated one has none.

    Args:
        reward: (N,) reward of the turn.
        terminated: (N,) whether the conversation ended for good.
        next_values: (N, A) action values of the state reached.
        next_mask: (N, A) legal actions there; a row without any is worth 0.
        gamma: Discount.
    """
    best = np.where(next_mask, next_values, -np.inf).max(axis=1)
    return bootstrap(reward, terminated, np.where(next_mask.any(axis=1), best, 0.0), gamma)


def sarsa_target(
    reward: Float, terminated: Bool, next_values: Float, next_actions: Int, gamma: float
) -> Float:
    """``r + gamma * Q(s', a')`` with the action that was really chosen (Rummery and Niranjan, 1994).

    Args:
        reward: (N,) reward of the turn.
        terminated: (N,) whether the conversation ended for good.
        next_values: (N, A) action values of the state reached.
        next_actions: (N,) the action chosen there; where the conversation was truncated, the one that would
            have been taken.
        gamma: Discount.
    """
    return bootstrap(reward, terminated, next_values[np.arange(len(reward)), next_actions], gamma)


def bootstrap(reward: Float, terminated: Bool, next_value: Float, gamma: float) -> Float:
    """``reward + gamma * next_value``, without the second term where ``terminated``; all (N,)."""
    return reward + gamma * np.where(terminated, 0.0, next_value)


def move_toward(
    table: Float, visits: Int, states: Int, actions: Int, targets: Float, rate: Callable[[int], float]
) -> Float:
    """Move table cells toward their targets, in place, one transition after the other in row order.

    A cell met several times in a batch moves several times, so the result is that of N single updates whose
    targets were computed beforehand.

    Args:
        table: (S, A) action values.
        visits: (S, A) updates each cell has had; counted up.
        states: (N,) rows of the cells.
        actions: (N,) columns of the cells.
        targets: (N,) where to move.
        rate: Step size of a cell's n-th update, n = 1, 2, ...

    Returns:
        (N,) errors, target minus value before the move.
    """
    errors = np.empty(len(targets))
    for i, (s, a, target) in enumerate(zip(states.tolist(), actions.tolist(), targets.tolist(), strict=True)):
        visits[s, a] += 1
        errors[i] = target - table[s, a]
        table[s, a] += rate(int(visits[s, a])) * errors[i]
    return errors


def greedy(values: Float, mask: Bool) -> Int:
    """The legal action of highest value, (N,), ties to the lowest number."""
    return np.where(mask, values, -np.inf).argmax(axis=1)


def uniform_legal(mask: Bool, uniform: Float) -> Int:
    """A legal action chosen evenly by one draw in [0, 1) each, (N,)."""
    count = mask.sum(axis=1)
    place = np.minimum((uniform * count).astype(np.int64), count - 1)
    return (np.cumsum(mask, axis=1) > place[:, None]).argmax(axis=1)


def epsilon_greedy(values: Float, mask: Bool, epsilon: float, explore: Float, which: Float) -> Int:
    """With probability ``epsilon`` any legal action, else the best, (N,).

    Args:
        values: (N, A) action values.
        mask: (N, A) legal actions, at least one in each row.
        epsilon: Chance of exploring.
        explore: (N,) draws in [0, 1) that decide whether to.
        which: (N,) draws in [0, 1) that pick the action then.
    """
    return np.where(explore < epsilon, uniform_legal(mask, which), greedy(values, mask))


def linear(start: float, end: float, progress: float) -> float:
    """From ``start`` at progress 0 to ``end`` at 1 and after."""
    return start + (end - start) * min(max(progress, 0.0), 1.0)
