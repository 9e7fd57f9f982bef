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
    """The words of a language by frequency, cut at three places.

    Attributes:
        top: The words that may stand in any sentence.
        common: The words that most people use.
        listed: Every word of the list.
    """

    top: frozenset[str]
    common: frozenset[str]
    listed: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class TitleWords:
    """What stands around titles.

    Attributes:
        numbers: The numbers from one on, in words, as titles of sequels have them.
        judgements: What an item may be called: "great".
        copulas: Verbs between a title and a judgement: "is".
        verbs: Verbs that show a short title to be a pronoun: "it | had".
        another: Words before the title of another item of a series: "new".
        sequels: What follows it: "2".
        counted: What follows a number that is none of a sequel: "2 | times".
        places: Words before a place rather than a title: "in".
        joins: Words and marks between two titles of a list.
        ends: Words after which a title may have ended.
    """

    numbers: tuple[str, ...]
    judgements: frozenset[str]
    copulas: frozenset[str]
    verbs: frozenset[str]
    another: frozenset[str]
    sequels: frozenset[str]
    counted: frozenset[str]
    places: frozenset[str]
    joins: frozenset[str]
    ends: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class NameWords:
    """What stands in and around names of people, and names of items that the catalogue does not have.

    Attributes:
        suffixes: What may follow a surname: "jr".
        cues: Words before a person's name: "with".
        sure_cues: Of them, those that little else follows: "starring".
        fair_cues: Of them, those that a name of rarer words may follow.
        inside: Words that a title may hold without a capital: "of".
        links: Of them, those that link two parts of a name within a sentence.
        openers: Words that begin a sentence rather than a name.
    """

    suffixes: frozenset[str]
    cues: frozenset[str]
    sure_cues: frozenset[str]
    fair_cues: frozenset[str]
    inside: frozenset[str]
    links: frozenset[str]
    openers: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplyWords:
    """The words of short replies, and what may stand around them.

    Attributes:
        courtesies: What may follow any reply: "please".
        ellipses: Replies that repeat only the verb of a question, and what they mean: "I have".
        openers: Words that may stand before an answer: "oh".
        yes: Words for yes that are also said in passing: "yeah".
        contrast: Words that may follow an ellipsis, besides marks: "but".
        pointers: Words for the item spoken of: "it".
        resumed: Words with which the sentence goes on after "I don't know": "i".
    """

    courtesies: frozenset[str]
    ellipses: Mapping[tuple[str, ...], Cue]
    openers: frozenset[str]
    yes: frozenset[str]
    contrast: frozenset[str]
    pointers: frozenset[str]
    resumed: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReaderWords:
    """All of them.

    Attributes:
        function: Closed-class words. A value by such a name is read only where it is the whole reply.
        adverbs: May stand inside a phrase without changing it: "I *really* don't like".
        fillers: Words that leave a clause a mere fragment: "dark, maybe, for tonight".
        articles: Articles that a title may begin with.
        said_twice: Function words that are said twice on purpose: "no no".
        always_capital: Words that have a capital anywhere in a sentence: "I".
        speakers: Words for those who speak: "we".
        denials: Words that only deny, and do not reject: "not".
        endings: Endings of regular word forms.
        titles, names, replies: See there.
    """

    function: frozenset[str]
    adverbs: frozenset[str]
    fillers: frozenset[str]
    articles: frozenset[str]
    said_twice: frozenset[str]
    always_capital: frozenset[str]
    speakers: frozenset[str]
    denials: frozenset[str]
    endings: Collection[str]
    titles: TitleWords
    names: NameWords
    replies: ReplyWords
