"""Which policies a study of off-policy evaluation judges from whose logs."""

from __future__ import annotations

NEAR: dict[str, tuple[tuple[str, str], ...]] = {
    "strategy": (
        ("greedy:epsilon=0.5", "greedy:epsilon=0.3"),
        ("ask_then_recommend:questions=1,epsilon=0.5", "ask_then_recommend:questions=1,epsilon=0.3"),
        ("most_informative:epsilon=0.4", "most_informative:epsilon=0.55"),
    ),
    "items": (
        ("greedy:epsilon=0.5", "greedy:epsilon=0.3"),
        ("ask_then_recommend:questions=1,epsilon=0.5", "ask_then_recommend:questions=1,epsilon=0.3"),
        ("greedy:temperature=1,epsilon=0.2", "greedy:temperature=0.5,epsilon=0.2"),
    ),
}
"""Pairs of the policy logged and the policy judged that do much the same, by action set."""

FAR = ("greedy:epsilon=0.3", "ask_then_recommend:questions=3,epsilon=0.1")
"""A pair that does not: what is to be flagged."""

RANKED: dict[str, tuple[str, ...]] = {
    "strategy": (
        "random",
        "greedy:epsilon=0.1",
        "greedy:epsilon=0.3",
        "greedy:epsilon=0.6",
        "ask_then_recommend:questions=1,epsilon=0.2",
        "ask_then_recommend:questions=2,epsilon=0.2",
        "ask_then_recommend:questions=3,epsilon=0.2",
        "ask_then_recommend:questions=2,epsilon=0.5",
        "most_informative:epsilon=0.2",
        "ask_then_recommend:questions=0,epsilon=0.2",
    ),
    "items": (
        "random",
        "greedy:epsilon=0.1",
        "greedy:epsilon=0.3",
        "greedy:epsilon=0.6",
        "ask_then_recommend:questions=1,epsilon=0.2",
        "ask_then_recommend:questions=2,epsilon=0.2",
        "ask_then_recommend:questions=3,epsilon=0.2",
        "popular:epsilon=0.2",
        "most_informative:epsilon=0.2",
        "greedy:temperature=0.4,epsilon=0.2",
    ),
}
"""Ten policies that are ranked from one log, by action set."""

RANK_LOG = "ask_then_recommend:questions=1,epsilon=0.6"
"""Whose log that is."""
