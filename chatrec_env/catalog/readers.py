"""Catalogues from one's own tables: CSV, Parquet, DataFrame."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatrec_env.catalog.build import build_catalog
from chatrec_env.catalog.catalog import Catalog
from chatrec_env.catalog.csv_files import read_csv
from chatrec_env.catalog.declaration import Declaration, load_declaration
from chatrec_env.catalog.facets import SEPARATOR
from chatrec_env.catalog.table import Table, make_table
from chatrec_env.errors import CatalogError

PARQUET = ".parquet"
"""How the name of a Parquet table ends."""

if TYPE_CHECKING:
    import pandas as pd

DeclarationLike = Declaration | Mapping[str, Any] | str | Path


def as_declaration(declaration: DeclarationLike) -> Declaration:
    """A declaration from itself, from plain data, or from a JSON file.

    Raises:
        CatalogError: It is none of these, or not a valid declaration.
    """
    if isinstance(declaration, Declaration):
        return declaration
    if isinstance(declaration, (str, Path)):
        return load_declaration(declaration)
    return Declaration.from_dict(declaration)


def from_csv(path: str | Path, declaration: DeclarationLike | None = None) -> Catalog:
    """Reads a UTF-8 CSV table with a header line. Does not need pandas.

    Args:
        path: The table.
        declaration: The declaration; without it, the ``.json`` file beside the table.

    Raises:
        CatalogError: The table or the declaration is not as promised (file, line, column, expected, came).
    """
    path = existing(path)
    declared = as_declaration(path.with_suffix(".json") if declaration is None else declaration)
    return build_catalog(read_csv(path), declared)


def from_frame(frame: pd.DataFrame, declaration: DeclarationLike, *, source: str = "DataFrame") -> Catalog:
    """Builds a catalogue from a DataFrame; lists in cells are read as several values.

    Args:
        frame: The table; its index is ignored, rows are counted from 1 in errors.
        declaration: The declaration.
        source: What errors call the table.

    Raises:
        CatalogError: The table or the declaration is not as promised.
    """
    declared = as_declaration(declaration)
    if not hasattr(frame, "iloc") or not hasattr(frame, "columns"):
        raise CatalogError(
            f"{source}: expected a pandas DataFrame, got {type(frame).__name__}. pandas.DataFrame(rows) makes one of "
            "a list of dicts or a dict of columns."
        )
    return build_catalog(_frame_table(frame, declared, source), declared)


def from_parquet(path: str | Path, declaration: DeclarationLike | None = None) -> Catalog:
    """Reads a Parquet table.

    Args:
        path: The table.
        declaration: The declaration; without it, the ``.json`` file beside the table.

    Raises:
        CatalogError: The table or the declaration is not as promised.
    """
    path = existing(path)
    declared = as_declaration(path.with_suffix(".json") if declaration is None else declaration)
    return build_catalog(_frame_table(_read_parquet(path), declared, str(path)), declared)


def existing(path: str | Path) -> Path:
    """The path of a table that is there; else its declaration would be missed first.

    Raises:
        CatalogError: It is not.
    """
    path = Path(path)
    if not path.exists():
        kind = "Parquet" if path.suffix.lower() == PARQUET else "CSV"
        raise CatalogError(f"{path}: expected a readable {kind} file, got no such file.")
    return path


def parquet_table(path: str | Path) -> Table:
    """The cells of a Parquet table, every column of it.

    Raises:
        CatalogError: It is no readable Parquet file, or a cell holds what no text may.
    """
    frame = _read_parquet(Path(path))
    columns = [str(column) for column in frame.columns]
    cells = [[_cell_text(cell) for cell in frame.iloc[:, c]] for c in range(len(columns))]
    rows = [(row + 1, [column[row] for column in cells]) for row in range(len(frame))]
    return make_table(str(path), columns, rows, "row")


def _read_parquet(path: Path) -> pd.DataFrame:
    import pyarrow
    import pyarrow.parquet

    try:
        return pyarrow.parquet.read_table(path).to_pandas()
    except (OSError, pyarrow.ArrowException) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise CatalogError(f"{path}: expected a readable Parquet file, got: {reason}.") from None


def _frame_table(frame: pd.DataFrame, declaration: Declaration, source: str) -> Table:
    columns = [str(column) for column in frame.columns]
    wanted = [c for c in range(len(columns)) if columns[c] in declaration.table_columns]
    between = declaration.separator or SEPARATOR
    cells = [[_cell_text(cell, between) for cell in frame.iloc[:, c]] for c in wanted]
    rows = [(row + 1, [column[row] for column in cells]) for row in range(len(frame))]
    return make_table(source, [columns[c] for c in wanted], rows, "row")


def _cell_text(cell: object, between: str = SEPARATOR) -> str:
    """A DataFrame cell as CSV would hold it: missing is empty, 1994.0 is ``1994``, lists are joined."""
    if cell is None or isinstance(cell, str):
        return cell or ""
    if hasattr(cell, "tolist"):  # numpy scalars and arrays
        cell = cell.tolist()
    if isinstance(cell, (list, tuple)):
        return between.join(_cell_text(part) for part in cell)
    if isinstance(cell, float):
        if math.isnan(cell):
            return ""
        return repr(int(cell)) if cell.is_integer() else repr(cell)
    text = str(cell)
    return "" if text in ("<NA>", "NaT") else text
