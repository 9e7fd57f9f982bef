"""Logs on disk: two Parquet files and their description; a Minari dataset beside them for other people's tools.

``log.json`` says whose log it is and what the files hold, ``people.parquet`` has a row a conversation,
``turns.parquet`` a row a turn: the fields of ``logs.PEOPLE`` and ``logs.TURNS``, and what was said as texts. Strings
are awkward in Minari, so its dataset holds the numbers alone.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from chatrec_env.core.kernel import Task, observe_dialogue
from chatrec_env.envs.config import EnvConfig
from chatrec_env.errors import ArtifactError, ConfigError
from experiments.cli.options import id_of
from experiments.cli.progress import Meter
from experiments.offline.logs import PEOPLE, TURNS, Log, visible
from experiments.report.documents import FORMAT, read_document, write_atomic, write_document

HEADER, MINARI = "log.json", "minari"
SQLITE = b"SQLite format 3\0"
"""How every file of SQLite begins."""

TEXTS = {"turns": ("said", "heard"), "people": ("opening",)}
"""Fields of sentences, which are told as texts too."""

INFOS = ("candidates", "mask", "chances", "uniform", "propensity", "shown", "act", "click", "stars", "terms")
"""Fields of turns that are infos of the Minari dataset."""

MINARI_CHUNK = 50
"""Conversations written between two reports."""

Arrays = dict[str, npt.NDArray[Any]]


def is_log(path: Path) -> bool:
    """Whether a folder holds a log."""
    return (path / HEADER).is_file()


def is_store(path: Path) -> bool:
    """Whether a path is a store of sessions, as far as its first bytes tell."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(SQLITE)) == SQLITE


def write_log(folder: Path, task: Task, log: Log) -> None:
    """Write a log's Parquet files, and last ``log.json``, which names their checksums."""
    document: dict[str, Any] = {"format": FORMAT, "meta": log.meta, "files": {}}
    for name, arrays in (("people", log.people), ("turns", log.turns)):
        known = PEOPLE if name == "people" else TURNS
        kept = {key: arrays[key] for key in known}
        texts = {
            key: task.manager.table.texts(kept[key]) if log.texts is None else log.texts[key]
            for key in TEXTS[name]
        }
        data = _parquet(kept, texts)
        write_atomic(folder / f"{name}.parquet", data)
        document["files"][name] = {
            "sha256": hashlib.sha256(data).hexdigest(),
            "fields": {key: [str(v.dtype), list(v.shape)] for key, v in kept.items()},
        }
    write_document(folder / HEADER, document)


def _parquet(arrays: Arrays, texts: dict[str, list[str]]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: dict[str, Any] = {}
    for name, values in arrays.items():
        width = int(np.prod(values.shape[1:]))
        if values.ndim == 1:
            columns[name] = pa.array(values)
        elif width:
            columns[name] = pa.FixedSizeListArray.from_arrays(pa.array(values.reshape(-1)), width)
    columns |= {f"{name}_text": pa.array(told, pa.string()) for name, told in texts.items()}
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, compression="zstd")
    return out.getvalue()


def read_log(folder: Path) -> Log:
    """Read a log.

    Raises:
        ArtifactError: A file is missing, damaged, or not as ``log.json`` says.
    """
    import pyarrow.parquet as pq

    document = read_document(folder / HEADER)
    found: dict[str, Arrays] = {}
    for name in ("people", "turns"):
        file = folder / f"{name}.parquet"
        told = document["files"][name]
        if not file.is_file():
            raise ArtifactError(f"{file} is missing: {folder / HEADER} names it. Restore it, or log again.")
        data = file.read_bytes()
        if hashlib.sha256(data).hexdigest() != told["sha256"]:
            raise ArtifactError(f"{file} was changed after it was written. Restore it, or log again.")
        table = pq.read_table(io.BytesIO(data))
        found[name] = {}
        for key, (dtype, shape) in told["fields"].items():
            if not int(np.prod(shape)):
                found[name][key] = np.zeros(shape, dtype)
                continue
            column = table.column(key).combine_chunks()
            flat = column if len(shape) == 1 else column.flatten()
            found[name][key] = np.array(flat.to_numpy(zero_copy_only=False), dtype).reshape(shape)
    return Log(document["meta"], found["people"], found["turns"])


