"""Everything that is wrong with a table and its declaration, row by row, instead of the first thing only."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from chatrec_env.catalog.cells import Cells
from chatrec_env.catalog.declaration import PARTS, Declaration, checked_keys, load_declaration
from chatrec_env.catalog.table import Table, csv_rows, make_table
from chatrec_env.catalog.text_files import text_format
from chatrec_env.errors import CatalogError, MismatchError

Report = Callable[[int, int], None]
"""Called with rows checked and rows in all."""

Check = tuple[str, Callable[[int], object]]
"""A column, and what reads its cell in a row; raises ``MismatchError``."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it should be; plain JSON data after ``dataclasses.asdict``."""

    file: str  # where
    line: int  # line of the file or row of the table; 0 where it is no single one
    column: str  # column of the table; may be empty
    expected: str  # what was expected; may be empty
    got: str  # what came
    unit: str = "line"  # what `line` counts: `"line"` or `"row"`
    field: str = ""  # field of the declaration; may be empty

    def __str__(self) -> str:
        if not self.expected:
            return f"{self.file}: {self.got}"
        parts = (self.file, self.expected, self.got, self.line, self.column, self.unit, self.field)
        return str(MismatchError(*parts)).removesuffix(".")


def problem_of(error: CatalogError, file: object) -> Problem:
    """An error as a problem; ``file`` where the error names none."""
    if not isinstance(error, MismatchError):
        return Problem(str(file), 0, "", "", str(error).removeprefix(f"{file}: ").rstrip("."))
    e = error
    return Problem(e.source or str(file), e.line, e.column, e.expected, e.came, e.unit, e.field)


def read_rows(path: Path) -> tuple[Table | None, list[Problem]]:
    """The rows of a CSV file that are whole, and what is wrong with the others; no table if nothing can be read."""
    problems: list[Problem] = []
    kept: list[tuple[int, list[str]]] = []
    header: list[str] = []
    notes: list[str] = []
    try:
        form = text_format(path)
        notes = form.told
        rows = csv_rows(path, form)
        header = next(rows)[1]
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
    return make_table(str(path), header, kept, "line", notes), problems


def read_declaration(path: Path) -> tuple[Declaration | None, list[Problem]]:
    """A declaration, or everything that is wrong with it, facet by facet."""
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
    ``report`` is called now and then with rows checked and rows in all.
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
    cells = Cells(table, declaration)
    checks = [check for check in _checks(cells) if check[0] not in missing]
    empty = {facet.column for facet in declaration.facets if table.rows} - {*missing}
    for row in range(len(table.rows)):
        wrong = set(missing)
        problems += _read(checks, row, wrong, empty)
        if not wrong.intersection(cells.key_columns):
            problems += _read([(cells.key_columns[0], cells.key)], row, wrong, empty)
        if report is not None and row % 2048 == 0:
            report(row, len(table.rows))
    return problems + [
        Problem(table.source, 0, facet.column, f"a {facet.name} in at least one row", "none")
        for facet in declaration.facets
        if facet.column in empty
    ]


def _read(checks: Iterable[Check], row: int, wrong: set[str], empty: set[str]) -> Iterator[Problem]:
    """What is wrong with a row; adds such columns to ``wrong`` and takes filled ones off ``empty``."""
    for column, read in checks:
        try:
            found = read(row)
        except MismatchError as error:
            wrong.add(column)
            yield problem_of(error, error.source)
        else:
            if found in ("", ()) or found != found:  # NaN: a number that is missing
                continue
        empty.discard(column)


def _checks(cells: Cells) -> Iterator[Check]:
    """What every row must pass."""
    for name, column in cells.declaration.columns.items():
        number = name in ("year", "popularity", "acclaim")
        yield column, partial(cells.standard_number if number else cells.standard_text, name)
    for facet in cells.declaration.facets:
        yield facet.column, partial(cells.facet_number if facet.numeric else cells.facet_values, facet)
    for column in cells.declaration.entities:
        yield column, partial(cells.names, column)
