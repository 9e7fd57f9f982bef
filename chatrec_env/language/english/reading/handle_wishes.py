"""What phrases of wishing, negation and comparison do to the reading: handlers by cue."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from chatrec_env.language.acts import UserAct
from chatrec_env.language.contract import Handler
from chatrec_env.language.english.reading.verdicts import note_verdict
from chatrec_env.language.english.reading.words import FILLERS
from chatrec_env.language.reader.chunks import Chunk, Cue, Kind
from chatrec_env.language.reader.state import CLEAR_SIGN, FAINT_SIGN, OPENINGS, ReadingState
from chatrec_env.language.reader.text import MARKS
from chatrec_env.language.reader.words import word_set

_NEGATIONS: Final = {
    Cue.NOT: "not",
    Cue.NONE: "none",
    Cue.HATE: "hate",
    Cue.HATED_IT: "hate",
    Cue.LESS: "less",
}
_GLAD: Final = (UserAct.ACCEPT, UserAct.LIKED_ITEM, UserAct.WANT)
_SORRY: Final = (UserAct.REJECT, UserAct.DISLIKED_ITEM)
_CURT: Final = 4  # words up to the end of "a bit too"
_COPULAS: Final = word_set("is was are were")
_LINKING: Final = _COPULAS | word_set("sounds looks seems sounded looked seemed")
_ASKING: Final = frozenset(("what", "how"))
_ASSENT: Final = word_set("is was are were does do did has have would could should will can")
_POINTED: Final = word_set("it that this there they he she")
_PAST: Final = word_set("was were")
_REPORTED: Final = word_set("it they there he she")
_PRONOUNS: Final = word_set("it that this they those these")
_ONES: Final = word_set("one ones original")
_POINTERS: Final = word_set("the that this first second last other")


def asks_assent(r: ReadingState, chunk: Chunk, pointed: Collection[str]) -> bool:
    """Whether "not" only asks for assent: "isn't that a musical?", "it's good, isn't it?"."""
    at = chunk.start
    if at == 0 or r.words[at - 1] not in _ASSENT or (at > 1 and r.words[at - 2] not in MARKS):
        return False
    return any(word in pointed for word in r.words[at + 1 : at + 2])


def on_start(r: ReadingState, i: int, chunk: Chunk) -> None:
    """A new wish begins, unless it is what an open negation is about: "not | looking for"."""
    if r.words[chunk.end - 1] == "see" and r.words[chunk.start] == "let" and r.kind(i + 1) == Kind.STOP:
        r.note(UserAct.DONT_KNOW, chunk)  # "let us see."
    r.sign(CLEAR_SIGN, chunk)
    if r.open_at < 0 or r.comma or r.conj or r.words[chunk.start] in _ASKING:
        r.affirm()
        r.verdict = 0
        r.soften()


def on_wish(r: ReadingState, i: int, chunk: Chunk) -> None:
    """A wish, or more of what is negated: "no horror, something funny" but "not | something scary"."""
    r.sign(FAINT_SIGN)
    if r.polarity < 0 and (r.comma or r.conj) and not r.disj and not r.or_ahead(i + 1):
        r.affirm()
        r.soften()


def on_like(r: ReadingState, i: int, chunk: Chunk) -> None:
    """A wish, or a verdict on the title that follows: "I loved"."""
    r.sign(CLEAR_SIGN, chunk)
    if r.polarity < 0 and r.open_at >= 0 and not r.comma:
        r.verdict = -1
        return
    r.affirm()
    r.verdict = 1
    r.soften()


def on_negation(r: ReadingState, i: int, chunk: Chunk) -> None:
    """What follows is unwanted; "was terrible" speaks of what came before."""
    if r.words[chunk.start] == "not" and asks_assent(r, chunk, _POINTED):
        r.reported = True  # "is not | that a horror film?"
        return
    if chunk.kind == Cue.HATE and r.words[chunk.start] in ("is", "was"):
        if r.noted and r.noted[-1].act == UserAct.DISLIKED_ITEM and r.noted[-1].at.end == chunk.start:
            return  # the title has taken the verdict
        if _speaks_of_item(r, chunk.start, 1) and note_verdict(r, chunk, chunk.start + 1):
            return  # "the second one | was not very good"
        for noted in reversed(r.noted):
            if noted.act == UserAct.LIKED_ITEM and r.in_sentence(noted):
                noted.act, noted.polarity = UserAct.DISLIKED_ITEM, -1
                return
        if r.turn_down(chunk.start) or r.kind(i - 1) == Kind.NOUN:
            return  # "the movie | was boring": the noun has given the verdict
    if r.words[chunk.start] == "but" and chunk.kind == Cue.LESS:
        r.turn()  # "more like that, | but not so" violent
    r.negate(_NEGATIONS[Cue(chunk.kind)], chunk)


def on_too(r: ReadingState, i: int, chunk: Chunk) -> None:
    """A critique; "it's too slow" turns down even where "slow" is no value."""
    r.too = True
    r.objects = 0
    r.sign(CLEAR_SIGN)
    following = r.following(i, Cue.ARTICLE)
    unknown = following is not None and following.kind == Kind.WORD and following.data not in FILLERS
    if unknown and r.polarity > 0 and (r.reported or r.clause.words <= _CURT):
        r.note(UserAct.REJECT, chunk).faint = True


def on_more(r: ReadingState, i: int, chunk: Chunk) -> None:
    """More of something."""
    if r.negation == "less":
        r.affirm()
    on_wish(r, i, chunk)
    r.more = True


def on_lacks(r: ReadingState, i: int, chunk: Chunk) -> None:
    """More is wanted: "not enough action"."""
    r.sign(CLEAR_SIGN)
    r.affirm()
    r.lacks = True


def on_enough(r: ReadingState, i: int, chunk: Chunk) -> None:
    """A fill of something: "enough westerns"; in "(not) funny enough" it belongs to the value."""
    if chunk.end - chunk.start == 1 and r.kind(i - 1) in (Kind.VALUE, Kind.POSITIVE):
        return
    r.enough = True
    r.sign(CLEAR_SIGN)


def on_similar(r: ReadingState, i: int, chunk: Chunk) -> None:
    """A title may follow: "something like"."""
    r.similar = True
    r.sign(FAINT_SIGN)


def on_but(r: ReadingState, i: int, chunk: Chunk) -> None:
    """The sentence turns; after "something like that" it goes on with the difference."""
    sign = _feeling(r) if r.words[chunk.start] == "because" else 0
    r.turn()
    r.like_but, r.reason = r.model, sign


def _feeling(r: ReadingState) -> int:
    """Whether something was just said to be liked (+1) or not (-1)."""
    last = r.noted[-1] if r.noted else None
    if last is None or last.clause != len(r.clauses) - 1:
        return 0
    return (last.act in _GLAD) - (last.act in _SORRY)


def on_just(r: ReadingState, i: int, chunk: Chunk) -> None:
    """Turns after a negation: "not horror, just comedy"."""
    if r.polarity < 0 and r.objects:
        on_but(r, i, chunk)


def on_and(r: ReadingState, i: int, chunk: Chunk) -> None:
    """A list goes on."""
    r.conj = True
    r.reported = r.reported and r.kind(i + 1) == Kind.VALUE  # "it was funny and | romantic"


def on_or(r: ReadingState, i: int, chunk: Chunk) -> None:
    """A list goes on."""
    r.disj = True


def on_than(r: ReadingState, i: int, chunk: Chunk) -> None:
    """A title may follow a comparative ("newer than"), and a dislike a preference ("rather X than Y")."""
    r.than = True
    if "rather" in r.words[: chunk.start] and r.has_wished():
        r.negate("none", chunk)


def on_have_seen(r: ReadingState, i: int, chunk: Chunk) -> None:
    """A title may follow: "I've seen"."""
    r.seen = True


def on_report(r: ReadingState, i: int, chunk: Chunk) -> None:
    """A report, not a wish: "it was scary"."""
    size = chunk.end - chunk.start
    if r.verdict and chunk.start and r.words[chunk.start - 1] in ("that", "how"):
        return  # "I liked that | it was a musical"
    if r.words[chunk.end - 1] in _LINKING and _speaks_of_item(r, chunk.start, size):
        note_verdict(r, chunk, chunk.end)
    if size == 1 and r.words[chunk.start] not in _COPULAS and r.kind(i - 1) not in OPENINGS:
        return  # "something that | sounds scary"
    if size == 1:  # "was", after what is spoken of
        r.reported = r.reported or r.clause.sign < CLEAR_SIGN
    else:
        past = r.words[chunk.end - 1] in _PAST and r.words[chunk.start] in _REPORTED
        asked = r.words[chunk.start] in _COPULAS  # "is it from 2019?"
        r.reported = r.reported or size > 2 or past or asked or r.kind(i - 1) in OPENINGS


def _speaks_of_item(r: ReadingState, start: int, size: int) -> bool:
    """Whether a report is about the item spoken of: "it was", "the first one | was"."""
    if size > 1:
        return r.words[start] in _PRONOUNS
    return start > 1 and r.words[start - 1] in _ONES and r.words[start - 2] in _POINTERS


def on_tolerate(r: ReadingState, i: int, chunk: Chunk) -> None:
    """What follows is neither wanted nor unwanted."""
    r.tolerate = True


WISH_HANDLERS: Final[dict[int, Handler]] = {
    Cue.START: on_start,
    Cue.WISH: on_wish,
    Cue.LIKE: on_like,
    Cue.NOT: on_negation,
    Cue.NONE: on_negation,
    Cue.HATE: on_negation,
    Cue.LESS: on_negation,
    Cue.SIMILAR: on_similar,
    Cue.TOO: on_too,
    Cue.MORE: on_more,
    Cue.LACKS: on_lacks,
    Cue.ENOUGH: on_enough,
    Cue.BUT: on_but,
    Cue.JUST: on_just,
    Cue.AND: on_and,
    Cue.OR: on_or,
    Cue.THAN: on_than,
    Cue.HAVE_SEEN: on_have_seen,
    Cue.NOT_SEEN: on_tolerate,
    Cue.REPORT: on_report,
    Cue.TOLERATE: on_tolerate,
}
"""Handlers by cue."""
