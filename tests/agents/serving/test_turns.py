"""Threads that compute one at a time: who has the turn, to whom it is lent, and that nobody waits for ever."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from agents.serving.http import turns
from agents.serving.http.turns import give_up_turn, lending, turn, turn_lent


def test_one_computes_at_a_time() -> None:
    lock, inside, most = threading.Lock(), 0, 0

    def compute(_: int) -> None:
        nonlocal inside, most
        with turn(lock):
            inside += 1
            most = max(most, inside)
            time.sleep(0.01)
            inside -= 1

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(compute, range(8)))
    assert most == 1
    assert not lock.locked()


def test_others_compute_while_one_waits_for_something_outside() -> None:
    lock = threading.Lock()
    with turn(lock):
        with turn_lent():
            assert not lock.locked()
        assert lock.locked()
        assert lending(lock.locked)() is False
        assert lock.locked()
    assert not lock.locked()


def test_a_turn_that_was_given_up_is_not_taken_again() -> None:
    lock = threading.Lock()
    with turn(lock):
        give_up_turn()
        assert not lock.locked()
        with turn_lent():
            pass
        assert not lock.locked()
    with turn_lent():  # nor is there anything to lend without one
        pass


def test_two_that_wait_for_each_other_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """One keeps another lock and wants its turn back; the other has the turn and wants that lock."""
    monkeypatch.setattr(turns, "PATIENCE", 0.1)
    lock, other, lent = threading.Lock(), threading.Lock(), threading.Event()

    def first() -> None:
        with turn(lock), other, turn_lent():
            lent.set()
            time.sleep(0.05)

    def second() -> None:
        lent.wait(10)
        with turn(lock), other:
            pass

    threads = [threading.Thread(target=one, daemon=True) for one in (first, second)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(10)
    assert not any(one.is_alive() for one in threads)
    assert not lock.locked()
