"""Checkpoint folders: ``policy.json`` and safetensors beside it, written atomically and verified when read."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from agents import registry
from agents.base import Policy
from agents.checkpoint_files import commit, digest, pack, read_contents, settle, unpack
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ArtifactError, ChatRecError, ConfigError, UnknownNameError
from chatrec_env.retrieval.collaborative import CollaborativeConfig
from chatrec_env.retrieval.factor_files import adopt, pack_factors, unpack_factors
from chatrec_env.retrieval.theme_files import LEARNED

FORMAT = 1
"""Version of the layout; a reader refuses any other."""

HEADER = "policy.json"
POLICY = "policy.safetensors"
TRAINING = "training.safetensors"
FACTORS = "factors.safetensors"
"""Collaborative factors of the environment, where it uses some: they travel with the policy."""

THEMES = "themes.safetensors"
"""Themes of the environment, where it has them from a file: they travel with the policy too."""
SENTENCES = "sentences.safetensors"
"""Encodings of what the system says, beside a policy that reads them where it is served."""
BESIDE = (TRAINING, FACTORS, THEMES, SENTENCES)

FIELDS: dict[str, type] = {
    "format": int,
    "kind": str,
    "env": dict,
    "catalog_digest": str,
    "encoder_fingerprint": str,
    "sha256": dict,
    "meta": dict,
}
"""Fields of ``policy.json`` and their types."""

Tensors = dict[str, npt.NDArray[Any]]


def kinds() -> tuple[str, ...]:
    """Kinds of checkpoints: the name of a learner, or ``"baseline"`` for any of those."""
    return (*registry.names(registry.LEARNER), registry.BASELINE)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A verified checkpoint.

    Attributes:
        folder: Where it was read from.
        kind: One of ``kinds()``.
        env: The environment it was trained on; buildable here, with the same catalogue and encoder.
        tensors: What acting needs.
        meta: Plain JSON data of the agent's own.
        training: What resuming needs besides, or None if the checkpoint is for acting only.
        sentences: Encodings of what the system says, or None where they do not come along.
    """

    folder: Path
    kind: str
    env: EnvConfig
    tensors: Tensors
    meta: dict[str, Any]
    training: Tensors | None
    sentences: Tensors | None = None

    def expect(self, kind: str) -> None:
        """See that it is of the kind that its settings are for.

        Raises:
            ConfigError: It is of another.
        """
        if kind != self.kind:
            raise ConfigError(f"kind {self.kind!r} with settings for {kind!r}")

    def tensor(
        self, name: str, shape: tuple[int, ...], dtype: npt.DTypeLike, *, training: bool = False
    ) -> npt.NDArray[Any]:
        """A tensor that must exist with this shape and dtype.

        Raises:
            ArtifactError: If it is absent or different; names the file.
        """
        file = self.folder / (TRAINING if training else POLICY)
        tensors = self.training if training else self.tensors
        if tensors is None or name not in tensors:
            known = ", ".join(sorted(tensors or {})) or "no tensors"
            raise ArtifactError(f"{file} lacks the tensor {name!r}; it has {known}. Train or export again.")
        found, expected = tensors[name], np.dtype(dtype)
        if found.shape != shape or found.dtype != expected:
            raise ArtifactError(
                f"{file}: tensor {name!r} should be {expected} of shape {shape} for the environment in "
                f"{HEADER}, but is {found.dtype} of shape {found.shape}. Train or export again."
            )
        return found

    def training_state(self) -> Tensors:
        """What resuming needs.

        Raises:
            ArtifactError: It is not there.
        """
        if self.training is None:
            raise ArtifactError(
                f"{self.folder / TRAINING} is missing: it has what a training needs to go on, so this policy can be "
                "used, but not resumed. Put the file back, or train anew in another folder."
            )
        return self.training


def save_checkpoint(
    folder: Path | str,
    *,
    kind: str,
    env: EnvConfig,
    tensors: Mapping[str, npt.NDArray[Any]],
    meta: Mapping[str, Any],
    training: Mapping[str, npt.NDArray[Any]] | None = None,
    sentences: Mapping[str, npt.NDArray[Any]] | None = None,
) -> None:
    """Write a checkpoint; replaces the one already there, or leaves it intact if this fails.

    Args:
        folder: Created if need be. Files of other names in it are left alone.
        kind: One of ``kinds()``.
        env: The environment the policy belongs to; its collaborative factors and its file of themes, if any, are
            written along.
        tensors: Arrays by name that acting needs; any shape, any numeric dtype.
        meta: JSON-able data of the agent's own.
        training: Further arrays that resuming needs.
        sentences: Encodings of what the system says.

    Raises:
        ConfigError: If ``kind`` is unknown, ``meta`` is not JSON-able, or an array is of no numeric dtype.
    """
    if kind not in kinds():
        raise UnknownNameError("checkpoint kind", kind, kinds())
    folder = Path(folder)
    contents = {POLICY: pack(tensors)}
    if training is not None:
        contents[TRAINING] = pack(training)
    if sentences is not None:
        contents[SENTENCES] = pack(sentences)
    task = make_task(env)
    if task.manager.factors is not None:
        contents[FACTORS] = pack_factors(task.manager.factors)
    if env.themes not in ("", LEARNED):
        contents[THEMES] = Path(env.themes).read_bytes()
    header = {
        "format": FORMAT,
        "kind": kind,
        "env": env.to_dict(),
        "catalog_digest": task.manager.catalog.digest,
        "encoder_fingerprint": task.manager.table.encoder.fingerprint,
        "sha256": {name: digest(data) for name, data in contents.items()},
        "meta": dict(meta),
    }
    try:
        text = json.dumps(header, indent=2, allow_nan=False) + "\n"
    except (TypeError, ValueError) as error:
        raise ConfigError(f"A checkpoint's meta must be plain JSON data: {error}.") from error
    with contextlib.suppress(ArtifactError):
        settle(folder, read_header(folder)["sha256"])
    commit(folder, HEADER, text, contents)
    for name in set(BESIDE) - set(contents):
        (folder / name).unlink(missing_ok=True)


