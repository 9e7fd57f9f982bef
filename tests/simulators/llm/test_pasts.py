"""LLM users bring the rating history of the scripted people they are."""

from __future__ import annotations

from typing import Any

import numpy as np

from chatrec_env.core.kernel import start_batch
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task


def test_the_same_past_and_nobody_asks_the_model_for_it(rules: Any) -> None:
    users = {"name": "llm", "backend": "rules", "mode": "choice"}
    spoken = make_task(EnvConfig(encoder="hash", rating_history="warm", users=users))
    scripted = make_task(EnvConfig(encoder="hash", rating_history="warm"))
    draws = np.random.default_rng(0).random((8, scripted.n_draws))
    one, other = (
        start_batch(spoken, draws).dialogue.rating_history,
        start_batch(scripted, draws).dialogue.rating_history,
    )
    np.testing.assert_array_equal(one.items, other.items)
    np.testing.assert_array_equal(one.stars, other.stars)
    assert one.counts.min() >= 5
    assert rules.asked == []
