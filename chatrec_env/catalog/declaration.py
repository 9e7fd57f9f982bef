"""The declaration of a catalogue: which table columns are what, and the words for items and values."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar

from chatrec_env.catalog.checks import (
    Declared,
    FrozenDict,
    check_by_column,
    check_number,
    check_range,
    check_text,
    check_texts,
    fail,
    reason,
)
from chatrec_env.catalog.facets import SEPARATOR, Facet
from chatrec_env.errors import MismatchError


@dataclass(frozen=True, kw_only=True, slots=True)
class Context(Declared):
    """A situation a person may mention, and the wishes that come with it.

    Raises:
        CatalogError: A field is outside its domain.
    """

    name: str  # identifier, e.g. `"kids"`
    phrase: str  # a full clause: `"We're watching with the kids"`
    wants: tuple[str, ...] = ()  # `"facet:value"` of each value wanted then
    avoids: tuple[str, ...] = ()  # `"facet:value"` of each value unwanted then
    synonyms: tuple[str, ...] = ()  # other surface forms the parser reads as this context

    def __post_init__(self) -> None:
        where = _check_wishes("context", self)
        check_text(f"{where}, phrase", self.phrase)
        object.__setattr__(self, "synonyms", check_texts(f"{where}, synonyms", self.synonyms))


@dataclass(frozen=True, kw_only=True, slots=True)
class Unanswered(Declared):
    """Something people ask of an item that no catalogue of the kind holds, such as where a film is streaming.

    Raises:
        CatalogError: A field is outside its domain.
    """

    name: str  # identifier, e.g. `"streaming"`
    thing: str  # an indirect question, after "I don't know": `"where it is streaming"`
    asked_as: tuple[str, ...]  # how people ask: `"is it on any streaming service"`

    def __post_init__(self) -> None:
        check_text("unanswered, name", self.name)
        where = f"unanswered {self.name!r}"
        check_text(f"{where}, thing", self.thing)
        object.__setattr__(self, "asked_as", check_texts(f"{where}, asked_as", self.asked_as))
        if not self.asked_as:
            fail(f"{where}, asked_as", "at least one question", [])


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting(Declared):
    """A time of day or a device: part of the situation that the system observes without being told.

    Raises:
        CatalogError: A field is outside its domain.
    """

    name: str  # what it is called, e.g. `"evening"` or `"phone"`
    share: float = 1.0  # how many conversations are held in it, relative to the others of its kind; > 0
    wants: tuple[str, ...] = ()  # `"facet:value"` of each value likelier wanted then
    avoids: tuple[str, ...] = ()  # `"facet:value"` of each value likelier unwanted then

    def __post_init__(self) -> None:
        where = _check_wishes("setting", self)
        share = check_number(f"{where}, share", self.share, "a number above 0")
        if share <= 0:
            fail(f"{where}, share", "a number above 0", self.share)
        object.__setattr__(self, "share", share)


def _check_wishes(kind: str, entry: Context | Setting) -> str:
    """Each wish is ``"facet:value"``, and none is on both sides; returns what errors call the entry."""
    check_text(f"{kind}, name", entry.name)
    where = f"{kind} {entry.name!r}"
    for name in ("wants", "avoids"):
        object.__setattr__(entry, name, check_texts(f"{where}, {name}", getattr(entry, name)))
    for wish in (*entry.wants, *entry.avoids):
        if ":" not in wish:
            fail(f"{where}, wants and avoids", "'facet:value'", wish)
        if wish in entry.wants and wish in entry.avoids:
            fail(f"{where}, wants and avoids", "no value in both", wish)
    return where


PARTS = {
    "facets": Facet,
    "contexts": Context,
    "times": Setting,
    "devices": Setting,
    "unanswered": Unanswered,
}
"""Fields that are lists of objects."""

COLUMNS: tuple[str, ...] = ("title", "year", "sentence", "description", "popularity", "acclaim", "id")


@dataclass(frozen=True, kw_only=True, slots=True)
class Declaration(Declared):
    """What a table means. Plain JSON data in a ``.json`` file beside the table.

    Raises:
        CatalogError: A field is outside its domain.
    """

    name: str  # name of the catalogue
    facets: tuple[Facet, ...]  # the facets, in order
    noun: str = "item"  # one item, e.g. `"film"`
    noun_plural: str = "items"  # several items, e.g. `"films"`
    # other words for an item, in the singular, e.g. `("movie", "flick")`: the parser reads them as the noun. Where
    # none are given, it knows those of some common nouns.
    noun_synonyms: tuple[str, ...] = ()
    verb: str = "try"  # what one does with an item, e.g. `"watch"`
    verb_past: tuple[str, ...] = ("tried",)  # its past forms, e.g. `("watched", "seen")`
    # table column of `title` (needed) and of `year`, `sentence`, `description`, `popularity`, `acclaim` and `id` (each
    # may be left out). Without `id`, title and year identify an item.
    columns: Mapping[str, str] = field(default_factory=lambda: {"title": "title"})
    # numbers in the table that mean unknown and universally known
    popularity_range: tuple[float, float] = (0.0, 1.0)
    # numbers in the table that mean panned and acclaimed; the middle is ordinary
    acclaim_range: tuple[float, float] = (-1.0, 1.0)
    entities: tuple[str, ...] = ()  # columns of named people or the like (`"|"`-separated)
    # by such a column, what people say when they ask for it: `{"director": ("who directed", "who made")}`
    entities_asked_as: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # what stands between the values of a cell of a `"multi"` facet, and between names: `"|"` where none is given.
    # Another one, e.g. `";"`, does not split the cells of `"single"` facets.
    separator: str = ""
    # by column, where something else stands between values or names there
    separators: Mapping[str, str] = field(default_factory=dict)
    decimal: str = ""  # what stands before the decimals of a number: `"."` where none is given, or `","`
    decimals: Mapping[str, str] = field(default_factory=dict)  # by column, where it is another one there
    missing: tuple[str, ...] = ()  # texts of a cell that mean an empty one, e.g. `"N/A"`
    # columns whose cells may be empty. All other declared cells must be filled.
    optional: tuple[str, ...] = ()
    contexts: tuple[Context, ...] = ()  # the contexts, in order
    # the times of day that make a difference, in order; none where none does
    times: tuple[Setting, ...] = ()
    devices: tuple[Setting, ...] = ()  # likewise the devices people come with
    unanswered: tuple[Unanswered, ...] = ()  # what people ask and the catalogue cannot tell, in order
    # how people name someone of `entities` beside an item: `"by"`, `"in"`; `"with"` where none is given
    entity_link: str = ""
    # whole questions whether someone is part of an item: `"is {name} in it"`; without them, `"is it with {name}"`
    entity_asked: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()  # titles that people may ask for and the catalogue does not have
    # whole questions people ask of an item, by facet or column of `entities`: `{"length": ("how long is it",)}`
    questions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    later: ClassVar = (
        *("noun_synonyms", "separator", "separators", "decimal", "decimals", "missing", "times", "devices"),
        *("unanswered", "unlisted", "questions"),
        *("entity_link", "entity_asked", "entities_asked_as"),
    )

    def __post_init__(self) -> None:
        for name in ("name", "noun", "noun_plural", "verb"):
            check_text(name, getattr(self, name))
        texts = ("noun_synonyms", "verb_past", "entities", "optional", "unlisted", "entity_asked", "missing")
        for name in texts:
            object.__setattr__(self, name, check_texts(name, getattr(self, name)))
        for question in self.entity_asked:
            if question.count("{name}") != 1 or question.count("{") != 1:
                fail("entity_asked", "questions with {name} once", question)
        if not self.verb_past:
            fail("verb_past", "at least one word", [])
        for name in ("separator", "entity_link"):
            check_text(name, getattr(self, name), empty=True)
        asked: Any = self.entities_asked_as
        if not isinstance(asked, Mapping) or not set(asked) <= set(self.entities):
            fail("entities_asked_as", f"an object with keys among {', '.join(self.entities)}", asked)
        spoken = {column: check_texts(f"entities_asked_as.{column}", asked[column]) for column in asked}
        object.__setattr__(self, "entities_asked_as", FrozenDict(spoken))
        self._check_columns()
        for name in ("popularity_range", "acclaim_range"):
            object.__setattr__(self, name, check_range(name, getattr(self, name)))
        for name, kind in PARTS.items():
            self._check_parts(name, kind)
        if not self.facets:
            fail("facets", "at least one facet", [])
        for name in ("separators", "decimals"):
            found = check_by_column(name, getattr(self, name), self.table_columns)
            object.__setattr__(self, name, found)
        for mark in (self.decimal, *self.decimals.values()):
            if mark not in ("", ".", ","):
                fail("decimal" if mark == self.decimal else "decimals", "'.' or ','", mark)
        unknown = [column for column in self.optional if column not in self.table_columns]
        if unknown or self.columns["title"] in self.optional:
            expected = f"declared columns other than the title ({', '.join(self.table_columns[1:])})"
            fail("optional", expected, (unknown or [self.columns["title"]])[0])
        by_name = {facet.name: facet for facet in self.facets}
        asked = self.questions
        if not isinstance(asked, Mapping) or not set(asked) <= {*by_name, *self.entities}:
            fail("questions", "an object with names of facets and columns of entities", asked)
        spoken = {name: check_texts(f"questions, {name}", asked[name]) for name in asked}
        object.__setattr__(self, "questions", FrozenDict(spoken))
        for what, entries in (("context", self.contexts), ("time", self.times), ("device", self.devices)):
            for entry in entries:
                for wish in (*entry.wants, *entry.avoids):
                    name, _, value = wish.partition(":")
                    if name not in by_name or (by_name[name].values and value not in by_name[name].values):
                        fail(f"{what} {entry.name!r}", "wishes for a declared facet and value", wish)

    def _check_columns(self) -> None:
        columns: Any = self.columns
        keys = f"keys among {', '.join(COLUMNS)}"
        if not isinstance(columns, Mapping):
            fail("columns", f"an object with {keys}", columns)
        for key, column in columns.items():
            if key not in COLUMNS:
                fail("columns", keys, key)
            check_text(f"columns.{key}", column)
        if "title" not in columns:
            fail("columns", "at least the key 'title'", sorted(columns))
        ordered = {key: columns[key] for key in COLUMNS if key in columns}
        object.__setattr__(self, "columns", FrozenDict(ordered))

    def _check_parts(self, name: str, kind: type) -> None:
        entries: Any = getattr(self, name)
        if not isinstance(entries, (list, tuple)) or not all(isinstance(entry, kind) for entry in entries):
            fail(name, f"a list of {kind.__name__} objects", entries)
        names = [entry.name for entry in entries]
        for entry in names:
            if names.count(entry) > 1:
                fail(name, "each name once", entry)
        object.__setattr__(self, name, tuple(entries))

    @property
    def table_columns(self) -> tuple[str, ...]:
        """Every column the table must have, each once; the title first."""
        columns = (*self.columns.values(), *(facet.column for facet in self.facets), *self.entities)
        return tuple(dict.fromkeys(columns))

    def between(self, column: str) -> str:
        """What stands between the values or names of a cell of a column."""
        return self.separators.get(column) or self.separator or SEPARATOR

    def decimal_of(self, column: str) -> str:
        """What stands before the decimals of the numbers of a column."""
        return self.decimals.get(column) or self.decimal or "."

    @classmethod
    def from_dict(cls, data: object) -> Declaration:
        """Builds a declaration from plain JSON data.

        Raises:
            CatalogError: The data is not a declaration; the message names the field.
        """
        keywords = checked_keys(cls, "declaration", data)
        for name, kind in PARTS.items():
            entries = keywords.get(name, [])
            if not isinstance(entries, (list, tuple)):
                fail(name, "a list", entries)
            keywords[name] = tuple(
                entry if isinstance(entry, kind) else kind(**checked_keys(kind, f"{name}[{i}]", entry))
                for i, entry in enumerate(entries)
            )
        return cls(**keywords)


def load_declaration(path: str | Path) -> Declaration:
    """Reads a declaration from a JSON file.

    Raises:
        CatalogError: The file is missing, is not UTF-8 or JSON, or does not hold a declaration.
    """
    path = Path(path)
    try:
        data = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise MismatchError(path, "the declaration of the catalogue (JSON)", reason(error)) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise MismatchError(path, "UTF-8 text", f"byte 0x{error.object[error.start]:02x}", line) from None
    except json.JSONDecodeError as error:
        place = f"column {error.colno}"
        raise MismatchError(path, "valid JSON", f"a fault: {error.msg}", error.lineno, field=place) from None
    except RecursionError:
        raise MismatchError(path, "a declaration", "JSON nested too deeply") from None
    try:
        return Declaration.from_dict(data)
    except MismatchError as error:
        raise MismatchError(path, error.expected, error.came, field=error.field) from None


def checked_keys(kind: type, where: str, data: object) -> dict[str, Any]:
    """The data as keywords of ``kind``; an unknown or missing key is named."""
    if not isinstance(data, Mapping):
        fail(where, "a JSON object", data)
    specs = fields(kind)
    known = [spec.name for spec in specs]
    for key in data:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            fail(where, f"keys among {', '.join(known)}{hint}", key)
    for spec in specs:
        if spec.default is MISSING and spec.default_factory is MISSING and spec.name not in data:
            fail(where, f"the key {spec.name!r}", sorted(data))
    return dict(data)
