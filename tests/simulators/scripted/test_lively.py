"""Ways of talking as a whole: openings, rates, variety, and the same without compiling."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chatrec_env.catalog import Catalog
from chatrec_env.errors import UnknownNameError
from chatrec_env.language import Grammar
from chatrec_env.language.forms import Argument, Form
from simulators.calibration.talk import (
    REAL,
    Message,
    distinct_2,
    kind_of,
    measure_talk,
    repeated,
    scripted_messages,
    total_variation,
)
from simulators.scenarios.scenario import make_scenario
from simulators.scenarios.talk import OPENINGS, QUESTIONS, TALKS
from simulators.scripted.events import LIVELY_DRAWS, TURN_DRAWS
from simulators.scripted.manners.naming import recall
from simulators.scripted.simulator import make_scripted
from simulators.scripted.utility import utilities

Crowd = Callable[..., Any]
REPO = Path(__file__).resolve().parents[3]


def test_presets_are_shares() -> None:
    for talk in TALKS.values():
        assert len(talk.asks) == len(QUESTIONS)
        assert len(talk.openings) == len(OPENINGS)
        assert sum(talk.asks) == pytest.approx(float(talk.lively))
        assert sum(talk.openings) < 1


def test_an_unknown_way_of_talking() -> None:
    with pytest.raises(UnknownNameError, match="talk"):
        make_scenario({"name": "full", "talk": "crss"})


def test_plain_talk_takes_no_more_draws(crowd: Crowd) -> None:
    """And the first words of the same draws are those of before, whatever comes after them."""
    plain, _, said = crowd(50)
    lively, *_ = crowd(50, talk="crs")
    assert (plain.turn_draws, lively.turn_draws) == (TURN_DRAWS, LIVELY_DRAWS)
    draws = np.random.default_rng(0).random((50, plain.profile_draws))
    np.testing.assert_array_equal(plain.start(draws)[1], said)


@pytest.mark.parametrize("talk", ["crs", "chat"])
def test_openings_in_a_large_crowd(crowd: Crowd, talk: str) -> None:
    """Shares of openings are the preset's, within 2 points, and nobody names what they do not mean."""
    n = 6000
    users, people, sentences = crowd(n, talk=talk)
    said = [[users.grammar.describe(int(i))[:2] for i in row if i >= 0] for row in sentences]
    first = {
        "surprise": Form.SURPRISE_ME,
        "help": Form.HELP,
        "like": Form.LIKE_ITEM,
        "find": Form.FIND_ITEM,
        "unlisted": Form.FIND_UNLISTED,
    }
    for kind, form in first.items():
        share = np.mean([any(f is form for f, _ in row) for row in said])
        assert share == pytest.approx(TALKS[talk].openings[OPENINGS.index(kind)], abs=0.02)
    wishes = (Form.WANT, Form.BUT, Form.FOR_OTHER, Form.AT_MOST, Form.AT_LEAST)
    for n, row in enumerate(said):
        for form, arg in row:
            if form in wishes:
                assert people.wanted[n, arg]
            elif form is Form.AVOID:
                assert people.unwanted[n, arg]
            elif form is Form.EXCEPT_VALUE:
                assert people.desire[n, arg] < 0
            elif form.argument is Argument.ITEM:
                assert users.items.names.nameable[arg]
    assert people.hasty.mean() == pytest.approx(TALKS[talk].hasty, abs=0.02)


def test_titles_tell_of_taste(crowd: Crowd) -> None:
    """What comes to mind as good is worth more to them than a famous film at large, and as bad less."""
    users, people, _ = crowd(300, talk="crs")
    uniforms = np.random.default_rng(1).random(300)
    famous = np.tile(users.items.names.famous, (300, 1))
    usual = utilities(people, famous, users.items).mean(1)
    for sign in (1.0, -1.0):
        items = np.array([[recall(people, n, uniforms[n], sign, users.items)] for n in range(300)], np.int32)
        gap = sign * (utilities(people, items, users.items)[:, 0] - usual)
        assert gap.mean() > 0.5


