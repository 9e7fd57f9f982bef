"""Whose voice a wording is in: a person's who says "I", not the assistant's, and nobody's who describes them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from simulators.llm.wording.examples import WORDS, words_of

_NOT_THEIRS = re.compile(
    r"\b(?:as an? (?:ai|language model|assistant)|(?:this|the) (?:person|user)|they(?:'re| are| want| need| like)|"
    r"s?he(?:'s| is| wants)|let me (?:help|know)|how (?:can|may) i|(?:i can|i'll|i will|happy to|glad to) "
    r"(?:help|assist|find|show|tell|create|look)|(?:recommend|suggest|advise|assist|offer|provide)\w*|"
    r"here(?:'s| is| are) (?:a|an|some|the|your)|would you like|do you (?:want|like|prefer)|"
    r"(?:create|write|rewrite|make|produce|do) (?:a|an|some|something|the|my|your)|(?:show|tell|give|get) you|glad you|"
    r"sorry for|in love|not all|sure would|i'm going to|i'll (?:pick|choose)|a (?=[aeiou])\w+|an (?![aeiouh])\w+|"
    r"(?:great|good|nice|excellent|perfect|wonderful) (?:choice|idea|question|pick|suggestion)|"
    r"(?:i've|i have|i) got (?:it|that)|sentences?|rephrase\w*|reword\w*)\b",
    re.I,
)
"""What assistants say, and those who tell of a person or make films instead of watching them."""

_YOU = re.compile(
    r"\b(?:you(?:'re| are|'ve|'ll| will|'d| would| should| could| need| want| seem| feel)|for you|your)\b|"
    r"(?:^|[.!?;,:]\s+|\b(?:and|but|so|because)\s+)you\b",
    re.I,
)
"""Where it is told what "you" are, have, want or should: people who want something do not tell the assistant that."""

_REMARK = re.compile(r"(?:^|[.!?,;:]\s+|\bthink )((?:that|this)(?:'s| is) \w+)", re.I)
"""A remark on something that is there, where a wish or an answer is said."""

_YES, _NO = re.compile(r"^(?:yes|yeah|yep)\b", re.I), re.compile(r"^(?:no|nope)\b", re.I)
"""An answer to what nobody asked."""

_APPROVES = re.compile(
    r"^(?:awesome|great|nice|cool|lovely|perfect|sure|certainly|of course|absolutely|excellent|wonderful|fantastic|"
    r"sounds good)\b",
    re.I,
)
"""Approval of what was not suggested."""

_BROKEN_OFF = re.compile(
    r"\b(?:i'm|it's|that's|(?:i|it|that) (?:am|is|do|does|have|has|will|can)(?:n't)?)(?: not)?\W*$", re.I
)
"""Nothing follows the verb: "No, I'm not."."""

_IN_TWO_MINDS = re.compile(
    r"^(?=.*\b(?:maybe|perhaps|might|not sure|i guess|i suppose|if i had to)\b)"
    r"(?=.*\b(?:for sure|definitely|certainly|absolutely|exactly|that's easy|easy one|really in the mood)\b)",
    re.I,
)
"""Unsure and certain in one breath."""

_UNSURE = re.compile(r"\b(?:not|n't) (?:\w+ )?(?:sure|certain)\b", re.I)
"""Not sure, which is no way to say a wish: "I'm not sure if I'd want a drama."."""

_YOUR_WISH = re.compile(
    r"\byou (?:really |just |still |always )?(?:like|love|enjoy|want|need|ask|prefer)(?:d|ed|s)?\b", re.I
)
"""The assistant's wishes for their own: "That's not what you asked for."."""

_MUST = re.compile(r"\b(?:have to|has to|needs? to|should|must|ought|supposed)\b", re.I)
"""What must be, where it is asked or told what is."""

_BEFORE = re.compile(
    r"\b(?:was|were|did|(?<!if i )had|liked|loved|enjoyed|wanted|watched|looked|saw|been|seen)\b", re.I
)
"""What has been, where it is told what is wanted or taken."""

