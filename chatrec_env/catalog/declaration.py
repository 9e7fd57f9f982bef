"""The declaration of a catalogue: which table columns are what, and how people speak of the items."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NoReturn

from chatrec_env.catalog.facets import Context, Facet, FrozenDict
from chatrec_env.errors import CatalogError

COLUMNS: tuple[str, ...] = ("title", "year", "sentence", "popularity", "acclaim", "id")


@dataclass(frozen=True, kw_only=True, slots=True)
class Declaration:
    """What a table means. Plain JSON data in a ``.json`` file beside the table.

    Attributes:
        name: Name of the catalogue.
        noun: One item, e.g. ``"film"``.
        noun_plural: Several items, e.g. ``"films"``.
        verb: What one does with an item, e.g. ``"watch"``.
        verb_past: Its past forms, e.g. ``("watched", "seen")``.
        columns: Table column of ``title`` (needed) and of ``year``, ``sentence``, ``popularity``,
            ``acclaim`` and ``id`` (each may be left out). Without ``id``, title and year identify an item.
        popularity_range: Numbers in the table that mean unknown and universally known.
        acclaim_range: Numbers in the table that mean panned and acclaimed; the middle is ordinary.
        entities: Columns of named people or the like (``"|"``-separated).
        optional: Columns whose cells may be empty. All other declared cells must be filled.
        facets: The facets, in order.
        contexts: The contexts, in order.

    Raises:
        CatalogError: A field is outside its domain.
    """

    name: str
    facets: tuple[Facet, ...]
    noun: str = "item"
    noun_plural: str = "items"
    verb: str = "try"
    verb_past: tuple[str, ...] = ("tried",)
    columns: Mapping[str, str] = field(default_factory=lambda: {"title": "title"})
    popularity_range: tuple[float, float] = (0.0, 1.0)
    acclaim_range: tuple[float, float] = (-1.0, 1.0)
    entities: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    contexts: tuple[Context, ...] = ()

    def __post_init__(self) -> None:
        for name in ("name", "noun", "noun_plural", "verb"):
            if not isinstance(getattr(self, name), str) or not getattr(self, name).strip():
                _fail(name, "a non-empty text", getattr(self, name))
        for name in ("verb_past", "entities", "optional", "facets", "contexts"):
            if isinstance(getattr(self, name), (str, Mapping)):
                _fail(name, "a list", getattr(self, name))
            object.__setattr__(self, name, tuple(getattr(self, name)))
        for name in ("verb_past", "entities", "optional"):
            for text in getattr(self, name):
                if not isinstance(text, str) or not text.strip():
                    _fail(name, "non-empty texts", text)
        if not self.verb_past:
            _fail("verb_past", "at least one word", self.verb_past)
        self._check_columns()
        for name in ("popularity_range", "acclaim_range"):
            object.__setattr__(self, name, _range(name, getattr(self, name)))
        self._check_facets()

    def _check_columns(self) -> None:
        if not isinstance(self.columns, Mapping):
            _fail("columns", f"an object with keys among {', '.join(COLUMNS)}", self.columns)
        for key, column in self.columns.items():
            if key not in COLUMNS:
                _fail("columns", f"keys among {', '.join(COLUMNS)}", key)
            if not isinstance(column, str) or not column:
                _fail(f"columns.{key}", "the name of a table column", column)
        if "title" not in self.columns:
            _fail("columns", "at least 'title'", sorted(self.columns))
        object.__setattr__(self, "columns", FrozenDict(self.columns))
        if self.columns["title"] in self.optional:
            _fail("optional", "columns other than the title", self.columns["title"])
        unknown = [column for column in self.optional if column not in self.table_columns]
        if unknown:
            _fail("optional", f"columns that are declared ({', '.join(self.table_columns)})", unknown[0])

    def _check_facets(self) -> None:
        if not self.facets:
            _fail("facets", "at least one facet", [])
        for name, kind in (("facets", Facet), ("contexts", Context)):
            for entry in getattr(self, name):
                if not isinstance(entry, kind):
                    _fail(name, f"{kind.__name__} objects", entry)
            names = [entry.name for entry in getattr(self, name)]
            if len(set(names)) != len(names):
                _fail(name, "each name once", names)
        by_name = {facet.name: facet for facet in self.facets}
        for context in self.contexts:
            for wish in (*context.wants, *context.avoids):
                facet, _, value = wish.partition(":")
                if facet not in by_name or (by_name[facet].values and value not in by_name[facet].values):
                    _fail(f"context {context.name!r}", "wishes for a declared facet and value", wish)

    @property
    def table_columns(self) -> tuple[str, ...]:
        """Every column the table must have, each once, in order."""
        columns = (*self.columns.values(), *(facet.column for facet in self.facets), *self.entities)
        return tuple(dict.fromkeys(columns))

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON data; ``Declaration.from_dict(declaration.to_dict())`` is equal to it."""
        out: dict[str, Any] = {}
        for spec in fields(self):
            entry = getattr(self, spec.name)
            if spec.name in ("facets", "contexts"):
                out[spec.name] = [part.to_dict() for part in entry]
            elif spec.name == "columns":
                out[spec.name] = dict(entry)
            else:
                out[spec.name] = list(entry) if isinstance(entry, tuple) else entry
        return out

    @classmethod
    def from_dict(cls, data: object) -> Declaration:
        """Builds a declaration from plain JSON data.

        Raises:
            CatalogError: The data is not a declaration; the message names the field.
        """
        data = _checked_keys(cls, "declaration", data)
        for name, kind in (("facets", Facet), ("contexts", Context)):
            entries = data.get(name, [])
            if not isinstance(entries, (list, tuple)):
                _fail(name, "a list", entries)
            data[name] = tuple(
                entry if isinstance(entry, kind) else kind(**_checked_keys(kind, f"{name}[{i}]", entry))
                for i, entry in enumerate(entries)
            )
        return cls(**data)


