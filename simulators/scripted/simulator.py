"""Scripted people: one utility behind every answer, click, rating and goodbye."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from chatrec_env.core.user_simulator import SystemTurn, UserTurn
from chatrec_env.language.acts import SystemAct
from chatrec_env.retrieval.retriever import UsesLoops, carried_values, compiled_loops, sating_values
from simulators.scenarios.scenario import Scenario, make_scenario
from simulators.scripted import dynamics
from simulators.scripted.choice import RATING_CUTS, careless_rating, sigmoid, slate_choice
from simulators.scripted.profiles import People, ProfileSampler, on_grid
from simulators.scripted.rating_histories import RatingHistories
from simulators.scripted.script import CLOSING, Moment
from simulators.scripted.talk import LOOPS, Talk
from simulators.scripted.visits import come_back

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog
    from chatrec_env.core.rating_history import RatingHistory, RatingHistoryPlan
    from chatrec_env.language import Grammar
    from simulators.population import Population

POSITION_EXAMINATION = 0.85
"""Examination of a slate position relative to the one above it."""

SHORT = 8
"""Slates shorter than this are summed item after item, by NumPy and by the compiled loops alike."""

TURN_DRAWS, RETURN_DRAWS = 14, 2
"""Uniforms of a turn, and how many more where people may come back: whether, and when."""

ANCHOR_PEOPLE, ANCHOR_ITEMS = 256, 512
"""Sizes of the sample that anchors a fitted population's ratings."""

NO_ANCHOR = (0.0, 1.0, 0.0)
"""Ratings follow the appeal as it is."""


