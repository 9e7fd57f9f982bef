"""The inner loops of a turn, compiled, a row at a time. Each equals its NumPy counterpart bit for bit.

Sums of numbers on a binary grid are exact in any order; other sums are taken in the order NumPy takes them.
Without numba the callers use NumPy and give the same bits, only slower.
"""

from __future__ import annotations

from chatrec_env.loops.candidates import candidate_sums
from chatrec_env.loops.encoding import blend_encoding
from chatrec_env.loops.ranking import LANES, best_of, pick_candidates

__all__ = ["LANES", "best_of", "blend_encoding", "candidate_sums", "pick_candidates"]
