"""The inner loops of a person's turn, compiled, a row at a time. Each equals its NumPy counterpart bit for bit.

Exponentials are left to NumPy between the loops: a compiler's own differ from NumPy's in the last bit.
"""

from __future__ import annotations

from simulators.loops.choosing import choose_item, rate_item, weigh_slate
from simulators.loops.feeling import feel, swap_wishes
from simulators.loops.numbering import number_sentences
from simulators.loops.talking import say_all
from simulators.loops.utility import appetites, rank_values, utilities

__all__ = [
    "appetites",
    "choose_item",
    "feel",
    "number_sentences",
    "rank_values",
    "rate_item",
    "say_all",
    "swap_wishes",
    "utilities",
    "weigh_slate",
]
