"""A first declaration for a table that has none, guessed from the names and cells of its columns."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from chatrec_env.catalog.declaration import Declaration
from chatrec_env.catalog.draft.columns import MISSING, MOST_VALUES, WORDS, Column, find_separator, number_of
from chatrec_env.catalog.draft.words import PEOPLE, PLAIN, ROLES, SCALES, UNITS, WORDINGS, Scale
from chatrec_env.catalog.facets import SEPARATOR
from chatrec_env.catalog.table import Table
from chatrec_env.errors import MismatchError
from chatrec_env.language.word_forms import get_word_forms

MOSTLY_NUMBERS: Final = 0.8  # share of its cells from which a column is one of numbers with mistakes
LISTED: Final = 40  # values a draft writes out; beyond, the vocabulary stays open
_WRITTEN: Final = re.compile(r"[$€£]? ?\d{1,3}(?:[,. ]?\d{3})*(?:[.,]\d+)? ?[$€£%]?")
_YES_NO: Final = frozenset(("yes", "no", "true", "false", "y", "n", "0", "1", "t", "f"))
_IES: Final = frozenset(
    ("calories", "cookies", "movies", "smoothies", "brownies", "hoodies", "zombies", "ties")
)
_GENERIC: Final = frozenset(("item", "data", "table", "catalog", "catalogue", "list", "export", "dataset"))
_WEIGHTS: Final = {"multi": 0.75, "single": 0.5, "numeric": 0.5}  # by kind, in the order the facets take
_WITH: Final = PLAIN._replace(phrase="a {noun} with {value}", plural="{noun_plural} with {value}")


@dataclass(slots=True)
class Draft:
    """A guessed declaration."""

    declaration: dict[str, Any]  # plain JSON data
    unused: dict[str, str] = field(default_factory=dict)  # columns nothing was made of, with the reason
    notes: list[str] = field(default_factory=list)  # what should be looked at by a person

    def to_json(self) -> str:
        """The text of a declaration file."""
        return json.dumps(self.declaration, indent=1, ensure_ascii=False) + "\n"


def draft_declaration(table: Table, name: str) -> Draft:
    """Guesses what the columns of a table are.

    Title, year, sentence, popularity, acclaim and id go by the names of the columns (the title, if need be, by the
    column that tells rows apart). Of the others, columns of numbers become numeric facets with three bins of about a
    third of the items each, columns of few texts become facets with one or several values, columns named after
    people become names; the rest is left out. Facets with several values come first and weigh most.

    Args:
        table: The cells, header included.
        name: Name of the catalogue: the stem of the file; the noun is made of it.

    Raises:
        CatalogError: There are no rows, no column can be the title, or no column can be a facet.
    """
    if not table.rows:
        raise MismatchError(table.source, "rows below the header line", "none")
    columns = {column: Column(column, table.cells(column)) for column in table.columns}
    noun, nouns = _nouns(name)
    draft = Draft({"name": name, "noun": noun, "noun_plural": nouns})
    roles = _roles(table, columns)
    draft.declaration["columns"] = {key: roles[key] for key in ROLES if key in roles}
    for key in ("popularity", "acclaim"):
        if key in roles:
            draft.declaration[f"{key}_range"] = _range(key, columns[roles[key]].numbers)
    left = [column for column in columns.values() if column.name not in roles.values()]
    separator = find_separator(left)
    if separator != SEPARATOR:
        draft.declaration["separator"] = separator
    facets: list[dict[str, Any]] = []
    people: list[str] = []
    for column in left:
        if set(column.words) & PEOPLE and not column.numeric and column.filled:
            people.append(column.name)
            continue
        if column.plain in ROLES["id"] and column.distinct == len(table.rows):
            draft.unused[column.name] = "the titles tell the rows apart already"
            continue
        taken = frozenset(facet.get("more", "") for facet in facets)
        facet, reason = _facet(column, separator, len(table.rows), draft.notes, taken)
        if facet is None:
            draft.unused[column.name] = reason
        else:
            facets.append(facet)
    if "year" in roles:
        era = _eras(columns[roles["year"]])
        facets += [era] if era else []
    if not facets:
        expected = "a column of numbers, or of texts that recur (kinds, colours, ...), to make a facet of"
        raise MismatchError(table.source, expected, f"the columns {', '.join(table.columns)}")
    facets.sort(key=lambda facet: list(_WEIGHTS).index(facet["kind"]))
    for i, facet in enumerate(facets):
        facet["weight"] = 1.0 if i == 0 else _WEIGHTS[facet["kind"]]
    used = [*roles.values(), *people, *(facet["column"] for facet in facets)]
    optional = [column for column in dict.fromkeys(used) if len(columns[column].filled) < len(table.rows)]
    draft.declaration["entities"] = people
    draft.declaration["optional"] = [column for column in optional if column != roles["title"]]
    draft.declaration["facets"] = facets
    Declaration.from_dict(draft.declaration)
    return draft


def _roles(table: Table, columns: dict[str, Column]) -> dict[str, str]:
    """Column by standard column."""
    roles: dict[str, str] = {}
    for key, names in ROLES.items():
        found = [c for name in names for c in columns.values() if c.plain == name and c.filled]
        found = [c for c in found if c.name not in roles.values() and _suits(key, c)]
        if found:
            roles[key] = found[0].name
    if "title" not in roles:
        texts = [c for c in columns.values() if c.filled and not c.numeric and c.name not in roles.values()]
        texts = [c for c in texts if c.distinct > 0.9 * len(table.rows)]
        if not texts:
            expected = "a column that names the items (called title or name)"
            came = f"{', '.join(table.columns)}; rename the one that does"
            raise MismatchError(table.source, expected, came)
        roles["title"] = min(texts, key=lambda c: sum(map(len, c.filled)) / len(c.filled)).name
    titles = columns[roles["title"]]
    if "id" in roles and (
        columns[roles["id"]].distinct < len(table.rows) or titles.distinct == len(titles.cells)
    ):
        del roles["id"]  # titles alone tell the rows apart, or the column does not
    return roles


def _suits(key: str, column: Column) -> bool:
    if key == "year":
        return column.numeric and all(1 <= n <= 9999 and n % 1 == 0 for n in column.numbers)
    if key in ("popularity", "acclaim"):
        return column.numeric and min(column.numbers) < max(column.numbers)
    return key != "title" or not column.numeric


def _range(key: str, numbers: Sequence[float]) -> list[float]:
    low, high = min(numbers), max(numbers)
    if key == "acclaim" and -1 <= low < 0 and high <= 1:
        return [-1.0, 1.0]
    for span in ((1.0, 5.0), (0.0, 5.0), (0.0, 10.0), (0.0, 100.0)) if key == "acclaim" else ():
        if span[0] <= low and high <= span[1]:
            return list(span)
    return [min(low, 0.0), high]


def _facet(
    column: Column, separator: str, n_rows: int, notes: list[str], taken: frozenset[str]
) -> tuple[dict[str, Any] | None, str]:
    """The facet a column makes, or the reason why it makes none."""
    if not column.filled:
        return None, "every cell is empty"
    if {cell.lower() for cell in column.filled} <= _YES_NO:
        return None, f"yes or no: write {column.plain!r} as a value of another column instead"
    if column.numeric:
        facet = _numeric(column, notes, taken)
        return facet, "" if facet else "nearly all rows have the same number"
    if column.is_multi(separator):
        counts = column.parts(separator)
        kind = "multi"
    else:
        counts, kind = Counter(column.filled), "single"
        if len(counts) > min(MOST_VALUES, 0.5 * n_rows):
            return None, _why_so_many(column)
    if len(counts) < 2:
        return None, "all rows have the same text"
    if blank := next((value for value in counts if value.lower() in MISSING), None):
        notes.append(f"{column.name}: {blank!r} looks like a missing value; leave such cells empty")
    name = _singular(column.plain)
    wording = WORDINGS.get(name.split()[-1], PLAIN)
    facet = {"name": name, "kind": kind, "column": column.name}
    if len(counts) <= LISTED:
        facet["values"] = [value for value, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
    facet.update(question=name, **wording._asdict())
    return facet, ""


def _why_so_many(column: Column) -> str:
    """Why a column with too many different texts makes no facet, and what can be done about it."""
    n = len(column.filled)
    if len(column.numbers) >= MOSTLY_NUMBERS * n:
        other = next(cell for cell in column.filled if not math.isfinite(number_of(cell)))
        few = n - len(column.numbers)
        return f"{few} of {n} cells are no numbers, the first {other[:40]!r}: correct them"
    if sum(_WRITTEN.fullmatch(cell) is not None for cell in column.filled) >= MOSTLY_NUMBERS * n:
        return f"numbers like {column.filled[0]!r}: write digits alone, with a point for decimals"
    return f"{column.distinct} different texts in {n} rows: too many to ask about"


def _numeric(column: Column, notes: list[str], taken: frozenset[str]) -> dict[str, Any] | None:
    numbers = np.array(column.numbers)
    low, high = (_nice(float(np.quantile(numbers, q)), numbers) for q in (1 / 3, 2 / 3))
    if not numbers.min() < low < high <= numbers.max():
        middle = _nice(float(np.median(numbers)), numbers)
        if not numbers.min() < middle <= numbers.max():
            return None
        edges = [middle]
    else:
        edges = [low, high]
    name = _singular(" ".join(word for word in column.words if word not in UNITS) or column.plain)
    found = next((SCALES[word] for word in (*column.words, name) if word in SCALES), None)
    if found is not None and found.more in taken:  # two facets must not share their words
        found = None
    scale = found or Scale(
        (f"low {name}", f"medium {name}", f"high {name}"), f"higher in {name}", f"lower in {name}"
    )
    unit = next((UNITS[word] for word in column.words if word in UNITS), scale.unit)
    if scale.unit == "euros" and not set(column.words) & set(UNITS):
        notes.append(f"{column.name}: the currency is a guess (euros)")
    labels = scale.labels if len(edges) == 2 else (scale.labels[0], scale.labels[2])
    facet = {
        "name": name,
        "kind": "numeric",
        "column": column.name,
        "values": list(labels),
        "bins": [None, *edges, None],
        "question": name,
        **(PLAIN if found else _WITH)._asdict(),
        "more": scale.more,
        "less": scale.less,
    }
    if not found:
        facet["value_critiques"] = {label: f"too {label.replace(name, f'in {name}')}" for label in labels}
    if unit:
        facet["unit"] = unit
    else:
        notes.append(f"{column.name}: no unit is known; give one so that amounts can be read")
    return facet


def _nice(number: float, numbers: Any) -> float:
    """A round number near ``number``: two digits of the spread count."""
    spread = float(np.quantile(numbers, 0.9) - np.quantile(numbers, 0.1)) or abs(number) or 1.0
    step = 10.0 ** math.floor(math.log10(spread / 4 or 1.0))
    rounded = round(round(number / step) * step, 10)
    return int(rounded) if rounded == int(rounded) else rounded


def _eras(column: Column) -> dict[str, Any] | None:
    """Decades of a column of years; None where all are of one."""
    first, last = int(min(column.numbers)) // 10 * 10, int(max(column.numbers)) // 10 * 10
    if first == last:
        return None
    first = max(first, last - 110)
    starts = list(range(first, last + 10, 10))
    return {
        "name": "era",
        "kind": "numeric",
        "column": column.name,
        "values": [f"{start}s" for start in starts],
        "bins": [None, *starts[1:], None],
        "question": "era",
        "phrase": "a {noun} from the {value}",
        "plural": "{noun_plural} from the {value}",
        "critique": "too obviously from the {value}",
        "more": "newer",
        "less": "older",
    }


def _nouns(name: str) -> tuple[str, str]:
    words = WORDS.findall(name.lower())
    last = _singular(words[-1]) if words else "item"
    if last in _GENERIC:
        last = "item"
    return last, get_word_forms().plural(last)


def _singular(words: str) -> str:
    head, _, last = words.rpartition(" ")
    return f"{head} {last[:-1] if last in _IES else get_word_forms().singular(last)}".strip()
