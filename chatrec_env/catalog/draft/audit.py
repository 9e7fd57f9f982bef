"""Everything that is wrong with a table and its declaration, row by row, instead of the first thing only."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatrec_env.catalog.build import MAX_YEAR
from chatrec_env.catalog.csv_files import csv_rows
from chatrec_env.catalog.declaration import PARTS, Declaration, checked_keys, load_declaration
from chatrec_env.catalog.facets import SEPARATOR, Facet
from chatrec_env.catalog.table import Table, clean, make_table
from chatrec_env.errors import CatalogError, MismatchError

Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it should be; plain JSON data after ``dataclasses.asdict``.

    Attributes:
        file: Where.
        line: Line of the file or row of the table; 0 where it is no single one.
        column: Column of the table; may be empty.
        expected: What was expected; may be empty.
        got: What came.
        unit: What ``line`` counts: ``"line"`` or ``"row"``.
        field: Field of the declaration; may be empty.
    """

    file: str
    line: int
    column: str
    expected: str
    got: str
    unit: str = "line"
    field: str = ""

    def __str__(self) -> str:
        if not self.expected:
            return f"{self.file}: {self.got}"
        parts = (self.file, self.expected, self.got, self.line, self.column, self.unit, self.field)
        return str(MismatchError(*parts)).removesuffix(".")


def problem_of(error: CatalogError, file: object) -> Problem:
    """The problem an error tells of; ``file`` is where, unless the error says."""
    if not isinstance(error, MismatchError):
        return Problem(str(file), 0, "", "", str(error).removeprefix(f"{file}: ").rstrip("."))
    e = error
    return Problem(e.source or str(file), e.line, e.column, e.expected, e.came, e.unit, e.field)


def read_rows(path: Path) -> tuple[Table | None, list[Problem]]:
    """The rows of a CSV file that are whole, and what is wrong with the others; no table if nothing can be read."""
    problems: list[Problem] = []
    kept: list[tuple[int, list[str]]] = []
    header: list[str] = []
    try:
        rows = csv_rows(path)
        header = [clean(cell) for cell in next(rows)[1]]
        make_table(str(path), header, (), "line")
        for line, cells in rows:
            try:
                make_table(str(path), header, [(line, cells)], "line")
            except MismatchError as error:
                problems.append(problem_of(error, path))
            else:
                kept.append((line, cells))
    except CatalogError as error:
        problems.append(problem_of(error, path))
        if not header or not kept:
            return None, problems
    return make_table(str(path), header, kept, "line"), problems


def read_declaration(path: Path) -> tuple[Declaration | None, list[Problem]]:
    """A declaration, or everything that can be told about why it is none: facet by facet."""
    try:
        return load_declaration(path), []
    except CatalogError as error:
        first = problem_of(error, path)
    try:
        data = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return None, [first]
    problems = []
    for key, kind in PARTS.items():
        entries = data.get(key, ()) if isinstance(data, Mapping) else ()
        for i, entry in enumerate(entries if isinstance(entries, list) else ()):
            try:
                kind(**checked_keys(kind, f"{key}[{i}]", entry))
            except CatalogError as error:
                problems.append(problem_of(error, path))
    return None, problems or [first]


def table_problems(table: Table, declaration: Declaration, report: Report | None = None) -> list[Problem]:
    """Everything in a table that is not as declared, in the order of its lines.

    A catalogue can be built from a table exactly if this finds nothing.

    Args:
        table: The cells.
        declaration: What they should hold.
        report: Called now and then with rows checked and rows in all.
    """
    problems = []
    missing = [column for column in declaration.table_columns if column not in table.columns]
    for column in missing:
        try:
            table.require([column])
        except MismatchError as error:
            problems.append(problem_of(error, table.source))
    if not table.rows:
        problems.append(Problem(table.source, 0, "", "at least one row of items", "none"))
    checks = list(_checks(table, declaration, frozenset(missing)))
    seen: dict[str, int] = {}
    filled: dict[str, bool] = {
        facet.column: False for facet in declaration.facets if facet.column not in missing
    }
    for row in range(len(table.rows)):
        for column, check in checks:
            try:
                filled[column] = bool(check(row)) or filled.get(column, False)
            except MismatchError as error:
                problems.append(problem_of(error, table.source))
                filled[column] = True
        problems += _repeated(table, declaration, row, seen, missing)
        if report is not None and row % 2048 == 0:
            report(row, len(table.rows))
    for facet in declaration.facets:
        if table.rows and not filled.get(facet.column, True):
            problems.append(
                Problem(table.source, 0, facet.column, f"a {facet.name} in at least one row", "none")
            )
    return problems


def _checks(
    table: Table, declaration: Declaration, missing: frozenset[str]
) -> Iterator[tuple[str, Callable[[int], object]]]:
    """What every row must pass: a column, and the check of its cell; the cells' own rules are the table's."""
    columns, optional = declaration.columns, frozenset(declaration.optional)
    between = declaration.separator or SEPARATOR

    def number(column: str, **span: Any) -> Callable[[int], object]:
        return lambda row: table.number(row, column, optional=column in optional, **span)

    plain: list[tuple[str, Callable[[int], object]]] = []
    if "title" in columns:
        plain.append((columns["title"], lambda row: table.text(row, columns["title"], optional=False)))
    if "id" in columns:
        plain.append((columns["id"], lambda row: table.text(row, columns["id"], optional=False)))
    if "year" in columns:
        plain.append((columns["year"], number(columns["year"], low=1, high=MAX_YEAR, whole=True)))
    for name in ("popularity", "acclaim"):
        if name in columns:
            low, high = getattr(declaration, f"{name}_range")
            plain.append((columns[name], number(columns[name], low=low, high=high)))
    if "sentence" in columns:
        told = columns["sentence"]
        plain.append((told, lambda row: table.text(row, told, optional=told in optional)))
    plain += [
        (facet.column, _facet_check(table, facet, facet.column in optional, between))
        for facet in declaration.facets
    ]
    plain += [
        (column, _names_check(table, column, column in optional, between)) for column in declaration.entities
    ]
    yield from (check for check in plain if check[0] not in missing)


def _facet_check(table: Table, facet: Facet, optional: bool, between: str) -> Callable[[int], object]:
    if facet.numeric:

        def binned(row: int) -> bool:
            number = table.binned(row, facet, optional=optional)
            return number == number

        return binned
    return lambda row: table.choices(row, facet, optional=optional, separator=between)


def _names_check(table: Table, column: str, optional: bool, between: str) -> Callable[[int], object]:
    return lambda row: table.names(row, column, optional=optional, separator=between)


def _repeated(
    table: Table, declaration: Declaration, row: int, seen: dict[str, int], missing: list[str]
) -> Iterator[Problem]:
    """The row, if its key has been there before."""
    columns = declaration.columns
    own = [columns[key] for key in (("id",) if "id" in columns else ("title", "year")) if key in columns]
    if any(column in missing for column in own):
        return
    cells = [table.text(row, column, optional=True) for column in own]
    if not cells[0]:
        return
    name = cells[0] if len(cells) < 2 or not cells[1] else f"{cells[0]} ({cells[1]})"
    key = name if "id" in columns else name.casefold()
    if key in seen:
        expected = "an id of its own" if "id" in columns else "a title and year of its own"
        came = f"{name!r} again (first in {table.unit} {table.lines[seen[key]]})"
        yield Problem(table.source, table.lines[row], own[0], expected, came)
    seen.setdefault(key, row)
