"""A bar for long work."""

from __future__ import annotations

import pytest

from chatrec_env.language.sentence_table import with_progress


def test_short_work_shows_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    assert sorted(i for part in with_progress("Reading")(list(range(100)), 9) for i in part) == [*range(100)]
    assert capsys.readouterr() == ("", "")


def test_long_work_shows_a_bar_and_covers_everything_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("chatrec_env.language.sentence_table._WORTH_A_BAR", 0.0)
    seen = [i for part in with_progress("Reading")(list(range(1_000)), 100) for i in part]
    assert sorted(seen) == list(range(1_000))
    out, err = capsys.readouterr()
    assert out == ""
    assert "Reading" in err
    assert "100%" in err
