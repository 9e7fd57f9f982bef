"""Verdicts of a shaping study: by hand, on made-up trainings whose truth is known, and how often they are wrong."""

from __future__ import annotations

import math

import numpy as np
import pytest

from experiments.evaluate.stats import Interval
from experiments.shaping.table import pace
from experiments.shaping.verdicts import (
    ALPHA,
    differing,
    hacking,
    log_times,
    rising,
    same,
    signs,
    speed,
    turns_until,
)

TURNS = [1000, 2000, 4000, 8000]


def test_all_patterns_of_signs_the_first_of_which_changes_nothing() -> None:
    assert signs(2).tolist() == [[1, 1], [1, -1], [-1, 1], [-1, -1]]
    assert signs(20).shape == (4096, 20)
    assert (signs(20)[0] == 1).all()


def test_adjusted_p_values_by_hand() -> None:
    """Three seeds: of eight patterns only one has all signs as they are, so a sure rise has p = 1/8."""
    one = np.array([[1.0], [2.0], [3.0]])
    assert rising(one).tolist() == [1 / 8]
    assert rising(-one).tolist() == [1.0]
    assert differing(one).tolist() == [2 / 8]
    # A second difference of no direction: it can only raise what is the largest of both.
    both = rising(np.array([[1.0, 1.0], [2.0, -1.0], [3.0, 0.5]]))
    assert both[0] >= 1 / 8
    assert both[1] > both[0]


@pytest.mark.parametrize(
    ("curve", "until"),
    [
        pytest.param([0.0, 1.0, 2.0, 2.0], 4000, id="reached-and-kept"),
        pytest.param([2.0, 0.0, 1.0, 2.0], 8000, id="lost-again"),
        pytest.param([2.0, 1.9, 2.1, 2.0], 1000, id="a-little-noise-is-no-loss"),
        pytest.param([0.0, 1.0, 1.5, 1.9], math.inf, id="never"),
    ],
)
def test_turns_until_a_target_is_reached_for_good(curve: list[float], until: float) -> None:
    assert turns_until(TURNS, np.array(curve), 2.0) == until


def test_speed_by_hand() -> None:
    """Two seeds: 8,000 and 4,000 turns instead of 2,000 and 1,000 are 4 times as fast."""
    base = np.array([[0.0, 0.0, 0.0, 4.0], [0.0, 0.0, 4.0, 4.0]])
    fast = np.array([[0.0, 4.0, 4.0, 4.0], [4.0, 4.0, 4.0, 4.0]])
    own, other, logs = log_times(TURNS, fast, base, 0.95)
    assert own.tolist() == [2000, 1000]
    assert other.tolist() == [8000, 4000]
    assert np.exp(logs) == pytest.approx([4.0, 4.0])
    found = speed(TURNS, fast, base, 0.95)
    assert (found["until"], found["base_until"], found["missed"]) == (1500, 6000, 0)
    assert found["times"]["mean"] == pytest.approx(4.0)
    # looks stand for the turns before them: weights 1/8, 1/8, 2/8, 4/8; gains of 4 at looks 2-3 and 1-2
    assert found["while_learning"]["mean"] == pytest.approx((4 * 3 / 8 + 4 * 2 / 8) / 2)
    assert speed(TURNS, base - 1.0, base, 0.95)["until"] is None


@pytest.mark.parametrize(
    ("p_times", "p_while_learning", "shown"),
    [
        pytest.param(0.01, 0.8, "faster", id="sooner-there"),
        pytest.param(0.8, 0.01, "slower", id="less-on-the-way"),
        pytest.param(0.01, 0.02, "faster", id="the-surer-counts"),
        pytest.param(0.06, 0.3, None, id="neither"),
    ],
)
def test_faster_or_slower_is_what_the_surer_figure_says(
    p_times: float, p_while_learning: float, shown: str | None
) -> None:
    """1.5 times as fast to the target, and less return on the way."""
    found = {"times": {"mean": 1.5}, "while_learning": {"mean": -0.1}}
    assert pace(found, p_times, p_while_learning) == shown


def test_same_means_that_the_whole_interval_lies_within_the_margin() -> None:
    assert same(Interval(0.0, -0.1, 0.1, 9), 0.2)
    assert not same(Interval(0.0, -0.3, 0.3, 9), 0.2)
    assert not same(Interval(math.nan, math.nan, math.nan, 0), 0.2)


