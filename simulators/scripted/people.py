"""Records of the rule-based user simulator: the people, the items as they see them, and the rates they change by."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from simulators.notions.record import Notions, notions_of
from simulators.scenarios.talk import TALKS, Talk
from simulators.scripted.manners.names import Names, names_of

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog
    from simulators.scenarios.scenario import Scenario

STYLES = ("terse", "plain", "chatty", "hedged")
"""How people talk; ``People.style`` counts them."""

REMEMBERED = 8
"""Questions of their own that people remember."""

NO_ANCHOR = (0.0, 1.0, 0.0)
"""Ratings follow the appeal as it is; see ``Rates.anchor``."""


class People(NamedTuple):
    """Latent state of N people. V values, 16 content factors; hidden from every agent. Changed in place."""

    desire: npt.NDArray[
        np.float32
    ]  # (N, V) utility per unit of weighted value: goal + taste, multiples of 1/64
    wanted: npt.NDArray[np.bool_]  # (N, V) values of the session goal
    unwanted: npt.NDArray[np.bool_]  # (N, V) values to avoid in this session
    factor_taste: npt.NDArray[np.float32]  # (N, 16) tastes over content factors, multiples of 1/64
    satiation: npt.NDArray[np.float32]  # (N, V) decayed sum of consumed values
    told: npt.NDArray[np.bool_]  # (N, V) wishes already said
    threshold: npt.NDArray[np.float64]  # (N,) utility at which half the suggestions are accepted
    generosity: npt.NDArray[np.float64]  # (N,) shift of the rating cut points
    satiability: npt.NDArray[np.float32]  # (N,) utility lost per unit of satiation
    patience: npt.NDArray[np.float64]  # (N,) questions taken kindly
    talkative: npt.NDArray[np.float64]  # (N,) chance of volunteering something in a reply
    knows: npt.NDArray[np.float64]  # (N,) chance of knowing an answer
    familiarity: npt.NDArray[np.float64]  # (N,) chance of knowing an item of full popularity
    goal_size: npt.NDArray[np.float64]  # (N,) utility per unit weight of a wanted value
    style: npt.NDArray[np.int8]  # (N,) index into STYLES
    typos: npt.NDArray[np.bool_]  # (N,) whether wishes carry typing errors
    context: npt.NDArray[np.int8]  # (N,) company, index into catalog.contexts, -1 if none
    setting: npt.NDArray[np.int8]  # (N, 2) time of day and device, indices into the catalogue's, -1 if none
    satisfaction: npt.NDArray[np.float64]  # (N,) running satisfaction in [-1, 1]
    trust: npt.NDArray[np.float64]  # (N,) trust in the system's reasons, [0, 1]
    waiting: npt.NDArray[np.int16]  # (N,) turns since something good came up
    questions: npt.NDArray[np.int16]  # (N,) questions heard
    complained: npt.NDArray[np.bool_]  # (N,) whether they named satiation since they last accepted something
    visits: npt.NDArray[np.int16]  # (N,) visits so far, this one included
    day: npt.NDArray[np.int16]  # (N,) days since the first one
    stretch: npt.NDArray[np.float64]  # (N,) noise of their ratings, 1 for the usual
    curious: npt.NDArray[np.float64]  # (N,) chance to ask about a fresh suggestion
    hasty: npt.NDArray[np.bool_]  # (N,) whether they type in haste
    pending: npt.NDArray[np.int32]  # (N,) item they asked about in their last turn, -1 if none
    pending_about: npt.NDArray[np.int32]  # (N,) and what; see `questions.about`
    asked: npt.NDArray[np.int32]  # (N, 8) items of the last questions they put, -1 where none
    asked_about: npt.NDArray[np.int32]  # (N, 8) and what
    n_asked: npt.NDArray[np.int16]  # (N,) questions they put
    last_told: npt.NDArray[np.int16]  # (N,) value of the wish told in their last turn, -1 if none
    notion: npt.NDArray[np.int16]  # (N,) what they have in mind that no facet holds, -1 if nothing
    phrase: npt.NDArray[np.int32]  # (N,) the phrase they last said it in, -1 if none yet


def new_people(n: int, n_values: int, n_factors: int) -> People:
    """N people without wishes, tastes or habits, before anything has happened to them."""
    return People(
        desire=np.zeros((n, n_values), np.float32),
        wanted=np.zeros((n, n_values), np.bool_),
        unwanted=np.zeros((n, n_values), np.bool_),
        factor_taste=np.zeros((n, n_factors), np.float32),
        satiation=np.zeros((n, n_values), np.float32),
        told=np.zeros((n, n_values), np.bool_),
        threshold=np.zeros(n),
        generosity=np.zeros(n),
        satiability=np.zeros(n, np.float32),
        patience=np.zeros(n),
        talkative=np.zeros(n),
        knows=np.zeros(n),
        familiarity=np.zeros(n),
        goal_size=np.zeros(n),
        style=np.zeros(n, np.int8),
        typos=np.zeros(n, np.bool_),
        context=np.full(n, -1, np.int8),
        setting=np.full((n, 2), -1, np.int8),
        satisfaction=np.zeros(n),
        trust=np.zeros(n),
        waiting=np.zeros(n, np.int16),
        questions=np.zeros(n, np.int16),
        complained=np.zeros(n, np.bool_),
        visits=np.ones(n, np.int16),
        day=np.zeros(n, np.int16),
        stretch=np.ones(n),
        curious=np.zeros(n),
        hasty=np.zeros(n, np.bool_),
        pending=np.full(n, -1, np.int32),
        pending_about=np.zeros(n, np.int32),
        asked=np.full((n, REMEMBERED), -1, np.int32),
        asked_about=np.zeros((n, REMEMBERED), np.int32),
        n_asked=np.zeros(n, np.int16),
        last_told=np.full(n, -1, np.int16),
        notion=np.full(n, -1, np.int16),
        phrase=np.full(n, -1, np.int32),
    )


class Items(NamedTuple):
    """The items as people see them. I items, V values, F facets, C values of the item that has most."""

    weighted: npt.NDArray[np.float32]  # (I, V) values times the weight of their facet
    carried: npt.NDArray[np.int32]  # (I, C) the item's values, ascending, padded with V
    carried_weights: npt.NDArray[np.float32]  # (I, C) the weights of their facets
    sating: npt.NDArray[np.float32]  # (I, V) the weighted values that satiate, 0 for the others
    factors: npt.NDArray[np.float32]  # (I, 16) content factors
    quality: npt.NDArray[np.float32]  # (I,) utility of acclaim and popularity, the same to everybody
    popularity: npt.NDArray[np.float32]  # (I,) in [0, 1]
    sates: npt.NDArray[np.bool_]  # (V,) whether a value satiates
    value_weights: npt.NDArray[np.float32]  # (V,) weight of each value's facet
    facet_of: npt.NDArray[np.intp]  # (V,)
    facet_start: npt.NDArray[np.intp]  # (F + 1,) the first value of each facet, then V
    comparable: npt.NDArray[np.intp]  # facets with words for more and less
    names: Names
    notions: Notions


class Rates(NamedTuple):
    """How people change and decide in a turn: parameters of the scenario by its names, and how ratings are anchored."""

    trust_gain: float
    trust_loss: float
    careless: float
    satiation_decay: float
    reaction_memory: float
    ignored: float
    question_reaction: float
    drift: float
    changes_mind: float
    says_so: float
    leave_constant: float
    leave_base: float
    leave_satisfaction: float
    leave_waiting: float
    leave_questions: float
    ignores: float
    steady: float
    season: float
    return_base: float
    return_satisfaction: float
    away: float
    away_satisfaction: float
    rest: float
    tone: float
    pickiness: float
    patience: float
    knows: float
    anchor: tuple[
        float, float, float
    ]  # appeal a is rated as if it were ``anchor[2] + anchor[1] * (a - anchor[0])``
    cuts: npt.NDArray[np.float64]  # (4,) logits between 1|2|3|4|5 stars
    talk: Talk


def items_of(catalog: Catalog, scenario: Scenario) -> Items:
    """The items of a catalogue as the people of a scenario see them."""
    a = catalog.arrays
    quality = scenario.acclaim_weight * a.acclaim + scenario.popularity_weight * a.popularity
    comparable = [f for f, facet in enumerate(catalog.facets) if facet.comparable]
    sating = a.weighted_values * a.sating
    sating.setflags(write=False)  # as the catalogue's own arrays are: rules are compiled once for both
    return Items(
        weighted=a.weighted_values,
        carried=a.carried,
        carried_weights=a.carried_weights,
        sating=sating,
        factors=a.factors,
        quality=quality.astype(np.float32),
        popularity=a.popularity,
        sates=a.sating,
        value_weights=a.value_weights,
        facet_of=a.facet_of,
        facet_start=a.facet_start,
        comparable=np.array(comparable, np.intp),
        names=names_of(catalog),
        notions=notions_of(catalog, scenario),
    )


def rates_of(
    scenario: Scenario, cuts: npt.NDArray[np.float64], anchor: tuple[float, float, float] = NO_ANCHOR
) -> Rates:
    """The rates of a scenario, with the cut points and the anchor of ratings."""
    named = {name: float(getattr(scenario, name)) for name in Rates._fields[:-3]}
    return Rates(**named, anchor=anchor, cuts=cuts, talk=TALKS[scenario.talk])
