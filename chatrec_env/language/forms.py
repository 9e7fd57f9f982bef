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
    FACT = "fact"  # topics * item + topic; see `facts.topics`
    TRUTH = "truth"  # 3 * value + `facts.Truth`
    CREDIT = "credit"  # 2 * entity + (1 where it stands on the card, else 0)
    OPINION = "opinion"  # what `facts.opinions` returns
    UNKNOWN = "unknown"  # a topic, then topics + index into `declaration.unanswered`, and last "that"
    SIGNED = "signed"  # 2 * value + (1 wanted, 0 avoided)


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
    S_WHY_LIKENESS = "s_why_likeness"
    S_WHY_GUESS = "s_why_guess"
    S_SLATE = "s_slate"
    S_STARTERS = "s_starters"
    S_FACT = "s_fact"
    S_FACT_OF = "s_fact_of"
    S_HAS_VALUE = "s_has_value"
    S_HAS_ENTITY = "s_has_entity"
    S_PLOT = "s_plot"
    S_OPINION = "s_opinion"
    S_UNKNOWN = "s_unknown"
    S_KEEP = "s_keep"
    S_NOT_HERE = "s_not_here"
    S_MISMATCH = "s_mismatch"
    S_UNDERSTOOD = "s_understood"
    S_NOT_UNDERSTOOD = "s_not_understood"
    S_CLOSE_WARM = "s_close_warm"
    S_OFFER_MORE = "s_offer_more"
    S_START_OVER = "s_start_over"
    S_UNDONE = "s_undone"
    S_HELP = "s_help"
    S_CALM = "s_calm"
    S_LANGUAGE = "s_language"

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
    def is_wide(self) -> bool:
        """Whether it has so many arguments that its sentences are encoded only as they come up."""
        return self in _WIDE

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
    Form.S_WHY_LIKENESS: Argument.ITEM,
    Form.S_FACT: Argument.FACT,
    Form.S_FACT_OF: Argument.FACT,
    Form.S_HAS_VALUE: Argument.TRUTH,
    Form.S_HAS_ENTITY: Argument.CREDIT,
    Form.S_PLOT: Argument.ITEM,
    Form.S_OPINION: Argument.OPINION,
    Form.S_UNKNOWN: Argument.UNKNOWN,
    Form.S_MISMATCH: Argument.VALUE,
    Form.S_UNDERSTOOD: Argument.SIGNED,
    Form.S_CLOSE_WARM: Argument.ITEM,
}
_WITH_TYPOS: Final = frozenset({Form.WANT, Form.ANSWER, Form.AVOID})
_WIDE: Final = frozenset({Form.S_FACT, Form.S_FACT_OF, Form.S_HAS_ENTITY})
_ROTATING: Final = _WIDE | {
    *(Form.S_ITEM, Form.S_EXPLAIN_ITEM, Form.S_WHY_LIKENESS, Form.S_PLOT, Form.S_CLOSE_WARM)
}
