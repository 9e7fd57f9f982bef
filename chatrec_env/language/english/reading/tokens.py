"""English words as they are typed: contractions and the short forms of chats, spelled out."""

from __future__ import annotations

from typing import Final

from chatrec_env.language.reader.text import Tokenizer
from chatrec_env.language.reader.words import word_set

_TAILS: Final = {"m": "am", "re": "are", "ve": "have", "ll": "will", "d": "would"}
_IS_AFTER: Final = word_set(
    "it that this there here what where who how he she one everything something nothing which"
)
_NOT_STEMS: Final = {"ca": "can", "wo": "will", "sha": "shall", "ai": "is"}
_NOT_VERBS: Final = word_set("do does did is are was were could would should have has had must need")
_SHORT: Final = """
cant can not; wont will not; aint is not; cannot can not; im i am; ive i have; ill i will;
thats that is; whats what is; theres there is; youre you are; youve you have;
theyre they are; lets let us; gonna going to; wanna want to; gotta got to; gimme give me;
lemme let me; dunno do not know; idk i do not know; kinda kind of; sorta sort of;
pls please; plz please; thx thanks; thnx thanks; ty thanks; tnx thanks; cuz because; bc because;
tho though; smth something; sth something; rly really; def definitely; prolly probably;
ofc of course; nvm never mind; luv love; fav favorite; fave favorite; faves favorites;
w with; gf girlfriend; bf boyfriend; nothin nothing; somethin something; anythin anything;
u you; ur your; whos who is; wheres where is; hows how is; hwo how; wht what; waht what; ti it; taht that; tihs this;
teh the
"""
_SPOKEN: Final[dict[str, tuple[str, ...]]] = {
    **{f"{verb}nt": (verb, "not") for verb in sorted(_NOT_VERBS)},
    **{short: tuple(words) for short, *words in map(str.split, _SHORT.split(";"))},
}


def spell_out(word: str) -> tuple[str, ...]:
    """A lower-case word as typed -> words without apostrophes: ``"isn't"`` -> ``("is", "not")``."""
    if "'" not in word:
        return _SPOKEN.get(word) or (word,)
    if word.endswith("n't"):
        stem = word[:-3]
        return _NOT_STEMS.get(stem, stem), "not"
    stem, _, tail = word.rpartition("'")
    stem = stem.replace("'", "")
    if tail in _TAILS:
        return stem, _TAILS[tail]
    if tail == "s":
        if stem == "let":
            return "let", "us"
        return stem, "is" if stem in _IS_AFTER else "s"
    return (stem + tail,)


TOKENIZER: Final = Tokenizer(spell_out, ampersand="and")
surface = TOKENIZER.surface
