"""The options of ``chatrec shaping``, and the rewards they name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from agents import registry
from chatrec_env.core.rewards import RewardConfig
from chatrec_env.envs.config import PLAIN, EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ConfigError, UnknownNameError
from chatrec_env.shaping.entries import NONE, POTENTIALS
from experiments.cli.options import check_least, name_or_object, parse_number, parse_object
from experiments.report.study import StudyOptions

LOOKS = (1, 2, 3, 4, 6, 8, 10, 13, 16, 20, 25, 32, 40)
"""When learners are looked at, in fortieths of the training; dense where learning is fast."""

SMALL = {"q_learning": {"parallel": 100}, "sarsa": {"parallel": 100}}
"""Hyperparameters that learners of a study have, since turns are few: they learn from few conversations at a time."""

STUDIED = (
    "click_and_rating",
    "sparse",
    "sparse+earned",
    "click_and_rating+satisfaction*4",
    "pay_per_question",
    "pay_for_agreement",
    "pay_per_click",
    "curiosity",
)

DECIDING = (
    "turns",
    "people",
    "final_people",
    "planner_people",
    "scenario",
    "talk",
    "catalog",
    "encoder",
    "actions",
)
"""Options that the figures of every part depend on."""

NO_PLANNER = "none"
PLANNERS = (NO_PLANNER, "bayes-planner", "oracle", "planner")


@dataclass(frozen=True, kw_only=True, slots=True)
class ShapingConfig(StudyOptions):
    """Train learners with different rewards and judge them by yardsticks that are none of these rewards.

    A reward teaches, and what it teaches is not always what was meant. This study trains every learner with every
    reward, from several seeds, and looks at it while it learns. At every look it meets people it never trains on: the
    same for every reward, others for every seed. It tells, with intervals over seeds (and so over people):

    how FAST a reward teaches: turns until the default reward's return, unshaped, is for good at `--share` of what the
    reward's base comes to in the end (the base: the same reward without shaping if it is in the study, else the first
    reward);

    what is DIFFERENT in the end: return, the person's own satisfaction, ratings, retention (how often people come
    back, where they do), regret to a planner; and habits: questions, diversity, length, apologies (where people
    complain: `--talk crs` or `chat`). "nothing but speed" stands where every difference is shown to be smaller than a
    margin, and the speed differs;

    whether it is HACKED: what the reward pays goes up while a yardstick falls and ends below that of the first reward,
    from which turn on, and how sure that is, given that every pair of looks and every yardstick was tried.

    A reward is the name of a preset (`chatrec shaping --list`), a preset and a potential ("sparse+earned", scaled:
    "sparse+earned*2"), or JSON of RewardConfig: '{"terms": {"diversity": 0.2}, "ask_cost": 0}'. A term or potential of
    your own is a Python function that a module registers (docs/shaping.md); name the module with --modules.

    Finished trainings are kept in the run folder: a study that was stopped goes on where it was, and one with more
    rewards, learners or seeds computes only these.

    Attributes:
        rewards: Rewards to study; the first is the base of those that have none of their own.
        learners: Learners of `chatrec train` that discount with a gamma of their own, on their own observation of the
            environment.
        seeds: Training seeds of each; 6 or more, or nothing can be shown.
        turns: Turns of each training.
        people: Unseen people of each seed, at every look.
        final_people: Unseen people of each seed at the last look, those of the others among them.
        scenario: Scenario the conversations are held in, or JSON.
        talk: How people talk: plain, crs or chat.
        catalog: Name of a built-in catalogue, or a path.
        encoder: Sentence encoder; tables do not look at it.
        actions: Action set: strategy, items or slate.
        share: Share of the base's final return that counts as learned; where learning is still steep, so that the
            turn does not hang on chance.
        planner: Whom regret is counted to: bayes-planner (knows the population, not the person; it thinks about half a
            second for each person, and knows plain talk alone), oracle or planner (know the person), or none.
        planner_people: People of each seed the planner meets; regret is paired on them.
        settings: Hyperparameters to change, JSON by learner, like '{"q_learning": {"learning_rate": 0.5}}'.
        modules: Python modules that register reward terms or potentials.
        quick: A small study, to see how it works: four rewards, Q-learning, 6 seeds, half of the turns.
        list: List the rewards, terms and potentials there are, and stop.
    """

    rewards: tuple[str, ...] = STUDIED
    learners: tuple[str, ...] = ("q_learning",)
    seeds: int = 32
    turns: int = 20_000
    people: int = 100
    final_people: int = 400
    scenario: str = "full"
    talk: str = PLAIN
    catalog: str = "movies"
    encoder: str = "hash"
    actions: str = "strategy"
    share: float = 0.8
    planner: str = "bayes-planner"
    planner_people: int = 20
    settings: str = "{}"
    modules: tuple[str, ...] = ()
    quick: bool = False
    list: bool = False

    def __post_init__(self) -> None:
        check_least(self, seeds=2, turns=40, people=2, planner_people=2, workers=1)
        if not self.planner_people <= self.people <= self.final_people:
            raise ConfigError(
                "The people of a look are among those of the last one, and the planner's among them: expected "
                f"--planner-people <= --people <= --final-people, got {self.planner_people}, {self.people}, "
                f"{self.final_people}."
            )
        if not 0 < self.share <= 1:
            raise ConfigError(f"--share must be in (0, 1], got {self.share}.")
        if self.planner not in PLANNERS:
            raise UnknownNameError("planner", self.planner, PLANNERS)

    def sized(self) -> ShapingConfig:
        """As it is, or the small study."""
        if not self.quick:
            return self
        few = ("click_and_rating", "sparse", "sparse+earned", "pay_per_question")
        return replace(
            self,
            rewards=few,
            learners=("q_learning",),
            seeds=6,
            turns=10_000,
            people=60,
            final_people=200,
            planner_people=10,
        )

    def check_names(self) -> dict[str, RewardConfig]:
        """The rewards by the names they were given, after everything that was named is found to be there.

        Raises:
            ConfigError: Something is unknown or named twice, a learner has no discount, or the planner cannot act.
        """
        for what in ("rewards", "learners"):
            named = getattr(self, what)
            if not named or len(set(named)) < len(named):
                raise ConfigError(f"--{what} must name each once, got {list(named)}.")
        for learner in self.learners:
            registry.find(learner, registry.LEARNER)
            registry.check_actions(learner, self.actions)
            if not hasattr(self.hyperparameters(learner, 0), "gamma"):
                raise ConfigError(
                    f"Shaping and the return need a learner's discount, and {learner} has no gamma of its own. Use "
                    f"one of {', '.join(self.discounting())}."
                )
        unknown = set(parse_object(self.settings, "--settings")) - set(self.learners)
        if unknown:
            raise ConfigError(f"--settings is of learners of the study, got {', '.join(sorted(unknown))}.")
        rewards = {name: reward_of(name) for name in self.rewards}
        if self.planner != NO_PLANNER:
            self.make_planner()
        return rewards

    def discounting(self) -> tuple[str, ...]:
        """The learners that can be studied: those that act on the action set and have a discount."""
        return tuple(
            name
            for name in registry.names(registry.LEARNER, actions=self.actions)
            if hasattr(registry.make_config(name, turns=self.turns, seed=0, settings={}), "gamma")
        )

    def hyperparameters(self, learner: str, seed: int) -> Any:
        """A learner's config."""
        changes = {**SMALL.get(learner, {}), **parse_object(self.settings, "--settings").get(learner, {})}
        if learner in SMALL:
            changes = {"record_every": max(1, self.turns // LOOKS[-1]), **changes}
        return registry.make_config(learner, turns=self.turns, seed=seed, settings=changes)

    def env(self, actions: str, observation: str, reward: RewardConfig) -> EnvConfig:
        """Where a reward is learned."""
        return EnvConfig(
            actions=actions,
            observation=observation,
            reward=reward,
            catalog=self.catalog,
            scenario=name_or_object(self.scenario, "--scenario"),
            talk=self.talk,
            encoder=self.encoder,
        )

    def make_planner(self) -> tuple[Any, EnvConfig]:
        """The planner, and where it acts.

        Raises:
            ConfigError: It cannot act there: it knows neither these people nor how they talk.
        """
        env = self.env("items", "tabular", RewardConfig())
        try:
            return registry.resolve(registry.AGENTS[self.planner].policy)(make_task(env)), env
        except ConfigError as error:
            raise ConfigError(
                f"{error} Or count regret to somebody else: --planner oracle, or none."
            ) from error


def reward_of(text: str) -> RewardConfig:
    """The reward that an option names: a preset, ``PRESET+POTENTIAL``, ``PRESET+POTENTIAL*SCALE``, or JSON.

    Raises:
        ConfigError: There is no such preset or potential, or the JSON is wrong.
    """
    if text.lstrip().startswith("{"):
        return RewardConfig.create(parse_object(text, "--rewards"))
    preset, plus, shaped = text.partition("+")
    potential, by, scale = shaped.partition("*")
    if plus and potential not in POTENTIALS:
        raise UnknownNameError("potential", potential, POTENTIALS)
    changes: dict[str, Any] = {"shaping": potential} if plus else {}
    if by:
        changes["shaping_scale"] = parse_number(scale, "--rewards")
    return RewardConfig.create({"name": preset, **changes})


def base_of(name: str, rewards: dict[str, RewardConfig]) -> str:
    """The reward that another one is compared with: the same without shaping if there is one, else the first."""
    own = rewards[name]
    if own.shaping != NONE:
        plain = replace(own, shaping=NONE, shaping_scale=1.0)
        for other, reward in rewards.items():
            if replace(reward, shaping_scale=1.0) == plain:
                return other
    return next(iter(rewards))
