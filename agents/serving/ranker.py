"""The ranker network in plain NumPy: what serves a turn without loading torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chatrec_env.errors import ArtifactError, ConfigError

Float = npt.NDArray[np.float32]

SPEECH_SCALE = np.float32(3.0)
"""Factor on the conversation block in ``RankerNetwork.inputs``: unit vectors have small columns."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NetworkShape:
    """Sizes of a ``RankerNetwork``; plain JSON data.

    Attributes:
        conversation: Columns of the conversation block.
        rest: Columns of the history, belief, context and budget blocks together.
        candidates: K.
        candidate_columns: Columns of one candidate.
        free_actions: Actions that do not name a candidate: questions, or strategies. They come first.
        scored: Whether one action per candidate follows.
        split: Columns of ``rest`` between the conversation block and the candidates.
        speech: Width the conversation encoding is compressed to.
        hidden: Width of the trunk.
        item: Width of a candidate's hidden layer.
    """

    conversation: int
    rest: int
    candidates: int
    candidate_columns: int
    free_actions: int
    scored: bool
    split: int
    speech: int = 32
    hidden: int = 128
    item: int = 32

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if name != "scored" and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
                raise ConfigError(f"network.{name} must be an integer >= 0, got {value!r}.")
        if not isinstance(self.scored, bool):
            raise ConfigError(f"network.scored must be true or false, got {self.scored!r}.")

    @property
    def n_actions(self) -> int:
        """Free actions, then candidates."""
        return self.free_actions + (self.candidates if self.scored else 0)

    @property
    def width(self) -> int:
        """Columns of the flat observation."""
        return self.conversation + self.rest + self.candidates * self.candidate_columns

    @classmethod
    def from_dict(cls, data: Any) -> NetworkShape:
        """From JSON data.

        Raises:
            ArtifactError: If fields are missing, unknown or of another type.
        """
        known = cls.__dataclass_fields__
        if not isinstance(data, dict) or set(data) != set(known):
            raise ArtifactError(
                f"A network shape has the fields {', '.join(sorted(known))}; got {data!r:.200}. Export again."
            )
        try:
            return cls(**data)
        except ConfigError as error:
            raise ArtifactError(f"{error} Export again.") from error

    def tensors(self) -> dict[str, tuple[int, ...]]:
        """Shape of every tensor that acting needs."""
        joint = 2 * self.item
        shapes: dict[str, tuple[int, ...]] = {
            "speech.weight": (self.speech, self.conversation),
            "speech.bias": (self.speech,),
            "item_in.weight": (self.item, self.candidate_columns),
            "item_in.bias": (self.item,),
            "trunk_1.weight": (self.hidden, self.speech + self.rest + joint),
            "trunk_1.bias": (self.hidden,),
            "trunk_2.weight": (self.hidden, self.hidden),
            "trunk_2.bias": (self.hidden,),
            "free.weight": (self.free_actions, self.hidden),
            "free.bias": (self.free_actions,),
        }
        if self.scored:
            shapes |= {
                "item_own.weight": (joint, self.candidate_columns),
                "item_own.bias": (joint,),
                "item_given.weight": (joint, self.hidden),
                "item_out.weight": (1, joint),
                "item_out.bias": (1,),
                "item_prior.weight": (1, self.candidate_columns),
            }
        return shapes


class Ranker:
    """From one flat observation to action logits, as ``agents.ppo.network.RankerNetwork`` computes them.

    Equal to the network to about 1e-6: only the order of summation differs.

    Args:
        tensors: Weights by their names in the network.
        shape: Sizes.

    Raises:
        ArtifactError: If a tensor is missing, of another shape, not float32, or not finite.
    """

    def __init__(self, tensors: Mapping[str, npt.NDArray[Any]], shape: NetworkShape) -> None:
        self.shape = shape
        kept: dict[str, Float] = {}
        for name, expected in shape.tensors().items():
            found = tensors.get(name)
            if found is None:
                raise ArtifactError(
                    f"The exported network lacks the tensor {name!r}. Export the policy again."
                )
            if found.shape != expected or found.dtype != np.float32 or not np.isfinite(found).all():
                raise ArtifactError(
                    f"The exported tensor {name!r} should be finite float32 of shape {expected}, but is "
                    f"{found.dtype} of shape {found.shape}. Export the policy again."
                )
            kept[name] = np.ascontiguousarray(found)
        self._speech = kept["speech.weight"] * SPEECH_SCALE, kept["speech.bias"]
        self._item_in = np.ascontiguousarray(kept["item_in.weight"].T), kept["item_in.bias"]
        self._trunk = (
            (kept["trunk_1.weight"], kept["trunk_1.bias"]),
            (kept["trunk_2.weight"], kept["trunk_2.bias"]),
        )
        self._free = kept["free.weight"], kept["free.bias"]
        if shape.scored:
            self._item_own = np.ascontiguousarray(kept["item_own.weight"].T), kept["item_own.bias"]
            self._item_given = kept["item_given.weight"]
            self._item_out = kept["item_out.weight"][0], kept["item_out.bias"][0]
            self._item_prior = kept["item_prior.weight"][0]

    def logits(self, observation: Float) -> Float:
        """Action logits ``(n_actions,)`` of one observation ``(width,)``, both float32."""
        s = self.shape
        spoken = s.conversation
        start = spoken + s.split
        stop = start + s.candidates * s.candidate_columns
        candidates = observation[start:stop].reshape(s.candidates, s.candidate_columns)
        weight, bias = self._speech
        speech = np.tanh(weight @ observation[:spoken] + bias)
        weight, bias = self._item_in
        seen = np.maximum(candidates @ weight + bias, 0)
        hidden = np.concatenate(
            (speech, observation[spoken:start], observation[stop:], seen.mean(0), seen[0]), dtype=np.float32
        )
        for weight, bias in self._trunk:
            hidden = np.tanh(weight @ hidden + bias)
        weight, bias = self._free
        free = weight @ hidden + bias
        if not s.scored:
            return free
        weight, bias = self._item_own
        own = np.maximum(candidates @ weight + (self._item_given @ hidden + bias), 0)
        weight, bias = self._item_out
        scores = own @ weight + bias + candidates @ self._item_prior
        return np.concatenate((free, scores), dtype=np.float32)
