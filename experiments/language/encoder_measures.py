"""How fast encoders are, and how well their vectors agree."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from chatrec_env.catalog import load_catalog
from chatrec_env.core.user_simulator import USER_SENTENCES
from chatrec_env.envs.vector_env import ChatRecVectorEnv
from chatrec_env.language import Grammar
from chatrec_env.language.encoders import CachedEncoder, Encoder, Exchange, make_encoder
from chatrec_env.language.encoders.causal import CausalEncoder
from experiments.evaluate.stats import mean_interval

ALONE = 64
"""Sentences of the sample that are also encoded one by one."""

PEOPLE, TURNS = 4, 8
"""Conversations on which transcript encoders are measured, and how many turns they have."""


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


def conversations(people: int, turns: int, seed: int) -> list[list[Exchange]]:
    """What was said in conversations with scripted people, questions and suggestions being drawn at random."""
    stays = {"name": "full", "leave_base": -20.0}
    env = ChatRecVectorEnv(people, encoder="hash", max_turns=turns, scenario=stays, autoreset_mode="disabled")
    _, info = env.reset(seed=seed)
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    for _ in range(turns):
        actions = [rng.choice(np.flatnonzero(row)) for row in info["action_mask"]]
        *_, info = env.step(np.array(actions))
    texts, ids = env.task.manager.table.texts, env.state.dialogue.transcript
    return [
        list(zip(texts(one[:, :-USER_SENTENCES]), texts(one[:, -USER_SENTENCES:]), strict=True))
        for one in ids
    ]


def measure_transcripts(name: str, seed: int) -> dict[str, Any]:
    """Cost of a turn with what is remembered and without, and how far it is from one pass; loading not counted."""
    encoder = make_encoder(name)
    assert isinstance(encoder, CausalEncoder)
    talks = conversations(PEOPLE, TURNS, seed)
    encoder.encode_transcripts([[("", "Hello.")]])
    encoder.forget()

    def cost(forgets: bool) -> float:
        begun = time.process_time()
        for end in range(1, TURNS + 2):
            if forgets:
                encoder.forget()
            encoder.encode_transcripts([talk[:end] for talk in talks])
        return (time.process_time() - begun) / ((TURNS + 1) * PEOPLE)

    again = cost(True)
    encoder.forget()
    remembering, tokens = cost(False), encoder.reading.new
    vectors = encoder.encode_transcripts(talks)[:, 0]
    at_once = np.stack([encoder.encode_at_once(talk) for talk in talks])
    return {
        "encoder": name,
        "dim": encoder.width,
        "conversations": PEOPLE,
        "turns": TURNS,
        "tokens_per_turn": tokens / ((TURNS + 1) * PEOPLE),
        "cpu_seconds_per_turn": remembering,
        "cpu_seconds_per_turn_from_the_start": again,
        "remembered_megabytes_per_conversation": encoder.remembered / 1e6 / PEOPLE,
        "most_off_one_pass": float(np.abs(vectors - at_once).max()),
    }
