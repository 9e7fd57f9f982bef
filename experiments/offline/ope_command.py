"""``chatrec ope``: what other policies would have got, from logs alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Protocol

import numpy as np
import tyro

from agents.base import Policy
from chatrec_env.core.kernel import Task
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ConfigError
from experiments.cli.options import OptionalPath, check_least
from experiments.cli.progress import Meter
from experiments.evaluate.stats import mean_interval
from experiments.offline.estimates import (
    ESTIMATORS,
    LABELS,
    Sample,
    diagnostics,
    estimates,
    points,
    samples,
    watched,
)
from experiments.offline.files import check_sentences, is_log, is_store, read_log
from experiments.offline.log_command import POLICY_HELP, served_in
from experiments.offline.logs import Log
from experiments.offline.policies import named_policy, names_policy, what_else
from experiments.offline.study_page import estimates_chart
from experiments.report.documents import FORMAT
from experiments.report.grid import NOTHING, Grid, Told, from_to, number, percent
from experiments.report.publish import Section, Sheet
from experiments.report.runlog import check_free
from experiments.report.study import keep_table, show
from experiments.report.tracking import NONE, Track, check_kept

LOG_HELP = "a folder that `chatrec log` wrote or a file in which `chatrec serve` kept sessions"


@dataclass(frozen=True, kw_only=True, slots=True)
class OpeConfig:
    """Estimate from logs alone what other policies would have got, with 95% intervals and warnings.

    Each policy gets a table: what every estimator says, its bootstrap interval, an empirical Bernstein interval where
    it has one, and how much better the policy is than the one logged. Diagnostics say whether the log can tell:
    effective sample size, mean weight (should be 1), the weight of the heaviest conversations, overlap. With two logs
    or more of one environment, estimators are also held against each other: each judges the policy of one log from the
    others, and that of least relative error is marked. `chatrec ope-study` measures how far all this can be believed.

    Attributes:
        gamma: Discount.
        seed: Of the bootstrap.
        out: Also write a run folder with the tables, the pictures and a page here.
        track: Where numbers go besides the run folder; needs --out.
        json: Print the tables as JSON.
    """

    names: Annotated[
        tuple[str, ...],
        tyro.conf.Positional,
        tyro.conf.arg(
            metavar="LOG [LOG ...] POLICY [POLICY ...]",
            help=f"Logs: {LOG_HELP}. Then policies: {POLICY_HELP}. They act in the environment of the logs.",
        ),
    ] = ()
    gamma: float = 1.0
    seed: int = 0
    out: OptionalPath = None
    track: Track = NONE
    json: bool = False

    def __post_init__(self) -> None:
        check_least(self, seed=0)
        check_kept(self.track, self.out)
        if not 0 < self.gamma <= 1:
            raise ConfigError(f"--gamma must lie in (0, 1], got {self.gamma}.")
        example = "Example: chatrec ope runs/log greedy:epsilon=0.3"
        if not self.names:
            raise ConfigError(f"Name a log and a policy, got nothing. {example}")
        for name in self.policies:
            if not names_policy(name):
                raise ConfigError(f"{what_else(name)} Expected {LOG_HELP}, or {POLICY_HELP}.")
        if not self.logs:
            raise ConfigError(
                f"Name a log besides the policy, {LOG_HELP}; got {', '.join(self.names)}. {example}"
            )
        if len({path.resolve() for path in self.logs}) < len(self.logs):
            raise ConfigError(f"Name each log once, got {', '.join(map(str, self.logs))}.")
        if not self.policies:
            raise ConfigError(
                f"Name a policy to judge besides the log, {POLICY_HELP}; got {', '.join(self.names)}. {example}"
            )

    @property
    def logs(self) -> list[Path]:
        """Folders that hold a log, and stores of sessions."""
        return [Path(name) for name in self.names if holds_log(Path(name))]

    @property
    def policies(self) -> list[str]:
        """The other names."""
        return [name for name in self.names if not holds_log(Path(name))]


def holds_log(path: Path) -> bool:
    """Whether a path is a log or a store of sessions."""
    return is_log(path) or is_store(path)


class Source(Protocol):
    """Where a log comes from."""

    @property
    def name(self) -> str:
        """For tables."""

    @property
    def env(self) -> EnvConfig:
        """Where its conversations were held."""

    def watched(self, task: Task, policies: Sequence[Policy]) -> Log:
        """The log with what ``watching`` notes of these policies; ``task`` is of its environment."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A log on disk."""

    folder: Path
    log: Log

    @property
    def name(self) -> str:
        """See ``Source``."""
        return str(self.folder)

    @property
    def env(self) -> EnvConfig:
        """See ``Source``."""
        return EnvConfig.create(self.log.meta["env"])

    def watched(self, task: Task, policies: Sequence[Policy]) -> Log:
        """See ``Source``."""
        check_sentences(task, self.log, self.folder)
        return watched(task, self.log, policies)


