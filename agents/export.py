"""Export: from a training checkpoint to what the service loads; verified when written and when read.

An export is a checkpoint folder without what only resuming needs, whose ``meta`` has a ``"serving"`` entry:
network shape, observation layout, action names, and a probe: the logits that the trained network gives for
known observations. The service must reproduce them before it answers anybody.
"""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from agents import registry
from agents.base import Policy
from agents.checkpoint_files import digest
from agents.checkpoints import HEADER, Checkpoint, load_checkpoint, load_policy, read_header, save_checkpoint
from agents.export_place import SERVING, earlier_export
from agents.serving.ranker import NetworkShape, Ranker
from agents.serving.talk.likeness import said_of_items
from agents.stochastic import Softness
from chatrec_env.core.kernel import Task
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ArtifactError, ConfigError
from chatrec_env.language.encoders.base import gives_states

TOLERANCE = 1e-4
"""Largest difference between a probe's logits and those computed at load. Real differences are about 1e-6."""

PROBES, PROBE_SEED = 4, 20
Tensors = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Export:
    """A verified export, ready to serve.

    Attributes:
        folder: Where it was read from.
        name: Name of the policy, as in ``agents.registry``.
        kind: Kind of the checkpoint it was made from.
        fingerprint: SHA-256 of its header, which names the digests of everything else.
        env: Where it was trained.
        softness: How it draws instead of taking what it prefers.
        task: The task it was trained on, built here.
        ranker: The network in NumPy, or None for other kinds.
        policy: The policy of other kinds, or None.
        hears: Whether it reads what the system said.
    """

    folder: Path
    name: str
    kind: str
    fingerprint: str
    env: EnvConfig
    softness: Softness
    task: Task
    ranker: Ranker | None
    policy: Policy | None
    hears: bool = True

    def about(self) -> dict[str, Any]:
        """What a log of its decisions has to say of it, as plain JSON data."""
        name = self.softness.named(self.name)
        return {"name": name, "kind": self.kind, "env": self.env.to_dict(), **asdict(self.softness)}

    def softened(self, softness: Softness) -> Export:
        """The same policy, drawing otherwise; it is another one, with a fingerprint of its own."""
        if softness == self.softness:
            return self
        fingerprint = digest(f"{self.fingerprint} {softness!r}".encode())
        return replace(self, softness=softness, fingerprint=fingerprint)


def check_single(env: EnvConfig) -> None:
    """Refuse slates where a conversation is shown or served: there it has one suggestion a turn.

    Raises:
        ConfigError: If the environment recommends slates.
    """
    if env.actions == "slate":
        raise ConfigError(
            "Expected a policy that recommends one item a turn, got actions='slate'. Use ChatRec/Items-v0; policies on "
            "slates are compared with: chatrec evaluate greedy mmr --env ChatRec/Slate-v0"
        )


def export_policy(
    checkpoint_folder: Path | str,
    out_folder: Path | str,
    *,
    explore: float | None = None,
    temperature: float | None = None,
) -> Path:
    """Write the export of a checkpoint; renews an earlier one of it, or leaves that intact if this fails.

    Args:
        checkpoint_folder: A folder that ``save_checkpoint`` wrote (any kind).
        out_folder: Created if need be.
        explore: Of its ``Softness`` when it is served; None: as an earlier export there has it, else 0.
        temperature: Likewise.

    Returns:
        ``out_folder``: ``policy.json`` and ``policy.safetensors``.

    Raises:
        ArtifactError: If the checkpoint is missing, damaged, or not one of this catalogue and encoder; or if
            the NumPy network does not reproduce the trained one.
        ConfigError: If the policy recommends slates, or is to be exported onto itself or to a folder that holds
            anything but an earlier export of it; if it cannot be softened so.
    """
    Softness().but(explore, temperature)  # refused before anything is loaded
    checkpoint = load_checkpoint(checkpoint_folder)
    if Path(out_folder).resolve() == checkpoint.folder.resolve():
        raise ConfigError(
            f"{out_folder} is the policy that is exported: what resuming needs would be lost. Name another folder."
        )
    check_single(checkpoint.env)
    policy = load_policy(checkpoint.folder)
    earlier = earlier_export(Path(out_folder), policy.name, checkpoint.env)
    softness = softness_of(earlier or {}).but(explore, temperature)
    task = make_task(checkpoint.env)
    by_model = gives_states(task.manager.table.encoder)  # which takes its time
    softness.check(policy, task)
    tensors: Tensors = checkpoint.tensors
    serving: dict[str, Any] = {
        "name": policy.name,
        "source": digest((checkpoint.folder / HEADER).read_bytes()),
        "actions": list(task.actions.names),
        "observation": _layout(task),
        "network": None,
        **asdict(softness),
    }
    if _has_network(checkpoint):
        shape, logits = _trained(task, checkpoint)
        serving["network"] = asdict(shape)
        serving["probe"] = {"seed": PROBE_SEED, "logits": logits.tolist()}
        _check_probe(checkpoint.folder, Ranker(tensors, shape), serving["probe"])
    out = Path(out_folder)
    save_checkpoint(
        out,
        kind=checkpoint.kind,
        env=checkpoint.env,
        tensors=tensors,
        meta={**checkpoint.meta, SERVING: serving},
        sentences=system_sentences(task, hears=_hears(checkpoint)) if by_model else None,
    )
    load_export(out)
    return out


