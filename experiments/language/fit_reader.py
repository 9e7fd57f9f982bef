"""Fits the reader's heads: ``python -m experiments.language.fit_reader FOLDER`` writes weights and card.

They are fitted to the project's own corpus (``corpus/english``), to part ``fit`` of ``own_sentences.csv``, and to
labelled sentences of CCPE-M that are not held out (``FOLDER`` has dialogues-dev.tsv). A share of the corpus' families
of phrasing is held out: half of them choose the thresholds, on the others is measured. The check sets are not read.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from chatrec_env.catalog import load_catalog
from chatrec_env.language.contract import get_language
from chatrec_env.language.encoders import CachedEncoder, StateEncoder, gives_states, make_encoder
from chatrec_env.language.learned.finding import MentionFinder
from chatrec_env.language.learned.heads import FORMAT, Thresholds
from chatrec_env.language.learned.network import Network
from chatrec_env.language.learned.scheme import ACTS, AFTER, ROLES
from chatrec_env.language.reader.scanning import Scanner
from experiments.language.corpus import CATALOGS, Message, held_halves, read_corpus
from experiments.language.reader_examples import Example, make_example, make_pools
from experiments.language.reader_scores import choose, figures, judge
from experiments.language.reader_sources import ccpe_examples, own_examples
from experiments.language.reader_training import Encoded, Fit, encode, encode_variants, train

ENCODERS: Final = ("minilm-onnx", "minilm-int8")
"""What variants are encoded with, in turn: the reader then takes the states of either."""

MEMBERS: Final = 3
"""Networks whose logits are averaged."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The corpus in parts, by family of phrasing."""

    fit: list[Example]
    choose: list[Example]  # chooses the thresholds
    held: list[Example]  # only measures


@cache
def finder_of(catalog: str) -> MentionFinder:
    """The finder of a built-in catalogue."""
    loaded = load_catalog(catalog)
    return MentionFinder(loaded, Scanner(loaded, get_language()))


def state_encoder(name: str) -> StateEncoder:
    """An encoder past its cache on disk, which has no states."""
    encoder = make_encoder(name)
    inner = encoder.encoder if isinstance(encoder, CachedEncoder) else encoder
    assert gives_states(inner)
    return inner


def split(messages: Sequence[Message]) -> Parts:
    """The messages as examples, in their parts."""
    chosen, held = held_halves(messages)
    out = Parts([], [], [])
    for message in messages:
        example = make_example(message, finder_of(CATALOGS[message.domain]), AFTER.index(message.after))
        part = out.choose if example.family in chosen else out.held if example.family in held else out.fit
        part.append(example)
    return out


def fit_members(
    variants: Sequence[Sequence[Encoded]], fit: Fit, members: int, jobs: int
) -> list[dict[str, Any]]:
    """The weights of networks fitted with different seeds, ``jobs`` of them at a time."""
    if jobs == 1:
        return [train(variants, fit, seed, _say).arrays() for seed in range(members)]
    _shared[:] = [variants, fit]
    with multiprocessing.get_context("fork").Pool(jobs) as pool:  # forked: the examples are not copied
        return pool.map(_fit_member, range(members), chunksize=1)


_shared: list[Any] = []
"""What the processes that fit find when they are forked: variants, and how to fit."""


def _fit_member(seed: int) -> dict[str, Any]:
    variants, fit = _shared
    return train(variants, fit, seed, _say).arrays()


def write(
    out: Path, members: Sequence[dict[str, Any]], fit: Fit, thresholds: Thresholds, about: dict[str, Any]
) -> None:
    """Writes the weights and the card beside them."""
    from safetensors.numpy import save

    data = save({f"{i}.{name}": array for i, one in enumerate(members) for name, array in one.items()})
    card = {
        "format": FORMAT,
        "made_by": "python -m experiments.language.fit_reader FOLDER",
        "sha256": hashlib.sha256(data).hexdigest(),
        "members": len(members),
        "shape": asdict(fit.shape),
        "acts": list(ACTS),
        "roles": list(ROLES),
        "after": list(AFTER),
        "thresholds": thresholds.to_json(),
        "fit": {name: entry for name, entry in asdict(fit).items() if name != "shape"},
        **about,
        "limits": [
            "English only; other languages are named, not read.",
            "Written by the project's authors for six domains: other domains are read by the same heads, unmeasured.",
            "Irony, and answers whose question is not known, are read at face value.",
        ],
    }
    out.write_bytes(data)
    out.with_suffix(".json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def main(arguments: Sequence[str]) -> int:
    """Fit and write; returns the exit code."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path, help="with dialogues-dev.tsv")
    options.add_argument("--members", type=int, default=MEMBERS)
    options.add_argument("--epochs", type=int, default=Fit().epochs)
    options.add_argument("--variants", type=int, default=Fit().variants)
    options.add_argument("--jobs", type=int, default=2, help="networks fitted at a time")
    options.add_argument("--out", type=Path, default=Path(str(get_language().heads)))
    given = options.parse_args(arguments)
    fit = Fit(epochs=given.epochs, variants=given.variants)
    messages = read_corpus()
    parts = split(messages)
    extra = ccpe_examples(given.folder, finder_of("movies")) + own_examples(finder_of)
    encoders = [state_encoder(name) for name in ENCODERS]
    _say(
        f"{len(parts.fit)} + {len(extra)} messages to fit, {len(parts.choose)} to choose, {len(parts.held)} held out"
    )
    variants = encode_variants(parts.fit + extra, make_pools(parts.fit), encoders, fit, 0, _say)
    members = fit_members(variants, fit, given.members, given.jobs)
    network = Network(members, fit.shape)
    chosen, held = (encode(part, encoders[0]) for part in (parts.choose, parts.held))
    thresholds = choose(judge(network, chosen), chosen)
    found = figures(judge(network, held), held, thresholds)
    overall = {name: entry for name, entry in found.items() if name not in ("acts", "roles")}
    about = {
        "encoder": encoders[0].weights,
        "data": {
            "fit": len(parts.fit),
            "choose": len(parts.choose),
            "held": len(parts.held),
            "older": len(extra),
            "families_held": len({one.family for one in parts.held}),
        },
        "held_out": overall,
    }
    write(given.out, members, fit, thresholds, about)
    _say(json.dumps({name: round(entry, 3) for name, entry in overall.items()}))
    for name, row in (*found["acts"].items(), *found["roles"].items()):
        _say(f"{name:16} {row}")
    _say(f"-> {given.out} ({given.out.stat().st_size / 1e6:.1f} MB)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
