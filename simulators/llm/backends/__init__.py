"""Backends by name: who answers for an LLM user."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from chatrec_env.errors import ArtifactError, UnknownNameError
from chatrec_env.language.encoders import cache_folder
from simulators.llm.backends.base import Backend

if TYPE_CHECKING:
    from simulators.llm.config import LLMConfig
    from simulators.llm.recorder import RecordedBackend

KNOWN = ("endpoint:MODEL", "llamacpp", "llamacpp:FILE.gguf", "smollm2", "transformers:FOLDER_OR_HUB_NAME")

_HUB_FILES = ["*.json", "*.safetensors", "*.jinja", "tokenizer.model", "merges.txt"]

CUSTOM: dict[str, Callable[[LLMConfig], Backend]] = {}
"""Backends of one's own: name -> factory. Put yours here before an environment names it."""


def make_backend(config: LLMConfig) -> Backend:
    """Build the backend that ``config.backend`` names; models are loaded on first use.

    Raises:
        UnknownNameError: No such backend.
        ArtifactError: The model's files are missing or damaged.
    """
    name = config.backend
    kind, _, place = name.partition(":")
    if name in CUSTOM:
        return CUSTOM[name](config)
    if name == "smollm2" or (kind == "transformers" and place):
        from simulators.llm.backends import weights
        from simulators.llm.backends.local import LocalBackend

        return LocalBackend(name, weights.require_converted() if name == "smollm2" else _folder(place))
    if name == "llamacpp" or (kind == "llamacpp" and place):
        from simulators.llm.backends import weights
        from simulators.llm.backends.llamacpp import LlamaBackend

        return LlamaBackend(name, Path(place).expanduser() if place else weights.require_gguf())
    if kind == "endpoint" and place:
        from simulators.llm.backends.endpoint import EndpointBackend, EndpointConfig

        how = EndpointConfig(leave_out=tuple(config.leave_out.split()), reply_tokens=config.reply_tokens)
        return EndpointBackend(name, place, config.url, how)
    raise UnknownNameError("users backend", name, [*KNOWN, *CUSTOM])


def open_backend(config: LLMConfig) -> RecordedBackend:
    """The backend with its recording and budget; for a replay, the recording alone.

    Raises:
        UnknownNameError: No such backend.
        ArtifactError: The model or the recording is missing or damaged.
    """
    # Not above: they need backends.base, and so this package first.
    from simulators.llm.recorder import RecordedBackend
    from simulators.llm.recording import Recording

    if config.replay:
        return RecordedBackend(Recording(Path(config.recording).expanduser(), writable=False), None)
    backend = make_backend(config)
    path = Path(config.recording).expanduser() if config.recording else default_recording(backend)
    recording = Recording(path, backend.identity, backend.capabilities)
    return RecordedBackend(recording, backend, budget=config.budget)


def default_recording(backend: Backend) -> Path:
    """Where a backend's answers are kept unless a file is named: one file per identity, in the cache folder."""
    name = re.sub(r"[^\w.-]+", "-", backend.name)[-40:].strip("-")
    tail = hashlib.blake2b(backend.identity.encode(), digest_size=8).hexdigest()
    return cache_folder() / "llm" / f"{name}-{tail}.jsonl"


def _folder(place: str) -> Path:
    """A model folder, or the hub's local copy of a repository, fetched through its own client if need be."""
    folder = Path(place).expanduser()
    if folder.is_dir() or place.startswith((".", "~", os.sep)):
        return folder
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(place, allow_patterns=_HUB_FILES))
    except (OSError, ValueError) as error:  # every error of the hub's client is one of these
        raise ArtifactError(
            f"The model {place!r} is neither a folder here nor to be had from the hub ({type(error).__name__}). Check "
            "the name and the network, or use the default model: chatrec models get smollm2"
        ) from error
