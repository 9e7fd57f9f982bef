"""What a person said that no value tells, kept for every card.

Wishes for values stand in the dialogue. Exact numbers ("under 100 minutes", "newer than that"), words that no value
stands for ("no capes") and choices ("space or monsters") are kept here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from chatrec_env.catalog import Catalog
from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.language.learned.mention_acts import FAR

FARTHER = 0.6
"""Of the items on the other side of what was too much, the share that is still too near to it."""

NOTICED, SLIGHT = 0.4, 0.15
"""How far something newer or shorter should at least be from what it is compared with, in deviations of the items."""

Span = tuple[float, float]
Mask = npt.NDArray[np.bool_]

_AGAINST = frozenset((UserAct.AVOID, UserAct.TOO, UserAct.EXCEPT))
_FOR = frozenset((UserAct.WANT, UserAct.CHANGE_MIND, UserAct.LIKE_BUT))


@dataclass(slots=True)
class Bounds:
    """Limits in numbers and words to be spared.

    Attributes:
        spans: By facet, ``low <= x < high``.
        words: Words that no value stands for; an item whose card holds one does not fit.
        plain: By facet, the spans to fall back on, in turn, where nothing is left as far from what was too much.
        compared: By facet, the words of a limit that was said as a comparison: "newer than Fargo".
        choices: Values of which one is enough.
        fame: Most popular an item may be, in [0, 1].
        shunned: Items that are too near in meaning to what is to be spared.
        blind: Whether something is to be spared that no value stands for, so that nobody can vouch for a card.
        narrow: Of wished values the word that was said, where it means less than the value.
        free: Facets that were said not to matter, or not to be known, whether or not they were asked about.
    """

    spans: dict[int, Span] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    plain: dict[int, tuple[Span, ...]] = field(default_factory=dict)
    compared: dict[int, str] = field(default_factory=dict)
    choices: tuple[frozenset[int], ...] = ()
    fame: float = math.inf
    shunned: frozenset[int] = frozenset()
    blind: bool = False
    narrow: dict[int, str] = field(default_factory=dict)
    free: frozenset[int] = frozenset()

    def copy(self) -> Bounds:
        """An independent copy."""
        spans, plain, compared = dict(self.spans), dict(self.plain), dict(self.compared)
        return replace(self, spans=spans, plain=plain, compared=compared, narrow=dict(self.narrow))

    def soften(self) -> bool:
        """Ask for the next less of what was too much; whether there was such a limit."""
        for facet, (span, *rest) in list(self.plain.items()):
            self.spans[facet] = span
            if rest:
                self.plain[facet] = tuple(rest)
            else:
                del self.plain[facet]
            return True
        return False

    def forget(self, facet: int) -> None:
        """No limit in a facet."""
        self.spans.pop(facet, None)
        self.plain.pop(facet, None)
        self.compared.pop(facet, None)

    def hear(self, acts: Sequence[ParsedAct], catalog: Catalog, anchor: int) -> None:
        """Take in what was said; ``anchor`` is the item that "newer" compares with, -1 for none."""
        for act in acts:
            facet = int(catalog.value_facet[act.value]) if act.value >= 0 else act.facet
            if act.act in (UserAct.NO_PREFERENCE, UserAct.DONT_KNOW) and facet >= 0:
                self.free |= {facet}
            if act.act == UserAct.EXCEPT and act.item >= 0:
                continue
            if act.act in _AGAINST and act.value < 0 and act.topic and act.facet < 0:
                self.words = tuple(dict.fromkeys((*self.words, act.topic.lower())))
            elif act.act in (UserAct.DROP, UserAct.NO_PREFERENCE):
                self.forget(facet)
            elif act.act == UserAct.RELATIVE and facet >= 0 and anchor >= 0:
                self._beyond(catalog, facet, anchor, act.direction > 0, far=act.strength >= FAR)
            elif act.act == UserAct.TOO and act.value >= 0 and anchor >= 0 and catalog.facets[facet].unit:
                part = catalog.facet_slices[facet]
                much = act.value - part.start > (part.stop - 1 - part.start) / 2  # "long", not "short"
                self._beyond(catalog, facet, anchor, not much, far=True)
            elif act.act in _FOR and facet >= 0:
                self._want(facet, act, catalog)
            elif act.act in _AGAINST and facet >= 0 and math.isinf(act.low) != math.isinf(act.high):
                self._limit(facet, (act.high, math.inf) if math.isinf(act.low) else (-math.inf, act.low))

    def _beyond(self, catalog: Catalog, facet: int, anchor: int, more: bool, *, far: bool) -> None:
        """More, or less, than an item has of something: so much that it is noticed, where there is such an item.

        Far beyond where it had too little or too much: past three in five of the items on that side.
        """
        number = float(catalog.numbers[anchor, facet])
        if not math.isfinite(number):
            return
        numbers, sign = catalog.numbers[:, facet], 1 if more else -1
        edge = float(np.nextafter(number, math.inf)) if more else number
        spread = float(np.nanstd(numbers))
        edges = [edge + sign * NOTICED * spread, edge + sign * SLIGHT * spread, edge]
        beyond = numbers[(numbers > number) if more else (numbers < number)]
        if far and len(beyond):
            edges.insert(0, float(np.quantile(beyond, FARTHER if more else 1 - FARTHER)))
        before = self.spans.get(facet)
        spans = []
        for one in edges:
            self.spans.pop(facet, None)
            if before is not None:
                self.spans[facet] = before
            self._narrow(facet, (one, math.inf) if more else (-math.inf, one))
            spans.append(self.spans[facet])
        declared = catalog.facets[facet]
        self.spans[facet], self.plain[facet] = spans[0], tuple(spans[1:])
        comparative = (declared.more or "more") if more else (declared.less or "less")
        self.compared[facet] = f"{comparative} than {catalog.titles[anchor]}"

    def _want(self, facet: int, act: ParsedAct, catalog: Catalog) -> None:
        if math.isinf(act.low) != math.isinf(act.high) or _is_range(catalog, act):
            self._limit(facet, (act.low, act.high))
        elif act.value >= 0 and facet in self.spans:
            held = catalog.values[:, act.value] > 0
            if not (held & self.within(catalog, facet)).any():  # "the 1980s", after "before 1970"
                self.forget(facet)

    def _limit(self, facet: int, new: Span) -> None:
        """A limit in numbers; what was gathered from a comparison before is let go."""
        if facet in self.compared:
            self.forget(facet)
        self._narrow(facet, new)

    def _narrow(self, facet: int, new: Span) -> None:
        """The part of both spans; the new one where they do not meet."""
        old = self.spans.get(facet, (-math.inf, math.inf))
        both = max(old[0], new[0]), min(old[1], new[1])
        self.spans[facet] = both if both[0] < both[1] else new

    def within(self, catalog: Catalog, facet: int) -> Mask:
        """(I,) whether the number of each item is known and lies in the span of a facet."""
        low, high = self.spans[facet]
        number = catalog.numbers[:, facet]
        return np.asarray((number >= low) & (number < high))


def _is_range(catalog: Catalog, act: ParsedAct) -> bool:
    """Whether a wish is for a range of numbers ("between 30 and 40"), not for one number or a value ("the 1980s")."""
    if act.value < 0 or not 1 < act.high - act.low < math.inf:
        return False
    numbers = catalog.numbers[:, catalog.value_facet[act.value]]
    inside = (numbers >= act.low) & (numbers < act.high)
    return bool((inside != (catalog.values[:, act.value] > 0)).any())


def span_words(catalog: Catalog, facet: int, span: Span) -> str:
    """A span in words: "under 100 minutes", "2000 or newer", "90 to 120 minutes"."""
    declared, (low, high) = catalog.facets[facet], span
    unit = f" {declared.unit}" if declared.unit else ""
    if math.isinf(low) and unit and (high - 1) % 5 == 0 and high % 5:  # "an hour and a half at most"
        return f"of at most {_number(high - 1)}{unit}"
    if math.isinf(low):
        return f"under {_number(high)}{unit}" if unit else f"before {_number(high)}"
    if math.isinf(high):
        return f"{_number(low)}{unit} or {declared.more or 'more'}"
    whole = unit and (high - 1) % 5 == 0 and high % 5  # "between 90 and 100" takes 100 in
    return f"{_number(low)} to {_number(high - 1 if whole else high)}{unit}"


def _number(number: float) -> str:
    return f"{round(number, 2):.10g}"
