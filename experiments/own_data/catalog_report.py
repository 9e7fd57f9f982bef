"""What ``chatrec catalog check`` finds out about a table, and how it is shown."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chatrec_env.catalog import Catalog, Declaration, from_movielens
from chatrec_env.catalog.build import build_catalog
from chatrec_env.catalog.draft.audit import Problem, problem_of, read_declaration, read_rows, table_problems
from chatrec_env.catalog.draft.columns import columns_of
from chatrec_env.catalog.draft.draft import Draft, draft_declaration
from chatrec_env.catalog.draft.roles import find_roles
from chatrec_env.catalog.frames import frame_table, read_parquet
from chatrec_env.catalog.readers import READERS, beside, ending
from chatrec_env.catalog.table import Table
from chatrec_env.errors import CatalogError
from chatrec_env.language.acts import UserAct
from chatrec_env.language.forms import Form
from chatrec_env.language.grammar import Grammar
from chatrec_env.language.parser import Parser
from experiments.cli.terminal import command_line

if TYPE_CHECKING:
    from experiments.cli.progress import Meter

FEW = 12
"""Candidates on the table by default: a catalogue needs as many items."""

MOSTLY = 0.95
"""Share of items with one value from which a question about the facet tells hardly anything."""

REPLIES = frozenset(("yes", "no", "true", "false", "any", "none", "other", "ok"))
"""Names of values that mean something else when they are all that is said."""

LARGE = 600
"""Values up to which every one is said and read back."""


@dataclass(slots=True)
class Examined:
    """What a table holds and what is wrong with it; plain JSON data after ``dataclasses.asdict``.

    Attributes:
        file: The table.
        declaration: Its declaration file, or ``""`` where none is needed.
        problems: Everything that is wrong.
        warnings: What works, but not well.
        understood: Name, items, facets and their values, columns and their use; empty if nothing was.
        suggestion: A declaration to begin with, where there is none.
    """

    file: str
    declaration: str
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    understood: dict[str, Any] = field(default_factory=dict)
    suggestion: dict[str, Any] | None = None

    @property
    def ok(self) -> bool:
        """Whether a catalogue can be built of it."""
        return not self.problems


def examine(path: Path, meter: Meter) -> Examined:
    """Finds out all about a table."""
    if path.is_dir():
        return _folder(path)
    place = beside(path, ".json")
    found = Examined(str(path), str(place))
    table, found.problems = read_table(path)
    if table is not None:
        found.warnings += [f"the file: {note}" for note in table.notes]
    if not place.exists():
        told = f"no such file; write a first one: {command_line('chatrec', 'catalog', 'draft', path)}"
        found.problems.append(Problem(str(place), 0, "", "the declaration of the table (JSON)", told))
        if table is not None:
            try:
                draft = draft_declaration(table, beside(path, "").name)
            except CatalogError as error:
                found.problems.append(problem_of(error, path))
                return found
            found.suggestion = draft.declaration
            found.warnings += [f"{column} is not used: {why}" for column, why in draft.unused.items()]
            found.warnings += [note for note in draft.notes if note not in table.notes]
            _understand(found, table, Declaration.from_dict(draft.declaration))
        return found
    declared, wrong = read_declaration(place)
    found.problems += wrong
    if declared is None or table is None:
        if table is not None:
            found.understood = {"rows": len(table.rows), "columns": dict.fromkeys(table.columns, "?")}
        return found
    with meter.work("Checking rows", len(table.rows), "rows") as work:
        found.problems += table_problems(table, declared, lambda done, _: work.to(done))
        work.to(len(table.rows))
    found.warnings += _without_id(table, declared)
    bad = {problem.line for problem in found.problems if problem.line}
    _understand(found, table.without(bad), declared)
    return found


def _without_id(table: Table, declared: Declaration) -> list[str]:
    """What to declare where titles repeat and a column tells the rows apart."""
    columns, _ = columns_of(table.columns, map(table.cells, table.columns))
    by_name = {column.name: column for column in columns}
    try:
        roles = find_roles(table, by_name, {}, given={k: v for k, v in declared.columns.items() if k != "id"})
    except CatalogError:
        return []
    if "id" in declared.columns or "id" not in roles:
        return []
    told = json.dumps({**declared.columns, "id": roles["id"]}, ensure_ascii=False)
    return [f'titles repeat, and {roles["id"]!r} differs in every row; declare an id: "columns": {told}']


def read_table(path: Path) -> tuple[Table | None, list[Problem]]:
    """The rows of a table that can be read, and what is wrong with the others."""
    if ending(path) not in READERS:
        came = f"{path.suffix or path.name!r}; save it as CSV"
        return None, [Problem(str(path), 0, "", "a .csv or .parquet table", came)]
    if ending(path) != ".parquet":
        return read_rows(path)
    try:
        return frame_table(read_parquet(path), str(path)), []
    except CatalogError as error:
        return None, [problem_of(error, path)]


def draft_of(path: Path) -> Draft:
    """A first declaration of a table, made of every row.

    Raises:
        CatalogError: It cannot be read, a row is not whole, or nothing can be made of it.
    """
    table, problems = read_table(path)
    if problems or table is None:
        more = f" ({len(problems) - 1:,} more like it: correct the table first)" if problems[1:] else ""
        raise CatalogError(f"{problems[0]}{more}.")
    return draft_declaration(table, beside(path, "").name)


def _folder(path: Path) -> Examined:
    found = Examined(str(path), "")
    try:
        catalog = from_movielens(path)
    except CatalogError as error:
        found.problems.append(problem_of(error, path))
        return found
    found.understood = _told(catalog, {})
    found.warnings = _warnings(catalog)
    return found


def _understand(found: Examined, table: Table, declared: Declaration) -> None:
    """Notes what the rows of a table that are fine mean; where none are, only how its columns are used."""
    uses = columns_used(declared)
    use = {column: uses.get(column, "") for column in table.columns}
    try:
        catalog = build_catalog(table, declared)
    except CatalogError as error:
        if not found.problems:
            found.problems.append(problem_of(error, found.file))
        found.understood = {"name": declared.name, "rows": len(table.rows), "columns": use}
        return
    found.understood = _told(catalog, use)
    found.warnings += _warnings(catalog)


def columns_used(declared: Declaration) -> dict[str, str]:
    """What each declared column is used for."""
    uses: dict[str, list[str]] = {}
    for key, column in declared.columns.items():
        uses.setdefault(column, []).append(key)
    for facet in declared.facets:
        uses.setdefault(facet.column, []).append(f"facet {facet.name}")
    for column in declared.entities:
        uses.setdefault(column, []).append("names")
    return {column: ", ".join(names) for column, names in uses.items()}


def _told(catalog: Catalog, columns: dict[str, str]) -> dict[str, Any]:
    grammar = Grammar(catalog)
    facets = []
    for f, (facet, part) in enumerate(zip(catalog.facets, catalog.facet_slices, strict=True)):
        counts = catalog.values[:, part].sum(0).astype(int)
        first = part.start + int(counts.argmax())
        told: dict[str, Any] = {
            "name": facet.name,
            "kind": facet.kind,
            "column": facet.column,
            "askable": facet.askable,
            "weight": facet.weight,
            "coverage": float((catalog.values[:, part].sum(1) > 0).mean()),
            "values": dict(zip(facet.values, counts.tolist(), strict=True)),
            "question": grammar.text(int(grammar.ids(Form.S_ASK, f, 2))),
            "wish": grammar.text(int(grammar.ids(Form.WANT, first, 2))),
            "critique": grammar.text(int(grammar.ids(Form.TOO, first, 2))),
        }
        if facet.numeric:
            numbers = catalog.numbers[:, f]
            told["range"] = [float(np.nanmin(numbers)), float(np.nanmax(numbers))]
            told["bins"] = [None if np.isinf(edge) else edge for edge in facet.bins]
            told["unit"] = facet.unit
            told["comparatives"] = [facet.less, facet.more]
        facets.append(told)
    return {
        "name": catalog.name,
        "noun": catalog.noun,
        "items": catalog.n_items,
        "years": int((catalog.years > 0).sum()),
        "names": len(catalog.entity_names),
        "contexts": [context.name for context in catalog.contexts],
        "columns": columns,
        "facets": facets,
    }


def _warnings(catalog: Catalog) -> list[str]:
    out = []
    if catalog.n_items < FEW:
        out.append(
            f"{catalog.n_items} items are fewer than the {FEW} candidates of a turn: use --candidates "
            f"{max(1, catalog.n_items // 2)} or so (n_candidates in Python)"
        )
    if not any(facet.askable for facet in catalog.facets):
        out.append("no facet is askable: the system can only suggest")
    for facet, part in zip(catalog.facets, catalog.facet_slices, strict=True):
        share = catalog.values[:, part].mean(0)
        if share.max() >= MOSTLY and facet.askable:
            value = facet.values[int(share.argmax())]
            out.append(
                f"facet {facet.name}: {share.max():.0%} of the items are {value!r}, so asking tells little"
            )
        answers = sorted(REPLIES.intersection(value.lower() for value in facet.values))
        if answers:
            out.append(
                f"facet {facet.name}: {', '.join(answers)} as a value is mistaken for a reply; name what it means"
            )
        if facet.ordered and not facet.comparable:
            out.append(f"facet {facet.name}: without more and less nobody can ask for more or less of it")
    if (catalog.popularity == catalog.popularity[0]).all():
        out.append(
            "all items are equally popular: the baseline 'popular' is arbitrary, and everybody knows as much"
        )
    return out + _misread(catalog)


def _misread(catalog: Catalog) -> list[str]:
    """Values that a person cannot name and be understood."""
    if catalog.n_values > LARGE:
        return []
    grammar, parser = Grammar(catalog), Parser(catalog)
    out = []
    for value, name in enumerate(catalog.value_names):
        for form, sign in ((Form.WANT, UserAct.WANT), (Form.AVOID, UserAct.AVOID)):
            text = grammar.text(int(grammar.ids(form, value, 2)))
            acts = parser.parse(text)
            if any(act.act == sign and act.value == value for act in acts):
                continue
            read = ", ".join(
                f"{act.act.name.lower()} {catalog.value_names[act.value]}"
                if act.value >= 0
                else act.act.name.lower()
                for act in acts
            )
            facet = catalog.facets[int(catalog.value_facet[value])].name
            out.append(f"facet {facet}: {text!r} is meant as {name!r} but read as: {read}")
            break
    return out
