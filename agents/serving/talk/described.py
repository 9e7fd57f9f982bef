"""How people join what they wish for, and which of their words are worth repeating."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.language.contract import get_language
from chatrec_env.language.learned.finding import MentionFinder
from chatrec_env.language.learned.mentions import MentionKind

_WORD = re.compile(r"\w{2,}")


def tells(phrase: str) -> bool:
    """Whether words that were not understood are worth repeating: not "with my"."""
    return any(word not in get_language().words.fillers for word in _WORD.findall(phrase.casefold()))


def choices(text: str, acts: Sequence[ParsedAct], finder: MentionFinder) -> list[frozenset[int]]:
    """Wanted values of a sentence of which one is enough: those between which it says "or"."""
    cues = get_language().cues
    wanted = {act.value for act in acts if act.act == UserAct.WANT and act.value >= 0}
    found = [one for one in finder.find(text) if one.kind == MentionKind.VALUE]
    named = [one for one in found if one.values and one.values[0] in wanted]
    out: list[frozenset[int]] = []
    run: list[int] = []
    joined = False
    for before, one in zip([None, *named], named, strict=False):
        between = text[before.end : one.start] if before else ""
        if before and (cues.either(between) or cues.listed(between)):
            joined |= cues.either(between)
        else:
            out += [frozenset(run)] if joined else []
            run, joined = [], False
        run.append(one.values[0])
    return [*out, frozenset(run)] if joined else out
