"""From chunks to acts: what negation, coordination and corrections make of the wishes in a sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from chatrec_env.language.acts import UserAct
from chatrec_env.language.nlu.cues import FILLERS, Cue
from chatrec_env.language.nlu.lexicon import Kind
from chatrec_env.language.nlu.scanning import Chunk
from chatrec_env.language.nlu.text import QUESTION

MAX_WANTED_BINS: Final = 3
"""Bins a wish for an open span ("since 1980") names: those nearest to its end."""

_STRONG, _WEAK = 4, 1
"""Words of other content a clause may hold, given a clear or a faint sign that it is a wish."""
_CURT: Final = 4  # words before the end of "a bit too"
_NEGATIONS: Final = {Cue.NOT: "not", Cue.NONE: "none", Cue.HATE: "hate", Cue.LESS: "less"}
_ALONE: Final = {
    Cue.MAYBE_ACCEPT: UserAct.ACCEPT,
    Cue.MAYBE_REJECT: UserAct.REJECT,
    Cue.MAYBE_YES: UserAct.YES,
}
_PLAIN: Final = {
    Cue.DONT_KNOW: UserAct.DONT_KNOW,
    Cue.NO_PREFERENCE: UserAct.NO_PREFERENCE,
    Cue.ACCEPT: UserAct.ACCEPT,
    Cue.SEEN_IT: UserAct.SEEN_IT,
    Cue.MORE_LIKE: UserAct.MORE_LIKE_THAT,
    Cue.IMPATIENT: UserAct.IMPATIENT,
    Cue.YES: UserAct.YES,
    Cue.GREET: UserAct.GREET,
    Cue.THANK: UserAct.THANK,
    Cue.LEAVE: UserAct.LEAVE,
    Cue.LOVED_IT: UserAct.ACCEPT,
    Cue.HATED_IT: UserAct.REJECT,
}
_OBJECTS: Final = frozenset(
    (Kind.VALUE, Kind.GROUP, Kind.ENTITY, Kind.TITLE, Kind.CRITIQUE, Kind.COMPARATIVE, Kind.POSITIVE)
)


_BEFORE_LIKE_THAT: Final = frozenset(
    (Kind.STOP, Kind.COMMA, Cue.BUT, Cue.AND, Cue.START, Cue.WISH, Cue.ANY, Cue.MAYBE_ACCEPT, Cue.MORE, Cue.YES)
)


@dataclass(slots=True)
class Said:
    """An act being read; settled once the whole message is known."""

    act: UserAct
    at: Chunk
    clause: int
    value: int = -1
    facet: int = -1
    polarity: int = 0
    item: int = -1
    direction: int = 0
    context: int = -1
    entity: int = -1
    faint: bool = False  # stands only if nothing else is said in its clause
    mention: bool = False  # a title without a verdict: stands unless the clause tells something about it


@dataclass(slots=True)
class Clause:
    """What a clause holds besides wishes: signs that it is one, and words of other content."""

    sign: int = 0
    prose: int = 0
    objects: int = 0
    words: int = 0
    facets: list[int] = field(default_factory=list)
    sentence: int = 0


class Reading:
    """Reads the chunks of one message, left to right.

    Args:
        value_facet: Facet of each value.
        asked: The facet that was asked about, or -1.
        bare: Values that the message names if it is one bare phrase; see ``Lexicon.bare``.

    Attributes:
        said: The acts, in order.
        clauses: The clauses, in order.
        chunks: The chunks read.
    """

    def __init__(self, value_facet: list[int], asked: int) -> None:
        self._facet_of, self._asked = value_facet, asked
        self.said: list[Said] = []
        self.clauses: list[Clause] = [Clause()]
        self.chunks: list[Chunk] = []
        self._sentence = 0
        self._changing = False
        self._asked_back = False  # "Romance? ..." came before
        self._start_sentence()

    def _start_sentence(self) -> None:
        self._like_but = False
        self._model = False  # "something like that": a "but" may follow
        self._model_item = -1
        self._start_clause()
        self._verdict = 0

    def _start_clause(self) -> None:
        """After a full stop, or a word such as "but": nothing before it negates what follows."""
        self._sign = 1
        self._negation = ""
        self._negated_at = -1
        self._comma = self._and = self._or = False
        self._objects = 0  # since the last negation
        self._soft_reset()

    def _soft_reset(self) -> None:
        self._too = self._enough = self._more = self._lacks = False
        self._told = self._tolerate = self._seen = self._than = self._similar = False

    @property
    def _clause(self) -> Clause:
        return self.clauses[-1]

    def _new_clause(self) -> None:
        self.clauses.append(Clause(sentence=self._sentence))

    def read(self, chunks: list[Chunk], words: list[str]) -> None:
        """Reads the chunks of a message and its words."""
        self.chunks, self._words = chunks, words
        for i, chunk in enumerate(chunks):
            kind = chunk.kind
            self._clause.words += chunk.end - chunk.start
            if kind == Kind.WORD:
                if chunk.data not in FILLERS:
                    self._clause.prose += 1
            elif kind in _HANDLERS:
                _HANDLERS[kind](self, i, chunk)
            elif kind in _PLAIN:
                self._note(_PLAIN[Cue(kind)], chunk)
            elif kind in _ALONE:
                self._note(_ALONE[Cue(kind)], chunk).faint = True
        self._close_clause()

    def _next(self, i: int, *skip: int) -> Chunk | None:
        """The next chunk that is not one of some kinds."""
        for chunk in self.chunks[i + 1 :]:
            if chunk.kind not in skip:
                return chunk
        return None

    def _before(self, i: int, *skip: int) -> Chunk | None:
        for chunk in reversed(self.chunks[:i]):
            if chunk.kind not in skip:
                return chunk
        return None

    def _note(self, act: UserAct, chunk: Chunk) -> Said:
        said = Said(act, chunk, len(self.clauses) - 1)
        self.said.append(said)
        return said

    # Boundaries

    def _close_clause(self) -> None:
        """A negation without an object denies what came before it: "horror I don't like"."""
        if self._negation in ("not", "hate") and self._negated_at >= 0:
            self._turn_down(self._negated_at)
        self._negated_at = -1

    def _turn_down(self, before: int, *, answer: bool = False) -> bool:
        """Makes the wishes of this sentence (or the question it answers) unwanted; whether there were any."""
        found = False
        for said in self.said:
            sentence = self.clauses[said.clause].sentence
            here = said.at.start < before and sentence in (self._sentence, self._sentence - (answer and self._asked_back))
            if here and said.act in (UserAct.WANT, UserAct.CHANGE_MIND) and said.polarity > 0:
                said.act, said.polarity, found = UserAct.AVOID, -1, True
            elif here and said.act == UserAct.ENTITY:
                said.polarity, found = -1, True
        return found

    def _on_stop(self, i: int, chunk: Chunk) -> None:
        self._close_clause()
        self._asked_back = chunk.data == QUESTION
        self._sentence += 1
        self._new_clause()
        self._start_sentence()

    def _on_comma(self, i: int, chunk: Chunk) -> None:
        if self._negation not in ("none",) or self._negated_at < 0:
            self._close_clause()
        self._new_clause()
        self._comma = True
        self._soft_reset()

    def _on_but(self, i: int, chunk: Chunk) -> None:
        self._close_clause()
        self._new_clause()
        self._start_clause()
        self._verdict = 0
        if self._model:
            self._like_but = True

    def _on_just(self, i: int, chunk: Chunk) -> None:
        if self._sign < 0 and self._objects:
            self._on_but(i, chunk)

    def _on_and(self, i: int, chunk: Chunk) -> None:
        self._and = True
        self._told = False

    def _on_or(self, i: int, chunk: Chunk) -> None:
        self._or = True

    def _or_ahead(self, i: int) -> bool:
        """Whether the list that goes on at chunk ``i`` ends in "or": "no horror, gore or war"."""
        for chunk in self.chunks[i:]:
            if chunk.kind == Cue.OR:
                return True
            if chunk.kind not in (*_OBJECTS, Kind.COMMA, Kind.NOUN, Cue.ARTICLE, Cue.AND, Kind.WORD):
                return False
        return False

    # Frames

    def _on_start(self, i: int, chunk: Chunk) -> None:
        self._clause.sign = max(self._clause.sign, _STRONG)
        if self._negated_at >= 0 and not (self._comma or self._and):
            return  # "I'd rather not | give me ..." does not occur; "not | looking for" does
        self._sign, self._negation, self._verdict = 1, "", 0
        self._soft_reset()

    def _on_wish(self, i: int, chunk: Chunk) -> None:
        self._clause.sign = max(self._clause.sign, _WEAK)
        if self._sign < 0 and (self._comma or self._and) and not self._or and not self._or_ahead(i + 1):
            self._sign, self._negation, self._negated_at = 1, "", -1
            self._soft_reset()

    def _on_like(self, i: int, chunk: Chunk) -> None:
        self._clause.sign = max(self._clause.sign, _STRONG)
        if self._sign < 0 and self._negated_at >= 0 and not self._comma:
            self._verdict = -1
            return
        self._sign, self._negation, self._verdict = 1, "", 1
        self._soft_reset()

    def _on_negation(self, i: int, chunk: Chunk) -> None:
        if chunk.kind == Cue.HATE and self._words[chunk.start] in ("is", "was") and self._dislike(chunk):
            return
        self._negate(_NEGATIONS[Cue(chunk.kind)], chunk)

    def _dislike(self, chunk: Chunk) -> bool:
        """ "... was terrible": turns the title or the wishes before it into dislikes; whether there are any."""
        for said in reversed(self.said):
            if self.clauses[said.clause].sentence == self._sentence and said.act == UserAct.LIKED_ITEM:
                said.act, said.polarity = UserAct.DISLIKED_ITEM, -1
                return True
        return self._turn_down(chunk.start)

    def _negate(self, negation: str, chunk: Chunk) -> None:
        strong = negation == "hate" or chunk.end - chunk.start > 1
        self._clause.sign = max(self._clause.sign, _STRONG if strong else _WEAK)
        self._sign, self._negation, self._negated_at = -1, negation, chunk.start
        self._comma = self._and = self._or = self._too = self._more = False
        self._objects = 0
        self._verdict = -1 if negation == "hate" else 0

    def _on_no_word(self, i: int, chunk: Chunk) -> None:
        following = self._next(i, Cue.ARTICLE, Cue.MORE)
        about = following is not None and (
            following.kind in _OBJECTS or following.kind in (Kind.WORD, Kind.NOUN, Kind.FACET, Cue.TOO, Cue.OTHER)
        )
        if about and following is not None and following.kind == Kind.WORD and following.data in FILLERS:
            about = False
        if about:
            self._clause.sign = max(self._clause.sign, _WEAK)
            self._sign, self._negation, self._negated_at = -1, "none", chunk.start
            self._comma = self._and = self._or = self._too = False
            self._objects = 0
        elif following is not None and following.kind == Kind.COMMA and self._wished_here():
            self._take_back()
        elif self._asked_back and self._turn_down(chunk.start, answer=True):
            return
        else:
            self._note(UserAct.NO, chunk)

    def _on_no(self, i: int, chunk: Chunk) -> None:
        """ "Not really." denies; "not really scary" negates what follows."""
        following = self.chunks[i + 1].kind if i + 1 < len(self.chunks) else Kind.STOP
        if self._words[chunk.start] == "not" and following not in (Kind.STOP, Kind.COMMA):
            self._negate("not", chunk)
        else:
            self._note(UserAct.NO, chunk)

    def _wished_here(self) -> bool:
        return any(
            said.act in (UserAct.WANT, UserAct.CHANGE_MIND) and self.clauses[said.clause].sentence == self._sentence
            for said in self.said
        )

    def _take_back(self) -> None:
        """ "A comedy, no wait, ...": drops the wishes of the clause just said."""
        wished = [said for said in self.said if said.act in (UserAct.WANT, UserAct.CHANGE_MIND)]
        if wished:
            last = wished[-1].clause
            self.said = [said for said in self.said if said not in wished or said.clause != last]
        self._on_but(-1, Chunk(Cue.BUT, None, 0, 0))
        self._changing = True

    def _on_correct(self, i: int, chunk: Chunk) -> None:
        self._take_back()

    def _on_fix(self, i: int, chunk: Chunk) -> None:
        if self._wished_here():
            self._take_back()

    def _on_change(self, i: int, chunk: Chunk) -> None:
        self._changing = True
        self._clause.sign = max(self._clause.sign, _STRONG)

    def _on_actually(self, i: int, chunk: Chunk) -> None:
        before = self.chunks[i - 1] if i else None
        opens = (Kind.STOP, Kind.COMMA, Cue.BUT, Cue.AND, Cue.NO_WORD, Cue.NO, Cue.YES, Cue.GREET, Cue.MAYBE_YES)
        if before is None or before.kind in opens:
            self._on_change(i, chunk)

    def _on_instead(self, i: int, chunk: Chunk) -> None:
        found = False
        for said in self.said:
            if said.act == UserAct.WANT and self.clauses[said.clause].sentence == self._sentence:
                said.act, found = UserAct.CHANGE_MIND, True
        if not found:
            self._on_change(i, chunk)

    def _on_too(self, i: int, chunk: Chunk) -> None:
        self._too = True
        self._clause.sign = _STRONG
        following = self._next(i, Cue.ARTICLE)
        unknown = following is not None and following.kind == Kind.WORD and following.data not in FILLERS
        if unknown and self._sign > 0 and (self._told or self._clause.words <= _CURT):
            self._note(UserAct.REJECT, chunk).faint = True  # "it's too slow"

    def _on_more(self, i: int, chunk: Chunk) -> None:
        self._more = True
        self._on_wish(i, chunk)

    def _on_lacks(self, i: int, chunk: Chunk) -> None:
        self._clause.sign = _STRONG
        self._lacks, self._sign, self._negation, self._negated_at = True, 1, "", -1

    def _on_enough(self, i: int, chunk: Chunk) -> None:
        before = self.chunks[i - 1] if i else None
        if before is not None and before.kind in (Kind.VALUE, Kind.POSITIVE) and chunk.end - chunk.start == 1:
            return  # "funny enough"; "not funny enough" is read with the value
        self._enough = True
        self._clause.sign = _STRONG

    def _on_similar(self, i: int, chunk: Chunk) -> None:
        self._similar = True
        self._clause.sign = max(self._clause.sign, _WEAK)

    def _on_told(self, i: int, chunk: Chunk) -> None:
        before = self.chunks[i - 1].kind if i else Kind.STOP
        one_word = chunk.end - chunk.start == 1  # "was", after what is spoken of
        opening = before in (Kind.STOP, Kind.COMMA, Cue.BUT, Cue.AND) or chunk.end - chunk.start > 2
        self._told = self._told or (self._clause.sign < _STRONG if one_word else opening)

    def _on_tolerate(self, i: int, chunk: Chunk) -> None:
        self._tolerate = True

    def _on_have_seen(self, i: int, chunk: Chunk) -> None:
        self._seen = True

    def _on_not_seen(self, i: int, chunk: Chunk) -> None:
        self._tolerate = True

    def _on_than(self, i: int, chunk: Chunk) -> None:
        self._than = True

    def _on_like_but(self, i: int, chunk: Chunk) -> None:
        self._on_but(i, chunk)
        self._like_but = True
        self._clause.sign = _STRONG

    def _on_more_like(self, i: int, chunk: Chunk) -> None:
        if self._negated_at >= 0 and self._sign < 0:
            self._note(UserAct.REJECT, chunk)
            return
        self._model = True
        self._note(UserAct.MORE_LIKE_THAT, chunk)

    def _on_like_that(self, i: int, chunk: Chunk) -> None:
        before = self.chunks[i - 1].kind if i else Kind.STOP
        if before in _BEFORE_LIKE_THAT or (before == Kind.NOUN and self._more):
            self._on_more_like(i, chunk)

    def _on_any(self, i: int, chunk: Chunk) -> None:
        following = self._next(i, Cue.ARTICLE)
        ends = following is None or following.kind in (Kind.STOP, Kind.COMMA, Kind.FACET, Kind.NOUN)
        fine = following is not None and following.kind in (Cue.ACCEPT, Cue.MAYBE_ACCEPT)
        if self._sign > 0 and (ends or fine):
            self._note(UserAct.NO_PREFERENCE, chunk)
        else:
            self._on_wish(i, chunk)

    def _on_every(self, i: int, chunk: Chunk) -> None:
        following = self._next(i, Cue.ARTICLE)
        whole = chunk.start == 0 or self.chunks[i - 1].kind in (Kind.STOP, Kind.COMMA)
        if following is not None and following.kind == Kind.FACET and whole:
            self._note(UserAct.NO_PREFERENCE, chunk)

    def _on_other(self, i: int, chunk: Chunk) -> None:
        following = self._next(i, Cue.ARTICLE)
        if following is not None and following.kind == Kind.FACET:
            self._note(UserAct.REJECT, chunk)

    def _on_put_off(self, i: int, chunk: Chunk) -> None:
        if not self._turn_down(chunk.start):
            self._note(UserAct.REJECT, chunk)

    def _on_reject(self, i: int, chunk: Chunk) -> None:
        touching = i and self.chunks[i - 1].kind in _OBJECTS | {Kind.WORD, Kind.NOUN, Kind.COMMA, Kind.STOP}
        answer = i > 0 and self.chunks[i - 1].kind == Kind.STOP
        if not (touching and not self._told and self._turn_down(chunk.start, answer=answer)):
            self._note(UserAct.REJECT, chunk)

    # Objects

    def _sign_here(self, i: int) -> int:
        """The polarity of an object at chunk ``i``: a comma may end a negation."""
        self._clause.objects += 1
        if self._sign < 0 and self._objects and not self._and and not self._or:
            article = i > 0 and self.chunks[i - 1].kind == Cue.ARTICLE
            if (article or (self._comma and self._negation == "not")) and not self._or_ahead(i):
                self._sign, self._negation = 1, ""
        self._negated_at = -1
        self._objects += 1
        self._comma = self._and = self._or = False
        return self._sign

    def _pick(self, candidates: tuple[int, ...]) -> int:
        for value in candidates:
            if self._facet_of[value] == self._asked:
                return value
        return candidates[0]

    def _on_value(self, i: int, chunk: Chunk) -> None:
        before = self.chunks[i - 1] if i else None
        if before is not None and before.kind == Cue.NO_PREFERENCE and before.end == chunk.start:
            self.said = [said for said in self.said if said.at is not before]  # "I don't mind horror"
            self._clause.objects += 1
            return
        self._wish(i, chunk, (self._pick(chunk.data),))

    def _on_group(self, i: int, chunk: Chunk) -> None:
        self._wish(i, chunk, chunk.data)

    def _wish(self, i: int, chunk: Chunk, values: tuple[int, ...]) -> None:
        denied = self._sign < 0
        following = self.chunks[i + 1] if i + 1 < len(self.chunks) else None
        short = following is not None and following.kind == Cue.ENOUGH and following.end == following.start + 1
        sign = self._sign_here(i)
        if (self._told and not self._too and not self._lacks and not (denied and short)) or self._tolerate:
            return
        if self._seen and not self._enough and not self._too:
            return
        act = UserAct.WANT
        if self._too:
            act = UserAct.AVOID if sign < 0 else UserAct.TOO
            if self._told and sign < 0:
                return  # "it's not too scary": praise
        elif self._enough:
            act = UserAct.ENOUGH_OF
        elif sign < 0:
            act = UserAct.WANT if denied and short else UserAct.AVOID
        elif self._like_but:
            act = UserAct.LIKE_BUT
        elif self._changing:
            act = UserAct.CHANGE_MIND
        good = act in (UserAct.WANT, UserAct.LIKE_BUT, UserAct.CHANGE_MIND)
        if act == UserAct.CHANGE_MIND:
            facets = {self._facet_of[value] for value in values}
            self.said = [
                said
                for said in self.said
                if said.act not in (UserAct.WANT, UserAct.CHANGE_MIND) or said.facet not in facets
            ]
            self._changing_said = True
        for value in values[:MAX_WANTED_BINS] if good else values:
            said = self._note(act, chunk)
            said.value, said.facet, said.polarity = value, self._facet_of[value], 1 if good else -1
            said.item = self._model_item if act == UserAct.LIKE_BUT else -1

    def _on_critique(self, i: int, chunk: Chunk) -> None:
        self._too = True
        self._clause.sign = _STRONG
        self._wish(i, chunk, (chunk.data,))

    def _on_comparative(self, i: int, chunk: Chunk) -> None:
        sign = self._sign_here(i)
        if self._told and not self._too:
            return
        facet, direction = chunk.data
        self._relate(chunk, facet, direction * (-1 if self._too else sign))

    def _on_positive(self, i: int, chunk: Chunk) -> None:
        facet, direction = chunk.data
        if self._told and not self._too:
            return
        if self._too or self._sign < 0:
            self._clause.objects += 1
            self._negated_at = -1
            self._relate(chunk, facet, -direction)
        elif self._more or self._names_item(i + 1):
            self._relate(chunk, facet, direction)

    def _names_item(self, i: int) -> bool:
        """Whether chunk ``i`` is the catalogue's noun or stands for it: an old *film*, an old *one*."""
        if i >= len(self.chunks):
            return False
        chunk = self.chunks[i]
        return chunk.kind == Kind.NOUN or (chunk.kind == Kind.WORD and chunk.data in ("one", "ones"))

    def _relate(self, chunk: Chunk, facet: int, direction: int) -> None:
        said = self._note(UserAct.RELATIVE, chunk)
        said.facet, said.direction, said.item = facet, direction, self._model_item

    def _on_context(self, i: int, chunk: Chunk) -> None:
        if self._sign > 0:
            self._note(UserAct.CONTEXT, chunk).context = chunk.data

    def _on_facet(self, i: int, chunk: Chunk) -> None:
        self._clause.facets.append(chunk.data)

    def _on_noun(self, i: int, chunk: Chunk) -> None:
        self._clause.sign = max(self._clause.sign, _WEAK)

    def _on_entity(self, i: int, chunk: Chunk) -> None:
        sign = self._sign_here(i)
        said = self._note(UserAct.ENTITY, chunk)
        said.entity, said.polarity = chunk.data, -1 if sign < 0 or self._too or self._enough else 1

    def _on_title(self, i: int, chunk: Chunk) -> None:
        sign = self._sign_here(i)
        item = chunk.data
        last = self.said[-1] if self.said else None
        if self._than and last is not None and last.act == UserAct.RELATIVE:
            last.item, self._than = item, False
            return
        if self._tolerate:
            return
        self._model, self._model_item = self._model or self._similar, item
        if last is not None and last.act == UserAct.SEEN_IT and last.item < 0 and last.at.end == chunk.start:
            last.item = item
            return
        if self._seen and not self._verdict and not self._similar:
            self._note(UserAct.SEEN_IT, chunk).item = item
            return
        liked = (self._verdict or sign) > 0 and not self._enough
        said = self._note(UserAct.LIKED_ITEM if liked else UserAct.DISLIKED_ITEM, chunk)
        said.item, said.polarity = item, 1 if liked else -1
        said.mention = not (self._verdict or self._similar)


