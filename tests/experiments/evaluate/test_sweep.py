from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chatrec_env.catalog import BUILT_IN
from chatrec_env.errors import ConfigError, UnknownNameError
from experiments.cli.axes import axes_of, split_values
from experiments.evaluate.sweep import ahead, cells_of, make_rows

TINY = ("--with", "agent=q_learning", "encoder=hash", "turns=200", "--people", 4)


def test_commas_inside_brackets_do_not_part_values() -> None:
    assert split_values('full,{"name": "full", "satiation": 1.2},[1,2]') == [
        "full",
        '{"name": "full", "satiation": 1.2}',
        "[1,2]",
    ]


def test_every_combination_once() -> None:
    axes = axes_of(("scenario=full,null", "seed=0,1", "set.gamma=0.9"), ("agent=sarsa", "turns=50"))
    cells = cells_of(axes)
    assert [(c.env.scenario, c.seed, c.turns) for c in cells] == [
        ("full", 0, 50), ("full", 1, 50), ("null", 0, 50), ("null", 1, 50),
    ]  # fmt: skip
    assert all(c.settings == {"gamma": 0.9} for c in cells)
    assert {c.env.observation for c in cells} == {"tabular"}
    assert len({c.name for c in cells}) == 4


def test_heuristics_may_be_among_the_agents() -> None:
    greedy, sarsa = cells_of({"encoder": ["hash"], "agent": ["greedy", "sarsa"]})
    assert (greedy.learns, greedy.turns, sarsa.learns) == (False, 0, True)


def test_heuristics_ignore_what_is_of_training() -> None:
    """Two turns, two seeds, a hyperparameter: four trainings, and greedy once."""
    axes = {"agent": ["greedy", "sarsa"], "turns": ["50", "60"], "seed": ["0", "1"], "set.gamma": ["0.9"]}
    cells = cells_of({"encoder": ["hash"], **axes})
    assert [(c.agent, c.turns, c.seed) for c in cells] == [
        ("greedy", 0, 0), ("sarsa", 50, 0), ("sarsa", 50, 1), ("sarsa", 60, 0), ("sarsa", 60, 1),
    ]  # fmt: skip
    rest = {name: [0.0, 0.0] for name in ("clicks", "rating", "questions", "turns", "left_unhappy")}
    found = [{**rest, "return": [x, x + 2.0]} for x in (0.0, 1.0, 3.0, 5.0, 7.0)]
    greedy, few, more = make_rows(axes, cells, found)
    assert greedy["settings"] == {"agent": "greedy", "turns": "–"}
    assert (greedy["seeds"], greedy["return"]["n"], few["seeds"]) == ([], 2, [0, 1])
    # Greedy does the same with every seed: 1 and 3 ahead of it, then 5 and 7.
    assert (few["difference"]["mean"], more["difference"]["mean"]) == (2.0, 6.0)


def test_trainings_from_different_seeds_are_not_compared() -> None:
    one, two = np.array([1.0, 2.0]), np.array([2.0, 4.0])
    assert ahead({0: one, 1: one}, {0: two}) is None
    compared = ahead({0: two}, {None: one})
    assert compared is not None
    assert compared["mean"] == 1.5


@pytest.mark.parametrize(
    ("over", "fixed", "says"),
    [
        pytest.param(("agent",), (), "expects NAME=A,B,C, got 'agent'", id="no-values"),
        pytest.param(("scenaro=full",), (), "Did you mean 'scenario'", id="unknown-setting"),
        pytest.param(("scenario=full,full",), (), "named twice", id="same-value"),
        pytest.param(("seed=1",), ("seed=2",), "names seed twice", id="same-name"),
        pytest.param(("seed=1",), ("scenario=full,null",), "Use --over scenario=full,null", id="held-values"),
        pytest.param(("seed=one",), (), "seed expects an integer, got 'one'", id="no-number"),
        pytest.param(("turns=9",), ("agent=greedy",), "greedy does not learn: turns would", id="heuristic"),
        pytest.param(("set.learning_speed=1",), (), "learning_speed", id="hyperparameter"),
    ],
)
def test_what_cannot_be_tried_is_refused(over: tuple[str, ...], fixed: tuple[str, ...], says: str) -> None:
    with pytest.raises((ConfigError, UnknownNameError), match=says):
        cells_of(axes_of(over, fixed))


