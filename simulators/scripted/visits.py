"""Several visits in one conversation: who comes back after a goodbye, when, and how rested."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from simulators.scripted import dynamics

if TYPE_CHECKING:
    from simulators.scenarios.scenario import Scenario
    from simulators.scripted.profiles import People


def come_back(
    people: People, leave: npt.NDArray[np.bool_], draws: npt.NDArray[np.float64], scenario: Scenario
) -> npt.NDArray[np.bool_]:
    """Who of those who leave comes back before the season is over, (N,); they begin a new visit, in place.

    Whether and after how many days depends on their satisfaction as they leave (``dynamics.return_chance``,
    ``dynamics.days_away``). What they want and trust stays; questions and waiting count from zero; what palled and what
    they felt fades by ``rest`` a day.

    Args:
        people: Everybody.
        leave: (N,) who says goodbye now.
        draws: (N, 2) uniforms: whether, when.
        scenario: The parameters.
    """
    s = scenario
    chance = dynamics.return_chance(
        people.satisfaction, base=s.return_base, by_satisfaction=s.return_satisfaction
    )
    days = dynamics.days_away(
        people.satisfaction, draws[:, 1], mean=s.away, by_satisfaction=s.away_satisfaction
    )
    back = leave & (draws[:, 0] < chance) & (people.day + days <= s.season)
    rows = np.flatnonzero(back)
    left = s.rest ** days[rows].astype(np.float64)
    people.day[rows] += days[rows].astype(np.int16)
    people.visits[rows] += 1
    people.satiation[rows] *= left[:, None].astype(np.float32)
    people.satisfaction[rows] *= left
    people.questions[rows] = people.waiting[rows] = 0
    people.complained[rows] = False
    return back
