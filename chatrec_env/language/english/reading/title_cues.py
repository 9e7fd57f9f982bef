"""What in an English sentence calls for a title: "I loved", "similar to", "my favorite movie is"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from chatrec_env.language.english.reading.tokens import surface
from chatrec_env.language.english.reading.words import FUNCTION, WORDS
from chatrec_env.language.reader.lexicon import Lexicon
from chatrec_env.language.reader.text import STOP
from chatrec_env.language.reader.titles import ALLOWED, CALLED_FOR
from chatrec_env.language.reader.words import word_set

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

_VERDICTS: Final = word_set(
    "liked loved enjoyed adored hated disliked loathed seen watched saw called titled named"
)
_SOFT_CUES: Final = word_set(
    "like love enjoy hate watch see rewatch than not except besides play into of stand recommend"
)
_NOT_LIKENESS: Final = word_set("would i we you feel look looks looking seems sound sounds not feels")
_COPULAS: Final = word_set("is was are were")
_LIKENESS: Final = word_set("similar close compared")
_STYLE: Final = word_set("style vein spirit feel feeling vibe mood")  # "in the style of", "the same feel as"
_REACH: Final = 6  # words before a copula that may make what follows a title


class TitleCues:
    """The words before a title, of one catalogue."""

    def __init__(self, catalog: Catalog, lexicon: Lexicon) -> None:
        past = [words for words in map(surface, catalog.verb_past) if words]
        self._cues = _VERDICTS | {words[-1] for words in past if words[-1] not in FUNCTION}
        self._verbs = {words[-1]: words[:-1] for words in past if words[-1] in FUNCTION}  # listened | to
        self._nouns = lexicon.nouns
        self._soft = _SOFT_CUES | (set(surface(catalog.verb)) - FUNCTION) | lexicon.nouns

    def __call__(self, words: Sequence[str], start: int, listed: int) -> int:
        """How much the words before a token call for a title.

        See :data:`~chatrec_env.language.contract.TitleCue`.
        """
        at = start - 1
        if at >= 0 and words[at] in WORDS.articles:
            at -= 1
        if at < 0:
            return 0
        word, earlier = words[at], words[at - 1] if at else STOP
        verb = self._verbs.get(word)
        if verb and tuple(words[max(0, at - len(verb)) : at]) == verb:
            return CALLED_FOR
        if word in self._cues or (listed >= at and word in WORDS.titles.joins):
            return CALLED_FOR
        if word == "like":
            return ALLOWED if earlier in _NOT_LIKENESS else CALLED_FOR
        if (word == "to" and earlier in _LIKENESS) or (word in ("of", "as") and earlier in _STYLE):
            return CALLED_FOR
        if word in _COPULAS:
            spoken = words[max(0, at - _REACH) : at]
            if any("favo" in other for other in spoken):
                return ALLOWED if self._nouns.isdisjoint(spoken) else CALLED_FOR  # "my favorite movie is"
            return ALLOWED if any(other in self._cues for other in spoken) else 0
        return ALLOWED if word in self._soft else 0
