"""What a language must provide to the package: its sentences, and how messages in it are read.

A language is a folder beside this module; what the package asks of it stands in its modules ``language`` (a
:class:`Language` called ``LANGUAGE``) and ``word_forms``. Nothing else imports from the folder. To add a language,
write the folder and put its name into ``word_forms.LANGUAGES``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, NamedTuple, Protocol

from chatrec_env.language.acts import SystemAct, UserAct
from chatrec_env.language.learned.mentions import Finder
from chatrec_env.language.reader.bins import BinValues
from chatrec_env.language.reader.chunks import Chunk
from chatrec_env.language.reader.lexicon import Lexicon
from chatrec_env.language.reader.state import ReadingState
from chatrec_env.language.reader.text import Tokenizer
from chatrec_env.language.reader.words import FrequencyList, ReaderWords
from chatrec_env.language.word_forms import DEFAULT, load_part

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog
    from chatrec_env.language.forms import Form

Handler = Callable[[ReadingState, int, Chunk], None]
"""Moves the state of reading on by a chunk, given with its place in the message."""

TitleCue = Callable[[Sequence[str], int, int], int]
"""Of a message in tokens, where a title would start, and where the one before it ends (or -1):
:data:`~.titles.CALLED_FOR` after words that call for a title, :data:`~.titles.ALLOWED` where one may follow, else 0."""


class Realizer(Protocol):
    """Words the sentences of a catalogue: a pure function of the form, its arguments and the variant."""

    def sentence(self, form: Form, args: tuple[int, ...], variant: int) -> str:
        """The sentence; ``args`` are the two values of ``WANT_PAIR``, else the one argument."""


class QuantityReader(Protocol):
    """Reads numbers with a meaning for the numeric facets of a catalogue."""

    def spell(self, text: str) -> str:
        """A text with signs before numbers ("$50") as they are spoken."""

    def match(self, words: list[str], start: int) -> tuple[BinValues, int]:
        """The values that a quantity at ``start`` stands for, and its end; none, and ``start``, where none is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Saying:
    """A phrase that means something else than its words."""

    matches: Callable[[str], bool]
    acts: tuple[UserAct, ...]  # what is meant by a sentence that holds it
    on_table: bool = True  # only said of something that was suggested
    last: bool = False  # only where nothing else was read


@dataclass(frozen=True, kw_only=True, slots=True)
class Cues:
    """What a typed sentence tells beyond its dialogue acts."""

    sayings: tuple[Saying, ...]  # the first that matches counts
    of_it: Callable[
        [str], bool
    ]  # a question is about an item that is pointed at, not whether there is one: "is it"
    reported: Callable[
        [str], str
    ]  # what somebody else says, without who says it; else empty: "Lea says not too hot"
    plainly: Callable[
        [str], str
    ]  # a sentence with its idioms said plainly: "won't cost the earth" is not too expensive
    sad_news: Callable[[str], bool]  # it tells of a loss, for which one says sorry: "she left me"
    for_any: Callable[
        [str, Sequence[str]], bool
    ]  # it asks for nothing but an item, by these nouns: "i need music"
    yours: Callable[[str], str]  # the same, as it is said to them: "your mother"
    idle: frozenset[str]  # words that tell nothing of an item by themselves: "before"
    novice: str  # words for somebody who begins
    for_whom: Callable[[str], str]  # for which person of one's own it is: "my mother"; else empty
    weighs: Callable[[str], bool]  # which of two it is more of is asked: "more a comedy or more a drama?"
    corrected: Callable[
        [str], str
    ]  # what somebody meant, where they were got wrong: "no, I said ..."; else empty
    not_them: Callable[[str], bool]  # the person who was just named is not wanted: "not him"
    own_tongue: Callable[[str, str], bool]  # the sentence is about how well somebody speaks a language
    spared: Callable[
        [str], list[str]
    ]  # descriptions of what is to be spared: "nothing where the dog dies", "no capes"
    weak_at: Callable[[str], bool]  # the words before something that is named say that somebody is bad at it
    rusty: Callable[[str], str]  # what somebody's skill is poor in, which they would mend; else empty

    less_known: Callable[
        [str], bool
    ]  # something that not everybody knows is wanted: "everyone has seen that"
    dreads: Callable[[str], bool]  # what somebody cannot stand; after a question, why that was asked
    wishes: Callable[[str], bool]  # it may wish for something, not only tell why something was asked
    tells_what: Callable[
        [str], bool
    ]  # the words behind a title say what it is like: ", the one with the ..."
    sequel: Callable[
        [str], str
    ]  # the number behind a title by which another of its series is meant: " 2"; else empty
    extreme: Callable[
        [str], tuple[str, str]
    ]  # which has most of something is asked, as typed and compared: ("shortest", "shorter"); else empty
    more_so: Callable[[str], bool]  # more of what was named as liked is wanted: "more in that direction"
    either: Callable[[str], bool]  # the words between two wishes say that one of them is enough: " or "
    listed: Callable[[str], bool]  # ... that they belong to one list
    same: Callable[
        [str, str], bool
    ]  # two items are taken to have the same of a column of people: "same director"
    young_one: Callable[
        [str], str
    ]  # the word for somebody young it is for, whatever their age; else empty: "niece"
    young: frozenset[str]  # names of company for whom a catalogue has items of their own


