"""A first declaration for a table that has none, guessed from the names and cells of its columns."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from chatrec_env.catalog.build import build_catalog
from chatrec_env.catalog.declaration import Declaration
from chatrec_env.catalog.draft.columns import MISSING, MOST_VALUES, Column, columns_of
from chatrec_env.catalog.draft.numeric import acclaim_range, era_facet, numeric_facet
from chatrec_env.catalog.draft.roles import find_nouns, find_roles, names_items, singular
from chatrec_env.catalog.draft.words import PEOPLE, PLAIN, ROLES, SORTS, WORDINGS
from chatrec_env.catalog.facets import SEPARATOR
from chatrec_env.catalog.table import Table
from chatrec_env.catalog.written import amount_of
from chatrec_env.errors import MismatchError
from chatrec_env.language.word_forms import get_word_forms

LISTED: Final = 40  # values a draft writes out; beyond, the vocabulary stays open
_YES_NO: Final = frozenset((*"yn01tf", "yes", "no", "true", "false", "ja", "nein", "oui", "non", "si", "sí"))
_WEIGHTS: Final = {"multi": 0.75, "single": 0.5, "numeric": 0.5}  # by kind, in the order the facets take
_RANGE: Final = re.compile(r"\d[\d.,]*\s*(?:(?:[-–—]|to)\s*\d[\d.,]*|\+)")  # 1-3, 11+
_STRONG: Final = re.compile(
    r"(?:very|too|extra|extremely|super|not|quite|rather|fairly|really)\b", re.IGNORECASE
)
_AMBIGUOUS: Final = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")


@dataclass(slots=True)
class Draft:
    """A guessed declaration."""

    declaration: dict[str, Any]  # plain JSON data
    rows: int  # rows of the table; the catalogue has as many items
    said: dict[str, str] = field(default_factory=dict)  # what was taken for title, id and noun, and why
    unused: dict[str, str] = field(default_factory=dict)  # columns nothing was made of, with the reason
    notes: list[str] = field(default_factory=list)  # what should be looked at by a person

    def to_json(self) -> str:
        """The text of a declaration file."""
        return json.dumps(self.declaration, indent=1, ensure_ascii=False) + "\n"


def draft_declaration(table: Table, name: str) -> Draft:
    """Guesses what the columns of a table are; a catalogue can be built of every draft.

    Title, year, sentence, popularity, acclaim and id go by the names of the columns (the title, if need be, by the
    column that tells rows apart). Of the others, columns of numbers become numeric facets with three bins of about a
    third of the items each, columns of few texts become facets with one or several values, columns named after
    people become names; the rest is left out. Facets with several values come first and weigh most.

    Args:
        table: The cells, header included.
        name: Name of the catalogue: the stem of the file; the noun is made of it where no column tells.

    Raises:
        CatalogError: There are no rows, no column can be the title, rows cannot be told apart, or no column can be
            a facet.
    """
    if not table.rows:
        raise MismatchError(table.source, "rows below the header line", "none")
    found, decimal = columns_of(table.columns, map(table.cells, table.columns))
    columns = {column.name: column for column in found}
    said: dict[str, str] = {}
    roles = find_roles(table, columns, said)
    noun, nouns, origin = find_nouns(name, roles["title"])
    said["noun"] = f"{noun} ({origin})"
    if "sentence" in roles:
        said["sentence"] = roles["sentence"]
    notes = list(table.notes)
    draft = Draft({"name": name, "noun": noun, "noun_plural": nouns}, len(table.rows), said, notes=notes)
    if decimal == ",":
        draft.declaration["decimal"] = decimal
    missing = {cell for c in found if c.name != roles["title"] for cell in c.cells if cell.lower() in MISSING}
    missing -= set(columns[roles["title"]].cells)
    if missing:
        draft.declaration["missing"] = sorted(missing)
        draft.notes.append(f"taken for empty cells: {', '.join(map(repr, sorted(missing)))}")
    people = [c.name for c in found if c.name not in roles.values() and _are_names(c)]
    facets: list[dict[str, Any]] = []
    for column in found:
        if column.name in roles.values() or column.name in people:
            continue
        taken = frozenset(facet.get("more", "") for facet in facets)
        facet, reason = _facet(column, len(table.rows), draft.notes, taken)
        if facet is None:
            draft.unused[column.name] = reason
        else:
            names = {facet["name"] for facet in facets}
            facet["name"] = next(
                n for n in (facet["name"], column.plain, f"{column.plain} 2") if n not in names
            )
            facets.append(facet)
    if "year" in roles:
        era = era_facet(columns[roles["year"]])
        facets += [era] if era else []
    _settle(table, draft, columns, roles, people, facets)
    return draft


def _settle(
    table: Table,
    draft: Draft,
    columns: dict[str, Column],
    roles: dict[str, str],
    people: list[str],
    facets: list[dict[str, Any]],
) -> None:
    """Completes the declaration; takes out what a catalogue cannot be built with."""
    while facets:
        _complete(draft, columns, roles, people, facets)
        try:
            build_catalog(table, Declaration.from_dict(draft.declaration))
        except MismatchError as error:
            column = error.column or next(
                (facet["column"] for facet in facets if error.field.startswith(f"facet {facet['name']!r}")),
                "",
            )
            if column in ("", roles["title"], roles.get("id")):
                raise
            draft.unused[column] = f"expected {error.expected}, got {error.came}"
            facets[:] = [facet for facet in facets if facet["column"] != column]
            people[:] = [name for name in people if name != column]
            for key in [key for key, taken in roles.items() if taken == column]:
                del roles[key]
        else:
            return
    expected = "a column of numbers, or of texts that recur (kinds, colours, ...), to make a facet of"
    why = "; ".join(f"{column}: {reason}" for column, reason in list(draft.unused.items())[:5])
    came = f"the columns {', '.join(table.columns)}{f' ({why})' if why else ''}"
    raise MismatchError(table.source, expected, came)


def _complete(
    draft: Draft,
    columns: dict[str, Column],
    roles: dict[str, str],
    people: list[str],
    facets: list[dict[str, Any]],
) -> None:
    told = draft.declaration
    told["columns"] = {key: roles[key] for key in ROLES if key in roles}
    for key in ("popularity", "acclaim"):
        told.pop(f"{key}_range", None)
        if key in roles:
            numbers = columns[roles[key]].numbers
            low, high = min(numbers), max(numbers)
            told[f"{key}_range"] = acclaim_range(numbers) if key == "acclaim" else [min(low, 0.0), high]
    apart = {name: columns[name].separator_of_names() for name in people}
    apart |= {f["column"]: columns[f["column"]].separator() for f in facets if f["kind"] == "multi"}
    apart = {name: between for name, between in apart.items() if between not in ("", SEPARATOR)}
    told.pop("separators", None)
    if len({*apart.values()}) == 1 and all(f["column"] in apart for f in facets if f["kind"] == "multi"):
        told["separator"] = next(iter(apart.values()))
    elif apart:
        told["separators"] = apart
    facets.sort(key=lambda facet: list(_WEIGHTS).index(facet["kind"]))
    for i, facet in enumerate(facets):
        facet["weight"] = 1.0 if i == 0 else _WEIGHTS[facet["kind"]]
    used = [*roles.values(), *people, *(facet["column"] for facet in facets)]
    optional = [name for name in dict.fromkeys(used) if len(columns[name].filled) < draft.rows]
    told.pop("decimals", None)
    usual = told.get("decimal", ".")
    if marks := {name: columns[name].decimal for name in used if columns[name].decimal != usual}:
        told["decimals"] = marks
    told["entities"] = people
    told["optional"] = [name for name in optional if name != roles["title"]]
    told["facets"] = facets


def _are_names(column: Column) -> bool:
    return bool(set(column.words) & PEOPLE and column.filled) and not column.mostly_numbers


def _facet(
    column: Column, n_rows: int, notes: list[str], taken: frozenset[str]
) -> tuple[dict[str, Any] | None, str]:
    """The facet a column makes, or the reason why it makes none."""
    if not column.filled:
        return None, "every cell is empty"
    if {cell.lower() for cell in column.filled} <= _YES_NO:
        return None, f"yes or no: write {column.plain!r} as a value of another column instead"
    if column.plain in ROLES["id"] and column.distinct == n_rows:
        return None, "the titles tell the rows apart already"
    if column.numeric:
        if reason := names_items(column):
            return None, reason
        marked = [cell for cell in column.filled if _AMBIGUOUS.search(cell)]
        if (
            not column.units
            and len(marked) == sum(bool(re.search("[.,]", cell)) for cell in column.filled) > 0
        ):
            number = column.amounts[column.filled.index(marked[0])].number
            notes.append(f"{column.name}: {marked[0]!r} is read as {number:.12g}")
        facet = numeric_facet(column, notes, taken)
        return facet, "" if facet else "nearly all rows have the same number"
    if reason := _no_values(column, n_rows):
        return None, reason
    separator = column.separator()
    counts, kind = (column.parts(separator), "multi") if separator else (Counter(column.filled), "single")
    if len(counts) < 2:
        return None, "all rows have the same text"
    name = singular(column.plain)
    wording = WORDINGS.get(name.split()[-1], SORTS)
    if wording is PLAIN and any(_STRONG.match(value) for value in counts):
        wording = SORTS  # nothing is "too very hard"
    if wording in (SORTS, PLAIN) and all(map(_RANGE.fullmatch, counts)):
        what = f"{{value}} {column.plain}"  # players
        if name == column.plain:
            what = f"{get_word_forms().with_article(name)} of {{value}}"
        wording = SORTS._replace(phrase=f"a {{noun}} with {what}", plural=f"{{noun_plural}} with {what}")
    facet = {"name": name, "kind": kind, "column": column.name}
    if len(counts) <= LISTED:
        facet["values"] = [value for value, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
    facet.update(question=name, **wording._asdict())
    return facet, ""


def _no_values(column: Column, n_rows: int) -> str:
    """Why the texts of a column are no values people wish for, and what can be done about it; empty if they are."""
    n = len(column.filled)
    if len(column.units) > 1 and len(column.amounts) == n:
        return f"amounts in {' and '.join(map(repr, column.units[:3]))}: write one unit"
    if column.mostly_numbers and len(column.amounts) < n:
        other = next(cell for cell in column.filled if amount_of(cell, column.decimal) is None)
        return (
            f"{n - len(column.amounts)} of {n} cells are no numbers, the first {other[:40]!r}: correct them"
        )
    if most := column.out_of:
        return f"numbers out of {most}: write the first number alone"
    if column.dated:
        return "dates"
    if column.linked:
        return "addresses or names of files"
    if not column.separator() and column.distinct > min(MOST_VALUES, 0.5 * n_rows):
        return f"{column.distinct} different texts in {n} rows: too many to ask about"
    return ""
