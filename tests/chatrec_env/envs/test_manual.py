"""The manual page of the environment says what the environment does: every number in it is checked."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import gymnasium
import numpy as np
import pytest

import chatrec_env
from chatrec_env.core.actions import STRATEGIES, WEIGHT, StrategyActions
from chatrec_env.core.columns import CANDIDATE_COLUMNS, CLIP, MEANING_COLUMNS
from chatrec_env.core.kernel import Task
from chatrec_env.core.observations import REMARKS, TABULAR_SIZES, TALK_REMARKS
from chatrec_env.core.rewards import RewardConfig
from chatrec_env.core.state import MEANING_SLOTS
from chatrec_env.dialogue.meaning import FADE, MOST_BELIEVED, PRAISE, REFUSAL
from chatrec_env.envs.config import TALKS, EnvConfig
from chatrec_env.envs.env import ChatRecEnv
from chatrec_env.envs.infos import INFO_LEVELS
from chatrec_env.envs.shared import RENDER_MODES
from chatrec_env.language import make_encoder
from chatrec_env.retrieval.dense import FLOOR, MOST_HITS, UNIT
from chatrec_env.retrieval.themes import SHARPNESS
from chatrec_env.shaping.entries import TERMS
from simulators.scenarios.scenario import SCENARIOS

MANUAL = inspect.getdoc(ChatRecEnv) or ""
SECTIONS = dict(re.findall(r"^## ([\w ]+)\n(.*?)(?=^## |\Z)", MANUAL, re.M | re.S))


def table(section: str, index: int = 0) -> dict[str, list[str]]:
    """Rows of the ``index``-th table of a section by first column; continued rows are joined."""
    blocks = re.findall(r"(?:^\|.*\n?)+", SECTIONS[section], re.M)
    rows: dict[str, list[str]] = {}
    last = ""
    for line in blocks[index].splitlines()[2:]:
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if cells[0]:
            last = cells[0]
            rows[last] = cells[1:]
        else:
            rows[last][-1] += " " + cells[-1]
    return rows


def test_sections_are_all_there_in_order() -> None:
    assert list(SECTIONS) == [
        "Description",
        "Action Space",
        "Observation Space",
        "Talk",
        "Meaning",
        "Starting State",
        "Rewards",
        "Episode End",
        "Information",
        "Arguments",
        "Version History",
    ]


def test_the_description_counts_right(task: Task) -> None:
    films = task.manager.catalog
    assert (
        f"({films.n_facets} facets, {films.n_values} values, {len(films.contexts)} contexts), "
        f"{EnvConfig().n_candidates} candidates and {EnvConfig().max_turns} turns"
    ) in " ".join(SECTIONS["Description"].split())
    assert all(f"``{name}``" in SECTIONS["Description"] for name in chatrec_env.IDS)


def test_actions(task: Task, task_of: Callable[..., Task]) -> None:
    text = SECTIONS["Action Space"]
    assert re.findall(r"``Discrete\((\d+)\)``", text) == [str(task.actions.n), str(len(STRATEGIES))]
    items = table("Action Space")
    asks = [name.removeprefix("ask:") for name in task.actions.names if name.startswith("ask:")]
    assert items[f"0-{len(asks) - 1}"] == ["ask about " + ", ".join(asks)]
    assert f"{len(asks)}-{task.actions.n - 1}" in items
    strategies = table("Action Space", 1)
    assert [row[0].split()[0].strip(":") for row in strategies.values()] == list(STRATEGIES)
    assert list(strategies) == [str(i) for i in range(len(STRATEGIES))]
    assert isinstance(task_of(actions="strategy").actions, StrategyActions)
    assert WEIGHT == 2.0  # "twice"


def test_observation_blocks(task: Task) -> None:
    layout, text = task.layout, SECTIONS["Observation Space"]
    rows = table("Observation Space")
    assert list(rows) == list(layout.slices)
    widths = {name: part.stop - part.start for name, part in layout.slices.items()}
    rest = layout.width - widths.pop("conversation")
    assert rows["conversation"][0] == "2 D"
    assert {name: int(rows[name][0]) for name in widths} == widths
    for encoder in ("minilm", "hash"):
        dim = make_encoder(encoder).dim
        assert re.search(rf"{dim}\s+for\s+``\"{encoder}\"`` \(width {2 * dim + rest}\)", text)
    assert f"Box(-{CLIP:.0f}, {CLIP:.0f}, (width,), float32)" in text
    sizes = {"of the": len(REMARKS), "content factors": 16, "per candidate": len(CANDIDATE_COLUMNS)}
    content = " ".join(row[-1] for row in rows.values())
    assert f"{sizes['of the']} acts of the person's last turn" in content
    assert f"{task.manager.catalog.factors.shape[1]} content factors" in content
    assert f"{sizes['per candidate']} per candidate: {', '.join(CANDIDATE_COLUMNS)}" in content
    assert f"({task.manager.catalog.n_values}, in [-1.5, 1.5])" in content
    films = task.manager.catalog
    for named in (films.contexts, films.times, films.devices):
        assert ", ".join(entry.name for entry in named) in content
    assert f"``Discrete({np.prod(TABULAR_SIZES)})``" in text
    levels = re.search(r"The tabular state counts.*", text, re.S)
    assert levels is not None
    assert tuple(int(n) for n in re.findall(r"\((\d)", levels[0])) == TABULAR_SIZES


def test_talk(task_of: Callable[..., Task]) -> None:
    """Actions, columns and widths where people talk."""
    rows = {name.strip("`"): [cell.strip("`") for cell in row] for name, row in table("Talk").items()}
    assert list(rows) == list(chatrec_env.IDS)
    for name, (space, number) in rows.items():
        env = ChatRecEnv(actions=name.split("/")[1].split("-")[0].lower(), encoder="hash", talk="crs")
        assert str(env.action_space).replace(" ", ", ") == space
        assert str(env.task.actions.names.index("answer")) in number
    layout, text = task_of(talk="crs").layout, " ".join(SECTIONS["Talk"].split())
    history = layout.blocks[1]
    assert (
        f"{len(TALK_REMARKS)} columns more, for {history.width} in all, after the {len(REMARKS)} acts" in text
    )
    assert ", ".join(act.name.lower() for act in TALK_REMARKS) in text
    said = [column.removeprefix("said: ") for column in history.columns if column.startswith("said: ")]
    assert said == [act.name.lower() for act in (*REMARKS, *TALK_REMARKS)]
    rest = layout.width - layout.blocks[0].width
    for encoder in ("minilm", "hash"):
        assert f'{2 * make_encoder(encoder).dim + rest} for ``"{encoder}"``' in text
    assert all(f'``"{name}"``' in table("Arguments")["talk"][1] for name in TALKS)


def test_meaning(task_of: Callable[..., Task]) -> None:
    """Columns, strengths and bounds where what is said is matched with the items' texts."""
    layout, text = task_of(semantic=0.25).layout, " ".join(SECTIONS["Meaning"].split())
    width = layout.slices["candidates"].stop - layout.slices["candidates"].start
    columns = " ".join(SECTIONS["Observation Space"].split())
    assert (
        f"adds {len(MEANING_COLUMNS)} columns to each candidate (for {width} in all): match, how" in columns
    )
    assert [f"text {i}" for i in range(8)] == list(MEANING_COLUMNS[2:])
    assert f"likeness is 0 for {10 * FLOOR:.0f} in 10 pairs" in text
    assert f"1 at the {100 * UNIT:.0f}th of 100" in text
    assert f"At most {MOST_HITS} items" in text
    assert f"The last {MEANING_SLOTS} such sentences" in text
    assert f"leaves {FADE:.1f} of the weight" in text
    assert f"moves by {PRAISE / 2:.2f} (stars - 3)" in text
    assert f"adds {SHARPNESS:.0f} times its product with the centre" in text
    assert f"by -{REFUSAL:.2f} times that; weights lie in [0, {MOST_BELIEVED:.0f}]" in text


