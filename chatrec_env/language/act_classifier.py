"""The dialogue act classifier: a small linear model over the encoder's vector of a sentence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from chatrec_env.errors import ArtifactError
from chatrec_env.language.acts import UserAct
from chatrec_env.language.contract import get_language
from chatrec_env.language.word_forms import DEFAULT

FORMAT: Final = 1

Chances = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ActClassifier:
    """Says how likely a sentence does each dialogue act: one logistic regression an act, over its encoder's vector."""

    encoder: str  # fingerprint of the encoder it was fitted to
    acts: tuple[UserAct, ...]  # A of them
    weights: npt.NDArray[np.float32]  # `(D, A)` float32
    bias: npt.NDArray[np.float32]  # `(A,)` float32
    add: float  # chance from which an act is added
    drop: float  # chance, of the message as a whole, below which an act of the rules is dropped

    def chances(self, vectors: npt.NDArray[np.float32]) -> Chances:
        """Chance of every act in each sentence: ``(n, D)`` vectors to ``(n, A)`` float64."""
        # Row by row: a product of several rows may round differently from that of one.
        scores = [(self.weights * vector[:, None]).sum(0, dtype=np.float64) + self.bias for vector in vectors]
        return 1.0 / (1.0 + np.exp(-np.array(scores, np.float64).reshape(-1, len(self.acts))))

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> ActClassifier:
        """The model of a JSON document.

        Raises:
            ArtifactError: If it is no such document.
        """
        try:
            if document["format"] != FORMAT:
                raise ValueError(f"format {document['format']!r}, this version reads {FORMAT}")
            model = cls(
                encoder=str(document["encoder"]),
                acts=tuple(UserAct[name] for name in document["acts"]),
                weights=np.array(document["weights"], np.float32).T,
                bias=np.array(document["bias"], np.float32),
                add=float(document["add"]),
                drop=float(document["drop"]),
            )
            n = (len(model.acts),)
            if model.weights.ndim != 2 or model.weights.shape[1:] != n or model.bias.shape != n:
                raise ValueError("weights, bias and acts do not fit together")
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"This is no classifier of dialogue acts: {error!r}.") from error
        return model


@cache
def shipped_classifier(language: str = DEFAULT) -> ActClassifier:
    """The classifier of a language, read once. ``python -m experiments.language.fit_listener`` makes it."""
    text = get_language(language).act_classifier.read_text(encoding="utf-8")
    return ActClassifier.from_json(json.loads(text))
