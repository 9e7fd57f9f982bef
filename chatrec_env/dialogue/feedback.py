"""What clicks and ratings change in the state of a conversation: one compiled rule each, for one conversation."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.catalog.arrays import CatalogArrays
from chatrec_env.core.borrowing import borrowed
from chatrec_env.core.compiled import rule
from chatrec_env.core.elementary import exp32
from chatrec_env.core.state import ACCEPTED, IGNORED, Dialogue
from chatrec_env.core.sums import dot
from chatrec_env.dialogue.meaning import meant_by
from chatrec_env.dialogue.preference import update
from chatrec_env.dialogue.themes import learn_theme
from chatrec_env.retrieval.themes import ThemeArrays

Row = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
Signs = npt.NDArray[np.int8]

LEAST_INFORMATION = 0.05
"""Least information of a click about a utility: even a foregone conclusion teaches something."""


class Learning(NamedTuple):
    """What feedback is measured against. Numbers are float32."""

    trace: npt.NDArray[np.float32]  # (I, V) weighted values that satiate
    prior: npt.NDArray[np.float32]  # (I,) utility of quality
    star_utility: npt.NDArray[np.float32]  # (6,) utility above the threshold that a rating stands for
    wish: np.float32  # utility of a wish that is met
    semantic: np.float32  # utility per unit of likeness to what was said beyond the slots
    themes: ThemeArrays  # for what outcomes say of them
    threshold: np.float32  # utility accepted half of the time
    noise: np.float32  # variance of a rating around its utility
    least: np.float32  # least information of a click
    decay: np.float32  # share of ``recent`` that remains after a turn


@rule
def make_room(slate_size: int, n_values: int, n_factors: int) -> Any:
    """Scratch of ``take_feedback``, float32: repetitions of a slate, then products of values or factors."""
    return np.empty(slate_size + max(n_values, 2 * n_factors), np.float32)


@rule
def take_feedback(
    d: Dialogue,
    n: int,
    click: int,
    stars: int,
    undecided: bool,
    catalog: CatalogArrays,
    learning: Learning,
    room: Row,
) -> None:
    """Take in what came of the slate just shown to conversation n.

    Credit goes to the item that was clicked. Of a longer slate, items above it were seen and passed over, and of those
    below nothing is known (cascade model; Craswell et al., 2008); without a click all were passed over. Of a person who
    is ``undecided``, because they asked something first, nothing is known but that they wait. ``room`` is scratch.
    """
    slate, recent, trace, decay = d.slate[n], d.recent[n], learning.trace, learning.decay
    clicked, size = click >= 0, slate.shape[0]
    last = click + 1 if clicked else (0 if undecided else size)
    repeated, products = room[:size], room[size:]
    for s in range(last):
        if slate[s] >= 0:
            repeated[s] = dot(recent, trace[slate[s]], products)
    item = slate[max(click, 0)]
    count_feedback(d, n, item, clicked, undecided, stars)
    for v in range(recent.shape[0]):
        recent[v] *= decay
    if clicked:
        consumed = trace[item]
        for v in range(recent.shape[0]):
            recent[v] += consumed[v]
    for s in range(last):
        if slate[s] >= 0:
            taken = clicked and s == click
            outcome = taken, stars if taken else 0, repeated[s]
            learn(d, n, slate[s], outcome, catalog, learning, products)


@rule
def count_feedback(d: Dialogue, n: int, item: int, clicked: bool, undecided: bool, stars: int) -> None:
    """Count the click and the rating of ``item``, the clicked one (otherwise the first)."""
    if clicked:
        d.outcome[n] = ACCEPTED
        d.memory.taken[n] = item
        d.clicks[n] += 1
        d.waiting[n] = d.refusals[n] = 0
    else:
        d.waiting[n] += 1
        if d.slate[n, 0] >= 0 and not undecided:
            d.outcome[n] = IGNORED
            d.refusals[n] += 1
    d.stars[n] += stars
    if stars > 0:
        d.last_stars[n] = stars
        if stars >= d.best[n]:
            d.favourite[n], d.best[n] = item, stars


@rule
def stated_match(wishes: Row, carried: Ints, weights: Row) -> Any:
    """Weight of the wishes ``(V,)`` an item meets less that of the dislikes, float32; exact, since on the grid.

    Args:
        wishes: (V,) float32.
        carried: (C,) values of the item, V where there are no more.
        weights: (C,) float32 their weights.
    """
    match = np.float32(0)
    for c in range(carried.shape[0]):
        v = carried[c]
        if v == wishes.shape[0]:
            break
        match += wishes[v] * weights[c]
    return match


@rule
def learn(
    d: Dialogue,
    n: int,
    item: int,
    outcome: tuple[bool, int, np.float32],
    catalog: CatalogArrays,
    learning: Learning,
    products: Row,
) -> None:
    """Learn from how far the outcome of one suggestion is from what the state predicted.

    A click is a Bernoulli draw with logit ``utility - threshold``; a rating is a noisy reading of the utility itself.
    ``outcome`` is whether it was clicked, its rating or 0, and its likeness to what was accepted lately; ``products
    (2 C,)`` is scratch.
    """
    clicked, stars, repeated = outcome
    one, two, threshold = np.float32(1), np.float32(2), learning.threshold
    mean, features = d.preference.mean[n], catalog.factors[item]
    match = stated_match(d.wishes[n], catalog.carried[item], catalog.carried_weights[item])
    meant = meant_by(d, n, item)
    stated = learning.wish * match + learning.prior[item] + learning.semantic * meant
    expected = stated + dot(mean, features, products)
    chance = one / (one + exp32(threshold - expected))
    residual = (one if clicked else np.float32(0)) - chance
    d.surprise[n] += residual
    d.repetition[n] += residual * min(repeated / two, two)
    information = max(chance * (one - chance), learning.least)
    if stars > 0:
        residual = (learning.star_utility[stars] + threshold - expected) / learning.noise
        information = one / learning.noise
    if learning.themes.log_share.shape[0] > 0:
        learn_theme(d, n, item, meant, residual, information, learning.themes)
    update(mean, d.preference.covariance[n], features, residual, information, products)


@rule
def take_all_feedback(
    d: Dialogue, click: Signs, stars: Signs, catalog: CatalogArrays, learning: Learning
) -> None:
    """``take_feedback`` of N conversations; ``click (N,)`` positions or -1, ``stars (N,)`` ratings or 0."""
    d, click, stars, catalog, learning = borrowed((d, click, stars, catalog, learning))
    room = make_room(d.slate.shape[1], d.recent.shape[1], d.preference.mean.shape[1])
    for n in range(click.shape[0]):
        take_feedback(d, n, click[n], stars[n], False, catalog, learning, room)
