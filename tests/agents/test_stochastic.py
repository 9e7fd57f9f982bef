"""Chances worked out by hand: what is drawn, how likely it was, and how agents are softened."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np
import pytest

from agents.base import Decision, decision
from agents.baselines import make_baseline
from agents.stochastic import EpsilonGreedy, Softmax, chances_of, draw, even_chances, n_heads, propensity
from chatrec_env.core.actions import STRATEGIES
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ConfigError
from experiments.evaluate.rollout import meet, people_seeds

STRATEGY = EnvConfig(encoder="none", n_candidates=4, actions="strategy")
ITEMS = EnvConfig(encoder="none", n_candidates=4)
SLATE = EnvConfig(encoder="none", n_candidates=3, slate_size=2, actions="slate")


def situation(env: EnvConfig, scores: list[float] | None = None, n: int = 1) -> Decision:
    task = make_task(env)
    made = decision(task, meet(task, people_seeds("eval", 0, n)))
    if scores is not None:
        made.dialogue.scores[:] = scores
    return made


@pytest.mark.parametrize(
    ("uniform", "action"), [(0.0, 0), (0.19, 0), (0.21, 1), (0.69, 1), (0.71, 2), (0.9999999, 2)]
)
def test_an_action_is_drawn_where_the_uniform_falls(uniform: float, action: int) -> None:
    chances = np.array([[0.2, 0.5, 0.3, 0.0, 0.0, 0.0]])
    assert draw(make_task(STRATEGY), chances, np.array([uniform])).tolist() == [action]
    assert propensity(make_task(STRATEGY), chances, np.array([action])).tolist() == [[0.2, 0.5, 0.3][action]]


def slate_chances(recommend: float, strengths: list[float]) -> Any:
    heads = n_heads(make_task(SLATE))
    return np.array([[recommend, *[(1 - recommend) / (heads - 1)] * (heads - 1), *strengths]])


def test_the_chance_of_a_slate_is_that_of_its_places_one_after_the_other() -> None:
    chances, task = slate_chances(0.5, [0.5, 0.3, 0.2]), make_task(SLATE)
    found = propensity(task, chances, np.array([[0, 1, 0]]))
    assert found[0] == pytest.approx(0.5 * 0.3 * 0.5 / 0.7)
    assert (
        propensity(task, chances, np.array([[3, 1, 0]]))[0] == chances[0, 3]
    )  # a question: places mean nothing
    slates = [[0, *places] for places in permutations(range(3), 2)]
    every = propensity(task, np.repeat(chances, len(slates), 0), np.array(slates))
    assert every.sum() == pytest.approx(0.5)


def test_slates_are_drawn_as_often_as_their_chance_says() -> None:
    task, n = make_task(SLATE), 100_000
    chances = np.repeat(slate_chances(0.5, [0.5, 0.3, 0.2]), n, 0)
    drawn = draw(task, chances, (np.arange(n) + 0.5) / n)
    for places in permutations(range(3), 2):
        wanted = propensity(task, chances[:1], np.array([[0, *places]]))[0]
        assert (drawn == [0, *places]).all(1).mean() == pytest.approx(wanted, abs=1e-3)


def test_where_candidates_run_out_the_places_left_are_certain() -> None:
    task, chances = make_task(SLATE), slate_chances(1.0, [0.0, 1.0, 0.0])
    drawn = draw(task, chances, np.array([0.4]))
    assert drawn.tolist() == [[0, 1, 1]]
    assert propensity(task, chances, drawn).tolist() == [1.0]


def test_epsilon_greedy_is_the_agents_action_and_a_share_of_all_legal_ones() -> None:
    seen = situation(STRATEGY)
    legal = seen.mask[0]
    chances = EpsilonGreedy(make_baseline("greedy"), 0.3).chances(seen)[0]
    exploit = STRATEGIES.index("exploit")
    assert chances[exploit] == pytest.approx(0.7 + 0.3 / legal.sum())
    assert np.delete(chances, exploit)[np.delete(legal, exploit)].tolist() == pytest.approx(
        [0.3 / legal.sum()] * (legal.sum() - 1)
    )
    assert (chances[~legal] == 0).all()
    assert chances.sum() == pytest.approx(1.0)


def test_a_softened_slate_is_likeliest_the_agents_own() -> None:
    seen = situation(SLATE, scores=[1.0, 3.0, 2.0])
    chances = EpsilonGreedy(make_baseline("greedy"), 0.1).chances(seen)
    heads = n_heads(seen.task)
    assert (chances[0, heads:] / chances[0, heads + 1]).tolist() == pytest.approx([0.01, 1.0, 0.1])
    assert chances[0, :heads].sum() == pytest.approx(1.0)
    assert chances[0, 0] == pytest.approx(0.9 + 0.1 / seen.mask[0, :heads].sum())


def test_softmax_weighs_candidates_by_their_scores() -> None:
    seen = situation(ITEMS, scores=[1.0, 2.0, 0.0, 0.0])
    chances = Softmax(make_baseline("greedy"), 0.5).chances(seen)[0, -4:]
    assert chances[1] / chances[0] == pytest.approx(np.exp(2.0))
    assert chances.sum() == pytest.approx(1.0)
    asks = Softmax(make_baseline("ask_then_recommend"), 0.5).chances(seen)[0]
    assert (asks.max(), asks[-4:].sum()) == (1.0, 0.0)  # it asks when it would


@dataclass
class Network:
    """Says how it would weigh actions, and takes the likeliest, as PPO does."""

    name: str = "network"

    def probabilities(self, seen: Decision) -> Any:
        return np.tile([0.5, 0.25, 0.25, 0.0, 0.0, 0.0], (len(seen), 1))

    def act(self, seen: Decision, uniforms: Any) -> Any:
        return np.zeros(len(seen), np.int64)


def test_a_network_is_played_as_it_acts_or_softened_by_its_own_probabilities() -> None:
    seen = situation(STRATEGY)
    seen.mask[:] = True
    assert chances_of(Network(), seen)[0].tolist() == [1, 0, 0, 0, 0, 0]
    assert Softmax(Network(), 1.0).chances(seen)[0] == pytest.approx([0.5, 0.25, 0.25, 0, 0, 0])
    assert Softmax(Network(), 0.5).chances(seen)[0] == pytest.approx([4 / 6, 1 / 6, 1 / 6, 0, 0, 0])


@pytest.mark.parametrize("env", [ITEMS, STRATEGY, SLATE], ids=["items", "strategy", "slate"])
def test_the_draw_of_a_row_does_not_depend_on_the_others(env: EnvConfig) -> None:
    seen = situation(env, n=6)
    chances, uniforms = EpsilonGreedy(make_baseline("greedy"), 0.5).chances(seen), np.linspace(0, 0.99, 6)
    together = draw(seen.task, chances, uniforms)
    alone = [draw(seen.task, chances[i : i + 1], uniforms[i : i + 1])[0] for i in range(6)]
    assert np.array_equal(together, np.stack(alone))
    assert (np.take_along_axis(seen.mask, together.reshape(6, -1)[:, :1], 1)).all()


def test_random_says_that_all_is_alike() -> None:
    seen = situation(SLATE)
    assert np.array_equal(chances_of(make_baseline("random"), seen), even_chances(seen))


@dataclass
class Secretive:
    """Draws, and does not say with what chances."""

    name: str = "secretive"

    def act(self, seen: Decision, uniforms: Any) -> Any:
        return (uniforms * 3).astype(np.int64)


def test_what_cannot_be_said_is_refused() -> None:
    with pytest.raises(ConfigError, match="secretive draws its actions"):
        chances_of(Secretive(), situation(STRATEGY))
    with pytest.raises(ConfigError, match="always shows one slate"):
        chances_of(make_baseline("greedy"), situation(SLATE))
    with pytest.raises(ConfigError, match="no preferences among strategies"):
        Softmax(make_baseline("greedy"), 0.5).chances(situation(STRATEGY))
    with pytest.raises(ConfigError, match="epsilon must lie"):
        EpsilonGreedy(make_baseline("greedy"), 0.0)
    with pytest.raises(ConfigError, match="temperature must be"):
        Softmax(make_baseline("greedy"), 0.0)
    with pytest.raises(
        ConfigError, match=r"at most 100, got 1000000000\.0\. Example: greedy:temperature=0\.5"
    ):
        Softmax(make_baseline("greedy"), 1e9)
