"""English as the package takes it: how its sentences are worded and read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from importlib import resources
from typing import Final

from chatrec_env.language.contract import Language
from chatrec_env.language.english import remarks
from chatrec_env.language.english.cues import CUES
from chatrec_env.language.english.guards import GUARDS
from chatrec_env.language.english.reading.finders import make_finders
from chatrec_env.language.english.reading.handle_objects import OBJECT_HANDLERS
from chatrec_env.language.english.reading.handle_replies import REPLY_HANDLERS
from chatrec_env.language.english.reading.handle_wishes import WISH_HANDLERS
from chatrec_env.language.english.reading.lexicon import make_lexicon
from chatrec_env.language.english.reading.quantities import Quantities
from chatrec_env.language.english.reading.surface_forms import value_texts
from chatrec_env.language.english.reading.title_cues import TitleCues
from chatrec_env.language.english.reading.tokens import TOKENIZER
from chatrec_env.language.english.reading.words import WORDS, english_words
from chatrec_env.language.english.realizer import EnglishRealizer
from chatrec_env.language.english.tones import tone
from chatrec_env.language.english.word_forms import stems

_POLITE: Final = re.compile(
    r"(?<!\bonly) if (?:possible|you (?:can|please|like|do(?:n['’]?t| not) mind|would(?:n['’]?t| not) mind)|"
    r"i may|(?:that|it)(?:['’]?s| is) (?:okay|ok|alright|all right|fine)(?: (?:with|by) you)?)\W*$",
    re.IGNORECASE,
)
_THANKS: Final = re.compile(
    r"(?:[,.!;]+\s*| +)(?:many thanks|thanks|thank (?:you|u)|thx|thnx|cheers|ta)\W*$", re.IGNORECASE
)


def _describing() -> Iterator[str]:
    """The words of ``describing.txt``."""
    for line in (
        resources.files(__package__).joinpath("describing.txt").read_text(encoding="utf-8").splitlines()
    ):
        yield from () if line.startswith("#") else line.split()


def _is_polite(text: str) -> bool:
    return _POLITE.search(text) is not None


LANGUAGE: Final = Language(
    name="english",
    make_realizer=EnglishRealizer,
    tone=tone,
    tokenizer=TOKENIZER,
    words=WORDS,
    frequency_list=english_words,
    stems=stems,
    make_lexicon=make_lexicon,
    make_quantities=Quantities,
    make_title_cue=TitleCues,
    make_finders=make_finders,
    handlers=WISH_HANDLERS | REPLY_HANDLERS | OBJECT_HANDLERS,
    cues=CUES,
    polite=_is_polite,
    unthanked=partial(_THANKS.sub, ""),
    describing=tuple(_describing()),
    guards=GUARDS,
    remarks=remarks,
    heads=resources.files(__package__) / "reader.safetensors",
    value_texts=value_texts,
)
