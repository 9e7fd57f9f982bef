"""Collaborative factors: items placed by who liked them; a person placed by what they rated."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import rule
from chatrec_env.core.sums import dot
from chatrec_env.dialogue.preference import Preference, update
from chatrec_env.dialogue.ridge import CHUNK, solve_people
from chatrec_env.errors import ConfigError, UnknownNameError
from chatrec_env.retrieval.ranking import place

SIMULATED = "simulated"
"""The source that stands for a log of the simulated people themselves."""

MOST_COLLABORATIVE = 64
"""Largest weight of the collaborative factors; it may drown the rest, as long rating histories ask for."""

LIKED = 4.0
"""Stars from which an item was liked."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CollaborativeConfig:
    """Whether and how collaborative factors join the content scores.

    Attributes:
        weight: Utility per unit of predicted preference (1 is "liked"); a multiple of 1/16 in [0, 64]. 0: not at all,
            and none are fitted.
        factors: What they are fitted on: ``"simulated"`` (a log of people like those who come), the path of a
            MovieLens folder or of a factors file, or ``"sha256:..."``, the factors of that fingerprint.
    """

    weight: float = 0.0
    factors: str = SIMULATED

    def __post_init__(self) -> None:
        weight = self.weight
        if isinstance(weight, bool) or not isinstance(weight, (int, float)):
            raise ConfigError(f"collaborative.weight must be a number, got {weight!r}.")
        if not 0 <= weight <= MOST_COLLABORATIVE or weight * 16 != round(weight * 16):
            raise ConfigError(
                f"collaborative.weight must be a multiple of 1/16 in [0, {MOST_COLLABORATIVE}], got {weight!r}."
            )
        if not isinstance(self.factors, str) or not self.factors:
            raise ConfigError(f"collaborative.factors must be a name or a path, got {self.factors!r}.")

    @classmethod
    def create(cls, value: Any) -> CollaborativeConfig:
        """From the keyword: a weight, or a dict of fields."""
        if not isinstance(value, dict):
            return cls(weight=value)
        known = [f.name for f in fields(cls)]
        for name in value:
            if name not in known:
                raise UnknownNameError("collaborative parameter", name, known)
        return cls(**value)


@dataclass(frozen=True, kw_only=True, eq=False)
class Factors:
    """Items in the space of a fitted factorisation of implicit feedback (Hu, Koren and Volinsky, 2008).

    A person's vector u minimises ``sum_i c_i (p_i - u . v_i)^2 + r |u|^2``, with ``p_i = 1`` for what they liked and
    0 for everything else; c is ``confidence`` for what they rated and 1 for what they did not.

    Attributes:
        items: (I, C) float32 v; the longest has length 1.
        square: (C, C) float64 ``V' V``.
        regularisation: r.
        confidence: c of a rating, >= 1.
        catalog: Digest of the catalogue whose items these are.
        about: What they were fitted on, in words.
    """

    items: npt.NDArray[np.float32]
    square: npt.NDArray[np.float64]
    regularisation: float
    confidence: float
    catalog: str
    about: str
    fingerprint: str = field(init=False)  # SHA-256 of all that enters a score

    def __post_init__(self) -> None:
        digest = hashlib.sha256(f"{self.regularisation!r} {self.confidence!r} {self.catalog}".encode())
        for array in (self.items, self.square):
            digest.update(f"{array.shape}{array.dtype.str}".encode())
            digest.update(np.ascontiguousarray(array).data)
            array.setflags(write=False)
        object.__setattr__(self, "fingerprint", digest.hexdigest())
        object.__setattr__(self, "_precision", self.square + self.regularisation * np.eye(len(self.square)))
        prior = np.linalg.inv(self._precision)
        object.__setattr__(self, "_prior", (0.5 * (prior + prior.T)).astype(np.float32))

    _precision: npt.NDArray[np.float64] = field(init=False)
    _prior: npt.NDArray[np.float32] = field(init=False)

    @property
    def width(self) -> int:
        """C."""
        return self.items.shape[1]

    def strangers(self, n: int) -> Preference:
        """N people who have rated nothing: mean 0."""
        return Preference(np.zeros((n, self.width), np.float32), np.tile(self._prior, (n, 1, 1)))

    def fold_in(self, items: npt.NDArray[np.int32], stars: npt.NDArray[np.float32]) -> Preference:
        """People's vectors in closed form from their ratings ``(N, L)``, -1 and 0 where there are no more."""
        out = self.strangers(len(items))
        for start in range(0, len(items), CHUNK):
            part = slice(start, start + CHUNK)
            there = items[part] >= 0
            features = self.items[items[part]].astype(np.float64) * there[:, :, None]
            pull = self.confidence * (stars[part] >= LIKED).astype(np.float64)
            weight = (self.confidence - 1) * there.astype(np.float64)
            out.mean[part], out.covariance[part] = solve_people(features, weight, pull, self._precision)
        return out

    @property
    def fit(self) -> Fit:
        """What a rating is folded in with."""
        return Fit(self.items, np.float32(self.confidence))

    def taste(self, people: Preference) -> npt.NDArray[np.float32]:
        """People's vectors as they enter scores, (N, C): at most ``LONGEST``, multiples of 1/64."""
        out = np.empty_like(people.mean)
        for n in range(len(out)):
            place(people.mean[n], out[n])
        return out


class Fit(NamedTuple):
    """Collaborative factors of the items, and what a rating counts."""

    items: npt.NDArray[np.float32]  # (I, C)
    confidence: np.float32


NO_FIT = Fit(np.zeros((0, 0), np.float32), np.float32(1))
NO_FIT.items.setflags(write=False)
"""Where no collaborative factors are in use."""


@rule
def fold_in_rating(kindred: Preference, n: int, item: int, stars: int, fit: Fit) -> None:
    """Fold one more rating into a person's place among the collaborative factors: the same solution, by rank one."""
    features, mean = fit.items[item], kindred.mean[n]
    added = fit.confidence - np.float32(1)
    scratch = np.empty(2 * mean.shape[0], np.float32)
    expected = dot(mean, features, scratch)
    liked = fit.confidence if stars >= LIKED else np.float32(0)
    update(mean, kindred.covariance[n], features, liked - added * expected, added, scratch)
