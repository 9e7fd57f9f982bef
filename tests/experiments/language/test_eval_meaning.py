"""How the finding of notions is measured, on numbers worked by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from chatrec_env.catalog import load_catalog
from chatrec_env.language import make_encoder
from chatrec_env.retrieval.themes import Themes
from experiments.language.eval_meaning import auc, expected_worth, measure, measure_themes, precision
from simulators.notions.files import load_notions

SCORES = np.array([0.9, 0.1, 0.5, 0.5, 0.0])
NOTION = {
    "items": ["12 Angry Men", "Heat (1995)"],
    "say": ["a quarrel behind closed doors", "men shut in"],
    "held_out": ["nobody leaves until they agree", "stubborn men"],
}


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        pytest.param([0], 1.0, id="first-of-all"),
        pytest.param([4], 0.0, id="last-of-all"),
        pytest.param([2], (2 + 0.5) / 4, id="an-equal-counts-half"),
        pytest.param([0, 1], (3 + 1) / 6, id="mean-over-pairs"),
    ],
)
def test_auc(items: list[int], expected: float) -> None:
    assert auc(SCORES, np.array(items)) == pytest.approx(expected)


def test_precision() -> None:
    """Of the two best, rows 0 and 2 (before its equal, 3), one is among the items."""
    assert precision(SCORES, np.array([2, 3]), best=2) == 0.5


def test_notions_are_read_and_measured(tmp_path: Path) -> None:
    films, file = load_catalog("movies"), tmp_path / "movies.json"
    file.write_text(json.dumps({"juries": NOTION}))
    (juries,) = load_notions(films, str(file))
    assert [films.titles[row] for row in juries.items] == ["12 Angry Men", "Heat"]
    say, held_out = measure(films, make_encoder("hash"), [juries])
    assert (say.part, say.phrasings, held_out.part, held_out.phrasings) == ("say", 2, "held_out", 2)
    assert say.chance == pytest.approx(2 / films.n_items)
    assert 0 <= held_out.precision <= 0.2
    assert 0 < held_out.plain < 0.3


def test_themes_by_one_phrasing_and_by_several() -> None:
    """Those of the courses find what held-out phrasings mean, the better the more are heard."""
    courses = load_catalog("courses")
    one, two, three = measure_themes(courses, make_encoder("minilm"), load_notions(courses)[:12])
    assert (one.phrasings, two.phrasings, three.phrasings) == (48, 24, 12)
    assert one.chance < 0.15 < one.precision < two.precision < three.precision


def test_what_is_expected_by_hand() -> None:
    """Two themes as frequent; the sentence says ln 3 more for the first, in 64ths: 3 to 1 of worth 4 and 0."""
    centres = np.array([[np.log(3) / 17, 0], [0, 0]], np.float32)
    worth = np.array([[4, 0], [0, 4]], np.float32)
    themes = Themes(
        centres=centres,
        centre=np.zeros(2, np.float32),
        share=np.full(2, 0.5, np.float32),
        worth=worth,
        catalog="",
        encoder="",
    )
    got = expected_worth(themes, np.array([[1, 0]], np.float32))
    np.testing.assert_allclose(got, [3, 1], atol=0.05)
