"""Which columns of a table are the standard ones: title, year, sentence, popularity, acclaim, id; and the noun."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from chatrec_env.catalog.cells import MAX_YEAR
from chatrec_env.catalog.draft.columns import WORDS, Column
from chatrec_env.catalog.draft.words import CODES, LAST_WORDS, NOT_NOUNS, PEOPLE, PLACES, ROLES, SCALES
from chatrec_env.catalog.table import Table
from chatrec_env.errors import MismatchError
from chatrec_env.language.word_forms import get_word_forms

_IES: Final = frozenset(
    ("calories", "cookies", "movies", "smoothies", "brownies", "hoodies", "zombies", "ties")
)
_GENERIC: Final = frozenset(
    (
        *(
            "item",
            "data",
            "table",
            "catalog",
            "catalogue",
            "list",
            "export",
            "dataset",
            "rated",
            "final",
            "clean",
        ),
        *(
            "cleaned",
            "new",
            "copy",
            "all",
            "sample",
            "full",
            "raw",
            "test",
            "train",
            "file",
            "sheet",
            "utf",
            "latin",
        ),
        *(
            "csv",
            "tsv",
            "info",
            "details",
            "db",
            "database",
            "main",
            "top",
            "best",
            "of",
            "the",
            "and",
            "from",
            "v",
        ),
    )
)
_MASS: Final = frozenset(
    ("clothes", "clothing", "furniture", "goods", "groceries", "jeans", "merchandise", "music", "software")
)
_COUNTERS: Final = frozenset(("column", "unnamed", "index", "row", "id", "nr", "no", "number", "rank"))
_LINKS: Final = frozenset(("for", "of", "in", "from", "by", "with", "on", "at", "and", "near"))


def find_roles(
    table: Table, columns: dict[str, Column], said: dict[str, str], given: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Column by standard column; what was taken for the title and the id, and why, is added to ``said``.

    Args:
        table: The table.
        columns: Its columns, by name.
        said: Filled.
        given: Those that are known already; all others are looked for where it is None, else the id alone.

    Raises:
        CatalogError: No column can be the title, or rows with the same title cannot be told apart.
    """
    roles: dict[str, str] = dict(given or {})
    for key in ROLES if given is None else ("id",):
        found = [
            c for c in _named(key, list(columns.values())) if c.name not in roles.values() and _suits(key, c)
        ]
        if found:
            roles[key] = found[0].name
    said["title"] = roles.get("title", "")
    if "title" not in roles:
        roles["title"] = _likely_title(table, columns, [*roles.values()])
        said["title"] = f"{roles['title']} (a guess: no column is called title or name)"
    _tell_apart(table, columns, roles, said)
    return roles


def _named(key: str, columns: Sequence[Column]) -> list[Column]:
    """The columns whose names stand for a standard one, the likeliest first."""
    filled = [c for c in columns if c.filled]
    whole = [c for name in ROLES[key] for c in filled if c.plain == name]
    last = [c for c in filled if c.words and c.words[-1] in LAST_WORDS.get(key, ())]
    if key == "title":
        first = [c for c in whole if c.plain in LAST_WORDS[key]]
        whole = [c for c in whole if c.distinct > 0.5 * len(c.cells)]
        last = [c for c in last if c.words[-1] == "title" or c.distinct > 0.5 * len(c.cells)]
        return [*first, *(c for c in last if not set(c.words) & PEOPLE), *whole]
    return [*whole, *last]


def _suits(key: str, column: Column) -> bool:
    if key == "year":
        return column.numeric and all(1 <= n <= MAX_YEAR and n % 1 == 0 for n in column.numbers)
    if key in ("popularity", "acclaim"):
        return column.numeric and min(column.numbers) < max(column.numbers)
    if key == "id":
        return column.distinct == len(column.cells)
    if key == "sentence":  # what recurs are values: "rose; oud"
        return column.distinct > 0.5 * len(column.filled) and not column.separator()
    return key != "title" or not column.numeric


def _likely_title(table: Table, columns: dict[str, Column], taken: list[str]) -> str:
    """The first column of short texts that differ and are neither dates, addresses nor codes."""
    texts = [c for c in columns.values() if c.filled and not c.mostly_numbers and c.name not in taken]
    texts = [c for c in texts if not (c.dated or c.linked or c.coded) and not set(c.words) & PEOPLE]
    texts = [c for c in texts if c.distinct > 0.9 * len(table.rows)]
    if not texts:
        expected = "a column that names the items (called title or name)"
        came = f"{', '.join(table.columns)}; rename the one that does"
        raise MismatchError(table.source, expected, came)
    shortest = min(c.width for c in texts)
    return next(c for c in texts if c.width <= 3 * shortest).name


