"""Mentions that no lexicon of values holds: places on the list, ages, and the words that ask for a facet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from chatrec_env.language.english.reading.asked import AskedWords
from chatrec_env.language.english.reading.quantities import NUMBERS, parse_number
from chatrec_env.language.english.reading.words import FUNCTION
from chatrec_env.language.learned.mentions import LAST, Finder, Found, Mention, MentionKind
from chatrec_env.language.reader.chunks import Kind
from chatrec_env.language.reader.text import DASH, MARKS, Tokens, token_at
from chatrec_env.language.reader.words import word_set

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog
    from chatrec_env.language.reader.lexicon import Lexicon

_ORDINALS: Final = {
    **{word: at for at, word in enumerate(("first", "second", "third", "fourth", "fifth", "sixth"))},
    **{word: at for at, word in enumerate(("1st", "2nd", "3rd", "4th", "5th", "6th"))},
    **{"last": LAST, "former": 0, "latter": LAST, "final": LAST, "bottom": LAST, "top": 0, "middle": 1},
    "left": 0,
}
_BESIDE: Final = {
    "one": 0,
    "two": 1,
    "three": 2,
    "four": 3,
    "five": 4,
    "1": 0,
    "2": 1,
    "3": 2,
    "4": 3,
    "5": 4,
}
_COUNTED: Final = word_set("one ones option card suggestion choice pick result recommendation entry title")
_NO_PLACE: Final = word_set(
    """time times part parts half day days week weekend month year years night minute minutes hour hours season
    chapter chapters page pages world war grade class step name name's thing things bit few couple decade decades
    scene act line two three thought glance try floor person people language century date"""
)
"""After an ordinal: no card is meant."""

_NUMBERED: Final = word_set("number no option card nr num")
_YEARS: Final = word_set("year years yr yrs")
_AGED: Final = word_set("age aged ages")
_TURNS: Final = word_set("is are turns turning turned")
_YOUNG: Final = word_set(
    """he she they kid kids son sons daughter daughters niece nephew boy boys girl girls twins child children one
    ones grandson granddaughter toddler"""
)
_CHILD_OF: Final = word_set("boy girl child kid son daughter niece nephew")
_TYPED_AGE: Final = re.compile(r"(\d{1,2})(?:yo|yr|yrs|y)")
_OLDEST_CHILD: Final = 17
_AGES: Final = (  # from this age on: words for people of that age, the most usual first
    (0, ("babies", "baby", "toddlers", "kids", "children", "families")),
    (4, ("kids", "children", "families")),
    (13, ("teens", "teenagers", "teenager")),
    (18, ("adults", "grown-ups", "grown ups", "students")),
    (65, ("older people", "adults", "grown ups")),
)


class Places:
    """Places on the list: "the second one", "number 3", "the last"."""

    def __init__(self, nouns: frozenset[str]) -> None:
        self._counted = _COUNTED | nouns

    def __call__(self, tokens: Tokens) -> list[Found]:
        """The places in a message."""
        words, out = tokens.words, list[Found]()
        for at, word in enumerate(words):
            if word in _ORDINALS:
                after, left = token_at(words, at + 1), token_at(words, at - 1)
                counted = after in self._counted
                bare = (
                    left in ("the", "that")
                    and after not in _NO_PLACE | NUMBERS.keys()
                    and not after[0].isdigit()
                )
                if counted or bare or (len(words) < 5 and (at == 0 or word[0].isdigit())):
                    out.append((at, at + 1 + (after == "one"), _place(_ORDINALS[word])))
            elif word in _NUMBERED and token_at(words, at + 1) in _BESIDE:
                out.append((at, at + 2, _place(_BESIDE[words[at + 1]])))
        if not out:
            said = [word for word in words if word not in MARKS and word not in ("please", "the")]
            if len(said) == 1 and said[0].isdigit() and said[0] in _BESIDE:
                at = words.index(said[0])
                out.append((at, at + 1, _place(_BESIDE[said[0]])))
        return out


def _place(place: int) -> Mention:
    return Mention(MentionKind.PLACE, 0, 0, place=place)


class Ages:
    """Ages: "my 5 year old", "aged 8 to 10", as the catalogue's word for people of that age."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._values: list[tuple[int, tuple[int, ...]]] = []
        for age, names in _AGES:
            for name in names:
                words = name.split()
                entry, end = lexicon.match([*words], 0)
                if entry is not None and entry[0] == Kind.VALUE and end == len(words):
                    self._values.append((age, tuple(entry[1])))
                    break

    def __call__(self, tokens: Tokens) -> list[Found]:
        """The ages in a message."""
        words, out, at = tokens.words, list[Found](), 0
        while at < len(words):
            number, end = parse_number(words, at) if words[at] not in ("a", "an", "half") else (None, at)
            stop = at
            if typed := _TYPED_AGE.fullmatch(words[at]):
                number, stop = float(typed[1]), at + 1
            elif number is not None and number <= _OLDEST_CHILD and _is_age(words, at, end):
                stop = end
            elif number is not None and number <= 110:
                if words[at - 1] in _AGED and at:
                    at, stop = at - 1, end
                else:
                    after = end + (token_at(words, end) == DASH)
                    if token_at(words, after) in _YEARS and token_at(words, after + 1) in ("old", "olds"):
                        stop = after + 2
            if stop > at and number is not None:
                values = next((values for age, values in reversed(self._values) if number >= age), ())
                out.append((at, stop, Mention(MentionKind.VALUE, 0, 0, values=values)))
                at = stop
            else:
                at += 1
        return out


def _is_age(words: list[str], at: int, end: int) -> bool:
    """Whether a small number from ``at`` to ``end`` is somebody's age: "she is ten", "a boy of four"."""
    before = token_at(words, at - 2)
    if token_at(words, at - 1) == "of":
        return before in _CHILD_OF
    after = token_at(words, end)
    return (
        token_at(words, at - 1) in _TURNS and before in _YOUNG and (after in MARKS or after in ("and", "or"))
    )


def make_finders(catalog: Catalog, lexicon: Lexicon) -> tuple[Finder, ...]:
    """What finds these in messages about a catalogue."""
    nouns = frozenset(word for word in lexicon.nouns if word not in FUNCTION)
    return Places(nouns), Ages(lexicon), AskedWords(catalog)
