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

KNOWN = ("hash", "hash-DIM", "hub:REPOSITORY", "minilm", "minilm:FOLDER")

_made: dict[tuple[str | None, ...], Encoder] = {}
_making = threading.Lock()


def make_encoder(name: str) -> Encoder:
    """Build an encoder, or hand out the one this process already has by that name.

    Args:
        name: One of

            - ``"minilm"``: all-MiniLM-L6-v2, 384 wide, its files verified, with a cache on disk. They
              come from ``$CHATREC_MINILM`` (a folder) or the package that ships them.
            - ``"minilm:FOLDER"``: the same files from this folder.
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
    kind, _, place = name.partition(":") if isinstance(name, str) else ("", "", "")
    if name == "hash":
        return HashingEncoder()
    if kind and (width := re.fullmatch(r"hash-(\d+)", name)):
        return HashingEncoder(int(width[1]))
    if name == "minilm" or (kind == "minilm" and place):
        from chatrec_env.language.encoders import minilm, weights

        folder = weights.find_minilm(place or None)
        return CachedEncoder(minilm.TransformerEncoder(name, folder, dict(weights.MINILM_DIGESTS)))
    if kind == "hub" and place:
        from chatrec_env.language.encoders import minilm, weights

        right = dict(weights.MINILM_DIGESTS) if place == weights.MINILM_REPOSITORY else {}
        return CachedEncoder(minilm.TransformerEncoder(name, weights.fetch(place), right))
    raise UnknownNameError("encoder", name, KNOWN)
