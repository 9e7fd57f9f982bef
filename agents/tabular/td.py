"""Learning targets, exploration and schedules of temporal-difference control: pure functions of arrays."""

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


def expected_sarsa_target(
    reward: Float, terminated: Bool, next_values: Float, next_policy: Float, gamma: float
) -> Float:
    """``r + gamma * sum_a' pi(a' | s') Q(s', a')``, the mean of ``sarsa_target`` (van Seijen et al., 2009).

    Args:
        reward: (N,) reward of the turn.
        terminated: (N,) whether the conversation ended for good.
        next_values: (N, A) action values of the state reached.
        next_policy: (N, A) probabilities of the actions there; 0 for illegal ones.
        gamma: Discount.
    """
    return bootstrap(reward, terminated, (next_policy * next_values).sum(axis=1), gamma)


def double_q_target(
    reward: Float, terminated: Bool, choosing: Float, judging: Float, next_mask: Bool, gamma: float
) -> Float:
    """``r + gamma * Q_judging(s', argmax_a' Q_choosing(s', a'))`` over the legal actions (van Hasselt, 2010).

    The values that choose are not those that judge, so that an error in one does not choose itself.

    Args:
        reward: (N,) reward of the turn.
        terminated: (N,) whether the conversation ended for good.
        choosing: (N, A) values of the state reached that say which action is best.
        judging: (N, A) values that say what it is worth.
        next_mask: (N, A) legal actions there; a row without any is worth 0.
        gamma: Discount.
    """
    worth = judging[np.arange(len(reward)), greedy(choosing, next_mask)]
    return bootstrap(reward, terminated, np.where(next_mask.any(axis=1), worth, 0.0), gamma)


def n_step_target(rewards: Float, next_values: Float, n: int, gamma: float) -> Float:
    """n-step returns of every turn of one conversation (Sutton and Barto, 2018, section 7.1).

    ``r_t + ... + gamma^(n-1) r_(t+n-1) + gamma^n Q(s_(t+n), a_(t+n))``, cut off where the conversation ends.

    Args:
        rewards: (T,) rewards of its turns.
        next_values: (T,) values of the action chosen after each turn; after the last, 0 where it was terminated.
        n: Turns until the value is taken; 1 is ``sarsa_target``.
        gamma: Discount.
    """
    targets = np.empty(len(rewards))
    for t in range(len(rewards)):
        part = rewards[t : t + n]
        tail = next_values[t + len(part) - 1]
        targets[t] = part @ gamma ** np.arange(len(part)) + gamma ** len(part) * tail
    return targets


def lambda_target(rewards: Float, next_values: Float, decay: float, gamma: float) -> Float:
    """Lambda-returns of every turn of one conversation (Sutton and Barto, 2018, section 12.1).

    ``G_t = r_t + gamma ((1 - lambda) Q(s_(t+1), a_(t+1)) + lambda G_(t+1))``, from the last turn back: the forward view
    of SARSA(lambda). Lambda 0 is ``sarsa_target``, lambda 1 the return.

    Args:
        rewards: (T,) rewards of its turns.
        next_values: (T,) as for ``n_step_target``.
        decay: Lambda.
        gamma: Discount.
    """
    targets, after = np.empty(len(rewards)), next_values[-1]
    for t in range(len(rewards) - 1, -1, -1):
        targets[t] = rewards[t] + gamma * ((1 - decay) * next_values[t] + decay * after)
        after = targets[t]
    return targets


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


def epsilon_greedy_policy(values: Float, mask: Bool, epsilon: float) -> Float:
    """Probabilities ``(N, A)`` of what ``epsilon_greedy`` chooses; at least one legal action in each row."""
    policy = epsilon * mask / mask.sum(axis=1, keepdims=True)
    policy[np.arange(len(values)), greedy(values, mask)] += 1 - epsilon
    return np.asarray(policy)


def linear(start: float, end: float, progress: float) -> float:
    """From ``start`` at progress 0 to ``end`` at 1 and after."""
    return start + (end - start) * min(max(progress, 0.0), 1.0)
