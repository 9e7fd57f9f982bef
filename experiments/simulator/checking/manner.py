"""How people talk, as figures of each dialogue: acts, lengths, front-loading, courtesy, variation, variety of words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Sequence

import numpy as np
import numpy.typing as npt

from chatrec_env.language.acts import UserAct
from experiments.evaluate.stats import Interval, sampled_interval
from experiments.simulator.checking.dialogues import Dialogue
from simulators.fidelity import (
    bigrams,
    distinct,
    histogram,
    jensen_shannon,
    kolmogorov_smirnov,
    resamples,
    words,
)

DRAWS = 1_000
"""Bootstrap resamples of the dialogues behind an interval, and splits of real people into halves."""

MOST_WORDS, MOST_TURNS = 120, 60
"""Words of a turn and turns of a dialogue from which more make no difference."""

SPANS = {"1": (0, 1), "2": (1, 2), "3": (2, 3), "4–5": (3, 5), "6–8": (5, 8), "9 on": (8, MOST_TURNS)}
"""Turns that are compared with each other: by name, from and up to, from 0."""

WINDOW = 25
"""Words of the moving window in which different ones are counted."""

SPLITS = 20
"""Random halves of people whose word pairs are counted."""

EARLY = 2
"""Turns in which a wish counts as stated at once."""

_POLITE = re.compile(
    r"\b(please|pls|thanks|thank you|thx|ty|sorry|appreciate|excuse me|could you|would you|can you|may i|could i)\b",
    re.IGNORECASE,
)

Float = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Distance = Callable[[Float, Float], Float]


def polite(text: str) -> bool:
    """Whether a message has a word of courtesy."""
    return bool(_POLITE.search(text))


def window_variety(told: Sequence[str], window: int = WINDOW) -> tuple[float, int]:
    """Sum over all windows of so many words of the share of different ones in each, and how many windows there are.

    Their ratio is the moving-average type-token ratio (Covington and McFall, 2010), which does not fall with length.
    """
    counts = Counter(told[:window])
    if len(told) < window:
        return 0.0, 0
    total = float(len(counts))
    for left, right in zip(told, told[window:], strict=False):
        counts[left] -= 1
        if not counts[left]:
            del counts[left]
        counts[right] += 1
        total += len(counts)
    n = len(told) - window + 1
    return total / window, n


def variation(lengths: Sequence[int]) -> float:
    """Standard deviation of the lengths of a person's turns over their mean; NaN for a single turn."""
    return float(np.std(lengths) / np.mean(lengths)) if len(lengths) > 1 and any(lengths) else float("nan")


def first_mentions(wishes: Sequence[frozenset[Hashable]]) -> list[int]:
    """The turn, from 0, in which each different wish of a dialogue is stated first."""
    seen: set[Hashable] = set()
    out = []
    for turn, told in enumerate(wishes):
        out += [turn] * len(told - seen)
        seen |= told
    return out


class Manner:
    """Figures of some dialogues, a row each.

    Attributes:
        acts: Turns in which each act is read, by span of turns, (n, SPANS, A).
        words: Turns of each number of words, by span, (n, SPANS, MOST_WORDS + 1).
        turns: One at the number of turns, (n, MOST_TURNS + 1).
        depth: One at the turn of the first acceptance, (n, MOST_TURNS + 1); all 0 where there is none.
        means: By measure: what is summed, and over what, (n,) each.
        pairs: Neighbouring words of each dialogue, never across turns.
    """

    def __init__(self, dialogues: Sequence[Dialogue]) -> None:
        lengths = [[len(words(text)) for text in one.said] for one in dialogues]
        self.n = len(dialogues)
        self.acts = np.zeros((self.n, len(SPANS), len(UserAct)), np.int64)
        for span, (first, end) in enumerate(SPANS.values()):
            for row, one in enumerate(dialogues):
                for acts in one.acts[first:end]:
                    self.acts[row, span, [int(act) for act in acts]] += 1
        spans = [histogram([own[first:end] for own in lengths], MOST_WORDS) for first, end in SPANS.values()]
        self.words = np.stack(spans, axis=1)
        self.turns = histogram([[len(own)] for own in lengths], MOST_TURNS)
        self.depth = histogram([[one.took] if one.took else [] for one in dialogues], MOST_TURNS)
        self.pairs = [sum((bigrams(text) for text in one.said), Counter[Hashable]()) for one in dialogues]
        ones = np.ones(self.n)
        n_said = np.array([len(own) for own in lengths], np.float64)
        varied = np.array([variation(own) for own in lengths])
        mentions = [first_mentions(one.wishes) for one in dialogues]
        stated = np.array([len(own) for own in mentions], np.float64)
        early = np.array([sum(turn < EARLY for turn in own) for own in mentions], np.float64)
        place = np.array(
            [
                sum(t / max(len(one.said) - 1, 1) for t in own)
                for one, own in zip(dialogues, mentions, strict=True)
            ]
        )
        variety = np.array(
            [window_variety([w for text in one.said for w in words(text)]) for one in dialogues]
        )

        def share(holds: Callable[[str], bool]) -> Float:
            return np.array([sum(map(holds, one.said)) for one in dialogues], np.float64)

        self.means: dict[str, tuple[Float, Float]] = {
            "words a turn": (np.array([sum(own) for own in lengths], np.float64), n_said),
            "turns a dialogue": (n_said, ones),
            "variation of length": (varied, ones),
            "wishes a dialogue": (stated, ones),
            "wishes in the first turns": (early, stated),
            "place of a wish": (place, stated),
            "polite turns": (share(polite), n_said),
            "turns with a question": (share(lambda text: "?" in text), n_said),
            "variety of words": (variety[:, 0], variety[:, 1]),
        }

    def mean(self, name: str, seed: int) -> Interval:
        """A figure of these dialogues with its bootstrap interval over dialogues."""
        top, below = self.means[name]
        kept = np.isfinite(top) & np.isfinite(below)
        weights = resamples(self.n, DRAWS, seed)[:, kept]
        total = weights @ below[kept]
        drawn = np.divide(weights @ top[kept], total, out=np.full(len(total), np.nan), where=total > 0)
        return sampled_interval(float(drawn[0]), drawn[1:], int(kept.sum()))

    def pooled(self, rows: npt.NDArray[np.intp]) -> Counter[Hashable]:
        """Neighbouring words of these dialogues together."""
        out: Counter[Hashable] = Counter()
        for row in rows:
            out.update(self.pairs[row])
        return out


