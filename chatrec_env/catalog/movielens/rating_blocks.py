"""The ratings of a MovieLens folder, block by block: millions of lines in seconds and little memory, all checked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from chatrec_env.catalog.movielens.files import WHOLE, Layout, Rows, find_columns, line_cells, whole_number
from chatrec_env.catalog.table import csv_rows
from chatrec_env.catalog.text_files import text_format
from chatrec_env.errors import MismatchError

LEAST, MOST = 0.5, 5.0
"""Stars."""


@dataclass(frozen=True, slots=True)
class RatingBlock:
    """Some ratings, in the order of the file."""

    users: npt.NDArray[np.int64]  # (n,) int64 ids of the people
    items: npt.NDArray[np.int32]  # (n,) int32 rows of the films
    stars: npt.NDArray[np.float32]  # (n,) float32, 0.5 to 5
    # (n,) int64 seconds since 1970, or None where one of them is missing
    times: npt.NDArray[np.int64] | None


def rating_blocks(path: Path, layout: Layout, ids: npt.NDArray[np.int64]) -> Iterator[RatingBlock]:
    """Reads a file of ratings, about a megabyte at a time.

    The time may be missing: as a column, or here and there.

    Args:
        path: The file.
        layout: How the file is laid out.
        ids: (I,) ids of the films, in the order of their rows.

    Raises:
        CatalogError: The file is not as its layout says, or rates a film that is not among ``ids``: names line,
            column, what was expected and what came.
    """
    import pyarrow as pa

    order = np.argsort(ids)
    strays = done = 0
    for written in (False, True):  # ids as numbers; where that fails, as they are written: "1.0"
        try:
            for block in _blocks(path, layout, written=written, skip=done):
                if any(block.column(c).null_count for c in range(3)):
                    _explain(path, layout, ids)
                if not len(block):
                    continue
                users, movies = (_numbers(block.column(c)) for c in range(2))
                stars = block.column(2).to_numpy(zero_copy_only=False)
                if users is None or movies is None or not (stars.min() >= LEAST and stars.max() <= MOST):
                    _explain(path, layout, ids)
                place = np.minimum(np.searchsorted(ids, movies, sorter=order), len(ids) - 1)
                items = order[place].astype(np.int32)
                strays += int((ids[items] != movies).sum())
                timed = block.num_columns == 4 and not block.column(3).null_count
                times = block.column(3).to_numpy(zero_copy_only=False) if timed else None
                done += len(block)
                if not strays:
                    yield RatingBlock(users, items, stars, times)
        except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
            if written:
                _explain(path, layout, ids, told=str(error))
        else:
            break
    if strays:
        _explain(path, layout, ids, strays)
    _refuse_cut(path, layout)


def _refuse_cut(path: Path, layout: Layout) -> None:
    """Times may be missing here and there; a last line without one and without an end was cut."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 256))
        end = file.read()
    if end.endswith(layout.separator.encode()):
        last = end.splitlines()[-1].decode("utf-8", "replace")
        raise MismatchError(path, "a whole last line", f"{last!r}, which is cut; complete it or take it out")


def _blocks(path: Path, layout: Layout, *, written: bool, skip: int) -> Iterator[Any]:
    """User, film, stars and (if at all) time of the ratings after the first ``skip``, in blocks as Arrow reads them."""
    import pyarrow as pa
    from pyarrow import csv

    read, parse, places = _form(path, layout)
    if read is None:
        return
    names = [read.column_names[place] for place in places]
    id_type = pa.string() if written else pa.int64()
    kinds = dict(zip(names, (id_type, id_type, pa.float32(), pa.int64()), strict=False))
    convert = csv.ConvertOptions(include_columns=names, column_types=kinds)
    with csv.open_csv(path, read_options=read, parse_options=parse, convert_options=convert) as blocks:
        for block in blocks:
            yield block.slice(skip)
            skip = max(0, skip - len(block))


