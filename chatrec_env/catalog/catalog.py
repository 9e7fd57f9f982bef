"""The catalogue: an immutable table of items, their facet values and content factors."""

from __future__ import annotations

import difflib
import hashlib
import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatrec_env.catalog.arrays import CatalogArrays, catalog_arrays
from chatrec_env.catalog.declaration import Context, Declaration, Setting
from chatrec_env.catalog.facets import Facet
from chatrec_env.errors import ConfigError, UnknownNameError


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Catalog:
    """Items and what is known about them. Immutable, picklable, equal when the digests are equal.

    Sizes: ``I`` items, ``V`` values over all facets, ``F`` facets, ``C`` contexts. Arrays cannot be
    written to. Values of a facet are contiguous columns, ``facet_slices[f]``, in declared order; a value
    no item has is dropped (an empty bin between two filled ones stays, so that bins stay contiguous).
    """

    declaration: Declaration  # the declaration, reduced to the values that occur
    titles: tuple[str, ...]  # `I` titles
    # `I` keys, each once: the id column where one is declared, otherwise `"Title (year)"`
    ids: tuple[str, ...]
    years: NDArray[np.int16]  # `(I,)` int16, 0 where unknown
    sentences: tuple[str, ...]  # one sentence about each item
    # what else is told of each item, for dense retrieval; `""` where nothing is
    descriptions: tuple[str, ...]
    values: NDArray[np.float32]  # `(I, V)` float32 in {0, 1}
    # `(I, F)` float32, the raw numbers of numeric facets; NaN where missing or not numeric
    numbers: NDArray[np.float32]
    # `(I, F)` float32 multiples of 1/16 in [0, 1]: the rank of the number (ties share the mean rank), 0.5 where it is
    # missing, 0 for facets that are not numeric
    numeric_position: NDArray[np.float32]
    popularity: NDArray[np.float32]  # `(I,)` float32 multiples of 1/16 in [0, 1]
    acclaim: NDArray[np.float32]  # `(I,)` float32 multiples of 1/16 in [-1, 1]
    # `(I, 16)` float32 multiples of 1/64, rows of length about 1 (see `factors.py`)
    factors: NDArray[np.float32]
    entity_names: tuple[str, ...]  # named people and the like, sorted
    entity_items: tuple[NDArray[np.int32], ...]  # the item rows of each, ascending int32
    # `credits[item][column]`: indices into `entity_names` in the order of the table, for each of
    # `declaration.entities`
    credits: tuple[tuple[tuple[int, ...], ...], ...]

    value_names: tuple[str, ...] = field(init=False)  # `V` plain value texts
    value_phrases: tuple[str, ...] = field(init=False)  # `V` noun phrases: `"a film about heists"`
    value_plurals: tuple[str, ...] = field(init=False)  # `V` plural noun phrases: `"films about heists"`
    value_critiques: tuple[str, ...] = field(init=False)  # `V` critiques: `"too dark"`
    value_facet: NDArray[np.int16] = field(init=False)  # `(V,)` int16, the facet of each value
    facet_slices: tuple[slice, ...] = field(init=False)  # `F` slices into the value axis
    # `(I, V)` float32, values times the weight of their facet
    weighted_values: NDArray[np.float32] = field(init=False)
    context_wishes: NDArray[np.int8] = field(init=False)  # `(C, V)` int8: +1 wanted, -1 avoided
    time_wishes: NDArray[np.int8] = field(init=False)  # `(T, V)` int8, likewise of the times of day
    device_wishes: NDArray[np.int8] = field(init=False)  # `(D, V)` int8, likewise of the devices
    arrays: CatalogArrays = field(init=False)  # what compiled rules need of the above, as one record
    digest: str = field(init=False)  # SHA-256 over all of the above, in hexadecimal
    _facet_index: Mapping[str, int] = field(init=False)
    _value_index: Mapping[tuple[str, str], int] = field(init=False)
    _rows: Mapping[str, list[int]] = field(init=False)  # by title, case aside

    def __post_init__(self) -> None:
        pairs = [(f, value) for f, facet in enumerate(self.facets) for value in facet.values]
        index = {(self.facets[f].name, value): v for v, (f, value) in enumerate(pairs)}
        nouns = (self.noun, self.noun_plural)
        rows: dict[str, list[int]] = {}
        for row, title in enumerate(self.titles):
            rows.setdefault(title.casefold(), []).append(row)
        arrays = catalog_arrays(
            self.facets,
            self.values,
            self.factors,
            self.acclaim,
            self.popularity,
            _wishes(self.contexts, index),
        )
        derived = {
            "arrays": arrays,
            "value_names": tuple(value for _, value in pairs),
            "value_phrases": tuple(self.facets[f].noun_phrase(value, *nouns) for f, value in pairs),
            "value_plurals": tuple(self.facets[f].plural_phrase(value, *nouns) for f, value in pairs),
            "value_critiques": tuple(self.facets[f].critique_phrase(value, *nouns) for f, value in pairs),
            "value_facet": arrays.facet_of.astype(np.int16),
            "facet_slices": tuple(slice(int(a), int(b)) for a, b in itertools.pairwise(arrays.facet_start)),
            "weighted_values": arrays.weighted_values,
            "context_wishes": arrays.context_wishes,
            "time_wishes": _wishes(self.times, index),
            "device_wishes": _wishes(self.devices, index),
            "_facet_index": {facet.name: f for f, facet in enumerate(self.facets)},
            "_value_index": index,
            "_rows": rows,
        }
        for name, entry in derived.items():
            object.__setattr__(self, name, entry)
        for entry in (*vars(self).values(), *self.entity_items):
            if isinstance(entry, np.ndarray):
                entry.setflags(write=False)
        object.__setattr__(self, "digest", self._digest())

    def _digest(self) -> str:
        parts = [
            self.declaration.to_dict(),
            self.titles,
            self.ids,
            self.sentences,
            self.entity_names,
            self.credits,
            *([self.descriptions] if any(self.descriptions) else []),
        ]
        digest = hashlib.sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True).encode())
        levels = (self.numbers, self.numeric_position, self.popularity, self.acclaim, self.factors)
        arrays: list[NDArray[Any]] = [self.years, self.values, *levels, *self.entity_items]
        for array in arrays:
            digest.update(f"{array.shape}{array.dtype.str}".encode())
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Catalog) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return f"Catalog({self.name!r}, {self.n_items} items, {self.n_facets} facets, {self.n_values} values)"

    def __reduce__(self) -> tuple[Any, ...]:
        # Through the constructor: unpickled arrays would otherwise be writable.
        return _restore, ({name: entry for name, entry in vars(self).items() if name in _STORED},)

    def __copy__(self) -> Catalog:
        return self

    def __deepcopy__(self, memo: object) -> Catalog:
        return self

    @property
    def name(self) -> str:
        """Name of the catalogue."""
        return self.declaration.name

    @property
    def noun(self) -> str:
        """One item, e.g. ``"film"``."""
        return self.declaration.noun

    @property
    def noun_plural(self) -> str:
        """Several items, e.g. ``"films"``."""
        return self.declaration.noun_plural

    @property
    def verb(self) -> str:
        """What one does with an item, e.g. ``"watch"``."""
        return self.declaration.verb

    @property
    def verb_past(self) -> tuple[str, ...]:
        """Past forms of the verb, e.g. ``("watched", "seen")``."""
        return self.declaration.verb_past

    @property
    def facets(self) -> tuple[Facet, ...]:
        """The facets, in order."""
        return self.declaration.facets

    @property
    def contexts(self) -> tuple[Context, ...]:
        """The contexts, in order."""
        return self.declaration.contexts

    @property
    def times(self) -> tuple[Setting, ...]:
        """The times of day, in order."""
        return self.declaration.times

    @property
    def devices(self) -> tuple[Setting, ...]:
        """The devices, in order."""
        return self.declaration.devices

    @property
    def n_items(self) -> int:
        """Number of items, I."""
        return len(self.titles)

    @property
    def n_values(self) -> int:
        """Number of values over all facets, V."""
        return len(self.value_names)

    @property
    def n_facets(self) -> int:
        """Number of facets, F."""
        return len(self.facets)

    def facet_index(self, facet: str) -> int:
        """Index of a facet by name.

        Raises:
            UnknownNameError: There is no such facet.
        """
        if facet not in self._facet_index:
            raise UnknownNameError("facet", facet, self._facet_index)
        return self._facet_index[facet]

    def value_index(self, facet: str, value: str) -> int:
        """Column of a value in ``values``.

        Raises:
            UnknownNameError: There is no such facet, or it has no such value.
        """
        known = self.facets[self.facet_index(facet)].values
        if (facet, value) not in self._value_index:
            raise UnknownNameError(facet, value, known)
        return self._value_index[facet, value]

    def setting_index(self, time: str | None, device: str | None) -> tuple[int, int]:
        """Indices into ``times`` and ``devices`` by name, -1 for None.

        Raises:
            UnknownNameError: The catalogue declares no such time of day or device.
        """
        out = []
        for kind, name, entries in (("time", time, self.times), ("device", device, self.devices)):
            known = [entry.name for entry in entries]
            if name is not None and name not in known:
                raise UnknownNameError(kind, name, known)
            out.append(-1 if name is None else known.index(name))
        return out[0], out[1]

    def item_index(self, title: str, year: int | None = None) -> int:
        """Row of an item by title (case aside) and, where titles are shared, year.

        Of items that share title and year (possible where an id column is declared), the first.

        Raises:
            ConfigError: No item has the title and year, or several do and no year was given.
        """
        rows = self._rows.get(title.casefold(), [])
        fits = [row for row in rows if year is None or self.years[row] == year]
        if len({int(self.years[row]) for row in fits}) == 1:
            return fits[0]
        wanted = repr(title) if year is None else f"{title!r} from {year}"
        if rows:
            years = ", ".join(str(self.years[row]) for row in rows)
            raise ConfigError(
                f"Expected one {self.noun}, got {wanted}; that title exists with the years {years}."
            )
        near = difflib.get_close_matches(title.casefold(), self._rows, n=3)
        hint = (
            f" Nearest: {', '.join(repr(self.titles[self._rows[key][0]]) for key in near)}." if near else ""
        )
        raise ConfigError(f"No {self.noun} {wanted} among the {self.n_items} of the catalog.{hint}")


_STORED = tuple(name for name, spec in Catalog.__dataclass_fields__.items() if spec.init)


def _restore(stored: dict[str, Any]) -> Catalog:
    return Catalog(**stored)


def _wishes(entries: Sequence[Context | Setting], index: Mapping[tuple[str, str], int]) -> NDArray[np.int8]:
    """What goes with each context or setting, (number, V): +1 wanted, -1 avoided."""
    wishes = np.zeros((len(entries), len(index)), np.int8)
    for row, entry in zip(wishes, entries, strict=True):
        for sign, named in ((1, entry.wants), (-1, entry.avoids)):
            for wish in named:
                facet, _, value = wish.partition(":")
                row[index[facet, value]] = sign
    return wishes
