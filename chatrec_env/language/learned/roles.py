"""Which role of a mention is believed."""

from __future__ import annotations

from typing import Final

import numpy as np

from chatrec_env.language.learned.heard import Floats
from chatrec_env.language.learned.mentions import MentionKind
from chatrec_env.language.learned.scheme import ROLES

NAMED: Final = "named"
WISHES: Final = (MentionKind.VALUE, MentionKind.AMOUNT, MentionKind.COMPANY)
OF_TITLES: Final = frozenset(("find", "like", "liked", "disliked", "seen"))
MERELY_NAMED: Final = 0.85
MEANT_AFTER_ALL: Final = 0.2
"""See ``after_all``."""

TOO_MUCH_AS_WELL: Final = 0.3
"""See ``rather_too_much``."""

OF_A_TITLE: Final = 0.4
"""From which chance on the role of a title is believed in a request: hardly anybody merely names one there."""

_BRIEF: Final = 8
"""Words up to which a message is a request, whatever came before; people who tell of their taste say more."""


def is_brief(text: str) -> bool:
    """Whether a message is so short that a value in it is hardly named in passing."""
    return len(text.split()) <= _BRIEF


def likeliest(roles: Floats, least: float) -> str:
    """The likeliest role of a mention ``(R,)``, ``named`` where it is not as likely as ``least``."""
    best = int(roles.argmax())
    return ROLES[best] if roles[best] >= least else NAMED


def after_all(roles: Floats) -> str:
    """``named``, or the likeliest other role ``(R,)`` where ``named`` is less likely than ``MERELY_NAMED``.

    To pass over a wish of the person one talks to does more harm than to take a word for one.
    """
    named = ROLES.index(NAMED)
    second = int(np.where(np.arange(len(roles)) == named, -1, roles).argmax())
    return ROLES[second] if roles[named] < MERELY_NAMED and roles[second] >= MEANT_AFTER_ALL else NAMED


def rather_too_much(role: str, roles: Floats) -> str:
    """The role of a mention ``(R,)`` of which the rules read that there is too much: ``too`` if that is near ``avoid``.

    "That might be too dark" is about what was suggested, not about all that is dark.
    """
    near = roles[ROLES.index("too")] >= TOO_MUCH_AS_WELL
    return "too" if role == "avoid" and near else role
