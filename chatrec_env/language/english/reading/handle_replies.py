"""What second thoughts and replies do to the reading: handlers by cue."""

from __future__ import annotations

from typing import Final

from chatrec_env.language.acts import UserAct
from chatrec_env.language.contract import Handler
from chatrec_env.language.english.reading.handle_wishes import asks_assent, on_like, on_negation, on_wish
from chatrec_env.language.english.reading.words import ADVERBS, FILLERS
from chatrec_env.language.reader.chunks import Chunk, Cue, Kind
from chatrec_env.language.reader.state import CLEAR_SIGN, OBJECTS, OPENINGS, ReadingState
from chatrec_env.language.reader.words import word_set

_BEFORE_ACTUALLY: Final = OPENINGS | {Cue.NO_WORD, Cue.NO, Cue.YES, Cue.GREET, Cue.MAYBE_YES}
_BEFORE_LIKE_THAT: Final = OPENINGS | {Cue.START, Cue.WISH, Cue.ANY, Cue.MAYBE_ACCEPT, Cue.MORE, Cue.YES}
_OBJECTS: Final = word_set("it that this")
_BEFORE_LIKE_BUT: Final = OPENINGS | {
    Cue.YES,
    Cue.NO,
    Cue.NO_WORD,
    Cue.START,
    Cue.WISH,
    Cue.MORE,
    Cue.MAYBE_ACCEPT,
    Cue.ACCEPT,
    Cue.SIMILAR,
    Cue.ANY,
}
_WHICH: Final = [[word] for word in ("about", "with", "where", "from", "based", "who", "in")]
_LEAD_ON: Final = word_set("that this those these")
_FEELINGS: Final = word_set("like love enjoy liked loved enjoyed adored hate hated dislike disliked")
_LED_ON: Final = OBJECTS | {Kind.NOUN, Cue.REPORT}
_SAY_NO: Final = word_set("not no pass do does hell")
_BEFORE_REJECT: Final = OBJECTS | {Kind.WORD, Kind.NOUN, Kind.COMMA, Kind.STOP}
_AFTER_ANY: Final = (Kind.STOP, Kind.COMMA, Kind.FACET, Cue.ACCEPT)
_BEFORE_ANSWER: Final = OPENINGS | {Cue.NO_WORD, Cue.NO, Cue.YES, Cue.GREET, Cue.THANK, Cue.REJECT, Kind.WORD}
_AFTER_NO: Final = OBJECTS | {Kind.WORD, Kind.NOUN, Kind.FACET, Cue.TOO, Cue.OTHER}


def on_change(r: ReadingState, i: int, chunk: Chunk) -> None:
    """A change of mind: "on second thought"."""
    r.changing = True
    r.sign(CLEAR_SIGN)


def on_actually(r: ReadingState, i: int, chunk: Chunk) -> None:
    """A change of mind at the start of a clause, nothing inside one: "I actually like comedies"."""
    if r.kind(i - 1) in _BEFORE_ACTUALLY:
        on_change(r, i, chunk)


def on_correct(r: ReadingState, i: int, chunk: Chunk) -> None:
    """Takes back what was just said: "no wait"."""
    r.take_back()


def on_fix(r: ReadingState, i: int, chunk: Chunk) -> None:
    """Takes back what was wished, and is idle where nothing was: "I mean"."""
    if r.has_wished():
        r.take_back()


def on_instead(r: ReadingState, i: int, chunk: Chunk) -> None:
    """The wishes of this sentence replace earlier ones: "a drama instead"."""
    found = [noted for noted in r.noted if noted.act == UserAct.WANT and r.in_sentence(noted)]
    for noted in found:
        noted.act = UserAct.CHANGE_MIND
    if not found:
        on_change(r, i, chunk)


