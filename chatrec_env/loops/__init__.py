"""The inner loops of a turn, compiled, a row at a time. Each equals its NumPy counterpart bit for bit.

Sums of numbers on a binary grid are exact in any order; other sums are taken in the order NumPy takes them.
Without numba the callers use NumPy and give the same bits, only slower.
"""

from __future__ import annotations

from chatrec_env.core.sums import add_up, dot
from chatrec_env.loops.belief import beliefs, entropies
from chatrec_env.loops.candidates import candidate_sums, tastes, write_candidates
from chatrec_env.loops.encoding import blend_encoding
from chatrec_env.loops.learning import consume, expect, gate_means, learn, take_in
from chatrec_env.loops.observing import write_belief, write_history
from chatrec_env.loops.ranking import LANES, best_of, pick_candidates
from chatrec_env.loops.reading import read_sentences
from chatrec_env.loops.speaking import speak

__all__ = [
    "LANES",
    "add_up",
    "beliefs",
    "best_of",
    "blend_encoding",
    "candidate_sums",
    "consume",
    "dot",
    "entropies",
    "expect",
    "gate_means",
    "learn",
    "pick_candidates",
    "read_sentences",
    "speak",
    "take_in",
    "tastes",
    "write_belief",
    "write_candidates",
    "write_history",
]
