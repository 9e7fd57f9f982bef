"""The rule-based user simulator: one utility behind every answer, click, rating and goodbye."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import Repeated
from chatrec_env.core.user_simulator import SystemTurn, UserTurn, new_user_turn
from chatrec_env.errors import ConfigError
from simulators.notions.record import phrases_of
from simulators.scenarios.scenario import Scenario, make_scenario
from simulators.scenarios.talk import TALKS
from simulators.scripted.choice import RATING_CUTS, sigmoid
from simulators.scripted.events import LIVELY_DRAWS, RETURN_DRAWS, TURN_DRAWS, Heard
from simulators.scripted.manners.openings import LIVELY_OPENING_DRAWS, open_freely
from simulators.scripted.opening import OPENING_DRAWS, open_all
from simulators.scripted.people import NO_ANCHOR, People, items_of, rates_of
from simulators.scripted.profiles import ProfileSampler
from simulators.scripted.rating_histories import RatingHistories
from simulators.scripted.sentences import numbering_of
from simulators.scripted.turn import mannered_turn, plain_turn
from simulators.scripted.utility import utilities

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog
    from chatrec_env.core.rating_history import RatingHistory, RatingHistoryPlan
    from chatrec_env.language import Grammar
    from simulators.population import Population

Float = npt.NDArray[np.float64]

ANCHOR_PEOPLE, ANCHOR_ITEMS = 256, 512
"""Sizes of the sample that anchors a fitted population's ratings."""

NOT_JUDGED: Float = np.zeros((0, 0))
"""Nobody else gives the items a utility."""

REVEALED = (
    "desire",
    "wanted",
    "unwanted",
    "factor_taste",
    "satiation",
    "satisfaction",
    "trust",
    "patience",
    "threshold",
    "visits",
    "day",
    "notion",
)
"""What evaluators and planners may see of people, besides the utility of every item."""