def sources_of(paths: Sequence[Path]) -> list[Source]:
    """The logs of these paths; a store has one for each policy that was served."""
    out = list[Source]()
    for path in paths:
        out += served_in(path) if is_store(path) else [Kept(path, read_log(path))]
    return out


def ope(config: OpeConfig) -> int:
    """Run ``chatrec ope``; returns its exit code."""
    if config.out is not None:
        check_free(config.out)
    sources, meter = sources_of(config.logs), Meter()
    check_same(sources)
    env = sources[0].env
    task = make_task(env)
    judged = [named_policy(name, env) for name in config.policies]
    policies = [str(one.log.meta["policy"]) for one in sources if isinstance(one, Kept)]
    # What was served has no name that makes it anew.
    behind = [named_policy(name, env) for name in policies] if len(policies) == len(sources) > 1 else []
    everybody: list[Policy] = [one.policy for one in (*judged, *behind)]
    names = [one.name for one in (*judged, *behind)]
    tables, found, logs = [], [], []
    for source in sources:
        with meter.work(f"Going through {source.name} once more"):
            seen = source.watched(task, everybody)
        logs.append(seen)
        found.append(samples(task, seen, everybody, names))
        with meter.work(f"Judging from {source.name}", len(judged), "policies") as work:
            for sample in found[-1][: len(judged)]:
                tables.append(table_of(source.name, seen, sample, config))
                work.add(1)
    chosen = relative_errors(logs, [own[len(judged) :] for own in found], config.gamma) if behind else None
    document = {"format": FORMAT, "gamma": config.gamma, "tables": tables, "relative_errors": chosen}
    if config.out is not None:
        options = {"names": list(config.names), "gamma": config.gamma, "env": env.to_dict()}
        seeds = {"bootstrap": config.seed}
        keep_table(config.out, "ope", options, seeds, document, (), sheet_of(document), config.track)
    show(document, grids_of(document).values(), json=config.json)
    return 0


def grids_of(document: dict[str, Any]) -> dict[str, Grid]:
    """A table for each log and policy, and which estimator errs least, by the stems of their files."""
    tables, errors = document["tables"], document["relative_errors"]
    best = min(errors, key=errors.__getitem__) if errors else None
    grids = {f"policy-{i + 1}": grid_of(table, best) for i, table in enumerate(tables)}
    return {**grids, "errors": errors_grid(errors)} if errors else grids


def sheet_of(document: dict[str, Any]) -> Sheet:
    """The page."""
    tables, grids = document["tables"], grids_of(document)
    errors = grids.pop("errors", None)
    doubted = [table["policy"] for table in tables if table["diagnostics"]["warnings"]]
    told = f"Not to be trusted: {', '.join(doubted)}." if doubted else "The logs overlap with all of them."
    pictures = {name: estimates_chart(table) for name, table in zip(grids, tables, strict=True)}
    sections = [Section(title="What they would have got", pictures=pictures, grids=grids)]
    if errors:
        sections.append(Section(title="Which estimator", grids={"errors": errors}))
    return Sheet(
        kicker="off-policy evaluation",
        headline=f"{len({table['policy'] for table in tables})} policies judged from logs alone",
        lead=f"95% intervals over conversations. {told}",
        sections=sections,
        curves=[{"agent": t["policy"], "log": t["log"], "diagnostics": t["diagnostics"]} for t in tables],
    )


