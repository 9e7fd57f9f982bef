"""The forms of a sentence: who says it, what it is about, and how many wordings it has."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal

N_VARIANTS: Final = 6
"""Wordings per form and argument: 0-1 terse, 2-3 plain, 4 chatty, 5 hedged or indirect."""

Speaker = Literal["user", "system"]


class Argument(StrEnum):
    """What the argument of a form counts."""

    NONE = "none"  # always 0
    VALUE = "value"  # index into catalog.value_names
    PAIR = "pair"  # what Grammar.pair_arg returns
    FACET = "facet"  # index into catalog.facets
    DIRECTION = "direction"  # 2 * facet + (1 for more: newer, longer; 0 for less: older, shorter)
    ITEM = "item"  # row of the catalogue
    CONTEXT = "context"  # index into catalog.contexts
    STARS = "stars"  # 1 to 5, as said


class Form(StrEnum):
    """A sentence without its words. Names starting with ``S_`` are the system's."""

    GREET = "greet"
    WANT = "want"
    ANSWER = "answer"
    WANT_PAIR = "want_pair"
    AVOID = "avoid"
    DONT_KNOW = "dont_know"
    NO_PREFERENCE = "no_preference"
    LIKED_ITEM = "liked_item"
    ACCEPT_WARM = "accept_warm"
    ACCEPT_PLAIN = "accept_plain"
    ACCEPT_COOL = "accept_cool"
    REJECT_MILD = "reject_mild"
    REJECT_FIRM = "reject_firm"
    REJECT_ANNOYED = "reject_annoyed"
    SEEN_IT = "seen_it"
    TOO = "too"
    RELATIVE = "relative"
    MORE_LIKE_THAT = "more_like_that"
    LIKE_BUT = "like_but"
    CHANGE_MIND = "change_mind"
    ENOUGH_OF = "enough_of"
    IMPATIENT = "impatient"
    CONTEXT = "context"
    YES = "yes"
    NO = "no"
    THANK_LEAVE = "thank_leave"
    LEAVE_UNHAPPY = "leave_unhappy"
    SMALL_TALK = "small_talk"
    MOOD_BORED = "mood_bored"
    MOOD_PLEASED = "mood_pleased"
    RATE = "rate"
    S_GREET = "s_greet"
    S_ASK = "s_ask"
    S_CONFIRM = "s_confirm"
    S_RECOMMEND = "s_recommend"
    S_ITEM = "s_item"
    S_EXPLAIN_VALUE = "s_explain_value"
    S_EXPLAIN_ITEM = "s_explain_item"
    S_SORRY = "s_sorry"
    S_CLOSE = "s_close"
    S_EXPLAIN_POPULAR = "s_explain_popular"
    S_EXPLAIN_ACCLAIM = "s_explain_acclaim"

    @property
    def argument(self) -> Argument:
        """What the form's argument counts; ``Argument.NONE`` for a form that takes none."""
        return _ARGUMENTS.get(self, Argument.NONE)

    @property
    def speaker(self) -> Speaker:
        """Whose sentence it is."""
        return "system" if self.value.startswith("s_") else "user"

    @property
    def has_typos(self) -> bool:
        """Whether variant ``N_VARIANTS + v`` exists: variant ``v`` with a slip of the finger or two."""
        return self in _WITH_TYPOS

    @property
    def n_variants(self) -> int:
        """Sentences per argument: 6, 12 with typos, 1 where the wording rotates with the item."""
        if self in _ROTATING:
            return 1
        return 2 * N_VARIANTS if self.has_typos else N_VARIANTS


_ARGUMENTS: Final[dict[Form, Argument]] = {
    Form.WANT: Argument.VALUE,
    Form.ANSWER: Argument.VALUE,
    Form.WANT_PAIR: Argument.PAIR,
    Form.AVOID: Argument.VALUE,
    Form.DONT_KNOW: Argument.FACET,
    Form.NO_PREFERENCE: Argument.FACET,
    Form.LIKED_ITEM: Argument.ITEM,
    Form.TOO: Argument.VALUE,
    Form.RELATIVE: Argument.DIRECTION,
    Form.LIKE_BUT: Argument.VALUE,
    Form.CHANGE_MIND: Argument.VALUE,
    Form.ENOUGH_OF: Argument.VALUE,
    Form.CONTEXT: Argument.CONTEXT,
    Form.RATE: Argument.STARS,
    Form.S_ASK: Argument.FACET,
    Form.S_CONFIRM: Argument.VALUE,
    Form.S_ITEM: Argument.ITEM,
    Form.S_EXPLAIN_VALUE: Argument.VALUE,
    Form.S_EXPLAIN_ITEM: Argument.ITEM,
}
_WITH_TYPOS: Final = frozenset({Form.WANT, Form.ANSWER, Form.AVOID})
_ROTATING: Final = frozenset({Form.S_ITEM, Form.S_EXPLAIN_ITEM})
