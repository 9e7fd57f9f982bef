"""Rules give the same bits in plain Python and compiled, and change over from one to the other at any time."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from chatrec_env.core.compiled import rule
from chatrec_env.core.compiled.tiers import FEW, compile_for, compile_now, interpret, is_interpreted
from chatrec_env.core.kernel import Task, observe_batch, start_batch, step_batch


@rule
def half(x: Any) -> Any:
    return x / 2


@rule
def half_of_first(x: Any) -> Any:
    first = x[0]
    return half(x) if first < 0 else first


@pytest.fixture(autouse=True)
def compiled_again() -> Iterator[None]:
    yield
    compile_now()


def test_a_rule_runs_in_plain_python_until_compiled_forms_are_there() -> None:
    there = [False]
    interpret(lambda: there[0])
    assert half(5) == 2.5
    assert half.overloads == {}  # type: ignore[attr-defined]
    there[0] = True
    assert half(5) == 2.5
    assert len(half.overloads) == 1  # type: ignore[attr-defined]
    assert not is_interpreted()


def test_a_call_under_way_ends_in_plain_python() -> None:
    class Odd:
        """Nothing that a compiled rule could take; while it is read, another thread changes over."""

        def __getitem__(self, place: int) -> float:
            compile_now()
            return -1.0

        def __truediv__(self, other: int) -> str:
            return "halved"

    interpret(lambda: False)
    assert half_of_first(Odd()) == "halved"


@pytest.mark.parametrize(("n", "waits"), [(FEW, True), (FEW + 1, False)])
def test_only_a_few_conversations_run_in_plain_python(n: int, waits: bool) -> None:
    interpret(lambda: False)
    compile_for(n)
    assert is_interpreted() is waits


def play(task: Task) -> list[bytes]:
    """Everything that comes of a conversation of twelve turns."""
    state = start_batch(task, np.random.default_rng(3).random((1, task.n_draws)))
    found = []
    for t in range(12):
        seen, mask, _ = observe_batch(task, state)
        legal = np.flatnonzero(mask[0])
        turn = step_batch(task, state, legal[[7 * t % len(legal)]])
        found += [seen.tobytes(), turn.paid.tobytes(), turn.user.sentences.tobytes()]
    return found


@pytest.mark.parametrize("actions", ["items", "strategy"])
def test_a_conversation_is_the_same_before_and_after(task_of: Callable[..., Task], actions: str) -> None:
    task = task_of(actions=actions)
    compiled = play(task)
    interpret(lambda: False)
    assert play(task) == compiled
    assert is_interpreted()


def test_a_copy_of_a_rule_is_the_rule() -> None:
    assert pickle.loads(pickle.dumps(half)) is half
    assert copy.deepcopy(half) is half