def test_rows_are_over_seeds() -> None:
    axes = {"encoder": ["hash"], "agent": ["q_learning", "sarsa"], "seed": ["0", "1"]}
    columns = {name: [0.0, 0.0] for name in ("clicks", "rating", "questions", "turns", "left_unhappy")}
    found = [{**columns, "return": [float(x), x + 2.0]} for x in (0, 2, 3, 5)]
    one, other = make_rows(axes, cells_of(axes), found)
    assert (one["settings"], one["seeds"]) == ({"agent": "q_learning"}, [0, 1])
    # Seeds give 1 and 3, then 4 and 6: the difference is 3 with either.
    assert (one["return"]["mean"], other["return"]["mean"]) == (2.0, 5.0)
    assert (other["difference"]["low"], other["difference"]["high"]) == pytest.approx((3.0, 3.0))
    assert one["difference"] is None


def test_returns_of_different_rewards_are_not_compared(chatrec: Any) -> None:
    """Agents are, under the same reward."""
    over = ("--over", 'reward={},{"click": 10}', "agent=greedy,random", "--with", "encoder=hash")
    done = chatrec("sweep", *over, "--people", 4, "--workers", 1)
    rows = json.loads(Path("runs/sweep/table.json").read_text(encoding="utf-8"))["rows"]
    told = [(row["settings"]["agent"], row["difference"] is not None) for row in rows]
    assert told == [("greedy", False), ("random", True)] * 2
    for row, first in ((rows[1], rows[0]), (rows[3], rows[2])):
        assert row["difference"]["mean"] == pytest.approx(row["return"]["mean"] - first["return"]["mean"])
    assert "chatrec shaping judges them by what none changes" in " ".join(done.out.split())
    assert "the best of" not in Path("runs/sweep/index.html").read_text(encoding="utf-8")


def test_a_sweep_goes_on_and_an_edited_part_is_named(chatrec: Any, refused: Any) -> None:
    first = chatrec("sweep", "--over", "seed=0", *TINY, "--workers", 1, "--json")
    (part,) = Path("runs/sweep/parts").iterdir()
    when = part.stat().st_mtime_ns
    both = json.loads(chatrec("sweep", "--over", "seed=0,1", *TINY, "--workers", 1, "--json").out)
    assert part.stat().st_mtime_ns == when
    assert both["rows"][0]["seeds"] == [0, 1]
    assert json.loads(first.out)["rows"][0]["seeds"] == [0]
    assert Path("runs/sweep/table.csv").read_text().startswith("agent,return,return low,return high,")
    assert "the best of 1 combinations" in Path("runs/sweep/index.html").read_text()
    part.write_text(part.read_text().replace('"turns": 200', '"turns": 300'))
    done = chatrec("sweep", "--over", "seed=0,1", *TINY, "--workers", 1)
    assert (done.code, part.name in done.err) == (2, True)


def test_a_sweep_does_not_replace_another_one(chatrec: Any, refused: Any) -> None:
    """Other people or fewer settings would; more settings do not, and find what is there."""
    command = ("sweep", "--with", "encoder=hash", "--workers", 1, "--out", "kept", "--people")
    told = chatrec(*command, 4, "--over", "agent=greedy,q_learning", "seed=0,1", "turns=200").out
    assert "95% intervals over 2 training seeds, of heuristics over people" in " ".join(told.split())
    kept = Path("kept/table.json").read_bytes()
    for people, agents in ((5, "greedy,q_learning"), (4, "greedy,sarsa")):
        refused(
            "kept has the table of another sweep, which this one would replace: encoder=hash "
            "agent=greedy,q_learning seed=0,1 turns=200, 4 people of seed 0. Choose another place with --out",
            *(*command, people, "--over", f"agent={agents}", "seed=0,1", "turns=200"),
        )
    assert Path("kept/table.json").read_bytes() == kept
    parts = {part: part.read_bytes() for part in Path("kept/parts").iterdir()}
    assert chatrec(*command, 4, "--over", "agent=greedy,q_learning", "seed=0,1", "turns=200,300").code == 0
    assert {part: part.read_bytes() for part in parts} == parts
    # Had the first been killed before there was a table, its parts would still be those of its people.
    Path("kept/table.json").unlink()
    done = chatrec(*command, 5, "--over", "agent=greedy,q_learning", "seed=0,1", "turns=200,300")
    assert {part: part.read_bytes() for part in parts} == parts
    assert "–: heuristics do not train" in " ".join(done.out.split())


