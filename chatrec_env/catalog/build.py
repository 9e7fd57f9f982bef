"""From a raw table and a declaration to a catalogue: every cell is checked, or nothing is built."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chatrec_env.catalog.catalog import Catalog
from chatrec_env.catalog.declaration import Declaration
from chatrec_env.catalog.facets import SEPARATOR, Facet
from chatrec_env.catalog.factors import content_factors, to_grid
from chatrec_env.catalog.table import Table
from chatrec_env.errors import CatalogError

LEVEL_GRID = 16
MAX_YEAR = 9999


def build_catalog(table: Table, declaration: Declaration, words: Sequence[str] | None = None) -> Catalog:
    """Checks every cell of the table and builds the catalogue.

    Args:
        table: The raw cells.
        declaration: What the columns mean.
        words: Extra words about each item, for the content factors only.

    Raises:
        CatalogError: The first thing in the table that is not as declared.
    """
    table.require(declaration.table_columns)
    optional = frozenset(declaration.optional)
    rows = range(len(table.rows))
    titles = tuple(table.text(row, declaration.columns["title"], optional=False) for row in rows)
    years = _years(table, declaration)
    _refuse_duplicates(table, declaration, titles, years)

    facets: list[Facet] = []
    blocks: list[NDArray[np.float32]] = []
    numbers = np.full((len(rows), len(declaration.facets)), np.nan, np.float32)
    position = np.zeros_like(numbers)
    for f, facet in enumerate(declaration.facets):
        empty = facet.column in optional
        if facet.kind == "numeric":
            cells = [table.bin(row, facet, optional=empty) for row in rows]
            numbers[:, f] = [number for number, _ in cells]
            position[:, f] = rank_position(numbers[:, f])
            hits = [(row, j) for row, (_, j) in enumerate(cells) if j >= 0]
        else:
            chosen = [table.choices(row, facet, optional=empty) for row in rows]
            facet = _closed(facet, chosen)
            index = {value: j for j, value in enumerate(facet.values)}
            hits = [(row, index[value]) for row, values in enumerate(chosen) for value in values]
        if not hits:
            raise CatalogError(
                f"{table.source}, column {facet.column!r}: expected a {facet.name} in at least one row, got none."
            )
        block = np.zeros((len(rows), len(facet.values)), np.float32)
        block[tuple(np.array(hits).T)] = 1.0
        kept = _kept_values(facet, block)
        facets.append(_reduced(facet, kept))
        blocks.append(block[:, kept])

    values = np.concatenate(blocks, axis=1)
    names, entity_items, credits = _entities(table, declaration, optional)
    reduced = _reduced_declaration(declaration, tuple(facets))
    sentences = _sentences(table, declaration, reduced, values, years)
    texts = sentences if words is None else words
    return Catalog(
        declaration=reduced,
        titles=titles,
        years=years,
        sentences=sentences,
        values=values,
        numbers=numbers,
        numeric_position=position,
        popularity=_level(table, declaration, "popularity", 0.5),
        acclaim=_level(table, declaration, "acclaim", 0.5) * np.float32(2) - np.float32(1),
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


def _years(table: Table, declaration: Declaration) -> NDArray[np.int16]:
    column = declaration.columns.get("year")
    if column is None:
        return np.zeros(len(table.rows), np.int16)
    optional = column in declaration.optional
    cells = [
        table.number(row, column, optional=optional, low=1, high=MAX_YEAR, whole=True)
        for row in range(len(table.rows))
    ]
    return np.nan_to_num(np.array(cells)).astype(np.int16)


def _refuse_duplicates(
    table: Table, declaration: Declaration, titles: Sequence[str], years: NDArray[np.int16]
) -> None:
    column = declaration.columns.get("id")
    first: dict[object, int] = {}
    for row, title in enumerate(titles):
        if column is not None:
            shown = table.text(row, column, optional=False)
            key: object = shown
        else:
            key, shown = (title.casefold(), int(years[row])), f"{title} ({years[row]})" if years[row] else title
        if key in first:
            where = f"{table.unit} {table.lines[first[key]]}"
            what = "an id of its own" if column is not None else "a title and year of its own"
            table.fail(row, column or declaration.columns["title"], what, f"{shown!r} again (first in {where})")
        first[key] = row


def _closed(facet: Facet, chosen: Sequence[tuple[str, ...]]) -> Facet:
    """An open vocabulary closed over the values that occur, most frequent first."""
    if facet.values:
        return facet
    counts = Counter(value for values in chosen for value in values)
    present = sorted(counts, key=lambda value: (-counts[value], value))
    wording = {
        name: {value: entry for value, entry in getattr(facet, name).items() if value in counts}
        for name in ("value_phrases", "value_plurals", "value_critiques", "synonyms")
    }
    return dataclasses.replace(facet, values=tuple(present), **wording) if present else facet


def _kept_values(facet: Facet, block: NDArray[np.float32]) -> list[int]:
    """Values some item has; of bins, the span from the first to the last of them."""
    present = [int(j) for j in np.flatnonzero(block.any(axis=0))]
    return list(range(present[0], present[-1] + 1)) if facet.kind == "numeric" else present


def _reduced(facet: Facet, kept: Sequence[int]) -> Facet:
    if len(kept) == len(facet.values):
        return facet
    values = tuple(facet.values[j] for j in kept)
    wording = {
        name: {value: entry for value, entry in getattr(facet, name).items() if value in values}
        for name in ("value_phrases", "value_plurals", "value_critiques", "synonyms")
    }
    bins = facet.bins[kept[0] : kept[-1] + 2] if facet.bins else ()
    return dataclasses.replace(facet, values=values, bins=bins, **wording)


def _reduced_declaration(declaration: Declaration, facets: tuple[Facet, ...]) -> Declaration:
    known = {f"{facet.name}:{value}" for facet in facets for value in facet.values}
    contexts = tuple(
        dataclasses.replace(
            context,
            wants=tuple(wish for wish in context.wants if wish in known),
            avoids=tuple(wish for wish in context.avoids if wish in known),
        )
        for context in declaration.contexts
    )
    return dataclasses.replace(declaration, facets=facets, contexts=contexts)


def _level(table: Table, declaration: Declaration, name: str, default: float) -> NDArray[np.float32]:
    """Popularity or acclaim on [0, 1]; ``default`` where the table does not say."""
    column = declaration.columns.get(name)
    if column is None:
        return np.full(len(table.rows), default, np.float32)
    low, high = getattr(declaration, f"{name}_range")
    optional = column in declaration.optional
    cells = [table.number(row, column, optional=optional, low=low, high=high) for row in range(len(table.rows))]
    unit = [default if math.isnan(cell) else (cell - low) / (high - low) for cell in cells]
    # Acclaim doubles this: a 1/32 grid here is a 1/16 grid there.
    return to_grid(np.array(unit), LEVEL_GRID * 2 if name == "acclaim" else LEVEL_GRID)


def _entities(
    table: Table, declaration: Declaration, optional: frozenset[str]
) -> tuple[tuple[str, ...], tuple[NDArray[np.int32], ...], tuple[tuple[tuple[int, ...], ...], ...]]:
    named: list[list[tuple[str, ...]]] = []
    for row in range(len(table.rows)):
        credit = []
        for column in declaration.entities:
            cell = table.text(row, column, optional=column in optional)
            parts = [part.strip() for part in cell.split(SEPARATOR)] if cell else []
            if not all(parts):
                table.fail(row, column, f"names separated by single {SEPARATOR!r}", repr(cell))
            credit.append(tuple(dict.fromkeys(parts)))
        named.append(credit)
    names = tuple(sorted({name for credit in named for group in credit for name in group}))
    index = {name: e for e, name in enumerate(names)}
    rows: list[set[int]] = [set() for _ in names]
    for row, credit in enumerate(named):
        for group in credit:
            for name in group:
                rows[index[name]].add(row)
    credits = tuple(tuple(tuple(index[name] for name in group) for group in credit) for credit in named)
    return names, tuple(np.array(sorted(found), np.int32) for found in rows), credits


def _sentences(
    table: Table,
    declaration: Declaration,
    reduced: Declaration,
    values: NDArray[np.float32],
    years: NDArray[np.int16],
) -> tuple[str, ...]:
    """The sentence of each item; where there is none, one made of its first facet and its year."""
    column = declaration.columns.get("sentence")
    given = ["" for _ in table.rows]
    if column is not None:
        optional = column in declaration.optional
        given = [table.text(row, column, optional=optional) for row in range(len(table.rows))]
    facet = reduced.facets[0]
    out = []
    for row, sentence in enumerate(given):
        if not sentence:
            names = [value for j, value in enumerate(facet.values) if values[row, j]]
            what = facet.noun_phrase(names[0], reduced.noun, reduced.noun_plural) if names else f"a {reduced.noun}"
            also = f", also {' and '.join(names[1:3])}" if len(names) > 1 else ""
            when = f" from {years[row]}" if years[row] else ""
            sentence = f"{what[0].upper()}{what[1:]}{when}{also}."
        out.append(sentence)
    return tuple(out)
