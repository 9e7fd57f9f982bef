"""Facets: the properties of items that people have wishes about, and the words for them."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

from chatrec_env.catalog.checks import (
    Declared,
    FrozenDict,
    check_number,
    check_template,
    check_text,
    check_texts,
    fail,
)
from chatrec_env.language.word_forms import get_word_forms


class Kind(NamedTuple):
    """What is true of every facet of a kind."""

    multi_valued: bool = False  # an item may carry several values
    ordered: bool = False  # the values stand in an order, so that one can ask for more or less
    # the values are bins of a number: the facet has `bins`, the item an entry in `catalog.numbers`
    numeric: bool = False


KINDS: dict[str, Kind] = {
    "single": Kind(),
    "multi": Kind(multi_valued=True),
    "numeric": Kind(ordered=True, numeric=True),
}
"""By the name used in declarations. Code asks a facet (``facet.ordered``) and never compares names."""

SEPARATOR = "|"
_BY_VALUE = ("value_phrases", "value_plurals", "value_critiques", "synonyms")


@dataclass(frozen=True, kw_only=True, slots=True)
class Facet(Declared):
    """A property of items that people have wishes about, such as the genre.

    Raises:
        CatalogError: A field is outside its domain; the message names the facet and the field.
    """

    name: str  # identifier, e.g. `"genre"`
    # `"single"` (one value an item), `"multi"` (several, `"|"`-separated in a table) or `"numeric"` (a number that
    # falls into one of `bins`)
    kind: str
    column: str  # the table column it is read from
    # the vocabulary, in order; bin labels when numeric. Empty for an open vocabulary (not numeric): the values are
    # then those the table has, most frequent first.
    values: tuple[str, ...] = ()
    # numeric only: `len(values) + 1` increasing edges; bin `j` is `bins[j] <= x < bins[j + 1]`. The ends may be
    # infinite (`null` in JSON).
    bins: tuple[float, ...] = ()
    askable: bool = True  # whether the system may ask about it
    # importance in matching; a multiple of 1/16 in (0, 16], so that float32 sums are exact
    weight: float = 1.0
    question: str = ""  # the noun used in questions; the name when empty
    # noun phrase of a wish; a template over `{value}`, `{noun}` and `{noun_plural}`
    phrase: str = "a {value} {noun}"
    plural: str = "{value} {noun_plural}"  # the same in the plural, without article: `"films about {value}"`
    critique: str = "too {value}"  # what is said of an item with too much of it: `"too {value}"`
    # full noun phrases that replace the template, by value
    value_phrases: Mapping[str, str] = field(default_factory=dict)
    # full plurals that replace the template, by value
    value_plurals: Mapping[str, str] = field(default_factory=dict)
    # full critiques that replace the template, by value
    value_critiques: Mapping[str, str] = field(default_factory=dict)
    # other surface forms the parser reads as a value, by value
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    more: str = ""  # numeric only: the comparative for a higher number, e.g. `"newer"`
    less: str = ""  # numeric only: the comparative for a lower number, e.g. `"older"`
    # numeric only: the unit, e.g. `"minutes"`, `"euros per night"`, `"bpm"`. The parser knows the usual words of
    # common units of time, length, weight and money.
    unit: str = ""
    # numeric only: other words for amounts, with how many units one of them is: `{"bucks": 1, "k": 1000}`
    unit_words: Mapping[str, float] = field(default_factory=dict)
    # numeric only: what is said of an item's number, after "it": `"runs {number}"`. Without it, a number with a unit is
    # told by the question noun, one without by its bin.
    told_as: str = ""
    # other nouns for what is asked about, e.g. `("duration", "running time")`
    question_synonyms: tuple[str, ...] = ()
    # what people say when they ask for it, beside what is common for its unit: `("how scary", "rated")`
    asked_as: tuple[str, ...] = ()
    later: ClassVar = ("question_synonyms", "unit_words", "told_as", "asked_as")

    def __post_init__(self) -> None:
        check_text("facet, name", self.name)
        where = f"facet {self.name!r}"
        if ":" in self.name:
            fail(f"{where}, name", "a name without ':'", self.name)
        if self.kind not in KINDS:
            fail(f"{where}, kind", f"one of {', '.join(KINDS)}", self.kind)
        check_text(f"{where}, column", self.column)
        values = check_texts(f"{where}, values", self.values)
        for value in values:
            if values.count(value) > 1:
                fail(f"{where}, values", "each value once", value)
            if SEPARATOR in value or value != value.strip():
                fail(f"{where}, values", f"a value without {SEPARATOR!r} or outer spaces", value)
        self._set("values", values)
        self._set("bins", self._checked_bins(where))
        if self.askable not in (True, False) or not isinstance(self.askable, bool):
            fail(f"{where}, askable", "true or false", self.askable)
        expected = "a multiple of 1/16 in (0, 16]"
        weight = check_number(f"{where}, weight", self.weight, expected)
        if not 0 < weight <= 16 or weight * 16 % 1:
            fail(f"{where}, weight", expected, self.weight)
        self._set("weight", weight)
        for name in ("phrase", "plural", "critique"):
            check_template(f"{where}, {name}", getattr(self, name))
        for name in ("question", "more", "less", "unit", "told_as"):
            check_text(f"{where}, {name}", getattr(self, name), empty=True)
        if self.told_as and self.told_as.count("{number}") != 1:
            fail(f"{where}, told_as", "a text with {number} once", self.told_as)
        if bool(self.more) != bool(self.less):
            fail(f"{where}, more and less", "both words or neither", (self.more, self.less))
        self._set("question", self.question or self.name)
        for name in _BY_VALUE:
            self._set(name, self._checked_by_value(where, name))
        self._set("unit_words", self._checked_unit_words(where))
        synonyms = check_texts(f"{where}, question_synonyms", self.question_synonyms)
        self._set("question_synonyms", synonyms)
        self._set("asked_as", check_texts(f"{where}, asked_as", self.asked_as))

    @property
    def multi_valued(self) -> bool:
        """Whether an item may carry several values, as genres and moods."""
        return KINDS[self.kind].multi_valued

    @property
    def ordered(self) -> bool:
        """Whether the values stand in an order, as decades or lengths."""
        return KINDS[self.kind].ordered

    @property
    def numeric(self) -> bool:
        """Whether the values are bins of a number."""
        return KINDS[self.kind].numeric

    @property
    def comparable(self) -> bool:
        """Whether there are words for more and less of it, e.g. ``"newer"`` and ``"older"``."""
        return bool(self.more)

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def _checked_bins(self, where: str) -> tuple[float, ...]:
        for names, fit in (
            (("more", "less"), self.ordered),
            (("bins", "unit", "unit_words", "told_as"), self.numeric),
        ):
            for name in names:
                if getattr(self, name) and not fit:
                    fail(f"{where}, {name}", f"nothing, because the kind is {self.kind}", getattr(self, name))
        if not self.numeric:
            return ()
        if not self.values:
            fail(f"{where}, values", "one label per bin", self.values)
        bins: Any = self.bins
        if isinstance(bins, str) or not isinstance(bins, Iterable):
            fail(f"{where}, bins", "a list of numbers", bins)
        edges = list(bins)
        last = len(self.values)
        if len(edges) != last + 1:
            fail(f"{where}, bins", f"{last + 1} edges for {last} values", edges)
        edges[0] = -math.inf if edges[0] in (None, -math.inf) else edges[0]
        edges[last] = math.inf if edges[last] in (None, math.inf) else edges[last]
        inner = [edge for j, edge in enumerate(edges) if 0 < j < last or edge not in (-math.inf, math.inf)]
        for edge in inner:
            check_number(f"{where}, bins", edge, "numbers (null only at the ends)")
        if any(low >= high for low, high in itertools.pairwise(edges)):
            fail(f"{where}, bins", "increasing edges", edges)
        return tuple(float(edge) for edge in edges)

    def _checked_by_value(self, where: str, name: str) -> FrozenDict:
        table = getattr(self, name)
        if not isinstance(table, Mapping):
            fail(f"{where}, {name}", "an object keyed by value", table)
        out: dict[str, Any] = {}
        for value, entry in table.items():
            if self.values and value not in self.values:
                fail(f"{where}, {name}", f"a value of the facet ({', '.join(self.values)})", value)
            if name == "synonyms":
                out[value] = check_texts(f"{where}, synonyms of {value!r}", entry)
            else:
                check_text(f"{where}, {name} of {value!r}", entry)
                out[value] = entry
        return FrozenDict(out)

    def _checked_unit_words(self, where: str) -> FrozenDict:
        if not isinstance(self.unit_words, Mapping):
            fail(f"{where}, unit_words", "an object of words and how many units one is", self.unit_words)
        expected = "a number above 0: how many units one is"
        for word, size in self.unit_words.items():
            check_text(f"{where}, unit_words", word)
            if not check_number(f"{where}, unit_words of {word!r}", size, expected) > 0:
                fail(f"{where}, unit_words of {word!r}", expected, size)
        return FrozenDict({word: float(size) for word, size in self.unit_words.items()})

    def restricted(self, values: Sequence[str]) -> Facet:
        """The facet with these values only, wording included; of bins, a contiguous run of labels."""
        if tuple(values) == self.values:
            return self
        changes: dict[str, Any] = {
            name: {value: entry for value, entry in getattr(self, name).items() if value in values}
            for name in _BY_VALUE
        }
        if self.bins:
            first = self.values.index(values[0])
            changes["bins"] = self.bins[first : first + len(values) + 1]
        return dataclasses.replace(self, values=tuple(values), **changes)

    def noun_phrase(self, value: str, noun: str, noun_plural: str) -> str:
        """The wish for ``value`` as a noun phrase with its article: ``"a film about heists"``."""
        return _fill(self.value_phrases.get(value), self.phrase, value, noun, noun_plural)

    def plural_phrase(self, value: str, noun: str, noun_plural: str) -> str:
        """The same in the plural: ``"films about heists"``."""
        return _fill(self.value_plurals.get(value), self.plural, value, noun, noun_plural)

    def critique_phrase(self, value: str, noun: str, noun_plural: str) -> str:
        """What is said of an item that has too much of ``value``: ``"too dark"``."""
        return _fill(self.value_critiques.get(value), self.critique, value, noun, noun_plural)


def _fill(override: str | None, template: str, value: str, noun: str, noun_plural: str) -> str:
    if override is not None:
        return override
    filled = template.format(value=value, noun=noun, noun_plural=noun_plural)
    return get_word_forms().correct_article(filled)
