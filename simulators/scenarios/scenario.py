"""Scenarios: named parameter sets of the scripted people, with the reasoning behind the numbers."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from chatrec_env.errors import ConfigError, UnknownNameError
from simulators.scenarios import presets as scenario_sets
from simulators.scenarios.talk import TALKS


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """Parameters of a population. Utilities are in logits of acceptance.

    Attributes:
        name: Registered name the set starts from.
        goal_weight: Utility of meeting a wanted value, per unit of its facet's weight.
        avoid_weight: Utility lost on an unwanted value, per unit of its facet's weight.
        interests: Number of things the person is in for; each is read off an item of its own.
        goal_spread: Half-width of the uniform spread of both over people, as a share.
        taste_scale: Standard deviation of lasting tastes over facet values.
        factor_scale: Standard deviation of lasting tastes over content factors.
        acclaim_weight: Population mean of the utility of acclaim.
        popularity_weight: Population mean of the utility of popularity.
        pickiness: Mean utility at which half of the suggestions are accepted.
        pickiness_spread: Its standard deviation over people.
        generosity_spread: Standard deviation over people of the shift of their rating cut points.
        satiation: Mean utility lost per unit of recent consumption of an item's values, by those who seek
            variety; uniform from half of that to half as much again.
        steady: The same for those who hardly tire of anything.
        steady_share: Share of people who do not (variety seeking differs: McAlister and Pessemier, 1982).
        satiation_decay: Share of satiation that remains after a turn.
        reaction_memory: Share of satisfaction that remains after a turn (the rest is the turn's reaction).
        ignored: Reaction to a suggestion that is not accepted.
        question_reaction: Reaction to a question beyond the person's patience.
        leave_base: Logit of leaving in a turn at zero satisfaction.
        leave_satisfaction: Logits per unit of satisfaction, subtracted.
        leave_waiting: Logits per fruitless turn since something good came up: suggestions, and questions
            beyond the person's patience.
        leave_questions: Logits per question beyond the person's patience.
        leave_constant: If >= 0, the chance of leaving in any turn, whatever happened.
        patience: Mean number of questions taken kindly; uniform from 0 to twice that.
        knows: Chance of knowing what to answer to a question; a third of it for the vague.
        vague: Share of people who hardly know what they want.
        ignores: Chance that a question is not answered at all.
        tells: Chance, per reply, of volunteering a wish or a critique.
        tells_all: Whether everything is said in the opening.
        changes_mind: Chance, per turn, that a wanted value is swapped for another.
        says_so: Share of these changes that are said; the others have to be found out.
        drift: Step of tastes toward what was enjoyed.
        trust: Mean initial trust in [0, 1]; an untrusting person looks at a suggestion half as often.
        trust_gain: Share of missing trust a true reason restores.
        trust_loss: Share of trust a false reason destroys.
        familiarity: Chance of having seen an item of the highest popularity.
        typos: Share of people whose wishes carry typing errors.
        contexts: Share of people who come with company.
        settings: Share of people whose goal the time of day shapes, and as large a share whose the device does.
        careless: Share of ratings given without a thought: any star, evenly.
        season: Days within which people may come back after a goodbye; 0: nobody comes back.
        return_base: Logit of coming back at zero satisfaction.
        return_satisfaction: Logits per unit of satisfaction as they leave.
        away: Mean days until they do, at zero satisfaction.
        away_satisfaction: Logarithm by which a unit of satisfaction shortens that.
        rest: Share of satiation and satisfaction that remains after a day away.
        talk: How they talk; one of ``TALKS``.
        notions: Utility of an item that has what the person has in mind and no facet holds
            (``simulators.notions``); to a multiple of 1/64.
        notion_share: Share of people who have such a thing in mind; only where the catalogue has notions.
        notion_opens: Chance, of those, to say it as they open.
        notion_tells: Chance, of those, to say it at an occasion later: no answer to a question, a refusal,
            a question about an item, something volunteered.
        notion_file: JSON file of the notions of a catalogue of one's own; empty for what comes with a built-in one.
        tone: How far the wording of replies goes by how people are at the moment: logits, per unit of mood, of a warm
            or a hedged wording (``simulators.scripted.manners.tone``); 0: not at all.
        phrasing: Which phrases they use, one of ``PHRASINGS``: ``"held_out"`` keeps to phrases that people with
            ``"say"`` never use, so that what was fitted to these can be judged.
    """

    name: str = "full"
    goal_weight: float = 1.25
    avoid_weight: float = 1.5
    interests: int = 3
    goal_spread: float = 0.25
    taste_scale: float = 0.35
    factor_scale: float = 0.75
    acclaim_weight: float = 0.5
    popularity_weight: float = 0.25
    pickiness: float = 2.75
    pickiness_spread: float = 0.4
    generosity_spread: float = 0.4
    satiation: float = 1.6
    steady: float = 0.15
    steady_share: float = 0.4
    satiation_decay: float = 0.85
    reaction_memory: float = 0.7
    ignored: float = -0.5
    question_reaction: float = -0.5
    leave_base: float = -4.0
    leave_satisfaction: float = 3.0
    leave_waiting: float = 0.35
    leave_questions: float = 0.3
    leave_constant: float = -1.0
    patience: float = 6.0
    knows: float = 0.95
    vague: float = 0.3
    ignores: float = 0.05
    tells: float = 0.25
    tells_all: bool = False
    changes_mind: float = 0.03
    says_so: float = 1.0
    drift: float = 0.05
    trust: float = 0.8
    trust_gain: float = 0.15
    trust_loss: float = 0.25
    familiarity: float = 0.3
    typos: float = 0.2
    contexts: float = 0.35
    settings: float = 0.0
    careless: float = 0.0
    season: float = 0.0
    return_base: float = 0.0
    return_satisfaction: float = 0.0
    away: float = 7.0
    away_satisfaction: float = 0.0
    rest: float = 0.5
    talk: str = "plain"
    notions: float = 0.0
    notion_share: float = 0.0
    notion_opens: float = 0.3
    notion_tells: float = 0.2
    notion_file: str = ""
    phrasing: str = "say"
    tone: float = 0.0

    def __post_init__(self) -> None:
        for f in fields(self):
            value = getattr(self, f.name)
            if f.name in TEXTS:
                continue
            if f.name == "tells_all":
                if not isinstance(value, bool):
                    raise ConfigError(f"scenario.tells_all must be true or false, got {value!r}.")
                continue
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= 100:
                raise ConfigError(f"scenario.{f.name} must be a number in [-100, 100], got {value!r}.")
        if not isinstance(self.talk, str) or self.talk not in TALKS:
            raise UnknownNameError("scenario talk", self.talk, TALKS)
        if not isinstance(self.phrasing, str) or self.phrasing not in PHRASINGS:
            raise UnknownNameError("scenario phrasing", self.phrasing, PHRASINGS)
        if not isinstance(self.notion_file, str):
            raise ConfigError(f"scenario.notion_file must be the path of a file, got {self.notion_file!r}.")
        if not isinstance(self.interests, int) or not 1 <= self.interests <= 4:
            raise ConfigError(f"scenario.interests must be an integer in [1, 4], got {self.interests!r}.")
        for name in SHARES:
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(
                    f"scenario.{name} is a share and must be in [0, 1], got {getattr(self, name)}."
                )
        for name in SIZES:
            if getattr(self, name) < 0:
                raise ConfigError(f"scenario.{name} must be >= 0, got {getattr(self, name)}.")


TEXTS = ("name", "talk", "notion_file", "phrasing")
"""The parameters that are no numbers, with ``tells_all``."""

PHRASINGS = ("say", "held_out", "all")

SHARES = (
    "goal_spread",
    "satiation_decay",
    "steady_share",
    "reaction_memory",
    "knows",
    "vague",
    "ignores",
    "tells",
    "changes_mind",
    "says_so",
    "trust",
    "trust_gain",
    "trust_loss",
    "familiarity",
    "typos",
    "contexts",
    "settings",
    "careless",
    "rest",
    "notion_share",
    "notion_opens",
    "notion_tells",
)
SIZES = (
    "taste_scale",
    "factor_scale",
    "pickiness_spread",
    "generosity_spread",
    "satiation",
    "steady",
    "patience",
    "drift",
    "season",
    "away",
    "tone",
)

NULL = Scenario(
    name="null",
    interests=1,
    goal_spread=0.0,
    taste_scale=0.0,
    factor_scale=0.0,
    pickiness_spread=0.0,
    generosity_spread=0.0,
    satiation=0.0,
    steady=0.0,
    steady_share=0.0,
    leave_constant=0.08,
    knows=1.0,
    vague=0.0,
    ignores=0.0,
    tells=0.0,
    tells_all=True,
    changes_mind=0.0,
    drift=0.0,
    trust=1.0,
    trust_gain=0.0,
    trust_loss=0.0,
    familiarity=0.0,
    typos=0.0,
    contexts=0.0,
)
"""Nothing to learn. The opening says all there is to the goal, tastes are the goal, nothing satiates and nobody
leaves because of how they were treated. The utility of an item is then, term by term, the retrieval score of the
stated wishes, so the best candidate is the best action in every turn and the myopic policy is optimal."""

FULL = Scenario()
"""Everything at once. Break-even of variety: after accepting an item whose sating values weigh m, a like item
loses ``satiability * m`` logits, which decay by 0.85 a turn; an item that meets one wish less loses 0.75 to 1.25.
With m = 2.5 (a genre, a mood, a theme) that is 4.0 logits for the 60% who seek variety (satiability 0.8 to 2.4):
varying pays from the first repetition on. For the 40% who hardly tire (0.15) it is 0.4: varying never pays. No
fixed weight of variety suits both, so it pays to find out whom one is talking to."""

SCENARIOS = {
    "null": NULL,
    "satiation": replace(NULL, name="satiation", **scenario_sets.SATIATION),
    "patience": replace(NULL, name="patience", **scenario_sets.PATIENCE),
    "drift": replace(NULL, name="drift", **scenario_sets.DRIFT),
    "retention": replace(NULL, name="retention", **scenario_sets.RETENTION),
    "noisy": replace(NULL, name="noisy", **scenario_sets.NOISY),
    "context": replace(NULL, name="context", **scenario_sets.CONTEXT),
    "full": FULL,
    "own_words": replace(FULL, name="own_words", **scenario_sets.OWN_WORDS),
}
"""Scenarios by name; what those between the first and the last are for is said in ``simulators.scenarios.presets``."""


def make_scenario(value: str | dict[str, Any] | Scenario) -> Scenario:
    """A scenario from its name, or a dict with ``"name"`` and the parameters to change.

    Raises:
        UnknownNameError: If the name or a parameter is not known.
        ConfigError: If a parameter is out of range.
    """
    if isinstance(value, Scenario):
        return value
    changes = dict(value) if isinstance(value, dict) else {"name": value}
    name = changes.pop("name", "full")
    if not isinstance(name, str) or name not in SCENARIOS:
        raise UnknownNameError("scenario", name, SCENARIOS)
    known = [f.name for f in fields(Scenario) if f.name != "name"]
    for key in changes:
        if key not in known:
            raise UnknownNameError("scenario parameter", key, known)
    return replace(SCENARIOS[name], **changes)
