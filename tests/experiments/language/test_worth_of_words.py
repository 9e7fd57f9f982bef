"""What is printed of encoders that people are met with, on numbers worked by hand; and a run of it."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.language.worth_of_words import environment, grid_of, main


def test_without_a_language_model_nothing_is_compared() -> None:
    assert environment("none", 0.5, "movies", "own_words").semantic == 0
    assert environment("hash", 0.5, "movies", "own_words").semantic == 0.5


def test_differences_are_those_to_the_first_encoder() -> None:
    """Means of 2 and 3; every person gives 1 more: a difference of 1 without spread, half as much again."""
    one, two = np.array([1.0, 2.0, 3.0]), np.array([2.0, 3.0, 4.0])
    table = grid_of({"none": {"greedy": one}, "minilm": {"greedy": two}}).to_markdown()
    first, second = table.splitlines()[-2:]
    assert "none" in first
    assert "2.00" in first
    assert "+" not in first
    assert "minilm" in second
    assert "+1.00 ± 0.00" in second
    assert "+50%" in second


def test_it_prints_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--encoders", "none", "hash", "--people", "30", "--catalog", "courses"]) == 0
    printed = capsys.readouterr().out
    assert printed.count("greedy") == 2
    assert "the same 30 people" in printed


def test_ppo_is_trained_with_each_encoder(capsys: pytest.CaptureFixture[str]) -> None:
    few = ("--people", "30", "--catalog", "courses", "--ppo-seeds", "1", "--turns", "100")
    assert main(["--encoders", "none", *few]) == 0
    assert "PPO, seed 0" in capsys.readouterr().out
