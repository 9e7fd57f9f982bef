"""What a catalogue says about its items: facets, their values and wording, and contexts."""

from __future__ import annotations

import math
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, NoReturn

from chatrec_env.errors import CatalogError

Kind = Literal["single", "multi", "numeric"]
KINDS: tuple[str, ...] = ("single", "multi", "numeric")
SEPARATOR = "|"
PLACEHOLDERS = frozenset({"value", "noun", "noun_plural"})


class FrozenDict(dict[str, Any]):
    """A read-only, hashable, picklable dict, so that frozen dataclasses stay frozen inside."""

    def _refuse(self, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError("A catalogue declaration is read-only; make a changed copy with dict(...) instead.")

    __setitem__ = __delitem__ = clear = pop = popitem = setdefault = update = __ior__ = _refuse  # type: ignore[assignment]

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(sorted(self.items())))

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenDict, (dict(self),)

    def __deepcopy__(self, memo: object) -> FrozenDict:
        return self


def _fail(where: str, expected: str, came: object) -> NoReturn:
    raise CatalogError(f"{where}: expected {expected}, got {came!r}.")


def _text(where: str, text: object, *, empty: bool = False) -> None:
    if not isinstance(text, str) or (not empty and not text.strip()):
        _fail(where, "a text" if empty else "a non-empty text", text)


def _texts(where: str, texts: object) -> tuple[str, ...]:
    if isinstance(texts, str) or not isinstance(texts, Iterable):
        _fail(where, "a list of texts", texts)
    out = tuple(texts)
    for text in out:
        _text(where, text)
    return out


def _template(where: str, template: object) -> None:
    _text(where, template)
    try:
        names = {name for _, name, _, _ in string.Formatter().parse(str(template)) if name is not None}
    except ValueError:
        names = {"?"}
    if not names <= PLACEHOLDERS:
        _fail(where, "a template with no fields but {value}, {noun} and {noun_plural}", template)


def with_article(text: str) -> str:
    """``"a animated film"`` -> ``"an animated film"``; anything else comes back unchanged."""
    if text[:2].lower() == "a " and text[2:3].lower() in tuple("aeio") and not text[2:].lower().startswith("eu"):
        return f"{text[0]}n{text[1:]}"
    return text


