"""Fits the reader's heads: ``python -m experiments.language.fit_reader FOLDER`` writes weights and card.

They are fitted to the project's own corpus (``corpus/english``), to part ``fit`` of ``own_sentences.csv``, and to
labelled sentences of CCPE-M that are not held out (``FOLDER`` has dialogues-dev.tsv). A share of the corpus' families
of phrasing is held out: half of them choose the thresholds, with every fourth sentence of CCPE-M, on the others is
measured. The check sets are not read.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from chatrec_env.catalog import load_catalog
from chatrec_env.language.contract import get_language
from chatrec_env.language.encoders import CachedEncoder, StateEncoder, gives_states, make_encoder
from chatrec_env.language.encoders.onnx_encoder import OnnxEncoder
from chatrec_env.language.learned.finding import MentionFinder
from chatrec_env.language.learned.heads import FORMAT, Thresholds
from chatrec_env.language.learned.scheme import ACTS, AFTER, ROLES
from chatrec_env.language.reader.scanning import Scanner
from experiments.language.corpus import CATALOGS, Message, held_halves, read_corpus
from experiments.language.reader_examples import Example, make_example, make_pools
from experiments.language.reader_network import Network
from experiments.language.reader_scores import choose, figures, judge
from experiments.language.reader_sources import ccpe_examples, own_examples
from experiments.language.reader_training import Fit, Rules, encode, encode_variants, train

ENCODERS: Final = ("minilm", "minilm-int8")
"""What variants are encoded with, in turn: the reader then takes the states of either."""

EVERY: Final = 4
"""Of the sentences of real dialogues that may be learned from, one in so many chooses thresholds."""


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


def published(encoder: StateEncoder) -> dict[str, Any]:
    """The weights of the encoder, by the names they were published under."""
    from safetensors.numpy import load_file

    assert isinstance(encoder, OnnxEncoder)
    return load_file(encoder.folder / "model.safetensors")


def split(messages: Sequence[Message]) -> Parts:
    """The messages as examples, in their parts."""
    chosen, held = held_halves(messages)
    out = Parts([], [], [])
    for message in messages:
        example = make_example(message, finder_of(CATALOGS[message.domain]), AFTER.index(message.after))
        part = out.choose if example.family in chosen else out.held if example.family in held else out.fit
        part.append(example)
    return out


def add_older(parts: Parts, folder: Path) -> None:
    """Adds the older labels."""
    real = ccpe_examples(folder, finder_of("movies"))
    parts.choose.extend(replace(one, times=1) for one in real[::EVERY])
    parts.fit.extend(one for i, one in enumerate(real) if i % EVERY)
    parts.fit.extend(own_examples(finder_of))


def write(out: Path, arrays: dict[str, Any], fit: Fit, thresholds: Thresholds, about: dict[str, Any]) -> None:
    """Writes the weights and the card beside them."""
    from safetensors.numpy import save

    data = save(arrays)
    card = {
        "format": FORMAT,
        "made_by": "python -m experiments.language.fit_reader FOLDER",
        "sha256": hashlib.sha256(data).hexdigest(),
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
    options.add_argument("--out", type=Path, default=Path(str(get_language().heads)))
    given = options.parse_args(arguments)
    fit = Fit()
    parts = split(read_corpus())
    pools = make_pools(parts.fit)
    add_older(parts, given.folder)
    encoders, rules = [state_encoder(name) for name in ENCODERS], Rules(finder_of)
    _say(f"{len(parts.fit)} messages to fit, {len(parts.choose)} to choose, {len(parts.held)} held out")
    variants = encode_variants(parts.fit, pools, encoders, rules, fit, 0, _say)
    arrays = train(variants, fit, 0, published(encoders[0]), _say).arrays()
    network = Network.of(arrays, fit.shape)
    chosen, held = (encode(part, encoders[0], rules) for part in (parts.choose, parts.held))
    thresholds = choose(judge(network, chosen), chosen)
    found = figures(judge(network, held), held, thresholds)
    overall = {name: entry for name, entry in found.items() if name not in ("acts", "roles")}
    about = {
        "encoder": encoders[0].weights,
        "data": {
            "fit": len(parts.fit),
            "choose": len(parts.choose),
            "held": len(parts.held),
            "real_dialogues": sum(one.family == "ccpe" for one in parts.fit),
        },
        "held_families": sorted({one.family for one in parts.held}),
        "held_out": overall,
    }
    write(given.out, arrays, fit, thresholds, about)
    _say(json.dumps({name: round(entry, 3) for name, entry in overall.items()}))
    for name, row in (*found["acts"].items(), *found["roles"].items()):
        _say(f"{name:16} {row}")
    _say(f"-> {given.out} ({given.out.stat().st_size / 1e6:.1f} MB)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
