"""The compiled inner loops give the bits NumPy gives."""

from __future__ import annotations

import numpy as np
import pytest

from chatrec_env import loops
from chatrec_env.config import EnvConfig
from chatrec_env.kernel import observe_batch, start_batch, step_batch
from chatrec_env.task import make_task


def play(turns: int) -> list[bytes]:
    """Observations and rewards of 40 conversations under random legal actions."""
    task = make_task(EnvConfig(encoder="hash"))
    rng = np.random.default_rng(4)
    state = start_batch(task, rng.random((40, task.n_draws)))
    seen = []
    for _ in range(turns):
        observation, mask, _ = observe_batch(task, state)
        turn = step_batch(task, state, np.where(mask, rng.random(mask.shape), -1).argmax(1))
        seen += [observation.tobytes(), turn.reward.tobytes()]
    return seen


def test_whole_conversations_are_equal_bit_for_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retrieval, candidate sums and encodings, compiled and in NumPy."""
    compiled = play(15)
    assistant = make_task(EnvConfig(encoder="hash")).assistant
    for owner in (assistant, assistant.retriever, assistant.tracker):
        assert owner._loops is not None
        monkeypatch.setattr(owner, "_loops", None)
    assert play(15) == compiled


def test_it_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """CHATREC_COMPILED=0 leaves the loops to NumPy."""
    from chatrec_env.retrieval import compiled_loops

    assert compiled_loops() is loops
    monkeypatch.setenv("CHATREC_COMPILED", "0")
    assert compiled_loops() is None


@pytest.mark.parametrize(
    ("scores", "items"),
    [
        pytest.param([1, 5, 3, 5], [1, 3, 2], id="ties-to-the-lower-index"),
        pytest.param([2, 2, 2, 2], [0, 1, 2], id="all-equal"),
        pytest.param([-7, -9, -8, -7], [0, 3, 2], id="negative"),
    ],
)
def test_best_of(scores: list[float], items: list[int]) -> None:
    """The best three, best first."""
    found, values = np.empty(3, np.int32), np.empty(3, np.float32)
    loops.best_of(np.array(scores, np.float32), 3, found, values)
    assert found.tolist() == items
    assert values.tolist() == [scores[i] for i in items]
