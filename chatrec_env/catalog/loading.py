"""``load_catalog``: catalogues by name or path, each loaded once."""

from __future__ import annotations

import os
from functools import cache, lru_cache
from pathlib import Path

from chatrec_env.catalog.catalog import Catalog
from chatrec_env.catalog.movielens.folder import from_movielens
from chatrec_env.catalog.readers import PARQUET, existing, from_csv, from_parquet
from chatrec_env.errors import CatalogError, UnknownNameError

MOVIELENS_PREFIX = "movielens:"
_DATA = Path(__file__).parent / "data"
BUILT_IN: tuple[str, ...] = tuple(sorted(path.stem for path in _DATA.glob("*.csv")))
"""Names of the catalogues that ship with the package: each is a table and a declaration in ``data``."""


def load_catalog(name_or_path: str | os.PathLike[str]) -> Catalog:
    """Loads a catalogue; the same unchanged source gives the same object again.

    Args:
        name_or_path: A built-in name (``BUILT_IN``), e.g. ``"movies"``; the path of a ``.csv`` or ``.parquet`` table
            with its declaration beside it in a ``.json`` file of the same name; or a MovieLens folder, as
            ``"movielens:FOLDER"`` or as its path.

    Raises:
        UnknownNameError: It is neither a built-in name nor an existing path.
        CatalogError: What is there is not a valid catalogue.
    """
    name = os.fspath(name_or_path)
    if name in BUILT_IN:
        return _load_built_in(name)
    if name.startswith(MOVIELENS_PREFIX):
        return _load_path(*_signature(Path(name.removeprefix(MOVIELENS_PREFIX)), folder=True))
    path = Path(name)
    if name and path.is_dir():  # an empty name would be the folder one is in
        return _load_path(*_signature(path, folder=True))
    if path.suffix.lower() in (".csv", PARQUET):
        return _load_path(*_signature(existing(path), folder=False))
    if name and path.exists():
        raise CatalogError(
            f"{path}: expected a .csv or .parquet table or a MovieLens folder, got {path.suffix!r}; save it as CSV."
        )
    known = (*BUILT_IN, "TABLE.csv", "TABLE.parquet", f"{MOVIELENS_PREFIX}FOLDER")
    raise UnknownNameError("catalog", name, known)


@cache
def _load_built_in(name: str) -> Catalog:
    return from_csv(_DATA / f"{name}.csv")


def _signature(path: Path, *, folder: bool) -> tuple[str, bool, tuple[tuple[str, int, int], ...]]:
    """The path and what changes when its files do, so that an edited table is read anew."""
    files = sorted(path.iterdir()) if folder and path.is_dir() else [path, path.with_suffix(".json")]
    stats = [(file.name, file.stat()) for file in files if file.is_file()]
    return str(path), folder, tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


@lru_cache(maxsize=8)
def _load_path(path: str, folder: bool, signature: tuple[tuple[str, int, int], ...]) -> Catalog:
    if folder:
        return from_movielens(path)
    return from_parquet(path) if path.lower().endswith(PARQUET) else from_csv(path)
