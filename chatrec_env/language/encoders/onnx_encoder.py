"""MiniLM, mean-pooled, on ONNX Runtime: in float32 or with 8-bit matrices.

The runtime packs a model's matrices once, when it is loaded, where the tensor library does so in each product: of a
short sentence that is half of the time.
"""

from __future__ import annotations

import functools
import hashlib
import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from chatrec_env.language.encoders import lanes, onnx_graph, weights
from chatrec_env.language.encoders.base import STATE_LAYER, TokenStates, Vectors, token_spans
from chatrec_env.language.encoders.lanes import machine_tag
from chatrec_env.language.encoders.shapes import LENGTHS
from chatrec_env.language.encoders.transformers_models import load_tokenizer, utf8

_INT8 = "onnx-mean-pool-1"
_A_CALL = 16  # sentences a lane takes at a time


class OnnxEncoder:
    """Mean-pooled MiniLM on ONNX Runtime, in float32 or 8 bits; its weights are the verified ones of ``"minilm"``.

    The graph is built from the published file each time a process first encodes (under a second), so there is no
    converted file to keep, to check or to distrust. Each sentence is run alone at its own length: its vector
    depends on nothing else. (The usual dynamic quantisation, with one scale for a whole batch, is faster but much
    coarser, and would break that promise.)

    Args:
        folder: Folder with ``config.json``, ``model.safetensors`` and ``tokenizer.json``.
        digests: sha256 of files that must match when the model is loaded; also the identity of the weights. Empty:
            the identity is computed from the files.

    Raises:
        ArtifactError: ``config.json`` is damaged; on first use: a digest does not match.
    """

    def __init__(self, name: str, folder: Path, precision: str, digests: dict[str, str]) -> None:
        self.name, self.folder, self.precision = name, folder, precision
        self._digests = dict(digests)
        self.dim: int = weights.read_config(folder)["hidden_size"]
        files = self._digests or {file: weights.digest(folder / file) for file in weights.FILES}
        self.weights = weights.tag_of(files)
        self.fingerprint = weights.mean_pooled(LENGTHS, files)
        if precision == "int8":
            told = [_INT8, precision, onnx_graph.BLOCK, LENGTHS[-1], sorted(files.items())]
            self.fingerprint = hashlib.sha256(json.dumps(told).encode()).hexdigest()

    @property
    def at_once(self) -> int:
        """Calls that are made side by side: one is as quick by itself as together with others."""
        return lanes.count()

    @property
    def numerics(self) -> str:
        """What decides the last bits besides the weights: the runtime and the processor."""
        return machine_tag("onnxruntime")

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode sentences; see :class:`Encoder`.

        Texts are cut after 256 tokens.
        """
        return self.encode_with_states(texts)[0]

    def encode_with_states(self, texts: Sequence[str]) -> tuple[Vectors, list[TokenStates]]:
        """See :class:`.base.StateEncoder`."""
        if not len(texts):
            return np.zeros((0, self.dim), np.float32), []
        session, tokenizer = _load(self.folder, self.precision, tuple(sorted(self._digests.items())))
        read = [tokenizer.encode(utf8(text)) for text in texts]
        tokens = [one.ids for one in read]
        parts = [tokens[i : i + _A_CALL] for i in range(0, len(tokens), _A_CALL)]
        calls = [functools.partial(_run, session, part) for part in parts]
        done = [calls[0]()] if len(calls) == 1 else lanes.run(calls)
        states = [rows for _, some in done for rows in some]
        spans = map(token_spans, read)
        return np.concatenate([means for means, _ in done]), list(map(TokenStates, states, spans))

    def __deepcopy__(self, memo: dict[int, object]) -> OnnxEncoder:
        return self  # a pure function: nothing to copy

    def __reduce__(self) -> tuple[type[OnnxEncoder], tuple[str, Path, str, dict[str, str]]]:
        # The model stays behind; the other side builds it when it first encodes.
        return type(self), (self.name, self.folder, self.precision, self._digests)


def _run(session: Any, tokens: list[list[int]]) -> tuple[Vectors, list[Vectors]]:
    """Sentences one by one, ``(n, D)``, and the states of their tokens."""
    means, kept = [], []
    for ids in tokens:
        states, inner = session.run(None, {"ids": np.array([ids], np.int64)})
        means.append(states[0].mean(0))
        kept.append(inner[0])
    out: Vectors = np.stack(means)
    return out / np.sqrt((out * out).sum(1, keepdims=True)), kept


_loaded: dict[tuple[Path, str], tuple[Any, Any]] = {}
_loading = threading.Lock()


def _load(folder: Path, precision: str, digests: tuple[tuple[str, str], ...]) -> tuple[Any, Any]:
    """The session and the tokenizer, from verified files, once per process, folder and precision."""
    with _loading:
        if (folder, precision) not in _loaded:
            weights.verify(folder, dict(digests))
            config = weights.read_config(folder)
            layer = min(STATE_LAYER, config["num_hidden_layers"])
            session = onnx_graph.bert_session(folder, config, precision, [layer])
            _loaded[folder, precision] = (session, load_tokenizer(folder, LENGTHS[-1]))
        return _loaded[folder, precision]
