"""Scenarios: names, ranges, and what ``null`` promises."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from chatrec_env.dialogue.tracker import TrackerConfig
from chatrec_env.errors import ConfigError, UnknownNameError
from chatrec_env.retrieval.retriever import RetrievalConfig
from simulators.scenarios.scenario import NULL, SCENARIOS, SHARES, SIZES, Scenario, make_scenario


def test_a_dict_changes_what_it_names() -> None:
    changed = make_scenario({"name": "null", "tells": 0.5})
    assert changed.tells == 0.5
    assert {f.name for f in fields(Scenario) if getattr(changed, f.name) != getattr(NULL, f.name)} == {
        "tells"
    }
    assert make_scenario({}) == make_scenario("full") == Scenario()
    assert make_scenario(changed) is changed


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_carries_its_name(name: str) -> None:
    assert make_scenario(name).name == name


@pytest.mark.parametrize(
    ("value", "match"),
    [
        pytest.param("nul", r"No scenario 'nul'\. Did you mean 'null'", id="name"),
        pytest.param({"name": 3}, "No scenario 3", id="name-is-a-number"),
        pytest.param({"satiaton": 1}, r"Did you mean 'satiation'\?", id="parameter"),
    ],
)
def test_unknown_names(value: Any, match: str) -> None:
    with pytest.raises(UnknownNameError, match=match):
        make_scenario(value)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        *[pytest.param({n: 1.01}, rf"{n} is a share", id=n) for n in SHARES],
        *[pytest.param({n: -0.01}, rf"{n} must be >= 0", id=n) for n in SIZES],
        pytest.param({"tells_all": 1}, "true or false", id="tells_all"),
        pytest.param({"interests": 1.5}, r"integer in \[1, 4\]", id="interests"),
        pytest.param({"pickiness": "high"}, "must be a number", id="text"),
        pytest.param({"pickiness": float("nan")}, "must be a number", id="nan"),
        pytest.param({"knows": True}, "must be a number", id="bool"),
    ],
)
def test_ranges(change: dict[str, Any], match: str) -> None:
    with pytest.raises(ConfigError, match=match):
        make_scenario(change)


def test_the_null_person_is_what_the_assistant_believes() -> None:
    """The constants of the utility are those of retrieval and tracker, term by term."""
    blend, belief = RetrievalConfig(), TrackerConfig()
    assert NULL.goal_weight * 1.0 == blend.wishes * belief.want
    assert NULL.goal_weight * NULL.avoid_weight == blend.wishes * belief.avoid
    assert (NULL.acclaim_weight, NULL.popularity_weight) == (blend.acclaim, blend.popularity)
    assert NULL.pickiness == belief.threshold
    nothing = ("taste_scale", "factor_scale", "goal_spread", "pickiness_spread", "generosity_spread")
    assert not any(getattr(NULL, name) for name in (*nothing, "satiation", "drift", "changes_mind", "tells"))
