"""Scripted users on the built-in films, without an environment around them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chatrec_env.catalog import Catalog, load_catalog
from chatrec_env.language import Grammar
from simulators.scripted.people import People
from simulators.scripted.simulator import ScriptedUsers, make_scripted

Crowd = Callable[..., tuple[ScriptedUsers, People, Any]]


@pytest.fixture(scope="session")
def films() -> Catalog:
    return load_catalog("movies")


@pytest.fixture(scope="session")
def grammar(films: Catalog) -> Grammar:
    return Grammar(films)


@pytest.fixture(scope="session")
def crowd(films: Catalog, grammar: Grammar) -> Crowd:
    """``crowd(n, name="full", **changes)``: the simulator, ``n`` of its people and their opening sentences."""

    def build(n: int, name: str = "full", seed: int = 0, **changes: Any) -> tuple[ScriptedUsers, People, Any]:
        users = make_scripted(films, grammar, {"name": name, **changes})
        people, sentences = users.start(np.random.default_rng(seed).random((n, users.profile_draws)))
        return users, people, sentences

    return build
