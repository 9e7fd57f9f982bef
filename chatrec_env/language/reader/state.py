"""The state of reading a message: what has been said, and what the words so far do to the next.

The handlers in ``framing``, ``turning`` and ``objects`` move this state; ``reader`` calls them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from chatrec_env.language.acts import UserAct
from chatrec_env.language.english.reading.verdicts import verdict_from
from chatrec_env.language.reader.cues import Cue
from chatrec_env.language.reader.lexicon import Kind
from chatrec_env.language.reader.noted_acts import FAR, Clause, Said
from chatrec_env.language.reader.scanning import Chunk

FAINT_SIGN: Final = 1
CLEAR_SIGN: Final = 4
"""Words of other content a clause may hold, given a faint or a clear sign that it is a wish."""

OBJECTS: Final = frozenset(
    (Kind.VALUE, Kind.GROUP, Kind.ENTITY, Kind.TITLE, Kind.CRITIQUE, Kind.COMPARATIVE, Kind.POSITIVE)
)
OPENINGS: Final = frozenset((Kind.STOP, Kind.COMMA, Cue.BUT, Cue.AND))
_LISTS: Final = OBJECTS | {Kind.COMMA, Kind.NOUN, Kind.WORD, Cue.ARTICLE, Cue.AND}
_PERSON: Final = frozenset(("i", "we"))
_WANTED: Final = (UserAct.WANT, UserAct.CHANGE_MIND)


class Reading:
    """Where reading stands.

    Args:
        value_facet: Facet of each value.
        asked: The facet that was asked about, or -1.
        chunks: The message in chunks.
        words: The message in tokens.
        nouns: What items are called.

    Attributes:
        said: The acts so far, in order.
        clauses: The clauses so far; the last one is being read.
        polarity: +1, or -1 where the next object is unwanted.
        negation: ``"not"``, ``"none"``, ``"hate"`` or ``"less"`` while the polarity is -1.
        open_at: Token of a negation that has no object yet, or -1.
        objects: Objects since the last negation.
        comma, conj, disj: Whether a comma, "and" or "or" stands between the last object and the next.
        verdict: +1 or -1 after "loved" or "hated", until the sentence turns; what follows may be a title.
        too, enough, more, lacks, told, tolerate, seen, than, similar: What the last words do to the next.
        changing: Whether the person is changing their mind.
        model: Whether something is compared to ("like that"), so that "but" means "like that, but".
        like_but: Whether that "but" has come.
        model_item: The title compared to, or -1.
        stranger: Clause of the last title that the catalogue does not have, or -1.
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
    ) -> None:
        self.value_facet, self.asked, self.chunks, self.words = value_facet, asked, chunks, words
        self.nouns = nouns
        self.said: list[Said] = []
        self.clauses: list[Clause] = [Clause()]
        self.changing = False
        self.after_question = False
        self._sentence = self._said_before = 0
        self.stranger = -1
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
        self.told = self.tolerate = self.seen = self.than = self.similar = False

    @property
    def clause(self) -> Clause:
        """The clause being read."""
        return self.clauses[-1]

    def sign(self, strength: int, chunk: Chunk | None = None) -> None:
        """Notes a sign that the clause is a wish, given by a phrase that may speak of the person ("I love")."""
        clause = self.clause
        clause.sign = max(clause.sign, strength)
        if strength >= CLEAR_SIGN and chunk is not None and self.words[chunk.start] in _PERSON:
            clause.before = clause.prose

    def note(self, act: UserAct, chunk: Chunk) -> Said:
        """Adds an act."""
        clause = self.clause
        gap = clause.prose - clause.before if clause.before >= 0 else FAR
        said = Said(act, chunk, len(self.clauses) - 1, gap=gap)
        self.said.append(said)
        return said

    def kind(self, i: int) -> int:
        """The kind of chunk ``i``; a full stop beyond either end."""
        return self.chunks[i].kind if 0 <= i < len(self.chunks) else Kind.STOP

    def following(self, i: int, *skipped: int) -> Chunk | None:
        """The chunk after ``i``, some kinds skipped."""
        for at in range(i + 1, len(self.chunks)):
            if self.chunks[at].kind not in skipped:
                return self.chunks[at]
        return None

    def of_stranger(self) -> bool:
        """Whether "it" is a title that the catalogue does not have, named in this sentence."""
        return self.stranger >= 0 and self.clauses[self.stranger].sentence == self._sentence

    def judge(self, chunk: Chunk, at: int) -> bool:
        """Notes the verdict on the item spoken of that the words from ``at`` on give, if they give one."""
        sign = verdict_from(self.words, at, self.nouns)
        if not sign:
            return False
        if self.of_stranger():
            return True
        act, against = UserAct.LIKED_ITEM, UserAct.DISLIKED_ITEM
        last = next((said for said in reversed(self.said) if said.item >= 0), None)
        if last is None:
            self.note(UserAct.ACCEPT if sign > 0 else UserAct.REJECT, chunk)
        elif last.mention:
            last.act, last.polarity, last.mention = act if sign > 0 else against, sign, False
        elif last.act == UserAct.SEEN_IT:
            said = self.note(act if sign > 0 else against, chunk)
            said.item, said.polarity = last.item, sign
        return True

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
        far = at >= 0 and self.words[at] == "not" and self.clause.prose > self._said_before + 1
        if at >= 0 and self.negation in ("not", "hate") and not far:
            self.turn_down(at)
        self.open_at = -1

    # Negation

    def negate(self, negation: str, chunk: Chunk) -> None:
        """What follows is unwanted."""
        strong = negation == "hate" or chunk.end - chunk.start > 1
        self.sign(CLEAR_SIGN if strong else FAINT_SIGN, chunk)
        self._said_before = self.clause.prose
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

    def in_sentence(self, said: Said, *, answer: bool = False) -> bool:
        """Whether an act is of this sentence, or of the question that this sentence answers."""
        sentence = self.clauses[said.clause].sentence
        return sentence == self._sentence or (
            answer and self.after_question and sentence == self._sentence - 1
        )

    def drop_wishes(self, facets: set[int]) -> None:
        """Drops what was wanted of some facets."""
        self.said = [said for said in self.said if said.act not in _WANTED or said.facet not in facets]

    def has_wished(self) -> bool:
        """Whether something was wanted in this sentence."""
        return any(said.act in _WANTED and self.in_sentence(said) for said in self.said)

    def turn_down(self, before: int, *, answer: bool = False) -> bool:
        """Makes the wishes of this sentence before a token unwanted; returns whether there were any."""
        found = False
        for said in self.said:
            if said.at.start >= before or not self.in_sentence(said, answer=answer):
                continue
            if said.act in _WANTED:
                said.act, said.polarity, found = UserAct.AVOID, -1, True
            elif said.act == UserAct.ENTITY:
                said.polarity, found = -1, True
        return found

    def take_back(self) -> None:
        """Drops the wishes of the clause just said: "a comedy, no wait, ..."."""
        wished = [said for said in self.said if said.act in _WANTED]
        if wished:
            last = wished[-1].clause
            self.said = [said for said in self.said if said.act not in _WANTED or said.clause != last]
        self.turn()
        self.changing = True
