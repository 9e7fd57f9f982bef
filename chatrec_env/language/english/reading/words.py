"""English words that no catalogue declares: closed-class words, small talk around a wish, and a word list."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Final, NamedTuple


def word_set(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


TOP_RANK: Final = 1_500
COMMON_RANK: Final = 12_000

ADVERBS: Final = word_set(
    """really just quite pretty very also always usually generally mostly definitely absolutely totally
    particularly especially honestly maybe probably perhaps ever so simply truly still even rather
    actually already certainly currently slightly somewhat super"""
)
"""May stand inside a phrase without changing it: "I *really* don't like"."""

FUNCTION: Final = word_set(
    """a an the i me my mine we us our you your it its this that these those one ones is am are was were be
    been being do does did will would can could should might may must have has had of to for in on at
    with from as by so then now if when and or but because some any no not none all other others
    another else such what which who how why where than up out about into over something anything
    nothing everything someone more most less least much many too very only just even also first last
    next like want need new same few several each every either neither both own"""
)
"""Closed-class words. A value by such a name is read only where it is the whole reply."""

FILLERS: Final = FUNCTION | word_set(
    """well oh um uh er hmm hm mmm ah please really quite pretty maybe perhaps probably guess think suppose
    there here okay ok right honestly actually kind sort type bit little lot lots ever again still yet
    today tonight time thing things stuff sounds sound looks look seems feel feels feeling go going get
    got let see say tell know make makes made good nice great fun fine ideally preferably definitely
    absolutely especially mainly basically literally totally way super always usually often sometimes
    generally typically mostly rather best better favourite favorite favourites favorites hey hi man
    dude s yes yeah evening night day weekend week"""
)
"""Words that leave a clause a mere fragment: "dark, maybe, for tonight"."""


class Words(NamedTuple):
    """A frequency list of English, cut at three places.

    Attributes:
        top: The words that may stand in any sentence.
        common: The words that most people use.
        listed: Every word of the list.
    """

    top: frozenset[str]
    common: frozenset[str]
    listed: frozenset[str]


@cache
def english_words() -> Words:
    """The word list that ships with the package."""
    lines = resources.files(__package__).joinpath("words.txt").read_text(encoding="utf-8").splitlines()
    ranked = [line for line in lines if line and not line.startswith("#")]
    return Words(frozenset(ranked[:TOP_RANK]), frozenset(ranked[:COMMON_RANK]), frozenset(ranked))
