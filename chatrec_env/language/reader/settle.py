"""The last step of reading: which of the acts noted along the way stand, given the whole message."""

from __future__ import annotations

from typing import Final

from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.language.reader.chunks import Cue, Kind
from chatrec_env.language.reader.state import NotedAct, ReadingState
from chatrec_env.language.reader.text import COMMA, MARKS

PROSE: Final = 1
"""Words of other content a clause without any sign of a wish may hold: "dark, gothic"."""

_NEAR: Final = 2
"""Words of other content between "I love" and a value, however long the clause goes on after it."""

_SHORT: Final = 5  # words and marks of a clause that is nothing but "that's great"

_WISHES: Final = frozenset(
    (UserAct.WANT, UserAct.AVOID, UserAct.TOO, UserAct.CHANGE_MIND, UserAct.ENOUGH_OF, UserAct.LIKE_BUT)
)
_MORE: Final = _WISHES | {UserAct.RELATIVE, UserAct.ENTITY, UserAct.MORE_LIKE_THAT, UserAct.SEEN_IT}
_VERDICTS: Final = (UserAct.ACCEPT, UserAct.REJECT)
_ANSWERS: Final = (_WISHES | set(_VERDICTS) | {UserAct.LIKED_ITEM, UserAct.DISLIKED_ITEM}) - {UserAct.TOO}
_JUDGED: Final = (Cue.LOVED_IT, Cue.HATED_IT, Cue.REPORT, Kind.NOUN)
_HEDGE: Final = 6  # tokens that may stand before "I don't know" as a way of beginning
_GREETING: Final = 2  # tokens that may stand before a greeting
_ASIDES: Final = frozenset(
    (UserAct.YES, UserAct.NO, UserAct.THANK, UserAct.LEAVE, UserAct.GREET, UserAct.CONTEXT)
)


def settle(reading: ReadingState) -> tuple[ParsedAct, ...]:
    """The acts of a message."""
    said = [one for one in reading.noted if _stands(reading, one)]
    said = _without_fillers(reading, said)
    rated = any(chunk.kind == Cue.RATING for chunk in reading.chunks)
    if rated:
        said = [one for one in said if one.act not in (UserAct.ACCEPT, UserAct.REJECT)]
    said = _drop_echoes(reading, said)
    said = _with_facets(reading, said)
    out: list[ParsedAct] = []
    for one in said:
        act = ParsedAct(
            one.act,
            value=one.value,
            facet=one.facet,
            polarity=one.polarity,
            item=one.item,
            direction=one.direction,
            context=one.context,
            entity=one.entity,
        )
        if act not in out:
            out.append(act)
    if not out and reading.chunks:
        return (ParsedAct(UserAct.SMALL_TALK),)
    return tuple(out)


def _stands(reading: ReadingState, one: NotedAct) -> bool:
    """Whether a clause is a wish rather than prose that happens to hold a word for a value."""
    clause = reading.clauses[one.clause]
    if one.faint and one.at.kind == Cue.TOO:
        return clause.objects == 0
    if one.faint and one.at.kind == Cue.MAYBE_ELSE:
        return clause.objects == clause.prose == 0
    if one.faint:
        others = any(o is not one and o.clause == one.clause and o.act not in _ASIDES for o in reading.noted)
        bare = clause.objects == clause.prose == clause.sign == 0 and not clause.facets
        return bare and not others and clause.words <= _SHORT
    if one.mention:
        return clause.prose == 0 or clause.sign > 0
    if one.act in _WISHES or one.act == UserAct.RELATIVE:
        return one.gap <= _NEAR or clause.prose <= max(clause.sign, PROSE)
    return True


def _without_fillers(reading: ReadingState, said: list[NotedAct]) -> list[NotedAct]:
    """Drops a "yeah" in mid-message and an "I don't know" that an answer follows: ways of speaking."""
    acts = {one.act for one in said}
    out = []
    for one in said:
        if (
            one.act == UserAct.YES
            and reading.words[one.at.start] in reading.language.replies.yes
            and not _answers(reading, one.at.start)
        ):
            continue
        if one.act == UserAct.DONT_KNOW and reading.asked < 0 and acts & _ANSWERS and _hedges(reading, one):
            continue
        out.append(one)
    return out


def _answers(reading: ReadingState, at: int) -> bool:
    """Whether a "yes" opens the message, but for words like "oh", or is added at its end: "I would, yes"."""
    words, openers = reading.words, reading.language.replies.openers
    if all(word in openers or word in MARKS for word in words[:at]):
        return True
    return words[at - 1] == COMMA and all(word in MARKS for word in words[at + 1 :])


def _hedges(reading: ReadingState, one: NotedAct) -> bool:
    """Whether "I don't know" or "let me think" stands by itself, before something else."""
    words, end = reading.words, one.at.end
    alone = end < len(words) and (words[end] in MARKS or words[end] in reading.language.replies.resumed)
    return alone and one.at.start <= _HEDGE


