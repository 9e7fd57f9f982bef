"""Where the causal language model's files are: converted once by ``chatrec models get smollm2``, or a folder."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from chatrec_env.errors import ArtifactError
from chatrec_env.language.encoders.cache import cache_folder

ORIGIN = "origin.json"
"""What a converted folder says of itself."""

FILES = ("config.json", "model.safetensors", "tokenizer.json")


def models_folder() -> Path:
    """Where fetched models are kept: ``$CHATREC_MODELS``, else ``models`` in the cache folder."""
    told = os.environ.get("CHATREC_MODELS")
    return Path(told).expanduser() if told else cache_folder() / "models"


def converted_folder() -> Path:
    """Where the converted model is, or will be."""
    return models_folder() / "smollm2"


def require_converted() -> Path:
    """The folder of the default model as safetensors.

    Raises:
        ArtifactError: It is not here, or not what was written when it was converted.
    """
    folder = converted_folder()
    missing = [name for name in (*FILES, ORIGIN) if not (folder / name).is_file()]
    if missing:
        raise ArtifactError(
            f"The model smollm2 is not converted yet: {folder} lacks {', '.join(missing)}. "
            "Fetch and convert it once (about a minute) with: chatrec models get smollm2"
        )
    origin = read_origin(folder)
    size = (folder / "model.safetensors").stat().st_size
    if origin.get("bytes") != size:
        raise ArtifactError(
            f"{folder / 'model.safetensors'} has {size} bytes, expected {origin.get('bytes')}. Delete the folder and "
            "run: chatrec models get smollm2"
        )
    return folder


def read_origin(folder: Path) -> dict[str, Any]:
    """What a converted folder says of itself: source digest, weights' digest and size; empty for other folders.

    Raises:
        ArtifactError: The note is there but is not JSON.
    """
    path = folder / ORIGIN
    if not path.is_file():
        return {}
    try:
        origin = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ArtifactError(
            f"{path} is damaged: {error}. Delete the folder and run: chatrec models get smollm2"
        ) from error
    return dict(origin)