def test_a_table_that_was_edited_gives_its_own_numbers(chatrec: Any, tmp_path: Path) -> None:
    """The first half of the places, then the last in their stead, under the same name."""
    table = tmp_path / "mine.csv"
    table.with_suffix(".json").write_bytes(BUILT_IN["travel"].with_suffix(".json").read_bytes())
    head, *places = BUILT_IN["travel"].read_text(encoding="utf-8").splitlines(keepends=True)
    half = len(places) // 2
    options = ("--over", "agent=greedy,random", "--with", "encoder=hash", "catalog=mine.csv", "--people", 4)
    found = []
    for some in (places[:half], places[half:], places[:half]):
        table.write_text(head + "".join(some), encoding="utf-8")
        found.append(json.loads(chatrec("sweep", *options, "--workers", 1, "--json").out)["rows"])
    assert found[0] != found[1]
    assert found[0] == found[2]


@pytest.mark.long
def test_a_sweep_that_is_killed_at_any_moment_loses_nothing(tmp_path: Path) -> None:
    """30 kills at random moments; the table is that of a sweep that was left alone."""
    options = [
        "sweep",
        "--over",
        "seed=0,1,2",
        "agent=q_learning,sarsa",
        "--with",
        "encoder=hash",
        "turns=3000",
    ]
    command = [sys.executable, "-m", "experiments.cli.main", *options, "--people", "50", "--json"]
    root = Path(__file__).parents[3]
    rng = np.random.default_rng(0)
    for _ in range(30):
        run = subprocess.Popen(
            [*command, "--out", str(tmp_path / "killed")], cwd=root, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        time.sleep(rng.uniform(2.0, 12.0))
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
    tables = [
        json.loads(subprocess.check_output([*command, "--out", str(tmp_path / name)], cwd=root))
        for name in ("killed", "alone")
    ]
    assert tables[0] == tables[1]
    parts = sorted(file.name for file in (tmp_path / "killed" / "parts").iterdir())
    assert parts == sorted(file.name for file in (tmp_path / "alone" / "parts").iterdir())


@pytest.mark.long
def test_two_nodes_of_ray_give_the_local_numbers(tmp_path: Path) -> None:
    """And still do when one of them is lost in the middle."""
    pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    from experiments.cli.progress import Meter
    from experiments.evaluate.sweep import cell_job
    from experiments.report.engines import Engine
    from experiments.report.study import Part, compute

    axes = axes_of(("seed=0,1,2,3,4,5",), ("agent=q_learning", "encoder=hash", "turns=20000"))

    def parts(folder: Path) -> list[Part]:
        people = list(range(50))
        return [Part(c.name, cell_job, (c, people, str(folder)), c.signature()) for c in cells_of(axes)]

    local = compute(parts(tmp_path / "local"), tmp_path / "local", Engine(workers=2), Meter(quiet=True))
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    second = cluster.add_node(num_cpus=1)
    end: Any = cluster.shutdown
    lost: list[str] = []

    folder = tmp_path / "ray"
    engine = Engine("ray", address=cluster.address)
    try:

        def lose() -> None:
            while len(list((folder / "parts").glob("*.json"))) < 2:
                time.sleep(0.2)
            cluster.remove_node(second)
            lost.append("second")

        thread = threading.Thread(target=lose)
        thread.start()
        found = compute(parts(folder), folder, engine, Meter(quiet=True))
        thread.join()
    finally:
        end()
    assert lost
    assert found == local
