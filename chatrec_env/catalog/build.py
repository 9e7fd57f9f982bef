"""From a raw table and a declaration to a catalogue: every cell is checked, or nothing is built."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatrec_env.catalog.catalog import Catalog
from chatrec_env.catalog.cells import Cells
from chatrec_env.catalog.declaration import Declaration
from chatrec_env.catalog.facets import Facet
from chatrec_env.catalog.factors import content_factors, to_grid
from chatrec_env.catalog.table import Table
from chatrec_env.errors import MismatchError
from chatrec_env.language.word_forms import get_word_forms

LEVEL_GRID = 16


def build_catalog(table: Table, declaration: Declaration, words: Sequence[str] | None = None) -> Catalog:
    """Checks every cell of the table and builds the catalogue.

    ``words`` are texts about the items that the content factors are made of; their sentences where none are given.

    Raises:
        CatalogError: The first thing in the table that is not as declared.
    """
    table.require(declaration.table_columns)
    cells = Cells(table, declaration)
    rows = range(len(table.rows))
    titles = tuple(cells.standard_text("title", row) for row in rows)
    years = np.nan_to_num([cells.standard_number("year", row) for row in rows]).astype(np.int16)
    ids = tuple(cells.key(row) for row in rows)

    facets: list[Facet] = []
    blocks: list[NDArray[np.float32]] = []
    numbers = np.full((len(rows), len(declaration.facets)), np.nan, np.float32)
    position = np.zeros_like(numbers)
    chosen: list[tuple[str, ...]]
    for f, facet in enumerate(declaration.facets):
        if facet.numeric:
            numbers[:, f] = [cells.facet_number(facet, row) for row in rows]
            position[:, f] = rank_position(numbers[:, f])
            bins = np.searchsorted(facet.bins[1:-1], numbers[:, f].astype(np.float64), side="right")
            known = ~np.isnan(numbers[:, f])
            chosen = [(facet.values[j],) if k else () for j, k in zip(bins, known, strict=True)]
        else:
            chosen = [cells.facet_values(facet, row) for row in rows]
        present = _present_values(facet, chosen)
        if not present:
            raise MismatchError(
                table.source, f"a {facet.name} in at least one row", "none", column=facet.column
            )
        index = {value: j for j, value in enumerate(present)}
        block = np.zeros((len(rows), len(present)), np.float32)
        for row, values_of_row in enumerate(chosen):
            for value in values_of_row:
                block[row, index[value]] = 1.0
        facets.append(facet.restricted(present))
        blocks.append(block)

    values = np.concatenate(blocks, axis=1)
    names, entity_items, credits = _entities(cells)
    reduced = _reduced_declaration(declaration, tuple(facets))
    sentences = _sentences(cells, reduced, values, years)
    texts = sentences if words is None else words
    return Catalog(
        declaration=reduced,
        titles=titles,
        ids=ids,
        years=years,
        sentences=sentences,
        descriptions=_descriptions(cells, len(years)),
        values=values,
        numbers=numbers,
        numeric_position=position,
        popularity=_level(cells, "popularity", LEVEL_GRID),
        # A 1/32 grid on [0, 1] is a 1/16 grid on [-1, 1].
        acclaim=_level(cells, "acclaim", LEVEL_GRID * 2) * np.float32(2) - np.float32(1),
        factors=content_factors(values, entity_items, texts),
        entity_names=names,
        entity_items=entity_items,
        credits=credits,
    )


def rank_position(numbers: NDArray[np.float32]) -> NDArray[np.float32]:
    """Ranks in [0, 1] on the 1/16 grid; ties share their mean rank; NaN gives 0.5."""
    known = np.sort(numbers[~np.isnan(numbers)])
    if len(known) < 2:
        return np.full(len(numbers), 0.5, np.float32)
    rank = (np.searchsorted(known, numbers, "left") + np.searchsorted(known, numbers, "right") - 1) / 2
    return to_grid(np.where(np.isnan(numbers), 0.5, rank / (len(known) - 1)), LEVEL_GRID)


def _present_values(facet: Facet, chosen: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The values some item has: in declared order, or by frequency when the vocabulary is open.

    Of bins, the run from the first to the last that has items: dropping one between would leave a hole.
    """
    counts = Counter(value for values in chosen for value in values)
    if not facet.values:
        return tuple(sorted(counts, key=lambda value: (-counts[value], value)))
    present = [j for j, value in enumerate(facet.values) if counts[value]]
    if facet.numeric and present:
        return facet.values[present[0] : present[-1] + 1]
    return tuple(facet.values[j] for j in present)


