"""What people describe rather than name, and how they join what they name: "lovely gardens", "space or aliens"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.language.learned.finding import MentionFinder

_END = r"(?=[,.;:!?()]|\bbut\b|\bplease\b|\bbecause\b|$)"
_HAVING = re.compile(rf"\b(?:full of|with|where|in which|set in|set on|set at)\s+(.+?){_END}", re.IGNORECASE)
_SPARED = re.compile(
    r"\b(?:nothing|none|not one|not something|no \w+)\s+(?:with|where|about|in which|that has|full of)\s+"
    rf"(.+?){_END}",
    re.IGNORECASE,
)
_NONE = re.compile(
    r"\bno (?!more|one|need|idea|problem|rush|hurry|thanks?|way|clue|doubt|matter|preference|longer|less|worries|luck"
    r"|time|point|use|good|kidding)([a-z]{4,})\b",
    re.IGNORECASE,
)
_OF_THE_PERSON = re.compile(
    r"(?:an? |the |some )?"
    r"(?:my|our|me|us|her|him|them|you|your|it|that|this|friends?|famil\w+|kids?|children|people)\b",
    re.IGNORECASE,
)
_OR = re.compile(r"[,\s]*(?:or|and/or)(?: (?:maybe|perhaps|else|even|an?|some|something))*\s*", re.IGNORECASE)
_COMMA = re.compile(r",\s*(?:an? |some(?:thing)? )?", re.IGNORECASE)

_PLAIN = re.compile(
    r"\b(?:with|my|me|our|us|your|you|his|her|him|them|their|it|its|this|that|these|those|the|an?|of|in|on|at|to|for|and"
    r"|or|is|are|be|do|so|very|too|one|ones|some|any|people|thing|things|stuff)\b"
)
_TELLING = re.compile(r"\w{2,}")

LEAST = 2
"""Words of a description, at least."""


def descriptions(
    text: str, acts: Sequence[ParsedAct], finder: MentionFinder
) -> tuple[list[str], list[ParsedAct]]:
    """Descriptions of what is wanted in a sentence, and acts for those of what is to be spared.

    Only what names nothing the catalogue knows: that is read as it is.

    Args:
        text: The sentence.
        acts: What was read in it.
        finder: Finds what names something.
    """
    kinds = {act.act for act in acts}
    spared = [] if kinds & {UserAct.AVOID, UserAct.EXCEPT} else _phrases(_SPARED, text, finder)
    if UserAct.WANT in kinds and not kinds & {UserAct.AVOID, UserAct.EXCEPT}:  # "an action film, no capes"
        spared += [one[1] for one in _NONE.finditer(_SPARED.sub("", text)) if not finder.find(one[1])]
    avoided = [ParsedAct(UserAct.AVOID, polarity=-1, topic=phrase) for phrase in spared]
    if UserAct.WANT not in kinds or text.rstrip().endswith("?"):
        return [], avoided
    return _phrases(_HAVING, _SPARED.sub("", text), finder), avoided


def tells(phrase: str) -> bool:
    """Whether words that were not understood are worth repeating: not "with my"."""
    return bool(_TELLING.search(_PLAIN.sub(" ", phrase.casefold())))


def _phrases(pattern: re.Pattern[str], text: str, finder: MentionFinder) -> list[str]:
    found = [match[1].strip() for match in pattern.finditer(text)]
    return [
        one
        for one in found
        if len(one.split()) >= LEAST and not _OF_THE_PERSON.match(one) and not finder.find(one)
    ]


def choices(text: str, acts: Sequence[ParsedAct], finder: MentionFinder) -> list[frozenset[int]]:
    """Wanted values of a sentence of which one is enough: those between which it says "or"."""
    wanted = {act.value for act in acts if act.act == UserAct.WANT and act.value >= 0}
    named = [one for one in finder.find(text) if one.values and one.values[0] in wanted]
    out: list[frozenset[int]] = []
    run: list[int] = []
    joined = False
    for before, one in zip([None, *named], named, strict=False):
        between = text[before.end : one.start] if before else ""
        if before and (_OR.fullmatch(between) or _COMMA.fullmatch(between)):
            joined |= bool(_OR.fullmatch(between))
        else:
            out += [frozenset(run)] if joined else []
            run, joined = [], False
        run.append(one.values[0])
    return [*out, frozenset(run)] if joined else out
