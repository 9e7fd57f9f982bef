"""Rewards by name: fields of ``RewardConfig`` that differ from its defaults, as plain JSON data."""

from __future__ import annotations

from typing import Any

NOTHING_ELSE = {"click": 0.0, "rating": 0.0, "ask_cost": 0.0, "leave_cost": 0.0}
"""No pay and no charge but what comes besides."""

REWARDS: dict[str, dict[str, Any]] = {
    "click_and_rating": {},
    "click_only": {"rating": 0.0},
    "rating_only": {"click": 0.0, "rating": 1.0},
    "sparse": {**NOTHING_ELSE, "terms": {"at_end": 1.0}},
    "delight": {**NOTHING_ELSE, "terms": {"delight": 1.0}},
    "turn_cost": {"terms": {"turn": -0.1}},
    "knowledge": {"shaping": "knowledge"},
    "engagement": {"shaping": "engagement"},
    "belief_entropy": {"shaping": "belief_entropy"},
    "earned": {"shaping": "earned"},
    "satisfaction": {"shaping": "satisfaction"},
    "best_candidate": {"shaping": "best_candidate"},
    "curiosity": {"terms": {"curiosity": 0.1}},
    "diversity": {"terms": {"diversity": 0.25}},
    "retention": {"terms": {"retention": 0.1}},
    "pay_per_question": {"ask_cost": 0.0, "terms": {"question": 1.0}},
    "pay_per_click": {**NOTHING_ELSE, "click": 1.0},
    "pay_for_agreement": {**NOTHING_ELSE, "terms": {"agreement": 1.0}},
    "true_satisfaction": {**NOTHING_ELSE, "terms": {"true_satisfaction": 1.0}},
}
"""``click_and_rating`` is the default, to which potentials, ``curiosity``, ``diversity`` and ``retention`` are added.

``sparse`` pays for the same clicks and ratings, but all at once when the conversation ends.

The three that begin with ``pay`` pay for questions, for clicks whatever the rating, and for agreement in words: what
can be had without serving anybody well. They are here to be caught."""
