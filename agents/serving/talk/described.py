"""What people write of items: titles, wishes they join, words worth repeating, and which card has most of something."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from agents.serving.talk.fitting import narrower
from agents.serving.talk.likeness import titled
from chatrec_env.catalog import Catalog
from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.language.contract import get_language
from chatrec_env.language.learned.finding import MentionFinder
from chatrec_env.language.learned.mentions import MentionKind

SHORT = 5
"""Characters of a title, its blanks with it, that is a word like any other: "It", "Her"."""

_STANCES = frozenset((UserAct.WANT, UserAct.AVOID, UserAct.MISMATCH, UserAct.EXCEPT))
_WORD = re.compile(r"\w{2,}")


def tells(phrase: str) -> bool:
    """Whether words that were not understood are worth repeating: not "with my"."""
    words, idle = get_language().words, get_language().cues.idle
    return any(
        word not in words.fillers and word not in words.function and word not in idle
        for word in _WORD.findall(phrase.casefold())
    )


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
        acts = [_of_series(act, catalog) for act in acts]
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


def _of_series(act: ParsedAct, catalog: Catalog) -> ParsedAct:
    """A wish for something like a title that goes on to another of its series is read as one for that title."""
    item = _titled(act.topic, catalog) if act.act == UserAct.WANT and act.value < 0 and act.topic else -1
    name = _continued(act.topic, catalog.titles[item]) if item >= 0 else ""
    return replace(act, act=UserAct.FIND_ITEM, item=-1) if name else act


def _continued(text: str, title: str) -> str:
    """A title with the number behind it in a text, by which it is another one; empty where it has none there."""
    for found in re.finditer(rf"(?<!\w){re.escape(title)}(?!\w)", text, re.IGNORECASE):
        if number := get_language().cues.sequel(text[found.end() :]):
            return found[0] + number
    return ""


def titles_in(text: str, catalog: Catalog) -> list[int]:
    """Items whose titles stand in a text as they are written, in order; of two in one place the longer."""
    found: dict[int, int] = {}
    for item, title in sorted(enumerate(catalog.titles), key=lambda one: -len(one[1])):
        if len(title) >= SHORT - 1 and title in text and re.search(rf"(?<!\w){re.escape(title)}(?!\w)", text):
            found[text.index(title)] = item
            text = text.replace(title, "\0" * len(title))
    return [found[start] for start in sorted(found)]


def _titled(text: str, catalog: Catalog) -> int:
    """The item with the longest title that stands in a text; -1 for none."""
    words, titles = _plain(text), _by_first_word(catalog)
    begun = [one for word in set(words.split()) for one in titles.get(word, ())]
    found = [(len(title), -i) for i, title in begun if title in words]
    return -max(found)[1] if found else -1


@lru_cache(maxsize=4)
def _by_first_word(catalog: Catalog) -> dict[str, list[tuple[int, str]]]:
    """Items and their plain titles, but short ones, by the first word of each."""
    out: dict[str, list[tuple[int, str]]] = {}
    for i, title in enumerate(map(_plain, catalog.titles)):
        if len(title) > SHORT:
            out.setdefault(title.split()[0], []).append((i, title))
    return out


def _plain(text: str) -> str:
    """Words in lower case between single blanks."""
    words = re.findall(r"\w+", text.casefold())
    return f" {' '.join(words)} "


def narrow_values(text: str, acts: Sequence[ParsedAct], finder: MentionFinder) -> list[tuple[int, str]]:
    """Wanted values of a sentence whose word means less than the value."""
    said = [(one.values[0], text[one.start : one.end].casefold()) for one in finder.find(text) if one.values]
    wanted = {act.value for act in acts if act.act == UserAct.WANT}
    return [
        (value, word) for value, word in said if value in wanted and narrower(finder.catalog, value, word)
    ]


@lru_cache(maxsize=4)
def _entities(catalog: Catalog) -> dict[str, int]:
    """Those whom cards name, in lower case."""
    return {name.casefold(): i for i, name in enumerate(catalog.entity_names)}


def of_places(text: str, acts: tuple[ParsedAct, ...], finder: MentionFinder) -> tuple[ParsedAct, ...]:
    """The acts, where a name that stands for a value is one that cards hold: "no Switzerland" is no Western Europe."""
    names = _entities(finder.catalog)
    said: dict[int, list[int]] = {}
    for one in finder.find(text):
        entity = names.get(text[one.start : one.end].casefold(), -1)
        if one.values and entity >= 0:
            said.setdefault(one.values[0], []).append(entity)
    out = []
    for act in acts:
        meant = said.get(act.value, []) if act.act in _STANCES else []
        polarity = 1 if act.act == UserAct.WANT else -1
        out.append(ParsedAct(UserAct.ENTITY, entity=meant.pop(0), polarity=polarity) if meant else act)
    return tuple(out)


def extreme(text: str, cards: Sequence[int], finder: MentionFinder) -> tuple[ParsedAct, ...]:
    """Which of several cards has most of something: "which is the shortest?"; with that card, if it can be told."""
    catalog, (asked, compared) = finder.catalog, get_language().cues.extreme(text)
    if not asked or len(cards) < 2:
        return ()
    for one in (*finder.find(compared), *finder.find(asked)):
        value = one.values[0] if one.kind == MentionKind.VALUE else -1
        direction = direction_of(catalog, value) if value >= 0 else one.direction
        facet = int(catalog.value_facet[value]) if value >= 0 else one.facet
        card = next(iter(farthest(catalog, cards, facet, direction)), -1) if direction else -1
        if direction or value >= 0:
            act = ParsedAct(UserAct.COMPARE, facet=facet, direction=direction, item=card, topic=asked)
            return (act if direction else replace(act, value=value),)
    return (ParsedAct(UserAct.COMPARE, topic=asked),)


def two_compared(text: str, finder: MentionFinder) -> tuple[ParsedAct, ...]:
    """The same fact of two named items: "is Lisbon cheaper than Barcelona?"."""
    mentions = finder.find(text)
    items = [one.item for one in mentions if one.kind == MentionKind.TITLE and one.item >= 0]
    items = items if len(items) == 2 else titles_in(text, finder.catalog)
    facets = [one.facet for one in mentions if one.kind == MentionKind.COMPARATIVE]
    if len(items) != 2 or len(facets) != 1:
        return ()
    return tuple(ParsedAct(UserAct.ASK_FACT, facet=facets[0], item=item) for item in items)


def by_the_same(
    text: str, acts: tuple[ParsedAct, ...], catalog: Catalog, focus: int
) -> tuple[ParsedAct, ...]:
    """The acts; where another by the same people is wished for, those of the item that is talked about."""
    same, wished = (
        get_language().cues.same,
        {act.topic for act in acts if act.act == UserAct.WANT and act.topic},
    )
    for column, people in zip(catalog.declaration.entities, catalog.credits[focus], strict=True):
        if focus >= 0 and any(word in column for word in wished) and same(text, column):
            more = (ParsedAct(UserAct.ENTITY, entity=one, polarity=1) for one in people)
            return (ParsedAct(UserAct.REJECT), *more)
    return acts


def named_by_titles(text: str, acts: Sequence[ParsedAct], finder: MentionFinder) -> list[str]:
    """Words of a wish that stand in titles, where these say what an item is, as nobody made it: "a jacket"."""
    if finder.catalog.declaration.entities or not any(act.act == UserAct.WANT for act in acts):
        return []
    known = [range(one.start, one.end) for one in finder.find(text)]
    words = [one for one in re.finditer(r"[^\W\d_]{4,}", text) if not any(one.start() in at for at in known)]
    told = [one[0].casefold() for one in words if tells(one[0])]
    return [word for word in told if titled(finder.catalog, [word]).any()]