def load_export(folder: Path | str) -> Export:
    """Read an export and verify all of it: digests, catalogue, encoder, layout, and the network's answers.

    Raises:
        ArtifactError: Naming the file and what is wrong.
    """
    checkpoint = load_checkpoint(folder)
    file = checkpoint.folder / HEADER
    serving = checkpoint.meta.get(SERVING)
    if not isinstance(serving, dict):
        raise ArtifactError(
            f"{checkpoint.folder} is a checkpoint, not an export. Make one with: "
            f"chatrec export {shlex.quote(str(checkpoint.folder))} OUT_FOLDER"
        )
    task = make_task(checkpoint.env)
    for what, found in (("actions", list(task.actions.names)), ("observation", _layout(task))):
        if serving.get(what) != found:
            raise ArtifactError(
                f"{file}: the {what} it was exported with differ from this version's. Train and export again."
            )
    ranker = None
    if _has_network(checkpoint):
        ranker = Ranker(checkpoint.tensors, NetworkShape.from_dict(serving.get("network")))
        _check_fit(checkpoint.folder, task, ranker.shape)
        _check_probe(checkpoint.folder, ranker, serving.get("probe"))
    hears = _hears(checkpoint)
    if checkpoint.sentences is not None:
        know(task, checkpoint.sentences, hears=hears)
    return Export(
        folder=checkpoint.folder,
        name=str(serving.get("name", checkpoint.kind)),
        kind=checkpoint.kind,
        fingerprint=digest(file.read_bytes()),
        env=checkpoint.env,
        softness=softness_of(serving),
        task=task,
        ranker=ranker,
        policy=None if ranker is not None else load_policy(checkpoint.folder),
        hears=hears,
    )


def softness_of(serving: Mapping[str, Any]) -> Softness:
    """What the ``"serving"`` entry of an export says of its softness."""
    return Softness(**{name: float(serving.get(name, 0.0)) for name in Softness.__dataclass_fields__})


def softness_kept(folder: Path | str) -> Softness:
    """The softness of an export, from its header alone.

    Raises:
        ArtifactError: See ``read_header``.
    """
    return softness_of(read_header(folder)["meta"].get(SERVING, {}))


def probe_observations(seed: int, width: int) -> npt.NDArray[np.float32]:
    """Known observations ``(PROBES, width)`` float32, multiples of 1/64 in [-1, 1]."""
    steps = np.random.default_rng(seed).integers(-64, 65, (PROBES, width))
    return (steps / 64).astype(np.float32)


def _layout(task: Task) -> dict[str, Any]:
    """What identifies the observation: its form, its blocks, and the digest of all column names."""
    layout = task.layout
    return {
        "form": layout.form,
        "width": layout.width,
        "blocks": {name: [part.start, part.stop] for name, part in layout.slices.items()},
        "columns": digest("\n".join(layout.columns()).encode()),
    }


