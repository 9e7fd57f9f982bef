"""What each form of people is meant to be read as: the acts of the message and the role of what it mentions.

Acts and roles are those of the corpus of messages (``experiments/language``). What a form names (a value, a title,
a topic, a person, a place, a limit) is one mention; a pair may be two. THANK may be read in addition anywhere, since
closings thank.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from chatrec_env.language.acts import SystemAct
from chatrec_env.language.forms import Form

if TYPE_CHECKING:
    from chatrec_env.language.grammar import Grammar


class Meaning(NamedTuple):
    """How a sentence should be read."""

    acts: tuple[str, ...] = ()  # acts of the message; none where its mention says it all
    role: str = ""  # of its mention, as `role`, `role!`, `role?` or `role@other`; empty where it has none


MEANINGS: Final[dict[Form, Meaning]] = {
    Form.GREET: Meaning(("GREET",)),
    Form.WANT: Meaning(role="want"),
    Form.ANSWER: Meaning(role="want"),
    Form.WANT_PAIR: Meaning(role="want"),
    Form.AVOID: Meaning(role="avoid"),
    Form.DONT_KNOW: Meaning(("DONT_KNOW",)),
    Form.NO_PREFERENCE: Meaning(("NO_PREFERENCE",)),
    Form.LIKED_ITEM: Meaning(role="liked"),
    Form.ACCEPT_WARM: Meaning(("ACCEPT",)),
    Form.ACCEPT_PLAIN: Meaning(("ACCEPT",)),
    Form.ACCEPT_COOL: Meaning(("ACCEPT",)),
    Form.REJECT_MILD: Meaning(("REJECT",)),
    Form.REJECT_FIRM: Meaning(("REJECT",)),
    Form.REJECT_ANNOYED: Meaning(("REJECT",)),
    Form.SEEN_IT: Meaning(("SEEN_IT",)),
    Form.TOO: Meaning(role="too"),
    Form.RELATIVE: Meaning(role="want"),
    Form.MORE_LIKE_THAT: Meaning(("MORE_LIKE_THAT",)),
    Form.LIKE_BUT: Meaning(("MORE_LIKE_THAT",), "want"),
    Form.CHANGE_MIND: Meaning(role="want"),
    Form.ENOUGH_OF: Meaning(role="enough"),
    Form.IMPATIENT: Meaning(("IMPATIENT",)),
    Form.CONTEXT: Meaning(role="want"),
    Form.YES: Meaning(("YES",)),
    Form.NO: Meaning(("NO",)),
    Form.THANK_LEAVE: Meaning(("THANK", "LEAVE")),
    Form.LEAVE_UNHAPPY: Meaning(("LEAVE",)),
    Form.SMALL_TALK: Meaning(("SMALL_TALK",)),
    Form.MOOD_BORED: Meaning(("SMALL_TALK",)),
    Form.MOOD_PLEASED: Meaning(("SMALL_TALK",)),
    Form.RATE: Meaning(("SMALL_TALK",)),
    Form.ASK_FACT: Meaning(("ASK_FACT",), "asked"),
    Form.ASK_VALUE: Meaning(("ASK_FACT",), "asked"),
    Form.ASK_ENTITY: Meaning(("ASK_FACT",), "asked"),
    Form.ASK_PLOT: Meaning(("ASK_PLOT",)),
    Form.ASK_OPINION: Meaning(("ASK_OPINION",)),
    Form.ASK_WHY: Meaning(("ASK_WHY",)),
    Form.ASK_UNANSWERED: Meaning(("ASK_FACT",)),
    Form.COMPARE: Meaning(("COMPARE",)),
    Form.DISLIKED_ITEM: Meaning(role="disliked"),
    Form.SEEN_ITEM: Meaning(role="seen"),
    Form.LIKE_ITEM: Meaning(role="like"),
    Form.FIND_ITEM: Meaning(("FIND_ITEM",), "find"),
    Form.FIND_UNLISTED: Meaning(("FIND_ITEM",), "find"),
    Form.TAKE_ITEM: Meaning(("ACCEPT",), "take"),
    Form.TAKE_PLACE: Meaning(("ACCEPT",), "take"),
    Form.WANT_ENTITY: Meaning(role="want"),
    Form.BUT: Meaning(role="want"),
    Form.EXCEPT_VALUE: Meaning(role="except"),
    Form.DROP: Meaning(role="drop"),
    Form.AT_MOST: Meaning(role="want"),
    Form.AT_LEAST: Meaning(role="want"),
    Form.FOR_OTHER: Meaning(role="want@other"),
    Form.CONDITION: Meaning(("CONDITION",), "want"),
    Form.LIKED_IT: Meaning(("SEEN_IT", "LIKED_IT")),
    Form.HATED_IT: Meaning(("SEEN_IT", "DISLIKED_IT")),
    Form.DOUBT: Meaning(("DOUBT",)),
    Form.MISMATCH: Meaning(("MISMATCH",), "lacks"),
    Form.SURPRISE_ME: Meaning(("NO_PREFERENCE",)),
    Form.START_OVER: Meaning(("START_OVER",)),
    Form.UNDO: Meaning(("UNDO",)),
    Form.HELP: Meaning(("HELP",)),
    Form.INSULT: Meaning(("INSULT",)),
    Form.OTHER_LANGUAGE: Meaning(("OTHER_LANGUAGE",)),
    Form.NOTION: Meaning(role="want"),
    Form.MEANT: Meaning(role="want"),
}
"""By form, of every form of people."""

_TO_A_QUESTION: Final = frozenset((Form.ANSWER, Form.DONT_KNOW, Form.NO_PREFERENCE, Form.IMPATIENT))
_AT_FIRST: Final = frozenset((Form.GREET, Form.CONTEXT, Form.SURPRISE_ME, Form.FOR_OTHER, Form.LIKE_ITEM))
_ANY_TIME: Final = frozenset(
    {
        *(
            Form.WANT,
            Form.WANT_PAIR,
            Form.AVOID,
            Form.LIKED_ITEM,
            Form.DISLIKED_ITEM,
            Form.SEEN_ITEM,
            Form.FIND_ITEM,
        ),
        *(
            Form.FIND_UNLISTED,
            Form.WANT_ENTITY,
            Form.BUT,
            Form.EXCEPT_VALUE,
            Form.DROP,
            Form.AT_MOST,
            Form.AT_LEAST,
        ),
        *(
            Form.SMALL_TALK,
            Form.START_OVER,
            Form.UNDO,
            Form.HELP,
            Form.INSULT,
            Form.OTHER_LANGUAGE,
            Form.CHANGE_MIND,
            Form.NOTION,
        ),
        *(Form.THANK_LEAVE, Form.LEAVE_UNHAPPY),
    }
)


def said_after(form: Form) -> SystemAct | None:
    """What the system did just before a form of people, where it is always the same; None where it is not."""
    if form in _ANY_TIME:
        return None
    if form in _AT_FIRST:
        return SystemAct.GREET
    if form in _TO_A_QUESTION:
        return SystemAct.ASK
    return SystemAct.CONFIRM if form in (Form.YES, Form.NO) else SystemAct.RECOMMEND


def as_worded(grammar: Grammar, text: str, after: SystemAct) -> int:
    """The id of the people's sentence with a text, -1 where the grammar words none.

    Of several, one that is said after what the system just did, else one that is said at any time.
    """
    ids = grammar.find(text)
    places = [said_after(grammar.describe(i)[0]) for i in ids]
    fitting = [i for wanted in (after, None) for i, place in zip(ids, places, strict=True) if place == wanted]
    return (fitting or [*ids, -1])[0]
