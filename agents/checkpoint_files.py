"""The files of a checkpoint folder, replaced atomically: all of them or none.

The commit point of a save is the replacement of the header. Contents are first written beside the old ones
(``*.new``) and moved into place after it, so a process killed at any moment leaves the old checkpoint or the
new one, never half of each: a reader takes whichever file has the digest that the header names.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load as read_tensors
from safetensors.numpy import save as write_tensors

from chatrec_env.errors import ArtifactError, ConfigError


def digest(data: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def commit(folder: Path, header: str, text: str, contents: Mapping[str, bytes]) -> None:
    """Replace header and contents of a folder, atomically.

    Args:
        folder: Created if need be.
        header: File name of the header.
        text: The header, which names the digest of each of the contents.
        contents: Bytes by file name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in contents.items():
        _write(folder / f"{name}.new", data)
    _write(folder / f"{header}.new", text.encode())
    os.replace(folder / f"{header}.new", folder / header)
    _sync_folder(folder)
    for name in contents:
        os.replace(folder / f"{name}.new", folder / name)


def settle(folder: Path, digests: Mapping[str, str]) -> None:
    """Finish a commit that was cut short after its commit point, so that the next may reuse its names."""
    for name, expected in digests.items():
        beside = folder / f"{name}.new"
        with contextlib.suppress(FileNotFoundError):
            if digest(beside.read_bytes()) == expected:
                os.replace(beside, folder / name)


def read_contents(folder: Path, digests: Mapping[str, str], *, spared: str = "") -> dict[str, bytes]:
    """The bytes of each file: from its place or, after a commit cut short, from beside it.

    Args:
        folder: Where they are.
        digests: SHA-256 by file name.
        spared: The file that may be missing.

    Raises:
        ArtifactError: If a file is missing or has another digest.
    """
    contents = {}
    for name, expected in digests.items():
        found = [path for path in (folder / name, folder / f"{name}.new") if path.is_file()]
        if not found and name == spared:
            continue
        if not found:
            raise ArtifactError(
                f"{folder / name} is missing, though the file beside it names it. Train or export again."
            )
        for path in found:
            try:
                data = path.read_bytes()
            except OSError as error:
                raise ArtifactError(f"{path} cannot be read: {error}.") from error
            if digest(data) == expected:
                contents[name] = data
                break
        else:
            raise ArtifactError(
                f"{folder / name} is damaged: its SHA-256 is not the one written down. Train or export again."
            )
    return contents


def pack(tensors: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """Safetensors bytes of contiguous copies (the format stores no strides).

    Raises:
        ConfigError: If an entry is not a numeric array.
    """
    for name, array in tensors.items():
        if not isinstance(array, np.ndarray) or array.dtype.kind not in "biuf":
            came = array.dtype if isinstance(array, np.ndarray) else type(array).__name__
            raise ConfigError(f"Tensor {name!r} must be a numeric NumPy array, got {came}.")
    return write_tensors({name: np.array(array, order="C") for name, array in tensors.items()})


def unpack(file: Path, data: bytes) -> dict[str, npt.NDArray[Any]]:
    """The arrays in safetensors bytes; ``file`` is named if they are none.

    Raises:
        ArtifactError: If the bytes are not safetensors.
    """
    try:
        return read_tensors(data)
    except (SafetensorError, ValueError, KeyError) as error:
        raise ArtifactError(f"{file} is not safetensors: {error}. Train or export again.") from error


def _write(path: Path, data: bytes) -> None:
    """Write bytes that are on the disk when this returns."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make a rename in a folder durable, where the platform can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