class Place(NamedTuple):
    """Where a sentence is said.

    Attributes:
        form: What the person does with it.
        after: What the system did just before; ``SystemAct.GREET`` where the person speaks first.
        before: What the person does with the sentence before it in the same turn, None if it is the first.
        behind: What they do with those behind it.
        again: Whether it is about the value by which, as the system has just said, it chose what it suggests.
    """

    form: Form
    after: SystemAct = SystemAct.RECOMMEND
    before: Form | None = None
    behind: frozenset[Form] = frozenset()
    again: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Guards:
    """What a text may have that a language model words for a person, beside what the scripted wordings have."""

    everyday: frozenset[str]  # words of every sentence; the others are those of the wordings
    phrases: tuple[re.Pattern[str], ...]  # what it may have only if a wording has the same phrase
    kinds: tuple[re.Pattern[str], ...]  # ... only if a wording has something of the kind
    unsure: re.Pattern[str]  # not sure: only if several wordings are not
    names: re.Pattern[str]  # words written as names within a sentence
    company: re.Pattern[str]  # whose words tell whom it is for: "my wife"; its group is the person
    # patterns of what may stand around names of values as a wording has it; of patterns of names, of the long ones
    # among them, and of what an item is called
    around: Callable[[str, str, str], tuple[str, ...]]
    fits: Callable[[str, Place], bool]  # a text, which says what its form says, can be said in a place