def on_no_word(r: ReadingState, i: int, chunk: Chunk) -> None:
    """A word of many uses: "no horror", "a comedy, no, a thriller", "Horror? No.", "no"."""
    following = r.following(i, Cue.ARTICLE, Cue.MORE)
    content = following is not None and (following.kind != Kind.WORD or following.data not in FILLERS)
    if following is not None and content and following.kind in _AFTER_NO:
        r.negate("none", chunk)
    elif following is not None and following.kind == Kind.COMMA and r.has_wished():
        r.take_back()
    elif i and r.kind(i - 1) not in _BEFORE_ANSWER:
        return  # "there is no", broken off
    elif not (r.after_question and r.turn_down(chunk.start, answer=True)):
        r.note(UserAct.NO, chunk)


def on_no(r: ReadingState, i: int, chunk: Chunk) -> None:
    """A denial in "not really."; in "not really scary" it negates what follows."""
    if r.words[chunk.start] == "not" and r.kind(i + 1) not in (Kind.STOP, Kind.COMMA):
        r.negate("not", chunk)
    elif r.words[chunk.start] == "not" and asks_assent(r, chunk, _OBJECTS):
        r.clause.prose += 1  # "good, is not it"
    elif r.words[chunk.start] == "wrong" and r.kind(i - 1) == Cue.ARTICLE:
        r.clause.prose += 1  # "in the wrong way"
    elif not (r.kind(i - 1) == Kind.STOP and r.after_question and r.turn_down(chunk.start, answer=True)):
        r.note(UserAct.NO, chunk)


def on_put_off(r: ReadingState, i: int, chunk: Chunk) -> None:
    """Turns down what was named ("horror isn't for me"), else the suggestion."""
    if chunk.start and r.words[chunk.start - 1] in ("that", "which"):
        return  # "films that | are out"
    if not r.turn_down(chunk.start):
        r.note(UserAct.REJECT, chunk)


def on_reject(r: ReadingState, i: int, chunk: Chunk) -> None:
    """Turns down what was just named ("Romance? No thanks."), else the suggestion."""
    if r.words[chunk.end - 1] == "not" and r.kind(i + 1) not in (Kind.STOP, Kind.COMMA):
        r.negate("not", chunk)  # "definitely not | a musical"
        return
    answer = r.kind(i - 1) == Kind.STOP
    about = r.words[chunk.start] in _SAY_NO and i > 0 and r.kind(i - 1) in _BEFORE_REJECT and not r.reported
    if not (about and r.turn_down(chunk.start, answer=answer)):
        r.note(UserAct.REJECT, chunk)


def on_seen_it(r: ReadingState, i: int, chunk: Chunk) -> None:
    """The suggestion was seen, or the title just asked about: "Heat? Seen it."."""
    last = r.noted[-1] if r.noted else None
    if r.tolerate:
        return  # "I don't think that they have | seen it"
    if last is not None and last.mention and r.in_sentence(last, answer=True):
        last.act, last.polarity, last.mention = UserAct.SEEN_IT, 0, False
    else:
        r.note(UserAct.SEEN_IT, chunk)
        r.seen = "the" in r.words[chunk.start : chunk.end]  # "I saw the old one | about a heist"


def on_accept(r: ReadingState, i: int, chunk: Chunk) -> None:
    """Takes the suggestion, unless "that" only leads on: "I like that | it is funny"."""
    if _goes_on(r, i, chunk):
        on_like(r, i, chunk)
    elif r.words[chunk.end - 1] != "one" or r.words[chunk.end : chunk.end + 1] not in _WHICH:
        r.note(UserAct.ACCEPT, chunk)  # but not "that is the one | about the dog"


def _goes_on(r: ReadingState, i: int, chunk: Chunk) -> bool:
    """Whether the "that" a phrase ends in belongs to what follows."""
    if r.words[chunk.end - 1] not in _LEAD_ON or not _FEELINGS.intersection(r.words[chunk.start : chunk.end]):
        return False
    return r.kind(i + 1) in _LED_ON or (r.kind(i + 1) == Kind.WORD and r.words[chunk.end] not in FILLERS)