def _numbers(column: Any) -> npt.NDArray[np.int64] | None:
    """Ids as whole numbers; None where one is none."""
    import pyarrow as pa

    if not pa.types.is_string(column.type):
        return column.to_numpy(zero_copy_only=False)
    coded = column.dictionary_encode()
    numbers = [whole_number(text) for text in coded.dictionary.to_pylist()]
    if None in numbers:
        return None
    return np.array(numbers, np.int64)[coded.indices.to_numpy(zero_copy_only=False)]


def _form(path: Path, layout: Layout) -> tuple[Any, Any, list[int]]:
    """How Arrow is to read the file, and where it holds person, film, stars and (if at all) time; None if empty."""
    from pyarrow import csv

    read, parse = csv.ReadOptions(use_threads=False), csv.ParseOptions()
    if layout.header:
        form = text_format(path)
        line, header = next(rows := csv_rows(path, form))
        read.column_names = [f"c{place}" for place in range(len(header))]
        read.skip_rows, read.encoding, parse.delimiter = line, form.encoding, form.separator
        return (read if next(rows, None) else None), parse, _places(path, layout, line, header)
    _, cells = next(line_cells(path, layout.separator), (0, []))
    wide = 4 if len(cells) >= 4 else 3
    step = len(layout.separator)  # "::" reads as ":" with an empty column between two
    parse.delimiter, parse.quote_char = layout.separator[0], False
    read.column_names = [f"c{place}" for place in range((wide - 1) * step + 1)]
    return (read if cells else None), parse, [step * place for place in range(wide)]


def _places(path: Path, layout: Layout, line: int, header: Sequence[str]) -> list[int]:
    """Where the columns of the ratings stand in a header; the time may be missing."""
    timed = layout.columns[3].lower() in (cell.strip().lower() for cell in header)
    return find_columns(path, line, header, layout.columns if timed else layout.columns[:3])


def _explain(
    path: Path, layout: Layout, ids: npt.NDArray[np.int64], strays: int = 0, told: str = "an unreadable file"
) -> NoReturn:
    """Finds the first line that is wrong; slow, so only once something is known to be."""
    names, known = layout.columns, {str(number) for number in ids}
    rows: Rows = csv_rows(path) if layout.header else line_cells(path, layout.separator)
    places, wide = list(range(4)), 0
    for line, cells in rows:
        if layout.header and not wide:
            places, wide = _places(path, layout, line, cells), len(cells)
            continue
        wide = wide or min(len(cells), 4)
        if len(cells) != wide or wide < 3:
            column = names[min(len(cells), wide, 4) - 1]
            expected = f"{max(wide, 3)} cells ({', '.join(names[: max(wide, 3)])})"
            came = f"{len(cells)} ({layout.separator.join(cells)[:80]!r}); correct the line or take it out"
            raise MismatchError(path, expected, came, line, column)
        for name, place in zip(names, places, strict=False):
            expected = _wrong(name, cells[place].strip(), known, layout.films)
            if expected:
                came = repr(cells[place])
                if name == names[1] and strays > 1:
                    came += f", the first of {strays:,} such ratings"
                raise MismatchError(path, expected, f"{came}; {_REMEDY[name.lower()]}", line, name)
    raise MismatchError(path, f"{', '.join(names)} in every line", told)


_REMEDY = {
    **dict.fromkeys(("userid", "user", "rating"), "correct the line or take it out"),
    **dict.fromkeys(("movieid", "movie"), "add the film or take such ratings out"),
    **dict.fromkeys(("timestamp", "time"), "correct it, or take the whole column out: it is optional"),
}


def _wrong(name: str, cell: str, known: set[str], films: str) -> str:
    """What should have stood in a cell; empty if it is right."""
    if name == "rating":
        try:
            stars = math.nan if "_" in cell else float(cell)
        except ValueError:
            stars = math.nan
        return "" if LEAST <= stars <= MOST else f"a number from {LEAST} to {MOST:g}"
    number = whole_number(cell)
    if name in ("timestamp", "time"):
        return "" if not cell or (number is not None and "." not in cell) else "whole seconds since 1970"
    if number is None:
        return WHOLE
    return f"a film of {films}" if name in ("movie", "movieId") and str(number) not in known else ""
