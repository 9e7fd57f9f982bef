"""Fits the second stage of understanding: ``python -m experiments.language.fit_listener FOLDER`` writes its model.

It is fitted to sentences of our own (part ``fit`` of ``own_sentences.csv``) and to labelled sentences of CCPE-M that
are not held out: part ``dev`` of ``ccpe_labels.csv``, and the acts of 16 more dialogues in ``ccpe_acts.csv``. Neither
the held-out part nor part ``test`` of our own sentences is read.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from chatrec_env.language.act_classifier import FORMAT
from chatrec_env.language.acts import UserAct
from chatrec_env.language.contract import get_language
from chatrec_env.language.encoders import Encoder, make_encoder
from chatrec_env.language.message_reader import sentences
from experiments.language.dialogue_labels import read_acts, read_labels, read_own, read_sentences

ACTS = (
    UserAct.ACCEPT,
    UserAct.REJECT,
    UserAct.SEEN_IT,
    UserAct.DONT_KNOW,
    UserAct.NO_PREFERENCE,
    UserAct.IMPATIENT,
    UserAct.MORE_LIKE_THAT,
    UserAct.YES,
    UserAct.NO,
    UserAct.LEAVE,
    UserAct.THANK,
    UserAct.GREET,
)
"""Acts that need no value or title."""

PENALTY = 0.2
"""Weight of the squared weights in the loss; like the two chances below chosen by cross-validation."""

ADD, DROP = 0.4, 0.04
DIGITS = 4

Meant = tuple[str, frozenset[UserAct]]
"""A message and what it means, of ``ACTS``."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A linear model: ``weights`` (D, A) and ``bias`` (A,), float64."""

    weights: npt.NDArray[np.float64]
    bias: npt.NDArray[np.float64]


def examples(folder: Path) -> list[Meant]:
    """All messages to fit to.

    Raises:
        ArtifactError: If the dialogues are not there; says where to get them.
    """
    said = read_sentences(folder)
    own = [(one.text, one.acts) for one in read_own("fit")]
    dev = [(said[x.dialogue, x.turn], x.acts) for x in read_labels() if x.part == "dev" and not x.question]
    return own + dev + [(said[place], acts) for place, acts in read_acts().items()]


def fit(encoder: Encoder, messages: Sequence[Meant], penalty: float = PENALTY) -> Fitted:
    """One logistic regression an act; a message carries an act if one of its sentences does (noisy or).

    The chance of an act in a message is ``1 - prod(1 - sigmoid(z))`` over its sentences; the loss is its cross-entropy
    plus ``penalty / 2`` times the squared weights, minimised by L-BFGS.
    """
    import torch
    from torch.nn.functional import softplus

    parts = [sentences(text) for text, _ in messages]
    x = torch.from_numpy(encoder.encode([part for some in parts for part in some])).double()
    of = torch.repeat_interleave(torch.arange(len(parts)), torch.tensor([len(some) for some in parts]))
    meant = torch.tensor([[float(act in acts) for act in ACTS] for _, acts in messages]).double()
    weights = torch.zeros(x.shape[1], len(ACTS), dtype=torch.float64, requires_grad=True)
    bias = torch.full((len(ACTS),), -2.0, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS(
        [weights, bias], max_iter=100, tolerance_change=1e-6, line_search_fn="strong_wolfe"
    )

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        none = torch.zeros_like(meant).index_add(0, of, softplus(x @ weights + bias)).clamp_min(1e-9)
        value = (none * (1 - meant) - meant * torch.log(-torch.expm1(-none))).sum()
        value = value + penalty / 2 * (weights**2).sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    return Fitted(weights.detach().numpy(), bias.detach().numpy())


def to_json(encoder: Encoder, fitted: Fitted, messages: int) -> dict[str, Any]:
    """The model as plain JSON data, with where it comes from."""
    return {
        "format": FORMAT,
        "made_by": "python -m experiments.language.fit_listener FOLDER",
        "from": f"{messages} messages: own_sentences.csv (fit), ccpe_labels.csv (dev), ccpe_acts.csv",
        "encoder": encoder.fingerprint,
        "acts": [act.name for act in ACTS],
        "add": ADD,
        "drop": DROP,
        "bias": np.round(fitted.bias, DIGITS).tolist(),
        "weights": np.round(fitted.weights.T, DIGITS).tolist(),
    }


def main(arguments: Sequence[str]) -> int:
    """Fit and write; returns the exit code."""
    if len(arguments) != 1:
        print(
            "usage: python -m experiments.language.fit_listener FOLDER  (with dialogues-dev.tsv)",
            file=sys.stderr,
        )
        return 2
    encoder, messages = make_encoder("minilm"), examples(Path(arguments[0]))
    out = Path(str(get_language().act_classifier))
    told = to_json(encoder, fit(encoder, messages), len(messages))
    lines = json.dumps(told).replace("], [", "],\n[").replace('"weights": ', '\n"weights": ')
    out.write_text(lines + "\n", encoding="utf-8")
    print(f"{len(messages)} messages -> {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