def on_verdict(r: ReadingState, i: int, chunk: Chunk) -> None:
    """A verdict on the title just named ("I've seen Heat, loved it"), else on the suggestion."""
    loved = chunk.kind == Cue.LOVED_IT
    if _goes_on(r, i, chunk):
        (on_like if loved else on_negation)(r, i, chunk)
        return
    if r.about_unknown_title():
        return
    last = next((noted for noted in reversed(r.noted) if noted.item >= 0), None)
    if last is None:
        r.note(UserAct.ACCEPT if loved else UserAct.REJECT, chunk)
        return
    title = last if last.mention else r.note(UserAct.LIKED_ITEM, chunk)
    title.act, title.item, title.mention = (
        UserAct.LIKED_ITEM if loved else UserAct.DISLIKED_ITEM,
        last.item,
        False,
    )
    title.polarity = 1 if loved else -1


def on_like_but(r: ReadingState, i: int, chunk: Chunk) -> None:
    """More of the same with a difference: "like that but"; nothing of the kind in "I saw it, but"."""
    if r.words[chunk.start] in _OBJECTS and r.kind(i - 1) not in _BEFORE_LIKE_BUT:
        r.turn()
        return
    r.note(UserAct.MORE_LIKE_THAT, chunk)
    r.turn()
    r.like_but = True
    r.sign(CLEAR_SIGN)


def on_more_like(r: ReadingState, i: int, chunk: Chunk) -> None:
    """More of the same: "something like that"; negated, it turns down."""
    if r.open_at >= 0:
        r.note(UserAct.REJECT, chunk)
    else:
        r.model = True
        r.note(UserAct.MORE_LIKE_THAT, chunk)


def on_like_that(r: ReadingState, i: int, chunk: Chunk) -> None:
    """More of the same, unless it belongs to another word: "people like that"."""
    if r.kind(i - 1) in _BEFORE_LIKE_THAT or (r.more and r.kind(i - 1) == Kind.NOUN):
        on_more_like(r, i, chunk)


def on_any(r: ReadingState, i: int, chunk: Chunk) -> None:
    """No preference: "any", "any genre", "anything is fine"; but "any westerns" is a wish."""
    following = r.following(i, Cue.ARTICLE)
    if following is not None and following.data in ADVERBS and r.kind(i + 2) == Kind.STOP:
        following = None  # "anything really"
    after = Kind.STOP if following is None else following.kind
    if r.polarity > 0 and after in _AFTER_ANY:
        r.note(UserAct.NO_PREFERENCE, chunk)
    else:
        on_wish(r, i, chunk)
        if r.kind(i - 1) in OPENINGS:
            r.sign(CLEAR_SIGN)  # "any decent westerns around?"


def on_every(r: ReadingState, i: int, chunk: Chunk) -> None:
    """No preference, of a facet: "all genres"."""
    following = r.following(i, Cue.ARTICLE)
    if following is not None and following.kind == Kind.FACET and r.kind(i - 1) in (Kind.STOP, Kind.COMMA):
        r.note(UserAct.NO_PREFERENCE, chunk)


def on_other(r: ReadingState, i: int, chunk: Chunk) -> None:
    """Turns the suggestion down, of a facet: "a different genre"."""
    following = r.following(i, Cue.ARTICLE)
    if following is not None and following.kind == Kind.FACET:
        r.note(UserAct.REJECT, chunk)


REPLY_HANDLERS: Final[dict[int, Handler]] = {
    Cue.NO_WORD: on_no_word,
    Cue.NO: on_no,
    Cue.ACTUALLY: on_actually,
    Cue.CHANGE: on_change,
    Cue.CORRECT: on_correct,
    Cue.FIX: on_fix,
    Cue.INSTEAD: on_instead,
    Cue.ANY: on_any,
    Cue.EVERY: on_every,
    Cue.OTHER: on_other,
    Cue.PUT_OFF: on_put_off,
    Cue.REJECT: on_reject,
    Cue.SEEN_IT: on_seen_it,
    Cue.ACCEPT: on_accept,
    Cue.LOVED_IT: on_verdict,
    Cue.HATED_IT: on_verdict,
    Cue.LIKE_BUT: on_like_but,
    Cue.MORE_LIKE: on_more_like,
    Cue.LIKE_THAT: on_like_that,
}
"""Handlers by cue; cues without one say something by themselves, or nothing."""
