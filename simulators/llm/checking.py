"""A wording is read back: it must do what was meant, no less, and nothing else that counts."""

from __future__ import annotations

from collections.abc import Iterable

from chatrec_env.language.acts import ParsedAct, UserAct

Meaning = frozenset[tuple[int, ...]]

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
        told.add(
            (int(kind), act.value, act.facet, act.polarity, act.item, act.direction, act.context, act.entity)
        )
    return frozenset(told)


def stated(told: Meaning) -> frozenset[int]:
    """The values that a meaning is about."""
    return frozenset(value for _, value, *_ in told if value >= 0)


def differences(meant: Meaning, got: Meaning) -> tuple[int, int]:
    """How many of the meant acts are missing, and how many others came in."""
    return len(meant - got), len(got - meant)
