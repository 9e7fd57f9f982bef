"""Each equation of change on numbers worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from simulators.scenarios.scenario import make_scenario
from simulators.scripted.choice import RATING_CUTS
from simulators.scripted.dynamics import drift, leaving_chance, satiate, satisfy, swap_wish, trust_after
from simulators.scripted.people import Rates, rates_of
from simulators.scripted.utility import appetite, satiation_loss, worth_having
from simulators.scripted.visits import days_away, return_chance

F32 = np.float32


def rates(**changes: float) -> Rates:
    return rates_of(make_scenario({"name": "full", **changes}), RATING_CUTS)


def test_satiation_adds_up_and_decays() -> None:
    """1, then 0.5 + 1, then half of it each turn."""
    s = np.zeros(2, F32)
    eaten, nothing = np.array([1.0, 0.0], F32), np.zeros(2, F32)
    trail = []
    for consumed in (eaten, eaten, nothing, nothing):
        satiate(s, consumed, F32(0.5))
        trail.append(s.tolist())
    assert trail == [[1.0, 0.0], [1.5, 0.0], [0.75, 0.0], [0.375, 0.0]]


def test_satisfaction_is_a_moving_average() -> None:
    m = 0.5
    assert satisfy(m, -0.5, 0.7) == pytest.approx(0.2)
    for _ in range(100):
        m = satisfy(m, -0.5, 0.7)
    assert m == pytest.approx(-0.5)


@pytest.mark.parametrize(
    ("satisfaction", "waiting", "excess", "logit"),
    [
        pytest.param(0.0, 0, 0.0, -4.0, id="base"),
        pytest.param(0.5, 0, 0.0, -5.5, id="content"),
        pytest.param(-0.5, 4, 0.0, -0.5, id="waits-in-vain"),
        pytest.param(0.0, 0, 2.0, -3.5, id="questioned-too-much"),
    ],
)
def test_leaving_by_hand(satisfaction: float, waiting: int, excess: float, logit: float) -> None:
    own = rates(leave_base=-4.0, leave_satisfaction=3.0, leave_waiting=0.5, leave_questions=0.25)
    found = leaving_chance(satisfaction, waiting, excess, own)
    assert found == pytest.approx(1 / (1 + np.exp(-logit)))


def test_a_constant_chance_of_leaving_heeds_nothing() -> None:
    assert leaving_chance(-1.0, 9, 9.0, rates(leave_constant=0.08)) == 0.08


@pytest.mark.parametrize(
    ("true", "after"),
    [
        pytest.param(True, 0.65, id="true-reason"),  # 0.6 + 0.125 * 0.4
        pytest.param(False, 0.45, id="false-reason"),  # 0.6 * 0.75
    ],
)
def test_trust_by_hand(true: bool, after: float) -> None:
    assert trust_after(0.6, true, 0.125, 0.25) == pytest.approx(after)


def test_trust_is_lost_faster_than_won() -> None:
    """Unless there was next to none, a false reason after a true one leaves less than there was."""
    for trust in np.linspace(0.32, 1, 50):
        after = trust_after(trust_after(trust, True, 0.15, 0.25), False, 0.15, 0.25)
        assert 0 <= after < trust


@pytest.mark.parametrize(
    ("reaction", "expected"),
    [
        pytest.param(1.0, [1.0 + 4 / 64, 0.0], id="toward"),  # 0.0625 * 1
        pytest.param(-1.0, [1.0 - 4 / 64, 0.0], id="away"),
        pytest.param(0.0, [1.0, 0.0], id="indifferent"),
        pytest.param(0.1, [1.0, 0.0], id="less-than-half-a-step-of-the-grid"),
    ],
)
def test_drift_by_hand(reaction: float, expected: list[float]) -> None:
    desire = np.array([1.0, 0.0], F32)
    drift(desire, np.array([1.0, 0.0], F32), reaction, 0.0625)
    assert desire.tolist() == expected


def test_drift_is_bounded() -> None:
    desire = np.array([7.99], F32)
    for _ in range(50):
        drift(desire, np.ones(1, F32), 1.0, 1.0)
    assert desire.tolist() == [8.0]


@pytest.mark.parametrize(
    ("uniform", "old", "new"),
    [
        # Wanted: 0 and 4. Half of the uniforms swap the one, half the other; 1 and 2 may take 0's place, 3 is unwanted.
        pytest.param(0.0, 0, 1, id="first-wish-for-the-first"),
        pytest.param(0.24, 0, 1, id="first-wish-for-the-first-still"),
        pytest.param(0.26, 0, 2, id="first-wish-for-the-second"),
        pytest.param(0.5, 4, 5, id="second-wish-stays-in-its-facet"),
        pytest.param(np.nextafter(1.0, 0.0), 4, 5, id="the-last-uniform"),
    ],
)
def test_a_swap_of_wishes_by_hand(uniform: float, old: int, new: int) -> None:
    facet_of, facet_start = np.array([0, 0, 0, 0, 1, 1]), np.array([0, 4, 6])
    wanted, unwanted = np.array([1, 0, 0, 0, 1, 0], np.bool_), np.array([0, 0, 0, 1, 0, 0], np.bool_)
    desire = np.array([1.5, 0.25, 0.0, -1.0, 2.0, 0.0], F32)
    before = desire.copy()
    assert swap_wish(wanted, unwanted, desire, 1.25, uniform, facet_of, facet_start) == new
    assert not wanted[old]
    assert wanted[new]
    moved = np.zeros(6)
    moved[old], moved[new] = -1.25, 1.25
    assert (desire - before).tolist() == moved.tolist()


def test_nothing_is_swapped_where_there_is_nothing_else() -> None:
    one, none = np.ones(1, np.bool_), np.zeros(1, np.bool_)
    facet_of, facet_start, desire = np.zeros(1, np.intp), np.array([0, 1]), np.ones(1, F32)
    assert swap_wish(none, none, desire, 1.0, 0.5, facet_of, facet_start) == -1
    assert swap_wish(one, none, desire, 1.0, 0.5, facet_of, facet_start) == -1
    assert desire.tolist() == [1.0]


def test_the_chance_to_come_back_is_logistic_in_satisfaction() -> None:
    """sigmoid(1 + 3 * m): 0 at m = -1/3, ln 3 at m = (ln 3 - 1) / 3."""
    assert return_chance(-1 / 3, 1.0, 3.0) == pytest.approx(0.5)
    assert return_chance((np.log(3.0) - 1) / 3, 1.0, 3.0) == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("uniform", "satisfaction", "days"),
    [
        pytest.param(0.0, 0.0, 1, id="never-the-same-day"),
        pytest.param(0.5, 0.0, 5, id="median"),  # 6 ln 2 = 4.16, rounded up
        pytest.param(0.5, 1.0, 1, id="pleased"),  # 6 exp(-1.5) ln 2 = 0.93
        pytest.param(0.5, -1.0, 19, id="displeased"),  # 6 exp(1.5) ln 2 = 18.6
    ],
)
def test_days_away_shrink_with_satisfaction(uniform: float, satisfaction: float, days: int) -> None:
    assert days_away(satisfaction, uniform, 6.0, 1.5) == days


@pytest.mark.parametrize(
    ("satiability", "satiation", "sating", "lost"),
    [
        pytest.param(1.5, [1.0, 0.0, 3.0], [2.0, 1.0, 0.0], 3.0, id="overlap-of-one-value"),
        pytest.param(0.5, [0.5, 2.0, 0.0], [1.0, 0.25, 1.0], 0.5, id="two-values-add-up"),
        pytest.param(0.0, [4.0, 4.0, 4.0], [1.0, 1.0, 1.0], 0.0, id="never-sated"),
    ],
)
def test_loss_to_satiation_by_hand(
    satiability: float, satiation: list[float], sating: list[float], lost: float
) -> None:
    """``b (s . x)``, which is what the worth of each value loses, times how much of it the item has."""
    b, s, x = F32(satiability), np.array(satiation, F32), np.array(sating, F32)
    assert satiation_loss(b, s, x, np.empty(3, F32)) == lost
    desire, worth = np.ones(3, F32), np.empty(3, F32)
    appetite(desire, s, b, worth)
    assert (desire - worth) @ x == lost
    assert [worth_having(d, own, b) for d, own in zip(desire, s, strict=True)] == (worth > 0).tolist()
