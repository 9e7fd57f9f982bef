"""``chatrec encoders``: what encodes the conversation; what is here, how fast it is, and how far apart the vectors."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from chatrec_env.catalog import load_catalog
from chatrec_env.errors import ChatRecError, ConfigError
from chatrec_env.language import Grammar
from chatrec_env.language.encoders import CachedEncoder, Encoder, make_encoder, weights
from experiments.documents import FORMAT
from experiments.progress import Meter
from experiments.stats import mean_interval

if TYPE_CHECKING:
    from rich.table import Table

ALONE = 64
"""Sentences of the sample that are also encoded one by one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EncodersConfig:
    """See which encoders are here and what the others lack; or measure some of them against a reference.

    Measuring encodes sentences that conversations about the built-in films can hold, past the cache on disk, and
    prints sentences per CPU-second, one by one and all at once, and how well the vectors agree with the reference.

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
        if self.sentences < 3:
            raise ConfigError(f"--sentences must be at least 3, got {self.sentences}.")
        if self.seed < 0:
            raise ConfigError(f"--seed must be 0 or more, got {self.seed}.")


@dataclass(frozen=True, slots=True)
class Entry:
    """An encoder.

    Attributes:
        name: What ``encoder=`` calls it.
        about: What it is.
        dim: Its width; None if that is not known before it is asked.
        status: ``"ok"`` or ``"absent"``.
        found: Where it is, or what is missing and the line that fixes it.
    """

    name: str
    about: str
    dim: int | None
    status: str
    found: str


def _installed(*packages: str) -> str:
    """What of these packages is missing, as an advice; empty if nothing."""
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    return f'lacks {", ".join(missing)}: pip install "chatrec[onnx]"' if missing else ""


def _onnx(name: str) -> tuple[int, str]:
    if told := _installed("onnxruntime", "onnx"):
        raise ConfigError(told)
    return make_encoder(name).dim, "the weights of minilm, on ONNX Runtime"


def _minilm(name: str) -> tuple[int, str]:
    folder = weights.find_minilm()  # asked first: an encoder made before would not notice that it has gone
    return make_encoder(name).dim, str(folder)


def _hash(name: str) -> tuple[int, str]:
    return make_encoder(name).dim, "needs no model"


LISTED: dict[str, tuple[str, Callable[[str], tuple[int | None, str]]]] = {
    "minilm": ("all-MiniLM-L6-v2, the default", _minilm),
    "minilm-int8": ("the same with 8-bit matrices: faster, not quite the same vectors", _onnx),
    "minilm-onnx": ("the same in float32 on ONNX Runtime: the same vectors to rounding", _onnx),
    "hash": ("hashed words: for tests and for trying things out", _hash),
}
"""Encoders by name: what each is, and what looks for it (width and place; raises if it is not here)."""


def entries() -> list[Entry]:
    """All encoders, here or not; loads no model."""
    out = []
    for name, (about, look) in LISTED.items():
        try:
            dim, found = look(name)
            out.append(Entry(name, about, dim, "ok", found))
        except ChatRecError as error:
            out.append(Entry(name, about, None, "absent", str(error)))
    return out


def sample(n: int, seed: int) -> list[str]:
    """``n`` different sentences of the built-in films' grammar, drawn at random (all of them if there are fewer)."""
    grammar = Grammar(load_catalog("movies"))
    ids = grammar.reachable_ids()
    texts: dict[str, None] = {}
    for i in np.random.default_rng(np.random.SeedSequence(seed)).permutation(ids):
        texts[grammar.text(int(i))] = None
        if len(texts) == n:
            break
    return list(texts)


def uncached(name: str) -> Encoder:
    """An encoder past its memory on disk."""
    encoder = make_encoder(name)
    return encoder.encoder if isinstance(encoder, CachedEncoder) else encoder


