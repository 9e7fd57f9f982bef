"""Tuning: the same people for every setting, fewer settings each round."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from agents.baselines import AskThenRecommend
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ConfigError
from experiments.evaluate.rollout import people_seeds, run
from experiments.train.tune import GRID, PARENTS, ROUNDS, combinations, conversations_of, survivors, tune

ENV = EnvConfig(encoder="hash")
SMALL: dict[str, tuple[Any, ...]] = {"questions": (0, 2, 6), "diversity": (0.0, 1.0)}
FURTHER: dict[str, tuple[Any, ...]] = {"refused": (0.0, 1.0)}


def test_the_whole_grid_is_tried_and_the_best_comes_first() -> None:
    seen: list[tuple[int, int, str]] = []
    found = tune(ENV, rounds=(10, 20, 40), grid=SMALL, refinement=FURTHER, progress=lambda *p: seen.append(p))
    # 3 x 2 settings, and 4 parents varied: the unvaried ones are known already.
    assert len(found.rows) == 6 + 4
    assert {row["people"] for row in found.rows} <= {10, 20, 40}
    best = found.rows[0]
    assert best["people"] == 40
    assert best["return"] == max(row["return"] for row in found.rows if row["people"] == 40)
    assert found.policy == AskThenRecommend(**found.params)
    assert set(found.params) < set(best)
    assert [done for done, _, _ in seen] == sorted(done for done, _, _ in seen)
    assert seen[-1][0] == seen[-1][1]
    assert seen[-1][2] == f"best return {best['return']:.2f}"


def test_returns_are_those_of_the_rollout_with_the_same_people() -> None:
    found = tune(ENV, seed=3, rounds=(30,), grid=SMALL, refinement={"refused": (0.0,)})
    returns = run(make_task(ENV), found.policy, people_seeds("tune", 3, 30)).ret
    assert found.rows[0]["return"] == returns.mean()
    assert found.rows[0]["sem"] == pytest.approx(returns.std(ddof=1) / np.sqrt(30))


def test_the_same_seed_finds_the_same() -> None:
    one, same = (tune(ENV, rounds=(10, 20), grid=SMALL, refinement=FURTHER) for _ in range(2))
    assert one == same


def test_settings_that_do_the_same_are_settled_for_the_plainest() -> None:
    # On strategies every weight above 0 means the same, so the returns are equal.
    env = EnvConfig(encoder="hash", actions="strategy")
    found = tune(
        env, rounds=(20,), grid={"questions": (1,), "diversity": (4.0, 1.0)}, refinement={"refused": (0.0,)}
    )
    assert found.params["diversity"] == 1.0


@pytest.mark.parametrize(("scenario", "heeds"), [("full", {0.0}), ("context", {0.0, 0.25, 0.5, 1.0})])
def test_settings_are_heeded_where_they_move_people(scenario: str, heeds: set[float]) -> None:
    found = tune(EnvConfig(encoder="hash", scenario=scenario), rounds=(5,), grid={"questions": (1,)})
    assert {row["heed"] for row in found.rows} == heeds


@pytest.mark.parametrize(("n", "left"), [(126, 42), (42, 14), (14, 5), (5, PARENTS), (3, 3), (1, 1)])
def test_survivors(n: int, left: int) -> None:
    assert survivors(n) == left


def test_conversations_of_a_race() -> None:
    # 9 settings with 10 people, 4 of them with 20 more.
    assert conversations_of(9, (10, 30)) == 9 * 10 + 4 * 20


def test_the_grid_is_as_promised() -> None:
    settings = combinations(GRID)
    assert {s["questions"] for s in settings} == set(range(7))
    assert {s["diversity"] for s in settings} >= {0.0, 0.25, 0.5, 1.0, 2.0, 4.0}
    assert {s["again_after"] for s in settings} == {0, 2, 3}
    assert len(settings) == 7 * 3 * len(GRID["diversity"])
    assert ROUNDS[-1] >= 2_000


@pytest.mark.parametrize("rounds", [(), (0, 10), (10, 10)], ids=["none", "nobody", "not-increasing"])
def test_rounds_must_increase(rounds: tuple[int, ...]) -> None:
    with pytest.raises(ConfigError, match="rounds must be increasing"):
        tune(ENV, rounds=rounds)
