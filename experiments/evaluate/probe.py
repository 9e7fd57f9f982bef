"""``chatrec probe``: how well what is hidden can be predicted from what an agent sees, with and without each block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from agents.base import decision
from agents.baselines import make_baseline
from chatrec_env.core.kernel import State, Task, step_batch
from chatrec_env.core.user_simulator import Appraisable
from chatrec_env.envs.config import PLAIN, EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ConfigError
from chatrec_env.retrieval.ranking import EXCLUDED
from experiments.cli.options import OptionalPath, check_least, name_or_object
from experiments.cli.progress import Meter
from experiments.evaluate.probing import Probe, States
from experiments.evaluate.rollout import meet, people_seeds, policy_draws, read_sentences
from experiments.report.documents import FORMAT
from experiments.report.grid import Grid, count, from_to
from experiments.report.publish import Section, Sheet
from experiments.report.runlog import check_free
from experiments.report.study import keep_table, show

Float = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

BATCH = 200
"""People who talk at the same time."""

RANDOM_SHARE = 0.3
"""Share of the actions that are drawn at random; the others are greedy's."""

TRAITS = {
    "satisfaction": "satisfaction",
    "satiability": "satiability",
    "patience": "patience",
    "knows what they want": "knows",
    "pickiness": "threshold",
}
"""Hidden quantities that are fields of the people, by what tables call them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProbeConfig:
    """Print how well each hidden quantity can be predicted from what an agent sees.

    People talk to the myopic heuristic, three in ten of whose actions are drawn at random. From the state of every turn
    a ridge regression predicts each hidden quantity; its penalty is chosen on people it was not fitted on, and R² is
    that on further people (held out), with bootstrap intervals of 95% over them. *without* a block says what the others
    know without it, *alone* what it knows alone. A quantity that does not vary in the scenario has no figure.

    Attributes:
        encoder: Encoders to compare, one table each.
        scenario: Scenario by name, or JSON of changes.
        talk: How people talk: plain, crs or chat.
        catalog: Name of a built-in catalogue, or a path.
        conversation: recency (one weighted mean per role), or sequence (the last turns, one by one).
        semantic: Weight of what is said beyond the slots; with encoder none, 0.
        themes: What that is matched with: learned, a file of fit-themes; or, if empty, the items' texts.
        people: How many people are met; a third is held out.
        seed: Which people.
        out: Also write a run folder with the tables here.
        json: Print the tables as JSON.
    """

    encoder: tuple[str, ...] = ("hash",)
    scenario: str = "full"
    talk: str = PLAIN
    catalog: str = "movies"
    conversation: str = "recency"
    semantic: float = 0.0
    themes: str = ""
    people: int = 1500
    seed: int = 0
    out: OptionalPath = None
    json: bool = False

    def __post_init__(self) -> None:
        check_least(self, people=12, seed=0)
        if not self.encoder or len(set(self.encoder)) < len(self.encoder):
            raise ConfigError(f"--encoder must name each encoder once, got {list(self.encoder)}.")

    def env(self, encoder: str) -> EnvConfig:
        """Where people are met."""
        return EnvConfig(
            catalog=self.catalog,
            scenario=name_or_object(self.scenario, "--scenario"),
            talk=self.talk,
            encoder=name_or_object(encoder, "--encoder"),
            conversation=self.conversation,
            semantic=0.0 if encoder == "none" else self.semantic,
            themes="" if encoder == "none" else self.themes,
        )


def hidden_of(task: Task, state: State) -> dict[str, Float]:
    """The hidden quantities of N conversations, (N,) each.

    Raises:
        ConfigError: If users cannot tell what items are worth to them.
    """
    if not isinstance(task.users, Appraisable):
        raise ConfigError(f'Only users="scripted" tell what is hidden, got {task.users.name!r}.')
    d = state.dialogue
    worth = task.users.utility(state.people, d.candidates)
    there = d.scores > EXCLUDED / 2
    found = {
        "utility of the best candidate": np.where(there, worth, -np.inf).max(1),
        "utility of the first candidate": worth[:, 0],
    }
    for name, field in TRAITS.items():
        found[name] = np.asarray(getattr(state.people, field), np.float64).copy()
    return found


def gather(task: Task, seeds: list[int], meter: Meter, label: str) -> States:
    """Every turn of a conversation with each of these people."""
    greedy, anything = make_baseline("greedy"), make_baseline("random")
    seen: list[npt.NDArray[np.float32]] = []
    hidden: list[dict[str, Float]] = []
    people: list[Rows] = []
    with meter.work(label, len(seeds), "people") as work:
        for start in range(0, len(seeds), BATCH):
            some = seeds[start : start + BATCH]
            draws, rows, state = (
                policy_draws(some, task.manager.max_turns),
                np.arange(len(some)),
                meet(task, some),
            )
            while len(rows):
                now = decision(task, state)
                seen.append(now.observation.copy())
                hidden.append(hidden_of(task, state))
                people.append(start + rows)
                uniform = draws[rows, state.dialogue.turn]
                explores = uniform < RANDOM_SHARE
                other = anything.act(now, np.where(explores, uniform / RANDOM_SHARE, 0.0))
                turn = step_batch(task, state, np.where(explores, other, greedy.act(now, uniform)))
                going = np.flatnonzero(~(turn.terminated | turn.truncated))
                rows, state = rows[going], state.take(going)
            work.add(len(some))
    names = hidden[0]
    return States(
        np.concatenate(seen),
        {name: np.concatenate([one[name] for one in hidden]) for name in names},
        np.concatenate(people),
    )


def column_sets(task: Task) -> Iterator[tuple[str, Rows]]:
    """Sets of columns by what tables call them: all, then without each block, then each alone."""
    slices, every = task.layout.slices, np.arange(task.layout.width)
    yield "all", every
    for name, own in slices.items():
        yield f"without {name}", np.delete(every, own)
    for name, own in slices.items():
        yield f"{name} alone", every[own]


def probe_encoder(config: ProbeConfig, encoder: str, meter: Meter) -> dict[str, Any]:
    """One encoder's table as plain JSON data: R² by quantity and by set of columns."""
    env = config.env(encoder)
    read_sentences(env, meter, f"{encoder}: ")
    task = make_task(env)
    label = f"{encoder}: {config.people:,} people talk"
    states = gather(task, people_seeds("tune", config.seed, config.people), meter, label)
    sets, probes = list(column_sets(task)), Probe(states, config.seed)
    rows: dict[str, dict[str, Any]] = {name: {} for name in states.hidden}
    with meter.work(f"{encoder}: probing", len(sets), "sets of columns") as work:
        for name, columns in sets:
            for quantity, found in probes.explained(columns).items():
                rows[quantity][name] = found.to_dict()
            work.add(1, name)
    return {
        "encoder": encoder,
        "turns": len(states.people),
        "people": config.people,
        "columns": {name: len(columns) for name, columns in sets},
        "rows": rows,
    }


