"""What values, comparatives, names and titles come to, given the words around them: handlers by kind."""

from __future__ import annotations

from typing import Final

from chatrec_env.language.acts import UserAct
from chatrec_env.language.contract import Handler
from chatrec_env.language.english.reading.quantities import NUMBERS
from chatrec_env.language.english.reading.verdicts import PRAISE, note_verdict, verdict_from, verdict_start
from chatrec_env.language.english.reading.words import ADVERBS
from chatrec_env.language.reader.chunks import Chunk, Cue, Kind
from chatrec_env.language.reader.state import BOUND_SIGN, CLEAR_SIGN, FAINT_SIGN, OPENINGS, ReadingState
from chatrec_env.language.reader.text import MARKS
from chatrec_env.language.reader.words import word_set

MAX_WANTED_BINS: Final = 3
"""Bins a wish for a span that is open backwards ("before 1980") names: those nearest to its end."""

_MAKES: Final = word_set("make makes made")
_COPULAS: Final = word_set("is was are were")
_DOES: Final = _COPULAS | word_set("played plays has had did does")
_CALLINGS: Final = word_set("actor actress director filmmaker author writer singer band composer")
"""What a person may be called a good one of."""

_POINTERS: Final = word_set("that this the those these")
_PRONOUNS: Final = word_set("that this those these they it which")
_ADJECTIVES: Final = 3  # chunks that may stand between "old" and the noun
_GOOD: Final = (UserAct.WANT, UserAct.LIKE_BUT, UserAct.CHANGE_MIND)


def on_value(r: ReadingState, i: int, chunk: Chunk) -> None:
    """A value: of its candidates the one of the facet that was asked about, else the best."""
    if r.words[chunk.start] in _MAKES and chunk.end - chunk.start > 2:
        r.reported = False  # "it will | make me laugh"
        reason = r.words[chunk.start - 1] in _PRONOUNS and r.noted and r.noted[-1].polarity < 0
        if (r.comma or r.conj) and not (reason and r.in_sentence(r.noted[-1])):
            r.affirm()  # but not in "I hate sad films, they | make me cry"
        r.sign(CLEAR_SIGN)
    before = r.chunks[i - 1] if i else None
    if before is not None and before.kind == Cue.NO_PREFERENCE:
        r.noted = [noted for noted in r.noted if noted.at is not before]  # "I don't mind | horror"
        r.clause.objects += 1
        return
    candidates: tuple[int, ...] = chunk.data
    asked = (value for value in candidates if r.value_facet[value] == r.asked)
    _wish(r, i, chunk, (next(asked, candidates[0]),))


def on_group(r: ReadingState, i: int, chunk: Chunk) -> None:
    """Several values at once: the decades of "since 1980"."""
    if _bounds(r, i, chunk):
        r.sign(BOUND_SIGN)
    _wish(r, i, chunk, chunk.data)


def _bounds(r: ReadingState, i: int, chunk: Chunk) -> bool:
    """Whether a limit in numbers belongs to what the clause opens with: "a red dress | under 50 dollars"."""
    while r.kind(i - 1) not in OPENINGS:
        i -= 1
    first = r.words[chunk.start]
    return r.kind(i) == Cue.ARTICLE and not (first in NUMBERS or first[0].isdigit())


def on_critique(r: ReadingState, i: int, chunk: Chunk) -> None:
    """A critique as the catalogue words it: "too dark"."""
    r.too = True
    r.objects = 0
    r.sign(CLEAR_SIGN)
    _wish(r, i, chunk, (chunk.data,))


