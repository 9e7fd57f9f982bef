"""JSON documents that are whole or absent, and that notice when they were changed."""

from __future__ import annotations

import hashlib
import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np

from chatrec_env.errors import ArtifactError, ConfigError

FORMAT = 1
"""Version of the documents' layout; a reader refuses any other."""


def write_atomic(path: Path, content: str | bytes) -> None:
    """Write a file so that nobody, not even after a crash, ever finds it half-written."""
    if path.exists() and not path.is_file():
        raise ConfigError(
            f"{path} is a folder or a device: expected a file, or a place where there is none yet."
        )
    data = content.encode() if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def jsonable(value: Any) -> Any:
    """NumPy scalars and arrays as Python's own, NaN and infinities as null, paths as strings."""
    if isinstance(value, dict):
        return {str(k): jsonable(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(v) for v in value]
    if isinstance(value, (np.ndarray, np.generic)):
        return jsonable(value.tolist())
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _checksum(document: dict[str, Any]) -> str:
    plain = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def write_document(path: Path, document: dict[str, Any]) -> None:
    """Write a JSON document with its checksum, atomically."""
    content = jsonable(document)
    signed = {**content, "checksum": _checksum(content)}
    write_atomic(path, json.dumps(signed, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def read_document(path: Path, remedy: str = "Restore the file or run it again.") -> dict[str, Any]:
    """Read what ``write_document`` wrote, without the checksum.

    Args:
        path: Of the file.
        remedy: What to do where it is damaged.

    Raises:
        ArtifactError: Missing, not JSON, of another format, or changed since it was written.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ArtifactError(f"{path} is missing: expected a file that a finished step writes.") from error
    except (OSError, ValueError, RecursionError) as error:
        raise ArtifactError(f"{path} is damaged: expected JSON, got {error}. {remedy}") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        found = document.get("format") if isinstance(document, dict) else type(document).__name__
        raise ArtifactError(f"{path}: expected a JSON object of format {FORMAT}, got {found!r}. {remedy}")
    signed = document.pop("checksum", None)
    if signed != _checksum(document):
        raise ArtifactError(
            f"{path} is damaged: its content does not match its checksum, so it was changed after it was written. "
            f"{remedy}"
        )
    return document
