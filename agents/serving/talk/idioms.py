"""What is said in other words than it is meant: questions that complain, and that something is known to all.

They are few and fixed, and a network that reads words takes them at their word.
"""

from __future__ import annotations

import re

from chatrec_env.language.acts import ParsedAct, UserAct

_COMPLAINT = re.compile(
    r"\b(?:is (?:this|that)|are (?:these|those)) (?:(?:supposed|meant) to be |some kind of )?a (?:joke|prank)\b"
    r"|\bare you (?:kidding|joking|serious|for real|having a laugh|out of your mind)\b"
    r"|\byou(?: must|['’]?ve got to|['’]?re| are) (?:be )?(?:kidding|joking)\b|\byou (?:can['’]?t|cannot) be serious\b"
    r"|\byou call (?:this|that)\b",
    re.IGNORECASE,
)
_REFUSAL = re.compile(
    r"\b(?:why|who) (?:on earth |the hell |in the world )?would (?:ever )?(?:i|we|any(?:one|body)|want|watch|like)\b"
    r"|\bdo (?:i|we) (?:look|sound|seem) like\b",
    re.IGNORECASE,
)
_EASY = re.compile(
    r"\b(?:it|that)(?:['’]?s| is|) not (?:that |so |really )?(?:hard|difficult|complicated)\s*[.!]*$"
    r"|\bnot rocket science\b|\bhow (?:hard|difficult) can (?:it|that|this) be\b",
    re.IGNORECASE,
)
_KNOWN_TO_ALL = re.compile(
    r"\b(?:every(?:one|body)|(?:the )?(?:whole|half the) (?:world|planet)|nobody (?:hasn['’]?t|who|left)"
    r"|who hasn['’]?t|we all|all of us)\b.{0,30}\b(?:seen|knows?|watched|read|heard|owns?|been|names?)\b",
    re.IGNORECASE,
)
_LESS_KNOWN = re.compile(
    r"\b(?:less(?:er)? (?:well )?known|less famous|hidden gems?|obscure|underrated"
    r"|too (?:famous|mainstream|obvious|popular|well known)|(?:no|nothing|not (?:so|too)) mainstream"
    r"|nobody (?:has (?:ever )?)?(?:heard|knows))",
    re.IGNORECASE,
)


def idiom(text: str, *, on_table: bool) -> tuple[ParsedAct, ...]:
    """What a sentence means if it is such a saying; nothing otherwise.

    Args:
        text: The sentence.
        on_table: Whether something was suggested that it may be about.
    """
    if on_table and _COMPLAINT.search(text):
        return ParsedAct(UserAct.INSULT), ParsedAct(UserAct.REJECT)
    if on_table and (
        _REFUSAL.search(text) or (_KNOWN_TO_ALL.search(text) and not text.rstrip().endswith("?"))
    ):
        return (ParsedAct(UserAct.REJECT),)
    return (ParsedAct(UserAct.IMPATIENT),) if _EASY.search(text) else ()


def wants_less_known(text: str) -> bool:
    """Whether somebody would have what not everybody knows: "everyone has seen that", "a hidden gem"."""
    return bool(_KNOWN_TO_ALL.search(text) or _LESS_KNOWN.search(text))
