"""Which theme a person has in mind: a belief over themes, by what they said and took; rules for one conversation.

``belief[t]`` is the log-likelihood of theme t, but for a constant. Sentences and outcomes add to it (Bayes' rule, with
what was said and done independent given the theme).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import rule
from chatrec_env.core.elementary import exp32
from chatrec_env.core.state import Dialogue
from chatrec_env.language.sentence_ring import row_of
from chatrec_env.language.sentence_rows import SentenceArrays
from chatrec_env.retrieval.themes import ThemeArrays

Row = npt.NDArray[np.float32]

SPREAD = np.float32(2)
"""Variance of a utility around what is expected of it when the theme is known: outcomes tell the less of the theme."""

LEAST_CHANCE = np.float32(1 / 256)
"""Themes less likely than that are left out of sums over items."""

WORTH_STEPS = np.float32(64)
"""Expected utilities enter scores in multiples of one in so many."""


@rule
def hear_theme(d: Dialogue, n: int, said: int, sign: np.float32, sentences: SentenceArrays, end: int) -> None:
    """Add the evidence of a sentence, or take it back (``sign`` -1)."""
    belief = d.meaning.themes[n]
    alike = sentences.alike[row_of(said, sentences.first, sentences.capacity, end)]
    for t in range(belief.shape[0]):
        belief[t] += sign * alike[t]


@rule
def likely_themes(belief: Row, log_share: Row, chance: Row) -> None:
    """``chance (T,)`` of each theme, float32, by Bayes' rule."""
    most, total = np.float32(-np.inf), np.float32(0)
    for t in range(chance.shape[0]):
        chance[t] = belief[t] + log_share[t]
        most = max(most, chance[t])
    for t in range(chance.shape[0]):
        chance[t] = exp32(chance[t] - most)
        total += chance[t]
    for t in range(chance.shape[0]):
        chance[t] /= total


@rule
def expect(d: Dialogue, n: int, themes: ThemeArrays, meant: Row) -> None:
    """``meant (I,)``: utility that the items are expected to gain by what conversation n's person has in mind."""
    for i in range(meant.shape[0]):
        meant[i] = 0
    if d.meaning.sentences[n, 0] < 0:
        return
    chance = np.empty(themes.log_share.shape[0], np.float32)
    likely_themes(d.meaning.themes[n], themes.log_share, chance)
    for t in range(chance.shape[0]):
        if chance[t] >= LEAST_CHANCE:
            worth = themes.worth[t]
            for i in range(meant.shape[0]):
                meant[i] += chance[t] * worth[i]
    for i in range(meant.shape[0]):
        meant[i] = np.rint(meant[i] * WORTH_STEPS) / WORTH_STEPS


@rule
def expect_of_last(d: Dialogue, n: int, sentences: SentenceArrays, end: int, themes: ThemeArrays) -> None:
    """The same of the candidates by what was said in the last turn alone: ``match_last``."""
    last, items, fresh = d.meaning.match_last[n], d.candidates[n], d.meaning.fresh[n]
    evidence, chance = np.zeros(themes.log_share.shape[0], np.float32), np.empty(0, np.float32)
    for j in range(fresh):
        row = row_of(d.meaning.sentences[n, j], sentences.first, sentences.capacity, end)
        for t in range(evidence.shape[0]):
            evidence[t] += sentences.alike[row, t]
    chance = np.empty_like(evidence)
    likely_themes(evidence, themes.log_share, chance)
    for t in range(chance.shape[0]):
        if chance[t] >= LEAST_CHANCE:
            for k in range(items.shape[0]):
                last[k] += chance[t] * themes.worth[t, items[k]]


@rule
def learn_theme(
    d: Dialogue,
    n: int,
    item: int,
    match: np.float32,
    residual: np.float32,
    information: np.float32,
    themes: ThemeArrays,
) -> None:
    """What the outcome of a suggestion says of the themes, once something was said.

    The log-likelihood of a utility that is higher by ``u``, to second order, is ``r u - h u^2 / 2``, with the gradient
    r and the information h of the outcome (``feedback.learn``); both count less by ``1 + h SPREAD``, as the utility
    is uncertain otherwise too.

    Args:
        d: Dialogue.
        n: Conversation.
        item: What was suggested.
        match: Utility it was expected to gain by the theme.
        residual: r.
        information: h.
        themes: ``ThemeArrays``.
    """
    belief, one, half = d.meaning.themes[n], np.float32(1), np.float32(0.5)
    if d.meaning.sentences[n, 0] < 0:
        return
    sure = one / (one + information * SPREAD)
    for t in range(belief.shape[0]):
        more = themes.worth[t, item] - match
        belief[t] += sure * (residual - half * information * more) * more
