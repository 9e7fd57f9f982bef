"""Reads messages: mentions are found by lexicon, and heads on the encoder's token states tell what is meant.

The heads hear what the rules (:class:`.parser.Parser`) read, as evidence. They are fitted to a corpus
(:mod:`experiments.language.fit_reader`) and followed only where they are sure. With an encoder that hands out no
token states of the model that the heads were fitted to, the rules read alone, and ``notice`` says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from chatrec_env.errors import ConfigError
from chatrec_env.language.acts import ParsedAct, SystemAct, UserAct
from chatrec_env.language.contract import get_language
from chatrec_env.language.encoders.base import Encoder, TokenStates, Vectors, gives_states
from chatrec_env.language.encoders.cache import remember
from chatrec_env.language.encoders.lanes import Together
from chatrec_env.language.learned.finding import MentionFinder
from chatrec_env.language.learned.heads import Heads, Said, shipped_heads
from chatrec_env.language.learned.mentions import MentionKind
from chatrec_env.language.learned.reading import Meant, interpret, with_implied
from chatrec_env.language.learned.readings import Readings, reading_key
from chatrec_env.language.learned.scheme import AFTER

if TYPE_CHECKING:
    from chatrec_env.language.parser import Parser

_AFTER: Final = {
    None: "any",
    SystemAct.GREET: "open",
    SystemAct.ASK: "ask",
    SystemAct.CONFIRM: "confirm",
    SystemAct.RECOMMEND: "recommend",
    SystemAct.CLOSE: "closed",
    SystemAct.ANSWER: "recommend",  # what it was asked about is on the table still
}


_VERDICTS: Final = frozenset(("ACCEPT", "REJECT", "DOUBT"))
_ANSWERS: Final[Mapping[str, Mapping[str, str]]] = {
    "ask": {"DOUBT": "DONT_KNOW"},
    "confirm": {"ACCEPT": "YES", "REJECT": "NO", "DOUBT": "DOUBT"},
}
"""By what was asked, what a verdict on nothing that is on the table means; left out, it means nothing."""


def _as_answers(acts: Sequence[str], place: str, meant: Sequence[Meant]) -> list[str]:
    """The acts, verdicts read as answers where a question was asked and nothing lies on the table.

    Who names something in answer may hesitate and still knows it.
    """
    told = _ANSWERS.get(place)
    if told is None:
        return list(acts)
    if any(one.role != "named" for one in meant):
        acts = [act for act in acts if act != "DOUBT"]
    return list(dict.fromkeys(told.get(act, act) for act in acts if act not in _VERDICTS or act in told))


_AGREED: Final = frozenset((UserAct.ACCEPT, UserAct.YES))
_SHORT: Final = 3
"""Words up to which a message that the heads read nothing in may be what the rules take it for."""


def _taken(acts: list[str], place: str, meant: Sequence[Meant], said: Said) -> list[str]:
    """The acts; a bare yes takes what was suggested, and after goodbye only what is pointed at can be taken."""
    if place == "closed" and all(one.role != "take" for one in meant):
        return [act for act in acts if act != "ACCEPT"]
    told = {act.act for act in said.read}
    plain = all(one.role == "named" for one in meant) and len(said.text.split()) <= _SHORT
    bare = place in ("recommend", "slate") and plain
    if bare and set(acts) <= {"THANK"} and told & _AGREED and told <= {*_AGREED, UserAct.THANK}:
        return [*acts, "ACCEPT"]
    return acts


Judged = tuple[list[str], list[Meant]]
"""What is believed of a message: its acts, and what is meant by its mentions."""

_COURTEOUS: Final = frozenset(("THANK", "LEAVE", "SMALL_TALK"))


def _merely_thanks(one: Judged) -> bool:
    """Whether nothing is read but courtesy."""
    acts, meant = one
    return set(acts) <= _COURTEOUS and all(mention.role == "named" for mention in meant)


def _place(after: SystemAct | None, on_table: int) -> str:
    """Where a message stands, of :data:`.scheme.AFTER`."""
    place = _AFTER[after]
    return "slate" if place == "recommend" and on_table > 1 else place


class _Asked(NamedTuple):
    """A message and where it stands."""

    text: str
    place: str
    asked: int
    on_table: int


class MessageReader:
    """Reads sentences from outside.

    The same text in the same place always gives the same acts. A text is only ever data.

    Args:
        encoder: What turns sentences into vectors, and hands out the states of their tokens.
        heads: What tells what is meant; default: those that ship with the parser's language.
        readings: Where readings are kept; default: beside the encodings on disk.

    Attributes:
        notice: Why the rules read alone; empty where they do not.
    """

    def __init__(
        self,
        parser: Parser,
        encoder: Encoder,
        heads: Heads | None = None,
        readings: Readings | None = None,
    ) -> None:
        self.parser, self.encoder = parser, encoder
        self.finder = MentionFinder(parser.catalog, parser.scanner, parser.language)
        self.notice, self._heads = "", heads
        if gives_states(encoder) and heads is None:
            self._heads = shipped_heads(parser.language)
        if self._heads is None or not gives_states(encoder) or encoder.weights != self._heads.encoder:
            self._heads = None
            self.notice = (
                "Messages are read by rules alone: wishes, titles, verdicts and plain answers, but no questions. What "
                f"reads all else was fitted to the encoder 'minilm', and this is {encoder.name!r}."
            )
        elif readings is None:
            readings = Readings.of(self._heads.identity, encoder.fingerprint, parser.catalog.digest)
        self._readings, self._reading = readings, Together(self._read_now)

    def __getstate__(self) -> dict[str, Any]:
        return {name: entry for name, entry in self.__dict__.items() if name != "_reading"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._reading = Together(self._read_now)

    def __repr__(self) -> str:
        return f"MessageReader({self.parser!r}, encoder {self.encoder.name!r})"

    def model_calls(self) -> list[Together[Any, Any]]:
        """What asks the encoder and the heads, where they are asked by several at a time; may be sent elsewhere."""
        encoding = getattr(self.encoder, "together", None)
        return [] if self._heads is None or encoding is None else [encoding, self._reading]

    def parse(
        self, text: str, *, asked: int = -1, after: SystemAct | None = None, on_table: int = 0
    ) -> tuple[ParsedAct, ...]:
        """The dialogue acts of a message.

        Args:
            text: Anything a person may have typed.
            asked: As in :meth:`.Parser.parse`.
            after: What the system did just before, if that is known: after a suggestion "works for us" takes it,
                after "a comedy, right?" it says yes, and to an open question it is no answer.
            on_table: How many cards lie on the table; 0 where it is not known.

        Raises:
            ConfigError: As :meth:`.Parser.parse`.
        """
        return self.read([text], asked=asked, after=after, on_table=on_table)[1][0]

    def read(
        self, texts: Sequence[str], *, asked: int = -1, after: SystemAct | None = None, on_table: int = 0
    ) -> tuple[Vectors, list[tuple[ParsedAct, ...]]]:
        """Vectors ``(n, D)`` and acts of messages, each read in the pass that encodes it; arguments as above.

        Raises:
            ConfigError: As :meth:`.Parser.parse`.
        """
        self._check(texts, asked)
        heads = self._heads
        if heads is None or self._readings is None:
            by_rules = [self._bounded(text, self.parser.parse(text, asked=asked)) for text in texts]
            return self.encoder.encode(texts), by_rules
        place = _place(after, on_table)
        keys = [reading_key(text, place, asked, on_table) for text in texts]
        known = self._readings.get(keys)
        if len(known) == len(set(keys)):
            return self.encoder.encode(texts), [known[key] for key in keys]
        missing = {key: texts[i] for i, key in enumerate(keys) if key not in known}
        told = self._reading([_Asked(text, place, asked, on_table) for text in missing.values()])
        remember(self.encoder, list(missing.values()), [vector for vector, _ in told])
        new = {key: acts for key, (_, acts) in zip(missing, told, strict=True)}
        self._readings.put(new)
        acts = [new[key] if key in new else known[key] for key in keys]
        if known:
            return self.encoder.encode(texts), acts
        vector = {key: row for key, (row, _) in zip(missing, told, strict=True)}
        return np.stack([vector[key] for key in keys]), acts

    def _read_now(self, asked: Sequence[_Asked]) -> list[tuple[Vectors, tuple[ParsedAct, ...]]]:
        """Vectors and acts of messages, from one pass."""
        assert gives_states(self.encoder)
        assert self._heads is not None
        texts = list(dict.fromkeys(one.text for one in asked))
        vectors, states = self.encoder.encode_with_states(texts)
        vector = dict(zip(texts, vectors, strict=True))
        told, meant = self._respelled(dict(zip(texts, states, strict=True)))
        judged = self._judge(self._heads, told, [one._replace(text=meant[one.text]) for one in asked])
        out = []
        for one, (acts, means) in zip(asked, judged, strict=True):
            said = interpret(
                meant[one.text], acts, means, self.parser.catalog, asked=one.asked, on_table=one.on_table
            )
            out.append((vector[one.text], said if one.text.strip() else ()))
        return out

    def _bounded(self, text: str, acts: tuple[ParsedAct, ...]) -> tuple[ParsedAct, ...]:
        """What the rules read, with the bounds of the amounts that were named: they tell the bins alone."""
        amounts = [one for one in self.finder.find(text) if one.kind == MentionKind.AMOUNT]
        named = {value: one for one in amounts for value in one.values}
        return tuple(
            replace(act, low=named[act.value].low, high=named[act.value].high)
            if act.value in named and math.isinf(act.low) and math.isinf(act.high)
            else act
            for act in acts
        )

    def judge(
        self, text: str, *, after: SystemAct | None = None, on_table: int = 0
    ) -> tuple[list[str], list[Meant]]:
        """What the heads believe of a message: acts by name (:data:`.scheme.ACTS`), and what is meant by its mentions.

        Raises:
            ConfigError: The rules read alone.
        """
        if self._heads is None or not gives_states(self.encoder):
            raise ConfigError(self.notice)
        told, meant = self._respelled({text: self.encoder.encode_with_states([text])[1][0]})
        return self._judge(self._heads, told, [_Asked(meant[text], _place(after, on_table), -1, on_table)])[0]

    def _respelled(self, told: Mapping[str, TokenStates]) -> tuple[dict[str, TokenStates], dict[str, str]]:
        """Messages with slips put right, with the states of their tokens; and by message what it was made."""
        assert gives_states(self.encoder)
        meant = {
            text: self.parser.scanner.respelled(text, {(int(a), int(b)) for a, b in tokens.spans})
            for text, tokens in told.items()
        }
        new = list(dict.fromkeys(text for text in meant.values() if text not in told))
        states = self.encoder.encode_with_states(new)[1] if new else []
        found = {**told, **dict(zip(new, states, strict=True))}
        return {text: found[text] for text in meant.values()}, meant

    def _judge(self, heads: Heads, told: Mapping[str, TokenStates], asked: Sequence[_Asked]) -> list[Judged]:
        """What the heads believe of messages where they stand; ``told``: the states of their tokens, by text.

        Where a message that ends in thanks seems to say no more than that, the rest of it is read by itself: "I'll
        leave it to you, thanks" is no goodbye.
        """
        assert gives_states(self.encoder)
        out = self._judge_whole(heads, told, asked)
        unthanked = get_language(self.parser.language).unthanked
        rest = {i: unthanked(one.text) for i, one in enumerate(asked) if _merely_thanks(out[i])}
        rest = {i: left for i, left in rest.items() if left != asked[i].text and len(left.split()) >= _SHORT}
        if rest:
            lefts = list(dict.fromkeys(rest.values()))
            states = dict(zip(lefts, self.encoder.encode_with_states(lefts)[1], strict=True))
            found = self._judge_whole(
                heads, states, [asked[i]._replace(text=left) for i, left in rest.items()]
            )
            for i, (acts, meant) in zip(rest, found, strict=True):
                if not _merely_thanks((acts, meant)) and "LEAVE" not in acts:
                    out[i] = [*dict.fromkeys((*acts, "THANK"))], meant
        return out

    def _judge_whole(
        self, heads: Heads, told: Mapping[str, TokenStates], asked: Sequence[_Asked]
    ) -> list[Judged]:
        """What the heads believe of messages as they stand."""
        said = {
            text: Said(text, tokens, self.finder.find(text), self.parser.parse(text))
            for text, tokens in told.items()
        }
        where = list(dict.fromkeys((one.text, one.place) for one in asked))
        found = heads.chances([said[text] for text, _ in where], [AFTER.index(place) for _, place in where])
        believed = dict(zip(where, found, strict=True))
        polite = get_language(self.parser.language).polite
        out = []
        for text, place, _, on_table in asked:
            chances = believed[text, place]
            meant, acts = self.finder.with_titles(text, heads.meant(said[text], chances)), heads.acts(chances)
            if polite(text):
                acts = [act for act in acts if act != "CONDITION"]
            acts = _taken(
                list(acts) if on_table else _as_answers(acts, place, meant), place, meant, said[text]
            )
            out.append((with_implied(acts, meant), meant))
        return out

    def _check(self, texts: Sequence[str], asked: int) -> None:
        for text in texts:
            if not isinstance(text, str):
                raise ConfigError(f"The reader reads text (str), got {type(text).__name__}.")
        if not -1 <= asked < self.parser.catalog.n_facets:
            raise ConfigError(
                f"asked is a facet index below {self.parser.catalog.n_facets} or -1 for none, got {asked}."
            )
