"""``chatrec evaluate``: policies meet the same unseen people; one table with intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import tyro

from agents import registry
from agents.base import Policy
from chatrec_env.core.kernel import Task
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ConfigError, UnknownNameError
from experiments.cli.options import (
    EnvOptions,
    OptionalPath,
    actions_of,
    check_least,
    env_values,
    id_of,
    named_options,
)
from experiments.cli.progress import Meter
from experiments.evaluate import rollout
from experiments.evaluate.rollout import Episodes, people_seeds, read_sentences
from experiments.evaluate.tables import Result, grid_of, make_table
from experiments.report.report import table_sheet
from experiments.report.runlog import POLICIES, Run, check_free
from experiments.report.study import keep_table, show
from experiments.report.tracking import NONE, Track, check_kept


def heuristics(actions: str) -> list[str]:
    """Names of the policies that act on an action set without training: heuristics, and who knows the population."""
    return registry.names(registry.BASELINE, registry.MODEL_BASED, actions=actions)


@dataclass(frozen=True, slots=True)
class Contender:
    """A policy, where it acts, and what it is called.

    Attributes:
        name: For tables.
        policy: Who decides.
        env: The environment it acts in.
        learned: Whether it learned.
    """

    name: str
    policy: Policy
    env: EnvConfig
    learned: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class EvaluateConfig(EnvOptions):
    """Let policies meet the same unseen people and print one table with 95% intervals.

    Means have Student-t intervals over people, the share of people who left unhappy a Wilson interval. The
    column "difference" compares the return with the best heuristic of the table, person by person (t interval
    of the paired differences), so it is sharper than comparing two rows. Where there are several, a star marks those
    that differ at 5%, by paired t tests corrected for as many comparisons by Holm (1979). Intervals are over
    people: training again with another seed gives another policy (see `chatrec reproduce` for that).

    Attributes:
        people: How many unseen people each policy meets.
        seed: Which people.
        out: Also write a run folder with the table and a page here.
        track: Where numbers go besides the run folder; needs --out.
        json: Print the table as JSON.
    """

    policies: Annotated[
        tuple[str, ...],
        tyro.conf.Positional,
        tyro.conf.arg(
            help="Run folders, policy folders, or names of heuristics "
            f"({', '.join(registry.names(registry.BASELINE, registry.MODEL_BASED))}). Learned policies act in the "
            "environment they were trained in; heuristics in the first of those, or in the one the options name.",
        ),
    ] = ()
    people: int = 1000
    seed: int = 0
    out: OptionalPath = None
    track: Track = NONE
    json: bool = False

    def __post_init__(self) -> None:
        check_least(self, seed=0, people=2)
        check_kept(self.track, self.out)
        if not self.policies:
            raise ConfigError(
                "Name at least one policy: a run folder, a policy folder, or a heuristic "
                f"({', '.join(heuristics(actions_of(self.env)))}). Example: chatrec evaluate greedy random"
            )


def task_of(contender: Contender) -> Task:
    """The task a contender acts in."""
    return make_task(contender.env)


def find_policies(names: Sequence[str], env: EnvConfig) -> list[Contender]:
    """Policies by the names of the command line.

    Args:
        names: Run folders (all their policies), policy folders, or names of heuristics.
        env: Where heuristics act if no learned policy is named.

    Raises:
        UnknownNameError: If a name is neither a folder nor a heuristic.
        ArtifactError: If a folder is damaged.
    """
    found: list[Contender] = []
    plain: list[str] = []
    homes: list[Path] = []  # of those that were found
    for name in names:
        if Path(name).is_dir():
            found += load_folder(Path(name))
            homes += [home_of(Path(name))] * (len(found) - len(homes))
        elif name in registry.names(registry.BASELINE, registry.MODEL_BASED):
            plain.append(name)
        else:
            raise UnknownNameError("policy", name, [*heuristics(env.actions), "RUN_FOLDER", "POLICY_FOLDER"])
    learned = [c.env for c in found if c.learned]
    items = [e for e in learned if e.actions == "items"]
    # The same people and the same words, whatever the learned policies observe or may do.
    where = replace((items or learned or [env])[0], observation="flat")
    found += [Contender(registry.label(n), make_unlearned(n, where), where, learned=False) for n in plain]
    return distinct(found, homes)


def make_unlearned(name: str, env: EnvConfig) -> Policy:
    """A policy by name that needs no training: a heuristic, or one that knows the population.

    Raises:
        ConfigError: If it cannot act in this environment.
    """
    from agents.baselines import make_baseline

    if name in registry.names(registry.BASELINE):
        return make_baseline(name, env)
    registry.check_actions(name, env.actions)
    made: Policy = registry.resolve(registry.find(name).policy)(make_task(env))
    return made


def check_heeded(options: EnvOptions, contenders: Sequence[Contender]) -> None:
    """Refuse options of the environment where a policy acts in one of its own, with another value.

    Raises:
        ConfigError: Names the first such option, and what the policy has.
    """
    named, asked = named_options(options), options.config()
    for c in contenders:
        for option, (came, has) in env_values(asked, c.env).items():
            if option in named and came != has:
                raise ConfigError(
                    f"--{option.replace('_', '-')} {came} has no effect: {c.name} acts in an environment with {has}, "
                    "as the learned policy was trained. Leave the option out."
                )


def load_folder(folder: Path) -> list[Contender]:
    """The policies in a run folder, or the one in a policy folder.

    Raises:
        ArtifactError: If there is none, or something in it is damaged.
    """
    from agents.checkpoints import HEADER

    if (folder / HEADER).exists():
        return [load_contender(folder)]
    run = Run.open(folder)
    names = run.policies()
    if not names:
        raise ConfigError(f"{folder} holds no policy yet: its training has not reached a first checkpoint.")
    return [load_contender(run.policy_folder(name)) for name in names]


def load_contender(folder: Path) -> Contender:
    """The policy of a checkpoint folder."""
    from agents.checkpoints import load_checkpoint, load_policy

    policy = load_policy(folder)
    checkpoint = load_checkpoint(folder)
    learned = checkpoint.kind != registry.BASELINE
    name = registry.label(policy.name)
    # A heuristic is kept in a run only for its settings.
    return Contender(name if learned else f"{name} (tuned)", policy, checkpoint.env, learned)


def home_of(folder: Path) -> Path:
    """The run folder that a policy folder lies in; any other folder itself."""
    folder = folder.resolve()
    return folder.parent.parent if folder.parent.name == POLICIES else folder


def distinct(contenders: list[Contender], homes: Sequence[Path] = ()) -> list[Contender]:
    """The same contenders under different names: equal ones get that of their folder, or else its path, or a number.

    Args:
        contenders: Whoever was found.
        homes: Run folders of the first of them; the others have none.
    """
    names = [c.name for c in contenders]
    for told in ([home.name for home in homes], [str(home) for home in homes]):
        again = Counter(names)
        for i, where in enumerate(told):
            if again[names[i]] > 1:
                names[i] = f"{contenders[i].name} ({where})"
    counts: Counter[str] = Counter()
    for i, name in enumerate(names):
        counts[name] += 1
        names[i] = name if counts[name] == 1 else f"{name} ({counts[name]})"
    return [replace(c, name=name) for c, name in zip(contenders, names, strict=True)]


def meet_people(contender: Contender, seeds: list[int], meter: Meter, label: str) -> Episodes:
    """One conversation with each person."""
    return rollout.meet_people(task_of(contender), contender.policy, seeds, meter, label)


def check_same_people(contenders: Sequence[Contender]) -> None:
    """See that a seed is the same person, in the same mood, for every contender, and a return the same currency.

    Raises:
        ConfigError: If it is not; names the two and what differs.
    """
    first = contenders[0].env
    for c in contenders:
        if c.env.reward != first.reward:
            raise ConfigError(
                f"{c.name} and {contenders[0].name} cannot be compared by return: they were trained for different "
                "rewards. Evaluate them one by one, or compare rewards with chatrec shaping, which judges by what no "
                "reward pays for."
            )
        for name in ("catalog", "users", "scenario", "talk", "max_turns", "rating_history"):
            if getattr(c.env, name) != getattr(first, name):
                raise ConfigError(
                    f"{c.name} and {contenders[0].name} cannot meet the same people: their {name} differs "
                    f"({getattr(c.env, name)!r} and {getattr(first, name)!r}). Evaluate them one by one."
                )


def compare(
    contenders: list[Contender], people: int, seed: int, meter: Meter, label: str = ""
) -> list[Result]:
    """Every contender meets the same unseen people.

    Raises:
        ConfigError: If their environments do not have the same people.
    """
    check_same_people(contenders)
    seeds = people_seeds("eval", seed, people)
    results = []
    for c in contenders:
        words = f"{label}{c.name} meets {people:,} people"
        results.append(Result(c.name, id_of(c.env), c.learned, meet_people(c, seeds, meter, words)))
    return results


def about(env: EnvConfig, seed: int) -> dict[str, Any]:
    """What a table notes about the conversations it is of."""
    names = (
        "catalog",
        "users",
        "scenario",
        "encoder",
        "max_turns",
        "n_candidates",
        "rating_history",
        "collaborative",
        "semantic",
        "themes",
    )
    return {**{name: getattr(env, name) for name in names}, "reward": env.reward.to_dict(), "seed": seed}


def evaluate(config: EvaluateConfig) -> int:
    """Run the command; returns its exit code."""
    if config.out is not None:
        check_free(config.out)
    contenders = find_policies(config.policies, config.config())
    check_heeded(config, contenders)
    meter = Meter()
    read_sentences(contenders[0].env, meter)
    results = compare(contenders, config.people, config.seed, meter)
    table = make_table(results, **about(contenders[0].env, config.seed))
    if config.out is not None:
        options = {
            "policies": list(config.policies),
            "people": config.people,
            "env": contenders[0].env.to_dict(),
        }
        users, sheet = [task_of(contenders[0]).users], table_sheet(table)
        keep_table(config.out, "evaluate", options, {"eval": config.seed}, table, users, sheet, config.track)
    show(table, [grid_of(table)], json=config.json)
    return 0
