"""DataFrames and Parquet files: cells read out of them, and a catalogue written into one."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chatrec_env.catalog.catalog import Catalog
from chatrec_env.catalog.checks import reason
from chatrec_env.catalog.declaration import Declaration
from chatrec_env.catalog.facets import SEPARATOR
from chatrec_env.catalog.table import Table, headings, make_table
from chatrec_env.errors import MismatchError

if TYPE_CHECKING:
    import pandas as pd


def read_parquet(path: Path) -> pd.DataFrame:
    """Reads a Parquet file.

    Raises:
        CatalogError: It is missing, or not Parquet.
    """
    import pyarrow
    import pyarrow.parquet

    try:
        with path.open("rb") as file:
            return pyarrow.parquet.read_table(file).to_pandas()
    except (OSError, pyarrow.ArrowException) as error:
        came = reason(error) if isinstance(error, OSError) else str(error).splitlines()[0].rstrip(".")
        raise MismatchError(path, "a readable Parquet file", came) from None


def frame_table(frame: pd.DataFrame, source: str, declaration: Declaration | None = None) -> Table:
    """The cells of a DataFrame as text; rows are counted from 1.

    Args:
        frame: The DataFrame; its index is ignored.
        source: What errors call it.
        declaration: Limits the columns to those it names, and says what separates values; without it, every column.

    Raises:
        CatalogError: A cell holds control characters, or a column name stands twice.
    """
    columns = headings(map(str, frame.columns))
    wanted = list(range(len(columns)))
    if declaration is not None:
        wanted = [c for c in wanted if columns[c] in declaration.table_columns]
    cells = []
    for c in wanted:
        between = SEPARATOR if declaration is None else declaration.between(columns[c])
        decimal = "." if declaration is None else declaration.decimal_of(columns[c])
        cells.append([_cell_text(cell, between, decimal) for cell in frame.iloc[:, c]])
    rows = [(row + 1, [column[row] for column in cells]) for row in range(len(frame))]
    return make_table(source, [columns[c] for c in wanted], rows, "row")


def _cell_text(cell: object, between: str, decimal: str) -> str:
    """A DataFrame cell as CSV would hold it: missing is empty, 1994.0 is ``1994``, lists are joined."""
    if cell is None or isinstance(cell, str):
        return cell or ""
    if hasattr(cell, "tolist"):  # numpy scalars and arrays
        cell = cell.tolist()
    if isinstance(cell, (list, tuple)):
        return between.join(_cell_text(part, between, decimal) for part in cell)
    if isinstance(cell, float):
        if math.isnan(cell):
            return ""
        return repr(int(cell)) if cell.is_integer() else repr(cell).replace(".", decimal)
    text = str(cell)
    return "" if text in ("<NA>", "NaT") else text


def to_frame(catalog: Catalog) -> pd.DataFrame:
    """The items as a DataFrame. With the same declaration, ``from_frame`` makes an equal catalogue of it.

    Returns:
        One row an item: ``title``, ``year`` (missing where unknown), ``id`` where one is declared, the
        column of each facet and of each kind of named people, ``popularity``, ``acclaim`` (on the scale of
        the table it came from), ``sentence``, and ``description`` where one is declared. Standard columns
        declared under another name stand under both. Needs pandas.
    """
    import pandas as pd

    declaration = catalog.declaration
    columns: dict[str, Any] = {}

    def put(standard: str, column: Any) -> None:
        columns[standard] = columns[declaration.columns.get(standard, standard)] = column

    put("title", list(catalog.titles))
    known = catalog.years > 0
    years = pd.array(catalog.years.astype(np.int64), dtype="Int64")
    years[~known] = pd.NA
    put("year", catalog.years.astype(np.int64) if known.all() else years)
    if "id" in declaration.columns:
        put("id", list(catalog.ids))
    for f, facet in enumerate(catalog.facets):
        if facet.column in columns:
            continue
        if facet.numeric:
            columns[facet.column] = catalog.numbers[:, f].astype(np.float64)
        else:
            block = catalog.values[:, catalog.facet_slices[f]] > 0
            names = np.array(facet.values, object)
            columns[facet.column] = [declaration.between(facet.column).join(names[row]) for row in block]
    for position, name in enumerate(declaration.entities):
        columns[name] = [
            declaration.between(name).join(catalog.entity_names[entity] for entity in credit[position])
            for credit in catalog.credits
        ]
    low, high = declaration.popularity_range
    put("popularity", low + (high - low) * catalog.popularity.astype(np.float64))
    low, high = declaration.acclaim_range
    put("acclaim", low + (high - low) * (catalog.acclaim.astype(np.float64) + 1) / 2)
    put("sentence", list(catalog.sentences))
    if "description" in declaration.columns:
        put("description", list(catalog.descriptions))
    return pd.DataFrame(columns)
