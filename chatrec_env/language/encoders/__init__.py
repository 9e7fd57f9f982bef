"""Encoders: what turns sentences into vectors, by name."""

from __future__ import annotations

import os
import re
import threading

from chatrec_env.errors import UnknownNameError
from chatrec_env.language.encoders.base import Encoder, Vectors
from chatrec_env.language.encoders.cache import CachedEncoder, cache_folder
from chatrec_env.language.encoders.hashing import HashingEncoder

__all__ = ["CachedEncoder", "Encoder", "HashingEncoder", "Vectors", "cache_folder", "make_encoder"]

KNOWN = ("hash", "hash-DIM", "hub:REPOSITORY", "minilm", "minilm-int8", "minilm-onnx", "minilm:FOLDER")

ONNX = {"minilm-int8": "int8", "minilm-onnx": "float32"}
"""Encoders that run MiniLM on ONNX Runtime, and in which precision."""

_made: dict[tuple[str | None, ...], Encoder] = {}
_making = threading.Lock()


def make_encoder(name: str) -> Encoder:
    """Build an encoder, or hand out the one this process already has by that name.

    Args:
        name: One of

            - ``"minilm"``: all-MiniLM-L6-v2, 384 wide, its files verified, with a cache on disk. They
              come from ``$CHATREC_MINILM`` (a folder) or the package that ships them.
            - ``"minilm:FOLDER"``: the same files from this folder.
            - ``"minilm-int8"`` or ``"minilm-int8:FOLDER"``: the same weights with 8-bit matrices on ONNX Runtime;
              faster, and close to but not the same as ``"minilm"``. ``"minilm-onnx"``: the same in float32,
              which differs by rounding only. Both need the extra ``onnx``.
            - ``"hub:REPOSITORY"`` or ``"hub:FOLDER"``: any mean-pooled model that ``transformers``
              loads without code of its own, e.g. ``"hub:sentence-transformers/all-MiniLM-L6-v2"``.
            - ``"hash"``, ``"hash-128"``, ...: the hashing encoder, 64 wide or as said.

    Raises:
        UnknownNameError: No such encoder.
        ConfigError: A width that the hashing encoder does not take.
        ArtifactError: The model's files are missing or not the right ones.
    """
    key = (name, os.environ.get("CHATREC_MINILM"), os.environ.get("CHATREC_CACHE"))
    with _making:
        if key not in _made:
            _made[key] = _make(name)
        return _made[key]


def _make(name: str) -> Encoder:
    kind, colon, place = name.partition(":") if isinstance(name, str) else ("", "", "")
    if name == "hash":
        return HashingEncoder()
    if kind and (width := re.fullmatch(r"hash-(\d+)", name)):
        return HashingEncoder(int(width[1]))
    if name == "minilm" or (kind == "minilm" and place):
        from chatrec_env.language.encoders import minilm, weights

        folder = weights.find_minilm(place or None)
        return CachedEncoder(minilm.TransformerEncoder(name, folder, dict(weights.MINILM_DIGESTS)))
    if kind in ONNX and (place or not colon):
        from chatrec_env.language.encoders import onnx_minilm, weights

        folder = weights.find_minilm(place or None)
        digests = dict(weights.MINILM_DIGESTS)
        return CachedEncoder(onnx_minilm.OnnxEncoder(name, folder, ONNX[kind], digests))
    if kind == "hub" and place:
        from chatrec_env.language.encoders import minilm, weights

        right = dict(weights.MINILM_DIGESTS) if place == weights.MINILM_REPOSITORY else {}
        return CachedEncoder(minilm.TransformerEncoder(name, weights.fetch(place), right))
    raise UnknownNameError("encoder", name, KNOWN)
