"""Any mean-pooled model that transformers loads, as an encoder, run so that its bits never vary."""

from __future__ import annotations

import functools
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from chatrec_env.language.encoders import weights
from chatrec_env.language.encoders.base import STATE_LAYER, TokenStates, Vectors, token_spans
from chatrec_env.language.encoders.lanes import machine_tag
from chatrec_env.language.encoders.shapes import LENGTHS, Arrays, Part, of_each
from chatrec_env.language.encoders.transformers_models import load_model, load_tokenizer, utf8


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
        self.weights = weights.tag_of(files)
        self.fingerprint = weights.mean_pooled(self._lengths, files)

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
        model, tokenizer = _load(self.folder, self._digests, self._lengths[-1])
        # One by one: the tokenizer's own batching starts threads, which do not survive a fork.
        read = [tokenizer.encode(utf8(text)) for text in texts]
        tokens = [one.ids for one in read]
        compute = functools.partial(self._compute, model, tokens)
        told = of_each(compute, [len(ids) for ids in tokens], self.folder, self._lengths)
        states = [
            TokenStates(rows[: len(one.ids)], token_spans(one))
            for one, (_, rows) in zip(read, told, strict=True)
        ]
        return np.stack([vector for vector, _ in told]), states

    def _compute(self, model: Any, tokens: Sequence[Sequence[int]], part: Part) -> Arrays:
        """The vectors and the states of the texts of a part, a row each."""
        import torch

        places, length = part
        ids = np.full((len(places), length), self._pad, np.int64)
        for row, place in enumerate(places):
            ids[row, : len(tokens[place])] = tokens[place]
        real = torch.from_numpy(np.arange(length) < np.array([[len(tokens[place])] for place in places]))
        with torch.inference_mode():
            told = model(
                input_ids=torch.from_numpy(ids),
                attention_mask=real[:, None, None, :],
                output_hidden_states=True,
            )
            layers = told.hidden_states
            share = real[:, :, None].to(layers[-1].dtype)
            mean = (layers[-1] * share).sum(1) / share.sum(1)
            unit: Vectors = torch.nn.functional.normalize(mean, dim=1).numpy()
            return unit, layers[min(STATE_LAYER, len(layers) - 1)].numpy()

    def __deepcopy__(self, memo: dict[int, object]) -> TransformerEncoder:
        return self  # a pure function: nothing to copy

    def __reduce__(self) -> tuple[type[TransformerEncoder], tuple[str, Path, dict[str, str]]]:
        # The model stays behind; the other side loads it when it first encodes.
        return type(self), (self.name, self.folder, self._digests)


_loaded: dict[Path, tuple[Any, Any]] = {}
_loading = threading.Lock()


def _load(folder: Path, digests: dict[str, str], longest: int) -> tuple[Any, Any]:
    """The model and its tokenizer, verified, once per process and folder."""
    with _loading:
        if folder not in _loaded:
            weights.verify(folder, digests)
            _loaded[folder] = (load_model(folder), load_tokenizer(folder, longest))
        return _loaded[folder]
