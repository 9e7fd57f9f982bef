"""How a facet value is said: the phrases that sentences are built from."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from chatrec_env.language.english.word_forms import with_article

_LINKS_WORDS: Final = """
about above after around as at based before between beyond by during featuring for from full in
inside into involving made near of on over per set since starring that through to under up where
which with within without
"""
_LINKS: Final = frozenset(_LINKS_WORDS.split())
"""Words that start what follows the head noun: "a story | of revenge"."""
_UNSAID_IN_ANSWERS: Final = re.compile(
    r"(?:set in|about|by|featuring|for|from|in|of|on|with) (?=\S)", re.IGNORECASE
)
_BIDI_CONTROLS: Final = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def clean(text: str) -> str:
    """``text`` without control and direction-changing characters, its white space collapsed."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    spaced = (" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    return " ".join("".join(c for c in spaced if unicodedata.bidirectional(c) not in _BIDI_CONTROLS).split())


def capitalize(text: str) -> str:
    """``text`` with a capital first letter; the rest is untouched."""
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """``text`` to stand inside a sentence: its first letter small, unless the word is "I" or a name.

    A word counts as a name if it holds another capital ("TV night"); of others nothing is known.
    """
    first = text.split(maxsplit=1)[0] if text.split() else ""
    if first == "I" or first.startswith(("I'", "I’")) or any(c.isupper() for c in first[1:]):
        return text
    return text[:1].lower() + text[1:]


def _join(*parts: str) -> str:
    return " ".join(part for part in parts if part)


@dataclass(frozen=True, kw_only=True, slots=True)
class NounPhrase:
    """A noun phrase in parts: article, ``pre``, ``head``, ``tail`` ("a | dark | film | about revenge")."""

    counted: bool  # whether it takes the indefinite article
    pre: str  # what stands before the head noun
    head: str  # the head noun
    tail: str  # what follows the head noun
    plain: bool  # whether the head is the catalogue's own noun, so that `pre` and `tail` fit any item

    @property
    def words(self) -> str:
        """The phrase, with its article."""
        words = _join(self.pre, self.head, self.tail)
        return with_article(words) if self.counted else words


def parse_phrase(phrase: str, *, noun: str, nouns: str) -> NounPhrase:
    """Takes a declared phrase such as ``"a film about revenge"`` apart.

    ``"something dark"`` is read as "a dark <noun>".
    """
    words = clean(phrase).split()
    opener = words[0].lower() if words else ""
    if opener in ("something", "anything"):
        cut = next((i for i, word in enumerate(words) if i and word.lower() in _LINKS), len(words))
        return NounPhrase(
            counted=True, pre=" ".join(words[1:cut]), head=noun, tail=" ".join(words[cut:]), plain=True
        )
    counted = opener in ("a", "an")
    if counted or opener == "some":
        words = words[1:]
    text = " ".join(words)
    own = re.search(rf"(?<![\w-])(?:{re.escape(noun)}|{re.escape(nouns)})(?![\w-])", text, re.I)
    if own:
        pre, tail = text[: own.start()].strip(), text[own.end() :].strip()
        return NounPhrase(counted=counted, pre=pre, head=own.group(), tail=tail, plain=True)
    end = next((i for i, word in enumerate(words) if i and word.lower() in _LINKS), len(words))
    pre, head, tail = (
        " ".join(words[: max(end - 1, 0)]),
        words[end - 1] if words else noun,
        " ".join(words[end:]),
    )
    return NounPhrase(counted=counted, pre=pre, head=head, tail=tail, plain=False)


def both(first: NounPhrase, second: NounPhrase) -> str:
    """One noun phrase for two values: "a dark western", "a thriller from the 1990s"."""
    if not second.plain and first.plain:
        first, second = second, first
    if not second.plain:
        return f"{first.words} that's also {second.words}"
    return NounPhrase(
        counted=first.counted,
        pre=_join(second.pre, first.pre),
        head=first.head,
        tail=_join(first.tail, second.tail),
        plain=first.plain,
    ).words


@dataclass(frozen=True, kw_only=True, slots=True)
class ValuePhrases:
    """Every way a value is said; the text fields are slots of the wordings."""

    plain: str  # the value itself: "dark", "western", "revenge", "1990s"
    one: str  # "a dark film", "a western", "a film about revenge", "a film from the 1990s"
    many: str  # "dark films", "westerns", "films about revenge", "films from the 1990s"
    something: str  # "something dark", "a western", "something about revenge"
    anything: str  # the same after "not": "anything dark", "a western", "anything about revenge"
    nothing: str  # "nothing dark", "no westerns", "nothing about revenge"
    but: str  # what follows "like that, but": "dark", "a western", "about revenge"
    short: str  # a bare answer: "dark", "western", "revenge", "the 1990s"
    critique: str  # "too dark", "too much of a western"
    phrase: NounPhrase  # `one` in parts


def value_phrases(
    value: str, *, one: str, many: str, critique: str, quality: bool, noun: str, nouns: str
) -> ValuePhrases:
    """The phrases of one value.

    Args:
        value: The value as the catalogue names it.
        one: Its noun phrase from the declaration.
        many: Its plural from the declaration.
        critique: Its critique from the declaration.
        quality: Whether its facet's values are qualities ("too {value}" is their critique), so that one can
            say "something <value>"; a critique of "too <value>" tells it of a single value.
        noun: The catalogue's noun.
        nouns: Its plural.
    """
    plain, many, critique = clean(value), clean(many), clean(critique)
    phrase = parse_phrase(one, noun=noun, nouns=nouns)
    short = plain
    if phrase.plain and phrase.tail and not phrase.pre:
        short = _UNSAID_IN_ANSWERS.sub("", phrase.tail, count=1)
        but = phrase.tail
    elif (
        phrase.plain
        and phrase.pre
        and not phrase.tail
        and (critique == f"too {phrase.pre}" or (quality and phrase.pre == plain))
    ):
        but = phrase.pre
    else:
        but = ""
    return ValuePhrases(
        plain=plain,
        one=phrase.words,
        many=many,
        something=f"something {but}" if but else phrase.words,
        anything=f"anything {but}" if but else phrase.words,
        nothing=f"nothing {but}" if but else f"no {many}",
        but=but or phrase.words,
        short=short,
        critique=critique,
        phrase=phrase,
    )
