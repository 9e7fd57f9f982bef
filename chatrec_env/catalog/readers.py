"""Catalogues from one's own tables: CSV, Parquet, DataFrame."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatrec_env.catalog.build import build_catalog
from chatrec_env.catalog.catalog import Catalog
from chatrec_env.catalog.declaration import Declaration, load_declaration
from chatrec_env.catalog.frames import frame_table, read_parquet
from chatrec_env.catalog.table import read_csv
from chatrec_env.errors import MismatchError

if TYPE_CHECKING:
    import pandas as pd

DeclarationLike = Declaration | Mapping[str, Any] | str | Path
"""A declaration, its plain data, or the path of its JSON file."""


def from_csv(path: str | Path, declaration: DeclarationLike | None = None) -> Catalog:
    """Reads a text table with a header line. Does not need pandas.

    Plain UTF-8 with commas is read as it is; other separators (semicolons, tabs, bars), other encodings and gzip are
    found out (``text_format``).

    Without a declaration, the ``.json`` file beside the table is read.

    Raises:
        CatalogError: The table or the declaration is not as promised (file, line, column, expected, came).
    """
    table = read_csv(Path(path))
    return build_catalog(table, _declaration(declaration, path))


def from_parquet(path: str | Path, declaration: DeclarationLike | None = None) -> Catalog:
    """Reads a Parquet table.

    Without a declaration, the ``.json`` file beside the table is read.

    Raises:
        CatalogError: The table or the declaration is not as promised.
    """
    frame = read_parquet(Path(path))
    declared = _declaration(declaration, path)
    return build_catalog(frame_table(frame, str(path), declared), declared)


def from_frame(frame: pd.DataFrame, declaration: DeclarationLike) -> Catalog:
    """Builds a catalogue from a DataFrame; lists in cells are read as several values.

    The index is ignored; errors count rows from 1.

    Raises:
        CatalogError: The table or the declaration is not as promised.
    """
    if not hasattr(frame, "iloc") or not hasattr(frame, "columns"):
        remedy = "pandas.DataFrame(rows) makes one of a list of dicts or a dict of columns"
        raise MismatchError("DataFrame", "a pandas DataFrame", f"{type(frame).__name__}; {remedy}")
    declared = _declaration(declaration, "DataFrame")
    return build_catalog(frame_table(frame, "DataFrame", declared), declared)


READERS: Mapping[str, Callable[[Path], Catalog]] = {
    **dict.fromkeys((".csv", ".tsv", ".tab", ".psv", ".txt"), from_csv),
    ".parquet": from_parquet,
}
"""Formats of tables: what reads a file, by how its name ends (in small letters); text may also end in ``.gz``."""


def ending(path: Path) -> str:
    """How the name of a table ends, as in ``READERS``; ``".csv"`` of ``"wines.csv.gz"``."""
    last = path.suffix.lower()
    return Path(path.stem).suffix.lower() if last == ".gz" else last


def beside(path: Path, end: str) -> Path:
    """The path of a file beside a table, called alike: ``"wines.json"`` of ``"wines.csv.gz"``."""
    return (path.with_suffix("") if path.suffix.lower() == ".gz" else path).with_suffix(end)


def _declaration(given: DeclarationLike | None, table: str | Path) -> Declaration:
    """The declaration that was given, or the one beside the table."""
    if isinstance(given, Declaration):
        return given
    if isinstance(given, Mapping):
        return Declaration.from_dict(given)
    if given is not None:
        return load_declaration(given)
    place = beside(Path(table), ".json")
    if Path(table).is_file() and not place.exists():
        command = shlex.join(("chatrec", "catalog", "draft", str(table)))
        told = f"no such file; write a first one: {command}"
        raise MismatchError(place, "the declaration of the table (JSON)", told)
    return load_declaration(place)
