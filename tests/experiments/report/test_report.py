from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

from experiments.evaluate.tables import grid_of
from experiments.report import page
from experiments.report.plots import Picture, comparison, curves_from, learning_curves
from experiments.report.report import headline, tiles


def row(policy: str, mean: float, *, learned: bool, difference: tuple[float, float] | None) -> dict[str, Any]:
    def interval(m: float, half: float) -> dict[str, Any]:
        return {"mean": m, "low": m - half, "high": m + half, "n": 500}

    same = {key: interval(0.5, 0.1) for key in ("clicks", "rating", "questions", "turns", "left_unhappy")}
    gap = None if difference is None else interval(*difference)
    return {"policy": policy, "learned": learned, "return": interval(mean, 0.2), "difference": gap, **same}


def table(learner: float, heuristic: float, difference: tuple[float, float]) -> dict[str, Any]:
    rows = [
        row("PPO", learner, learned=True, difference=difference),
        row("ask", heuristic, learned=False, difference=None),
        row("random", heuristic - 1, learned=False, difference=(-1.0, 0.1)),
    ]
    rows.sort(key=lambda r: -r["return"]["mean"])
    return {"rows": rows, "people": 500, "reference": "ask"}


@pytest.mark.parametrize(
    ("learner", "heuristic", "difference", "line", "told"),
    [
        pytest.param(
            4.5, 3.0, (1.5, 0.1), "PPO learned to earn 50% more per conversation", "+1.50 ± 0.10.", id="wins"
        ),
        pytest.param(
            3.2,
            3.0,
            (0.2, 0.1),
            "PPO learned to earn 7% more",
            "still overlap; pairing",
            id="wins-when-paired",
        ),
        pytest.param(
            3.1, 3.0, (0.1, 0.3), "PPO and ask, the best hand-written policy, cannot", "", id="draw"
        ),
        pytest.param(2.0, 3.0, (-1.0, 0.3), "No learner beats ask here", "−1.00 ± 0.30", id="loses"),
        pytest.param(1.0, -1.0, (2.0, 0.3), "PPO learned to earn 2.00 more", "", id="no-share-of-a-loss"),
    ],
)
def test_the_headline_says_what_the_numbers_say(
    learner: float, heuristic: float, difference: tuple[float, float], line: str, told: str
) -> None:
    first, rest = headline(table(learner, heuristic, difference))
    assert first.startswith(line)
    assert told in rest


def test_the_headline_of_a_table_without_learners() -> None:
    alone = {"rows": [row("ask", 3.0, learned=False, difference=None)], "people": 500, "reference": "ask"}
    assert headline(alone)[0] == "ask reaches 3.00 a conversation"


def test_names_are_escaped() -> None:
    data = table(4.0, 3.0, (1.0, 0.1))
    data["rows"][0]["policy"] = "<b>\x1b[1mPPO"
    for part in (grid_of(data).to_html(), page.tiles(*tiles(data))):
        assert "&lt;b&gt; [1mPPO" in part
        assert "\x1b" not in part


def records(agent: str, ends: float) -> list[dict[str, Any]]:
    return [
        {"agent": agent, "turns": t, "return": {"mean": m, "low": m - 0.1, "high": m + 0.1, "n": 9}}
        for t, m in ((2000, ends), (1000, 1.0))
    ]


def test_curves_are_in_order_of_turns_and_of_success() -> None:
    curves = curves_from([*records("SARSA", 2.0), *records("PPO", 3.0)])
    assert [c.name for c in curves] == ["PPO", "SARSA"]
    assert curves[0].turns.tolist() == [1000.0, 2000.0]
    assert curves[0].mean.tolist() == [1.0, 3.0]


def size(picture: Picture) -> tuple[int, int]:
    from PIL import Image

    assert picture.png.startswith(b"\x89PNG")
    assert b"<svg" in picture.svg
    image = Image.open(io.BytesIO(picture.png))
    assert np.asarray(image.convert("L")).std() > 5
    return image.size


def test_pictures_are_drawn() -> None:
    curves = curves_from([*records("SARSA", 2.0), *records("PPO", 2.02), *records("Q", 2.01)])
    assert size(learning_curves(curves, ("best heuristic", 2.0), people=9)) == (1320, 840)
    assert size(learning_curves(curves[:1], None, people=9)) == (1320, 840)
    single = curves_from([records("PPO", 3.0)[0]])
    assert size(learning_curves(single, None, people=9)) == (1320, 840)
    rows = [row(f"policy {i}", float(i), learned=i % 2 == 0, difference=None) for i in range(12)]
    assert size(comparison(rows, "mean of 9 people"))[0] == 1320
    assert size(comparison(rows[:2], "mean of 9 people")) == (1320, 840)


def test_the_same_numbers_draw_the_same_picture() -> None:
    curves = curves_from(records("PPO", 3.0))
    assert learning_curves(curves, people=9) == learning_curves(curves, people=9)
