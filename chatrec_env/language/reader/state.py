"""The state of reading a message: what has been noted, and what the words so far do to the next.

A language moves this state on chunk by chunk (see :data:`~chatrec_env.language.contract.Handler`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from chatrec_env.language.acts import UserAct
from chatrec_env.language.reader.chunks import Chunk, Cue, Kind
from chatrec_env.language.reader.words import ReaderWords

FAINT_SIGN: Final = 1
BOUND_SIGN: Final = 3
CLEAR_SIGN: Final = 4
"""Words of other content a clause may hold, given a faint sign that it is a wish, a limit on what it names, or a clear
sign."""

OBJECTS: Final = frozenset(
    (Kind.VALUE, Kind.GROUP, Kind.ENTITY, Kind.TITLE, Kind.CRITIQUE, Kind.COMPARATIVE, Kind.POSITIVE)
)
OPENINGS: Final = frozenset((Kind.STOP, Kind.COMMA, Cue.BUT, Cue.AND))
_LISTS: Final = OBJECTS | {Kind.COMMA, Kind.NOUN, Kind.WORD, Cue.ARTICLE, Cue.AND}
_WANTED: Final = (UserAct.WANT, UserAct.CHANGE_MIND)
FAR: Final = 99


@dataclass(slots=True)
class NotedAct:
    """An act being read; it may still change until the whole message is known."""

    act: UserAct
    at: Chunk  # the chunk that says it
    clause: int  # index into `ReadingState.clauses`
    value: int = -1
    facet: int = -1
    polarity: int = 0
    item: int = -1
    direction: int = 0
    context: int = -1
    entity: int = -1
    gap: int = FAR  # words of other content since the last clear sign of a wish in its clause
    faint: bool = False  # whether it stands only if nothing else is said in its clause
    mention: bool = False  # whether it is a title without a verdict


@dataclass(slots=True)
class Clause:
    """A part of a sentence between commas, words such as "but", or full stops."""

    sentence: int = 0  # which sentence of the message it belongs to
    sign: int = 0  # how clearly it is a wish: 0, `FAINT_SIGN` or `CLEAR_SIGN`
    prose: int = 0  # number of words of other content
    before: int = -1  # of them, those before the last clear sign of a wish; -1 while there is none
    objects: int = 0  # number of values, titles, names and comparatives
    words: int = 0  # number of words and marks
    facets: list[int] = field(default_factory=list)  # facets it names


class ReadingState:
    """Where reading stands.

    Attributes:
        noted: The acts so far, in order.
        clauses: The clauses so far; the last one is being read.
        polarity: +1, or -1 where the next object is unwanted.
        negation: ``"not"``, ``"none"``, ``"hate"`` or ``"less"`` while the polarity is -1.
        open_at: Token of a negation that has no object yet, or -1.
        objects: Objects since the last negation.
        comma, conj, disj: Whether a comma, "and" or "or" stands between the last object and the next.
        verdict: +1 or -1 after "loved" or "hated", until the sentence turns; what follows may be a title.
        too, enough, more, lacks, reported, tolerate, seen, than, similar: What the last words do to the next.
        changing: Whether the person is changing their mind.
        model: Whether something is compared to ("like that"), so that "but" means "like that, but".
        like_but: Whether that "but" has come.
        model_item: The title compared to, or -1.
        unknown_title: Clause of the last title that the catalogue does not have, or -1.
        reason: +1 or -1 where what follows says why something is liked or not, else 0.
        after_question: Whether the last sentence was a question; "No." answers it.
    """

    def __init__(
        self,
        value_facet: Sequence[int],
        asked: int,
        chunks: Sequence[Chunk],
        words: Sequence[str],
        nouns: Collection[str],
        language: ReaderWords,
    ) -> None:
        self.value_facet, self.asked, self.chunks, self.words = value_facet, asked, chunks, words
        self.nouns, self.language = nouns, language
        self.noted: list[NotedAct] = []
        self.clauses: list[Clause] = [Clause()]
        self.changing = False
        self.after_question = False
        self._sentence = self._prose_before = 0
        self.unknown_title = -1
        self._clear_sentence()

    def _clear_sentence(self) -> None:
        self.model = self.like_but = False
        self.reason = 0
        self.model_item = -1
        self._clear_clause()

    def _clear_clause(self) -> None:
        self.polarity, self.negation, self.open_at, self.objects, self.verdict = 1, "", -1, 0, 0
        self.comma = self.conj = self.disj = False
        self.soften()

    def soften(self) -> None:
        """Forgets what only concerns the next words."""
        self.too = self.enough = self.more = self.lacks = False
        self.reported = self.tolerate = self.seen = self.than = self.similar = False

    @property
    def clause(self) -> Clause:
        """The clause being read."""
        return self.clauses[-1]

    def sign(self, strength: int, chunk: Chunk | None = None) -> None:
        """Notes a sign that the clause is a wish, given by a phrase that may speak of the person ("I love")."""
        clause = self.clause
        clause.sign = max(clause.sign, strength)
        if strength >= CLEAR_SIGN and chunk is not None and self.words[chunk.start] in self.language.speakers:
            clause.before = clause.prose

    def note(self, act: UserAct, chunk: Chunk) -> NotedAct:
        """Adds an act."""
        clause = self.clause
        gap = clause.prose - clause.before if clause.before >= 0 else FAR
        noted = NotedAct(act, chunk, len(self.clauses) - 1, gap=gap)
        self.noted.append(noted)
        return noted

    def kind(self, i: int) -> int:
        """The kind of chunk ``i``; a full stop beyond either end."""
        return self.chunks[i].kind if 0 <= i < len(self.chunks) else Kind.STOP

    def following(self, i: int, *skipped: int) -> Chunk | None:
        """The chunk after ``i``, some kinds skipped."""
        for at in range(i + 1, len(self.chunks)):
            if self.chunks[at].kind not in skipped:
                return self.chunks[at]
        return None

    def about_unknown_title(self) -> bool:
        """Whether "it" is a title that the catalogue does not have, named in this sentence."""
        return self.unknown_title >= 0 and self.clauses[self.unknown_title].sentence == self._sentence

    # Boundaries

    def end_clause(self) -> None:
        """Ends a clause, what it negates stays negated: "no horror, gore or war"."""
        if self.negation in ("not", "hate"):
            self.settle_open_negation()
        self.clauses.append(Clause(self._sentence))
        self.comma = True
        self.soften()

    def turn(self) -> None:
        """Ends a clause at a word such as "but": nothing before it negates what follows."""
        self.settle_open_negation()
        self.clauses.append(Clause(self._sentence))
        self._clear_clause()

    def end_sentence(self, *, question: bool) -> None:
        """Ends a sentence."""
        self.settle_open_negation()
        self.after_question = question
        self._sentence += 1
        self.clauses.append(Clause(self._sentence))
        self._clear_sentence()

    def settle_open_negation(self) -> None:
        """A negation without an object denies what came before it: "horror I don't like"."""
        at = self.open_at
        # "May or may not be fake" denies nothing that was said before.
        far = (
            at >= 0 and self.words[at] in self.language.denials and self.clause.prose > self._prose_before + 1
        )
        if at >= 0 and self.negation in ("not", "hate") and not far:
            self.turn_down(at)
        self.open_at = -1

    # Negation

    def negate(self, negation: str, chunk: Chunk) -> None:
        """What follows is unwanted."""
        strong = negation == "hate" or chunk.end - chunk.start > 1
        self.sign(CLEAR_SIGN if strong else FAINT_SIGN, chunk)
        self._prose_before = self.clause.prose
        self.polarity, self.negation, self.open_at, self.objects = -1, negation, chunk.start, 0
        self.comma = self.conj = self.disj = self.too = self.more = False
        self.verdict = -1 if negation == "hate" else 0

    def affirm(self) -> None:
        """What follows is wanted again."""
        self.polarity, self.negation, self.open_at = 1, "", -1

    def take_object(self, i: int) -> int:
        """Counts chunk ``i`` as an object and returns its polarity.

        "No horror, gore or war" stays negative; "not horror, comedy" and "no horror, a comedy" do not.
        """
        self.clause.objects += 1
        if self.polarity < 0 and self.objects and not self.conj and not self.disj:
            contrast = self.kind(i - 1) == Cue.ARTICLE or (self.comma and self.negation == "not")
            if contrast and not self.or_ahead(i):
                self.affirm()
        self.open_at = -1
        self.objects += 1
        self.comma = self.conj = self.disj = False
        return self.polarity

    def or_ahead(self, i: int) -> bool:
        """Whether the list that goes on at chunk ``i`` ends in "or"."""
        for at in range(i, len(self.chunks)):
            if self.chunks[at].kind not in _LISTS:
                return self.chunks[at].kind == Cue.OR
        return False

    # Second thoughts

    def in_sentence(self, noted: NotedAct, *, answer: bool = False) -> bool:
        """Whether an act is of this sentence, or of the question that this sentence answers."""
        sentence = self.clauses[noted.clause].sentence
        return sentence == self._sentence or (
            answer and self.after_question and sentence == self._sentence - 1
        )

    def drop_wishes(self, facets: set[int]) -> None:
        """Drops what was wanted of some facets."""
        self.noted = [noted for noted in self.noted if noted.act not in _WANTED or noted.facet not in facets]

    def has_wished(self) -> bool:
        """Whether something was wanted in this sentence."""
        return any(noted.act in _WANTED and self.in_sentence(noted) for noted in self.noted)

    def turn_down(self, before: int, *, answer: bool = False) -> bool:
        """Makes the wishes of this sentence before a token unwanted; returns whether there were any."""
        found = False
        for noted in self.noted:
            if noted.at.start >= before or not self.in_sentence(noted, answer=answer):
                continue
            if noted.act in _WANTED:
                noted.act, noted.polarity, found = UserAct.AVOID, -1, True
            elif noted.act == UserAct.ENTITY:
                noted.polarity, found = -1, True
        return found

    def take_back(self) -> None:
        """Drops the wishes of the clause just said: "a comedy, no wait, ..."."""
        wished = [noted for noted in self.noted if noted.act in _WANTED]
        if wished:
            last = wished[-1].clause
            self.noted = [noted for noted in self.noted if noted.act not in _WANTED or noted.clause != last]
        self.turn()
        self.changing = True
