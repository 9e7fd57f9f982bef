from __future__ import annotations

import csv
import io
import math
from typing import Any

import numpy as np
import pytest

from experiments.evaluate.rollout import Episodes
from experiments.evaluate.tables import Result, grid_of, make_table


def episodes(returns: list[float], *, stars: list[float] | None = None, first: int = 0) -> Episodes:
    n = len(returns)
    counts = np.arange(n)
    return Episodes(
        seeds=np.arange(first, first + n).astype(np.uint64),
        ret=np.array(returns),
        clicks=counts,
        stars=np.array(stars or [3.0] * n),
        questions=counts,
        turns=counts,
        left_unhappy=counts == 0,
        left=counts == 0,
        success=counts > 0,
        terms={"click": np.array(returns) + 1, "ask": np.full(n, -1.0)},
    )


@pytest.fixture
def table() -> dict[str, Any]:
    results = [
        Result("greedy", "ChatRec/Items-v0", False, episodes([1.0, 3.0])),
        Result("ask", "ChatRec/Items-v0", False, episodes([2.0, 3.0], stars=[math.nan, 4.0])),
        Result("PPO", "ChatRec/Items-v0", True, episodes([4.0, 6.0])),
    ]
    return make_table(results, scenario="full")


def test_rows_are_ordered_and_compared_with_the_best_heuristic(table: dict[str, Any]) -> None:
    assert [row["policy"] for row in table["rows"]] == ["PPO", "ask", "greedy"]
    assert (table["reference"], table["people"], table["scenario"]) == ("ask", 2, "full")
    ppo, ask, greedy = table["rows"]
    assert (ppo["return"]["mean"], ask["difference"]) == (5.0, None)
    # Person by person against "ask": (4 - 2, 6 - 3) and (1 - 2, 3 - 3).
    assert ppo["difference"]["mean"] == 2.5
    assert greedy["difference"]["mean"] == -0.5
    assert ppo["terms"] == {"click": 6.0, "ask": -1.0}


def test_several_differences_are_corrected_and_the_table_says_so(table: dict[str, Any]) -> None:
    """Against "ask": t(1) of (2, 3) is 5 and of (-1, 0) it is -1, so p is 0.126 and 0.5; Holm doubles the smaller."""
    ppo, ask, greedy = table["rows"]
    assert ppo["p"] == pytest.approx(2 * (1 - 2 * math.atan(5) / math.pi))
    assert (greedy["p"], ask["p"]) == (pytest.approx(0.5), None)
    assert "corrected (Holm, 2 comparisons)" in grid_of(table).caption
    people = np.arange(20) % 3
    returns = {
        "greedy": people,
        "better": people + 1 + 0.1 * people,
        "alike": people + 0.5 * (-1.0) ** np.arange(20),
    }
    results = [Result(name, "e", name != "greedy", episodes(list(r * 1.0))) for name, r in returns.items()]
    marked = {row.cells[0]: row.cells[-1].endswith("*") for row in grid_of(make_table(results)).rows}
    assert marked == {"greedy": False, "better": True, "alike": False}
    alone = grid_of(make_table(results[:2]))  # its interval says it
    assert "Holm" not in alone.caption
    assert not alone.rows[0].cells[-1].endswith("*")


def test_a_rating_is_of_those_who_took_something(table: dict[str, Any]) -> None:
    assert table["rows"][1]["rating"] == {"mean": 4.0, "low": None, "high": None, "n": 1}


def test_other_people_make_no_table() -> None:
    results = [
        Result("a", "e", False, episodes([1.0, 2.0])),
        Result("b", "e", False, episodes([1.0, 2.0], first=7)),
    ]
    with pytest.raises(ValueError, match="b met other people than a"):
        make_table(results)


def test_without_a_heuristic_there_is_no_difference() -> None:
    table = make_table([Result("PPO", "e", True, episodes([1.0, 2.0]))])
    assert table["reference"] is None
    assert table["rows"][0]["difference"] is None


def test_csv_has_a_line_a_policy_and_blanks_for_what_is_not_there(table: dict[str, Any]) -> None:
    lines = list(csv.DictReader(io.StringIO(grid_of(table).to_csv())))
    assert [line["policy"] for line in lines] == ["PPO", "ask", "greedy"]
    assert float(lines[0]["return"]) == 5.0
    assert (lines[1]["mean rating low"], lines[1]["difference"]) == ("", "")


def test_the_table_for_people_has_a_row_a_policy(table: dict[str, Any]) -> None:
    grid = grid_of(table)
    assert [(row.cells[0], row.bold) for row in grid.rows] == [
        ("PPO", True),
        ("ask", False),
        ("greedy", False),
    ]
    assert grid.rows[0].cells[-1] == "+2.50 ± 6.35"  # t(1) = 12.706 times 0.5
    assert grid.rows[1].cells[-1] == "–"
    assert grid.rows[0].cells[-2] == "50% (9–91)"  # Wilson, one of two
