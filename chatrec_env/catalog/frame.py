"""A catalogue as a DataFrame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from chatrec_env.catalog.facets import SEPARATOR

if TYPE_CHECKING:
    import pandas as pd

    from chatrec_env.catalog.catalog import Catalog


def to_frame(catalog: Catalog) -> pd.DataFrame:
    """The items as a table. With the same declaration, ``from_frame`` makes an equal catalogue of it.

    Args:
        catalog: The catalogue.

    Returns:
        One row an item: ``title``, ``year`` (missing where unknown), ``id`` where one is declared, the
        column of each facet and of each kind of named people, ``popularity``, ``acclaim`` (on the scale of
        the table it came from) and ``sentence``. Standard columns declared under another name stand under
        both. Needs pandas.
    """
    import pandas as pd

    declaration = catalog.declaration
    between = declaration.separator or SEPARATOR
    columns: dict[str, Any] = {}

    def put(standard: str, column: Any) -> None:
        columns[standard] = columns[declaration.columns.get(standard, standard)] = column

    put("title", list(catalog.titles))
    known = catalog.years > 0
    years = pd.array(catalog.years.astype(np.int64), dtype="Int64")
    years[~known] = pd.NA
    put("year", catalog.years.astype(np.int64) if known.all() else years)
    if "id" in declaration.columns:
        put("id", list(catalog.ids))
    for f, facet in enumerate(catalog.facets):
        if facet.column in columns:
            continue
        if facet.numeric:
            columns[facet.column] = catalog.numbers[:, f].astype(np.float64)
        else:
            block = catalog.values[:, catalog.facet_slices[f]] > 0
            names = np.array(facet.values, object)
            columns[facet.column] = [between.join(names[row]) for row in block]
    for position, name in enumerate(declaration.entities):
        columns[name] = [
            between.join(catalog.entity_names[entity] for entity in credit[position])
            for credit in catalog.credits
        ]
    low, high = declaration.popularity_range
    put("popularity", low + (high - low) * catalog.popularity.astype(np.float64))
    low, high = declaration.acclaim_range
    put("acclaim", low + (high - low) * (catalog.acclaim.astype(np.float64) + 1) / 2)
    put("sentence", list(catalog.sentences))
    return pd.DataFrame(columns)
