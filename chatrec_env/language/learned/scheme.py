"""What the heads tell apart: acts of a message, roles of its mentions, their strength; and what stands before it."""

from __future__ import annotations

from typing import Final

ACTS: Final = (
    *("GREET", "THANK", "LEAVE", "YES", "NO", "DONT_KNOW", "NO_PREFERENCE", "ACCEPT", "REJECT", "SEEN_IT"),
    *("LIKED_IT", "DISLIKED_IT", "MORE_LIKE_THAT", "IMPATIENT", "DOUBT", "MISMATCH", "ASK_FACT", "ASK_PLOT"),
    *("ASK_OPINION", "ASK_WHY", "COMPARE", "FIND_ITEM", "CONDITION", "START_OVER", "UNDO", "HELP", "INSULT"),
    *("OTHER_LANGUAGE", "SMALL_TALK"),
)
"""What a message does as a whole; several may hold."""

QUESTIONS: Final = frozenset(("ASK_FACT", "ASK_PLOT", "ASK_OPINION", "ASK_WHY", "COMPARE"))
"""Acts that ask for an answer."""

EXCLUSIVE: Final = (
    *(("YES", "NO"), ("ACCEPT", "REJECT"), ("LIKED_IT", "DISLIKED_IT"), ("REJECT", "MISMATCH")),
    ("LEAVE", "NO_PREFERENCE"),  # "I will leave it to you"
    *(("HELP", question) for question in sorted(QUESTIONS)),
)
"""Acts of which only the likelier holds."""

ROLES: Final = (
    *("want", "avoid", "drop", "asked", "lacks", "too", "enough", "except"),
    *("like", "liked", "disliked", "seen", "take", "find", "named"),
)
"""What is meant by a mention; exactly one holds."""

STRENGTHS: Final = ("", "!", "?")
"""Plain, firm, soft."""

AFTER: Final = ("any", "open", "ask", "confirm", "recommend", "slate", "closed")
"""What the system did just before a message; ``any``: not known."""
