"""Each equation of change on numbers worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from simulators.scripted.dynamics import (
    days_away,
    drift_step,
    leaving_logit,
    return_chance,
    satiate,
    satisfy,
    trust_after,
)

F32 = np.float32
NUMBERS = {"base": -4.0, "by_satisfaction": 3.0, "by_waiting": 0.5, "by_questions": 0.25}


def test_satiation_adds_up_and_decays() -> None:
    """1, then 0.5 + 1, then half of it each turn."""
    s = np.zeros((1, 2), F32)
    eaten = np.array([[1.0, 0.0]], F32)
    trail = []
    for consumed in (eaten, eaten, eaten * 0, eaten * 0):
        s = satiate(s, consumed, 0.5)
        trail.append(s[0].tolist())
    assert trail == [[1.0, 0.0], [1.5, 0.0], [0.75, 0.0], [0.375, 0.0]]
    assert s.dtype == np.float32


def test_satisfaction_is_a_moving_average() -> None:
    m = np.array([0.5])
    assert satisfy(m, np.array([-0.5]), 0.7).tolist() == pytest.approx([0.2])
    for _ in range(100):
        m = satisfy(m, np.array([-0.5]), 0.7)
    assert m.tolist() == pytest.approx([-0.5])


@pytest.mark.parametrize(
    ("satisfaction", "waiting", "excess", "logit"),
    [
        pytest.param(0.0, 0.0, 0.0, -4.0, id="base"),
        pytest.param(0.5, 0.0, 0.0, -5.5, id="content"),
        pytest.param(-0.5, 4.0, 0.0, -0.5, id="waits-in-vain"),
        pytest.param(0.0, 0.0, 2.0, -3.5, id="questioned-too-much"),
    ],
)
def test_leaving_by_hand(satisfaction: float, waiting: float, excess: float, logit: float) -> None:
    found = leaving_logit(np.array([satisfaction]), np.array([waiting]), np.array([excess]), **NUMBERS)
    assert found.tolist() == [logit]


@pytest.mark.parametrize(
    ("given", "true", "after"),
    [
        pytest.param(True, True, 0.65, id="true-reason"),  # 0.6 + 0.125 * 0.4
        pytest.param(True, False, 0.45, id="false-reason"),  # 0.6 * 0.75
        pytest.param(False, False, 0.6, id="no-reason"),
    ],
)
def test_trust_by_hand(given: bool, true: bool, after: float) -> None:
    found = trust_after(np.array([0.6]), np.array([given]), np.array([true]), 0.125, 0.25)
    assert found.tolist() == pytest.approx([after])


def test_trust_is_lost_faster_than_won() -> None:
    """Unless there was next to none, a false reason after a true one leaves less than there was."""
    trust, yes = np.linspace(0.32, 1, 50), np.ones(50, bool)
    after = trust_after(trust_after(trust, yes, yes, 0.15, 0.25), yes, ~yes, 0.15, 0.25)
    assert (after < trust).all()
    assert ((after >= 0) & (after <= 1)).all()


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
    moved = drift_step(np.array([[1.0, 0.0]], F32), np.array([[1.0, 0.0]], F32), np.array([reaction]), 0.0625)
    assert moved.tolist() == [expected]


def test_drift_is_bounded() -> None:
    desire = np.array([[7.99]], F32)
    for _ in range(50):
        desire = drift_step(desire, np.ones((1, 1), F32), np.ones(1), 1.0)
    assert desire.tolist() == [[8.0]]


def test_the_chance_to_come_back_is_logistic_in_satisfaction() -> None:
    """sigmoid(1 + 3 * m): 0 at m = -1/3, ln 3 at m = (ln 3 - 1) / 3."""
    m = np.array([-1 / 3, (np.log(3.0) - 1) / 3])
    assert return_chance(m, base=1.0, by_satisfaction=3.0).tolist() == pytest.approx([0.5, 0.75])


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
    found = days_away(np.array([satisfaction]), np.array([uniform]), mean=6.0, by_satisfaction=1.5)
    assert found.tolist() == [days]