def _reduced_declaration(declaration: Declaration, facets: tuple[Facet, ...]) -> Declaration:
    known = {f"{facet.name}:{value}" for facet in facets for value in facet.values}

    def reduced(entries: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(
            dataclasses.replace(
                entry,
                wants=tuple(wish for wish in entry.wants if wish in known),
                avoids=tuple(wish for wish in entry.avoids if wish in known),
            )
            for entry in entries
        )

    return dataclasses.replace(
        declaration,
        facets=facets,
        contexts=reduced(declaration.contexts),
        times=reduced(declaration.times),
        devices=reduced(declaration.devices),
    )


def _level(cells: Cells, name: str, grid: int) -> NDArray[np.float32]:
    """Popularity or acclaim on [0, 1]; 0.5 where the table does not say."""
    low, high = getattr(cells.declaration, f"{name}_range")
    numbers = [cells.standard_number(name, row) for row in range(len(cells.table.rows))]
    return to_grid(np.array([0.5 if math.isnan(n) else (n - low) / (high - low) for n in numbers]), grid)


def _entities(
    cells: Cells,
) -> tuple[tuple[str, ...], tuple[NDArray[np.int32], ...], tuple[tuple[tuple[int, ...], ...], ...]]:
    """Names, the rows of each, and the names of each row by kind, as in ``Catalog``."""
    columns, rows = cells.declaration.entities, range(len(cells.table.rows))
    named = [[cells.names(column, row) for column in columns] for row in rows]
    names = tuple(sorted({name for credit in named for group in credit for name in group}))
    index = {name: e for e, name in enumerate(names)}
    found: list[set[int]] = [set() for _ in names]
    for row, credit in enumerate(named):
        for group in credit:
            for name in group:
                found[index[name]].add(row)
    credits = tuple(tuple(tuple(index[name] for name in group) for group in credit) for credit in named)
    return names, tuple(np.array(sorted(own), np.int32) for own in found), credits


def _descriptions(cells: Cells, n: int) -> tuple[str, ...]:
    """What else is told of each item; empty where nothing is."""
    if "description" not in cells.declaration.columns:
        return ("",) * n
    return tuple(cells.standard_text("description", row) for row in range(n))


def _sentences(
    cells: Cells, reduced: Declaration, values: NDArray[np.float32], years: NDArray[np.int16]
) -> tuple[str, ...]:
    """The sentence of each item; where there is none, one made of its first facet and its year."""
    given = [""] * len(years)
    if "sentence" in cells.declaration.columns:
        given = [cells.standard_text("sentence", row) for row in range(len(years))]
    facet, nouns = reduced.facets[0], (reduced.noun, reduced.noun_plural)
    out = []
    for row, sentence in enumerate(given):
        if not sentence:
            names = [value for j, value in enumerate(facet.values) if values[row, j]][:3]
            phrases = [facet.noun_phrase(value, *nouns) for value in names] or [
                get_word_forms().with_article(reduced.noun)
            ]
            when = f" from {years[row]}" if years[row] else ""
            also = f"; also {' and '.join(phrases[1:])}" if len(phrases) > 1 else ""
            sentence = f"{phrases[0][0].upper()}{phrases[0][1:]}{when}{also}."
        out.append(sentence)
    return tuple(out)
