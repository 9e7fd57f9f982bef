"""What every run and study shows, in one form: a page, its figures and tables as files, its rows in ``metrics.jsonl``.

A command says what there is to show (``Sheet``). ``publish`` writes ``index.html``, which needs nothing else, and
beside it each figure as PNG and SVG, each table as CSV and LaTeX, all tables as Markdown (``table.md``). Each row of a
table is a line of ``metrics.jsonl``, unrounded; the page says which.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from experiments.report.documents import jsonable, write_atomic
from experiments.report.grid import Grid
from experiments.report.page import embedded, figures, h, section, shell, tiles
from experiments.report.plots import Picture
from experiments.report.runlog import METRICS, package_versions
from experiments.report.tracking import Tracker

PAGE, TABLES = "index.html", "table.md"

ROW, CURVE = "row", "curve"
"""Events of ``metrics.jsonl`` that are written anew with the page."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A part of a page.

    Attributes:
        title: Its heading.
        about: What one sees, as HTML.
        pictures: By the stems of their files.
        grids: Likewise.
        more: Further HTML.
    """

    title: str
    about: str = ""
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    grids: Mapping[str, Grid] = field(default_factory=dict)
    more: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """What a run or a study shows.

    Attributes:
        kicker: What it is, the line above the headline.
        headline: The result in one line.
        lead: The result in a few sentences, or what was done.
        tiles: Numbers that catch the eye, each between what it is and a remark.
        sections: The rest, in order.
        curves: What figures draw that no table holds, a record each.
        footer: What else is to be said, as HTML.
    """

    kicker: str
    headline: str
    lead: str
    sections: Sequence[Section]
    tiles: Sequence[tuple[str, str, str]] = ()
    curves: Sequence[Mapping[str, Any]] = ()
    footer: str = ""

    @property
    def grids(self) -> list[Grid]:
        """All tables, in order."""
        return [grid for one in self.sections for grid in one.grids.values()]


def publish(
    folder: Path,
    sheet: Sheet,
    versions: Mapping[str, str | None] | None = None,
    tracker: Tracker | None = None,
) -> Path:
    """Write a sheet into the folder of its run or study; what an earlier one left there is replaced.

    Args:
        folder: Created if need be.
        sheet: What there is to show.
        versions: Of the packages it was made with; default: those installed now.
        tracker: Gets the rows too, and the files.

    Returns:
        The page's path.
    """
    lines = _kept(folder / METRICS)
    made: list[dict[str, Any]] = [{"event": CURVE, **one} for one in sheet.curves]
    places: dict[str, tuple[int, int]] = {}
    for part in sheet.sections:
        for name, grid in part.grids.items():
            first = len(lines) + len(made) + 1
            made += [
                {"event": ROW, "table": name, "row": row.cells[0], "values": values}
                for row, values in zip(grid.rows, grid.values(), strict=True)
            ]
            places[name] = first, len(lines) + len(made)
            write_atomic(folder / f"{name}.csv", grid.to_csv())
            write_atomic(folder / f"{name}.tex", grid.to_latex())
        for name, picture in part.pictures.items():
            write_atomic(folder / f"{name}.png", picture.png)
            write_atomic(folder / f"{name}.svg", picture.svg)
    lines += [json.dumps(jsonable(one), ensure_ascii=False, allow_nan=False) for one in made]
    write_atomic(folder / METRICS, "".join(f"{line}\n" for line in lines))
    write_atomic(folder / TABLES, "\n".join(_markdown(grid) for grid in sheet.grids))
    page = folder / PAGE
    write_atomic(page, to_page(sheet, places, versions or package_versions()))
    if tracker is not None:
        for record in made:
            tracker.note(record)
        tracker.keep(folder, [PAGE, TABLES, *(f"{name}.csv" for name in places)])
    return page


def _kept(path: Path) -> list[str]:
    """Lines of ``metrics.jsonl`` that were logged as the run went."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if json.loads(line)["event"] not in (ROW, CURVE)]


def _markdown(grid: Grid) -> str:
    told = [
        f"{grid.title}:\n" if grid.title else "",
        grid.to_markdown(),
        f"{grid.caption}.\n" if grid.caption else "",
    ]
    return "\n".join(part for part in told if part)


def to_page(sheet: Sheet, places: Mapping[str, tuple[int, int]], versions: Mapping[str, str | None]) -> str:
    """The page as HTML.

    Args:
        sheet: What there is to show.
        places: First and last line of each table's rows in ``metrics.jsonl``.
        versions: Of packages.
    """
    parts = []
    for part in sheet.sections:
        drawn = [embedded(picture.png, picture.words) for picture in part.pictures.values()]
        tables = [_table(name, grid, places[name], part.title) for name, grid in part.grids.items()]
        parts.append(section(part.title, part.about, figures(*drawn) if drawn else "", *tables, part.more))
    told = ", ".join(f"{h(name)} {h(version)}" for name, version in versions.items() if version)
    source = (
        "Each figure lies beside this page as PNG and SVG, each table as CSV and LaTeX. Rows of tables are lines of "
        f"<code>{METRICS}</code>, unrounded."
    )
    eye = f'<div class="tiles">\n{tiles(*sheet.tiles)}\n</div>' if sheet.tiles else ""
    return shell(
        title=f"Chat-Rec: {sheet.headline}",
        kicker=h(sheet.kicker),
        headline=sheet.headline,
        lead=f'<p class="lead">{h(sheet.lead)}</p>\n{eye}',
        body="\n".join([*parts, f"<footer>\n<p>{sheet.footer} {source} {told}.</p>\n</footer>"]),
    )


def _table(name: str, grid: Grid, lines: tuple[int, int], heading: str) -> str:
    title = f"<h3>{h(grid.title)}</h3>" if grid.title and grid.title != heading else ""
    first, last = lines
    told = f"{grid.caption}. " if grid.caption else ""
    where = f"line {first}" if first == last else f"lines {first}–{last}"
    source = f"<code>{h(name)}.csv</code>, {where}" if last >= first else f"<code>{h(name)}.csv</code>"
    return f'{title}{grid.to_html()}<p class="about">{h(told)}{source}</p>'
