"""Tables of text: on a terminal of any width nothing is cut."""

from __future__ import annotations

import io
import math

import pytest
from rich.console import Console

from experiments.evaluate.stats import Interval
from experiments.report.grid import Grid, from_to, number, percent, plus_minus

WIDE, NARROW, TINY = 120, 60, 36


def grid() -> Grid:
    out = Grid(("policy", "return", "gain on greedy", "mean rating"), title="Four people", caption="a note")
    out.add(
        "learned by PPO", "3.31 ± 0.09", "+51% (+42 to +60)", "4.12 ± 0.31", bold=True, about="it learned"
    )
    out.add("greedy", "2.20 ± 0.10", "–", "3.99 ± 0.42")
    return out


def printed(width: int, table: Grid) -> str:
    console = Console(file=io.StringIO(), width=width)
    console.print(table)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_a_wide_terminal_has_a_line_a_row() -> None:
    lines = [line.split() for line in printed(WIDE, grid()).splitlines()]
    assert ["greedy", "2.20", "±", "0.10", "–", "3.99", "±", "0.42"] in lines


def test_on_a_narrow_terminal_intervals_take_a_line_of_their_own() -> None:
    lines = [line.split() for line in printed(NARROW, grid()).splitlines()]
    assert ["learned", "by", "PPO", "3.31", "+51%", "4.12"] in lines
    assert ["±", "0.09", "(+42", "to", "+60)", "±", "0.31"] in lines


def test_on_a_tiny_one_each_row_is_a_list() -> None:
    lines = printed(TINY, grid()).splitlines()
    assert "  gain on greedy  +51% (+42 to +60)" in lines
    assert "  mean rating     3.99 ± 0.42" in lines


@pytest.mark.parametrize("width", [WIDE, 72, NARROW, 40, TINY])
def test_at_no_width_a_heading_or_a_figure_is_cut(width: int) -> None:
    told = printed(width, grid())
    assert "…" not in told
    assert max(len(line.rstrip()) for line in told.splitlines()) <= width
    table = grid()
    for text in (
        *table.heads[1:],  # a list of figures has no heading for what it is of
        *(cell for row in table.rows for cell in row.cells),
        table.title,
        table.caption,
    ):
        for word in text.split():
            assert word in told


def test_texts_from_outside_are_shown_as_they_stand() -> None:
    table = Grid(("policy", "return"))
    table.add("PPO \x1b[31m[red]", "1")
    table.rows *= 2
    for width in (80, 18):
        told = printed(width, table)
        assert told.count("PPO  [31m[red]") == 2
        assert "\x1b" not in told


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        pytest.param(number(-0.001), "0.00", id="number"),
        pytest.param(
            plus_minus(Interval(-0.001, -0.004, 0.004, 9), sign=True), "0.00 ± 0.00", id="plus-minus"
        ),
        pytest.param(from_to(Interval(-0.0004, -0.01, 0.0001, 9), 2), "0.00 (−0.01 to 0.00)", id="from-to"),
        pytest.param(percent(-0.001), "0%", id="percent"),
        pytest.param("-0.00", "0.00", id="formatted-elsewhere"),
        pytest.param("+0.0", "0.0", id="plus"),
        pytest.param("-0.01", "−0.01", id="not-zero"),
        pytest.param("-0.5", "−0.5", id="a-half"),
        pytest.param("3-0", "3-0", id="no-sign"),
    ],
)
def test_a_zero_has_no_sign(cell: str, told: str) -> None:
    table = Grid(("policy", "return"))
    table.add("greedy", cell)
    assert table.rows[0].cells[1] == told


def test_markdown_and_html_by_hand() -> None:
    table = Grid(("policy", "which", "return"), text=(1,))
    table.add("a<b", "x", "3.31 ± 0.09", bold=True, about="why")
    assert (
        table.to_markdown() == "| policy | which | return |\n|---|---|---:|\n| **a<b** | x | 3.31 ± 0.09 |\n"
    )
    assert (
        '<tr class="learned"><td>a&lt;b <i>why</i></td><td class="words">x</td><td>3.31<i> ± 0.09</i></td></tr>'
        in table.to_html()
    )


@pytest.mark.parametrize(
    ("told", "words"),
    [
        pytest.param(plus_minus(Interval(3.314, 3.2, 3.4, 9)), "3.31 ± 0.10", id="mean"),
        pytest.param(plus_minus(Interval(3.314, math.nan, math.nan, 1)), "3.31", id="no-spread"),
        pytest.param(
            plus_minus({"mean": -1.0, "low": None, "high": None, "n": 1}, sign=True), "−1.00", id="sign"
        ),
        pytest.param(plus_minus(None), "–", id="nothing"),
        pytest.param(from_to(Interval(0.784, 0.741, 0.812, 9), 0, percent=True), "78% (74–81)", id="share"),
        pytest.param(
            from_to(Interval(-0.01, -0.03, 0.02, 9), 2, sign=True), "−0.01 (−0.03 to +0.02)", id="gap"
        ),
        pytest.param(from_to(Interval(0.01, -0.03, 0.02, 9), 2), "0.01 (−0.03 to 0.02)", id="below-zero"),
        pytest.param(from_to(Interval(math.nan, math.nan, math.nan, 0)), "–", id="not-defined"),
        pytest.param(number(None), "–", id="no-number"),
    ],
)
def test_estimates_in_words(told: str, words: str) -> None:
    assert told == words


def test_one_table_has_one_minus_sign() -> None:
    table = Grid(("policy", "gain", "by hand", "why"), text=(3,))
    table.add(
        "ppo-2", plus_minus(Interval(-0.5, -0.7, -0.3, 9), sign=True), f"{-0.5:+.2f} (-0.7 to -0.3)", "-1"
    )
    assert table.rows[0].cells == ("ppo-2", "−0.50 ± 0.20", "−0.50 (−0.7 to −0.3)", "-1")


def test_a_terminal_of_ascii_shows_a_table_that_lines_up() -> None:
    table = Grid(("policy", "return"), title="Leads – all", caption="±: 95%")
    table.add("a", "−1.95 ± 0.29")
    table.add("b", number(None))
    bytes_ = io.BytesIO()
    console = Console(file=io.TextIOWrapper(bytes_, "ascii", write_through=True), width=60)
    console.print(table)
    lines = [line.rstrip() for line in bytes_.getvalue().decode("ascii").splitlines()]
    assert lines[0] == "Leads - all"
    assert "|a      | -1.95 +- 0.29|" in lines
    assert "|b      |             -|" in lines
    assert lines[-1] == "+-: 95%"
