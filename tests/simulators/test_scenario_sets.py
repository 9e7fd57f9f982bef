"""What each scenario claims of its break-even, held to simulations of the people themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from agents.baselines import make_baseline
from agents.planner import Oracle
from chatrec_env.core.kernel import start_batch
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.rendering import conversation
from chatrec_env.envs.task import make_task
from experiments.evaluate.rollout import meet, people_seeds, run
from experiments.evaluate.stats import Interval, paired_interval
from simulators.scenarios.scenario import NULL, SCENARIOS
from simulators.scripted.dynamics import satiate, swap_wish
from simulators.scripted.visits import come_back

Crowd = Callable[..., Any]

NEW = ("satiation", "patience", "drift", "retention", "noisy", "context")


def gain(scenario: Any, people: int = 400, seed: int = 7, **params: Any) -> Interval:
    """What these settings of the heuristic gain on the myopic policy, person by person."""
    task = make_task(EnvConfig(encoder="hash", observation="tabular", scenario=scenario))
    seeds = people_seeds("tune", seed, people)
    heuristic = make_baseline("ask_then_recommend", **{"questions": 0, "diversity": 0.0, **params})
    return paired_interval(run(task, heuristic, seeds).ret, run(task, make_baseline("greedy"), seeds).ret)


def turns_left(h: float, horizon: int = 20) -> float:
    """Turns to be expected at a chance ``h`` of leaving per turn."""
    return (1 - (1 - h) ** horizon) / h


def sigmoid(x: float) -> float:
    return 1 / (1 + float(np.exp(-x)))


@pytest.mark.parametrize(
    ("name", "own"), [("satiation", {"satiation": 0.0}), ("drift", {"changes_mind": 0.0})]
)
def test_without_its_effect_the_myopic_policy_knows_all(name: str, own: dict[str, Any]) -> None:
    """Oracle and greedy then do the same with nearly everybody (a few ratings are believed too much)."""
    task = make_task(EnvConfig(encoder="hash", observation="tabular", scenario={"name": name, **own}))
    seeds = people_seeds("tune", 0, 100)
    greedy, knowing = (run(task, p, seeds).ret for p in (make_baseline("greedy"), Oracle(task)))
    assert (greedy == knowing).mean() >= 0.9
    assert abs(knowing.mean() - greedy.mean()) < 0.05


def test_taking_turns_pays_from_the_break_even_of_satiation_on() -> None:
    """Two kinds on the real equation: sums of utility over a long time cross at g (1 - d^2) / (2 m)."""
    decay, g, m = 0.85, 1.25, 2.125
    x = np.array([[1.0, 0.75, 0.75, 0, 0, 0], [0, 0, 0, 1.0, 0.75, 0.75]], np.float32)
    assert float((x[0] ** 2).sum()) == m
    even = g * (1 - decay**2) / (2 * m)
    assert even == pytest.approx(0.08, abs=0.005)

    def mean(b: float, plan: tuple[int, ...]) -> float:
        s, total, turns = np.zeros(6, np.float32), 0.0, 2000
        for t in range(turns):
            kind = plan[t % len(plan)]
            total += g * (kind == 0) - b * float((s * x[kind]).sum())
            satiate(s, x[kind], np.float32(decay))
        return total / turns

    assert mean(0.9 * even, (0,)) > mean(0.9 * even, (0, 1))
    assert mean(1.1 * even, (0,)) < mean(1.1 * even, (0, 1))


def test_variety_pays_in_satiation_and_not_below_the_break_even() -> None:
    assert gain("satiation", 100, diversity=2.0).low > 0.5
    assert gain({"name": "satiation", "satiation": 0.04}, 100, diversity=0.5).high < -0.5


def test_questions_pay_in_patience_until_it_is_gone() -> None:
    patient, leaving = turns_left(sigmoid(-3)), sigmoid(-2)
    assert patient / (patient - 1) == pytest.approx(1.08, abs=0.005)
    assert patient / ((1 - leaving) * turns_left(leaving, 19)) == pytest.approx(1.95, abs=0.005)
    assert gain("patience", questions=1).low > 0.0
    assert gain({"name": "patience", "patience": 50.0}, 200, questions=2).low > 0.3
    assert gain({"name": "patience", "patience": 0.0}, 100, questions=1).high < -1.0


def test_half_of_the_first_wishes_are_gone_when_drift_says(crowd: Crowd) -> None:
    """Changed by the people's own rule, at the scenario's rate, wish by wish as ``(1 - c / w)^t``."""
    users, people, _ = crowd(3000, "drift")
    first, w = people.wanted.copy(), people.wanted.sum(1)
    rng = np.random.default_rng(0)
    assert np.log(2) / -np.log(1 - 0.25 / 2.5) == pytest.approx(6.6, abs=0.03)
    for _ in range(6):
        whether, which = rng.random(3000), rng.random(3000)
        for n in np.flatnonzero(whether < users.scenario.changes_mind):
            swap_wish(
                people.wanted[n],
                people.unwanted[n],
                people.desire[n],
                people.goal_size[n],
                which[n],
                users.items.facet_of,
                users.items.facet_start,
            )
    for count in (2, 3):
        rows = w == count
        assert rows.sum() > 250
        left = (first & people.wanted)[rows].sum() / first[rows].sum()
        # A little above: a wish may be swapped back, or have no other value to be swapped for.
        assert (1 - 0.25 / count) ** 6 - 0.03 < left < (1 - 0.25 / count) ** 6 + 0.05


def test_wishes_of_drift_change_without_a_word(crowd: Crowd) -> None:
    task = make_task(EnvConfig(encoder="hash", scenario="drift"))
    state: Any = meet(task, people_seeds("tune", 0, 50))
    before = state.people.wanted.copy()
    users = task.users
    system = task.actions.decode(task.manager, state.dialogue, np.full(50, task.actions.fallback))
    turn = users.respond(state.people, system, state.draws[:, 0, 2:])
    changed = (before != state.people.wanted).any(1)
    assert changed.sum() >= 5
    table = task.manager.table
    table.ensure(turn.sentences)
    said = [" ".join(table.text(int(s)) for s in row if s >= 0) for row in turn.sentences[changed]]
    new = (state.people.wanted & ~before)[changed].argmax(1)
    names = [task.manager.catalog.value_names[v] for v in new]
    assert not any(name.lower() in text.lower() for name, text in zip(names, said, strict=True))


def test_questions_pay_over_several_visits_and_not_in_one() -> None:
    one, many = turns_left(0.25), turns_left(0.25 * 0.4)
    assert one / (one - 1) == pytest.approx(1.33, abs=0.01)
    assert many / (many - 1) == pytest.approx(1.13, abs=0.005)
    assert gain({"name": "retention", "season": 0.0}, 200, questions=2).high < 0.0
    assert gain("retention", 200, questions=2).low > 0.3


def test_the_satisfied_come_back_more_and_sooner(crowd: Crowd) -> None:
    users, people, _ = crowd(8000, "retention")
    people.satisfaction[:4000], people.satisfaction[4000:] = 0.2, -1 / 3
    people.satiation[:], people.questions[:] = 1.0, 3
    draws = np.random.default_rng(1).random((8000, 2))
    leave = np.ones(8000, np.bool_)
    leave[::4] = False
    back = come_back(people, leave, draws[:, 0], draws[:, 1], users.rates)
    assert not back[::4].any()
    happy, sad = back[:4000], back[4000:]
    # Less than sigmoid(1 + 3 m): some would come back when the season is over.
    assert 0.78 < happy.sum() / 3000 < 0.84
    assert 0.43 < sad.sum() / 3000 < 0.51
    days = people.day
    assert 4.4 < days[:4000][happy].mean() < 5.1
    assert days[4000:][sad].mean() > 7
    assert (days[back] >= 1).all()
    assert days.max() <= 30
    assert (people.visits == 1 + back).all()
    np.testing.assert_allclose(people.satiation[back, 0], 0.5 ** days[back].astype(float), rtol=1e-5)
    assert (people.questions == np.where(back, 0, 3)).all()


def test_a_return_is_heard(crowd: Crowd) -> None:
    """Goodbye, greeting, wish: in this order, in one turn; and the conversation goes on."""
    task = make_task(
        EnvConfig(encoder="hash", scenario={"name": "retention", "leave_constant": 1.0, "away": 0.1})
    )
    state: Any = start_batch(task, np.random.default_rng(0).random((40, task.n_draws)))
    from chatrec_env.core.kernel import step_batch

    turn = step_batch(task, state, np.full(40, task.actions.fallback))
    back = np.flatnonzero(~turn.terminated)
    assert 10 < len(back) < 40
    assert (turn.terms["leave"][back] == 0).all()
    assert (state.people.visits[back] == 2).all()
    assert (turn.user.sentences[back] >= 0).all(1).sum() > 0.5 * len(back)
    said = conversation(task, state, int(back[0]))[-1][1]
    value = (
        state.people.wanted[back[0]]
        * [task.manager.catalog.facets[f].weight for f in task.manager.catalog.value_facet]
    ).argmax()
    assert len(said.split(".")) >= 2
    assert state.people.told[back[0], value]


def test_asking_pays_with_those_who_know_and_not_with_the_vague() -> None:
    n = turns_left(0.05)
    assert 1 / (n - 1) / 0.25 == pytest.approx(0.34, abs=0.005)
    s = SCENARIOS["noisy"]
    assert (1 - s.ignores) * s.knows == pytest.approx(0.77, abs=0.006)
    assert (1 - s.ignores) * s.knows / 3 == pytest.approx(0.26, abs=0.006)
    assert gain({"name": "noisy", "vague": 0.0}, people=800, questions=1).low > 0.0
    assert gain({"name": "noisy", "vague": 1.0}, questions=1).high < 0.0


@pytest.mark.parametrize("name", NEW)
def test_a_scenario_adds_to_null_and_nothing_of_the_rest(name: str) -> None:
    """Tastes are the goal in all of them, so that what is at stake is their own effect."""
    made = SCENARIOS[name]
    for field in ("taste_scale", "factor_scale", "goal_spread", "pickiness_spread", "generosity_spread"):
        assert getattr(made, field) == getattr(NULL, field) == 0.0
    assert (made.satiation > 0) == (name == "satiation")
    assert (made.season > 0) == (name == "retention")
    assert (made.careless > 0) == (name == "noisy")
    assert (made.settings > 0) == (name == "context")
    assert (made.leave_constant < 0) == (name == "patience")
