"""A wording is read back: it must do what was meant, no less, and nothing else that counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from chatrec_env.language.acts import ParsedAct, SystemAct, UserAct
from chatrec_env.language.forms import Form
from chatrec_env.language.meanings import said_after
from chatrec_env.language.questions import ASKING
from simulators.llm.wording.examples import careful_wordings

if TYPE_CHECKING:
    from chatrec_env.language import SentenceTable

Meaning = frozenset[tuple[int | str, ...]]

_COURTESY = frozenset((UserAct.GREET, UserAct.SMALL_TALK, UserAct.THANK))
"""May come or go with the wording."""

_AFFIRM = {UserAct.YES: UserAct.ACCEPT, UserAct.NO: UserAct.REJECT}
"""On their own, "yes" and "I'll take it" tell the system the same."""


def meaning(acts: Iterable[ParsedAct]) -> Meaning:
    """What a sentence tells the system, order, repetition and courtesy aside."""
    told = set()
    for act in acts:
        if act.act in _COURTESY:
            continue
        kind = _AFFIRM.get(act.act, act.act)
        said = (act.value, act.facet, act.polarity, act.item, act.direction, act.context, act.entity)
        more = (act.place, int(act.other), act.topic if act.act in ASKING else "")
        told.add((int(kind), *said, *more))
    return frozenset(told)


def stated(told: Meaning) -> frozenset[int]:
    """The values that a meaning is about."""
    return frozenset(int(value) for _, value, *_ in told if int(value) >= 0)


def differences(meant: Meaning, got: Meaning) -> tuple[int, int]:
    """How many of the meant acts are missing, and how many others came in."""
    return len(meant - got), len(got - meant)


class Reading:
    """Reads wordings as the environment does: by the table's reader, where it has one, else by its rules.

    Args:
        table: Sentences, and what reads them.
    """

    def __init__(self, table: SentenceTable) -> None:
        self.table = table
        self._known: dict[tuple[Form, int], tuple[Meaning, Meaning]] = {}

    def read(self, texts: Sequence[str], after: SystemAct) -> list[Meaning]:
        """What texts tell that are said after what the system did."""
        if self.table.reader is None:
            return [meaning(self.table.parser.parse(text)) for text in texts]
        return [meaning(acts) for acts in self.table.reader.read(texts, after=after)[1]]

    def meant(self, form: Form, arg: int) -> tuple[Meaning, Meaning]:
        """What a form with an argument says, and what may be read beside it.

        The first is what most of its plain wordings are read as, where they belong; the second, all that any of them is
        read as: "Oh no, that's too dark" turns the item down as well.
        """
        if (form, arg) not in self._known:
            texts = careful_wordings(self.table.grammar, form, arg)
            read = self.read(texts, said_after(form) or SystemAct.RECOMMEND)
            most, _ = Counter(read).most_common(1)[0]
            self._known[form, arg] = most, frozenset[tuple[int | str, ...]]().union(*read)
        return self._known[form, arg]