def load_declaration(path: str | Path) -> Declaration:
    """Reads a declaration from a JSON file.

    Raises:
        CatalogError: The file is missing, is not UTF-8 or JSON, or does not hold a declaration.
    """
    path = Path(path)
    try:
        data = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise CatalogError(
            f"{path}: expected a facet declaration (JSON) beside the table, got {error.strerror}."
        ) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise CatalogError(
            f"{path}, line {line}: expected UTF-8 text, got byte 0x{error.object[error.start]:02x}."
        ) from None
    except json.JSONDecodeError as error:
        raise CatalogError(
            f"{path}, line {error.lineno}, column {error.colno}: expected valid JSON, got: {error.msg}."
        ) from None
    except RecursionError:
        raise CatalogError(f"{path}: expected a declaration, got JSON nested too deeply.") from None
    try:
        return Declaration.from_dict(data)
    except CatalogError as error:
        raise CatalogError(f"{path}, {error}") from None


def _fail(where: str, expected: str, came: object) -> NoReturn:
    raise CatalogError(f"{where}: expected {expected}, got {came!r}.")


def _range(name: str, entry: Any) -> tuple[float, float]:
    numbers = list(entry) if isinstance(entry, (list, tuple)) else []
    if len(numbers) != 2 or not all(isinstance(x, (int, float)) and abs(x) < 1e9 for x in numbers):
        _fail(name, "two numbers [lowest, highest]", entry)
    if numbers[0] >= numbers[1]:
        _fail(name, "lowest < highest", entry)
    return float(numbers[0]), float(numbers[1])


def _checked_keys(kind: type, where: str, data: object) -> dict[str, Any]:
    """The data as keywords of ``kind``; unknown and missing keys are named."""
    if not isinstance(data, Mapping):
        _fail(where, "a JSON object", data)
    known = [spec.name for spec in fields(kind)]
    for key in data:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            _fail(where, f"keys among {', '.join(known)}{hint}", key)
    needed = {"Declaration": ("name", "facets"), "Facet": ("name", "kind", "column"), "Context": ("name", "phrase")}
    for key in needed[kind.__name__]:
        if key not in data:
            _fail(where, f"the key {key!r}", sorted(map(str, data)))
    return dict(data)
