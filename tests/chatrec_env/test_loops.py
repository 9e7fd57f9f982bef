"""The compiled inner loops give the bits NumPy gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from chatrec_env import loops
from chatrec_env.core.kernel import observe_batch, start_batch, step_batch
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task


def play(turns: int, **config: Any) -> list[bytes]:
    """Observations and rewards of 40 conversations under random legal actions."""
    task = make_task(EnvConfig(encoder="hash", **config))
    rng = np.random.default_rng(4)
    state = start_batch(task, rng.random((40, task.n_draws)))
    seen = []
    for _ in range(turns):
        observation, mask, _ = observe_batch(task, state)
        turn = step_batch(task, state, np.where(mask, rng.random(mask.shape), -1).argmax(1))
        seen += [observation.tobytes(), turn.reward.tobytes()]
    return seen


@pytest.mark.parametrize(
    "config",
    [
        pytest.param({}, id="full"),
        pytest.param({"scenario": "drift"}, id="drift"),
        pytest.param({"scenario": "retention"}, id="retention"),
        pytest.param({"scenario": "noisy"}, id="noisy"),
        pytest.param({"users": {"name": "scripted", "population": "ml-small"}}, id="population"),
        pytest.param({"catalog": "travel"}, id="travel"),
        pytest.param({"actions": "strategy"}, id="strategy"),
        pytest.param({"past": "mixed", "collaborative": 1.0}, id="past"),
    ],
)
def test_whole_conversations_are_equal_bit_for_bit(
    config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything that has a compiled loop, against NumPy: what people say and do, belief, retrieval, observations."""
    compiled = play(15, **config)
    task = make_task(EnvConfig(encoder="hash", **config))
    manager = task.manager
    for owner in (manager, manager.beliefs, manager.retriever, manager.tracker):
        assert owner._loops is not None
        monkeypatch.setattr(owner, "_loops", None)
    assert play(15, **config) == compiled


def test_it_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """CHATREC_COMPILED=0 leaves the loops to NumPy."""
    from chatrec_env.retrieval.retriever import compiled_loops

    assert compiled_loops() is loops
    monkeypatch.setenv("CHATREC_COMPILED", "0")
    assert compiled_loops() is None


@pytest.mark.parametrize("k", [1, 3, 12, 70])
@pytest.mark.parametrize(
    ("n_items", "levels"),
    [
        pytest.param(90, 1000, id="few-items"),
        pytest.param(1000, 100_000, id="distinct"),
        pytest.param(1000, 20, id="ties"),
        pytest.param(1000, 1, id="all-equal"),
        pytest.param(4099, 500, id="many-items"),
    ],
)
def test_best_of(n_items: int, levels: int, k: int) -> None:
    """The best k, best first, ties to the lower index, as NumPy sorts them."""
    rng = np.random.default_rng(k)
    scores = rng.integers(-levels, 1, n_items).astype(np.float32) / np.float32(64)
    scores[rng.integers(0, n_items, 5)] = -1e6
    items, found = np.empty(k, np.int32), np.empty(k, np.float32)
    scratch = np.empty(n_items + loops.LANES, np.int32), np.empty(n_items + loops.LANES, np.float32)
    loops.best_of(scores, items, found, np.empty(loops.LANES, np.float32), *scratch)
    expected = np.argsort(-scores, kind="stable")[:k]
    assert items.tolist() == expected.tolist()
    assert found.tolist() == scores[expected].tolist()


@pytest.mark.parametrize("n", [1, 5, 8, 15, 16, 127, 128, 129, 143, 255, 256, 257, 1000, 5003])
def test_sums_are_taken_in_numpys_order(n: int) -> None:
    """float32 sums and dot products, to the bit."""
    rng = np.random.default_rng(n)
    a, b = rng.normal(size=(2, 7, n)).astype(np.float32)
    for i in range(7):
        assert loops.dot(a[i], b[i], np.empty(n, np.float32)) == (a * b).sum(-1)[i]
        assert loops.add_up(a[i].copy(), 0, n) == a.sum(-1)[i]
