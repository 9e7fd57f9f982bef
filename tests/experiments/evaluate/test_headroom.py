"""``chatrec headroom``: its arithmetic by hand, its command small, and errors that name the fix."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.evaluate.headroom import (
    POLICIES,
    HeadroomConfig,
    grid_of,
    make_table,
    parts_of,
    sheet_of,
)
from experiments.evaluate.stats import ratio_interval
from experiments.evaluate.trained import tune_rounds
from experiments.report.documents import read_document
from experiments.report.plots import headroom_chart


def found(**returns: list[float]) -> dict[str, dict[str, Any]]:
    """What the jobs found, every policy with these returns."""
    rest = {"clicks": [1.0, 1.0], "rating": [4.0, None], "questions": [0.5, 0.5], "turns": [9.0, 9.0]}
    out: dict[str, dict[str, Any]] = {
        name: {"return": returns[name.replace(" ", "_").lower()], **rest} for name in POLICIES
    }
    out["best heuristic"]["params"] = {"questions": 2, "diversity": 0.5, "refused": 0.0}
    return out


FOUND = found(
    random=[0.0, 1.0],
    greedy=[1.0, 3.0],
    best_heuristic=[2.0, 3.0],
    bayes_planner=[2.0, 3.5],
    oracle=[2.0, 4.0],
    planner=[3.0, 5.0],
)


def test_the_table_by_hand() -> None:
    table = make_table("full", FOUND)
    assert (table["scenario"], table["people"]) == ("full", 2)
    assert [row["policy"] for row in table["rows"]] == list(POLICIES)
    random, greedy, heuristic, bayes, oracle, planner = table["rows"]
    assert planner["return"]["mean"] == 4.0
    # 3 - 1 and 5 - 3: two each, without spread; 3 - 2 and 5 - 3: one and two.
    assert (planner["to_greedy"]["mean"], planner["to_greedy"]["low"]) == (2.0, 2.0)
    assert planner["to_heuristic"]["mean"] == 1.5
    assert planner["gain"]["mean"] == 1.0
    assert oracle["gain"]["mean"] == 0.5
    assert random["gain"]["mean"] == -0.75
    assert greedy["to_greedy"] is greedy["gain"] is heuristic["to_heuristic"] is None
    assert planner["rating"] == 4.0  # of those who accepted something
    # 2.5 less 2 and 3 less 3.5: a quarter on average, of a heuristic that has 2.5.
    assert (bayes["to_heuristic"]["mean"], table["attainable"]["mean"]) == (0.25, 0.25)
    assert table["attainable"]["share"]["mean"] == pytest.approx(0.1)
    cells = [row.cells for row in grid_of(table).rows]
    assert cells[5][:4] == ("planner", "4.00 ± 12.71", "+2.00 ± 0.00", "+100% (+67 to +200)")
    assert cells[1][2:4] == ("–", "–")


def test_a_gain_keeps_pairs_together() -> None:
    """Half as much again with everybody is half as much again in every resample."""
    reference = np.array([1.0, 2.0, 7.0, 3.0])
    interval = ratio_interval(1.5 * reference, reference, 1.0)
    assert (interval.mean, interval.low, interval.high) == pytest.approx((0.5, 0.5, 0.5))
    assert np.isnan(ratio_interval(np.ones(3), np.array([-1.0, 0.0, 0.5])).mean)


def test_a_page_has_a_table_a_scenario_and_a_row_a_policy() -> None:
    sheet = sheet_of([make_table("full", FOUND), make_table("null", FOUND)])
    assert sheet.headline.startswith("Most is to be won in full")
    assert [len(grid.rows) for grid in sheet.grids] == 2 * [len(POLICIES)]
    assert "best heuristic: questions 2, diversity 0.5; attainable, from best" in sheet.grids[1].caption


def test_the_chart_is_a_picture_that_grows_with_the_scenarios() -> None:
    import io

    from PIL import Image

    one, three = (
        Image.open(io.BytesIO(headroom_chart([make_table(name, FOUND) for name in names]).png))
        for names in (("null",), ("null", "drift", "full"))
    )
    assert one.format == three.format == "PNG"
    assert one.width == three.width
    assert three.height > one.height > 300


def test_every_person_is_planned_for_once() -> None:
    _, *planned = parts_of(HeadroomConfig(people=120), "null", Path())
    for own in (planned[::2], planned[1::2]):  # the Bayes planner's, and the other's
        assert [part.arguments[2:] for part in own] == [(0, 50), (50, 100), (100, 120)]


def test_tuning_rounds_grow_by_three() -> None:
    assert tune_rounds(2160) == (80, 240, 720, 2160)
    assert tune_rounds(4) == (1, 4)


def test_the_command(chatrec: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """One scenario, few people: table, picture and Markdown are kept; the same again computes nothing."""
    from experiments.evaluate import headroom as module
    from experiments.train import tune as tuning

    monkeypatch.setattr(tuning, "GRID", {"questions": (0, 1), "diversity": (0.0, 1.0)})
    monkeypatch.setattr(tuning, "REFINEMENT", {"refused": (0.0,)})
    monkeypatch.setattr(module, "BLOCK", 3)
    options = ("--scenarios", "satiation", "--people", 5, "--tune-people", 4, "--workers", 1, "--futures", 2)
    done = chatrec("headroom", *options, "--out", "run", "--json")
    assert done.code == 0, done.err
    printed = json.loads(done.out)
    kept = read_document(Path("run") / "table.json")
    assert printed == kept
    (table,) = kept["tables"]
    assert [row["policy"] for row in table["rows"]] == list(POLICIES)
    assert table["people"] == 5
    assert all(row["return"]["n"] == 5 for row in table["rows"])
    assert kept["config"]["planner"]["futures"] == 2
    assert (Path("run") / "headroom.png").read_bytes().startswith(b"\x89PNG")
    assert "| **Bayes planner** |" in (Path("run") / "table.md").read_text(encoding="utf-8")
    again = chatrec("headroom", *options, "--out", "run", "--json")
    assert again.out == done.out
    assert "planner meets people" not in again.err  # finished parts are used again


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(("--scenarios", "satiaton"), "Did you mean 'satiation'?", id="scenario"),
        pytest.param(("--scenarios", "null", "null"), "each scenario once", id="twice"),
        pytest.param(("--draws", "frsh"), "Did you mean 'fresh'?", id="draws"),
        pytest.param(("--people", 1), "--people must be 2 or more", id="people"),
        pytest.param(("--tune-people", 0), "--tune-people must be 4 or more", id="tune-people"),
    ],
)
def test_errors_name_the_fix(refused: Any, arguments: tuple[Any, ...], says: str) -> None:
    refused(says, "headroom", *arguments)
