"""A table: for a terminal of any width, as Markdown, HTML, LaTeX and CSV; and how estimates are written in it.

A cell is a text that remembers the number behind it (``Told``): people read it rounded, CSV and ``metrics.jsonl`` have
all of it.
"""

from __future__ import annotations

import csv
import io
import math
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from chatrec_env.envs.rendering import printable
from experiments.cli.terminal import spelt
from experiments.evaluate.stats import Interval
from experiments.report.page import h

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.table import Table

_SIGN = re.compile(r"(?<![\w.–-])-(?=\.?\d)")
_ZERO = re.compile(r"(?<![\w.,–−+-])[−+](?=0(?:\.0+)?(?![\d.,]))")
"""The sign of a figure that is rounded to zero."""

_INTERVAL = re.compile(r" (?=[±(]|\+-)")

_TEX = {
    **{letter: f"\\{letter}" for letter in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": "$<$",
    ">": "$>$",
    "−": "$-$",
    "–": "--",
    "±": r"$\pm$",
    "×": r"$\times$",
    "²": "$^2$",
    "★": r"$\star$",
}
"""Letters that LaTeX reads otherwise, or does not know without a package."""

MANY = 6
"""Columns from which on a page shows them smaller."""

NOTHING = "–"
"""What stands where there is no figure."""

Estimate = Interval | dict[str, Any] | None
"""An interval, also as plain JSON data, or nothing."""


class Told(str):
    """A text, and the number it tells, rounded or not."""

    __slots__ = ("value",)
    value: Interval | float | None

    def __new__(cls, text: str, value: Interval | float | None = None) -> Told:
        """The text, with one kind of minus sign, and none before a zero."""
        made = super().__new__(cls, _ZERO.sub("", text.replace("-", "−")))
        made.value = value
        return made

    def marked(self, mark: str) -> Told:
        """The same number with a mark after it."""
        return Told(self + mark, self.value)


def _numbers(value: Estimate) -> Interval | None:
    found = Interval.from_dict(value) if isinstance(value, dict) else value
    return None if found is None or math.isnan(found.mean) else found


def plus_minus(value: Estimate, decimals: int = 2, *, sign: bool = False) -> Told:
    """``"3.31 ± 0.09"``; without the interval where one value gives none."""
    found = _numbers(value)
    if found is None:
        return Told(NOTHING)
    told = f"{found.mean:{'+' if sign else ''}.{decimals}f}"
    return Told(told if math.isnan(found.low) else f"{told} ± {found.half:.{decimals}f}", found)


def number(value: float | None, decimals: int = 2) -> Told:
    """``"3.31"``, or a dash where there is none."""
    return Told(NOTHING) if value is None else Told(f"{value:.{decimals}f}", value)


def count(value: float | None) -> Told:
    """``"4,000"``, or a dash where there is none."""
    return Told(NOTHING) if value is None else Told(f"{value:,.0f}", value)


def percent(value: float | None, decimals: int = 0) -> Told:
    """``"12%"`` of 0.12, or a dash where there is none."""
    return Told(NOTHING) if value is None else Told(f"{value:.{decimals}%}", value)


def from_to(value: Estimate, decimals: int = 3, *, sign: bool = False, percent: bool = False) -> Told:
    """``"0.812 (0.786–0.841)"``, ``"+0.02 (−0.01 to +0.05)"``, ``"78% (74–81)"``."""
    found = _numbers(value)
    if found is None:
        return Told(NOTHING)
    form, scale = f"{'+' if sign else ''}.{decimals}f", 100.0 if percent else 1.0
    mean, low, high = (f"{scale * x:{form}}" for x in (found.mean, found.low, found.high))
    told = mean + ("%" if percent else "")
    if not math.isnan(found.low):
        told += f" ({low} to {high})" if sign or found.low < 0 else f" ({low}–{high})"
    return Told(told, found)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table.

    Attributes:
        cells: Its texts, as many as there are headings; one alone is the heading of a group of rows.
        bold: Whether it stands out.
        about: What it is, in more words; for pages.
    """

    cells: tuple[str, ...]
    bold: bool = False
    about: str = ""


@dataclass(slots=True)
class Grid:
    """A table of text.

    Attributes:
        heads: Headings; the first column says what a row is.
        title: Above it.
        caption: Below it.
        text: Further columns of words rather than figures.
        rows: Filled by ``add``.
    """

    heads: tuple[str, ...]
    title: str = ""
    caption: str = ""
    text: tuple[int, ...] = ()
    rows: list[Row] = field(default_factory=list)

    def add(self, *cells: object, bold: bool = False, about: str = "") -> None:
        """Append a row. Negative figures have one sign, and zeros none, whoever formatted them."""
        told = (
            cell if isinstance(cell, Told) or self._of_words(i) else _ZERO.sub("", _SIGN.sub("−", str(cell)))
            for i, cell in enumerate(cells)
        )
        self.rows.append(
            Row(tuple(cell if isinstance(cell, str) else str(cell) for cell in told), bold, about)
        )

    def _of_words(self, column: int) -> bool:
        return column == 0 or column in self.text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Whole if it fits; else with intervals on lines of their own; else each row as a list of its figures."""
        grid = self._spelt(console.encoding)
        for narrow in (False, True):
            table = grid._table(narrow=narrow)
            if console.measure(table, options=options.update(max_width=10_000)).maximum <= options.max_width:
                yield table
                return
        yield from grid._stacked()

    def _spelt(self, encoding: str) -> Grid:
        """The same in signs that a terminal has: tables are measured as they are shown."""

        def texts(cells: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(spelt(cell, encoding) for cell in cells)

        title, caption = texts((self.title, self.caption))
        rows = [replace(row, cells=texts(row.cells)) for row in self.rows]
        return Grid(texts(self.heads), title, caption, self.text, rows)

    def _table(self, *, narrow: bool) -> Table:
        from rich import box
        from rich.table import Table
        from rich.text import Text

        def cell(text: str, style: str = "") -> Text:
            return Text(_INTERVAL.sub("\n", printable(text)) if narrow else printable(text), style)

        out = Table(
            box=box.SIMPLE_HEAD,
            pad_edge=False,
            title=Text(printable(self.title), "bold") if self.title else None,
            title_justify="left",
            caption=Text(printable(self.caption), "dim") if self.caption else None,
            caption_justify="left",
        )
        for i, head in enumerate(self.heads):
            text = self._of_words(i)
            told = head.replace(" ", "\n") if narrow else head
            out.add_column(told, justify="left" if text else "right", no_wrap=True)
        for row in self.rows:
            style = "bold" if row.bold or len(row.cells) == 1 else ""
            out.add_row(*(cell(text, style) for text in row.cells))
        return out

    def _stacked(self) -> RenderResult:
        from rich.text import Text

        wide = max(len(head) for head in self.heads[1:])
        if self.title:
            yield Text(printable(self.title), "bold")
        for row in self.rows:
            yield Text(printable(row.cells[0]), "bold")
            for head, cell in zip(self.heads[1:], row.cells[1:], strict=False):
                if cell:
                    yield Text(f"  {head:<{wide}}  {printable(cell)}")
        if self.caption:
            yield Text(printable(self.caption), "dim")

    def to_markdown(self) -> str:
        """As Markdown, without title and caption."""
        rule = "".join("|---" if i == 0 or i in self.text else "|---:" for i in range(len(self.heads)))
        lines = [f"| {' | '.join(self.heads)} |", f"{rule}|"]
        for row in self.rows:
            name = f"**{row.cells[0]}**" if row.bold else row.cells[0]
            lines.append(f"| {' | '.join((name, *row.cells[1:]))} |")
        return "\n".join(lines) + "\n"

    def to_html(self) -> str:
        """As HTML, without title and caption; intervals in grey."""
        kinds = [' class="words"' if i and self._of_words(i) else "" for i in range(len(self.heads))]
        lines = ["".join(f"<th{kind}>{h(head)}</th>" for kind, head in zip(kinds, self.heads, strict=True))]
        for row in self.rows:
            name = f"{h(row.cells[0])} <i>{h(row.about)}</i>" if row.about else h(row.cells[0])
            cells = (name, *(re.sub(r"( [±(].*)", r"<i>\1</i>", h(cell)) for cell in row.cells[1:]))
            lines.append("".join(f"<td{kind}>{cell}</td>" for kind, cell in zip(kinds, cells, strict=False)))
        marks = ["", *(' class="learned"' if row.bold else "" for row in self.rows)]
        body = "".join(f"<tr{mark}>{line}</tr>" for mark, line in zip(marks, lines, strict=True))
        size = "results many" if len(self.heads) > MANY else "results"
        return f'<div class="scroll"><table class="{size}">{body}</table></div>'

    def values(self) -> list[dict[str, Any]]:
        """A row each: by heading, the number behind the cell (an interval with its ends), else its text."""

        def value(cell: str) -> Any:
            behind = cell.value if isinstance(cell, Told) else None
            if behind is None:
                return None if cell in ("", NOTHING) else str(cell)
            return behind.to_dict() if isinstance(behind, Interval) else behind

        return [dict(zip(self.heads, map(value, row.cells), strict=False)) for row in self.rows]

    def to_csv(self) -> str:
        """As CSV, unrounded: a column a heading, and two more (low, high) where there are intervals."""
        rows = self.values()
        ends = {
            head for row in rows for head, v in row.items() if isinstance(v, dict) and v["low"] is not None
        }
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(
            name
            for head in self.heads
            for name in ((head, f"{head} low", f"{head} high") if head in ends else (head,))
        )
        for row in rows:
            line: list[Any] = []
            for head in self.heads:
                value = row.get(head)
                told = value if isinstance(value, dict) else {"mean": value}
                line += [told.get(end) for end in (("mean", "low", "high") if head in ends else ("mean",))]
            writer.writerow(f"{x:.6g}" if isinstance(x, float) else "" if x is None else x for x in line)
        return out.getvalue()

    def to_latex(self) -> str:
        """As a LaTeX ``tabular`` that needs no package, the title in a comment."""

        def told(text: str) -> str:
            return "".join(_TEX.get(letter, letter) for letter in printable(text))

        sides = "".join("l" if self._of_words(i) else "r" for i in range(len(self.heads)))
        lines = [f"% {printable(self.title)}", f"\\begin{{tabular}}{{{sides}}}", "\\hline"]
        lines += [" & ".join(told(head) for head in self.heads) + r" \\", "\\hline"]
        for row in self.rows:
            name = rf"\textbf{{{told(row.cells[0])}}}" if row.bold else told(row.cells[0])
            cells = (*(told(cell) for cell in row.cells[1:]), *[""] * (len(self.heads) - len(row.cells)))
            lines.append(" & ".join((name, *cells)) + r" \\")
        return "\n".join([*lines, "\\hline", "\\end{tabular}"]) + "\n"
