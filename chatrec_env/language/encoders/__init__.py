"""Encoders: what turns sentences into vectors, by name."""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from chatrec_env.errors import ConfigError, UnknownNameError
from chatrec_env.language.encoders.base import (
    Encoder,
    EncodingError,
    Exchange,
    StateEncoder,
    TokenStates,
    TranscriptEncoder,
    Vectors,
    gives_states,
    reads_transcripts,
)
from chatrec_env.language.encoders.cache import CachedEncoder, cache_folder
from chatrec_env.language.encoders.hashing import HashingEncoder
from chatrec_env.language.encoders.nothing import NoEncoder

__all__ = [
    "CachedEncoder",
    "Encoder",
    "EncodingError",
    "Exchange",
    "HashingEncoder",
    "StateEncoder",
    "TokenStates",
    "TranscriptEncoder",
    "Vectors",
    "cache_folder",
    "gives_states",
    "make_encoder",
    "reads_transcripts",
]

KNOWN = (
    "causal:FOLDER",
    "endpoint:MODEL",
    "hash",
    "none",
    "hash-DIM",
    "hub:REPOSITORY",
    "minilm",
    "minilm-int8",
    "minilm:FOLDER",
    "smollm2",
)

PRECISIONS = {"minilm": "float32", "minilm-onnx": "float32", "minilm-int8": "int8"}
"""Encoders that run MiniLM, and in which precision; "minilm-onnx" is the former name of what is "minilm" now."""

T = TypeVar("T")
_PLACES = ("CHATREC_MINILM", "CHATREC_CACHE", "CHATREC_MODELS", "CHATREC_EMBEDDINGS_URL")

_made: dict[tuple[str | None, ...], Encoder] = {}
_making = threading.Lock()


def make_encoder(name: str | Mapping[str, Any]) -> Encoder:
    """Build an encoder, or hand out the one this process already has by that name.

    Args:
        name: One of

            - ``"minilm"``: all-MiniLM-L6-v2, 384 wide, its files verified, with a cache on disk. They
              come from ``$CHATREC_MINILM`` (a folder) or the package that ships them.
            - ``"minilm:FOLDER"``: the same files from this folder.
            - ``"minilm-int8"`` or ``"minilm-int8:FOLDER"``: the same weights with 8-bit matrices;
              close to but not the same as ``"minilm"``, and faster where the processor multiplies such numbers.
            - ``"hub:REPOSITORY"`` or ``"hub:FOLDER"``: any mean-pooled model that ``transformers``
              loads without code of its own, e.g. ``"hub:sentence-transformers/all-MiniLM-L6-v2"``.
            - ``"hash"``, ``"hash-128"``, ...: the hashing encoder, 64 wide or as said.
            - ``"none"``: zeros, 8 wide; the state without a language model.
            - ``"endpoint:MODEL"``: an OpenAI-compatible embeddings server at ``$CHATREC_EMBEDDINGS_URL``; or a dict
              with ``"name": "endpoint"`` and the fields of :class:`.endpoint.EndpointConfig`.
            - ``"smollm2"``: a causal model that reads the whole transcript (a :class:`TranscriptEncoder`), fetched by
              ``chatrec models get smollm2``. ``"causal:FOLDER"``: any decoder's folder. Or a dict with either name
              and the fields of :class:`.causal.CausalConfig`.

            A dict with only ``"name"`` is the same as that name.

    Raises:
        UnknownNameError: No such encoder, or no such option.
        ConfigError: An option is out of its domain.
        ArtifactError: The model's files are missing or not the right ones.
        EncodingError: An endpoint that has never been asked before does not answer.
    """
    told = dict(name) if isinstance(name, Mapping) else {"name": name}
    key = (json.dumps(told, sort_keys=True, default=repr), *(os.environ.get(place) for place in _PLACES))
    with _making:
        if key not in _made:
            _made[key] = _make(told.pop("name", None), told)
        return _made[key]


def _make(name: Any, options: dict[str, Any]) -> Encoder:
    kind, colon, place = name.partition(":") if isinstance(name, str) else ("", "", "")
    if kind in ("smollm2", "causal") and (kind == "causal" or not colon):
        return _make_causal(name, place, options)
    if kind == "endpoint":
        return _make_endpoint(name, place, options)
    if options:
        raise UnknownNameError(f"option of the encoder {name!r}:", next(iter(options)), ["name"])
    if name == "hash":
        return HashingEncoder()
    if name == "none":
        return NoEncoder()
    if kind and (width := re.fullmatch(r"hash-(\d+)", name)):
        return HashingEncoder(int(width[1]))
    if kind in PRECISIONS and (place or not colon):
        from chatrec_env.language.encoders import onnx_encoder, weights

        folder = weights.find_minilm(place or None)
        digests = dict(weights.MINILM_DIGESTS)
        return CachedEncoder(onnx_encoder.OnnxEncoder(name, folder, PRECISIONS[kind], digests))
    if kind == "hub" and place:
        from chatrec_env.language.encoders import transformer_encoder, weights

        right = dict(weights.MINILM_DIGESTS) if place == weights.MINILM_REPOSITORY else {}
        return CachedEncoder(transformer_encoder.TransformerEncoder(name, weights.fetch(place), right))
    raise UnknownNameError("encoder", name, KNOWN)


def _make_causal(name: str, folder: str, options: dict[str, Any]) -> Encoder:
    from chatrec_env.language.encoders import causal, weights

    if folder or name == "smollm2":
        if "model" in options:
            raise ConfigError(
                f"The encoder {name!r} names its model already, but model={options['model']!r} came too."
            )
        options["model"] = folder or str(weights.require_converted())
    config = _options(causal.CausalConfig, options)
    return causal.CausalEncoder(name, Path(config.model).expanduser(), config)


def _make_endpoint(name: str, model: str, options: dict[str, Any]) -> Encoder:
    from chatrec_env.language.encoders import endpoint

    if model:
        options.setdefault("model", model)
    config = _options(endpoint.EndpointConfig, options)
    return CachedEncoder(endpoint.EndpointEncoder(name, config, cache_folder()))


def _options(config: type[T], options: dict[str, Any]) -> T:
    """A configuration from its fields by name."""
    known = [field.name for field in fields(config)]  # type: ignore[arg-type]
    for option in options:
        if option not in known:
            raise UnknownNameError("encoder option", option, known)
    return config(**options)
