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
import tyro

from agents import registry
from agents.base import OraclePolicy, Policy
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import named_files
from chatrec_env.errors import ConfigError, UnknownNameError
from experiments.cli.options import EnvOptions, check_least, parse_settings
from experiments.cli.progress import Meter
from experiments.evaluate.evaluate import make_unlearned
from experiments.evaluate.rollout import COLUMNS, column_mean, people_seeds
from experiments.evaluate.stats import Interval, mean_interval
from experiments.evaluate.trained import learner, met
from experiments.report.documents import FORMAT
from experiments.report.grid import Grid, number, percent, plus_minus
from experiments.report.plots import comparison
from experiments.report.publish import Section, Sheet
from experiments.report.study import Part, StudyOptions, compute, contents, finish, folder_of

ENVIRONMENT = tuple(f.name for f in fields(EnvOptions) if f.name != "given")
OWN = ("agent", "seed", "turns")
HYPERPARAMETER = "set."
MOST_CELLS = 10_000
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
    reward, seed by seed and person by person, where both have the same seeds.

    A finished combination is kept in the run folder and used again only by the very same settings. So a sweep that was
    stopped, even killed, goes on where it was. Other settings in the same folder are computed beside, never mixed in.

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
        """What its numbers depend on."""
        told = {"env": self.env.to_dict(), "agent": self.agent}
        told |= contents(self.env.catalog, self.env.reward, named_files(self.env))
        learned = {"turns": self.turns, "seed": self.seed, "settings": self.settings}
        return told | learned if self.learns else told

    @property
    def name(self) -> str:
        """Of its file and its folder."""
        plain = json.dumps(self.signature(), sort_keys=True)
        return f"{self.agent}-{hashlib.sha256(plain.encode()).hexdigest()[:16]}"


def split_values(text: str) -> list[str]:
    """Split a text at its commas, but for those inside brackets and quotes."""
    parts, depth, quoted, start = [], 0, False, 0
    for i, letter in enumerate(text):
        quoted ^= letter == '"'
        if not quoted:
            depth += (letter in "{[") - (letter in "}]")
            if letter == "," and depth == 0:
                parts.append(text[start:i])
                start = i + 1
    return [part.strip() for part in (*parts, text[start:])]


def parse_axis(pair: str, option: str) -> tuple[str, list[str]]:
    """``"scenario=full,null"`` as a name and its values.

    Raises:
        ConfigError: If it is not like that, or names a value twice.
        UnknownNameError: If there is no such setting.
    """
    name, equals, text = pair.partition("=")
    name = name.strip().replace("-", "_")
    values = split_values(text)
    if not equals or not all(values):
        raise ConfigError(f"{option} expects NAME=A,B,C, got {pair!r}. Example: {option} scenario=full,null")
    if name not in (*ENVIRONMENT, *OWN) and not name.startswith(HYPERPARAMETER):
        raise UnknownNameError("setting", name, [*OWN, *ENVIRONMENT, f"{HYPERPARAMETER}NAME"])
    if len(set(values)) < len(values):
        raise ConfigError(f"{option} {pair}: a value is named twice.")
    return name, values


def axes_of(config: SweepConfig) -> dict[str, list[str]]:
    """Every setting with its values; those held come first, with one.

    Raises:
        ConfigError: If a setting is named twice, or the combinations are too many.
    """
    axes: dict[str, list[str]] = {}
    for option, pairs in (("--with", config.fixed), ("--over", config.over)):
        for pair in pairs:
            name, values = parse_axis(pair, option)
            if name in axes:
                raise ConfigError(
                    f"{option} names {name} twice. Give all its values at once: --over {name}=A,B"
                )
            if option == "--with" and len(values) > 1:
                raise ConfigError(f"--with holds one value, got {pair!r}. Use --over {pair}")
            axes[name] = values
    cells = int(np.prod([len(values) for values in axes.values()]))
    if cells > MOST_CELLS:
        raise ConfigError(f"{cells:,} combinations are more than {MOST_CELLS:,}. Try fewer values.")
    return axes


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
    if not learns and (settings or "turns" in values):
        raise ConfigError(f"{agent.name} does not learn: it takes no turns and no hyperparameters.")
    env = EnvOptions(**options).config(**({"observation": agent.observation} if learns else {}))
    registry.check_actions(agent.name, env.actions)
    turns = typed("turns", values["turns"], int) if "turns" in values else (agent.turns if learns else 0)
    seed = typed("seed", values.get("seed", "0"), int)
    if learns:
        registry.make_config(agent.name, turns=turns, seed=seed, settings=settings)
    return Cell(values, env, agent.name, turns, seed, settings)


def cells_of(axes: dict[str, list[str]]) -> list[Cell]:
    """Every combination, the last setting changing fastest."""
    return [make_cell(dict(zip(axes, each, strict=True))) for each in itertools.product(*axes.values())]


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
    groups: dict[tuple[str, ...], dict[int, dict[str, Any]]] = {}
    for cell, columns in zip(cells, found, strict=True):
        key = tuple(cell.values.get(name, cell.agent) for name in shown)
        groups.setdefault(key, {})[cell.seed] = columns
    firsts: dict[str | None, dict[int, dict[str, Any]]] = {}  # by the reward, where rewards differ
    rows = []
    for key, by_seed in groups.items():
        row: dict[str, Any] = {"settings": dict(zip(shown, key, strict=True)), "seeds": sorted(by_seed)}
        returns = {seed: np.array(columns["return"]) for seed, columns in by_seed.items()}
        row["return"] = over_seeds(list(returns.values())).to_dict()
        row["difference"] = None
        first = firsts.setdefault(row["settings"].get("reward"), by_seed)
        if by_seed is not first and set(by_seed) == set(first):
            ahead = [values - np.array(first[seed]["return"]) for seed, values in returns.items()]
            row["difference"] = over_seeds(ahead).to_dict()
        for name in COLUMNS:
            if name != "return":
                row[name] = column_mean(np.concatenate([np.array(c[name], float) for c in by_seed.values()]))
        rows.append(row)
    return rows


def over_seeds(values: Sequence[np.ndarray[Any, Any]]) -> Interval:
    """The mean of values (people,) of each seed: with an interval over seeds, or over people if there is one seed."""
    return mean_interval(values[0]) if len(values) == 1 else mean_interval([each.mean() for each in values])


def grid_of(document: dict[str, Any]) -> Grid:
    """The table for people."""
    rows = document["rows"]
    names = list(rows[0]["settings"])
    seeds = max(len(row["seeds"]) for row in rows)
    over = f"{seeds} training seeds" if seeds > 1 else "people"
    heads = ("return", "difference", "clicks", "mean rating", "questions", "turns", "left unhappy")
    out = Grid(
        (*names, *heads),
        title=f"{document['people']:,} unseen people, the same for every row; 95% intervals over {over}",
        caption="difference: in return, to the first row with the same reward, seeds and people"
        + (f"; {OTHER_REWARDS}" if "reward" in names else ""),
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
    engine, axes = config.where, axes_of(config)
    cells, folder = cells_of(axes), folder_of(config, "sweep")
    people = people_seeds("eval", config.people_seed, config.people)
    met_by = {"people": config.people, "people_seed": config.people_seed}
    parts = {c.name: Part(c.name, cell_job, (c, people, str(folder)), c.signature() | met_by) for c in cells}
    found = compute(list(parts.values()), folder, engine, Meter())
    rows = make_rows(axes, cells, [found[c.name] for c in cells])
    document = {"format": FORMAT, "axes": axes, **met_by, "rows": rows}
    return finish(config, folder, document, sheet_of(document))
