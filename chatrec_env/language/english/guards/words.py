"""Which words stand in every sentence, and what stands around the name of a value."""

from __future__ import annotations

from typing import Final

from chatrec_env.language.reader.words import word_set

EVERYDAY: Final = word_set(
    "a an the i me my i'm i'd i've i'll it it's this that that's there there's one ones some any "
    "something anything am is are was be been being do does did have has had would could can will shall "
    "to of for in on at with about from by like than as and or but if so please just really actually "
    "rather quite very maybe then now right want wanted love loved liked prefer need needed see seen "
    "watch watched look looking find go going feel think choose great good nice fine little enjoy "
    "enjoyed sorry absolutely hey hi hello oh ah um uh hm hmm well ok okay"
)
"""Words of every sentence: whoever words an act may use them beside those that its wordings have."""


_PREPOSITIONS: Final = "about|for|from|in|of|on|with|like|at"
_LEADING: Final = f"an?|the|some|any|{_PREPOSITIONS}"
"""What may lead in the name of a value only as a wording has it: "a romance", no "some violent", no "about scary"."""

_VERBS: Final = "is|are|would|could|can|will|sounds"
"""Behind a name that opens a text only where a wording has that: no "Nostalgic would be great."."""


def around(names: str, long: str, nouns: str) -> tuple[str, ...]:
    """Patterns of what may stand around the names of values only as a wording has it.

    Args:
        names: Pattern of names.
        long: Of those of three words and more.
        nouns: Of what an item is called.
    """
    return (
        rf"\b(?:{_LEADING}) (?:{names})\b(?! (?:{nouns}))",
        rf"\b(?:{_LEADING}) (?:{long})\b",
        rf"^(?:{names}) (?:{_VERBS})\b",
        rf"\b(?:{_PREPOSITIONS}) (?:an?|the|some|any) \w+",
    )
