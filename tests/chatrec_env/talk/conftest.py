"""Scenes: conversations told act by act."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chatrec_env.catalog import load_catalog
from chatrec_env.language import Grammar, Parser, SentenceTable, make_encoder
from tests.chatrec_env.talk.scene import Scene, Told


@pytest.fixture(scope="session")
def stage() -> Callable[[int], Scene]:
    """Scenes with slates of a size, on one table."""
    films = load_catalog("movies")
    table = SentenceTable(Grammar(films), Parser(films), make_encoder("hash"))
    told = Told(table)
    return lambda slate_size: Scene(films, table, told, slate_size)


@pytest.fixture
def scene(stage: Callable[[int], Scene]) -> Scene:
    return stage(1)


@pytest.fixture
def slates(stage: Callable[[int], Scene]) -> Scene:
    return stage(3)