def check_same(sources: Sequence[Source]) -> None:
    """See that logs are of one environment.

    Raises:
        ConfigError: They are not.
    """
    for other in sources[1:]:
        if other.env != sources[0].env:
            raise ConfigError(
                f"{sources[0].name} and {other.name} are of different environments. Name logs of one environment."
            )


def table_of(name: str, log: Log, sample: Sample, config: OpeConfig) -> dict[str, Any]:
    """One policy judged from one log, as plain JSON data."""
    found = estimates(sample, config.gamma, seed=config.seed)
    own = sample.r @ config.gamma ** np.arange(sample.r.shape[1])
    return {
        "log": name,
        "logged": log.meta["policy"],
        "version": log.meta["version"],
        "policy": sample.name,
        "logged_return": mean_interval(own).to_dict(),
        "estimates": [one.to_dict() for one in found.values()],
        "diagnostics": diagnostics(sample),
    }


def relative_errors(logs: Sequence[Log], found: Sequence[Sequence[Sample]], gamma: float) -> dict[str, float]:
    """Mean relative error ``|estimate - mean return| / |mean return|`` of each estimator, over pairs of logs.

    The policy of each log is judged from every other log, and its own log tells what it got.

    Args:
        logs: Two or more.
        found: Of each log, the samples of the policies behind all of them, in order.
        gamma: Discount.
    """
    errors: dict[str, list[float]] = {name: [] for name in ESTIMATORS}
    for i, own in enumerate(found):
        for j, sample in enumerate(own):
            if i != j:
                truth = float((found[j][j].r @ gamma ** np.arange(found[j][j].r.shape[1])).mean())
                for name, value in points(sample, gamma).items():
                    errors[name].append(abs(value - truth) / max(abs(truth), 1e-9))
    return {name: float(np.mean(values)) for name, values in errors.items()}


def grid_of(table: dict[str, Any], best: str | None) -> Grid:
    """One policy judged, for people."""
    told = table["diagnostics"]
    caption = (
        f"{told['conversations']:,} conversations weigh as {told['effective']:,.0f}; mean weight "
        f"{told['weight']['mean']:.2f} (should be 1); heaviest conversation {told['largest']:.1%} of the weight, "
        f"heaviest hundredth {told['tail']:.0%}; overlap of choices {told['overlap']:.2f}"
    )
    if told["warnings"]:
        caption += ". DO NOT TRUST: " + "; ".join(told["warnings"])
    logged = number(table["logged_return"]["mean"])
    out = Grid(
        ("estimator", "return", "Bernstein", "to the policy logged"),
        title=f"{table['policy']} from {table['log']} ({table['logged']}, return {logged})",
        caption=caption,
    )
    for one in table["estimates"]:
        bernstein = from_to(one["bernstein"], 2)
        out.add(
            LABELS[one["estimator"]],
            from_to(one["interval"], 2),
            Told(bernstein.partition(" ")[2] or NOTHING, bernstein.value),
            from_to(one["gain"], 2, sign=True),
            bold=one["estimator"] == best,
        )
    return out


def errors_grid(errors: dict[str, float]) -> Grid:
    """Relative errors of the estimators, for people."""
    best = min(errors, key=errors.__getitem__)
    out = Grid(
        ("estimator", "relative error"),
        title="Which estimator: the policy of each log judged from the other logs",
        caption="the smallest error is marked, here and above",
    )
    for name, value in errors.items():
        out.add(LABELS[name], percent(value, 1), bold=name == best)
    return out
