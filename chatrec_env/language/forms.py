"""The forms of a sentence: who says it, what it is about, and how many wordings it has.

The wordings of a form and argument are numbered ``variant = style + n_styles * way``:

- The *style* goes from terse to hedged, 0 to 5; a speaker leans to one. Forms of many arguments have a single style
  (``n_styles`` 1), and their register goes by the argument.
- The *way* is how it is put this time, 0 to ``n_ways - 1``. Even ways are typed with care, odd ways in haste (lower
  case, no full stop, short forms, slips). Way 0 is the style's plain wording (where there are six styles). The system
  has way 0 alone.

A simulator numbers what a person of a style says, typing in haste or not, with :func:`~.variants.variant_of`; people
who speak as plainly as can be say ``style % n_styles``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal

N_VARIANTS: Final = 6
"""Styles: 0-1 terse, 2-3 plain, 4 chatty, 5 hedged or indirect."""

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
    TOPIC = "topic"  # index into `facts.topics`
    ENTITY = "entity"  # index into `catalog.entity_names`
    UNANSWERED = "unanswered"  # index into `declaration.unanswered`
    UNLISTED = "unlisted"  # index into `declaration.unlisted`
    PLACE = "place"  # of a card on the table: 0 to 4, 5 the last
    PHRASE = "phrase"  # index into `Grammar.phrases`


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
    ASK_FACT = "ask_fact"
    ASK_VALUE = "ask_value"
    ASK_ENTITY = "ask_entity"
    ASK_PLOT = "ask_plot"
    ASK_OPINION = "ask_opinion"
    ASK_WHY = "ask_why"
    ASK_UNANSWERED = "ask_unanswered"
    COMPARE = "compare"
    DISLIKED_ITEM = "disliked_item"
    SEEN_ITEM = "seen_item"
    LIKE_ITEM = "like_item"
    FIND_ITEM = "find_item"
    FIND_UNLISTED = "find_unlisted"
    TAKE_ITEM = "take_item"
    TAKE_PLACE = "take_place"
    WANT_ENTITY = "want_entity"
    BUT = "but"
    EXCEPT_VALUE = "except_value"
    DROP = "drop"
    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    FOR_OTHER = "for_other"
    CONDITION = "condition"
    LIKED_IT = "liked_it"
    HATED_IT = "hated_it"
    DOUBT = "doubt"
    MISMATCH = "mismatch"
    SURPRISE_ME = "surprise_me"
    START_OVER = "start_over"
    UNDO = "undo"
    HELP = "help"
    INSULT = "insult"
    OTHER_LANGUAGE = "other_language"
    NOTION = "notion"
    MEANT = "meant"
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
    def is_question(self) -> bool:
        """Whether a person asks something of the system with it."""
        return self.value.startswith("ask_") or self is Form.COMPARE

    @property
    def is_wide(self) -> bool:
        """Whether it has so many arguments that its sentences are encoded only as they come up."""
        return self in _WIDE

    @property
    def n_styles(self) -> int:
        """Styles a variant can be in: 6, or 1 where the style goes by the argument."""
        return 1 if self in _ROTATING or self in _WAYS_OF_ONE_STYLE else N_VARIANTS

    @property
    def n_ways(self) -> int:
        """Ways per style: 1 of the system; of people a power of two, those with odd numbers typed in haste."""
        if self.speaker == "system":
            return 1
        return _WAYS_OF_ONE_STYLE.get(self) or _OTHER_WAYS.get(self) or _WAYS.get(self.argument, 16)

    @property
    def has_typos(self) -> bool:
        """Whether way 1 is the style's plain wording with a slip of the finger or two."""
        return self in _WITH_TYPOS

    @property
    def n_variants(self) -> int:
        """Sentences per argument: ``n_styles * n_ways``; 1 where the wording rotates with the argument."""
        return self.n_styles * self.n_ways


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
    Form.ASK_FACT: Argument.TOPIC,
    Form.ASK_VALUE: Argument.VALUE,
    Form.ASK_ENTITY: Argument.ENTITY,
    Form.ASK_UNANSWERED: Argument.UNANSWERED,
    Form.DISLIKED_ITEM: Argument.ITEM,
    Form.SEEN_ITEM: Argument.ITEM,
    Form.LIKE_ITEM: Argument.ITEM,
    Form.FIND_ITEM: Argument.ITEM,
    Form.FIND_UNLISTED: Argument.UNLISTED,
    Form.TAKE_ITEM: Argument.ITEM,
    Form.TAKE_PLACE: Argument.PLACE,
    Form.WANT_ENTITY: Argument.ENTITY,
    Form.BUT: Argument.VALUE,
    Form.EXCEPT_VALUE: Argument.VALUE,
    Form.DROP: Argument.VALUE,
    Form.AT_MOST: Argument.VALUE,
    Form.AT_LEAST: Argument.VALUE,
    Form.FOR_OTHER: Argument.VALUE,
    Form.CONDITION: Argument.VALUE,
    Form.MISMATCH: Argument.VALUE,
    Form.NOTION: Argument.PHRASE,
    Form.MEANT: Argument.PHRASE,
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
_WIDE: Final = frozenset({Form.S_FACT, Form.S_FACT_OF, Form.S_HAS_ENTITY, Form.ASK_ENTITY, Form.WANT_ENTITY})
_ROTATING: Final = frozenset(
    {
        *(Form.S_ITEM, Form.S_EXPLAIN_ITEM, Form.S_WHY_LIKENESS, Form.S_PLOT, Form.S_CLOSE_WARM),
        *(Form.S_FACT, Form.S_FACT_OF, Form.S_HAS_ENTITY),
    }
)
# The more arguments, the fewer ways, so that all the sentences of a catalogue can be encoded in a few minutes.
_WAYS: Final = {
    **dict.fromkeys((Argument.PAIR, Argument.VALUE, Argument.UNLISTED, Argument.PHRASE), 2),
    **dict.fromkeys(
        (Argument.FACET, Argument.TOPIC, Argument.DIRECTION, Argument.UNANSWERED, Argument.PLACE), 8
    ),
    Argument.ITEM: 1,
}
_OTHER_WAYS: Final = {
    **dict.fromkeys((Form.NO, Form.HELP), 8),
    **dict.fromkeys((Form.WANT, Form.ANSWER, Form.AVOID, Form.AT_MOST, Form.AT_LEAST), 4),
    **dict.fromkeys(
        (Form.GREET, Form.CONTEXT, Form.YES, Form.THANK_LEAVE, Form.OTHER_LANGUAGE), 4
    ),  # little to add
}
_WAYS_OF_ONE_STYLE: Final = {
    **dict.fromkeys((Form.DISLIKED_ITEM, Form.SEEN_ITEM, Form.LIKE_ITEM, Form.FIND_ITEM, Form.TAKE_ITEM), 2),
    **dict.fromkeys((Form.ASK_ENTITY, Form.WANT_ENTITY), 2),
    **dict.fromkeys(
        (Form.BUT, Form.EXCEPT_VALUE, Form.DROP, Form.FOR_OTHER, Form.CONDITION, Form.MISMATCH), 4
    ),
    Form.MEANT: 4,
}