def _tell_apart(
    table: Table, columns: dict[str, Column], roles: dict[str, str], said: dict[str, str]
) -> None:
    """Finds the column that tells rows of one title apart, where titles repeat; takes the id out where none do."""
    years = columns[roles["year"]].cells if "year" in roles else [""] * len(table.rows)
    titles = columns[roles["title"]].cells
    first: dict[tuple[str, str], int] = {}
    again = next(
        (
            (first[key], row)
            for row, key in enumerate(zip(map(str.casefold, titles), years, strict=True))
            if key[0] and first.setdefault(key, row) != row
        ),
        None,
    )
    if again is None:
        roles.pop("id", None)
        said["id"] = f"none needed: titles{' and years' * (len({*titles}) < len(titles))} differ"
        return
    if "id" in roles:
        said["id"] = f"{roles['id']} (titles repeat)"
        return
    lines = " and ".join(str(table.lines[row]) for row in again)
    told = f"{titles[again[0]]!r} in {table.unit}s {lines}"
    free = [c for c in columns.values() if c.name not in roles.values() and _could_be_id(c)]
    if not free:
        expected = "titles that differ, or a column that is different in every row to tell them apart"
        remedy = f"{told}; add a column id, or take repeated rows out"
        raise MismatchError(table.source, expected, remedy, table.lines[again[1]], roles["title"], table.unit)
    roles["id"] = free[0].name
    said["id"] = f"{roles['id']} (titles repeat, as {told}, and this column differs in every row)"


def _could_be_id(column: Column) -> bool:
    """Whether a column tells the rows apart and is no measure: of fractions or long texts."""
    if column.distinct < len(column.cells) or column.width > 60:
        return False
    return not column.mostly_numbers or all(n % 1 == 0 for n in column.numbers)


def names_items(column: Column) -> str:
    """Why the numbers of a column are no measure; empty if they may be one."""
    if column.counts_rows and len(column.cells) > 2 and column.words[:1] and column.words[0] in _COUNTERS:
        return "it counts the rows"
    numbers = column.numbers
    whole = all(n % 1 == 0 for n in numbers)
    long = {len(f"{abs(n):.0f}") for n in numbers}
    measure = column.unit or set(column.words) & set(SCALES)
    same = len(long) == 1 and min(long) >= 8 and column.distinct > 1 and not measure
    if set(column.words) & PLACES:
        return "places on a map, which nobody names"
    if whole and (set(column.words) & CODES or same):
        return "codes or dates, not a measure"
    if not all(math.isfinite(n) and abs(n) < 1e12 for n in numbers):
        return "numbers of 1e12 and more are codes, not a measure"
    if (
        whole
        and column.words
        and column.words[-1] in LAST_WORDS["id"]
        and column.distinct == len(column.filled)
    ):
        return "it numbers the items"
    return ""


def find_nouns(name: str, title: str) -> tuple[str, str, str]:
    """What one item and several are called, and where that is from: the heading of the titles, or the file.

    Args:
        name: Name of the file.
        title: Heading of the column of titles.
    """
    words = Column(title, []).words
    head = words[-2] if len(words) > 1 and words[-1] in LAST_WORDS["title"] else ""
    if head.isalpha() and head not in NOT_NOUNS and head not in _GENERIC:
        noun = singular(head)
        return noun, get_word_forms().plural(noun), f"from the column {title}"
    words = [word for word in WORDS.findall(name.lower()) if word.isalpha()]
    of = next((i for i, word in enumerate(words) if i and word in _LINKS), len(words))
    for word in reversed(words[:of]):
        noun = singular(word)
        if word in _MASS:  # no one of it has that name
            break
        if len(word) > 2 and not {word, noun} & _GENERIC:
            return noun, get_word_forms().plural(noun), "from the name of the file"
    return "item", "items", "neither the file nor a column tells"


def singular(words: str) -> str:
    """Words with the last one in the singular."""
    head, _, last = words.rpartition(" ")
    return f"{head} {last[:-1] if last in _IES else get_word_forms().singular(last)}".strip()