def _wish(r: ReadingState, i: int, chunk: Chunk, values: tuple[int, ...]) -> None:
    act = _act(r, i)
    if act is None:
        return
    good = act in _GOOD
    if act == UserAct.CHANGE_MIND:
        r.drop_wishes({r.value_facet[value] for value in values})
    onward = len(values) > 1 and values[0] < values[-1]  # "from the 90s or newer" reaches today
    for value in values[:MAX_WANTED_BINS] if good and not onward else values:
        noted = r.note(act, chunk)
        noted.value, noted.facet, noted.polarity = value, r.value_facet[value], 1 if good else -1
        noted.gap = 0 if r.reported else noted.gap
        if act == UserAct.LIKE_BUT:
            noted.item = r.model_item


def _act(r: ReadingState, i: int) -> UserAct | None:
    """What naming a value at chunk ``i`` does; None where it is only spoken of."""
    joined = r.conj or r.disj or not r.objects
    denied = r.polarity < 0
    after = r.chunks[i + 1] if i + 1 < len(r.chunks) else None
    falls_short = denied and after is not None and after.kind == Cue.ENOUGH and after.end == after.start + 1
    polarity = r.take_object(i)
    if r.tolerate:
        return None
    if r.too:
        # "Too scary for kids" is too scary; "it's not too scary" is praise; "nothing too scary" is a wish.
        if not joined or (r.reported and polarity < 0):
            return None
        return UserAct.AVOID if polarity < 0 else UserAct.TOO
    if r.reported and not r.lacks and not falls_short:
        if r.reason and polarity > 0:
            return UserAct.WANT if r.reason > 0 else UserAct.AVOID  # "I liked it because it was funny"
        return UserAct.WANT if polarity > 0 and _praised(r, i) else None
    if r.enough:
        return UserAct.ENOUGH_OF
    if r.seen:
        return None
    if polarity < 0:
        return UserAct.WANT if falls_short else UserAct.AVOID  # "not funny enough"
    if r.like_but:
        return UserAct.LIKE_BUT
    return UserAct.CHANGE_MIND if r.changing else UserAct.WANT


def _praised(r: ReadingState, i: int) -> bool:
    """Whether the value at chunk ``i`` is called good: "it was a great | action movie"."""
    at = r.chunks[i].start - 1
    while at >= 0 and r.words[at] in ADVERBS:
        at -= 1
    return at >= 0 and r.words[at] in PRAISE


def on_comparative(r: ReadingState, i: int, chunk: Chunk) -> None:
    """A comparison, "newer": than the suggestion, or than a title that was named."""
    polarity = r.take_object(i)
    if r.too or not r.reported:
        facet, direction = chunk.data
        _relate(r, chunk, facet, direction * (-1 if r.too else polarity))


def on_positive(r: ReadingState, i: int, chunk: Chunk) -> None:
    """A word such as "old", which compares only in "too old", "nothing old", "more old", "an old film"."""
    facet, direction = chunk.data
    if r.reported and not r.too:
        return
    if r.too or r.polarity < 0:
        r.take_object(i)
        _relate(r, chunk, facet, -direction)
    elif r.more or _names_item(r, i + 1):
        r.take_object(i)
        _relate(r, chunk, facet, direction)


def _names_item(r: ReadingState, i: int) -> bool:
    """Whether an item is spoken of from chunk ``i`` on: an old *one*, an old *black and white film*."""
    for chunk in r.chunks[i : i + _ADJECTIVES + 1]:
        if chunk.kind == Kind.NOUN or (chunk.kind == Kind.WORD and chunk.data in ("one", "ones")):
            return True
        if chunk.kind not in (Kind.WORD, Kind.VALUE, Cue.AND):
            return False
    return False


def _relate(r: ReadingState, chunk: Chunk, facet: int, direction: int) -> None:
    noted = r.note(UserAct.RELATIVE, chunk)
    noted.facet, noted.direction, noted.item = facet, direction, r.model_item


