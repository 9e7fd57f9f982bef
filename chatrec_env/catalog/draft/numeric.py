"""Facets made of columns of numbers: their bins, unit and words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from chatrec_env.catalog.cells import UNITS, unit_of
from chatrec_env.catalog.draft.columns import Column
from chatrec_env.catalog.draft.roles import singular
from chatrec_env.catalog.draft.words import COINS, PAID, PLAIN, SCALES, Scale
from chatrec_env.catalog.written import currency, words_of_currency
from chatrec_env.language.word_forms import get_word_forms

_WITH: Final = PLAIN._replace(phrase="a {noun} with {value}", plural="{noun_plural} with {value}")
_BOUNDS: Final = {"min": "minimum", "minimum": "minimum", "max": "maximum", "maximum": "maximum"}
_LENGTHS: Final = frozenset(("seconds", "minutes", "hours", "days", "weeks", "months", "pages", "runtime"))


_MEASURED: Final = {
    **dict.fromkeys(("seconds", "minutes", "hours", "days", "weeks", "months", "pages"), "length"),
    **dict.fromkeys(("kg", "grams", "lbs", "ounces"), "weight"),
    **dict.fromkeys(("km", "miles"), "distance"),
    **dict.fromkeys(("square meters", "square feet"), "area"),
    "bpm": "tempo",
}
"""What a column measures whose heading is nothing but a unit."""


class Measure(NamedTuple):
    """What a column of numbers measures."""

    name: str  # in plain words
    unit: str  # empty where nothing tells
    scale: Scale | None  # its words, where they are known
    counted: bool  # whether it is how many there are of what the unit says: bedrooms


def measure_of(column: Column) -> Measure:
    """What a column measures, by its heading and by what stands beside its numbers.

    Of a heading, ``"length (min)"`` are minutes, ``"min age"`` is the least age, and ``"beats per minute"`` counts
    beats.
    """
    words = column.words
    alone = UNITS.get(words[0], "") if len(words) == 1 < len(words[0]) else ""
    if alone in _MEASURED:
        return Measure(_MEASURED[alone], alone, SCALES[_MEASURED[alone]], False)
    bound = _BOUNDS.get(words[0], "") if len(words) > 1 else ""
    words = words[bool(bound) :]
    if bound and len(words) == 1 and (alone := UNITS.get(words[0], "")) in _MEASURED and len(words[0]) > 1:
        return Measure(f"{bound} {_MEASURED[alone]}", alone, None, False)
    at = words.index("per") if "per" in words[1:-1] else len(words)
    left, per = words[:at], "".join(f" {word}" for word in words[at:])
    scale = None if bound else next((SCALES[word] for word in left if word in SCALES), None)
    unit = unit_of(column.unit) or column.unit
    if unit.startswith("per "):
        per, unit = f" {unit}", ""
    counted = ""
    if not bound or len(left) > 1:
        counted = next((word for word in reversed(left) if _is_unit(word, scale)), "")
    name = " ".join(word for word in left if word != counted) or " ".join(left)
    if not unit:
        unit = (UNITS.get(counted) or currency(counted)) + per if counted else ""
    elif per and " per " not in unit:
        unit += per
    if (per and not unit and scale is None) or left == ["beats"]:
        unit, name = f"{' '.join(left)}{per}", "tempo" if left == ["beats"] else name
    counted_in = ""
    if left and not unit and not per and scale is None and _counts(column, left[-1]):
        unit, counted_in = left[-1], singular(name)
    unit = unit or (scale.unit if scale else "") or ("years" if "age" in words else "")
    name = "length" if name in _LENGTHS else singular(name)
    if bound and counted_in == name:
        name = f"number of {unit}"
    return Measure(f"{bound} {name}".strip(), unit, scale, bool(counted_in) and not bound)


def _is_unit(word: str, scale: Scale | None) -> bool:
    """Whether a word of a heading is a unit; "won" and "real" are money beside a price only."""
    if word in UNITS:
        return True
    money = currency(word)
    return bool(money) and ((scale is not None and scale.more in PAID) or money in COINS)


def _counts(column: Column, last: str) -> bool:
    """Whether the numbers count what the heading calls by a plural: bedrooms, players."""
    plural = last.isascii() and last.isalpha() and get_word_forms().plural(singular(last)) == last
    return plural and singular(last) != last and all(n % 1 == 0 and 0 <= n < 1e4 for n in column.numbers)


def numeric_facet(column: Column, notes: list[str], taken: frozenset[str]) -> dict[str, Any] | None:
    """A facet with two or three bins of about the same number of items; None where nearly all numbers are the same.

    Args:
        column: The column.
        notes: What a person should look at is added.
        taken: Words for more of other facets: no two share theirs.
    """
    edges = _edges(np.array(column.numbers))
    if not edges:
        return None
    name, unit, found, counted = measure_of(column)
    scale = found if found is not None and found.more not in taken else None
    if scale is None:
        low, middle, high = (
            ("few {}", "some {}", "many {}") if counted else ("low {}", "medium {}", "high {}")
        )
        many = " ".join((*name.split()[:-1], unit)) if counted else name
        labels = (low.format(many), middle.format(many), high.format(many))
        more, less = (
            (f"with more {many}", f"with fewer {many}")
            if counted
            else (f"higher in {name}", f"lower in {name}")
        )
        scale = Scale(labels, more, less)
    values = scale.labels if len(edges) == 2 else (scale.labels[0], scale.labels[2])
    facet: dict[str, Any] = {
        "name": name,
        "kind": "numeric",
        "column": column.name,
        "values": list(values),
        "bins": [None, *edges, None],
        "question": name,
        **(PLAIN if scale is found else _WITH)._asdict(),
        "more": scale.more,
        "less": scale.less,
    }
    critiques = {} if scale is found else {label: f"too {_of(label, name)}" for label in values}
    if counted:
        critiques = {scale.labels[0]: f"too {scale.labels[0]}", scale.labels[2]: f"too {scale.labels[2]}"}
    if len(values) == 3:
        critiques[values[1]] = f"too average in {many if counted else name}"
    if critiques:
        facet["value_critiques"] = critiques
    if unit:
        facet["unit"] = unit
        if unit == "beats per minute":
            facet["unit_words"] = {"bpm": 1.0}
        if scale.more in PAID and unit.partition(" ")[0] not in COINS:
            facet["unit_words"] = COINS | dict.fromkeys(words_of_currency(unit), 1.0)
            notes.append(f"{column.name}: {_ONE_FOR_ONE.format(unit)}")
    elif scale.more in PAID:
        facet.update(unit_words=COINS, told_as=f"has a {name} of {{number}}")
        notes.append(
            f"{column.name}: no currency is known, give one as the unit; {_ONE_FOR_ONE.format('it')}"
        )
    else:
        notes.append(f"{column.name}: no unit is known; give one so that amounts can be read")
    return facet


_ONE_FOR_ONE = "any money that people name is read as {} one for one: change or remove its unit_words"


def _of(label: str, name: str) -> str:
    """``"low price"`` as ``"low in price"``."""
    return f"{label.removesuffix(name).strip()} in {name}"


def _edges(numbers: Any) -> list[float]:
    """Where the bins meet: near the thirds, or else near the middle; none where nearly all numbers are the same.

    Rounded as far as there is something on either side: a tenth of the prices may be a hundred times the others.
    """
    least, most = numbers.min(), numbers.max()
    for finer in range(_FINEST):
        low, high = (_nice(float(np.quantile(numbers, q)), numbers, finer) for q in (1 / 3, 2 / 3))
        if (numbers % 1 == 0).all():
            low, high = math.ceil(low), math.ceil(high)
        if least < low < high <= most:
            return [low, high]
        middle = _nice(float(np.median(numbers)), numbers, finer)
        if not least < middle <= most:
            middle = _nice(float(numbers[numbers > least].min(initial=math.inf)), numbers, finer)
        if least < middle <= most:
            return [middle]
    return []


_FINEST: Final = 3
"""Steps that are tried to round to, each a tenth of the one before."""


def _nice(number: float, numbers: Any, finer: int = 0) -> float:
    """A round number near ``number``: two digits of the spread count, and as many more as ``finer``."""
    if not math.isfinite(number):
        return number
    spread = float(np.quantile(numbers, 0.9) - np.quantile(numbers, 0.1)) or abs(number) or 1.0
    step = 10.0 ** (math.floor(math.log10(spread / 4 or 1.0)) - finer)
    rounded = round(round(number / step) * step, 10)
    return int(rounded) if rounded == int(rounded) else rounded


def era_facet(column: Column) -> dict[str, Any] | None:
    """Decades of a column of years; None where all are of one."""
    first, last = int(min(column.numbers)) // 10 * 10, int(max(column.numbers)) // 10 * 10
    if first == last:
        return None
    first = max(first, last - 110)
    starts = list(range(first, last + 10, 10))
    return {
        "name": "era",
        "kind": "numeric",
        "column": column.name,
        "values": [f"{start}s" for start in starts],
        "bins": [None, *starts[1:], None],
        "question": "era",
        "phrase": "a {noun} from the {value}",
        "plural": "{noun_plural} from the {value}",
        "critique": "too obviously from the {value}",
        "more": "newer",
        "less": "older",
    }


def acclaim_range(numbers: Sequence[float]) -> list[float]:
    """The scale that ratings between these were given on."""
    low, high = min(numbers), max(numbers)
    if -1 <= low < 0 and high <= 1:
        return [-1.0, 1.0]
    for span in ((1.0, 5.0), (0.0, 5.0), (0.0, 10.0), (0.0, 100.0)):
        if span[0] <= low and high <= span[1]:
            return list(span)
    return [min(low, 0.0), high]
