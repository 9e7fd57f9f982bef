"""What can be told of an item: the facts its card holds, and which of them are not known.

Pure functions of the catalogue; nothing here depends on a language. What can be asked about are the *topics*: the
facets, in order, then the columns of named people and the like (``declaration.entities``). How facts are worded is
up to the language (``english.facts``).
"""

from __future__ import annotations

import math
from enum import IntEnum
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

N_ACCLAIM: Final = 6
"""Levels of acclaim in an opinion: -1, -0.5, 0, 0.5 and 1 rounded to, and 5 where the catalogue has none."""

N_FAME: Final = 4
"""Levels of popularity in an opinion: below 0.375, below 0.75, above, and 3 where the catalogue has none."""

N_OPINIONS: Final = N_ACCLAIM * N_FAME
FAME_EDGES: Final = (0.375, 0.75)


class Truth(IntEnum):
    """Whether an item has a value, as its card tells."""

    NO = 0  # the card tells another value of the facet, or other ones
    YES = 1
    NOT_KNOWN = 2  # the card tells nothing of the facet


def topics(catalog: Catalog) -> tuple[str, ...]:
    """Names of what can be asked about, T of them: facets, then columns of people."""
    return (*(facet.name for facet in catalog.facets), *catalog.declaration.entities)


def known_facts(catalog: Catalog) -> npt.NDArray[np.bool_]:
    """``(I, T)``: whether the card of each item holds something on each topic."""
    facets = [catalog.values[:, part].any(1) for part in catalog.facet_slices]
    people = [[bool(names) for names in column] for column in zip(*catalog.credits, strict=True)]
    return np.stack([*facets, *map(np.array, people)], 1)


def truths(catalog: Catalog) -> npt.NDArray[np.int8]:
    """``(I, V)`` int8: the :class:`Truth` of each value of each item.

    A card of a facet with several values tells the main ones, so ``NO`` means there "not mainly".
    """
    told = known_facts(catalog)[:, catalog.value_facet]
    return np.where(told, catalog.values > 0, Truth.NOT_KNOWN).astype(np.int8)


def opinions(catalog: Catalog) -> npt.NDArray[np.int32]:
    """``(I,)`` int32: what others think of each item, ``N_FAME * acclaim level + popularity level``."""
    declared = catalog.declaration.columns
    acclaim = np.full(catalog.n_items, N_ACCLAIM - 1)
    fame = np.full(catalog.n_items, N_FAME - 1)
    if "acclaim" in declared:
        acclaim = np.floor(2 * catalog.acclaim.astype(np.float64) + 2.5).astype(int)
    if "popularity" in declared:
        fame = np.searchsorted(FAME_EDGES, catalog.popularity, side="right")
    return (N_FAME * acclaim + fame).astype(np.int32)


def bin_edges(catalog: Catalog, value: int) -> tuple[float | None, float | None]:
    """The numbers between which a value of a numeric facet lies, the first included.

    None where it has no end, or the facet's numbers have no words (neither ``unit`` nor ``told_as``).
    """
    facet_of = int(catalog.value_facet[value])
    facet = catalog.facets[facet_of]
    if not (facet.unit or facet.told_as):
        return None, None
    at = value - catalog.facet_slices[facet_of].start
    low, high = facet.bins[at : at + 2]
    return None if math.isinf(low) else low, None if math.isinf(high) else high
