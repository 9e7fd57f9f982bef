"""Messages of errors: what was expected, what came, what is near."""

from __future__ import annotations

import pickle

import pytest

from chatrec_env.errors import MismatchError, UnknownKeywordError, UnknownNameError, suggestion


@pytest.mark.parametrize(
    ("name", "told"),
    [
        pytest.param("Greedyy", "Did you mean 'greedy'?", id="other-case"),
        pytest.param("hub:", "Did you mean 'hub:REPOSITORY'?", id="prefix-of-a-pattern"),
        pytest.param("table.csv", "No policy 'table.csv'. Known:", id="what-stands-for-others-is-no-hint"),
        pytest.param("runs/greedy", "No policy 'runs/greedy'. Known:", id="a-path-is-no-misspelt-name"),
        pytest.param(7, "No policy 7. Known:", id="no-name"),
    ],
)
def test_the_nearest_name_is_suggested(name: object, told: str) -> None:
    error = UnknownNameError("policy", name, ("greedy", "TABLE.csv", "hub:REPOSITORY"))
    assert told in str(error)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_where_nothing_is_known_that_is_said() -> None:
    assert str(UnknownNameError("time", "noon", ())) == "No time 'noon'. Known: none."


def test_an_unknown_keyword_is_an_error_of_both_trees() -> None:
    """And can be made from its message alone: ``gymnasium.make`` adds to it what it was making."""
    error = UnknownKeywordError(
        f"f() got an unexpected keyword argument 'turn'.{suggestion('turn', ['turns'])}"
    )
    assert isinstance(error, TypeError)
    assert isinstance(error, ValueError)
    assert str(error) == "f() got an unexpected keyword argument 'turn'. Did you mean 'turns'? Known: turns."
    assert str(type(error)(f"{error} was raised")).endswith("was raised")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        pytest.param(
            MismatchError("a.csv", "a number", "'y'", 3, "x"),
            "a.csv, line 3, column 'x': expected a number, got 'y'.",
            id="cell",
        ),
        pytest.param(
            MismatchError("DataFrame", "one row", "none", unit="row"),
            "DataFrame: expected one row, got none.",
            id="table",
        ),
        pytest.param(
            MismatchError("", "a text", "3", field="facet 'genre', name"),
            "facet 'genre', name: expected a text, got 3.",
            id="declaration",
        ),
    ],
)
def test_a_mismatch_says_where_what_was_expected_and_what_came(error: MismatchError, told: str) -> None:
    assert str(error) == told
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), vars(again)) == (told, vars(error))
