"""Fingerprints of conversations: what must not change when only the code does.

    python -m experiments.benchmarks.fingerprint --write tests/fingerprints.json
    python -m experiments.benchmarks.fingerprint --check tests/fingerprints.json    # exit code 1 if one differs

Each case plays 2,000 conversations of one scenario and domain with random legal actions and hashes, separately, the
observations, the rewards and flags, the texts and every info key. Vectors of a real language model depend on the
processor and on the runtime's version, and so does what the learned reader makes of people who talk freely, and so do
fitted collaborative factors: those figures hold on the machine that wrote them, the rest everywhere.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

CONVERSATIONS, TURNS = 2000, 20
SCENARIOS = ("null", "satiation", "patience", "drift", "retention", "noisy", "context", "full")
DOMAINS = ("movies", "music", "books", "shopping", "travel", "courses")
ENCODERS = ("hash", "minilm")
VARIANTS: dict[str, dict[str, Any]] = {
    "strategy": {"actions": "strategy"},
    "tabular": {"actions": "strategy", "observation": "tabular"},
    "sequence": {"conversation": "sequence"},
    "mixed past": {"rating_history": "mixed"},
    "collaborative": {"rating_history": "mixed", "collaborative": 1.0},
    "fitted people": {"users": {"name": "scripted", "population": "ml-small"}},
    "shaped": {"reward": {"shaping": "knowledge", "ask_cost": 0.1}},
    "short table": {"n_candidates": 5, "max_turns": 7},
    "own words": {"scenario": "own_words"},
    "talk to machines": {"talk": "crs"},
    "talk to people": {"talk": "chat"},
}
"""Further keywords that are played once each, with the hashing encoder, in scenario ``full``."""


RENAMED = {"info.candidates": "info.candidate_items"}
"""Parts that were renamed on purpose since the figures were written: old name to new name."""


def cases(encoders: tuple[str, ...] = ENCODERS) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and keywords of every case."""
    for encoder in encoders:
        for catalog in DOMAINS:
            for scenario in SCENARIOS:
                keywords = {"catalog": catalog, "scenario": scenario, "encoder": encoder}
                yield f"{catalog} {scenario} {encoder}", {"actions": "items", **keywords}
    if "hash" in encoders:
        for name, keywords in VARIANTS.items():
            yield f"movies full hash, {name}", {"actions": "items", "encoder": "hash", **keywords}


def digest(value: Any) -> bytes:
    """The bytes of an array; of an object array, those of its texts."""
    array = np.asarray(value)
    if array.dtype == object:
        return "\0".join("" if text is None else str(text) for text in array).encode()
    return np.ascontiguousarray(array).tobytes()


def fingerprint(keywords: dict[str, Any]) -> dict[str, str]:
    """Hashes by what is hashed: ``observations``, ``rewards``, ``info.KEY``; 16 hexadecimal digits each."""
    import gymnasium as gym

    import chatrec_env  # noqa: F401  (registers the ids)

    keywords = dict(keywords)
    name = {"items": "ChatRec/Items-v0", "strategy": "ChatRec/Strategy-v0"}[keywords.pop("actions")]
    envs = gym.make_vec(name, num_envs=CONVERSATIONS, **keywords)
    rng = np.random.default_rng(0)
    sums: dict[str, Any] = {}

    def take(part: str, value: Any) -> None:
        sums.setdefault(part, hashlib.sha256()).update(digest(value))

    observations, info = envs.reset(seed=0)
    turns = keywords.get("max_turns", TURNS)
    for turn in range(turns + 1):
        take("observations", observations)
        for key, value in info.items():
            if not key.startswith("_"):
                take(f"info.{key}", value)
        if turn == turns:
            break
        legal = info["action_mask"]
        rank = rng.random(legal.shape)
        action = np.where(legal > 0, rank, -1).argmax(1)
        observations, rewards, terminated, truncated, info = envs.step(action)
        for value in (rewards, terminated, truncated):
            take("rewards", value)
    return {part: found.hexdigest()[:16] for part, found in sorted(sums.items())}


def main() -> int:
    """Run the command; returns its exit code."""
    from rich.progress import track

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--write", type=Path, help="file to write them to")
    parser.add_argument("--check", type=Path, help="file to hold them against")
    parser.add_argument("--only", default="", help="cases whose name has this in it")
    parser.add_argument("--encoders", nargs="+", default=list(ENCODERS), choices=ENCODERS)
    options = parser.parse_args()
    chosen = [(name, keys) for name, keys in cases(tuple(options.encoders)) if options.only in name]
    found = {name: fingerprint(keys) for name, keys in track(chosen, description="Conversations")}
    if options.write is not None:
        options.write.parent.mkdir(parents=True, exist_ok=True)
        options.write.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if options.check is None:
        return 0
    wanted = json.loads(options.check.read_text(encoding="utf-8"))
    wrong = 0
    for name, parts in found.items():
        differing = [
            part for part, value in wanted[name].items() if parts.get(RENAMED.get(part, part)) != value
        ]
        wrong += bool(differing)
        if differing:
            print(f"{name}: {', '.join(differing)}")
    print(f"{len(found) - wrong} of {len(found)} cases are as they were.")
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main())
