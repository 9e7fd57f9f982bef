"""Baselines: policies that do not learn. They see what every agent sees."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, ClassVar, Protocol, cast

import numpy as np
import numpy.typing as npt

from agents import registry
from agents.action_numbers import (
    ActionNumbers,
    mmr_slate,
    random_slate,
    recommend_slate,
    sating_similarity,
    setting_match,
)
from agents.base import Decision, Policy, check_integers, check_numbers
from agents.checkpoints import load_checkpoint, save_checkpoint
from agents.stochastic import even_chances
from agents.tabular.td import uniform_legal
from chatrec_env.core.actions import SlateActions
from chatrec_env.core.state import ASKED, IGNORED
from chatrec_env.envs.config import EnvConfig
from chatrec_env.errors import ArtifactError, ConfigError, UnknownNameError

MOST_IN_DOUBT = 4
"""Most questions that are asked for doubt alone: about as many as users answer without losing patience."""

NEVER = np.zeros(1, np.bool_)
"""Asks in no conversation, unless there is nothing left to recommend."""

Actions = npt.NDArray[np.int64]
Uniforms = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Random:
    """Any legal action, evenly; on slates a question or a recommendation, then any slate."""

    name: str = "random"

    def act(self, decision: Decision, uniforms: Uniforms) -> Actions:
        """See ``Policy``."""
        actions = decision.task.actions
        if not isinstance(actions, SlateActions):
            return uniform_legal(decision.mask, uniforms)
        legal = decision.mask[:, : actions.sizes[0]]
        first = uniform_legal(legal, uniforms)
        rest = (
            uniforms * legal.sum(axis=1)
        ) % 1.0  # what is left of a draw after its first digit is even again
        slates = recommend_slate(random_slate(decision.view.present, rest, decision.task.manager.slate_size))
        return np.column_stack([first, slates[:, 1:]])

    def chances(self, decision: Decision) -> npt.NDArray[np.float64]:
        """See ``agents.stochastic.StochasticPolicy``."""
        return even_chances(decision)


@dataclass(frozen=True, kw_only=True, slots=True)
class Popular:
    """The most popular candidate on the table, every turn; the better match of equals. Asks nothing.

    An agent can only recommend candidates, so this is the popularity ranking of the K best matches, not of
    the catalogue. Needs actions that name candidates (``"items"``).
    """

    name: str = "popular"

    def act(self, decision: Decision, uniforms: Uniforms) -> Actions:
        """See ``Policy``."""
        popularity = decision.task.manager.catalog.popularity[decision.dialogue.candidates]
        numbers = ActionNumbers(decision)
        return numbers.choose(NEVER, numbers.recommend_best(popularity))


@dataclass(frozen=True, kw_only=True, slots=True)
class Greedy:
    """The best-scored candidate, every turn: the myopic policy. Asks nothing."""

    name: str = "greedy"

    def act(self, decision: Decision, uniforms: Uniforms) -> Actions:
        """See ``Policy``."""
        numbers = ActionNumbers(decision)
        return numbers.choose(NEVER, numbers.recommend_best(decision.dialogue.scores))


@dataclass(frozen=True, kw_only=True, slots=True)
class AskThenRecommend:
    """Asks some questions first, then recommends with an eye on variety; the strong heuristic.

    Recommends the candidate with the highest ``score - diversity * overlap - refused * likeness + heed * match``,
    where overlap is likeness to what was accepted lately, likeness that to the suggestion just ignored, and match
    that to what goes with the time of day and the device (``agents.action_numbers.setting_match``). On
    ``"strategy"`` actions, which do not name candidates, any ``diversity > 0`` means ``diversify``.

    Attributes:
        questions: Questions at the start, the most informative each time.
        diversity: Weight of overlap.
        again_after: Asks once more after every so many suggestions ignored in a row; 0 for never.
        refused: Weight of likeness to the suggestion just ignored.
        ask_below: Asks in doubt too, that is when no candidate has a utility above this (variety counted), never
            twice running and up to ``MOST_IN_DOUBT`` questions in all; 0 for never.
        heed: Weight of what goes with the time of day and the device.
    """

    questions: int = 2
    diversity: float = 1.0
    again_after: int = 0
    refused: float = 0.0
    ask_below: float = 0.0
    heed: float = 0.0
    name: str = "ask_then_recommend"

    def __post_init__(self) -> None:
        check_integers(self.name, self, questions=0, again_after=0)
        weights = ("diversity", "refused", "ask_below", "heed")
        check_numbers(self.name, self, **dict.fromkeys(weights, "[0, inf)"))

    def utility(self, decision: Decision) -> npt.NDArray[np.float32]:
        """What each candidate is thought to be worth, (N, K)."""
        d = decision.dialogue
        utility = d.scores - np.float32(self.diversity) * decision.view.overlap
        utility = utility - np.float32(self.refused) * decision.view.refused
        if self.heed:
            utility = utility + np.float32(self.heed) * setting_match(decision)
        return utility

    def act(self, decision: Decision, uniforms: Uniforms) -> Actions:
        """See ``Policy``."""
        d, numbers, utility = decision.dialogue, ActionNumbers(decision), self.utility(decision)
        ask = d.questions < self.questions
        if self.again_after:
            stuck = (d.refusals > 0) & (d.refusals % self.again_after == 0)
            ask |= stuck & (d.outcome == IGNORED)
        if self.ask_below:
            best = np.where(decision.view.present, utility, -np.inf).max(axis=1)
            ask |= (best < self.ask_below) & (d.outcome != ASKED) & (d.questions < MOST_IN_DOUBT)
        return numbers.choose(ask, numbers.recommend_best(utility, diverse=self.diversity > 0))


@dataclass(frozen=True, kw_only=True, slots=True)
class MostInformative:
    """Asks as long as the best question's value is above a threshold, else recommends the best candidate.

    Attributes:
        threshold: Value of a question (facet weight times the entropy of what is believed, less for facets
            asked before; see ``Beliefs.question_values``) above which it is asked.
    """

    threshold: float = 0.5
    name: str = "most_informative"

    def __post_init__(self) -> None:
        check_numbers(self.name, self, threshold="(-inf, inf)")

    def act(self, decision: Decision, uniforms: Uniforms) -> Actions:
        """See ``Policy``."""
        numbers = ActionNumbers(decision)
        value = decision.task.manager.beliefs.question_values(decision.dialogue).max(axis=1)
        return numbers.choose(value > self.threshold, numbers.recommend_best(decision.dialogue.scores))


@dataclass(frozen=True, kw_only=True, slots=True)
class DiverseSlate:
    """A slate of good candidates that are unlike each other (``mmr_slate``), every turn. Asks nothing.

    Likeness is that in values which users tire of.

    Attributes:
        trade_off: Weight of the score against likeness, in [0, 1]; 1 is greedy.
    """

    trade_off: float = 0.3
    name: str = "mmr"

    def __post_init__(self) -> None:
        check_numbers(self.name, self, trade_off="[0, 1]")

    def act(self, decision: Decision, uniforms: Uniforms) -> Actions:
        """See ``Policy``."""
        d, manager, numbers = decision.dialogue, decision.task.manager, ActionNumbers(decision)
        likeness = sating_similarity(manager.catalog, d.candidates, manager.catalog.arrays.sating)
        places = mmr_slate(d.scores, likeness, decision.view.present, manager.slate_size, self.trade_off)
        return numbers.choose(NEVER, recommend_slate(places))


class Baseline(Policy, Protocol):
    """A frozen dataclass that is a policy; its fields, apart from ``name``, are its parameters."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