def grid_of(table: dict[str, Any], about: str) -> Grid:
    """One encoder's table for people."""
    sets = list(table["columns"])
    out = Grid(
        ("columns", "how many", *table["rows"]),
        title=f"{table['encoder']}: R² on held-out people; {about}",
        caption=f"{table['turns']:,} turns of {table['people']:,} people, a third of them held out; 95% intervals",
    )
    for name in sets:
        found = (from_to(row[name], 2) for row in table["rows"].values())
        out.add(name, count(table["columns"][name]), *found, bold=name == "all")
    return out


def sheet_of(grids: dict[str, Grid], where: str) -> Sheet:
    """The page."""
    return Sheet(
        kicker="probe",
        headline="What an agent can know of what is hidden",
        lead=f"How well ridge regression predicts it from what an agent sees, on people it was not fitted to; {where}.",
        sections=[Section(title=f"Encoder {name}", grids={name: grid}) for name, grid in grids.items()],
    )


def probe(config: ProbeConfig) -> int:
    """Run the command; returns its exit code."""
    if config.out is not None:
        check_free(config.out)
    meter = Meter()
    tables = [probe_encoder(config, encoder, meter) for encoder in config.encoder]
    told = {name: getattr(config, name) for name in ("scenario", "talk", "catalog", "conversation", "people")}
    document = {"format": FORMAT, "config": told, "tables": tables}
    where = f"scenario {config.scenario}, talk {config.talk}"
    grids = {re.sub(r"\W+", "-", table["encoder"]): grid_of(table, where) for table in tables}
    if config.out is not None:
        task = make_task(config.env(config.encoder[0]))
        sheet = sheet_of(grids, where)
        keep_table(config.out, "probe", told, {"tune": config.seed}, document, [task.users], sheet)
    show(document, list(grids.values()), json=config.json)
    return 0