def load_checkpoint(folder: Path | str) -> Checkpoint:
    """Read a checkpoint and verify all of it; its training state may be gone, which only resuming needs.

    Raises:
        ArtifactError: If a file is missing, damaged, of another format, or was made with another catalogue or
            encoder than the names in it give here. Names the file and what is wrong.
    """
    folder = Path(folder)
    header = read_header(folder)
    try:
        contents = read_contents(folder, header["sha256"], spared=TRAINING)
    except ArtifactError:
        # A save may have been finished between the two reads; if so the header is another one now.
        again = read_header(folder)
        if again == header:
            raise
        header, contents = again, read_contents(folder, again["sha256"], spared=TRAINING)
    brought: dict[str, Any] = {}
    if FACTORS in contents:
        brought["collaborative"] = adopt(unpack_factors(contents.pop(FACTORS), folder / FACTORS))
    if contents.pop(THEMES, None) is not None:
        brought["themes"] = str(folder / THEMES)
    env = _verified_env(folder / HEADER, header, brought)
    tensors = {name: unpack(folder / name, data) for name, data in contents.items()}
    return Checkpoint(
        folder=folder,
        kind=header["kind"],
        env=env,
        tensors=tensors[POLICY],
        meta=header["meta"],
        training=tensors.get(TRAINING),
        sentences=tensors.get(SENTENCES),
    )


def load_policy(folder: Path | str) -> Policy:
    """The policy of a checkpoint, ready to act, whatever its kind.

    Raises:
        ArtifactError: See ``load_checkpoint``.
    """
    folder = Path(folder)
    kind = read_header(folder)["kind"]
    if kind == registry.BASELINE:
        policy: Policy = registry.resolve("agents.baselines:load_baseline")(folder)
    else:
        policy = registry.resolve(registry.AGENTS[kind].policy).load(folder)
    return policy


def turns_trained(folder: Path | str) -> int:
    """Turns the policy of a checkpoint has been trained on; 0 of one that has not learned.

    Raises:
        ArtifactError: See ``read_header``.
    """
    turns = read_header(folder)["meta"].get("turns", 0)
    return turns if isinstance(turns, int) else 0


def read_header(folder: Path | str) -> dict[str, Any]:
    """``policy.json`` of a checkpoint, its fields and types checked, nothing else read.

    Raises:
        ArtifactError: If it is missing or not what ``FIELDS`` promises.
    """
    file = Path(folder) / HEADER
    try:
        header = json.loads(file.read_bytes())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ArtifactError(
            f"No checkpoint in {folder}: {file} is missing. Name a folder that holds one."
        ) from error
    except OSError as error:
        raise ArtifactError(f"{file} cannot be read: {error}.") from error
    except (ValueError, RecursionError) as error:
        raise ArtifactError(f"{file} is not JSON ({error}): it is damaged. Train or export again.") from error
    if not isinstance(header, dict):
        raise ArtifactError(f"{file} should hold a JSON object, but holds {type(header).__name__}.")
    if header.get("format") != FORMAT:
        raise ArtifactError(
            f"{file} has format {header.get('format')!r}; this version reads format {FORMAT}. "
            "Export the policy again with this version."
        )
    for name, kind in FIELDS.items():
        if not isinstance(header.get(name), kind):
            came = type(header[name]).__name__ if name in header else "nothing"
            raise ArtifactError(f"{file}: {name!r} should be {kind.__name__}, but is {came}.")
    if header["kind"] not in kinds():
        raise ArtifactError(f"{file} is of kind {header['kind']!r}. Known: {', '.join(sorted(kinds()))}.")
    if POLICY not in header["sha256"] or not set(header["sha256"]) <= {POLICY, *BESIDE}:
        raise ArtifactError(
            f"{file}: 'sha256' should name {POLICY} and perhaps {', '.join(BESIDE)}, but names "
            f"{sorted(header['sha256']) or 'nothing'}."
        )
    return header


def _verified_env(file: Path, header: dict[str, Any], brought: dict[str, Any]) -> EnvConfig:
    """The environment a header names, built here, with the catalogue and the encoder it was made with.

    Where factors or themes came along, the environment names these: what they were fitted on need not be here.
    """
    try:
        env = EnvConfig.create(header["env"])
        if "collaborative" in brought:
            weight = CollaborativeConfig.create(env.collaborative).weight
            brought["collaborative"] = {"weight": weight, "factors": brought["collaborative"]}
        env = replace(env, **brought)
        task = make_task(env)
    except (ChatRecError, OSError) as error:
        raise ArtifactError(f"{file}: its environment cannot be built here. {error}") from error
    for what, name, found in (
        ("catalog", "catalog_digest", task.manager.catalog.digest),
        ("encoder", "encoder_fingerprint", task.manager.table.encoder.fingerprint),
    ):
        if header[name] != found:
            raise ArtifactError(
                f"{file} was made with another {what} {getattr(env, what)!r}: its {name} is "
                f"{header[name][:16]}, here it is {found[:16]}. Train again, or restore that {what}."
            )
    return env
