"""What is not said in the voice of a person who says "I", but by an assistant, or by somebody who describes them."""

from __future__ import annotations

import re
from typing import Final

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

UNSURE: Final = re.compile(r"\b(?:not|n't) (?:\w+ )?(?:sure|certain)\b", re.I)
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

PHRASES: Final = (_NOT_THEIRS, _REMARK, _YOUR_WISH, _MUST, _BEFORE, _EMPTY, _TWICE, _DOES)
"""What a text may have only if a wording of the act has the same phrase."""

KINDS: Final = (_YOU, _YES, _NO, _APPROVES, _BROKEN_OFF, _IN_TWO_MINDS)
"""What it may have only if a wording of the act has something of the kind."""

NAME: Final = re.compile(r"(?<=[\w,;] )(?!I\b)[A-Z][\w'’-]*")
COMPANY: Final = re.compile(r"\b(?:my|our) (\w+)")
