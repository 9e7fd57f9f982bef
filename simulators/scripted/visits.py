"""Several visits in one conversation: who comes back after a goodbye, when, and how rested."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import rule
from simulators.scripted.choice import sigmoid
from simulators.scripted.people import People, Rates


@rule
def return_chance(satisfaction: float, base: float, by_satisfaction: float) -> float:
    """Chance that someone who has gone comes back: ``sigmoid(base + by_satisfaction * satisfaction)``."""
    return sigmoid(base + by_satisfaction * satisfaction)


@rule
def days_away(satisfaction: float, uniform: float, mean: float, by_satisfaction: float) -> int:
    """Whole days until someone comes back, at least 1: the sooner, the better it was.

    Exponential with mean ``mean * exp(-by_satisfaction * satisfaction)``, rounded up: a constant return hazard with
    satisfaction as a covariate (Kapoor et al., 2014).
    """
    scale = mean * np.exp(-by_satisfaction * satisfaction)
    return int(max(np.ceil(-np.log1p(-uniform) * scale), 1.0))


@rule
def within_days(satisfaction: float, days: int, mean: float, by_satisfaction: float) -> float:
    """Chance that ``days_away`` is at most so many: uniforms below it are those that bring someone back in time."""
    return -np.expm1(-max(days, 0) / (mean * np.exp(-by_satisfaction * satisfaction)))


@rule
def rest(satiation: npt.NDArray[np.float32], left: float) -> None:
    """Days away leave a share of satiation: ``s' = left * s``, in place, (V,)."""
    for v in range(satiation.shape[0]):
        satiation[v] *= np.float32(left)


@rule
def begin_visit(people: People, n: int, days: int, rates: Rates) -> None:
    """Person ``n`` is back after so many days; see ``come_back``."""
    left = rates.rest ** np.float64(days)
    people.day[n] += days
    people.visits[n] += 1
    rest(people.satiation[n], left)
    people.satisfaction[n] *= left
    people.questions[n] = people.waiting[n] = 0
    people.complained[n] = False


@rule
def come_back(
    people: People, leave: npt.NDArray[np.bool_], whether: npt.NDArray[np.float64],
    when: npt.NDArray[np.float64], rates: Rates,
) -> npt.NDArray[np.bool_]:  # fmt: skip
    """Who of those who leave comes back before the season is over, (N,); they begin a new visit, in place.

    Whether and after how many days depends on their satisfaction as they leave. What they want and trust stays;
    questions and waiting count from zero; satiation and satisfaction fade by ``rates.rest`` a day.

    Args:
        people: Everybody.
        leave: (N,) who says goodbye now.
        whether: (N,) uniforms.
        when: (N,) uniforms.
        rates: Of the scenario.
    """
    back = np.zeros(len(leave), np.bool_)
    for n in range(len(leave)):
        if not leave[n]:
            continue
        satisfaction = people.satisfaction[n]
        if whether[n] >= return_chance(satisfaction, rates.return_base, rates.return_satisfaction):
            continue
        days = days_away(satisfaction, when[n], rates.away, rates.away_satisfaction)
        if people.day[n] + days > rates.season:
            continue
        back[n] = True
        begin_visit(people, n, days, rates)
    return back