def check_sentences(task: Task, log: Log, folder: Path) -> None:
    """See that the sentences of a log read from disk mean here what they meant there.

    Raises:
        ArtifactError: They do not, or they are free words, which have no number of their own.
    """
    import pyarrow.parquet as pq

    table, manager = pq.read_table(folder / "turns.parquet", columns=["heard_text"]), task.manager
    heard = log.turns["heard"]
    if log.meta.get("served", False) or (len(heard) and heard.max() >= manager.grammar.n_sentences):
        raise ArtifactError(
            f"{folder}: people spoke in free words, which cannot be heard again from their numbers. Name the store of "
            "the service instead; of simulated people, judge other policies while conversations are held."
        )
    rows = np.unique(np.linspace(0, len(heard) - 1, min(len(heard), 200)).astype(np.int64))
    told = table.column("heard_text").take(rows).to_pylist()
    if manager.table.texts(heard[rows]) != told:
        raise ArtifactError(
            f"{folder}: the sentences of this version of chatrec have other numbers. Log again."
        )


def write_minari(folder: Path, task: Task, log: Log, env: EnvConfig, meter: Meter) -> str:
    """Write a log as a Minari dataset under ``folder/minari``; returns its id.

    Its infos are ``INFOS``, with a last row of zeros, for Minari has one more info than actions. Load it with
    ``MINARI_DATASETS_PATH=folder/minari`` and ``minari.load_dataset(id)``.

    Raises:
        ConfigError: Minari is not installed.
    """
    try:
        import minari
        from minari.data_collector import EpisodeBuffer
    except ImportError as error:
        raise ConfigError("Minari datasets need another package: pip install 'chatrec[offline]'") from error
    import gymnasium as gym

    from chatrec_env.envs.actions import make_space

    name = "".join(c if c.isalnum() else "-" for c in str(log.meta["policy"])).strip("-").lower()
    dataset = f"chatrec/{env.actions}/{name}-v0"
    observations = _observations(task, log)
    ends = np.cumsum(log.people["turns"])
    buffers = []
    for i, stop in enumerate(ends):
        rows = slice(int(stop - log.people["turns"][i]), int(stop))
        infos = {}
        for key in INFOS:
            values = log.turns[key][rows]
            values = values.reshape(len(values), -1)  # Minari reads no infos back that are single numbers
            infos[key] = np.concatenate([values, np.zeros_like(values[:1])])
        buffers.append(
            EpisodeBuffer(
                id=i,
                seed=int(log.people["seed"][i]),
                observations=observations[i],
                actions=log.turns["action"][rows],
                rewards=log.turns["reward"][rows].tolist(),
                terminations=log.turns["terminated"][rows].tolist(),
                truncations=log.turns["truncated"][rows].tolist(),
                infos=infos,
            )
        )
    spec = replace(gym.spec(id_of(env)), kwargs=env.to_dict())
    with (
        _datasets_at(folder / MINARI),
        meter.work("Writing the Minari dataset", len(buffers), "conversations") as work,
    ):
        storage = minari.create_dataset_from_buffers(
            dataset,
            buffers[:1],
            observation_space=task.layout.make_space(),
            action_space=make_space(task),
            env=spec,
            eval_env=spec,
            algorithm_name=str(log.meta["policy"]),
            author="Chat-Rec",
            author_email="none",
            code_permalink="none",
            description=f"Conversations of {log.meta['policy']}; catalogue {log.meta['catalog']}.",
            data_format="parquet",
            requirements=["chatrec"],
        ).storage
        # Minari adds up the sizes of all files after each episode, which takes minutes for a thousand: once is enough.
        storage.get_size = lambda: 0.0
        for start in range(1, len(buffers), MINARI_CHUNK):
            storage.update_episodes(buffers[start : start + MINARI_CHUNK])
            work.to(min(start + MINARI_CHUNK, len(buffers)))
        del storage.get_size
        storage.update_metadata({"dataset_size": storage.get_size()})
    return dataset


def _observations(task: Task, log: Log) -> list[npt.NDArray[Any]]:
    """Observations of each conversation before every turn and after the last, ``(turns + 1, ...)``."""
    if "observation" in log.turns:  # noted while it was read
        ends = np.cumsum(log.people["turns"])
        before = np.split(log.turns["observation"], ends[:-1])
        return [
            np.concatenate([own, last[None]])
            for own, last in zip(before, log.people["observation"], strict=True)
        ]
    out: list[list[npt.NDArray[Any]]] = [[] for _ in range(len(log))]
    for who, _, dialogue in visible(task, log):
        seen = observe_dialogue(task, dialogue)[0]
        for i, one in zip(who.tolist(), seen, strict=True):
            out[i].append(one)
    return [np.stack(parts) for parts in out]


@contextmanager
def _datasets_at(folder: Path) -> Iterator[None]:
    """Let Minari keep its datasets in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    before = os.environ.get("MINARI_DATASETS_PATH")
    os.environ["MINARI_DATASETS_PATH"] = str(folder.resolve())
    try:
        yield
    finally:
        if before is None:
            del os.environ["MINARI_DATASETS_PATH"]
        else:
            os.environ["MINARI_DATASETS_PATH"] = before
