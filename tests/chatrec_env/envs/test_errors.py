"""Messages of errors: what was expected, what came, what is near."""

from __future__ import annotations

import pickle

import pytest

from chatrec_env.errors import UnknownNameError


@pytest.mark.parametrize(
    ("name", "told"),
    [
        pytest.param("Greedyy", "Did you mean 'greedy'?", id="other-case"),
        pytest.param("hub:", "Did you mean 'hub:REPOSITORY'?", id="prefix-of-a-pattern"),
        pytest.param("table.csv", "No policy 'table.csv'. Known:", id="what-stands-for-others-is-no-hint"),
        pytest.param(7, "No policy 7. Known:", id="no-name"),
    ],
)
def test_the_nearest_name_is_suggested(name: object, told: str) -> None:
    error = UnknownNameError("policy", name, ("greedy", "TABLE.csv", "hub:REPOSITORY"))
    assert told in str(error)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_where_nothing_is_known_that_is_said() -> None:
    assert str(UnknownNameError("time", "noon", ())) == "No time 'noon'. Known: none."
