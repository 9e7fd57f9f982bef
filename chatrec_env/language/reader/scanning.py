"""From tokens to chunks: the stretches of a sentence that mean something, in order."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from chatrec_env.language.contract import Language
from chatrec_env.language.reader.chunks import Chunk, Cue, Kind
from chatrec_env.language.reader.named_entities import NamedEntities
from chatrec_env.language.reader.spelling import Speller, is_slip
from chatrec_env.language.reader.text import (
    CLOSE,
    COMMA,
    DASH,
    MARKS,
    OPEN,
    QUESTION,
    QUOTE,
    STOP,
    TAG,
    Tokens,
    clean,
    drop_repetitions,
    fold,
)
from chatrec_env.language.reader.titles import Link, Titles
from chatrec_env.language.reader.unknown_titles import name_end, unknown_titles

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

_NAMELIKE: Final = frozenset((Kind.VALUE, Kind.POSITIVE))
_STOPS: Final = frozenset((STOP, QUESTION))
_SILENT: Final = frozenset((QUOTE, OPEN, CLOSE, DASH))


class Scanner:
    """Finds titles, named entities, quantities and phrases in a sentence."""

    def __init__(self, catalog: Catalog, language: Language) -> None:
        self.lexicon = language.make_lexicon(catalog)
        self._language, self._tokenizer = language.words, language.tokenizer
        self._titles = Titles(catalog, self.lexicon, language)
        self._entities = NamedEntities(catalog, self.lexicon, language)
        self._quantities = language.make_quantities(catalog)
        self._speller = Speller(
            self.lexicon.words,
            telling=self.lexicon.telling,
            proper=self.lexicon.proper,
            names=self._titles.words | self._entities.words,
            known=language.frequency_list().listed | language.words.fillers,
            endings=language.words.endings,
        )

    def tokenize(self, text: str) -> Tokens:
        """The tokens of a message as it was meant: amounts as they are spoken, repetitions and slips put right."""
        return self.tokenize_spelled(text)[1]

    def tokenize_spelled(self, text: str) -> tuple[str, Tokens]:
        """The same, and before it the text that the tokens stand in: cleaned, amounts as they are spoken."""
        spelled = self._quantities.spell(clean(text))
        tokens = self._tokenizer.tokenize(spelled)
        drop_repetitions(tokens, self._language.function, self._language.said_twice)
        self._correct(tokens)
        return spelled, tokens

    def respelled(self, text: str, whole: Collection[tuple[int, int]]) -> str:
        """The text with slips in words that mean something put right; as it stands where some word stays unknown.

        Args:
            text: As it was typed.
            whole: Start and end of stretches that are no slips: words that the encoder knows.
        """
        cleaned, out = clean(text), text
        tokens = self._tokenizer.tokenize(cleaned)
        typed = list(tokens.words)
        tokens.words[:] = map(self._speller.undoubled, typed)
        self._correct(tokens)
        unknown = not all(map(self._speller.knows, tokens.words))
        if typed == tokens.words or unknown or len(cleaned) != len(text):
            return text
        for slip, word, (start, end) in reversed(list(zip(typed, tokens.words, tokens.spans, strict=True))):
            known = (start, end) in whole or fold(cleaned[start:end]) != slip
            sure = self._speller.undoubled(slip) == word or (
                word in self.lexicon.words and is_slip(slip, word)
            )
            if not known and slip != word and sure:
                out = out[:start] + (word.capitalize() if out[start].isupper() else word) + out[end:]
        return out

    def titled(self, text: str) -> int:
        """The item that a stretch of a message calls by its whole title; -1 for none."""
        return self._titles.called([word for word in self.tokenize(text).words if word not in MARKS])

    def scan(self, tokens: Tokens) -> list[Chunk]:
        """The chunks of a sentence."""
        words, n = tokens.words, len(tokens.words)
        links = self._titles.find(tokens)
        unknown: dict[int, int] = {}
        if OPEN in words or QUOTE in words or TAG in words:
            links, unknown = self._unknown_titles(tokens, links)
        linked = {link.start: link for link in links}
        taken = {at for link in links for at in range(link.start, link.end)}
        taken.update(at for start, end in unknown.items() for at in range(start, end))
        out: list[Chunk] = []
        at = 0
        while at < n:
            word = words[at]
            if at in unknown:
                out.append(Chunk(Kind.UNKNOWN_TITLE, None, at, unknown[at]))
                at = unknown[at]
                continue
            if word in MARKS:
                if word not in _SILENT:
                    out.append(Chunk(Kind.STOP if word in _STOPS else Kind.COMMA, word, at, at + 1))
                elif word == DASH and at and words[at - 1] in MARKS:
                    out.append(Chunk(Kind.COMMA, None, at, at + 1))
                at += 1
                continue
            chunk = self._chunk(tokens, at, linked.get(at), taken)
            if chunk.kind in _NAMELIKE and self._in_name(tokens, chunk):
                chunk = Chunk(Kind.WORD, words[at], at, at + 1)
            out.append(chunk)
            at = chunk.end
            if chunk.kind == Cue.HAVE_SEEN and not tokens.shouting and not tokens.titled:
                end = self._named(tokens, at, taken)
                if end > at:
                    unknown[at] = end
        return out

    def _unknown_titles(self, tokens: Tokens, links: list[Link]) -> tuple[list[Link], dict[int, int]]:
        """The links that stand beside titles of other items, and where those start and end."""
        words = tokens.words
        spared: set[int] = set()
        for link in links:
            quoted = (
                link.start and words[link.start - 1] == QUOTE and words[link.end : link.end + 1] == [QUOTE]
            )
            if quoted or words[link.end - 1] == CLOSE:
                spared.update(range(link.start - 1, link.end + 1))
        unknown = unknown_titles(tokens, self._language, spared)
        for start, end in list(unknown.items()):
            if words[start] in MARKS and words[start] != OPEN:
                del unknown[start]
            elif words[end - 1] != CLOSE and self.lexicon.match(words, start)[1] == end:
                del unknown[start]  # a word in quotes: "No"
        taken = {at for start, end in unknown.items() for at in range(start, end)}
        # A year that is not its own makes it another item: "Carrie (2013)".
        return [link for link in links if taken.isdisjoint(range(link.start, link.end + 1))], unknown

    def _named(self, tokens: Tokens, at: int, taken: set[int]) -> int:
        """Where a name in capitals that is no title, person or value ends: "I've seen | My Fair Lady"."""
        words, first = tokens.words, at
        while first < len(words) and words[first] in self._language.articles and not tokens.capitals[first]:
            first += 1
        if first >= len(words) or not tokens.capitals[first] or words[first] in self.lexicon.value_words:
            return at
        end = name_end(tokens, first, self._language)
        named = words[first] in self.lexicon.proper or words[first] in self._language.always_capital
        if words[first][0].isdigit() or named or not taken.isdisjoint(range(at, end)):
            return at
        return end if self._entities.match(tokens, first, taken)[0] < 0 else at

    def _chunk(self, tokens: Tokens, at: int, link: Link | None, taken: set[int]) -> Chunk:
        words = tokens.words
        entry, end = self.lexicon.match(words, at)
        if link is not None and (link.sure or end < link.end or entry is None):
            return Chunk(Kind.TITLE, link.item, at, link.end)
        values, after = self._quantities.match(words, at)
        # A value may be a range of amounts, as declared: "10-15 km".
        numbers = [word for word in words[at:end:2][:2] if word[0].isdigit()]
        ranged = entry is not None and entry[0] == Kind.VALUE and len(numbers) == 2
        if values and after >= end + ranged:
            return Chunk(Kind.GROUP, values, at, after)
        entity, after = self._entities.match(tokens, at, taken)
        if entity >= 0 and after >= end:
            return Chunk(Kind.ENTITY, entity, at, after)
        # A phrase must not swallow the beginning of a title: "I liked | It".
        while end > at + 1 and any(i in taken for i in range(at + 1, end)):
            entry, end = self.lexicon.match(words[: end - 1], at)
        if entry is None:
            return Chunk(Kind.WORD, words[at], at, at + 1)
        return Chunk(entry[0], entry[1], at, end)

    def _in_name(self, tokens: Tokens, chunk: Chunk) -> bool:
        """Whether a capital in mid-sentence, beside other capitals, makes it part of an unknown name.

        "Killer Bongs from Outer Space" is no wish for serial killers.
        """
        words, capitals, always = tokens.words, tokens.capitals, self._language.always_capital
        if tokens.shouting or words[chunk.start] in self.lexicon.proper or not capitals[chunk.start]:
            return False
        if tokens.titled:
            return any(self._unknown(words, at) for at in (chunk.start - 1, chunk.end))
        opening = chunk.start == 0 or words[chunk.start - 1] in MARKS
        first = chunk.start
        while (
            first and capitals[first - 1] and words[first - 1] not in MARKS and words[first - 1] not in always
        ):
            first -= 1
        if (
            first
            and words[first] in self._language.articles
            and capitals[first]
            and words[first - 1] not in MARKS
        ):
            return True  # "I liked | The Wedding Singer"
        for at, step in ((chunk.start - 1, -1), (chunk.end, 1)):
            while 0 <= at < len(words) and words[at] in self._language.names.links and not capitals[at]:
                at += step
            if (
                0 <= at < len(words)
                and capitals[at] == 1
                and words[at] not in always
                and not words[at][0].isdigit()
            ):
                beside = at == 0 or words[at - 1] in MARKS
                if not (opening and step < 0) and not (beside and words[at] in self.lexicon.words):
                    return words[at] not in self.lexicon.value_words and words[at] not in self.lexicon.proper
        return False

    def _unknown(self, words: list[str], at: int) -> bool:
        """Whether a content word that means nothing to the parser stands there."""
        if not 0 <= at < len(words) or words[at] in MARKS:
            return False
        known = (self._language.fillers, self._language.adverbs, self.lexicon.words)
        return not any(words[at] in some for some in known)

    def _correct(self, tokens: Tokens) -> None:
        """Reads misspelt words as the words meant, in place."""
        words, speller = tokens.words, self._speller
        capital = [
            i > 0 and tokens.capitals[i] > 0 and words[i - 1] not in (STOP, QUESTION, QUOTE, COMMA)
            for i in range(len(words))
        ]
        careful = any(
            at and word not in self._language.always_capital and not word[0].isdigit()
            for at, word in zip(capital, words, strict=True)
        )
        for i, word in enumerate(words):
            if word not in MARKS:
                named = None if tokens.shouting or not careful else capital[i]
                words[i] = speller.correct(word, named=named)