class Remarks(Protocol):
    """Sentences of a service beyond those of the grammar. Titles, nouns and phrases are those of a catalogue."""

    LESS_KNOWN: str  # where something that not everybody knows is wanted
    CONDOLENCE: str  # where somebody told of a loss
    WELCOME: str  # where they thanked

    def outline(self, facts: Sequence[tuple[str, Sequence[str]]]) -> str:
        """The facts of a card, by their labels."""

    def because(self, phrases: Sequence[str], noun: str) -> str:
        """The reason in stated wishes."""

    def asked_for(self, phrases: Sequence[str], noun: str, turn: int) -> str:
        """That it meets stated wishes."""

    def share(self, values: Sequence[str]) -> str:
        """What two items have in common."""

    def nothing_left(self, noun: str, *, shown: bool) -> str:
        """Where nothing keeps to what was said; ``shown``: after something was suggested."""

    def nearest(self, phrases: Sequence[str], *, shown: bool) -> str:
        """Where not all wishes can be met; ``shown``: after something was suggested."""

    def not_here(self, title: str, *, described: bool, wished: bool) -> str:
        """Where a title is not in the catalogue; what is offered instead, for what was said of it, or for wishes."""

    def here(self, title: str) -> str:
        """Where a title is in the catalogue."""

    def unmet(self, title: str) -> str:
        """Where a condition is not fulfilled."""

    def not_known(self, words: Sequence[str], *, described: bool = False) -> str:
        """Where words stand for nothing in the catalogue; ``described``: it was looked for by meaning all the same."""

    def not_for(self, whom: str) -> str:
        """Where it is for somebody of whom the catalogue cannot tell what suits them."""

    def no_more(self, titles: Sequence[str]) -> str:
        """Where only what was shown before meets all wishes."""

    def still_fits(self, title: str, phrases: Sequence[str]) -> str:
        """Where what is to be spared is not in the item on the table."""

    def already(self, title: str, fact: str) -> str:
        """Where the item on the table is what is wished for; ``fact`` is the number that tells."""

    def is_so(self, title: str, phrases: Sequence[str]) -> str:
        """Where the item on the table is what is wished for; ``phrases`` are the values that tell: "a comedy"."""

    def same_people(self, column: str, names: Sequence[str]) -> str:
        """Where two items have the same people."""

    def other_people(self, column: str, both: Sequence[tuple[str, Sequence[str]]]) -> str:
        """Where two items have not the same people: each title with its own."""

    def more_of(self, title: str, has: Sequence[str], lacks: Sequence[str]) -> str:
        """Which of several an item is more of: what it has of them."""

    def spared(self, phrases: Sequence[str]) -> str:
        """That what is to be spared is not in it."""

    def unmentioned(self, told: Sequence[str]) -> str:
        """That words to be spared are not in what is known of it."""

    def none_beyond(self, comparison: str) -> str:
        """Where nothing that fits is newer, shorter or whatever was asked for."""

    def liked(self, title: str) -> str:
        """Where the person liked what they know."""

    def propose(self, title: str, year: int, sentence: str, number: int) -> str:
        """A suggestion with its year (0 if none) and its sentence; ``number`` chooses the words."""

    def no_subject(self, noun: str, *, shown: bool) -> str:
        """Where a question is about no item; ``shown``: after something was suggested."""

    def most_of(self, titles: Sequence[str], most: str) -> str:
        """Which of what is on the table has most of something: "shortest"."""

    def most_unknown(self, most: str, titles: Sequence[str], value: str) -> str:
        """Where that cannot be told, only that some have a value."""

    def no_more_known(self, rest: str) -> str:
        """Where somebody asks for more of an item than the sentence they have read; ``rest`` is what else there is."""

    def but_it_is(self, phrase: str) -> str:
        """Behind the answer that it is not what was asked: what it is, of that kind."""

    def in_common(self, title: str, shared: Sequence[str]) -> str:
        """Behind an item that was liked: what the one on the table has in common with it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Language:
    """What the package asks of a language."""

    name: str  # its name, and its folder's
    # what words the sentences of a catalogue, and of phrases of people's own
    make_realizer: Callable[[Catalog, Sequence[str]], Realizer]
    value_texts: Callable[
        [Catalog, int], set[str]
    ]  # every way to say a value of a catalogue, as they are read
    # of a variant of a form of people with an argument: warmth (-1 to 1), and sureness (-1 hedged, 0 not)
    tone: Callable[[Form, int, int], tuple[int, int]]
    tokenizer: Tokenizer  # splits its text
    words: ReaderWords  # its closed-class words and the like
    frequency_list: Callable[[], FrequencyList]  # its words by frequency; called when a parser is made
    stems: Callable[[str], Iterable[str]]  # words that a word may be a regular form of: `newer` -> `new`
    make_lexicon: Callable[[Catalog], Lexicon]  # all phrases that have a meaning, for a catalogue
    make_quantities: Callable[[Catalog], QuantityReader]  # its numbers, amounts and dates, for a catalogue
    make_title_cue: Callable[[Catalog, Lexicon], TitleCue]  # what calls for a title, for a catalogue
    # by `Cue` or `Kind`, what a chunk does to the reading of the chunks around it: the word order of the language
    handlers: Mapping[int, Handler]
    # what finds mentions that are no values, titles or names: places on the list, ages, names of facets
    make_finders: Callable[[Catalog, Lexicon], tuple[Finder, ...]]
    cues: Cues  # what it says beside dialogue acts
    polite: Callable[[str], bool]  # the condition a message ends in is mere politeness: "if that's ok"
    unthanked: Callable[[str], str]  # a message without the thanks that it ends in
    describing: tuple[str, ...]  # words that often describe an item, whatever the catalogue is of
    guards: Guards  # of what language models write in it
    remarks: Remarks  # what a service says beyond the sentences of a catalogue
    heads: Traversable  # file with the weights of `Heads`, fitted to messages in this language; its card is beside it

    def __reduce__(self) -> tuple[Callable[[str], Language], tuple[str]]:
        return get_language, (self.name,)


@cache
def get_language(name: str = DEFAULT) -> Language:
    """A language by name.

    Raises:
        UnknownNameError: No such language.
    """
    language: Language = load_part(name, "language").LANGUAGE
    return language
