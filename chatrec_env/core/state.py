"""What a deployed system knows of a conversation: one struct of arrays, no latent state."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.core.rating_history import RatingHistory, no_rating_history
from chatrec_env.core.user_simulator import USER_SENTENCES
from chatrec_env.dialogue.preference import Preference, prior_preference

ENTITY_SLOTS = 4
"""Named people (director, lead, artist, ...) a conversation remembers wishes about."""

MEANING_SLOTS = 4
"""Sentences a conversation remembers for what they mean beyond the slots."""

NAMED_SLOTS = 8
"""Items a conversation remembers by name."""

UNKNOWN, ANSWERED, NO_ANSWER = 0, 1, 2
"""Values of ``Dialogue.status``."""

NOTHING, ASKED, IGNORED, ACCEPTED = 0, 1, 2, 3
"""Values of ``Dialogue.outcome``: what the last turn came to."""


class Memory(NamedTuple):
    """What talk leaves behind besides wishes, of N conversations."""

    question: npt.NDArray[np.int8]  # (N,) `Question` the person put in their last turn, 0 if none
    about: npt.NDArray[np.int32]  # (N,) what it is about, or -1
    asked_item: npt.NDArray[np.int32]  # (N,) the item it is about, or -1
    named: npt.NDArray[np.int32]  # (N, 8) items the person named as liked, disliked or seen, -1 where none
    anchor: npt.NDArray[np.int32]  # (N,) the latest item they named as one they like, or -1
    taken: npt.NDArray[np.int32]  # (N,) the item they took last, or -1
    sought: npt.NDArray[np.int32]  # (N,) the item they asked for by its title in their last turn, or -1
    lacking: npt.NDArray[np.int16]  # (N,) value they missed in the suggestion in their last turn, or -1
    stated: npt.NDArray[np.bool_]  # (N, V) wishes that were said, not inferred
    before: npt.NDArray[np.float32]  # (N, V) wishes before their last turn


class Meaning(NamedTuple):
    """What was said that no slot holds, of N conversations; J = 0 and K = 0 where retrieval does not use it."""

    sentences: npt.NDArray[np.int64]  # (N, J) sentences that carried meaning, latest first, -1 where none
    weights: npt.NDArray[np.float32]  # (N, J) how far each is believed, in [0, 2]
    fresh: npt.NDArray[np.int8]  # (N,) how many of them were said in the last turn
    match: npt.NDArray[np.float32]  # (N, K) likeness of the candidates to all of them, by weight
    match_last: npt.NDArray[np.float32]  # (N, K) to those of the last turn, likewise
    themes: npt.NDArray[np.float32]  # (N, T) log-likelihood of each theme; T = 0 where none are in use


class Dialogue(NamedTuple):
    """Visible state of N conversations, a record of arrays that change in place.

    F facets, V values, D encoder width, S slate size, K candidates.
    """

    turn: npt.NDArray[np.int16]  # (N,) system turns taken
    questions: npt.NDArray[np.int16]  # (N,) questions and confirmations so far
    said: npt.NDArray[np.float32]  # (N, D) recency-weighted encoding of the person's turns
    heard: npt.NDArray[np.float32]  # (N, D) the same of the system's turns
    wishes: npt.NDArray[np.float32]  # (N, V) stated wishes in [-1.5, 1.5], multiples of 1/16
    status: npt.NDArray[np.int8]  # (N, F) UNKNOWN, ANSWERED or NO_ANSWER
    asked: npt.NDArray[np.int8]  # (N, F) times asked about
    last_facet: npt.NDArray[np.int16]  # (N,) facet of the question just asked, -1 if none
    last_value: npt.NDArray[np.int16]  # (N,) value just offered for confirmation, -1 if none
    confirmed: npt.NDArray[np.bool_]  # (N, V) values already offered for confirmation
    shown: npt.NDArray[np.int32]  # (N, max_turns * S) items shown, in order, -1 where none yet
    slate: npt.NDArray[np.int32]  # (N, S) items just shown, -1 where none
    outcome: npt.NDArray[np.int8]  # (N,) NOTHING, ASKED, IGNORED or ACCEPTED
    clicks: npt.NDArray[np.int16]  # (N,) items accepted
    stars: npt.NDArray[np.int16]  # (N,) sum of their ratings
    best: npt.NDArray[np.int8]  # (N,) best rating given, 0 if none
    last_stars: npt.NDArray[np.int8]  # (N,) latest rating given, 0 if none
    favourite: npt.NDArray[np.int32]  # (N,) the best-rated item so far (latest of equals), -1 if none
    waiting: npt.NDArray[np.int16]  # (N,) turns since the last accepted item
    refusals: npt.NDArray[np.int16]  # (N,) suggestions ignored in a row
    remarks: npt.NDArray[np.uint64]  # (N,) bit set of the UserActs read in the last turn
    recent: npt.NDArray[np.float32]  # (N, V) values of accepted items, decayed per turn
    surprise: npt.NDArray[np.float32]  # (N,) accepted less expected, summed over suggestions
    repetition: npt.NDArray[np.float32]  # (N,) the same, weighted by overlap with what was accepted before
    preference: Preference  # Gaussian posterior over content-factor weights
    kindred: Preference  # the same over C collaborative factors; C = 0 where they are not in use
    rating_history: RatingHistory  # (N, L) what they rated before they came; L = 0 where nobody did
    context: npt.NDArray[np.int8]  # (N,) context named by the person, -1 if none
    situational_context: npt.NDArray[np.int8]  # (N, 2) time of day and device seen, -1 where not known
    entities: npt.NDArray[np.int32]  # (N, 4) named people wished for or against, -1 where none
    entity_signs: npt.NDArray[np.int8]  # (N, 4) +1 or -1
    memory: Memory  # questions, named items and the like
    meaning: Meaning  # sentences that say more than their slots
    candidates: npt.NDArray[np.int32]  # (N, K) items on the table, best first
    scores: npt.NDArray[np.float32]  # (N, K) their estimated utilities
    transcript: npt.NDArray[
        np.int64
    ]  # (N, max_turns + 1, S + 2 + 4) sentence ids: the system's, the person's


def system_sentences(slate_size: int) -> int:
    """Sentences a system turn can hold: opener or question, the items, the explanation."""
    return slate_size + 2


def empty_dialogue(
    n: int,
    *,
    n_facets: int,
    n_values: int,
    width: int,
    max_turns: int,
    slate_size: int,
    n_candidates: int,
    preference: Preference,
    kindred: Preference | None = None,
    n_meanings: int = 0,
    n_themes: int = 0,
) -> Dialogue:
    """State before anybody has said anything."""

    def none(*shape: int, dtype: type = np.int32) -> npt.NDArray[Any]:
        return np.full((n, *shape), -1, dtype)

    return Dialogue(
        turn=np.zeros(n, np.int16),
        questions=np.zeros(n, np.int16),
        said=np.zeros((n, width), np.float32),
        heard=np.zeros((n, width), np.float32),
        wishes=np.zeros((n, n_values), np.float32),
        status=np.zeros((n, n_facets), np.int8),
        asked=np.zeros((n, n_facets), np.int8),
        last_facet=none(dtype=np.int16),
        last_value=none(dtype=np.int16),
        confirmed=np.zeros((n, n_values), np.bool_),
        shown=none(max_turns * slate_size),
        slate=none(slate_size),
        outcome=np.zeros(n, np.int8),
        clicks=np.zeros(n, np.int16),
        stars=np.zeros(n, np.int16),
        best=np.zeros(n, np.int8),
        last_stars=np.zeros(n, np.int8),
        favourite=none(),
        waiting=np.zeros(n, np.int16),
        refusals=np.zeros(n, np.int16),
        remarks=np.zeros(n, np.uint64),
        recent=np.zeros((n, n_values), np.float32),
        surprise=np.zeros(n, np.float32),
        repetition=np.zeros(n, np.float32),
        preference=preference,
        kindred=prior_preference(n, 0, 1.0) if kindred is None else kindred,
        rating_history=no_rating_history(n),
        context=none(dtype=np.int8),
        situational_context=none(2, dtype=np.int8),
        entities=none(ENTITY_SLOTS),
        entity_signs=np.zeros((n, ENTITY_SLOTS), np.int8),
        memory=Memory(
            question=np.zeros(n, np.int8),
            about=none(),
            asked_item=none(),
            named=none(NAMED_SLOTS),
            anchor=none(),
            taken=none(),
            sought=none(),
            lacking=none(dtype=np.int16),
            stated=np.zeros((n, n_values), np.bool_),
            before=np.zeros((n, n_values), np.float32),
        ),
        meaning=Meaning(
            sentences=none(n_meanings, dtype=np.int64),
            weights=np.zeros((n, n_meanings), np.float32),
            fresh=np.zeros(n, np.int8),
            match=np.zeros((n, n_candidates if n_meanings else 0), np.float32),
            match_last=np.zeros((n, n_candidates if n_meanings else 0), np.float32),
            themes=np.zeros((n, n_themes), np.float32),
        ),
        candidates=np.zeros((n, n_candidates), np.int32),
        scores=np.zeros((n, n_candidates), np.float32),
        transcript=none(max_turns + 1, system_sentences(slate_size) + USER_SENTENCES, dtype=np.int64),
    )
