"""Whether a wording fits where it is said: after what the system did, and behind the person's own words."""

from __future__ import annotations

import re
from typing import Final

from chatrec_env.language.acts import SystemAct
from chatrec_env.language.contract import Place
from chatrec_env.language.forms import Form

_TAKES: Final = (
    r"\b(?:take|watch|try|works|go (?:with|for)|sounds (?:good|great)|(?:it|that)'ll do)\b|"
    r"^(?:ok|okay|fine|sure|alright)\W*$"
)
_NEEDED: Final = {
    Form.GREET: r"^(?:hi|hello|hey|good (?:morning|afternoon|evening))\b",
    Form.ACCEPT_PLAIN: _TAKES,
    Form.ACCEPT_COOL: _TAKES,
    Form.CONDITION: r"\b(?:take|watch|try|sure)\b",
    Form.SMALL_TALK: r"^(?!.*\bi wonder\b).*\b(?:i|i'm|i've|my)\b",
    Form.IMPATIENT: r"\b(?:just|show|suggest\w*|enough|no more)\b",
    Form.ASK_PLOT: r"\bmore\b",
}
"""What a wording of a form must have.

A greeting greets; who takes something says so, since a lukewarm verdict ("It's okay, I guess.") is none; chatter is
about the person; who is tired of questions says what they want; of a plot, more is asked than was told.
"""

_HEDGED: Final = r"\bi (?:think|guess|suppose)\b"
_REFUSED: Final = {
    Form.CONTEXT: r"\b(?:should mention|may matter|by the way)\b",
    Form.LIKED_ITEM: _HEDGED,
    Form.DISLIKED_ITEM: _HEDGED,
    Form.LIKED_IT: rf"{_HEDGED}|\bhad it\b",
    Form.HATED_IT: _HEDGED,
    Form.MORE_LIKE_THAT: r"\bwas\b",
    Form.TOO: r"\btoo (?:much (?!of\b)|obviously\b)",
    Form.AT_MOST: r"\bno more than that\b|\bsomething \d",
    Form.AT_LEAST: r"\bnothing else will do\b|\bsomething \d|\bno less\b",
    Form.ASK_WHY: r"\bdo you\b",
    Form.ASK_ENTITY: r"\b(?:isn't that|it's with) .*\bdo you know\b",
    Form.ASK_FACT: r"\b(?:year|when|how old)\b",
}
"""What it must not have.

Nothing can matter, or be mentioned by the way, before anything was said; people know what they liked; what is only
suggested "was" not great; nobody says "too much about identity"; and the year stands beside the title.
"""

_JOINED: Final = r"^(?:and|but|or|though|also)\b"
_MORE: Final = r"\b(?:else|another|show|suggest|got any)\b"
_CERTAIN: Final = r"\b(?:really|right now|for sure|that's easy|had to pick)\b"
_KEEN: Final = r"\b(?:tempting|interesting|ooh|nice)\b"

_LEAVING: Final = frozenset((Form.THANK_LEAVE, Form.LEAVE_UNHAPPY))
_TAKING: Final = frozenset((Form.ACCEPT_WARM, Form.ACCEPT_PLAIN, Form.ACCEPT_COOL))
_CHOICES: Final = frozenset((Form.ANSWER, Form.WANT, Form.WANT_PAIR))
_OPEN: Final = frozenset((Form.NO_PREFERENCE, Form.SURPRISE_ME))
_STATED: Final = _CHOICES | _OPEN | {Form.WANT_ENTITY, Form.AVOID, Form.LIKE_ITEM, Form.FOR_OTHER}
_JOINING: Final = frozenset((Form.WANT, Form.AVOID, Form.BUT, Form.EXCEPT_VALUE))
_REPEATED: Final = _CHOICES | {Form.BUT, Form.LIKE_BUT, Form.ASK_VALUE, Form.AT_MOST, Form.AT_LEAST}


def fits(text: str, place: Place) -> bool:
    """Whether a text, which says what its form says, can be said in a place."""
    form, before, behind = place.form, place.before, place.behind

    def has(pattern: str) -> bool:
        return re.search(pattern, text, re.I) is not None

    if (form in _NEEDED and not has(_NEEDED[form])) or (form in _REFUSED and has(_REFUSED[form])):
        return False
    return not (
        # A system that has just asked is not thanked for what it gave; who leaves asks for nothing more.
        (form is Form.THANK_LEAVE and place.after is SystemAct.ASK and has(r"\b(?:needed|all set|helpful)\b"))
        or (form not in _LEAVING and behind & _LEAVING and has(_MORE))
        # "But" and "except" need something of the person's own before them.
        or (form in _JOINING and before not in _STATED and has(_JOINED))
        or (form.is_question and before is None and has(r"^and\b"))
        or (has(r"\bexcept\b") and before not in _OPEN and not has(r"\b(?:all|any\w*|every\w*|whatever)\b"))
        # Nothing that the rest of the turn contradicts.
        or (form is Form.GREET and behind & _STATED and has(r"\b(?:not|don't)\b"))
        or (form in _CHOICES and (before in _CHOICES or behind & _CHOICES) and has(_CERTAIN))
        or (form is Form.CHANGE_MIND and before in _TAKING and has(r"\bforget\b"))
        or (before is Form.DOUBT and has(_KEEN))
        # A wish that the system has just gone by is said again only with a word for that.
        or (place.again and form in _REPEATED and not has(r"\b(?:still|again|as i said|like i said)\b"))
    )