def test_block_ranges_hold(task: Task) -> None:
    """Random play stays inside the range of each block."""
    env = ChatRecEnv(encoder="hash", masked_actions="redirect")
    ranges = {name: ast.literal_eval(row[1]) for name, row in table("Observation Space").items()}
    rng = np.random.default_rng(0)
    for seed in range(10):
        observation, _ = env.reset(seed=seed)
        done = False
        while not done:
            for name, (low, high) in ranges.items():
                block = observation[task.layout.slices[name]]
                assert low <= block.min() <= block.max() <= high, name
            observation, _, terminated, truncated, _ = env.step(np.int64(rng.integers(task.actions.n)))
            done = terminated or truncated


def test_rewards() -> None:
    rows, default = table("Rewards"), RewardConfig()
    assert tuple(rows) == TERMS
    found = {name: float(row[0]) for name, row in rows.items()}
    assert found == {
        "click": default.click,
        "rating": default.rating,
        "ask": -default.ask_cost,
        "leave": -default.leave_cost,
        "shaping": 0.0,
    }
    assert default.shaping == "none"


def test_information() -> None:
    env = ChatRecEnv(encoder="hash")
    assert list(table("Information")) == list(env.reset(seed=0)[1])


def test_arguments() -> None:
    rows = {name: row[0].strip("`") for name, row in table("Arguments").items()}
    default = EnvConfig()
    names = [f.name for f in fields(EnvConfig) if f.name != "actions"]
    assert list(rows) == [*names, "render_mode", "info"]
    for name in names:
        if name != "reward":
            assert ast.literal_eval(rows[name]) == getattr(default, name), name
    assert EnvConfig.create({"reward": ast.literal_eval(rows["reward"])}) == default
    assert all(f'"{mode}"' in table("Arguments")["render_mode"][1] for mode in RENDER_MODES)
    assert all(f'"{level}"' in table("Arguments")["info"][1] for level in INFO_LEVELS)
    assert all(f'``"{name}"``' in SECTIONS["Arguments"] for name in SCENARIOS)


def test_the_example_runs() -> None:
    code = re.search(r"```python\n(.*?)```", SECTIONS["Arguments"], re.S)
    assert code is not None
    names: dict[str, Any] = {"gymnasium": gymnasium}
    exec(code[1], names)
    assert names["info"]["turn"] == 1


@pytest.mark.parametrize("name", chatrec_env.IDS)
def test_the_version_is_in_the_history(name: str) -> None:
    assert f"* {name.rsplit('-', 1)[1]}:" in SECTIONS["Version History"]
