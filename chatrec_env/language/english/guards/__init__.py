"""What a text may have that a language model words for a person, beside what the scripted wordings have."""

from __future__ import annotations

from typing import Final

from chatrec_env.language.contract import Guards
from chatrec_env.language.english.guards.places import fits
from chatrec_env.language.english.guards.voice import COMPANY, KINDS, NAME, PHRASES, UNSURE
from chatrec_env.language.english.guards.words import EVERYDAY, around

GUARDS: Final = Guards(
    everyday=EVERYDAY,
    phrases=PHRASES,
    kinds=KINDS,
    unsure=UNSURE,
    names=NAME,
    company=COMPANY,
    around=around,
    fits=fits,
)

__all__ = ["GUARDS"]
