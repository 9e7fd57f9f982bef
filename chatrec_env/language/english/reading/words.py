"""Words of English that no catalogue declares: closed classes, small talk around a wish, and a frequency list."""

from __future__ import annotations

from functools import cache
from typing import Final

from chatrec_env.language.encoders.weights import minilm_vocabulary
from chatrec_env.language.reader.chunks import Cue
from chatrec_env.language.reader.text import COMMA, MARKS
from chatrec_env.language.reader.words import (
    FrequencyList,
    NameWords,
    ReaderWords,
    ReplyWords,
    TitleWords,
    word_set,
)

TOP_RANK: Final = 1_500
COMMON_RANK: Final = 12_015

_NO_WORDS: Final = word_set(
    """ain aren couldn didn doesn don hadn hasn haven isn ll re shan shouldn ve wasn weren wouldn
    cm isbn kg km mc mi mm mph pp rd ss st ii iii iv vi vii viii"""
)
"""Pieces of contractions, abbreviations and Roman numerals."""

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


_AUXILIARIES: Final = ("have", "did", "do", "would", "am")

WORDS: Final = ReaderWords(
    function=FUNCTION,
    adverbs=ADVERBS,
    fillers=FILLERS,
    articles=word_set("a an the"),
    said_twice=word_set("no not that very so too more much many had now why"),
    always_capital=word_set("i"),
    speakers=word_set("i we"),
    denials=word_set("not"),
    endings=("s", "es", "d", "ed", "ing", "ly", "er", "ers", "est", "ness", "ish", "y"),
    titles=TitleWords(
        numbers=(
            *("one", "two", "three", "four", "five", "six"),
            *("seven", "eight", "nine", "ten", "eleven", "twelve"),
        ),
        judgements=word_set(
            """great good amazing fantastic brilliant excellent wonderful awesome terrible awful boring bad
            dreadful overrated underrated perfect fun favorite favourite"""
        ),
        copulas=word_set("was is"),
        verbs=word_set("is was has had will would does did"),
        another=word_set("new newest latest next upcoming"),
        sequels=word_set("2 3 4 5 6 ii iii iv"),
        counted=word_set("times hours weeks months years days nights stars out"),
        places=word_set("in from to at near visit around"),
        joins=frozenset(("and", "or", COMMA)),
        ends=MARKS | {"but", "and"},
    ),
    names=NameWords(
        suffixes=word_set("jr sr ii iii"),
        cues=word_set("by with starring featuring from directed like love loved of no not without and or"),
        sure_cues=word_set("by starring featuring directed"),
        fair_cues=word_set("with"),
        inside=word_set("a an the and of in on to for from with at by or vs v s"),
        links=word_set("and of the from in"),
        openers=word_set("i hi hello hey yes no but so also my"),
    ),
    replies=ReplyWords(
        courtesies=word_set("please thanks"),
        ellipses={
            **{("i", verb): Cue.YES for verb in _AUXILIARIES},
            **{("i", verb, "not"): Cue.NO for verb in _AUXILIARIES},
        },
        openers=word_set(
            """oh ah um uh er hmm hm well so ok okay and no hi hello hey wow right sure i mean lol haha ha hehe
            sadly"""
        ),
        yes=word_set("yes yeah yep yup yea"),
        contrast=word_set("but"),
        pointers=word_set("it that this they those these"),
        resumed=word_set("i it"),
    ),
)


@cache
def english_words() -> FrequencyList:
    """English words by frequency: the vocabulary of the sentence encoder, less what is no word.

    Raises:
        ArtifactError: The encoder's files are not installed.
    """
    ranked = [
        word
        for word in minilm_vocabulary()
        if len(word) > 1 and word.isascii() and word.isalpha() and word not in _NO_WORDS
    ]
    return FrequencyList(
        top=frozenset(ranked[:TOP_RANK]), common=frozenset(ranked[:COMMON_RANK]), listed=frozenset(ranked)
    )