def measure(name: str, texts: Sequence[str]) -> tuple[dict[str, Any], npt.NDArray[np.float32]]:
    """Speed and vectors of one encoder; loading is not counted, computing in all threads is."""
    encoder = uncached(name)
    encoder.encode(texts[:1])
    few = texts[:ALONE]
    begun = time.process_time()
    alone = np.concatenate([encoder.encode([text]) for text in few])
    one_by_one = len(few) / max(time.process_time() - begun, 1e-9)
    begun, wall = time.process_time(), time.perf_counter()
    vectors = encoder.encode(texts)
    row = {
        "encoder": name,
        "dim": encoder.dim,
        "alone_per_cpu_second": one_by_one,
        "batch_per_cpu_second": len(texts) / max(time.process_time() - begun, 1e-9),
        "batch_per_second": len(texts) / max(time.perf_counter() - wall, 1e-9),
        "same_bits_alone": bool(np.array_equal(alone, vectors[: len(few)])),
    }
    return row, vectors


def agreement(vectors: npt.NDArray[np.float32], reference: npt.NDArray[np.float32]) -> dict[str, Any]:
    """How well two encodings of the same sentences agree.

    Returns:
        ``rank``: Spearman correlation of the cosines of all pairs of sentences, whatever the widths. ``cosine``
        (mean with its 95% interval, and ``cosine_min``): of each sentence's two vectors; None for other widths.
    """
    from scipy.stats import spearmanr

    upper = np.triu_indices(len(vectors), 1)
    rank = spearmanr((vectors @ vectors.T)[upper], (reference @ reference.T)[upper]).statistic
    told: dict[str, Any] = {"rank": float(rank), "cosine": None, "cosine_min": None}
    if vectors.shape == reference.shape:
        cosines = np.einsum("nd,nd->n", vectors, reference, dtype=np.float64)
        told |= {"cosine": mean_interval(cosines).to_dict(), "cosine_min": float(cosines.min())}
    return told


def compare(config: EncodersConfig) -> dict[str, Any]:
    """The table of all measurements, the reference first, as plain JSON data."""
    names = list(dict.fromkeys((config.reference, *config.compare)))
    texts, rows, meter = sample(config.sentences, config.seed), [], Meter()
    reference: npt.NDArray[np.float32] | None = None
    for name in names:
        with meter.work(f"Encoding {len(texts)} sentences ({name})"):
            row, vectors = measure(name, texts)
        if reference is None:
            reference = vectors
        rows.append(row | agreement(vectors, reference))
    return {"format": FORMAT, "reference": config.reference, "sentences": len(texts), "rows": rows}


def to_rich(table: dict[str, Any]) -> Table:
    """The measurements for a terminal."""
    from rich import box
    from rich.table import Table

    title = f"[bold]{table['sentences']} sentences, compared with {table['reference']}[/bold]"
    out = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left")
    out.add_column("encoder", no_wrap=True)
    for heading in ("width", "one by one", "at once", "cosine, mean", "least", "rank"):
        out.add_column(heading, justify="right", no_wrap=True)
    for row in table["rows"]:
        cosine, least = "", ""
        if row["cosine"] is not None:
            about = row["cosine"]
            cosine, least = (
                f"{about['mean']:.4f} ± {about['mean'] - (about['low'] or 0):.4f}",
                f"{row['cosine_min']:.3f}",
            )
        speeds = (f"{row[key]:,.0f}" for key in ("alone_per_cpu_second", "batch_per_cpu_second"))
        out.add_row(row["encoder"], str(row["dim"]), *speeds, cosine, least, f"{row['rank']:.4f}")
    return out


def encoders(config: EncodersConfig) -> int:
    """Run the command; returns the exit code."""
    from experiments.terminal import output, print_json

    if config.compare:
        table = compare(config)
        if config.json:
            print_json(table)
            return 0
        output().print(to_rich(table))
        told = (
            "Speed: sentences per CPU-second. Cosine: of a sentence's two vectors, mean with its 95% interval. "
            "Rank: Spearman correlation of the cosines of all pairs."
        )
        output().print(told, style="dim")
        return 0
    found = entries()
    if config.json:
        print_json([asdict(entry) for entry in found])
        return 0
    for entry in found:
        dim = "" if entry.dim is None else str(entry.dim)
        line = f"{entry.name:<12} {dim:>5}  {entry.status:<7} {entry.about}\n{'':<27}{entry.found}"
        output().print(line, highlight=False, markup=False)
    return 0