class ScriptedUsers:
    """A population of scripted people; see ``Scenario`` for the parameters and ``reveal`` for the latent state.

    Utility of item i: ``desire . x_i + factor_taste . f_i + acclaim + popularity + w_i - satiation . x_i``, where x_i
    are the item's weighted facet values, f_i its content factors and w_i the worth of what the person has in mind and
    no facet holds, if the item has it. Everything a person does derives from it.

    With a population fitted to real ratings, its tastes, worth of quality and rating habits take the place of the
    scenario's. Its ratings are anchored so that what these people would accept among items drawn by popularity
    has the mean and spread of appeal that real people's own choices have: a good recommender still does better.
    """

    name = "scripted"
    deterministic = True

    def __init__(
        self, catalog: Catalog, grammar: Grammar, scenario: Scenario, population: Population | None = None
    ) -> None:
        if population is not None and scenario.taste_scale > 0:
            scenario = replace(
                scenario, acclaim_weight=population.acclaim, popularity_weight=population.popularity
            )
        self.catalog, self.grammar, self.scenario, self.population = catalog, grammar, scenario, population
        self.sampler = ProfileSampler(catalog, scenario, population)
        lively = TALKS[scenario.talk].lively
        self.items, self.numbering = items_of(catalog, scenario), numbering_of(grammar, scenario.tone > 0)
        self.profile_draws = self.sampler.n_draws + OPENING_DRAWS + (LIVELY_OPENING_DRAWS if lively else 0)
        self.profile_draws += self.items.notions.share > 0
        self.turn_draws = TURN_DRAWS + (RETURN_DRAWS if scenario.season > 0 else 0)
        if lively:
            self.turn_draws = LIVELY_DRAWS
        if grammar.phrases != phrases_of(catalog, scenario):
            raise ConfigError(
                "The grammar lacks the phrases of these people, or has others. Make it with "
                "Grammar(catalog, phrases=phrases_of(catalog, scenario)); see simulators.notions.record."
            )
        values = np.arange(catalog.n_values)
        self._pairs = grammar.pair_arg(values[:, None], values)
        self.cuts = RATING_CUTS if population is None else np.array(population.cuts)
        self.rates = rates_of(scenario, self.cuts, self._find_anchor())
        mannered = lively or scenario.tone > 0 or self.items.notions.share > 0
        self._live = Repeated(mannered_turn if mannered else plain_turn, 4, self.sampler.met)
        self._open = Repeated(open_freely if lively else open_all, 3, self.sampler.met)

    def start(self, draws: Float) -> tuple[People, npt.NDArray[np.int64]]:
        """People and their opening sentences; see ``UserSimulator``."""
        people = self.sampler.sample(draws)
        return people, self._speak_first(people, draws)

    def renew(self, people: People, draws: Float) -> npt.NDArray[np.int64]:
        """Other people in the same arrays; see ``Renewable``."""
        return self._speak_first(self.sampler.sample(draws, people), draws)

    def _speak_first(self, people: People, draws: Float) -> npt.NDArray[np.int64]:
        own = np.ascontiguousarray(draws[:, self.sampler.n_draws :])
        talk = (self.rates.talk,) if self.rates.talk.lively else ()
        all_at_once = self.scenario.tells_all
        said: npt.NDArray[np.int64] = self._open(
            people, self.items, self.numbering, own, self._pairs, all_at_once, *talk
        )
        return said

    def respond(
        self, people: People, system: SystemTurn, draws: Float, judged: Float = NOT_JUDGED
    ) -> UserTurn:
        """One turn; see ``UserSimulator``. Advances ``people`` in place.

        Args:
            people: N people.
            system: What the system does.
            draws: (N, turn_draws or more) uniforms.
            judged: (N, S) utilities that somebody else gives the items shown, NaN where their own count.
        """
        heard = Heard(system.act, system.facet, system.value, system.slate, system.reason)
        draws, answer = np.ascontiguousarray(draws), new_user_turn(len(draws))
        self._live(people, self.items, self.rates, self.numbering, heard, judged, draws, answer)
        return answer

    def crowd(self, draws: Float) -> People:
        """People from ``draws (N, profile_draws)`` who say nothing; see ``Experienced``."""
        return self.sampler.sample(draws)

    def rating_history(self, people: People, plan: RatingHistoryPlan, draws: Float) -> RatingHistory:
        """What people rated before they came, from ``draws (N, plan.draws)``; see ``Experienced``."""
        return self._histories.draw(people, plan, draws)

    @cached_property
    def _histories(self) -> RatingHistories:
        avoid_weight = self.scenario.avoid_weight
        return RatingHistories(self.sampler, self.items, self.rates, avoid_weight, self.population)

    def utility(self, people: People, items: npt.NDArray[np.int32]) -> Float:
        """Utilities ``(N, S)`` of ``items (N, S)``, in logits; -inf where an item is -1."""
        return utilities(people, np.ascontiguousarray(items, np.int32), self.items)

    def situational_context(self, people: People) -> npt.NDArray[np.int8]:
        """Time of day and device of each person, (N, 2)."""
        return people.setting

    def reveal(self, people: People) -> dict[str, npt.NDArray[Any]]:
        """Latent state: tastes, goal, satiation, satisfaction, trust, ..., and the utility of every item now (N, I)."""
        every = np.tile(np.arange(self.catalog.n_items, dtype=np.int32), (len(people.desire), 1))
        known = {name: getattr(people, name).copy() for name in REVEALED}
        return {**known, "utility": self.utility(people, every)}

    def _find_anchor(self) -> tuple[float, float, float]:
        """Mean and scale of appeal, and the mean they are moved to: from fixed people and items, by popularity."""
        if self.population is None:
            return NO_ANCHOR
        rng = np.random.default_rng(0)
        people = self.sampler.sample(rng.random((ANCHOR_PEOPLE, self.sampler.n_draws)))
        chance = self.catalog.popularity + 0.25
        items = rng.choice(self.catalog.n_items, ANCHOR_ITEMS, p=chance / chance.sum())
        appeal = self.utility(people, np.tile(items, (ANCHOR_PEOPLE, 1))) - people.threshold[:, None]
        weight = sigmoid(appeal)
        mean = float((weight * appeal).sum() / weight.sum())
        spread = float(np.sqrt((weight * (appeal - mean) ** 2).sum() / weight.sum()))
        return mean, self.population.appeal["sd"] / max(spread, 1e-3), self.population.appeal["mean"]


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
