"""Verdicts in words of any order: "it was kind of a good movie", "that one wasn't very good"."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from chatrec_env.language.acts import UserAct
from chatrec_env.language.english.reading.words import FILLERS
from chatrec_env.language.reader.chunks import Chunk
from chatrec_env.language.reader.state import ReadingState
from chatrec_env.language.reader.text import MARKS
from chatrec_env.language.reader.words import word_set

PRAISE: Final = word_set(
    """good great amazing awesome fantastic brilliant excellent wonderful perfect incredible cool fun beautiful
    enjoyable entertaining lovely phenomenal superb outstanding decent alright ok okay
    favorite favourite favorites favourites best greatest masterpiece terrific interesting fascinating"""
)
BLAME: Final = word_set(
    """terrible awful boring bad horrible stupid silly dumb cheesy corny lame predictable disappointing dull
    ridiculous annoying overrated worst worse trash garbage crap pointless dreadful manipulative pretentious
    letdown"""
)
_SUPERLATIVES: Final = word_set("best worst favorite favourite favorites favourites greatest")
_BETWEEN: Final = word_set(
    """a an the is was such kind sort of really pretty very so like just actually also still bit little one my all
    time way too it s that overall quite definitely absolutely super always one another"""
)
_AFTER: Final = FILLERS | word_set("overall because cuz cause however though although series franchise")
_NOT_AFTER: Final = word_set(
    "part parts at time times thing things idea point to job kind how about old fashioned when where"
)
_REACH: Final = 8


def verdict_start(words: Sequence[str], noun: int) -> int:
    """Where a fragment that is nothing but a verdict begins, or -1: "such a great movie", "boring film".

    "A good movie" as the first words of a message may as well be a wish, and is no verdict.
    """
    at = noun - 1
    if at < 0 or (words[at] not in PRAISE and words[at] not in BLAME):
        return -1
    while at >= 0 and (words[at] in _BETWEEN or words[at] in PRAISE or words[at] in BLAME):
        at -= 1
    if at >= 0 and words[at] not in MARKS:
        return -1
    wish = at < 0 and words[0] in ("a", "an", "some", "the") and words[noun - 1] in PRAISE
    return -1 if wish else at + 1


def verdict_from(words: Sequence[str], at: int, nouns: Collection[str]) -> int:
    """What is said of an item by the words from ``at`` on, after "it was": +1, -1, or 0 for neither.

    Only a judgement of the whole counts: "a great movie", but not "a great story".
    """
    negated = False
    if tuple(words[at : at + 2]) == ("one", "of"):
        for i in range(at + 2, min(at + 6, len(words) - 1)):
            if words[i] in _SUPERLATIVES and words[i + 1] not in _NOT_AFTER:
                return 1 if words[i] in PRAISE else -1
    for i in range(at, min(at + _REACH, len(words))):
        word = words[i]
        if word == "not":
            negated = not negated
            continue
        sign = (word in PRAISE) - (word in BLAME)
        if sign:
            after = words[i + 1] if i + 1 < len(words) else "."
            if sign > 0 and after in PRAISE:
                continue  # "my favorite | great" movies
            whole = after in MARKS or after in nouns or (after in _AFTER and after not in _NOT_AFTER)
            if not whole or (negated and sign < 0):
                return 0
            return -sign if negated else sign
        if word == "all" and words[i + 1 : i + 2] == ["right"]:
            return -1 if negated else 1
        if word == "well" and words[i + 1 : i + 2] == ["done"]:
            return -1 if negated else 1
        if word not in _BETWEEN:
            return 0
    return 0


def note_verdict(r: ReadingState, chunk: Chunk, at: int) -> bool:
    """Notes the verdict on the item spoken of that the words from ``at`` on give, if they give one."""
    sign = verdict_from(r.words, at, r.nouns)
    if not sign:
        return False
    if r.about_unknown_title():
        return True
    act, against = UserAct.LIKED_ITEM, UserAct.DISLIKED_ITEM
    last = next((noted for noted in reversed(r.noted) if noted.item >= 0), None)
    if last is None:
        r.note(UserAct.ACCEPT if sign > 0 else UserAct.REJECT, chunk)
    elif last.mention:
        last.act, last.polarity, last.mention = act if sign > 0 else against, sign, False
    elif last.act == UserAct.SEEN_IT:
        noted = r.note(act if sign > 0 else against, chunk)
        noted.item, noted.polarity = last.item, sign
    return True