def on_title(r: ReadingState, i: int, chunk: Chunk) -> None:
    """A title: liked, disliked, seen, or what a comparison is with."""
    polarity = r.take_object(i)
    item = chunk.data
    last = r.noted[-1] if r.noted else None
    if r.tolerate:
        return
    if r.than and last is not None and last.act == UserAct.RELATIVE:
        last.item, r.than = item, False
        return
    r.model, r.model_item = r.model or r.similar, item
    if last is not None and last.act == UserAct.SEEN_IT and last.item < 0 and last.at.end == chunk.start:
        last.item = item
        return
    if r.seen and not r.verdict and not r.similar:
        r.note(UserAct.SEEN_IT, chunk).item = item
        return
    after = r.words[chunk.end] if chunk.end < len(r.words) else ""
    judged = verdict_from(r.words, chunk.end + 1, r.nouns) if after in _COPULAS else 0
    liked = (judged or r.verdict or polarity) > 0 and not r.enough
    noted = r.note(UserAct.LIKED_ITEM if liked else UserAct.DISLIKED_ITEM, chunk)
    noted.item, noted.polarity = item, 1 if liked else -1
    noted.mention = not (judged or r.verdict or r.similar)


def on_unknown_title(r: ReadingState, i: int, chunk: Chunk) -> None:
    """A title that the catalogue does not have: of it one can only tell that it was seen."""
    r.take_object(i)
    r.unknown_title = len(r.clauses) - 1
    if r.seen and not (r.tolerate or r.verdict or r.similar):
        r.note(UserAct.SEEN_IT, chunk)


def on_entity(r: ReadingState, i: int, chunk: Chunk) -> None:
    """A named person, wanted or not; in "Tom Hanks was in it" only spoken of."""
    polarity = r.take_object(i)
    after = r.words[chunk.end] if chunk.end < len(r.words) else ""
    judged = verdict_from(r.words, chunk.end + 1, _CALLINGS) if after in _COPULAS else 0
    of_title = r.kind(i - 2) == Kind.TITLE or (r.kind(i - 2) == Kind.NOUN and r.kind(i - 3) == Kind.TITLE)
    if not judged and (r.reported or after in _DOES or (of_title and r.words[chunk.start - 1] == "with")):
        return
    polarity = judged or polarity
    noted = r.note(UserAct.ENTITY, chunk)
    noted.entity, noted.polarity = chunk.data, -1 if polarity < 0 or r.too or r.enough else 1


def on_context(r: ReadingState, i: int, chunk: Chunk) -> None:
    """Who it is for."""
    if r.polarity > 0:
        r.note(UserAct.CONTEXT, chunk).context = chunk.data


def on_facet(r: ReadingState, i: int, chunk: Chunk) -> None:
    """A facet by name: what "any" or "no idea" is about."""
    r.clause.facets.append(chunk.data)


def on_noun(r: ReadingState, i: int, chunk: Chunk) -> None:
    """The catalogue's noun: a faint sign of a wish, or what a verdict is about: "that movie is great"."""
    r.sign(FAINT_SIGN)
    words, end = r.words, chunk.end
    pointed = chunk.start > 0 and words[chunk.start - 1] in _POINTERS and words[chunk.start - 2] != "of"
    if pointed and end < len(words) and words[end] in _COPULAS:
        note_verdict(r, chunk, end + 1)
    elif end == len(words) or words[end] in MARKS:
        start = verdict_start(words, chunk.start)
        if start >= 0:
            note_verdict(r, chunk, start)  # "Just a boring movie."


OBJECT_HANDLERS: Final[dict[int, Handler]] = {
    Kind.VALUE: on_value,
    Kind.GROUP: on_group,
    Kind.CRITIQUE: on_critique,
    Kind.CONTEXT: on_context,
    Kind.FACET: on_facet,
    Kind.COMPARATIVE: on_comparative,
    Kind.POSITIVE: on_positive,
    Kind.NOUN: on_noun,
    Kind.ENTITY: on_entity,
    Kind.TITLE: on_title,
    Kind.UNKNOWN_TITLE: on_unknown_title,
}
"""Handlers by kind."""