def make_baseline(name: str, env: EnvConfig | None = None, **params: Any) -> Baseline:
    """A baseline by name.

    Args:
        name: A baseline of ``agents.registry``.
        env: Where it is to act; if given, it is checked that it can.
        **params: Its fields.

    Raises:
        UnknownNameError: If the name, or a parameter, is not known.
        ConfigError: If a parameter is out of range, or the policy needs other actions than ``env`` has.
    """
    baseline = registry.find(name, registry.BASELINE)
    kind = registry.resolve(baseline.policy)
    known = [f.name for f in fields(kind) if f.name != "name"]
    for key in params:
        if key not in known:
            raise UnknownNameError(f"parameter of {name}", key, known)
    if env is not None:
        registry.check_actions(name, env.actions)
    return cast(Baseline, kind(**params))


def save_baseline(folder: Path | str, policy: Baseline, env: EnvConfig) -> None:
    """Write a baseline as a checkpoint, so that it can be exported and served like a learned policy."""
    params = {key: value for key, value in asdict(policy).items() if key != "name"}
    save_checkpoint(
        folder, kind="baseline", env=env, tensors={}, meta={"name": policy.name, "params": params}
    )


def load_baseline(folder: Path | str) -> Policy:
    """Read a checkpoint of ``save_baseline``.

    Raises:
        ArtifactError: If the checkpoint is damaged, or of another kind.
    """
    checkpoint = load_checkpoint(folder)
    try:
        name, params = checkpoint.meta["name"], checkpoint.meta["params"]
        return make_baseline(name, checkpoint.env, **params)
    except (KeyError, TypeError, ConfigError) as error:
        file = checkpoint.folder / "policy.json"
        raise ArtifactError(f"{file} does not describe a baseline: {error}. Write it again.") from error
