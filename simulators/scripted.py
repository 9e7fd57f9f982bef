"""Scripted people: one utility behind every answer, click, rating and goodbye."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from chatrec_env.language.acts import SystemAct
from chatrec_env.language.forms import Form
from chatrec_env.people import SystemTurn, UserTurn
from chatrec_env.retrieval import UsesLoops, compiled_loops, sating_values
from simulators import dynamics
from simulators.choice import RATING_CUTS, ordinal_rating, sigmoid, slate_choice
from simulators.profiles import People, ProfileSampler, on_grid
from simulators.scenarios import Scenario, make_scenario
from simulators.talk import LOOPS, OPENING, Script, Talk

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog
    from chatrec_env.language import Grammar
    from simulators.population import Population

POSITION_EXAMINATION = 0.85
"""Examination of a slate position relative to the one above it."""

ANCHOR_PEOPLE, ANCHOR_ITEMS = 256, 512
"""Sizes of the sample that anchors a fitted population's ratings."""


class ScriptedPeople(UsesLoops):
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
    turn_draws = 14

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
        self._quality = (
            scenario.acclaim_weight * catalog.acclaim + scenario.popularity_weight * catalog.popularity
        ).astype(np.float32)
        self._facet_of = np.asarray(catalog.value_facet, np.intp)
        self._sating = (catalog.weighted_values * sating_values(catalog)).astype(np.float32)
        self._cuts = RATING_CUTS if population is None else np.array(population.cuts)
        self._anchor = None if population is None else self._find_anchor(population)

    def start(self, draws: npt.NDArray[np.float64]) -> tuple[People, npt.NDArray[np.int64]]:
        """People and their opening sentences; see ``UserModel``."""
        people = self.sampler.sample(draws[:, :-4])
        return people, self.talk.opening(people, draws[:, -4:])

    def utility(self, people: People, items: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
        """Utilities ``(N, S)`` of ``items (N, S)`` (>= 0), in logits."""
        out = np.empty(items.shape)
        for s in range(items.shape[1]):
            item = items[:, s]
            if self._loops is not None:
                self._loops.utilities(
                    people.desire,
                    people.factor_taste,
                    people.satiation,
                    people.satiability,
                    self.catalog.weighted_values,
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
        n = len(draws)
        every = np.arange(n)
        asked = (system.act == SystemAct.ASK) | (system.act == SystemAct.CONFIRM)
        offered = system.slate[:, 0] >= 0
        shown = np.maximum(system.slate, 0)
        appetite = people.desire - people.satiability[:, None] * people.satiation
        self._weigh_reason(people, system, appetite)
        click, stars, seen = self._choose(people, system, shown, draws)
        taken = click >= 0
        item = shown[every, np.maximum(click, 0)]
        self._feel(people, asked, offered, taken, seen, stars, item)
        changed, new_value = self._change_mind(people, draws[:, 5], draws[:, 6])
        leave = self._leaves(people, draws[:, 4]) & (system.act != SystemAct.CLOSE)
        script = Script(self.grammar, people, draws[:, 7])
        rows = every[system.act == SystemAct.ASK]
        self.talk.answer(script, rows, system.facet[rows], appetite[rows], draws[rows, 8:10])
        self._confirm(script, system, appetite, every[system.act == SystemAct.CONFIRM])
        rows = every[offered]
        self.talk.react(script, taken[rows], stars[rows], seen[rows], rows)
        rows = every[offered & (draws[:, 10] < people.talkative) & ~changed & ~leave]
        self.talk.volunteer(script, rows, item[rows], taken[rows], appetite[rows], draws[rows, 11:13])
        self.talk.change_mind(script, every[changed & ~leave], new_value[changed & ~leave])
        impatient = asked & (people.questions > people.patience)
        self.talk.remark(script, draws[:, 13], impatient)
        self.talk.goodbye(script, leave)
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

    def _weigh_reason(self, people: People, system: SystemTurn, appetite: npt.NDArray[np.float32]) -> None:
        """A reason is true if the person does want the value it names."""
        given = system.reason >= 0
        worth = appetite[np.arange(len(given)), np.maximum(system.reason, 0)]
        people.trust = dynamics.trust_after(
            people.trust, given, worth > 0, self.scenario.trust_gain, self.scenario.trust_loss
        )

    def _choose(
        self, people: People, system: SystemTurn, shown: npt.NDArray[np.int32], draws: npt.NDArray[np.float64]
    ) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8], npt.NDArray[np.bool_]]:
        """Clicks, stars, and whether the (first) suggestion was known already."""
        present = system.slate >= 0
        utility = self.utility(people, shown)
        known = (draws[:, 0] < people.familiarity * self.catalog.popularity[shown[:, 0]]) & present[:, 0]
        position = POSITION_EXAMINATION ** np.arange(shown.shape[1])
        examination = position * (0.5 + 0.5 * people.trust)[:, None] * present
        examination[:, 0] *= ~known
        click = slate_choice(np.where(present, utility, -50.0), people.threshold, examination, draws[:, 1])
        taken = click >= 0
        appeal = utility[np.arange(len(click)), np.maximum(click, 0)] - people.threshold
        if self._anchor is not None:
            at, scale, mean = self._anchor
            appeal = mean + scale * (appeal - at)
        stars = ordinal_rating(appeal, people.generosity, draws[:, 2], self._cuts, people.stretch)
        return click, np.where(taken, stars, 0).astype(np.int8), known & ~taken

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
            self._loops.satiate(people.satiation, self._sating, item, taken, np.float32(s.satiation_decay))
        else:
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

    def _confirm(
        self,
        script: Script,
        system: SystemTurn,
        appetite: npt.NDArray[np.float32],
        rows: npt.NDArray[np.intp],
    ) -> None:
        """Yes if the value is worth something to them now, otherwise no."""
        yes = appetite[rows, np.maximum(system.value[rows], 0)] >= 0.5
        script.say(rows[yes], OPENING, Form.YES)
        script.people.told[rows[yes], system.value[rows[yes]]] = True
        script.say(rows[~yes], OPENING, Form.NO)

    def reveal(self, people: People) -> dict[str, npt.NDArray[Any]]:
        """Latent state: tastes, goal, satiation, satisfaction, trust, and the utility of every item now (N, I)."""
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
            "utility": utility,
        }


def make_scripted(
    catalog: Catalog, grammar: Grammar, scenario: Any, population: str | None = None
) -> ScriptedPeople:
    """Scripted people of a scenario, given by name or as a dict of changes.

    Args:
        catalog: The items.
        grammar: How they speak.
        scenario: Name, or dict of changes.
        population: Name or path of a population fitted to real ratings, if that is whom to draw from.
    """
    from simulators.population import load_population

    fitted = None if population is None else load_population(population)
    return ScriptedPeople(catalog, grammar, make_scenario(scenario), fitted)
