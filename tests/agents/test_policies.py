"""A policy for every built-in domain comes with the package, and is served as it lies there."""

from __future__ import annotations

import json
import re

import pytest

from agents.export import load_export
from agents.policies import PLACE, shipped_catalogs, shipped_policy
from chatrec_env.catalog import BUILT_IN
from chatrec_env.errors import ConfigError

EVERY = pytest.mark.parametrize("catalog", BUILT_IN)


@EVERY
def test_it_loads_and_acts_in_its_domain(catalog: str) -> None:
    """Digests, catalogue, encoder, columns, and the network's answers are those it was exported with."""
    export = load_export(shipped_policy(catalog))
    assert export.task.manager.catalog.name == catalog
    assert export.ranker is not None
    assert (PLACE / catalog / "policy.safetensors").stat().st_size < 600_000


@EVERY
def test_it_was_as_good_as_greedy(catalog: str) -> None:
    told = json.loads((PLACE / catalog / "result.json").read_text(encoding="utf-8"))
    assert told["ppo"]["n"] >= 2000
    assert told["to_greedy"]["mean"] >= 0


@EVERY
def test_no_path_of_a_machine_is_in_it(catalog: str) -> None:
    for file in PLACE.glob(f"{catalog}/*"):
        if file.suffix in (".json", ".md"):
            assert not re.search(
                r"(?<![\w`])/(home|tmp|root|usr|work|Users)/", file.read_text(encoding="utf-8")
            )


def test_another_table_has_none() -> None:
    assert shipped_catalogs() == sorted(BUILT_IN)
    with pytest.raises(
        ConfigError, match=r"No policy for catalog 'my wines.csv' .*chatrec train --catalog 'my wines.csv'"
    ):
        shipped_policy("my wines.csv")