class ScriptedUsers(UsesLoops):
    """A population of scripted people; see ``Scenario`` for the parameters and ``reveal`` for the latent state.

    Utility of item i: ``desire . x_i + factor_taste . f_i + acclaim + popularity - satiation . x_i``, where x_i are
    the item's weighted facet values and f_i its content factors. Everything a person does derives from it.

    With a population fitted to real ratings, its tastes, worth of quality and rating habits take the place of the
    scenario's. Its ratings are anchored so that what these people would accept among items drawn by popularity
    has the mean and spread of appeal that real people's own choices have: a good recommender still does better.
    """

    _loops_module = LOOPS
    name = "scripted"
    deterministic = True

    def __init__(
        self, catalog: Catalog, grammar: Grammar, scenario: Scenario, population: Population | None = None
    ) -> None:
        if population is not None and scenario.taste_scale > 0:
            scenario = replace(
                scenario, acclaim_weight=population.acclaim, popularity_weight=population.popularity
            )
        self.catalog, self.scenario, self.population = catalog, scenario, population
        self.sampler = ProfileSampler(catalog, scenario, population)
        self.talk = Talk(catalog, grammar, scenario)
        self.grammar = grammar
        self._loops = compiled_loops(LOOPS)
        self._edges = np.array([*(s.start for s in catalog.facet_slices), catalog.n_values], np.intp)
        self.profile_draws = self.sampler.n_draws + 4
        self.turn_draws = TURN_DRAWS + (RETURN_DRAWS if scenario.season > 0 else 0)
        self._quality = (
            scenario.acclaim_weight * catalog.acclaim + scenario.popularity_weight * catalog.popularity
        ).astype(np.float32)
        self._facet_of = np.asarray(catalog.value_facet, np.intp)
        self._sating = (catalog.weighted_values * sating_values(catalog)).astype(np.float32)
        self._carried = carried_values(catalog)
        self.cuts = RATING_CUTS if population is None else np.array(population.cuts)
        self._pasts: RatingHistories | None = None
        self._anchor = NO_ANCHOR if population is None else self._find_anchor(population)

    def start(self, draws: npt.NDArray[np.float64]) -> tuple[People, npt.NDArray[np.int64]]:
        """People and their opening sentences; see ``UserModel``."""
        people = self.sampler.sample(draws[:, :-4])
        return people, self.talk.opening(people, draws[:, -4:])

    def crowd(self, draws: npt.NDArray[np.float64]) -> People:
        """People from ``draws (N, profile_draws)`` who say nothing; see ``Experienced``."""
        return self.sampler.sample(draws[:, :-4])

    def past(self, people: People, plan: RatingHistoryPlan, draws: npt.NDArray[np.float64]) -> RatingHistory:
        """What people rated before they came, from ``draws (N, plan.draws)``; see ``Pasts``."""
        if self._pasts is None:
            self._pasts = RatingHistories(self)
        return self._pasts.draw(people, plan, draws)

    def utility(self, people: People, items: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
        """Utilities ``(N, S)`` of ``items (N, S)`` (>= 0), in logits."""
        return self.scripted_utility(people, items)

    def scripted_utility(self, people: People, items: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
        """The same by tastes and satiation alone, whoever else may judge items."""
        out = np.empty(items.shape)
        for s in range(items.shape[1]):
            item = items[:, s]
            if self._loops is not None:
                self._loops.utilities(
                    people.desire,
                    people.factor_taste,
                    people.satiation,
                    people.satiability,
                    *self._carried,
                    self.catalog.factors,
                    self._quality,
                    self._sating,
                    item,
                    out[:, s],
                )
                continue
            match = (people.desire * self.catalog.weighted_values[item]).sum(-1)
            match = match + (people.factor_taste * self.catalog.factors[item]).sum(-1)
            sated = (people.satiation * self._sating[item]).sum(-1)
            out[:, s] = match + self._quality[item] - (people.satiability * sated).astype(np.float64)
        return out

    def respond(self, people: People, system: SystemTurn, draws: npt.NDArray[np.float64]) -> UserTurn:
        """One turn; see ``UserModel``. Advances ``people`` in place."""
        asked = (system.act == SystemAct.ASK) | (system.act == SystemAct.CONFIRM)
        offered = system.slate[:, 0] >= 0
        appetite = self.talk.appetite(people, asked | (offered & (draws[:, 10] < people.talkative)))
        click, stars, seen, item = self._choose(people, system, draws)
        self._feel(people, asked, offered, click >= 0, seen, stars, item)
        changed, new_value = self._change_mind(people, draws[:, 5], draws[:, 6])
        # Some keep it to themselves.
        changed &= draws[:, 5] < self.scenario.changes_mind * self.scenario.says_so
        leave = self._leaves(people, draws[:, 4]) & (system.act != SystemAct.CLOSE)
        moment = Moment(
            asked=asked,
            offered=offered,
            item=item,
            taken=click >= 0,
            stars=stars,
            seen=seen,
            changed=changed & ~leave,
            new_value=new_value,
            leave=leave,
        )
        script = self.talk.reply(people, system, moment, appetite, draws)
        if self.scenario.season > 0:
            leave &= ~come_back(people, leave, draws[:, TURN_DRAWS:], self.scenario)
            self.talk.greet_again(script, np.flatnonzero((script.codes[:, CLOSING] >= 0) & ~leave))
        return UserTurn(click=click, stars=stars, leave=leave, sentences=script.ids)

    def _find_anchor(self, population: Population) -> tuple[float, float, float]:
        """Mean and scale of appeal, and the mean they are moved to: from fixed people and items, by popularity."""
        rng = np.random.default_rng(0)
        people = self.sampler.sample(rng.random((ANCHOR_PEOPLE, self.sampler.n_draws)))
        chance = self.catalog.popularity + 0.25
        items = rng.choice(self.catalog.n_items, ANCHOR_ITEMS, p=chance / chance.sum())
        worth = people.desire @ self.catalog.weighted_values[items].T
        worth = worth + people.factor_taste @ self.catalog.factors[items].T + self._quality[items]
        appeal = worth - people.threshold[:, None]
        weight = sigmoid(appeal)
        mean = float((weight * appeal).sum() / weight.sum())
        spread = float(np.sqrt((weight * (appeal - mean) ** 2).sum() / weight.sum()))
        return mean, population.appeal["sd"] / max(spread, 1e-3), population.appeal["mean"]

    def _choose(
        self, people: People, system: SystemTurn, draws: npt.NDArray[np.float64]
    ) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8], npt.NDArray[np.bool_], npt.NDArray[np.int32]]:
        """Clicks, stars, whether the (first) suggestion was known already, and the item the turn is about.

        A reason the system gave moves trust first: it is true if the person does want the value it names.
        """
        s, n = self.scenario, len(draws)
        shown = np.maximum(system.slate, 0)
        utility = self.utility(people, shown)
        position = POSITION_EXAMINATION ** np.arange(shown.shape[1])
        if self._loops is not None and shown.shape[1] < SHORT:
            seen, weight = np.empty(n, np.bool_), np.empty(shown.shape)
            self._loops.weigh_slate(
                utility,
                system.slate,
                system.reason,
                people.desire,
                people.satiation,
                people.satiability,
                people.threshold,
                people.familiarity,
                self.catalog.popularity,
                draws,
                s.trust_gain,
                s.trust_loss,
                people.trust,
                seen,
                weight,
            )
            np.exp(weight, out=weight)
            click, below = np.empty(n, np.int8), np.empty((n, len(self.cuts)))
            self._loops.choose_item(
                utility,
                system.slate,
                weight,
                position,
                people.trust,
                people.threshold,
                people.generosity,
                people.stretch,
                self._anchor,
                self.cuts,
                draws,
                seen,
                click,
                below,
            )
            np.exp(below, out=below)
            stars, item = np.empty(n, np.int8), np.empty(n, np.int32)
            self._loops.rate_item(system.slate, click, below, draws, s.careless, stars, item)
            return click, stars, seen, item
        given = system.reason >= 0
        named = np.arange(n), np.maximum(system.reason, 0)
        worth = people.desire[named] - people.satiability * people.satiation[named]
        people.trust = dynamics.trust_after(people.trust, given, worth > 0, s.trust_gain, s.trust_loss)
        present = system.slate >= 0
        known = (draws[:, 0] < people.familiarity * self.catalog.popularity[shown[:, 0]]) & present[:, 0]
        examination = position * (0.5 + 0.5 * people.trust)[:, None] * present
        examination[:, 0] *= ~known
        click = slate_choice(np.where(present, utility, -50.0), people.threshold, examination, draws[:, 1])
        taken, place = click >= 0, np.maximum(click, 0)
        appeal = utility[np.arange(n), place] - people.threshold
        at, scale, mean = self._anchor
        appeal = mean + scale * (appeal - at)
        stars = careless_rating(appeal, people.generosity, draws[:, 2], s.careless, self.cuts, people.stretch)
        item = shown[np.arange(n), place]
        return click, np.where(taken, stars, 0).astype(np.int8), known & ~taken, item

    def _feel(
        self,
        people: People,
        asked: npt.NDArray[np.bool_],
        offered: npt.NDArray[np.bool_],
        taken: npt.NDArray[np.bool_],
        seen: npt.NDArray[np.bool_],
        stars: npt.NDArray[np.int8],
        item: npt.NDArray[np.int32],
    ) -> None:
        """Satiation, satisfaction, drift and the clocks."""
        s = self.scenario
        if self._loops is not None:
            self._loops.feel(
                asked,
                offered,
                taken,
                seen,
                stars,
                item,
                self._sating,
                people.patience,
                np.float32(s.satiation_decay),
                s.reaction_memory,
                s.ignored,
                s.question_reaction,
                s.drift,
                people.satiation,
                people.complained,
                people.questions,
                people.satisfaction,
                people.waiting,
                people.desire,
            )
            return
        consumed = self._sating[item] * taken[:, None]
        people.satiation = dynamics.satiate(people.satiation, consumed, s.satiation_decay)
        people.complained &= ~taken
        people.questions = (people.questions + asked).astype(np.int16)
        enjoyment = np.where(taken, (stars - 3.0) / 2.0, 0.0)
        tired = asked & (people.questions > people.patience)
        reaction = np.select(
            [taken, offered & ~seen, tired], [enjoyment, s.ignored, s.question_reaction], 0.0
        )
        felt = taken | (offered & ~seen) | tired
        after = dynamics.satisfy(people.satisfaction, reaction, s.reaction_memory)
        people.satisfaction = np.where(felt, after, people.satisfaction)
        good = taken & (stars >= 3)
        people.waiting = np.where(good, 0, people.waiting + (offered | tired)).astype(np.int16)
        if s.drift > 0:
            moved = np.flatnonzero(taken)
            people.desire[moved] = dynamics.drift_step(
                people.desire[moved], self._sating[item[moved]], enjoyment[moved], s.drift
            )

    def _leaves(self, people: People, uniform: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        """Who walks out now."""
        s = self.scenario
        if s.leave_constant >= 0:
            return uniform < s.leave_constant
        logit = dynamics.leaving_logit(
            people.satisfaction,
            people.waiting.astype(np.float64),
            np.maximum(people.questions - people.patience, 0.0),
            base=s.leave_base,
            by_satisfaction=s.leave_satisfaction,
            by_waiting=s.leave_waiting,
            by_questions=s.leave_questions,
        )
        return uniform < sigmoid(logit)

    def _change_mind(
        self, people: People, uniform: npt.NDArray[np.float64], which: npt.NDArray[np.float64]
    ) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.intp]]:
        """Some swap a wanted value for another of the same facet; returns who, and the new value."""
        value = np.zeros(len(uniform), np.intp)
        changed = uniform < self.scenario.changes_mind
        if self._loops is not None:
            self._loops.swap_wishes(
                np.flatnonzero(changed),
                which,
                people.wanted,
                people.unwanted,
                people.desire,
                people.goal_size,
                self._facet_of,
                self._edges,
                changed,
                value,
            )
            return changed, value
        for row in np.flatnonzero(changed):
            wanted = np.flatnonzero(people.wanted[row])
            if not len(wanted):
                changed[row] = False
                continue
            old = wanted[int(which[row] * len(wanted))]
            part = self.catalog.facet_slices[self._facet_of[old]]
            taken = people.wanted[row] | people.unwanted[row]
            others = [v for v in range(part.start, part.stop) if not taken[v]]
            if not others:
                changed[row] = False
                continue
            new = others[int((which[row] * len(wanted) % 1.0) * len(others))]
            size = on_grid(np.array(people.goal_size[row]))
            people.desire[row, old] -= size
            people.desire[row, new] += size
            people.wanted[row, old], people.wanted[row, new] = False, True
            value[row] = new
        return changed, value

    def setting(self, people: People) -> npt.NDArray[np.int8]:
        """Time of day and device of each person, (N, 2)."""
        return people.setting

    def reveal(self, people: People) -> dict[str, npt.NDArray[Any]]:
        """Latent state: tastes, goal, satiation, satisfaction, trust, ..., and the utility of every item now (N, I)."""
        appetite = people.desire
        utility = appetite @ self.catalog.weighted_values.T + people.factor_taste @ self.catalog.factors.T
        utility = utility + self._quality - people.satiability[:, None] * (people.satiation @ self._sating.T)
        return {
            "desire": people.desire.copy(),
            "wanted": people.wanted.copy(),
            "unwanted": people.unwanted.copy(),
            "factor_taste": people.factor_taste.copy(),
            "satiation": people.satiation.copy(),
            "satisfaction": people.satisfaction.copy(),
            "trust": people.trust.copy(),
            "patience": people.patience.copy(),
            "threshold": people.threshold.copy(),
            "visits": people.visits.copy(),
            "day": people.day.copy(),
            "utility": utility,
        }


def make_scripted(
    catalog: Catalog, grammar: Grammar, scenario: Any, population: str | None = None
) -> ScriptedUsers:
    """Scripted people of a scenario, given by name or as a dict of changes.

    Args:
        catalog: The items.
        grammar: How they speak.
        scenario: Name, or dict of changes.
        population: Name or path of a population fitted to real ratings, if that is whom to draw from.
    """
    from simulators.population import load_population

    fitted = None if population is None else load_population(population)
    return ScriptedUsers(catalog, grammar, make_scenario(scenario), fitted)
