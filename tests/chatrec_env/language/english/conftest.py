"""What the tests of English share: the film catalogue and a parser of it, made once."""

from __future__ import annotations

import pytest

from chatrec_env.catalog import Catalog, load_catalog
from chatrec_env.language.parser import Parser


@pytest.fixture(scope="session")
def movies() -> Catalog:
    return load_catalog("movies")


@pytest.fixture(scope="session")
def parser(movies: Catalog) -> Parser:
    return Parser(movies)
