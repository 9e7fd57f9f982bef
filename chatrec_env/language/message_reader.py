"""Reads messages of real people in two stages: the rules first, then a classifier where the rules cannot tell.

The rules (:class:`.parser.Parser`) know phrases. What people say in words that no list holds ("it had me in
stitches", "you couldn't pay me to watch that") they leave out. The dialogue act classifier
(:class:`.act_classifier.ActClassifier`) says how likely an act is, and is followed only where it is sure *and* the
rules found nothing of weight in that sentence; or where it is sure that what the rules found is not meant.

Only acts that need no value or title are decided this way. Simulated users are read by the rules alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from chatrec_env.language.act_classifier import ActClassifier, Chances, shipped_classifier
from chatrec_env.language.acts import ParsedAct, SystemAct, UserAct
from chatrec_env.language.contract import get_language
from chatrec_env.language.encoders.base import Encoder

if TYPE_CHECKING:
    from chatrec_env.language.grammar import Grammar
    from chatrec_env.language.parser import Parser

MOST_SENTENCES: Final = 12
"""Sentences of a message that are weighed; the rest is left to the rules."""

_VERDICTS: Final = frozenset((UserAct.ACCEPT, UserAct.REJECT))
_ANSWERS: Final = frozenset((UserAct.YES, UserAct.NO))
_UNSURE: Final = frozenset((UserAct.DONT_KNOW, UserAct.NO_PREFERENCE))

SLIGHT: Final = _ANSWERS | {
    *(UserAct.SMALL_TALK, UserAct.SEEN_IT, UserAct.DONT_KNOW, UserAct.CONTEXT, UserAct.GREET)
}
"""What a sentence may carry by the rules and still be open to another act."""

_REPLIES: Final = _VERDICTS | {UserAct.MORE_LIKE_THAT, UserAct.SEEN_IT}
_DOUBTED: Final = _REPLIES | _UNSURE | {UserAct.LEAVE}
"""Acts of the rules that may be dropped: their phrases also occur in passing ("another one like it was ..."). The
replies are not doubted straight after a suggestion."""

_EXCLUDE: Final[dict[UserAct, frozenset[UserAct]]] = {
    **dict.fromkeys(_VERDICTS, _VERDICTS | {UserAct.LIKED_ITEM, UserAct.DISLIKED_ITEM}),
    **dict.fromkeys(_ANSWERS, _ANSWERS | _VERDICTS),
}
"""An act is not added to a message that already carries one of these."""

_PLACED: Final[Mapping[SystemAct, Mapping[UserAct, UserAct]]] = {
    SystemAct.ASK: dict.fromkeys((*_VERDICTS, UserAct.MORE_LIKE_THAT), UserAct.SMALL_TALK),
    SystemAct.CONFIRM: {UserAct.ACCEPT: UserAct.YES, UserAct.REJECT: UserAct.NO},
    SystemAct.RECOMMEND: {UserAct.NO_PREFERENCE: UserAct.SMALL_TALK},
}
"""What an act means as a reply to a system act, where that differs; ``SMALL_TALK``: it is no reply to that."""

_BREAK: Final = re.compile(r"(?<=[.!?])\s+")


@lru_cache(maxsize=8)
def _worded(grammar: Grammar) -> frozenset[str]:
    return frozenset(grammar.text(int(i)) for i in grammar.reachable_ids())


class MessageReader:
    """Reads sentences from outside: by rules, and by the dialogue act classifier where they cannot tell.

    Sentences that the grammar itself can word are read by the rules alone, so that a replayed episode gives the
    environment's own readings. The same text after the same system act always gives the same acts. A text is only
    ever data.

    Args:
        encoder: What turns sentences into vectors. With another than the classifier was fitted to (MiniLM) the rules
            decide alone, and ``notice`` says so.
        grammar: Whose sentences are left to the rules; None for no such.
        classifier: The second stage; default: the one that ships with the parser's language.

    Attributes:
        notice: Why the classifier is not used; empty where it is.
    """

    def __init__(
        self,
        parser: Parser,
        encoder: Encoder,
        grammar: Grammar | None = None,
        classifier: ActClassifier | None = None,
    ) -> None:
        self.parser, self.encoder, self._grammar = parser, encoder, grammar
        self._classifier = shipped_classifier(parser.language) if classifier is None else classifier
        self._asks_about = get_language(parser.language).asks_about
        self.notice = ""
        if encoder.fingerprint != self._classifier.encoder:
            self.notice = (
                f"Real phrasing is read by rules alone: the second stage was fitted to the encoder 'minilm', and "
                f"this is {encoder.name!r}."
            )

    def __repr__(self) -> str:
        return f"MessageReader({self.parser!r}, encoder {self.encoder.name!r})"

    def prepare(self) -> None:
        """Word the grammar's sentences now (seconds for a large catalogue), not when a person waits."""
        if self._grammar is not None and not self.notice:
            _worded(self._grammar)

    def parse(self, text: str, *, asked: int = -1, after: SystemAct | None = None) -> tuple[ParsedAct, ...]:
        """The dialogue acts of a message.

        Args:
            text: Anything a person may have typed.
            asked: As in :meth:`.Parser.parse`.
            after: What the system did just before, if that is known: after a suggestion "works for us" takes it,
                after "a comedy, right?" it says yes, and to an open question it is no answer.

        Raises:
            ConfigError: As :meth:`.Parser.parse`.
        """
        acts = self.parser.parse(text, asked=asked)
        if not acts or self.notice:
            return acts
        parts = sentences(text)[:MOST_SENTENCES]
        read = [acts] if len(parts) == 1 else [self.parser.parse(part) for part in parts]
        open_ = [{act.act for act in one} <= SLIGHT for one in read]
        doubted = _DOUBTED - _REPLIES if after == SystemAct.RECOMMEND else _DOUBTED
        if not any(open_) and not any(act.act in doubted for act in acts):
            return acts
        chances = self._classifier.chances(self.encoder.encode(parts))
        asking = [bool(self._asks_about(part)) for part, is_open in zip(parts, open_, strict=True) if is_open]
        out = self._added(self._kept(acts, chances, doubted), chances[open_], asking, asked, after)
        if out != acts and self._grammar is not None and text in _worded(self._grammar):
            return acts
        return out

    def _kept(
        self, acts: Iterable[ParsedAct], chances: Chances, doubted: frozenset[UserAct]
    ) -> tuple[ParsedAct, ...]:
        """The acts of the rules, without doubted ones that are very unlikely to be meant and small talk."""
        chance = dict(zip(self._classifier.acts, 1 - np.prod(1 - chances, axis=0), strict=True))
        return tuple(
            act
            for act in acts
            if act.act != UserAct.SMALL_TALK
            and not (act.act in doubted and act.item < 0 and chance.get(act.act, 1.0) < self._classifier.drop)
        )

    def _added(
        self,
        acts: tuple[ParsedAct, ...],
        chances: Chances,
        questions: Sequence[bool],
        asked: int,
        after: SystemAct | None,
    ) -> tuple[ParsedAct, ...]:
        """The acts, with what the open sentences very likely say besides; a question about it is no verdict."""
        placed = _PLACED.get(after, {}) if after is not None else {}
        out = list(acts)
        for row, asking in zip(chances, questions, strict=True):
            for at in np.argsort(-row, kind="stable").tolist():
                act = self._classifier.acts[at]
                act, had = placed.get(act, act), {one.act for one in out}
                if row[at] < self._classifier.add:
                    break
                if asking and act in _VERDICTS:
                    continue
                if act in had or act == UserAct.SMALL_TALK or had & _EXCLUDE.get(act, frozenset()):
                    continue
                if act in _UNSURE and had - SLIGHT:
                    continue
                out.append(ParsedAct(act, facet=asked if act in _UNSURE else -1))
        return tuple(out) or (ParsedAct(UserAct.SMALL_TALK),)


def sentences(text: str) -> list[str]:
    """The sentences of a message, as the classifier is fitted to and asked about them; the text itself if it is one."""
    return [part for part in _BREAK.split(text.strip()) if part.strip()] or [text]
