"""``chatrec eval-talk``: the figures, and what a form is meant to be read as."""

from __future__ import annotations

import json

import pytest

from chatrec_env.errors import ConfigError
from chatrec_env.language.forms import Form
from experiments.simulator.eval_talk import EvalTalkConfig, eval_talk, grids, meant, measured


@pytest.mark.parametrize(
    ("form", "acts"),
    [
        (Form.WANT, {"WANT"}),
        (Form.FOR_OTHER, {"WANT"}),
        (Form.CONTEXT, {"CONTEXT"}),
        (Form.WANT_ENTITY, {"ENTITY"}),
        (Form.HATED_IT, {"DISLIKED_ITEM"}),  # which tells that it was seen
        (Form.ASK_PLOT, {"ASK_PLOT"}),
        (Form.EXCEPT_VALUE, {"EXCEPT"}),
        (Form.MISMATCH, {"MISMATCH"}),
    ],
)
def test_what_a_form_is_meant_to_be_read_as(form: Form, acts: set[str]) -> None:
    assert meant(form) == acts


def test_people_who_talk_ask_more_and_repeat_less(capsys: pytest.CaptureFixture[str]) -> None:
    document = measured(EvalTalkConfig(messages=120, seeds=2))
    plain, crs = document["talks"]["plain"], document["talks"]["crs"]
    assert crs["repeated"]["mean"] < plain["repeated"]["mean"]
    assert crs["questions"]["mean"] > plain["questions"]["mean"]
    assert crs["variation"] == pytest.approx(
        0.5 * sum(abs(a - b) for a, b in zip(crs["mix"], document["real"]["crs"]["mix"], strict=True))
    )
    assert "variation" not in plain
    (grid,) = grids(document)
    assert [len(row.cells) for row in grid.rows] == [len(grid.heads)] * len(grid.rows)


def test_json_holds_every_way_of_talking(capsys: pytest.CaptureFixture[str]) -> None:
    eval_talk(EvalTalkConfig(catalog="travel", messages=20, seeds=2, json=True))
    assert set(json.loads(capsys.readouterr().out)["talks"]) == {"plain", "crs", "chat"}


def test_one_seed_gives_no_interval() -> None:
    with pytest.raises(ConfigError, match="seeds"):
        EvalTalkConfig(seeds=1)