def _drop_echoes(reading: ReadingState, said: list[NotedAct]) -> list[NotedAct]:
    """Of acts that say the same or contradict each other, keeps the one that tells more or came last."""
    acts = {one.act for one in said}
    if acts & {UserAct.LIKE_BUT, UserAct.RELATIVE}:
        said = [one for one in said if one.act != UserAct.MORE_LIKE_THAT]
    verdicts = [one.act for one in said if one.act in _VERDICTS and not _asks_on(reading, one)]
    out = []
    for one in said:
        if one.act in _VERDICTS and (one.act != verdicts[-1] or _is_echo(reading, one, acts)):
            continue
        if one.act == UserAct.IMPATIENT and _leads_to_wish(reading, one):
            continue
        if one.act == UserAct.GREET and one.at.start > _GREETING:
            continue
        out.append(one)
    return _last_word(out)


def _asks_on(reading: ReadingState, one: NotedAct) -> bool:
    """Whether "anything else?" only follows a clear yes in another sentence: "I'll watch it. Any others?"."""
    return one.at.kind == Cue.MAYBE_ELSE and any(
        other.act == UserAct.ACCEPT and not other.faint and not _same_sentence(reading, other, one)
        for other in reading.noted
    )


def _is_echo(reading: ReadingState, one: NotedAct, acts: set[UserAct]) -> bool:
    """Whether a verdict on the suggestion adds nothing to the other acts: "nice, but something newer"."""
    kind = one.at.kind
    if UserAct.SEEN_IT in acts and not acts & (_MORE - {UserAct.SEEN_IT}):
        if kind in _JUDGED:
            return False  # "I've seen it, it was great"
        if kind == Cue.ACCEPT and reading.words[one.at.start] in reading.language.replies.pointers:
            return not any(
                seen.act == UserAct.SEEN_IT and _same_sentence(reading, seen, one) for seen in reading.noted
            )
    if one.act == UserAct.ACCEPT:
        if kind in (Cue.MAYBE_ACCEPT, *_JUDGED) and acts & _MORE:
            return True
        return bool(acts & (_MORE - {UserAct.WANT, UserAct.ENTITY} | {UserAct.NO_PREFERENCE}))
    if kind == Cue.MAYBE_ELSE:
        return bool(acts - _ASIDES - {UserAct.REJECT})
    return kind in (Cue.MAYBE_REJECT, *_JUDGED) and bool(acts & _MORE)


def _same_sentence(reading: ReadingState, one: NotedAct, other: NotedAct) -> bool:
    return reading.clauses[one.clause].sentence == reading.clauses[other.clause].sentence


def _leads_to_wish(reading: ReadingState, one: NotedAct) -> bool:
    """Whether impatience turns into a wish: "just show me something | funny"."""
    at = next(i for i, chunk in enumerate(reading.chunks) if chunk is one.at)
    for chunk in reading.chunks[at + 1 : at + 3]:
        if chunk.kind in (Kind.VALUE, Kind.GROUP, Kind.COMPARATIVE, Kind.ENTITY, Cue.SIMILAR):
            return True
        if chunk.kind in (Kind.STOP, Kind.COMMA):
            return False
    return False


def _last_word(said: list[NotedAct]) -> list[NotedAct]:
    """Where a value is both wanted and unwanted, what was said last stands.

    "Comedies, but not romantic comedies" still wants comedies.
    """
    wanted = {one.value for one in said if one.act == UserAct.WANT}
    ends = {one.at.end for one in said if one.act == UserAct.AVOID}
    said = [
        one for one in said if not (one.act == UserAct.AVOID and one.value in wanted and one.at.start in ends)
    ]
    final = {one.value: one.polarity for one in said if one.act in _WISHES}
    return [one for one in said if one.act not in _WISHES or final[one.value] == one.polarity]


def _with_facets(reading: ReadingState, said: list[NotedAct]) -> list[NotedAct]:
    """Gives "don't know" and "any" the facet they are about; wishes for that facet overrule them."""
    wished = {one.facet for one in said if one.act in _WISHES or one.act == UserAct.RELATIVE}
    out: list[NotedAct] = []
    for one in said:
        if one.act == UserAct.REJECT and one.at.kind == Cue.OTHER:
            facets = _facets_near(reading, one)
            one.facet = facets[0] if facets else -1
        if one.act not in (UserAct.DONT_KNOW, UserAct.NO_PREFERENCE):
            out.append(one)
            continue
        facets = _facets_near(reading, one)
        if not facets:
            if reading.asked < 0 and wished:
                continue
            facets = [reading.asked]
        open_facets = [facet for facet in facets if facet < 0 or facet not in wished]
        out += [NotedAct(one.act, one.at, one.clause, facet=facet) for facet in open_facets]
    return out


def _facets_near(reading: ReadingState, one: NotedAct) -> list[int]:
    """Facets named in the clause of an act, else in its sentence."""
    clause = reading.clauses[one.clause]
    if clause.facets:
        return clause.facets
    return [f for other in reading.clauses if other.sentence == clause.sentence for f in other.facets]