_HANDLERS: Final = {
    Kind.STOP: Reading._on_stop,
    Kind.COMMA: Reading._on_comma,
    Kind.VALUE: Reading._on_value,
    Kind.GROUP: Reading._on_group,
    Kind.CRITIQUE: Reading._on_critique,
    Kind.CONTEXT: Reading._on_context,
    Kind.FACET: Reading._on_facet,
    Kind.COMPARATIVE: Reading._on_comparative,
    Kind.POSITIVE: Reading._on_positive,
    Kind.NOUN: Reading._on_noun,
    Kind.ENTITY: Reading._on_entity,
    Kind.TITLE: Reading._on_title,
    Cue.START: Reading._on_start,
    Cue.WISH: Reading._on_wish,
    Cue.LIKE: Reading._on_like,
    Cue.NOT: Reading._on_negation,
    Cue.NONE: Reading._on_negation,
    Cue.HATE: Reading._on_negation,
    Cue.LESS: Reading._on_negation,
    Cue.NO_WORD: Reading._on_no_word,
    Cue.SIMILAR: Reading._on_similar,
    Cue.TOO: Reading._on_too,
    Cue.MORE: Reading._on_more,
    Cue.LACKS: Reading._on_lacks,
    Cue.ENOUGH: Reading._on_enough,
    Cue.ACTUALLY: Reading._on_actually,
    Cue.CHANGE: Reading._on_change,
    Cue.CORRECT: Reading._on_correct,
    Cue.FIX: Reading._on_fix,
    Cue.INSTEAD: Reading._on_instead,
    Cue.BUT: Reading._on_but,
    Cue.JUST: Reading._on_just,
    Cue.NOT_SEEN: Reading._on_not_seen,
    Cue.AND: Reading._on_and,
    Cue.OR: Reading._on_or,
    Cue.THAN: Reading._on_than,
    Cue.HAVE_SEEN: Reading._on_have_seen,
    Cue.TOLD: Reading._on_told,
    Cue.TOLERATE: Reading._on_tolerate,
    Cue.ANY: Reading._on_any,
    Cue.EVERY: Reading._on_every,
    Cue.OTHER: Reading._on_other,
    Cue.PUT_OFF: Reading._on_put_off,
    Cue.REJECT: Reading._on_reject,
    Cue.LIKE_BUT: Reading._on_like_but,
    Cue.MORE_LIKE: Reading._on_more_like,
    Cue.LIKE_THAT: Reading._on_like_that,
    Cue.NO: Reading._on_no,
}