def test_measures_by_hand() -> None:
    assert distinct_2(["A b, a b.", "b a"]) == pytest.approx(2 / 4)
    assert repeated(["Hi", "hi", "no"]) == pytest.approx(2 / 3)
    assert total_variation((0.5, 0.5), (0.25, 0.75)) == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("forms", "text", "kind"),
    [
        pytest.param(
            (Form.ACCEPT_PLAIN, Form.WANT), "Ok. More horror?", "accept", id="accepting-comes-first"
        ),
        pytest.param((Form.REJECT_MILD,), "Not that.", "reject", id="reject"),
        pytest.param((Form.ASK_PLOT,), "whats it about", "ask", id="without-its-mark"),
        pytest.param((Form.WANT,), "Any comedies?", "ask", id="a-wish-as-a-question"),
        pytest.param((Form.MISMATCH,), "That's no comedy.", "other", id="complaint"),
    ],
)
def test_kinds_of_messages(forms: tuple[Form, ...], text: str, kind: str) -> None:
    assert kind_of(Message(forms, text, False)) == kind


@pytest.mark.parametrize(("talk", "questions"), [("crs", 0.45), ("chat", 0.25)])
def test_rates_are_near_the_real_ones(films: Catalog, grammar: Grammar, talk: str, questions: float) -> None:
    users = make_scripted(films, grammar, {"name": "full", "talk": talk})
    found = measure_talk(scripted_messages(users, 300))
    assert found["questions"] == pytest.approx(questions, abs=0.06)
    assert found["distinct_2"] >= 0.45
    assert found["repeated"] < 0.25
    assert total_variation(found["mix"], REAL[talk]["mix"]) <= 0.25
    assert found["wish_openings"] == pytest.approx(0.43, abs=0.08)
    assert 0.03 <= found["titles"] <= 0.1


PLAY = """
import numpy as np
from chatrec_env.catalog import load_catalog
from chatrec_env.core.actions import blank_turn
from chatrec_env.language import Grammar
from chatrec_env.language.acts import SystemAct
from simulators.scripted.simulator import make_scripted

films = load_catalog("movies")
grammar = Grammar(films)
for talk, season in (("crs", 30.0), ("chat", 0.0)):
    changes = {"talk": talk, "changes_mind": 0.3, "season": season, "tells": 0.6, "leave_base": -2.0}
    users = make_scripted(films, grammar, {"name": "full", **changes})
    rng = np.random.default_rng(0)
    people, said = users.start(rng.random((40, users.profile_draws)))
    total = [said.sum()]
    for t in range(12):
        turn = blank_turn(40, 3)
        turn.act[:] = rng.choice([SystemAct.ASK, SystemAct.CONFIRM, SystemAct.RECOMMEND, SystemAct.ANSWER], 40)
        turn.facet[:], turn.value[:] = rng.integers(0, films.n_facets, 40), t
        shows = (turn.act == SystemAct.RECOMMEND) | (turn.act == SystemAct.ANSWER)
        turn.slate[:] = np.where(shows[:, None], rng.integers(0, films.n_items, (40, 3)), -1)
        answers = (turn.act == SystemAct.ANSWER) & (people.pending >= 0)
        turn.slate[answers, 0] = people.pending[answers]
        answer = users.respond(people, turn, rng.random((40, users.turn_draws)))
        total += [answer.sentences.sum(), answer.stars.sum(), answer.leave.sum()]
    print([int(part) for part in total])
"""


@pytest.mark.long  # all rules are compiled once more
def test_the_same_interpreted_and_with_checked_indices(tmp_path: Path) -> None:
    def run(**settings: str) -> str:
        environment = {**os.environ, "PYTHONPATH": str(REPO), **settings}
        done = subprocess.run(
            [sys.executable, "-c", PLAY],
            cwd=REPO,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    compiled = run()
    assert run(NUMBA_DISABLE_JIT="1") == compiled
    assert run(NUMBA_BOUNDSCHECK="1", NUMBA_CACHE_DIR=str(tmp_path)) == compiled