@dataclass(frozen=True, kw_only=True, slots=True)
class Facet:
    """One thing a person may have a wish about, and how people speak of it.

    Attributes:
        name: Identifier, e.g. ``"genre"``.
        kind: ``"single"`` (one value an item), ``"multi"`` (several, ``"|"``-separated in a table) or
            ``"numeric"`` (a number that falls into one of ``bins``).
        column: The table column it is read from.
        values: The vocabulary, in order; bin labels when numeric. Empty for an open vocabulary (not
            numeric): the values are then those the table has.
        bins: Numeric only: ``len(values) + 1`` increasing edges; bin ``j`` is
            ``bins[j] <= x < bins[j + 1]``. The ends may be infinite (``null`` in JSON).
        askable: Whether the system may ask about it.
        weight: Importance in matching; a positive multiple of 1/16 (so that float32 sums are exact).
        question: The noun used in questions; the name when empty.
        phrase: Noun phrase of a wish; a template over ``{value}``, ``{noun}`` and ``{noun_plural}``.
        plural: The same in the plural, without article: ``"films about {value}"``.
        critique: What is said of an item with too much of it: ``"too {value}"``.
        value_phrases: Full noun phrases that replace the template, by value.
        value_plurals: Full plurals that replace the template, by value.
        value_critiques: Full critiques that replace the template, by value.
        synonyms: Other surface forms the parser reads as a value, by value.
        more: Numeric only: the comparative for a higher number, e.g. ``"newer"``.
        less: Numeric only: the comparative for a lower number, e.g. ``"older"``.
        unit: Numeric only: the unit, e.g. ``"minutes"``.

    Raises:
        CatalogError: A field is outside its domain; the message names the facet and the field.
    """

    name: str
    kind: Kind
    column: str
    values: tuple[str, ...] = ()
    bins: tuple[float, ...] = ()
    askable: bool = True
    weight: float = 1.0
    question: str = ""
    phrase: str = "a {value} {noun}"
    plural: str = "{value} {noun_plural}"
    critique: str = "too {value}"
    value_phrases: Mapping[str, str] = field(default_factory=dict)
    value_plurals: Mapping[str, str] = field(default_factory=dict)
    value_critiques: Mapping[str, str] = field(default_factory=dict)
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    more: str = ""
    less: str = ""
    unit: str = ""

    def __post_init__(self) -> None:
        _text("facet.name", self.name)
        where = f"facet {self.name!r}"
        if ":" in self.name:
            _fail(f"{where}, name", "a name without ':'", self.name)
        if self.kind not in KINDS:
            _fail(f"{where}, kind", f"one of {', '.join(KINDS)}", self.kind)
        _text(f"{where}, column", self.column)
        values = _texts(f"{where}, values", self.values)
        if len(set(values)) != len(values):
            _fail(f"{where}, values", "each value once", next(v for v in values if values.count(v) > 1))
        for value in values:
            if SEPARATOR in value or value != value.strip():
                _fail(f"{where}, values", f"a value without {SEPARATOR!r} or outer spaces", value)
        self._set("values", values)
        self._check_bins(where)
        if not isinstance(self.askable, bool):
            _fail(f"{where}, askable", "true or false", self.askable)
        weight = self.weight
        if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not (
            0 < weight <= 16 and weight * 16 == int(weight * 16)
        ):
            _fail(f"{where}, weight", "a multiple of 1/16 in (0, 16]", weight)
        for name in ("phrase", "plural", "critique"):
            _template(f"{where}, {name}", getattr(self, name))
        for name in ("question", "more", "less", "unit"):
            _text(f"{where}, {name}", getattr(self, name), empty=True)
        if bool(self.more) != bool(self.less):
            _fail(f"{where}, more and less", "both words or neither", (self.more, self.less))
        self._set("question", self.question or self.name)
        for name in ("value_phrases", "value_plurals", "value_critiques", "synonyms"):
            self._set(name, self._by_value(where, name))

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def _check_bins(self, where: str) -> None:
        if self.kind != "numeric":
            for name in ("bins", "more", "less", "unit"):
                if getattr(self, name):
                    _fail(f"{where}, {name}", f"nothing, because the kind is {self.kind}", getattr(self, name))
            self._set("bins", ())
            return
        if not self.values:
            _fail(f"{where}, values", "one label per bin", self.values)
        if isinstance(self.bins, str) or not isinstance(self.bins, Iterable):
            _fail(f"{where}, bins", "a list of numbers", self.bins)
        edges = list(self.bins)
        if len(edges) != len(self.values) + 1:
            _fail(f"{where}, bins", f"{len(self.values) + 1} edges for {len(self.values)} values", edges)
        for position, edge in enumerate(edges):
            if edge is None and position in (0, len(edges) - 1):
                edges[position] = -math.inf if position == 0 else math.inf
            elif isinstance(edge, bool) or not isinstance(edge, (int, float)) or math.isnan(edge):
                _fail(f"{where}, bins", "numbers (null only at the ends)", edge)
        if any(low >= high for low, high in zip(edges, edges[1:], strict=False)):
            _fail(f"{where}, bins", "increasing edges", edges)
        self._set("bins", tuple(float(edge) for edge in edges))

    def _by_value(self, where: str, name: str) -> FrozenDict:
        table = getattr(self, name)
        if not isinstance(table, Mapping):
            _fail(f"{where}, {name}", "an object keyed by value", table)
        out: dict[str, Any] = {}
        for value, entry in table.items():
            if self.values and value not in self.values:
                _fail(f"{where}, {name}", f"a value of the facet ({', '.join(self.values)})", value)
            if name == "synonyms":
                out[value] = _texts(f"{where}, synonyms of {value!r}", entry)
            else:
                _text(f"{where}, {name} of {value!r}", entry)
                out[value] = entry
        return FrozenDict(out)

    def _fill(self, override: str | None, template: str, value: str, noun: str, noun_plural: str) -> str:
        if override is not None:
            return override
        return with_article(template.format(value=value, noun=noun, noun_plural=noun_plural))

    def noun_phrase(self, value: str, noun: str, noun_plural: str) -> str:
        """The wish for ``value`` as a noun phrase with its article: ``"a film about heists"``."""
        return self._fill(self.value_phrases.get(value), self.phrase, value, noun, noun_plural)

    def plural_phrase(self, value: str, noun: str, noun_plural: str) -> str:
        """The same in the plural: ``"films about heists"``."""
        return self._fill(self.value_plurals.get(value), self.plural, value, noun, noun_plural)

    def critique_phrase(self, value: str, noun: str, noun_plural: str) -> str:
        """What is said of an item that has too much of ``value``: ``"too dark"``."""
        return self._fill(self.value_critiques.get(value), self.critique, value, noun, noun_plural)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON data; ``Facet(**facet.to_dict())`` is equal to ``facet``."""
        out: dict[str, Any] = {}
        for spec in fields(self):
            entry = getattr(self, spec.name)
            if spec.name == "bins":
                out["bins"] = [None if math.isinf(edge) else edge for edge in entry]
            elif spec.name == "synonyms":
                out["synonyms"] = {value: list(texts) for value, texts in entry.items()}
            elif isinstance(entry, FrozenDict):
                out[spec.name] = dict(entry)
            else:
                out[spec.name] = list(entry) if isinstance(entry, tuple) else entry
        return out


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """A situation a person may mention, and the wishes that come with it.

    Attributes:
        name: Identifier, e.g. ``"kids"``.
        phrase: A full clause: ``"We're watching with the kids"``.
        wants: ``"facet:value"`` of each value wanted then.
        avoids: ``"facet:value"`` of each value unwanted then.
        synonyms: Other surface forms the parser reads as this context.

    Raises:
        CatalogError: A field is outside its domain.
    """

    name: str
    phrase: str
    wants: tuple[str, ...] = ()
    avoids: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _text("context.name", self.name)
        where = f"context {self.name!r}"
        _text(f"{where}, phrase", self.phrase)
        for name in ("wants", "avoids", "synonyms"):
            object.__setattr__(self, name, _texts(f"{where}, {name}", getattr(self, name)))
        for wish in (*self.wants, *self.avoids):
            if ":" not in wish:
                _fail(f"{where}, wants and avoids", "'facet:value'", wish)
        both = set(self.wants) & set(self.avoids)
        if both:
            _fail(f"{where}, wants and avoids", "no value in both", sorted(both)[0])

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON data; ``Context(**context.to_dict())`` is equal to ``context``."""
        return {
            "name": self.name,
            "phrase": self.phrase,
            "wants": list(self.wants),
            "avoids": list(self.avoids),
            "synonyms": list(self.synonyms),
        }
