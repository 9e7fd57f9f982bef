"""Factors on disk: one safetensors file, written whole or not at all, read with suspicion."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from chatrec_env.errors import ArtifactError
from chatrec_env.retrieval.collaborative import Factors

FORMAT = 1
NAMED = "sha256:"
"""How a source begins that names factors by their fingerprint."""

_KNOWN: dict[str, Factors] = {}


def pack_factors(factors: Factors) -> bytes:
    """The file's bytes."""
    from safetensors.numpy import save

    about = {
        "format": FORMAT,
        "fingerprint": factors.fingerprint,
        "regularisation": factors.regularisation,
        "confidence": factors.confidence,
        "catalog": factors.catalog,
        "about": factors.about,
    }
    tensors: dict[str, npt.NDArray[Any]] = {
        "items": np.array(factors.items),
        "square": np.array(factors.square),
    }
    return save(tensors, {"chatrec": json.dumps(about, sort_keys=True)})


def opened(data: bytes, version: int) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
    """The tensors of a file's bytes, and what it says about them.

    Raises:
        ValueError: The bytes are no such file, or of another version.
        KeyError: It says nothing about them.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        tensors = load(data)
    except SafetensorError as error:
        raise ValueError(error) from error
    head = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    about = json.loads(head["__metadata__"]["chatrec"])
    if about["format"] != version:
        raise ValueError(f"format {about['format']!r}, where this version reads {version}")
    return tensors, about


def unpack_factors(data: bytes, source: Path | str) -> Factors:
    """Factors from a file's bytes; ``source`` is named if they are none.

    Raises:
        ArtifactError: The bytes are damaged or something else.
    """
    try:
        tensors, about = opened(data, FORMAT)
        factors = Factors(
            items=tensors["items"],
            square=tensors["square"],
            regularisation=float(about["regularisation"]),
            confidence=float(about["confidence"]),
            catalog=str(about["catalog"]),
            about=str(about["about"]),
        )
        if factors.fingerprint != about["fingerprint"]:
            raise ValueError("numbers that are not those it was written with")
    except (ValueError, KeyError, TypeError, np.linalg.LinAlgError) as error:
        raise ArtifactError(
            f"{source} is damaged: expected collaborative factors, got {error}. Remove it or fit them again."
        ) from error
    return factors


def read_factors(path: Path) -> Factors:
    """Factors from a file.

    Raises:
        ArtifactError: It is missing or damaged.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ArtifactError(f"{path} cannot be read: {error}.") from error
    return unpack_factors(data, path)


def write_factors(path: Path, factors: Factors) -> None:
    """Write the file; a process killed meanwhile leaves the old one or none, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            file.write(pack_factors(factors))
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def cache_file(name: str) -> Path:
    """Where factors of a name are kept: below ``$CHATREC_CACHE``, else the user's cache folder."""
    from chatrec_env.language.encoders.cache import cache_folder

    return cache_folder() / "factors" / f"{name}.safetensors"


def adopt(factors: Factors) -> str:
    """Make factors known to this process, and to others through the cache; returns the source that names them."""
    _KNOWN[factors.fingerprint] = factors
    file = cache_file(factors.fingerprint)
    if not file.exists():
        with contextlib.suppress(OSError):  # a read-only home: this process knows them all the same
            write_factors(file, factors)
    return f"{NAMED}{factors.fingerprint}"


def named_factors(source: str) -> Factors:
    """Factors by ``"sha256:..."``.

    Raises:
        ArtifactError: Nobody has adopted them on this machine.
    """
    fingerprint = source.removeprefix(NAMED)
    if fingerprint not in _KNOWN:
        file = cache_file(fingerprint)
        if not file.is_file():
            raise ArtifactError(
                f"No collaborative factors {source!r} here: expected {file}. Load the policy they came with "
                "(chatrec serve, agents.export.load_export), or name what to fit them on."
            )
        found = read_factors(file)
        if found.fingerprint != fingerprint:
            raise ArtifactError(f"{file} holds other factors than its name says. Remove it.")
        _KNOWN[fingerprint] = found
    return _KNOWN[fingerprint]