def _has_network(checkpoint: Checkpoint) -> bool:
    agent = registry.AGENTS.get(checkpoint.kind)
    return agent is not None and agent.exports_network


def _hears(checkpoint: Checkpoint) -> bool:
    """Whether a policy reads the conversation: heuristics do not, nor does a network that gives it no weight."""
    if _has_network(checkpoint):
        return bool(checkpoint.tensors["speech.weight"].any())
    return checkpoint.kind != registry.BASELINE


def system_sentences(task: Task, *, hears: bool) -> dict[str, npt.NDArray[Any]]:
    """Encodings ``vectors (n, D)`` of what is said, of items alone if none hears it, and the ``digest (32,)`` uint8."""
    table, (ids, told) = task.manager.table, _system_texts(task, hears=hears)
    table.preload(ids)
    return {"vectors": table.arrays.embeddings[table.row(ids)], "digest": told}


def know(task: Task, sentences: Tensors, *, hears: bool) -> None:
    """Take over encodings of what the system can say, as ``system_sentences`` gave them.

    Those of another version, which words it otherwise, are left alone: then it is encoded as it comes up.
    """
    ids, told = _system_texts(task, hears=hears)
    vectors, kept = sentences.get("vectors"), sentences.get("digest")
    shape = (len(ids), task.manager.table.encoder.dim)
    if vectors is not None and kept is not None and vectors.shape == shape and np.array_equal(kept, told):
        task.manager.table.take(ids, np.asarray(vectors, np.float32))


def _system_texts(task: Task, *, hears: bool) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Ids of what the system can say, but for facts of single items, and the digest of the texts."""
    grammar = task.manager.table.grammar
    said = grammar.reachable_ids() if hears else said_of_items(task.manager)
    ids = [int(i) for i in said if grammar.speaker(int(i)) == "system"]
    told = hashlib.sha256("\n".join(map(grammar.text, ids)).encode()).digest()
    return np.array(ids, np.int64), np.frombuffer(told, np.uint8)


def _trained(task: Task, checkpoint: Checkpoint) -> tuple[NetworkShape, npt.NDArray[np.float32]]:
    """Shape of the trained network, and the logits torch gives for the probe observations."""
    agent = registry.resolve(registry.AGENTS[checkpoint.kind].policy).from_checkpoint(checkpoint)
    shape = agent.network.shape
    _check_fit(checkpoint.folder, task, shape)
    return shape, agent.logits(probe_observations(PROBE_SEED, shape.width))


def _check_fit(folder: Path, task: Task, shape: NetworkShape) -> None:
    """See that a network reads what its environment shows, and knows its actions.

    Raises:
        ArtifactError: If it does not.
    """
    if (shape.width, shape.n_actions) != (task.layout.width, task.actions.n):
        raise ArtifactError(
            f"{folder}: the network reads {shape.width} columns and knows {shape.n_actions} actions, but its "
            f"environment has {task.layout.width} and {task.actions.n}. Train and export again."
        )


def _check_probe(folder: Path, ranker: Ranker, probe: Any) -> None:
    """See that the NumPy network answers as the trained one did.

    Raises:
        ArtifactError: If it does not, or the probe is missing.
    """
    try:
        expected = np.array(probe["logits"], np.float32)
        observations = probe_observations(int(probe["seed"]), ranker.shape.width)
        if expected.shape != (PROBES, ranker.shape.n_actions):
            raise ValueError(
                f"expected logits of shape {(PROBES, ranker.shape.n_actions)}, got {expected.shape}"
            )
    except (TypeError, KeyError, ValueError) as error:
        raise ArtifactError(
            f"{folder / HEADER}: the probe is missing or damaged ({error}). Export again."
        ) from error
    difference = max(
        float(np.abs(ranker.logits(row) - logits).max())
        for row, logits in zip(observations, expected, strict=True)
    )
    if not difference <= TOLERANCE:
        raise ArtifactError(
            f"{folder}: the exported network's answers differ by {difference:.2g} from those of the trained "
            f"one (at most {TOLERANCE:g} is rounding). Train and export again with this version."
        )
