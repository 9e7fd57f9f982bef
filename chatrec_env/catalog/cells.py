"""The cells of a table, read as its declaration says; each rule of what a cell may hold stands here alone."""

from __future__ import annotations

import difflib
import math
from typing import Final

from chatrec_env.catalog.declaration import Declaration
from chatrec_env.catalog.facets import SEPARATOR, Facet
from chatrec_env.catalog.table import Table
from chatrec_env.catalog.written import amount_of, currency, split_cell

MAX_YEAR = 9999

UNITS: Final[dict[str, str]] = {
    **dict.fromkeys(("min", "mins", "minute", "minutes"), "minutes"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "hours"),
    **dict.fromkeys(("sec", "secs", "second", "seconds"), "seconds"),
    **dict.fromkeys(("day", "days"), "days"),
    **dict.fromkeys(("week", "weeks"), "weeks"),
    **dict.fromkeys(("month", "months"), "months"),
    **dict.fromkeys(("yr", "yrs", "year", "years"), "years"),
    **dict.fromkeys(("page", "pages", "pp"), "pages"),
    **dict.fromkeys(("kg", "kilogram", "kilograms"), "kg"),
    **dict.fromkeys(("g", "gram", "grams"), "grams"),
    **dict.fromkeys(("lb", "lbs"), "lbs"),
    **dict.fromkeys(("oz", "ounces"), "ounces"),
    **dict.fromkeys(("km", "kilometers", "kilometres"), "km"),
    **dict.fromkeys(("mile", "miles"), "miles"),
    **dict.fromkeys(("cm", "centimeters", "centimetres"), "cm"),
    **dict.fromkeys(("mm", "millimeters", "millimetres"), "mm"),
    **dict.fromkeys(("m", "meter", "meters", "metre", "metres"), "meters"),
    **dict.fromkeys(("ml", "milliliters", "millilitres"), "ml"),
    **dict.fromkeys(("m²", "sqm", "m2"), "square meters"),
    **dict.fromkeys(("sqft", "ft²"), "square feet"),
    **dict.fromkeys(("kcal", "calories", "cal"), "kcal"),
    **dict.fromkeys(("%", "percent", "pct"), "%"),
    **dict.fromkeys(("bpm",), "bpm"),
    **dict.fromkeys(("star", "stars"), "stars"),
    **dict.fromkeys(("point", "points", "pts"), "points"),
    **dict.fromkeys(("vote", "votes"), "votes"),
    **dict.fromkeys(("rating", "ratings", "review", "reviews"), "ratings"),
    **dict.fromkeys(("people", "persons"), "people"),
}
"""Units by how they are written beside a number or in the name of a column, as facets call them."""


def unit_of(words: str) -> str:
    """The unit that words beside a number stand for, e.g. ``"pounds per bottle"``; empty where they are none known."""
    head, per, rest = words.strip().partition(" per ")
    head = UNITS.get(head.lower(), "") or currency(head)
    return f"{head}{per}{rest}" if head else ""


def is_unit(words: str, facet: Facet | None) -> bool:
    """Whether what stands beside a number is its unit."""
    if not words or words.startswith("per ") or unit_of(words):
        return True
    return facet is not None and words in (facet.unit, *facet.unit_words)


