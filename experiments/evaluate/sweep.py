"""``chatrec sweep``: every combination of settings, trained and evaluated on the same people; resumable."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import tyro

from agents import registry
from agents.base import OraclePolicy, Policy
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import named_files
from chatrec_env.errors import ConfigError
from experiments.cli.axes import HYPERPARAMETER, axes_of, is_trained
from experiments.cli.options import EnvOptions, check_least, parse_settings
from experiments.cli.progress import Meter
from experiments.evaluate.evaluate import make_unlearned
from experiments.evaluate.rollout import COLUMNS, column_mean, people_seeds
from experiments.evaluate.stats import Interval, mean_interval
from experiments.evaluate.trained import learner, met
from experiments.report.documents import FORMAT, read_document
from experiments.report.grid import NOTHING, Grid, number, percent, plus_minus
from experiments.report.plots import comparison
from experiments.report.publish import Section, Sheet
from experiments.report.runlog import TABLE
from experiments.report.study import Part, StudyOptions, compute, contents, finish, folder_of

Float = npt.NDArray[np.float64]

UNTRAINED = "heuristics do not train, and ignore seed, turns and hyperparameters"
OTHER_REWARDS = "returns of other rewards differ in unit; chatrec shaping judges them by what none changes"


@dataclass(frozen=True, kw_only=True, slots=True)
class SweepConfig(StudyOptions):
    """Train and evaluate every combination of some settings, and print one table.

    `--over NAME=A,B,C` tries each value; several names give every combination. `--with NAME=A` holds a setting in all
    of them. A name is an option of the environment (scenario, reward, talk, encoder, max_turns, ... as in
    `chatrec train --help`), agent (a learner or a heuristic), seed, turns, or a hyperparameter (set.learning_rate).
    Values may be JSON; commas inside brackets do not part them.

    Every combination meets the same people. Combinations that differ in the seed alone make one row: its 95% interval
    is over seeds (Student's t), or over people if there is one seed. The difference is to the first row of the same
    reward, seed by seed and person by person, where both have the same seeds. Heuristics do not train and ignore seed,
    turns and hyperparameters: each is one row, compared with every seed of the others.

    A finished combination is kept in the run folder and used again only by the very same settings. So a sweep that was
    stopped, even killed, goes on where it was. A sweep in the same folder may name more than the one before it; one
    that lacks some of that, or has other people, is refused, since a folder has one table.

    Attributes:
        over: Settings to try, as NAME=A,B,C.
        fixed: Settings of all combinations, as NAME=A.
        people: How many unseen people each trained policy meets.
        people_seed: Which people.
    """

    over: Annotated[tuple[str, ...], tyro.conf.arg(metavar="NAME=A,B,C")] = ()
    fixed: Annotated[
        tuple[str, ...], tyro.conf.arg(name="with", metavar="NAME=A", help_behavior_hint="")
    ] = ()
    people: int = 1000
    people_seed: int = 0

    def __post_init__(self) -> None:
        check_least(self, people=2, people_seed=0, workers=1)
        if not self.over:
            raise ConfigError(
                "Name at least one setting to try. Example: chatrec sweep --over agent=q_learning,sarsa seed=0,1,2"
            )


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination, ready to be trained.

    Attributes:
        values: Setting by name, as told.
        env: Where it acts.
        agent: A learner or a heuristic.
        turns: Of training; 0 for a heuristic.
        seed: Of the training.
        settings: Hyperparameters that differ from the agent's own.
    """

    values: dict[str, str]
    env: EnvConfig
    agent: str
    turns: int
    seed: int
    settings: dict[str, Any]

    @property
    def learns(self) -> bool:
        """Whether there is anything to train."""
        return self.agent in registry.names(registry.LEARNER)

    def signature(self) -> dict[str, Any]:
        """What its policy depends on."""
        return self.chosen() | contents(self.env.catalog, self.env.reward, named_files(self.env))

    def chosen(self) -> dict[str, Any]:
        """The same without what is in the files that are named."""
        told = {"env": self.env.to_dict(), "agent": self.agent}
        learned = {"turns": self.turns, "seed": self.seed, "settings": self.settings}
        return told | learned if self.learns else told

    @property
    def name(self) -> str:
        """Of its folder."""
        return f"{self.agent}-{digest(self.signature())}"


def digest(told: dict[str, Any]) -> str:
    """A short name for plain JSON data."""
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def typed(name: str, text: str, kind: type) -> Any:
    """A value of the type that a setting has.

    Raises:
        ConfigError: If it is none.
    """
    try:
        return kind(text)
    except ValueError as error:
        raise ConfigError(
            f"{name} expects {'a number' if kind is float else 'an integer'}, got {text!r}."
        ) from error


def make_cell(values: dict[str, str]) -> Cell:
    """The combination of these settings.

    Raises:
        ConfigError: If a value is unknown or out of range, or does not fit the others.
    """
    agent = registry.find(values.get("agent", "ppo"), registry.LEARNER, registry.BASELINE)
    learns = agent.role == registry.LEARNER
    values = {name: value for name, value in values.items() if learns or not is_trained(name)}
    options: dict[str, Any] = {}
    for field in fields(EnvOptions):
        if field.name in values:
            kind = int if field.name == "slate_size" else type(field.default)
            text = values[field.name]
            options[field.name] = text if kind is str else typed(field.name, text, kind)
    if "env" not in options:
        from experiments.train.train import home

        options["env"] = home(agent.name)
    settings = parse_settings(
        tuple(f"{name.removeprefix(HYPERPARAMETER)}={v}" for name, v in values.items() if "." in name)
    )
    env = EnvOptions(**options).config(**({"observation": agent.observation} if learns else {}))
    registry.check_actions(agent.name, env.actions)
    turns = typed("turns", values["turns"], int) if "turns" in values else (agent.turns if learns else 0)
    seed = typed("seed", values.get("seed", "0"), int)
    if learns:
        registry.make_config(agent.name, turns=turns, seed=seed, settings=settings)
    return Cell(values, env, agent.name, turns, seed, settings)


def cells_of(axes: dict[str, list[str]]) -> list[Cell]:
    """Every combination once, the last setting changing fastest.

    Raises:
        ConfigError: If there is nothing to train, and a setting of training.
    """
    made = [make_cell(dict(zip(axes, each, strict=True))) for each in itertools.product(*axes.values())]
    unheeded = [name for name in axes if is_trained(name)]
    if unheeded and not any(cell.learns for cell in made):
        raise ConfigError(
            f"{made[0].agent} does not learn: {unheeded[0]} would change nothing. Leave it out."
        )
    return list({tuple(cell.values.items()): cell for cell in made}.values())


def check_kept(folder: Path, cells: Sequence[Cell], met_by: dict[str, int]) -> list[str]:
    """See that the table a folder has is one of these combinations, or some of them; digests of them all.

    Raises:
        ConfigError: It has others, which would be lost.
    """
    combinations = [digest(cell.chosen() | met_by) for cell in cells]
    table = read_document(folder / TABLE) if (folder / TABLE).exists() else {}
    if set(table.get("combinations", ())) - set(combinations):
        axes = " ".join(f"{name}={','.join(values)}" for name, values in table["axes"].items())
        raise ConfigError(
            f"{folder} has the table of another sweep, which this one would replace: {axes}, {table['people']} people "
            f"of seed {table['people_seed']}. Choose another place with --out, or name all of that too."
        )
    return combinations


def cell_job(cell: Cell, people: list[int], folder: str, meter: Meter) -> dict[str, Any]:
    """Train one combination, in a folder of its own, and let it meet the people."""
    policy: Policy | OraclePolicy
    if cell.learns:
        place = Path(folder) / "policies" / cell.name
        policy = learner(
            cell.agent, cell.turns, cell.seed, cell.env, place, meter, "", settings=cell.settings
        )
    else:
        policy = make_unlearned(cell.agent, cell.env)
    return met(cell.env, policy, people, meter, cell.agent)


def make_rows(
    axes: dict[str, list[str]], cells: Sequence[Cell], found: Sequence[dict[str, Any]]
) -> list[Any]:
    """One row for each combination but for the seed; see ``SweepConfig``."""
    shown = [name for name, values in axes.items() if name != "seed" and len(values) > 1] or ["agent"]
    groups: dict[
        tuple[str, ...], dict[int | None, dict[str, Any]]
    ] = {}  # by seed, None of who does not learn
    for cell, columns in zip(cells, found, strict=True):
        key = tuple(cell.values.get(name, cell.agent if name == "agent" else NOTHING) for name in shown)
        groups.setdefault(key, {})[cell.seed if cell.learns else None] = columns
    firsts: dict[str | None, dict[int | None, Float]] = {}  # by the reward, where rewards differ
    rows = []
    for key, by_seed in groups.items():
        row: dict[str, Any] = {"settings": dict(zip(shown, key, strict=True))}
        row["seeds"] = sorted(seed for seed in by_seed if seed is not None)
        returns = {seed: np.array(columns["return"]) for seed, columns in by_seed.items()}
        row["return"] = over_seeds(list(returns.values())).to_dict()
        first = firsts.setdefault(row["settings"].get("reward"), returns)
        row["difference"] = None if first is returns else ahead(returns, first)
        for name in COLUMNS:
            if name != "return":
                row[name] = column_mean(np.concatenate([np.array(c[name], float) for c in by_seed.values()]))
        rows.append(row)
    return rows


def ahead(own: dict[int | None, Float], first: dict[int | None, Float]) -> dict[str, Any] | None:
    """The difference of returns by seed; who does not learn does the same with every seed. None if seeds differ."""
    seeds = {*own, *first} - {None} or {None}
    pairs = [(own.get(seed, own.get(None)), first.get(seed, first.get(None))) for seed in seeds]
    gaps = [one - other for one, other in pairs if one is not None and other is not None]
    return over_seeds(gaps).to_dict() if len(gaps) == len(pairs) else None


def over_seeds(values: Sequence[Float]) -> Interval:
    """The mean of values (people,) of each seed: with an interval over seeds, or over people if there is one seed."""
    return mean_interval(values[0]) if len(values) == 1 else mean_interval([each.mean() for each in values])


def grid_of(document: dict[str, Any]) -> Grid:
    """The table for people."""
    rows = document["rows"]
    names = list(rows[0]["settings"])
    seeds = max(len(row["seeds"]) for row in rows)
    over = f"{seeds} training seeds" if seeds > 1 else "people"
    if seeds > 1 and not all(row["seeds"] for row in rows):
        over += ", of heuristics over people"
    heads = ("return", "difference", "clicks", "mean rating", "questions", "turns", "left unhappy")
    out = Grid(
        (*names, *heads),
        title=f"{document['people']:,} unseen people, the same for every row; 95% intervals over {over}",
        caption="difference: in return, to the first row with the same reward, seeds and people"
        + (f"; {OTHER_REWARDS}" if "reward" in names else "")
        + (f"; {NOTHING}: {UNTRAINED}" if any(NOTHING in row["settings"].values() for row in rows) else ""),
        text=tuple(range(1, len(names))),
    )
    for row in rows:
        told = [row["settings"][name] for name in names]
        figures = [plus_minus(row["return"]), plus_minus(row["difference"], sign=True)]
        figures += [number(row[name]) for name in ("clicks", "rating", "questions", "turns")]
        out.add(*told, *figures, percent(row["left_unhappy"]))
    return out


def sheet_of(document: dict[str, Any]) -> Sheet:
    """The page."""
    rows = document["rows"]
    named = [{**row, "policy": ", ".join(row["settings"].values()), "learned": True} for row in rows]
    best = max(named, key=lambda row: row["return"]["mean"])
    headline = f"{best['policy']}: return {best['return']['mean']:.2f}, the best of {len(rows)} combinations"
    axes = "; ".join(f"{name}: {', '.join(values)}" for name, values in document["axes"].items())
    pictures = {"returns": comparison(named, f"mean of the same {document['people']:,} unseen people")}
    if "reward" in rows[0]["settings"]:
        headline, pictures = f"{len(rows)} combinations, of different rewards", {}
    return Sheet(
        kicker="sweep",
        headline=headline,
        lead=f"Every combination of {axes}.",
        sections=[Section(title="Every combination", pictures=pictures, grids={"table": grid_of(document)})],
        footer="What each combination found is in <code>parts/</code>.",
    )


def sweep(config: SweepConfig) -> int:
    """Run the command; returns its exit code."""
    engine, axes = config.where, axes_of(config.over, config.fixed)
    cells, folder = cells_of(axes), folder_of(config, "sweep")
    people = people_seeds("eval", config.people_seed, config.people)
    met_by = {"people": config.people, "people_seed": config.people_seed}
    combinations = check_kept(folder, cells, met_by)
    parts = []
    for cell in cells:
        signature = cell.signature() | met_by
        parts.append(
            Part(f"{cell.agent}-{digest(signature)}", cell_job, (cell, people, str(folder)), signature)
        )
    found = compute(parts, folder, engine, Meter())
    rows = make_rows(axes, cells, [found[part.name] for part in parts])
    document = {"format": FORMAT, "axes": axes, **met_by, "combinations": combinations, "rows": rows}
    return finish(config, folder, document, sheet_of(document))
