"""Items, their facets, the built-in domains, and loaders for one's own data."""

from __future__ import annotations

from chatrec_env.catalog.catalog import Catalog
from chatrec_env.catalog.declaration import Context, Declaration, Setting, load_declaration
from chatrec_env.catalog.facets import Facet
from chatrec_env.catalog.frames import to_frame
from chatrec_env.catalog.loading import BUILT_IN, load_catalog
from chatrec_env.catalog.movielens.folder import from_movielens
from chatrec_env.catalog.readers import from_csv, from_frame, from_parquet

__all__ = [
    "BUILT_IN",
    "Catalog",
    "Context",
    "Declaration",
    "Facet",
    "Setting",
    "from_csv",
    "from_frame",
    "from_movielens",
    "from_parquet",
    "load_catalog",
    "load_declaration",
    "to_frame",
]
