"""How well a learned classifier tells simulated people from real ones: AUC by cross-validation over dialogues."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from experiments.evaluate.stats import LEVEL, Interval
from experiments.simulator.checking.dialogues import Dialogue
from experiments.simulator.checking.manner import polite
from simulators.fidelity import auc, words

if TYPE_CHECKING:
    from chatrec_env.language.encoders import Encoder
    from experiments.cli.progress import Meter

FOLDS = 5
RIDGE = 1.0
"""Weight of the squared coefficients, of standardised features, against the sum of losses."""

AT_ONCE = 256
"""Sentences encoded in one call."""

Float = npt.NDArray[np.float64]
Features = list[Float]
"""A matrix for each dialogue, (rows, features)."""


def surface(text: str) -> list[float]:
    """How a message is written, whatever it says: lengths, marks, case, digits, courtesy."""
    told = words(text)
    n = max(len(told), 1)
    return [
        math.log1p(len(told)),
        sum(map(len, told)) / n,
        len(set(told)) / n,
        "?" in text,
        "!" in text,
        text.rstrip()[-1:] in ".!?…",
        text[:1].islower(),
        text.count(",") / n,
        text.count(".") / n,
        "'" in text or "’" in text,
        bool(re.search(r"\d", text)),
        "i" in told,
        sum(word in ("um", "uh", "well", "so", "like", "yeah", "oh", "hmm") for word in told) / n,
        polite(text),
    ]


class Vectors:
    """Sentence vectors of an encoder, each text encoded once."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self._known: dict[str, npt.NDArray[np.float32]] = {}

    def read(self, dialogues: Sequence[Dialogue], meter: Meter, label: str) -> None:
        """Encode what is new in these dialogues, texts of like lengths together."""
        new = sorted({text for one in dialogues for text in one.said} - self._known.keys(), key=len)
        with meter.work(f"{label} ({self.encoder.name})", len(new), "messages") as work:
            for start in range(0, len(new), AT_ONCE):
                part = new[start : start + AT_ONCE]
                self._known.update(zip(part, self.encoder.encode(part), strict=True))
                work.add(len(part))

    def of(self, dialogues: Sequence[Dialogue]) -> Features:
        """The vectors of every dialogue's messages."""
        return [np.array([self._known[text] for text in one.said], np.float64) for one in dialogues]


def surfaces(dialogues: Sequence[Dialogue]) -> Features:
    """How every dialogue's messages are written."""
    return [np.array([surface(text) for text in one.said], np.float64) for one in dialogues]


def with_wishes(dialogues: Sequence[Dialogue], features: Features) -> Features:
    """The messages alone in which a wish is read: what real and simulated people both do, whatever they are asked."""
    return [own[[bool(wish) for wish in one.wishes]] for one, own in zip(dialogues, features, strict=True)]


def whole(features: Features) -> Features:
    """One row a dialogue: mean and spread of its messages, and how many there are."""
    return [
        np.concatenate([own.mean(0), own.std(0), [math.log(len(own))]])[None] for own in features if len(own)
    ]


def fit_logistic(x: Float, y: npt.NDArray[np.bool_]) -> Callable[[Float], Float]:
    """Logistic regression with a ridge penalty on standardised features; both classes weigh the same.

    Minimises ``sum_i w_i log(1 + exp(-s_i (x_i b + c))) + RIDGE / 2 |b|^2`` (L-BFGS), ``s_i`` = ±1.

    Args:
        x: (n, d).
        y: (n,) classes.

    Returns:
        Scores (m,) of rows (m, d): log odds.
    """
    from scipy.optimize import minimize
    from scipy.special import expit

    mean, scale = x.mean(0), x.std(0)
    scale[scale < 1e-9] = 1.0
    z, sign = (x - mean) / scale, np.where(y, 1.0, -1.0)
    weight = np.where(y, 0.5 / max(y.sum(), 1), 0.5 / max((~y).sum(), 1)) * len(y)

    def loss(b: Float) -> tuple[float, Float]:
        margin = sign * (z @ b[:-1] + b[-1])
        pull = -weight * sign * expit(-margin)
        value = float((weight * np.logaddexp(0.0, -margin)).sum() + 0.5 * RIDGE * (b[:-1] ** 2).sum())
        return value, np.concatenate([z.T @ pull + RIDGE * b[:-1], [pull.sum()]])

    found = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 100}).x
    return lambda rows: np.asarray((rows - mean) / scale @ found[:-1] + found[-1])


def told_apart(real: Features, simulated: Features, seeds: int, seed: int) -> Interval:
    """AUC of telling two sets of dialogues apart, by cross-validation in which no dialogue is on both sides.

    The larger set is cut down to the size of the other, anew in each repetition. The interval is Student's t over folds
    and repetitions with the variance of Nadeau and Bengio (2003), ``(1 / J + n_test / n_train) s^2``: folds
    share their training rows, so that ``s^2 / J`` would be too small.

    Args:
        real: Features of each dialogue of one set; those without a row are left out.
        simulated: Of the other.
        seeds: How often the folds are drawn.
        seed: Of the draws.
    """
    sides = [[own for own in side if len(own)] for side in (real, simulated)]
    size = min(map(len, sides))
    if size < FOLDS:
        return Interval(math.nan, math.nan, math.nan, size)
    found: list[float] = []
    for repetition in range(seeds):
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(repetition,)))
        chosen = [[side[i] for i in rng.permutation(len(side))[:size]] for side in sides]
        found += [_one_fold(chosen, np.arange(size) % FOLDS == fold) for fold in range(FOLDS)]
    return corrected(np.array(found), 1 / (FOLDS - 1), size)


def _one_fold(sides: list[Features], held: npt.NDArray[np.bool_]) -> float:
    train = [np.concatenate([own for own, out in zip(side, held, strict=True) if not out]) for side in sides]
    test = [np.concatenate([own for own, out in zip(side, held, strict=True) if out]) for side in sides]
    x, y = np.concatenate(train), np.repeat([False, True], [len(rows) for rows in train])
    score = fit_logistic(x, y)
    return auc(score(test[1]), score(test[0]))


def corrected(values: Float, ratio: float, n: int) -> Interval:
    """Mean of the AUCs of J folds with the interval of Nadeau and Bengio; see ``told_apart``.

    Args:
        values: (J,).
        ratio: Test rows for each training row.
        n: Dialogues a side, told with the interval.
    """
    from scipy.special import stdtrit

    j, mean = len(values), float(values.mean())
    spread = math.sqrt((1 / j + ratio) * float(values.var(ddof=1)))
    half = float(stdtrit(j - 1, (1 + LEVEL) / 2)) * spread
    return Interval(mean, max(mean - half, 0.0), min(mean + half, 1.0), n)


def halves_apart(real: Features, seeds: int, seed: int) -> Interval:
    """What ``told_apart`` gives for two random halves of real people: what chance comes to."""
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1_000,)))
    order = rng.permutation(len(real))
    half = len(real) // 2
    return told_apart([real[i] for i in order[:half]], [real[i] for i in order[half:]], seeds, seed)
