"""Readings kept on disk."""

from __future__ import annotations

import logging
import pickle
import stat
from pathlib import Path

import pytest

from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.language.encoders.cache import unkept
from chatrec_env.language.learned.readings import Readings, reading_key

ACTS = (
    ParsedAct(UserAct.WANT, value=3, facet=1, polarity=1, strength=2.0, high=120.0),
    ParsedAct(UserAct.FIND_ITEM, topic="The Martian", other=True),
)
KEY = reading_key("under two hours", "ask", 2, 0)


def test_what_was_put_is_found_by_another_process(tmp_path: Path) -> None:
    path = tmp_path / "readings.sqlite"
    Readings(path).put({KEY: ACTS})
    assert Readings(path).get([KEY, b"other"]) == {KEY: ACTS}


def test_keys_differ_by_text_and_place() -> None:
    keys = {
        reading_key(text, place, asked, shown)
        for text in ("a", "b")
        for place in ("ask", "open")
        for asked in (-1, 0)
        for shown in (0, 3)
    }
    assert len(keys) == 16


def test_a_damaged_file_is_named_and_left_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "readings.sqlite"
    path.write_bytes(b"no database " * 200)
    readings = Readings(path)
    with caplog.at_level(logging.WARNING):
        assert readings.get([KEY]) == {}
    assert str(path) in caplog.text
    readings.put({KEY: ACTS})
    assert readings.get([KEY]) == {KEY: ACTS}  # in memory


def test_pickled_it_finds_its_file_again(tmp_path: Path) -> None:
    readings = Readings(tmp_path / "readings.sqlite")
    readings.put({KEY: ACTS})
    assert pickle.loads(pickle.dumps(readings)).get([KEY]) == {KEY: ACTS}


def test_what_people_say_is_not_kept_and_the_file_is_private(tmp_path: Path) -> None:
    path = tmp_path / "readings.sqlite"
    readings, other = Readings(path), reading_key("my secret", "open", -1, 0)
    readings.put({KEY: ACTS})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with unkept():
        assert readings.get([KEY]) == {}, "read anew, so that the time it takes does not tell"
        readings.put({other: ACTS})
        assert readings.get([other]) == {other: ACTS}
    assert readings.get([KEY, other]) == {KEY: ACTS}
    assert Readings(path).get([other]) == {}
