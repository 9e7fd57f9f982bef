"""The same rules without compiling, and with every index checked: each in a process of its own.

``NUMBA_DISABLE_JIT=1`` interprets what is compiled otherwise, and hand-worked tests of the rules must hold there too.
``NUMBA_BOUNDSCHECK=1`` compiles anew, into a cache of its own, and raises where an index is out of range.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]

PLAY = """
import numpy as np
from chatrec_env.catalog import load_catalog
from chatrec_env.core.actions import blank_turn
from chatrec_env.language import Grammar
from chatrec_env.language.acts import SystemAct
from simulators.notions.record import phrases_of
from simulators.scenarios.scenario import make_scenario
from simulators.scripted.simulator import ScriptedUsers

films = load_catalog("movies")
changes = {"changes_mind": 0.5, "season": 30.0, "tells": 1.0, "settings": 0.5, "leave_base": -1.0}
changes |= {"notions": 1.5, "notion_share": 0.8, "notion_tells": 0.8, "tone": 1.0}
scenario = make_scenario({"name": "full", **changes})
users = ScriptedUsers(films, Grammar(films, phrases=phrases_of(films, scenario)), scenario)
rng = np.random.default_rng(0)
people, said = users.start(rng.random((12, users.profile_draws)))
total = [said.sum()]
for t in range(9):
    turn = blank_turn(12, 3)
    if t % 3 == 0:
        turn.act[:], turn.facet[:] = SystemAct.ASK, t % films.n_facets
    elif t % 3 == 1:
        turn.act[:], turn.value[:] = SystemAct.CONFIRM, t
    else:
        turn.act[:], turn.slate[:] = SystemAct.RECOMMEND, rng.integers(-1, films.n_items, (12, 3))
    answer = users.respond(people, turn, rng.random((12, users.turn_draws)))
    total += [answer.sentences.sum(), answer.stars.sum(), answer.leave.sum()]
print([int(part) for part in total])
"""


def run(arguments: list[str], **settings: str) -> str:
    """Standard output of Python in a process with these settings of numba."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=REPO,
        env={**os.environ, "PYTHONPATH": str(REPO), **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize("module", ["dynamics", "choice", pytest.param("slates", marks=pytest.mark.long)])
def test_the_rules_hold_interpreted(module: str) -> None:
    tests = f"tests/simulators/test_{module}.py"
    chosen = [
        "-k",
        "not mixture and not cut_points and not uniform_decides",
    ]  # many draws: slow without compiling
    out = run(["-m", "pytest", "-q", "-p", "no:cacheprovider", tests, *chosen], NUMBA_DISABLE_JIT="1")
    assert " passed" in out


def test_a_conversation_is_the_same_interpreted_and_with_checked_indices(tmp_path: Path) -> None:
    compiled = run(["-c", PLAY])
    assert run(["-c", PLAY], NUMBA_DISABLE_JIT="1") == compiled
    checked = {"NUMBA_BOUNDSCHECK": "1", "NUMBA_OPT": "0", "NUMBA_CACHE_DIR": str(tmp_path)}  # soon compiled
    assert run(["-c", PLAY], **checked) == compiled
