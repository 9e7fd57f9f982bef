"""The columns of a table of ratings: found by name, read whole, whatever the format of the file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.catalog.frames import read_parquet
from chatrec_env.catalog.readers import ending
from chatrec_env.catalog.table import csv_rows, headings
from chatrec_env.catalog.text_files import text_format
from chatrec_env.catalog.written import amount_of
from chatrec_env.errors import ConfigError, MismatchError

_ROLES: Final = {
    "user": "user users person people customer member reader reviewer listener player uid visitor",
    "item": "item items movie film book product isbn asin title track song artist album game recipe business place "
    "iid wine beer podcast course show anime",
    "rating": "rating ratings rate stars star score value grade vote points overall",
    "time": "timestamp time date datetime when at unixreviewtime created",
}
ROLES: Final = {role: frozenset(words.split()) for role, words in _ROLES.items()}
"""Words in the names of columns, in small letters, by what the columns hold."""

_WORDS = re.compile(r"[^\W\d_]+|\d+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, kw_only=True, slots=True)
class RatingColumns:
    """Which columns of a table of ratings are what; those that are not named are found by their headings.

    Attributes:
        user: Heading of the people.
        item: Heading of the items.
        rating: Heading of the ratings.
        time: Heading of the times, which may be missing.
        scale: Lowest and highest rating that can be given; told by the ratings where it is None.
    """

    user: str = ""
    item: str = ""
    rating: str = ""
    time: str = ""
    scale: tuple[float, float] | None = None


class Coded(NamedTuple):
    """A column of texts: the different ones, and which of them each row has."""

    texts: list[str]
    codes: npt.NDArray[np.int64]  # (n,) int64, -1 where the cell is empty


def read_columns(path: Path, columns: RatingColumns) -> tuple[Any, dict[str, str], list[str]]:
    """A table with the columns ``user``, ``item``, ``rating`` and, if at all, ``time``; their headings; and notes.

    Returns:
        An Arrow table of texts, dictionary-encoded; heading by role; what was taken for what.

    Raises:
        CatalogError: The file cannot be read, a column is not found, or a line is not whole.
        ConfigError: A column that was named does not exist.
    """
    import pyarrow as pa
    from pyarrow import csv

    if ending(path) == ".parquet":
        frame = read_parquet(path)
        found = _find(path, headings(map(str, frame.columns)), columns)
        frame.columns = list(headings(map(str, frame.columns)))
        texts = frame[[*found.values()]].astype("string").fillna("")
        table = pa.Table.from_pandas(texts, preserve_index=False)
        return _encoded(table.rename_columns([*found])), found, [_said(found)]
    form = text_format(path)
    line, first = next(csv_rows(path, form))
    bare = all(amount_of(cell.strip()) for cell in first)
    header = tuple(f"column {place}" for place in range(1, len(first) + 1)) if bare else headings(first)
    if bare and len(header) in (3, 4) and not any((columns.user, columns.item, columns.rating)):
        found = dict(zip(ROLES, header, strict=False))
    else:
        found = _find(path, header, columns)
    kinds = dict.fromkeys(found.values(), pa.dictionary(pa.int32(), pa.string()))
    try:
        with pa.input_stream(str(path), compression="gzip" if form.packed else None) as stream:
            table = csv.read_csv(
                stream,
                csv.ReadOptions(
                    column_names=header,
                    skip_rows=0 if bare else line,
                    encoding=form.encoding,
                    use_threads=False,
                ),
                csv.ParseOptions(delimiter=form.separator),
                csv.ConvertOptions(include_columns=[*found.values()], column_types=kinds),
            )
    except pa.ArrowInvalid as error:
        for line, cells in csv_rows(path, form):
            if len(cells) != len(header):
                expected = f"{len(header)} cells ({', '.join(header)})"
                raise MismatchError(
                    path, expected, f"{len(cells)}; correct the line", line, header[-1]
                ) from None
        raise MismatchError(path, "a table of ratings", str(error).splitlines()[0].rstrip(".")) from None
    notes = [_said(found), *(f"The file: {note}." for note in form.told)]
    return table.rename_columns([*found]).unify_dictionaries(), found, notes


def _encoded(table: Any) -> Any:
    import pyarrow as pa

    encoded = [column.dictionary_encode() for column in table.columns]
    return pa.table(dict(zip(table.column_names, encoded, strict=True))).unify_dictionaries()


def _said(found: dict[str, str]) -> str:
    return f"Columns: {', '.join(f'{role} is {heading!r}' for role, heading in found.items())}."


def _find(path: Path, header: tuple[str, ...], columns: RatingColumns) -> dict[str, str]:
    """The heading of each role; the time may be missing."""
    found: dict[str, str] = {}
    for role in ROLES:
        if named := getattr(columns, role):
            if named not in header:
                raise ConfigError(
                    f"{path} has no column {named!r} (--{role}-column). It has: {', '.join(header)}."
                )
            found[role] = named
    for role, words in ROLES.items():
        said = [(heading, _WORDS.findall(_CAMEL.sub(" ", heading).lower())) for heading in header]
        free = [(heading, own) for heading, own in said if heading not in found.values()]
        likely = [
            heading
            for heading, own in free
            if "".join(own) in words or "".join(own).removesuffix("id") in words
        ]
        likely += [heading for heading, own in free if words.intersection(own)]
        if role not in found and likely:
            found[role] = likely[0]
    missing = [role for role in ("user", "item", "rating") if role not in found]
    if missing:
        options = " ".join(f"--{role}-column NAME" for role in missing)
        came = f"the columns {', '.join(header)}; say which it is: {options}"
        raise MismatchError(path, f"a column for the {' and the '.join(missing)}", came, 1)
    return {role: found[role] for role in ROLES if role in found}


def coded(column: Any) -> Coded:
    """A dictionary-encoded column; blanks around cells do not count."""
    column = column.combine_chunks()
    texts = [text.strip() for text in column.dictionary.to_pylist()]
    codes = column.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    blank = np.array([not text for text in texts], bool)
    return Coded(texts, np.where(blank[codes], -1, codes) if len(texts) else codes)
