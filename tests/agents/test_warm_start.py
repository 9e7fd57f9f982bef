"""PPO begins where the best heuristic is: softened choices, what is gathered and imitated, and what is kept."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from agents.base import Decision, decision, likeliest
from agents.baselines import AskThenRecommend, Greedy
from agents.ppo.config import PPOConfig
from agents.ppo.learning import begin
from agents.ppo.network import Critic, RankerNetwork, network_shape
from agents.ppo.projection import SPREAD, fit_projection
from agents.ppo.warm_start import (
    SHARPNESS,
    STRAY,
    WORTH_SCALE,
    Experience,
    best_heuristic,
    draw_people,
    gather,
    imitate,
    imitation_loss,
    knows_worth,
    mean_return,
    soften,
    true_worth,
)
from agents.serving.ranker import SPEECH_SCALE
from chatrec_env.core.kernel import start_batch, step_batch
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task

ENV = EnvConfig(encoder="hash", max_turns=6)
ASKS = AskThenRecommend(questions=1, diversity=0.5)


def greedily(seen: Decision) -> Any:
    return Greedy().act(seen, np.zeros(len(seen)))


def test_the_projection_keeps_what_varies() -> None:
    """Column 0 varies by 2, column 1 by 1, and column 2 never: two components, each scaled to the same spread."""
    rows = np.array([[2, 0, 7], [-2, 0, 7], [0, 1, 7], [0, -1, 7]], np.float32)
    projection = fit_projection(rows, 5)
    assert projection.mean.tolist() == [0, 0, 7]
    narrow = projection(np.concatenate([rows, np.full((4, 1), 9, np.float32)], axis=1))
    spread = np.sqrt(2) * SPREAD / SPEECH_SCALE
    np.testing.assert_allclose(np.abs(narrow[[0, 2]]), [[spread, 0, 9], [0, spread, 9]], atol=1e-6)
    assert fit_projection(rows, 1).matrix.shape == (3, 1)
    assert fit_projection(rows, 0)(rows) is rows
    assert fit_projection(np.ones((4, 3), np.float32), 5)(rows).shape == (4, 1)


def test_a_projection_has_the_same_bits_whatever_the_number_of_threads() -> None:
    """Seen in two runs of one seed: with two threads NumPy adds up in another order."""
    code = (
        "import hashlib, numpy as np\n"
        "from agents.ppo.agent import one_thread\n"
        "from agents.ppo.projection import fit_projection\n"
        "rows = np.random.default_rng(0).normal(size=(4000, 384)).astype(np.float32)\n"
        "with one_thread():\n"
        "    found = fit_projection(rows, 48)\n"
        "    print(hashlib.sha256(found.matrix.tobytes() + found(rows).tobytes()).hexdigest())\n"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "OMP_NUM_THREADS": threads},
            check=True,
            capture_output=True,
        ).stdout
        for threads in ("1", "2")
    }
    assert len(told) == 1


def test_a_folded_network_does_what_the_narrow_one_does() -> None:
    task = make_task(ENV)
    seen = decision(task, start_batch(task, draw_people(task, 20, 0, key=9)))
    shape = network_shape(task, hidden=8, item=4, speech=4)
    projection = fit_projection(seen.observation[:, : shape.conversation], 6)
    torch.manual_seed(0)
    narrow = RankerNetwork(projection.narrow(shape))
    torch.nn.init.normal_(narrow.speech.weight)
    whole = projection.fold(narrow, shape)
    mine = narrow(torch.from_numpy(projection(seen.observation)))
    other = whole(torch.from_numpy(seen.observation))
    np.testing.assert_allclose(mine.detach(), other.detach(), atol=1e-4)


@pytest.mark.parametrize(
    "change", [{}, {"talk": "crs"}, {"actions": "strategy"}], ids=["items", "talk", "strategy"]
)
def test_a_softened_heuristic_does_the_same_most_often(change: dict[str, Any]) -> None:
    task = make_task(replace(ENV, **change))
    for heuristic in (ASKS, AskThenRecommend(questions=0)):
        seen = decision(task, start_batch(task, draw_people(task, 40, 0, key=9)))
        odds = soften(heuristic, seen)
        np.testing.assert_allclose(odds.sum(1), 1.0)
        assert (odds[~seen.mask] == 0).all()
        chosen = heuristic.act(seen, np.zeros(40))
        assert (odds.max(1) - odds[np.arange(40), chosen] < 1e-6).all()
        if heuristic is ASKS:
            assert (odds[np.arange(40), chosen] >= 1 - STRAY - 1e-6).all()


def gathered(people: int, gamma: float, *, appraisal: bool = True, **lesson: Any) -> Experience:
    config = PPOConfig(warm_start=people, gamma=gamma, appraisal=appraisal, projection=0)
    return gather(make_task(ENV), ASKS, config, **lesson)[0]


def test_what_is_gathered_carries_the_discounted_return() -> None:
    """With a discount of 0 the value is the reward of the turn; with 1, the first values sum to the returns."""
    now, all_of_it = (gathered(30, gamma) for gamma in (0.0, 1.0))
    np.testing.assert_array_equal(now.observation, all_of_it.observation)
    assert now.value.sum() == pytest.approx(all_of_it.value[:30].sum(), abs=1e-4)
    assert (now.odds[~now.mask] == 0).all()


def test_a_pupil_acts_and_the_heuristic_says_what_it_would_do() -> None:
    """A pupil that never asks: at the second turn as at the first, the heuristic would ask its one question."""
    task = make_task(ENV)

    def network(observation: torch.Tensor) -> torch.Tensor:
        logits = torch.zeros(len(observation), task.actions.n)
        logits[:, task.actions.fallback] = 50.0
        return logits

    pupil: Any = network, fit_projection(np.zeros((0, 3), np.float32), 0)
    own, taught = gathered(40, 0.9), gathered(40, 0.9, lesson=1, pupil=pupil)
    second = slice(40, 60)
    assert own.odds[second, : task.actions.fallback].sum(1).mean() < 0.5
    assert taught.odds[second, : task.actions.fallback].sum(1).mean() > 1 - STRAY - 0.01


def test_every_lesson_has_people_of_its_own() -> None:
    first, other, again = (gathered(20, 0.9, lesson=lesson).observation[:20] for lesson in (0, 1, 1))
    assert not (first == other).all(1).any()
    np.testing.assert_array_equal(other, again)


def test_all_lessons_are_learned_from() -> None:
    """Two lessons teach what they would as one; the second alone teaches something else."""
    task = make_task(ENV)
    lessons = [gathered(20, 0.9, lesson=lesson) for lesson in (0, 1)]
    whole = Experience(*(np.concatenate([getattr(e, n) for e in lessons]) for n in Experience.__slots__))
    learned = []
    for taught in (lessons, [whole], lessons[1:]):
        torch.manual_seed(0)
        network = RankerNetwork(network_shape(task, hidden=8, item=4, speech=4))
        imitate(network, Critic(network.shape.width, lessons[0].worth.shape[1]), taught)
        learned.append(network.trunk_1.weight.detach())
    assert torch.equal(learned[0], learned[1])
    assert not torch.equal(learned[0], learned[2])


def test_the_network_meets_people_in_as_many_lessons_as_told(monkeypatch: pytest.MonkeyPatch) -> None:
    met: list[tuple[int, bool]] = []

    def noting(*arguments: Any, lesson: int = 0, pupil: Any = None) -> Any:
        met.append((lesson, pupil is not None))
        return gather(*arguments, lesson=lesson, pupil=pupil)

    monkeypatch.setattr("agents.ppo.learning.gather", noting)
    begin(make_task(ENV), ENV, PPOConfig(warm_start=10, check_people=0, rounds=2))
    assert met == [(0, False), (1, True), (2, True)]


def test_teachers_know_what_candidates_are_expected_to_bring() -> None:
    """20 people, the first candidate recommended 400 times: the mean of what was paid for it."""
    task = make_task(ENV)
    first = start_batch(task, draw_people(task, 20, 0, key=9))
    worth = true_worth(task, first, decision(task, first))
    assert worth.shape == (20, task.manager.n_candidates)
    state = first.take(np.repeat(np.arange(20), 400))
    state.draws[:] = np.random.default_rng(0).random(state.draws.shape)
    turn = step_batch(task, state, np.full(8000, task.actions.fallback))
    paid = (turn.terms["click"] + turn.terms["rating"]).reshape(20, 400).mean(1)
    np.testing.assert_allclose(worth[:, 0], paid, atol=0.15)
    assert worth[:, 0].mean() == pytest.approx(paid.mean(), abs=0.03)


def test_worth_is_gathered_where_it_is_known() -> None:
    """Not where actions name no candidates."""
    assert gathered(5, 0.9).worth.shape[1] == make_task(ENV).manager.n_candidates
    assert gathered(5, 0.9, appraisal=False).worth.shape[1] == 0
    assert not knows_worth(make_task(replace(ENV, actions="strategy")))


def test_the_imitation_loss_by_hand() -> None:
    """One question and two candidates that bring 0.2 and 0; logits log 2, then 3 and 0, which say so."""
    mask, odds = torch.ones(1, 3, dtype=torch.bool), torch.tensor([[0.25, 0.5, 0.25]])
    logits = torch.tensor([[np.log(2.0), SHARPNESS, 0.0]], dtype=torch.float32)
    worth = torch.tensor([[1.0, 0.0]]) / WORTH_SCALE
    total = 2 + np.exp(3) + 1
    choosing = -(0.25 * np.log(2 / total) + 0.75 * np.log((np.exp(3) + 1) / total))
    assert imitation_loss(logits, mask, odds, worth).item() == pytest.approx(choosing, abs=1e-5)
    # Neither brings anything: each candidate is off by half a unit of utility.
    assert imitation_loss(logits, mask, odds, 0 * worth).item() == pytest.approx(choosing + 0.25, abs=1e-5)
    cross_entropy = -(0.25 * np.log(2) + 0.5 * 3 - np.log(total))
    assert imitation_loss(logits, mask, odds, worth[:, :0]).item() == pytest.approx(cross_entropy, abs=1e-5)


def test_the_network_learns_to_do_as_the_heuristic_does() -> None:
    task = make_task(ENV)
    experience = gathered(600, 0.9, appraisal=False)
    torch.manual_seed(0)
    network = RankerNetwork(network_shape(task, hidden=32, item=8, speech=4))
    seen = decision(task, start_batch(task, draw_people(task, 200, 0, key=9)))
    wanted = ASKS.act(seen, np.zeros(200))

    def agreement() -> float:
        with torch.inference_mode():
            logits = network(torch.from_numpy(seen.observation)).numpy()
        return float((likeliest(logits, seen.mask) == wanted).mean())

    before = agreement()
    imitate(network, Critic(network.shape.width), [experience])
    assert agreement() > max(before, 0.6)


def test_in_null_the_best_heuristic_is_greedy() -> None:
    """There is nothing to ask and nothing to vary: the first of equals has no question and no weight of variety."""
    task = make_task(replace(ENV, scenario="null", observation="tabular", max_turns=20))
    found = best_heuristic(task, 0)
    draws = draw_people(task, 200, 0, key=9)
    earned = mean_return(task, lambda seen: found.act(seen, np.zeros(len(seen))), draws)
    assert earned == pytest.approx(mean_return(task, greedily, draws), abs=0.05)


def test_the_weights_kept_are_the_best_so_far() -> None:
    """A network that got worse is not kept."""
    task = make_task(ENV)
    config = PPOConfig(warm_start=200, check_people=60, projection=8, network={"hidden": 32, "item": 8})
    torch.manual_seed(0)
    learning = begin(task, ENV, config)
    kept, earned = learning.kept().state_dict(), learning.best_return
    with torch.no_grad():
        learning.network.item_prior.weight.neg_()
        learning.network.item_out.weight.neg_()
    for _ in range(50):
        learning.average.update(learning.network)
    learning.consider()
    assert learning.best_return == earned
    assert all(torch.equal(value, kept[name]) for name, value in learning.kept().state_dict().items())
