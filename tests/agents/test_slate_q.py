"""SlateQ on numbers worked by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from agents.deep.config import DeepConfig
from agents.deep.network import CandidateShape
from agents.deep.slates import SlateValues, best_slate, choice_probabilities, first_places, slate_value

LN2, LN3 = np.log(2.0), np.log(3.0)


@pytest.mark.parametrize(
    ("shown", "chances", "none"),
    [
        # Odds 2 and 3 beside 1 for nothing.
        pytest.param([True, True], [2 / 6, 3 / 6], 1 / 6, id="two"),
        pytest.param([True, False], [2 / 3, 0.0], 1 / 3, id="an-empty-place"),
        pytest.param([False, False], [0.0, 0.0], 1.0, id="nothing-shown"),
    ],
)
def test_chances_and_value_of_a_slate(shown: list[bool], chances: list[float], none: float) -> None:
    appeal, there = np.array([[LN2, LN3]]), np.array([shown])
    found, nothing = choice_probabilities(appeal, there)
    np.testing.assert_allclose(found, [chances])
    np.testing.assert_allclose(nothing, [none])
    value = slate_value(np.array([[6.0, 12.0]]), np.array([1.0]), appeal, there)
    np.testing.assert_allclose(value, [6.0 * chances[0] + 12.0 * chances[1] + 1.0 * none])


def test_a_good_slate_weighs_value_by_appeal() -> None:
    """Worth, over a value of 1 for nothing: 1 * 4, 2 * 3, 3 * 1, and 9 that is not there."""
    values, appeal = np.array([[5.0, 4.0, 2.0, 10.0]]), np.array([[0.0, LN2, LN3, 0.0]])
    present = np.array([[True, True, True, False]])
    assert best_slate(values, np.array([1.0]), appeal, present, 2).tolist() == [[1, 0]]
    assert best_slate(values, np.array([1.0]), appeal, present, 4).tolist() == [[1, 0, 2, -1]]


def test_a_candidate_named_again_is_not_shown_again() -> None:
    assert first_places(np.array([[3, 1, 3], [2, 2, 2]])).tolist() == [
        [True, True, False],
        [True, False, False],
    ]


class Fixed(torch.nn.Module):
    """Two free actions (recommend, ask) worth 1 and 5; three candidates worth 2, 4, 6 when chosen, of equal appeal."""

    shape = CandidateShape(conversation=0, turns=0, before=0, after=0, columns=11, free_actions=2, outputs=2)

    def forward(self, observation: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        n = len(observation)
        free = torch.tensor([[1.0, 5.0]]).expand(n, -1)
        items = torch.tensor([[[2.0, 0.0], [4.0, 0.0], [6.0, 0.0]]]).expand(n, -1, -1)
        return free, items


MASK = np.array([[True, True, *[True] * 6]])  # recommend, ask; two places for three candidates


def batch(**changes: Any) -> dict[str, Any]:
    seen = np.zeros((1, 33), np.float32)
    told = {"observation": seen, "next_observation": seen, "next_mask": MASK, "reward": np.array([1.0])}
    return {**told, "terminated": np.array([False]), **changes}


def test_it_asks_where_that_is_worth_more_than_the_best_slate() -> None:
    """The best slate is candidates 2 and 1: (6 + 4 + 1) / 3 = 3.67, less than 5 for asking."""
    method, network = SlateValues(DeepConfig(algorithm="slate_q")), Fixed()
    draws = np.ones((3, 1))
    seen = np.zeros((1, 33), np.float32)
    assert method.choose(network, seen, MASK, 0.0, draws)[0, 0] == 1  # type: ignore[arg-type]
    no_question = MASK.copy()
    no_question[0, 1] = False
    assert method.choose(network, seen, no_question, 0.0, draws).tolist() == [[0, 2, 1]]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, 1.0 + 0.5 * 5.0, id="the-best-that-can-be-done-next"),
        pytest.param({"terminated": np.array([True])}, 1.0, id="terminal-stops"),
        pytest.param({"next_mask": np.zeros((1, 8), np.bool_)}, 1.0, id="nothing-legal-is-worth-nothing"),
    ],
)
def test_target(changes: dict[str, Any], expected: float) -> None:
    method = SlateValues(DeepConfig(algorithm="slate_q", gamma=0.5))
    assert method.target(Fixed(), batch(**changes)).tolist() == [expected]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("action", "click", "value", "choice"),
    [
        # What the value that came was off from its target, 3.5; and log 3 for one of two items and nothing.
        pytest.param([0, 2, 1], 0, 6.0, LN3, id="the-first-was-chosen"),
        pytest.param([0, 2, 1], -1, 1.0, LN3, id="nothing-was-chosen"),
        pytest.param([0, 2, 2], 0, 6.0, LN2, id="a-slate-of-one"),
        pytest.param([1, 0, 0], -1, 5.0, 0.0, id="a-question-is-no-choice"),
    ],
)
def test_loss(action: list[int], click: int, value: float, choice: float) -> None:
    method = SlateValues(DeepConfig(algorithm="slate_q", gamma=0.5))
    told = batch(action=np.array([action]), click=np.array([click]))
    loss, errors = method.loss(Fixed(), Fixed(), told, torch.ones(1))  # type: ignore[arg-type]
    assert errors.tolist() == [3.5 - value]
    assert loss.item() == pytest.approx(abs(3.5 - value) - 0.5 + choice)  # Huber beyond 1