ABOUT = {
    "words a turn": "mean",
    "turns a dialogue": "mean; simulated ones end at the turn limit",
    "variation of length": "standard deviation of the words of a person's turns over their mean",
    "wishes a dialogue": "different wishes that are read",
    "wishes in the first turns": f"share of a person's wishes stated in the first {EARLY} turns: front-loading",
    "place of a wish": "0: all in the first turn, 1: all in the last",
    "polite turns": "share with a word of courtesy",
    "turns with a question": "share with a question mark",
    "variety of words": f"share of different words in a window of {WINDOW} (MATTR)",
}
"""What the measures are, in more words."""

DIVERGENCE, KS = "Jensen-Shannon divergence in bits", "Kolmogorov-Smirnov distance"
Compared = tuple[str, Distance, Callable[[Manner], Counts]]

DISTANCES: dict[str, Compared] = {
    "acts": (f"what turns do, {DIVERGENCE}", jensen_shannon, lambda m: m.acts.sum(1)),
    "length of turns": (f"words a turn, {KS}", kolmogorov_smirnov, lambda m: m.words.sum(1)),
    "length of dialogues": (f"turns, {KS}", kolmogorov_smirnov, lambda m: m.turns),
    "depth of the first acceptance": (
        f"turns up to it, of those who accept, {KS}",
        kolmogorov_smirnov,
        lambda m: m.depth,
    ),
}
"""By name: what is compared, how, and of what counts."""


def _of_span(span: int) -> dict[str, Compared]:
    return {
        "acts": (f"what they do, {DIVERGENCE}", jensen_shannon, lambda m: m.acts[:, span]),
        "length": (f"words, {KS}", kolmogorov_smirnov, lambda m: m.words[:, span]),
    }


BY_TURN: dict[str, Compared] = {
    f"{what}, turn {name}": compared
    for what in _of_span(0)
    for span, name in enumerate(SPANS)
    for compared in [_of_span(span)[what]]
}
"""The same of some turns alone: the first turns of simulated people beside the first of real ones, and so on."""


def halves(n: int, draws: int, seed: int) -> npt.NDArray[np.bool_]:
    """Random halves of n people, ``(draws, n)``: True for those of one half, n // 2 of them."""
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(2_000,)))
    return rng.permuted(np.tile(np.arange(n) < n // 2, (draws, 1)), axis=1)


def distance(compared: Compared, real: Manner, simulated: Manner | None, seed: int) -> Interval:
    """How far simulated people are from half of the real ones; without them, how far the other half is.

    Real people are split into halves again and again. As many simulated people as a half has are drawn each time,
    all of them where there are fewer. So both distances are of samples of one size, and chance makes them too large
    by as much. Mean and the middle 95% over the splits.
    """
    _, by, counts = compared
    own = counts(real).astype(np.float64)
    first = halves(real.n, DRAWS, seed)
    one = first @ own
    if simulated is None:
        other = (~first) @ own
    else:
        theirs = counts(simulated).astype(np.float64)
        size = min(real.n - real.n // 2, simulated.n)
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(3_000,)))
        drawn = rng.permuted(np.tile(np.arange(simulated.n) < size, (DRAWS, 1)), axis=1)
        other = drawn @ theirs
    found = by(one, other)
    found = found[np.isfinite(found)]
    return sampled_interval(float(found.mean()) if len(found) else float("nan"), found, real.n // 2)


def distinct_of(groups: dict[str, Manner], seed: int) -> dict[str, Interval]:
    """Different ones among as many word pairs of each group: 80% of what the smallest half has, over random halves."""
    found = {
        name: [own.pooled(np.flatnonzero(half)) for half in halves(own.n, SPLITS, seed)]
        for name, own in groups.items()
    }
    size = int(0.8 * min(one.total() for own in found.values() for one in own))
    out = {}
    for name, own in found.items():
        values = np.array([distinct([one], size) for one in own])
        out[name] = sampled_interval(float(values.mean()), values, groups[name].n // 2)
    return out
