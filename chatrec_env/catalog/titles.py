"""Finding an item by its title."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from chatrec_env.errors import ConfigError


class TitleIndex:
    """Rows by title, case aside."""

    def __init__(self, titles: Sequence[str], years: Sequence[int], noun: str) -> None:
        self._titles, self._years, self._noun = titles, years, noun
        self._rows: dict[str, list[int]] = {}
        for row, title in enumerate(titles):
            self._rows.setdefault(title.casefold(), []).append(row)

    def find(self, title: str, year: int | None) -> int:
        """The row of a title and, where several items share it, year; the first of those that share both.

        Raises:
            ConfigError: No item has the title and year, or several do and no year was given.
        """
        rows = self._rows.get(title.casefold(), [])
        fits = [row for row in rows if year is None or self._years[row] == year]
        if len({self._years[row] for row in fits}) == 1:
            return fits[0]
        wanted = repr(title) if year is None else f"{title!r} from {year}"
        if rows:
            years = ", ".join(str(self._years[row]) for row in rows)
            raise ConfigError(
                f"Expected one {self._noun}, got {wanted}; that title exists with the years {years}."
            )
        near = difflib.get_close_matches(title.casefold(), self._rows, n=3)
        hint = (
            f" Nearest: {', '.join(repr(self._titles[self._rows[key][0]]) for key in near)}." if near else ""
        )
        raise ConfigError(f"No {self._noun} {wanted} among the {len(self._titles)} of the catalog.{hint}")
