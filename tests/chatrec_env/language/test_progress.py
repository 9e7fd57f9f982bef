"""A bar for long work."""

from __future__ import annotations

import time

import pytest

from chatrec_env.core.progress import with_progress


def test_short_work_shows_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    assert sorted(i for part in with_progress("Reading")(list(range(100)), 9) for i in part) == [*range(100)]
    assert capsys.readouterr() == ("", "")


def test_long_work_shows_a_bar_and_covers_everything_once(capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[int] = []
    for part in with_progress("Reading")(list(range(1_000_000)), 100_000):
        if not seen:
            time.sleep(0.001)  # for 64 items: the whole will take some 15 s
        seen += part
    assert sorted(seen) == list(range(1_000_000))
    out, err = capsys.readouterr()
    assert out == ""
    assert "Reading" in err
    assert "100%" in err
