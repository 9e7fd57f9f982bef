"""The language model as an encoder: mean-pooled MiniLM, run so that its bits never vary."""

from __future__ import annotations

import functools
import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from chatrec_env.language.encoders import weights
from chatrec_env.language.encoders.base import TokenStates, Vectors
from chatrec_env.language.encoders.lanes import machine_tag
from chatrec_env.language.encoders.shapes import LENGTHS, Arrays, Part, of_each
from chatrec_env.language.encoders.transformers_models import layer_states, load_model, load_tokenizer, utf8

STATE_LAYER = 4
"""Layer of which a reader gets the token states; the last of a model with fewer."""

_SCHEME = "mean-pool-1"


def weights_tag(files: Mapping[str, str]) -> str:
    """Hex digest of a model's files, given by their digests: the same however the model is run."""
    return hashlib.sha256(json.dumps([STATE_LAYER, sorted(files.items())]).encode()).hexdigest()


def token_spans(read: Any) -> npt.NDArray[np.int64]:
    """Where the tokens stand in the text, ``(T, 2)``, of what the tokenizer made of it."""
    return np.array(read.offsets, np.int64).reshape(-1, 2)


class TransformerEncoder:
    """A sentence-transformers model with mean pooling, through ``transformers``, in float32 on the CPU.

    The model only ever runs in shapes that a text's own length decides, or that give the same bits as those, see
    :mod:`.shapes`. The mask is passed ready-made in four dimensions, because given the usual two-dimensional one the
    library takes another attention kernel whenever no row happens to be padded. So a text's vector does not depend on
    its neighbours, its place, or their number; nor on the number of threads, see :mod:`.lanes`.

    Equals ``SentenceTransformer.encode(..., normalize_embeddings=True)`` to rounding.

    Args:
        folder: Folder with ``config.json``, ``model.safetensors`` and ``tokenizer.json``.
        digests: sha256 of files that must match when the model is loaded; also the identity of the
            weights. Empty: the identity is computed from the files.

    Raises:
        ArtifactError: ``config.json`` is damaged; on first use: a digest does not match, or torch,
            transformers or tokenizers are not installed.
    """

    def __init__(self, name: str, folder: Path, digests: dict[str, str] | None = None) -> None:
        self.name, self.folder = name, folder
        self._digests = dict(digests or {})
        config = weights.read_config(folder)
        self.dim: int = config["hidden_size"]
        self._pad: int = config.get("pad_token_id") or 0
        longest = config.get("max_position_embeddings") or LENGTHS[-1]
        self._lengths = tuple(n for n in LENGTHS if n <= longest) or (int(longest),)
        files = self._digests or {file: weights.digest(folder / file) for file in weights.FILES}
        self.weights = weights_tag(files)
        self.fingerprint = hashlib.sha256(
            json.dumps([_SCHEME, self._lengths, sorted(files.items())]).encode()
        ).hexdigest()

    @property
    def numerics(self) -> str:
        """What decides the last bits besides the weights: the tensor library and the processor."""
        return machine_tag("torch")

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode sentences; see :class:`Encoder`.

        Texts are cut after 256 tokens.
        """
        return self.encode_with_states(texts)[0]

    def encode_with_states(self, texts: Sequence[str]) -> tuple[Vectors, list[TokenStates]]:
        """See :class:`.base.StateEncoder`."""
        if not len(texts):
            return np.zeros((0, self.dim), np.float32), []
        (run, joined), tokenizer = _load(self.folder, self._digests, self._lengths[-1])
        # One by one: the tokenizer's own batching starts threads, which do not survive a fork.
        read = [tokenizer.encode(utf8(text)) for text in texts]
        tokens = [one.ids for one in read]
        told = of_each(
            functools.partial(self._compute, run, tokens),
            [len(ids) for ids in tokens],
            self.folder,
            padded=self._lengths,
            joined=joined,
        )
        states = [
            TokenStates(rows[: len(one.ids)], token_spans(one))
            for one, (_, rows) in zip(read, told, strict=True)
        ]
        return np.stack([vector for vector, _ in told]), states

    def _compute(self, run: Any, tokens: Sequence[Sequence[int]], parts: Sequence[Part]) -> list[Arrays]:
        """The vectors and the states of the texts of each part, a row each, from one call."""
        import torch

        given, real = [], []
        for places, length in parts:
            ids = np.full((len(places), length), self._pad, np.int64)
            for row, place in enumerate(places):
                ids[row, : len(tokens[place])] = tokens[place]
            counts = np.array([[len(tokens[place])] for place in places])
            given.append(torch.from_numpy(ids))
            real.append(torch.from_numpy(np.arange(length) < counts))
        out: list[Arrays] = []
        with torch.inference_mode():
            masks = [mask[:, None, None, :] for mask in real]
            for layers, mask in zip(run(list(zip(given, masks, strict=True))), real, strict=True):
                states = layers[-1]
                share = mask[:, :, None].to(states.dtype)
                mean = (states * share).sum(1) / share.sum(1)
                unit: Vectors = torch.nn.functional.normalize(mean, dim=1).numpy()
                out.append((unit, layers[min(STATE_LAYER, len(layers) - 1)].numpy()))
        return out

    def __deepcopy__(self, memo: dict[int, object]) -> TransformerEncoder:
        return self  # a pure function: nothing to copy

    def __reduce__(self) -> tuple[type[TransformerEncoder], tuple[str, Path, dict[str, str]]]:
        # The model stays behind; the other side loads it when it first encodes.
        return type(self), (self.name, self.folder, self._digests)


_loaded: dict[Path, tuple[Any, Any]] = {}
_loading = threading.Lock()


def _load(folder: Path, digests: dict[str, str], longest: int) -> tuple[Any, Any]:
    """The model's :func:`.layer_states` and its tokenizer, verified, once per process and folder."""
    with _loading:
        if folder not in _loaded:
            weights.verify(folder, digests)
            _loaded[folder] = (layer_states(load_model(folder)), load_tokenizer(folder, longest))
        return _loaded[folder]
