"""What people write of items: titles, wishes they join, words worth repeating, and which card has most of something."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from chatrec_env.catalog import Catalog
from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.language.contract import get_language
from chatrec_env.language.learned.finding import MentionFinder
from chatrec_env.language.learned.mentions import MentionKind

SHORT = 5
"""Characters of a title, its blanks with it, that is a word like any other: "It", "Her"."""

_WORD = re.compile(r"\w{2,}")


def tells(phrase: str) -> bool:
    """Whether words that were not understood are worth repeating: not "with my"."""
    return any(word not in get_language().words.fillers for word in _WORD.findall(phrase.casefold()))


def direction_of(catalog: Catalog, value: int) -> int:
    """Which way of its facet a value is: 1 for "long", -1 for "short", 0 where the facet has no order."""
    facet = int(catalog.value_facet[value])
    part = catalog.facet_slices[facet]
    return (1 if 2 * value >= part.start + part.stop else -1) if catalog.facets[facet].ordered else 0


def farthest(catalog: Catalog, cards: Sequence[int], facet: int, direction: int) -> list[int]:
    """The cards with the most (direction 1) or the least (-1) of a facet, by its numbers or the order of its values.

    None where the catalogue tells it of no card, or where the facet has no order.
    """
    part = catalog.facet_slices[facet]
    numbers = {card: float(catalog.numbers[card, facet]) for card in cards}
    if not any(map(math.isfinite, numbers.values())) and catalog.facets[facet].ordered:
        held = {card: catalog.values[card, part] for card in cards}
        numbers = {card: float(values.argmax()) for card, values in held.items() if values.any()}
    known = {card: direction * number for card, number in numbers.items() if math.isfinite(number)}
    return [card for card, number in known.items() if number == max(known.values())]


def choices(text: str, acts: Sequence[ParsedAct], finder: MentionFinder) -> list[frozenset[int]]:
    """Wanted values of a sentence of which one is enough: those between which it says "or"."""
    cues = get_language().cues
    wanted = {act.value for act in acts if act.act == UserAct.WANT and act.value >= 0}
    found = [one for one in finder.find(text) if one.kind == MentionKind.VALUE]
    named = [one for one in found if one.values and one.values[0] in wanted]
    out: list[frozenset[int]] = []
    run: list[int] = []
    joined = False
    for before, one in zip([None, *named], named, strict=False):
        between = text[before.end : one.start] if before else ""
        if before and (cues.either(between) or cues.listed(between)):
            joined |= cues.either(between)
        else:
            out += [frozenset(run)] if joined else []
            run, joined = [], False
        run.append(one.values[0])
    return [*out, frozenset(run)] if joined else out


def with_titles(
    sentences: Sequence[str], read: Sequence[Sequence[ParsedAct]], catalog: Catalog
) -> tuple[list[tuple[ParsedAct, ...]], tuple[int, ...]]:
    """The acts, with the item that a sentence looks for where it holds its title word for word.

    Without one where the title goes on to another of its series, which is not here: "Heat 2".
    Also the values that were read in such a title: "Alien" is no wish for aliens where it is looked for.
    """
    out, misread = [], []
    for text, acts in zip(sentences, read, strict=True):
        looked = [act.item for act in acts if act.act == UserAct.FIND_ITEM]
        item = max(looked, default=-1)
        if looked and item < 0:
            item = _titled(text, catalog)
        name = _continued(text, catalog.titles[item]) if item >= 0 else ""
        if item >= 0 and (name or min(looked) < 0):
            misread += [act.value for act in acts if act.act == UserAct.WANT and act.value >= 0]
            found = -1 if name else item
            acts = [
                replace(act, item=found, topic=name) if act.act == UserAct.FIND_ITEM else act
                for act in acts
                if act.act != UserAct.WANT
            ]
        out.append(tuple(acts))
    return out, tuple(misread)


def _continued(text: str, title: str) -> str:
    """A title with the number behind it in a text, by which it is another one; empty where it has none there."""
    for found in re.finditer(rf"(?<!\w){re.escape(title)}(?!\w)", text, re.IGNORECASE):
        if number := get_language().cues.sequel(text[found.end() :]):
            return found[0] + number
    return ""


def _titled(text: str, catalog: Catalog) -> int:
    """The item with the longest title that stands in a text; -1 for none."""
    words = _plain(text)
    found = [
        (len(title), -i)
        for i, title in enumerate(_plain_titles(catalog))
        if len(title) > SHORT and title in words
    ]
    return -max(found)[1] if found else -1


@lru_cache(maxsize=4)
def _plain_titles(catalog: Catalog) -> tuple[str, ...]:
    return tuple(_plain(title) for title in catalog.titles)


def _plain(text: str) -> str:
    """Words in lower case between single blanks."""
    words = re.findall(r"\w+", text.casefold())
    return f" {' '.join(words)} "