_EMPTY = re.compile(
    r"\b(?:(?:is|be|was) (?:great|good|nice|fine|something|anything|it|that|(?:the )?one)|"
    r"(?:something|anything|films?|movies?|one) (?:about|like|for) (?:it|that|this|one)|"
    r"(?:about|of|with|like|set|to|in|on) (?:about|for|from|in|of|on|set|suitable|with))\b",
    re.I,
)
"""Words around nothing ("Espionage is something about that."), and prepositions side by side ("about set in space")."""

_TWICE = re.compile(r"\b(about|for|from|in|of|on|with|like|one|it|that|some|something)\b(?=.*\b\1\b)", re.I)
"""A little word twice: "Can you tell me more about that one about?"."""

_DOES = re.compile(r"\b(?:does|do|did) (?:it|this|that)(?: one)? \w+", re.I)
"""What it does, where it is asked what it is: "Does that one in English?"."""

_PHRASES = (_NOT_THEIRS, _REMARK, _YOUR_WISH, _MUST, _BEFORE, _EMPTY, _TWICE, _DOES)
"""What a text may have only if a wording of the act has the same phrase."""

_KINDS = (_YOU, _YES, _NO, _APPROVES, _BROKEN_OFF, _IN_TWO_MINDS)
"""What it may have only if a wording of the act has something of the kind."""

_MORE = 3
"""Words that a text may have more than the longest wording; with more, it tells something of its own."""

_SENTENCE = re.compile(r"[.!?…]+(?=\s|$)")
_NAME = re.compile(r"(?<=[\w,;] )(?!I\b)[A-Z][\w'’-]*")
_WHO = re.compile(r"\b(?:my|our) (\w+)")
_NUMBER = re.compile(r"\d+")


def in_own_voice(text: str, wordings: Iterable[str]) -> bool:
    """Whether a text can be what the person says whose act has these wordings.

    It asks only where a wording asks; is not sure only where several are not; tells what "you" are, says yes or no,
    approves, remarks on what is there or breaks off only where one does; has no name and no number that none has, is
    hardly longer than the longest of them, and says nothing twice. What was, what must be,
    what "you" like, and phrases of little words it has only as one of them does.
    """
    wordings = list(wordings)
    own = " ".join(wordings)
    if "?" in text and "?" not in own:
        return False
    if _repeats(text) and not any(map(_repeats, wordings)):
        return False
    if _sentences(text) > max(map(_sentences, wordings)):
        return False
    if len(WORDS.findall(text)) > max(len(WORDS.findall(one)) for one in wordings) + _MORE:
        return False
    for pattern in _PHRASES:
        if not _phrases(pattern, [text]) <= _phrases(pattern, wordings):
            return False
    for pattern in _KINDS:
        if pattern.search(text) and not any(map(pattern.search, wordings)):
            return False
    if _UNSURE.search(text) and sum(bool(_UNSURE.search(one)) for one in wordings) < 2:
        return False
    known = own.casefold()
    names = (name.casefold() for name in _NAME.findall(text))
    return all(name in known for name in names) and set(_NUMBER.findall(text)) <= set(_NUMBER.findall(own))


def same_company(text: str, said: str) -> bool:
    """Whether a text tells of nobody but those that a sentence tells of: not of "my wife" where it was a friend."""
    return set(_WHO.findall(text.casefold())) <= set(_WHO.findall(said.casefold()))


def _phrases(pattern: re.Pattern[str], texts: Iterable[str]) -> set[str]:
    """What a pattern, or its group, finds in texts."""
    return {found[pattern.groups].casefold() for text in texts for found in pattern.finditer(text)}


def _sentences(text: str) -> int:
    """How many sentences a text has, the last one with or without its mark."""
    return len(_SENTENCE.findall(text.rstrip(".!?… ") + "."))


def _repeats(text: str) -> bool:
    """Whether two words in a row come twice."""
    words = words_of(text)
    runs = list(pairwise(words))
    return len(set(runs)) < len(runs)
