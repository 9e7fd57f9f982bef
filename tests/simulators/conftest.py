"""Scripted users on the built-in films, without an environment around them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chatrec_env.catalog import Catalog, load_catalog
from chatrec_env.language import Grammar
from simulators.notions.record import phrases_of
from simulators.scenarios.scenario import make_scenario
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
        phrases = phrases_of(films, make_scenario({"name": name, **changes}))
        users = make_scripted(
            films, Grammar(films, phrases=phrases) if phrases else grammar, {"name": name, **changes}
        )
        people, sentences = users.start(np.random.default_rng(seed).random((n, users.profile_draws)))
        return users, people, sentences

    return build


@pytest.fixture(scope="session")
def notion_file(films: Catalog, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Three notions of the films: of every second film, of every third, and of the first alone."""
    dated = [f"{title} ({year})" for title, year in zip(films.titles, films.years, strict=True)]
    document = {
        name: {
            "items": items,
            "say": [f"{name} said in way {i}" for i in range(4)],
            "held_out": [f"{name} put in form {i}" for i in range(4)],
        }
        for name, items in (("halves", dated[::2]), ("thirds", dated[::3]), ("one", dated[:1]))
    }
    path = tmp_path_factory.mktemp("notions") / "films.json"
    path.write_text(json.dumps(document))
    return str(path)
