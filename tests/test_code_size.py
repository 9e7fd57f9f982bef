"""No module, function or folder grows too large: the limits of ``experiments.benchmarks.code_size`` hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.benchmarks.code_size import MOST_ARGUMENTS, MOST_LINES, MOST_MODULES, Size, count

REPO = Path(__file__).resolve().parents[1]

KNOWN = {
    "chatrec_env/dialogue/dialogue_manager.py",
    "chatrec_env/dialogue/tracker.py",
    "chatrec_env/language/encoders/causal.py",
    "simulators/calibration/population_fit.py",
    "simulators/loops/talking.py",
    "simulators/scripted/simulator.py",
    "simulators/scripted/talk.py",
    "chatrec_env/loops/candidates.py:candidate_sums",
    "chatrec_env/loops/candidates.py:write_candidates",
    "chatrec_env/loops/learning.py:expect",
    "chatrec_env/loops/learning.py:learn",
    "chatrec_env/loops/learning.py:take_in",
    "chatrec_env/loops/observing.py:write_history",
    "chatrec_env/loops/ranking.py:pick_candidates",
    "chatrec_env/loops/reading.py:read_sentences",
    "chatrec_env/loops/speaking.py:speak",
    "simulators/calibration/loops.py:people_pass",
    "simulators/calibration/loops.py:posterior",
    "simulators/calibration/loops.py:predict_pass",
    "simulators/loops/choosing.py:choose_item",
    "simulators/loops/choosing.py:weigh_slate",
    "simulators/loops/feeling.py:feel",
    "simulators/loops/feeling.py:swap_wishes",
    "simulators/loops/numbering.py:number_sentences",
    "simulators/loops/talking.py:answer",
    "simulators/loops/talking.py:say_all",
    "simulators/loops/talking.py:volunteer",
    "simulators/loops/utility.py:utilities",
    "chatrec_env/language/nlu",
    "simulators/llm",
}
"""Still to be made smaller; this list only shrinks."""


def test_nothing_passes_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPO)
    found = {name for names in count(None).over_limits().values() for name in names}
    assert found - KNOWN == set()
    assert KNOWN - found == set(), "small enough now: take them off KNOWN"


def test_what_is_counted() -> None:
    size = Size()
    size.add("p/__init__.py", "")
    size.add("p/long.py", "x = 1\n" * (MOST_LINES + 1))
    names = [f"a{i}" for i in range(MOST_ARGUMENTS + 1)]
    few, many = ", ".join(names[1:]), ", ".join(names)
    size.add(
        "p/wide.py",
        f"def fits({few}, *, option=1): ...\n"
        f"def wide({many}): ...\n"
        f"class C:\n    def method(self, {few}): ...\n    async def also({many}): ...\n",
    )
    for i in range(MOST_MODULES - 1):
        size.add(f"p/m{i}.py", "")
    assert list(size.over_limits().values()) == [["p/long.py"], ["p/wide.py:also", "p/wide.py:wide"], ["p"]]
