"""``load_catalog``: catalogues by name or path, each loaded once."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

from chatrec_env.catalog.catalog import Catalog
from chatrec_env.catalog.movielens.folder import from_movielens
from chatrec_env.catalog.readers import READERS, beside, ending
from chatrec_env.errors import MismatchError, UnknownNameError

MOVIELENS_PREFIX = "movielens:"

BUILT_IN: Mapping[str, Path] = {
    path.stem: path for path in sorted((Path(__file__).parent / "data").glob("*.csv"))
}
"""Tables that ship with the package, by name, each with its declaration beside it: a new domain is two files there."""


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
    if name.startswith(MOVIELENS_PREFIX):
        return _load(from_movielens, Path(name.removeprefix(MOVIELENS_PREFIX)))
    path = BUILT_IN.get(name, Path(name))
    if name and path.is_dir():  # an empty name would be the folder one is in
        return _load(from_movielens, path)
    if ending(path) in READERS:
        return _load(READERS[ending(path)], path)
    if name and path.exists():
        came = f"{path.suffix!r}; save it as CSV"
        raise MismatchError(path, "a .csv or .parquet table or a MovieLens folder", came)
    known = (*BUILT_IN, "TABLE.csv", "TABLE.parquet", f"{MOVIELENS_PREFIX}FOLDER")
    raise UnknownNameError("catalog", name, known)


def _load(read: Callable[[Path], Catalog], path: Path) -> Catalog:
    """Reads a source anew only where one of its files has changed."""
    files = sorted(path.iterdir()) if path.is_dir() else [path, beside(path, ".json")]
    stats = [(file.name, file.stat()) for file in files if file.is_file()]
    return _read(read, path, tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats))


@lru_cache(maxsize=16)
def _read(
    read: Callable[[Path], Catalog], path: Path, signature: tuple[tuple[str, int, int], ...]
) -> Catalog:
    return read(path)
