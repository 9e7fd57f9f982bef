"""One page for every run: it needs nothing from outside, and each of its numbers is a line of ``metrics.jsonl``."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from experiments.evaluate.stats import Interval
from experiments.report.grid import Grid, count, number, percent, plus_minus
from experiments.report.plots import canvas, drawn
from experiments.report.publish import Section, Sheet, publish
from experiments.report.runlog import Run


def grid() -> Grid:
    out = Grid(
        ("policy", "return", "turns", "left", "which"), title="Two people", caption="a note", text=(4,)
    )
    out.add(
        "PPO & co", plus_minus(Interval(3.3145, 3.2, 3.4, 9)), count(4000), percent(0.125), "a_b", bold=True
    )
    out.add("greedy", plus_minus(None), number(-2.25), percent(None), "")
    return out


def sheet() -> Sheet:
    figure, axes = canvas(3, 2)
    axes.plot([0, 1], [0, 1])
    return Sheet(
        kicker="a <test>",
        headline="PPO wins",
        lead="By a little.",
        sections=[Section(title="All", pictures={"line": drawn(figure, "a line")}, grids={"table": grid()})],
        curves=[{"agent": "PPO", "return": [1.0, 2.0]}],
    )


def test_a_table_as_csv_and_latex_by_hand() -> None:
    lines = list(csv.reader(io.StringIO(grid().to_csv())))
    assert lines == [
        ["policy", "return", "return low", "return high", "turns", "left", "which"],
        ["PPO & co", "3.3145", "3.2", "3.4", "4000", "0.125", "a_b"],
        ["greedy", "", "", "", "-2.25", "", ""],
    ]
    assert grid().to_latex().splitlines() == [
        "% Two people",
        r"\begin{tabular}{lrrrl}",
        r"\hline",
        r"policy & return & turns & left & which \\",
        r"\hline",
        r"\textbf{PPO \& co} & 3.31 $\pm$ 0.10 & 4,000 & 12\% & a\_b \\",
        r"greedy & -- & $-$2.25 & -- &  \\",
        r"\hline",
        r"\end{tabular}",
    ]


def test_a_page_with_its_files_and_the_lines_its_rows_come_from(tmp_path: Path) -> None:
    run = Run.create(tmp_path / "run", kind="evaluate", config={}, seeds={})
    run.log("users", calls=3)
    page = publish(run.folder, sheet()).read_text(encoding="utf-8")
    assert "a &lt;test&gt;" in page
    assert "src=" not in page.replace('src="data:image/png;base64,', "")
    assert "table.csv</code>, lines 3–4" in page
    names = {file.name for file in run.folder.iterdir()}
    assert names == {
        "run.json",
        "metrics.jsonl",
        "index.html",
        "table.md",
        "table.csv",
        "table.tex",
        "line.png",
        "line.svg",
    }
    lines = [json.loads(line) for line in (run.folder / "metrics.jsonl").read_text().splitlines()]
    assert [line["event"] for line in lines] == ["users", "curve", "row", "row"]
    assert lines[2]["values"]["return"] == {"mean": 3.3145, "low": 3.2, "high": 3.4, "n": 9}
    assert lines[3]["values"]["turns"] == -2.25
    before = {file: file.read_bytes() for file in run.folder.iterdir()}
    publish(run.folder, sheet())
    assert {file: file.read_bytes() for file in run.folder.iterdir()} == before
