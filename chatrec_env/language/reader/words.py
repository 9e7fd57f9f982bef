"""The words a language gives the reader: closed classes, courtesies, and what stands around titles and names.

All words are lower case, as :class:`~chatrec_env.language.reader.text.Tokenizer` gives them. Examples are English.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from chatrec_env.language.reader.chunks import Cue


def word_set(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


@dataclass(frozen=True, kw_only=True, slots=True)
class FrequencyList:
    """The words of a language by frequency, cut at three places."""

    top: frozenset[str]  # the words that may stand in any sentence
    common: frozenset[str]  # the words that most people use
    listed: frozenset[str]  # every word of the list


@dataclass(frozen=True, kw_only=True, slots=True)
class TitleWords:
    """What stands around titles."""

    numbers: tuple[str, ...]  # the numbers from one on, in words, as titles of sequels have them
    judgements: frozenset[str]  # what an item may be called: "great"
    copulas: frozenset[str]  # verbs between a title and a judgement: "is"
    verbs: frozenset[str]  # verbs that show a short title to be a pronoun: "it | had"
    another: frozenset[str]  # words before the title of another item of a series: "new"
    sequels: frozenset[str]  # what follows it: "2"
    counted: frozenset[str]  # what follows a number that is none of a sequel: "2 | times"
    places: frozenset[str]  # words before a place rather than a title: "in"
    joins: frozenset[str]  # words and marks between two titles of a list
    ends: frozenset[str]  # words after which a title may have ended


@dataclass(frozen=True, kw_only=True, slots=True)
class NameWords:
    """What stands in and around names of people, and names of items that the catalogue does not have."""

    suffixes: frozenset[str]  # what may follow a surname: "jr"
    cues: frozenset[str]  # words before a person's name: "with"
    sure_cues: frozenset[str]  # of them, those that little else follows: "starring"
    fair_cues: frozenset[str]  # of them, those that a name of rarer words may follow
    inside: frozenset[str]  # words that a title may hold without a capital: "of"
    links: frozenset[str]  # of them, those that link two parts of a name within a sentence
    openers: frozenset[str]  # words that begin a sentence rather than a name


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplyWords:
    """The words of short replies, and what may stand around them."""

    courtesies: frozenset[str]  # what may follow any reply: "please"
    # replies that repeat only the verb of a question, and what they mean: "I have"
    ellipses: Mapping[tuple[str, ...], Cue]
    openers: frozenset[str]  # words that may stand before an answer: "oh"
    yes: frozenset[str]  # words for yes that are also said in passing: "yeah"
    contrast: frozenset[str]  # words that may follow an ellipsis, besides marks: "but"
    pointers: frozenset[str]  # words for the item spoken of: "it"
    resumed: frozenset[str]  # words with which the sentence goes on after "I don't know": "i"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReaderWords:
    """All of them."""

    function: frozenset[
        str
    ]  # closed-class words; a value by such a name is read only where it is the whole reply
    adverbs: frozenset[str]  # may stand inside a phrase without changing it: "I *really* don't like"
    fillers: frozenset[str]  # leave a clause a mere fragment: "dark, maybe, for tonight"
    articles: frozenset[str]  # those that a title may begin with
    said_twice: frozenset[str]  # function words that are said twice on purpose: "no no"
    always_capital: frozenset[str]  # have a capital anywhere in a sentence: "I"
    speakers: frozenset[str]  # words for those who speak: "we"
    denials: frozenset[str]  # only deny, and do not reject: "not"
    endings: Collection[str]  # endings of regular word forms
    titles: TitleWords
    names: NameWords
    replies: ReplyWords