class Cells:
    """Reads and checks the cells of a table, one at a time.

    Every method that takes a row raises ``MismatchError`` where a cell is not as declared.
    """

    def __init__(self, table: Table, declaration: Declaration) -> None:
        self.table, self.declaration = table, declaration
        self._optional = frozenset(declaration.optional)
        self._missing = frozenset(declaration.missing)
        self._first: dict[str, int] = {}  # row by key

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The columns that tell rows apart: the id where one is declared, else title and, if any, year."""
        columns = self.declaration.columns
        names = ("id",) if "id" in columns else ("title", "year")
        return tuple(columns[name] for name in names if name in columns)

    def text(self, row: int, column: str, *, filled: bool = False) -> str:
        """A cell, which may be empty if its column is optional and it need not be ``filled``."""
        cell = self.table.cell(row, column)
        if cell in self._missing:
            cell = ""
        if not cell and (filled or column not in self._optional):
            self.table.fail(row, column, "a filled cell", "an empty one")
        return cell

    def number(
        self,
        row: int,
        column: str,
        low: float = -math.inf,
        high: float = math.inf,
        *,
        whole: bool = False,
        facet: Facet | None = None,
    ) -> float:
        """A number in ``[low, high]``, signs and words as ``amount_of`` reads them; NaN for an empty optional cell.

        A unit beside it must be known: money, one of ``UNITS``, or that of the ``facet``.
        """
        cell = self.text(row, column)
        if not cell:
            return math.nan
        found = amount_of(cell, self.declaration.decimal_of(column))
        number = found.number if found is not None and is_unit(found.unit, facet) else math.nan
        if not (math.isfinite(number) and low <= number <= high) or (whole and number % 1):
            span = "" if math.isinf(low) else f" from {low:g} to {high:g}"
            self.table.fail(row, column, f"a {'whole ' if whole else ''}number{span}", repr(cell))
        return number

    def standard_text(self, name: str, row: int) -> str:
        """The title, id, sentence or description of an item."""
        return self.text(row, self.declaration.columns[name], filled=name in ("title", "id"))

    def standard_number(self, name: str, row: int) -> float:
        """The year, popularity or acclaim of an item as the table has it; NaN where the table does not say."""
        column = self.declaration.columns.get(name)
        if column is None:
            return math.nan
        if name == "year":
            return self.number(row, column, 1, MAX_YEAR, whole=True)
        return self.number(row, column, *getattr(self.declaration, f"{name}_range"))

    def key(self, row: int) -> str:
        """What tells the row apart: its id, or ``"Title (year)"``; refuses a key that an earlier row had.

        Keys made of titles are the same whatever their case.
        """
        own = "id" in self.declaration.columns
        key = name = self.standard_text("id" if own else "title", row)
        if not own:
            year = self.standard_number("year", row)
            name = name if math.isnan(year) else f"{name} ({year:.0f})"
            key = name.casefold()
        if key in self._first:
            expected = "an id of its own" if own else "a title and year of its own"
            came = f"{name!r} again (first in {self.table.unit} {self.table.lines[self._first[key]]})"
            self.table.fail(row, self.key_columns[0], expected, came)
        self._first[key] = row
        return name

    def facet_number(self, facet: Facet, row: int) -> float:
        """The number of a numeric facet, inside its bins; NaN for an empty optional cell."""
        number = self.number(row, facet.column, facet=facet)
        if not math.isnan(number) and not facet.bins[0] <= number < facet.bins[-1]:
            expected = (
                f"a number inside the bins of {facet.name!r}, {facet.bins[0]:g} <= x < {facet.bins[-1]:g}"
            )
            self.table.fail(row, facet.column, expected, repr(self.table.cell(row, facet.column)))
        return number

    def facet_values(self, facet: Facet, row: int) -> tuple[str, ...]:
        """The values of a facet that is not numeric, in the order they are written, each once."""
        # "Portland, Oregon"
        whole = not facet.multi_valued and self.declaration.between(facet.column) != SEPARATOR
        cell = self.text(row, facet.column)
        parts = (cell,) if cell and whole else self._parts(row, facet.column, "values")
        if not facet.multi_valued and len(parts) > 1:
            self.table.fail(row, facet.column, f"one {facet.name}", repr(cell))
        for part in parts:
            if facet.values and part not in facet.values:
                near = difflib.get_close_matches(part.lower(), facet.values, n=1)
                hint = f"{near[0]!r}? or " if near else ""
                known = f"a declared {facet.name} ({hint}any of: {', '.join(facet.values)})"
                self.table.fail(row, facet.column, known, repr(part))
        return parts

    def names(self, column: str, row: int) -> tuple[str, ...]:
        """The named people of a cell, in the order they are written, each once."""
        return self._parts(row, column, "names")

    def _parts(self, row: int, column: str, what: str) -> tuple[str, ...]:
        cell, between = self.text(row, column), self.declaration.between(column)
        parts = split_cell(cell, between) if cell else []
        if not all(parts):
            self.table.fail(row, column, f"{what} separated by single {between!r}", repr(cell))
        return tuple(dict.fromkeys(parts))