def trainings(
    paid: list[float], yardstick: list[float], seeds: int = 8, noise: float = 0.1
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Curves around these means, (seeds, looks)."""
    rng = np.random.default_rng(3)
    of_seeds = rng.normal(0.0, 1.0, (2, seeds, 1))  # easy people and hard ones, at every look
    own, other = (
        of_seeds[i] + mean + rng.normal(0.0, noise, (seeds, len(mean)))
        for i, mean in enumerate((np.array(paid), np.array(yardstick)))
    )
    return own, {"return": other, "rating": rng.normal(4.0, noise, other.shape)}


def test_a_hacked_reward_is_caught_with_the_turn_it_begins_at() -> None:
    """The yardstick rises first, then falls while what is paid goes on rising: from the third look on."""
    paid, yardsticks = trainings([0, 2, 3, 4, 5], [1, 2, 1, 0, -1])
    found = hacking([1, 2, 3, 4, 5], paid, yardsticks, {"return": 0.25, "rating": 0.1})
    assert found["hacked"]
    assert found["p"] == pytest.approx(2 / 2**8)  # the smallest that eight seeds can show
    assert (found["yardstick"], found["all"]) == ("return", ["return"])
    assert (found["since"], found["reference"]) == (3, 2)
    assert found["rise"]["mean"] == pytest.approx(3.0, abs=0.2)
    assert found["fall"]["mean"] == pytest.approx(3.0, abs=0.2)


@pytest.mark.parametrize(
    ("paid", "yardstick"),
    [
        pytest.param([0, 1, 2, 3], [0, 1, 2, 3], id="both-rise"),
        pytest.param([3, 2, 1, 0], [3, 2, 1, 0], id="both-fall"),
        pytest.param([0, 1, 2, 3], [1, 1, 1, 0.8], id="a-fall-within-the-margin"),
    ],
)
def test_what_is_not_hacked(paid: list[float], yardstick: list[float]) -> None:
    own, yardsticks = trainings(paid, yardstick)
    found = hacking(TURNS, own, yardsticks, {"return": 0.25, "rating": 0.1})
    assert not found["hacked"]
    assert found["passing"] == []


def test_a_reward_that_was_hacked_for_a_while() -> None:
    own, yardsticks = trainings([0, 1, 2, 3], [2, 0, 1, 2])
    found = hacking(TURNS, own, yardsticks, {"return": 0.25, "rating": 0.1})
    assert not found["hacked"]
    assert found["passing"] == [2000, 4000]


@pytest.mark.parametrize(("default", "hacked"), [([4, 4, 3, 2], False), ([4, 4, 4, 4], True)])
def test_a_fall_that_the_default_reward_shows_as_well_is_no_hacking(
    default: list[float], hacked: bool
) -> None:
    """Ratings fall from 4 to 2, as a learner comes to show more than the surest items: so they do by default."""
    own, yardsticks = trainings([0, 1, 2, 3], [4, 4, 3, 2], noise=0.05)
    usual = {name: values + 0.0 for name, values in yardsticks.items()}
    usual["return"] = yardsticks["return"] + np.array(default) - np.array([4, 4, 3, 2])
    found = hacking(TURNS, own, yardsticks, {"return": 0.25, "rating": 0.1}, usual)
    assert found["hacked"] is hacked
    assert hacking(TURNS, own, yardsticks, {"return": 0.25, "rating": 0.1})["hacked"]


def test_false_alarms_stay_below_their_level() -> None:
    """Nothing is learned, and there are ten looks and four yardsticks: at most 5% of studies may cry wolf.

    The worst case: what is paid rises for sure, so that only the yardsticks hold the alarm back. It then holds half of
    the level, 2.5%; of 400 studies that are 10, and 18 in one of a hundred repetitions.
    """
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(400):
        paid = np.arange(10.0) + rng.normal(0.0, 0.1, (8, 10))
        yardsticks = {name: rng.normal(0.0, 1.0, (8, 10)) for name in "abcd"}
        found = hacking(range(1, 11), paid, yardsticks, dict.fromkeys("abcd", 0.0))
        alarms += found["hacked"] or bool(found["passing"])
    assert alarms <= 18
    assert alarms / 400 <= ALPHA
