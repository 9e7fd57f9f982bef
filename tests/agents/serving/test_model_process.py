"""The language model in a process of its own: the same answers, also after it was killed; it ends with the service."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.export import Export
from agents.serving.http.model_process import LINES, ModelProcess
from agents.serving.sessions import Sessions
from agents.serving.store import Store
from chatrec_env.language.encoders.cache import unkept
from chatrec_env.language.encoders.lanes import Together


class Asking:
    """A reader whose model sorts."""

    def __init__(self) -> None:
        self.sorting = Together[Any, Any](sorted)

    def model_calls(self) -> list[Together[Any, Any]]:
        return [self.sorting]


class Unloadable:
    """Sorts here; a process that is handed it ends."""

    def __call__(self, asked: list[Any]) -> list[Any]:
        return sorted(asked)

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (1,)


@pytest.fixture
def asking() -> Iterator[Asking]:
    reader = Asking()
    process = ModelProcess(reader)  # type: ignore[arg-type]
    yield reader
    process.close()
    assert reader.sorting.elsewhere is None, "afterwards it runs here again"


def child() -> int:
    assert until(
        lambda: len(multiprocessing.active_children()) == 1
    )  # that of the test before may still be ending
    (process,) = multiprocessing.active_children()
    assert process.pid is not None
    return process.pid


def test_one_that_was_killed_is_started_again(asking: Asking) -> None:
    assert asking.sorting(["b", "a"]) == ["a", "b"]
    first = child()
    os.kill(first, signal.SIGKILL)
    assert asking.sorting(["d", "c"]) == ["c", "d"]
    assert child() != first


def until(found: Callable[[], bool]) -> bool:
    end = time.monotonic() + 20
    while not found() and time.monotonic() < end:
        time.sleep(0.02)
    return found()


def test_one_that_was_killed_is_started_again_before_anybody_asks(asking: Asking) -> None:
    first = child()
    os.kill(first, signal.SIGKILL)
    assert until(lambda: any(one.pid != first for one in multiprocessing.active_children()))


def test_one_that_gives_no_answer_is_replaced_and_answered_for(caplog: pytest.LogCaptureFixture) -> None:
    reader, counted = Asking(), Counter[str]()
    process = ModelProcess(reader, patience=0.5, count=lambda name: counted.update([name]))  # type: ignore[arg-type]
    try:
        assert reader.sorting([2, 1]) == [1, 2]
        assert until(lambda: process.state == "process")
        assert not counted
        frozen = child()
        os.kill(frozen, signal.SIGSTOP)
        assert reader.sorting(["b", "a"]) == ["a", "b"]
        assert until(lambda: not alive(frozen))
        assert "is started again" in caplog.text
        assert counted == {"model_restarts": 1, "model_misses": 1}
        assert until(lambda: process.state == "process")
    finally:
        process.close()


def in_turn(asked: list[int]) -> list[int]:
    """Takes a twentieth of a second for each entry."""
    time.sleep(0.05 * len(asked))
    return asked


def test_to_be_asked_for_much_is_no_reason_to_be_replaced() -> None:
    """A call has its time by the number of its entries: 1,000 sentences take longer than one."""
    reader, counted = Asking(), Counter[str]()
    reader.sorting = Together[Any, Any](in_turn)
    process = ModelProcess(reader, patience=4.0, count=lambda name: counted.update([name]))  # type: ignore[arg-type]
    try:
        assert reader.sorting([0]) == [0]
        assert reader.sorting(range(100)) == list(range(100))
        assert not counted
    finally:
        process.close()


class Slow:
    """Sorts, the first time after a second."""

    def __call__(self, asked: list[Any]) -> list[Any]:
        time.sleep(1.0)
        return sorted(asked)


def test_the_first_call_waits_for_the_model_to_be_loaded() -> None:
    """However busy the machine is: the service tries itself, and nobody waits for it."""
    reader, counted = Asking(), Counter[str]()
    reader.sorting = Together[Any, Any](Slow())
    process = ModelProcess(reader, patience=0.1, count=lambda name: counted.update([name]))  # type: ignore[arg-type]
    try:
        assert reader.sorting([2, 1]) == [1, 2]
        assert not counted
    finally:
        process.close()


class SlowElsewhere:
    """Sorts; in another process the first time after a second."""

    def __init__(self) -> None:
        self.here, self.tried = os.getpid(), False

    def __call__(self, asked: list[Any]) -> list[Any]:
        if os.getpid() != self.here and not self.tried:
            time.sleep(1.0)
        self.tried = True
        return sorted(asked)


def test_one_that_loads_longer_than_a_call_may_take_answers_when_it_has_loaded() -> None:
    """What is not waited for meanwhile ends neither the process nor a line to it."""
    reader, counted = Asking(), Counter[str]()
    reader.sorting = Together[Any, Any](SlowElsewhere())
    process = ModelProcess(reader, patience=0.1, count=lambda name: counted.update([name]))  # type: ignore[arg-type]
    try:
        assert reader.sorting([2, 1]) == [1, 2]
        assert until(lambda: process.state == "process")
        os.kill(child(), signal.SIGKILL)
        assert until(lambda: process.state == "loading")
        assert reader.sorting([2, 1]) == [1, 2]
        assert counted["model_misses"] == 1
        assert until(lambda: process.state == "process")
        assert until(lambda: process._worker.lines.qsize() == LINES)
        assert reader.sorting([2, 1]) == [1, 2]
        assert counted == {"model_restarts": 1, "model_misses": 1}
    finally:
        process.close()


def test_a_frozen_one_does_not_keep_the_service_from_ending() -> None:
    reader = Asking()
    process = ModelProcess(reader)  # type: ignore[arg-type]
    reader.sorting([1])
    frozen = child()
    os.kill(frozen, signal.SIGSTOP)
    process.close()
    assert until(lambda: not alive(frozen))


def test_ones_that_keep_ending_while_they_load_are_done_without(caplog: pytest.LogCaptureFixture) -> None:
    reader, counted = Asking(), Counter[str]()
    reader.sorting = Together[Any, Any](Unloadable())
    process = ModelProcess(reader, patience=20, count=lambda name: counted.update([name]))  # type: ignore[arg-type]
    try:
        assert reader.sorting([2, 1]) == [1, 2]
        assert until(lambda: "keeps ending" in caplog.text)
        assert until(lambda: not multiprocessing.active_children())
        assert reader.sorting([4, 3]) == [3, 4]
        assert process.state == "service"
        assert counted["model_misses"] == 2
    finally:
        process.close()


def test_an_error_there_is_an_error_here_and_the_next_call_works(asking: Asking) -> None:
    with pytest.raises(TypeError, match="not supported between"):
        asking.sorting(["a", 1])
    assert asking.sorting([2, 1]) == [1, 2]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for a process in /proc")
@pytest.mark.parametrize("killed", [True, False], ids=["killed", "interrupted"])
def test_it_ends_with_the_service(killed: bool, repo: Path) -> None:
    """Also without a goodbye. Ctrl-C, which the terminal sends to both, ends it only when the service is done."""
    code = """if True:
        import multiprocessing, signal, time
        from agents.serving.http.model_process import ModelProcess
        from chatrec_env.language.encoders.lanes import Together
        class Asking:
            sorting = Together(sorted)
            def model_calls(self): return [self.sorting]
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a job of the background begins with it ignored
        process = ModelProcess(Asking())
        Asking.sorting([1])
        try:
            print(multiprocessing.active_children()[0].pid, flush=True)
            time.sleep(60)
        except KeyboardInterrupt:
            print(Asking.sorting([2, 1]), flush=True)
        process.close()
    """
    service = subprocess.Popen(
        [sys.executable, "-c", code], cwd=repo, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert service.stdout is not None
    pid = int(service.stdout.readline())
    if killed:
        service.kill()
    else:
        os.killpg(service.pid, signal.SIGINT)
        assert service.stdout.readline() == "[1, 2]\n"
    assert service.wait(20) == (-signal.SIGKILL if killed else 0)
    until = time.monotonic() + 20
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.02)
    assert not alive(pid)
    service.stdout.close()


def test_what_is_read_there_has_the_bits_of_what_is_read_here(reading_export: Export, store: Store) -> None:
    """Takes seconds: a process has to load the model."""
    reader = Sessions(reading_export, store).reader
    texts = ["something tense with a long train ride"]
    with unkept():
        vectors, acts = reader.read(texts)
    process = ModelProcess(reader)
    try:
        with unkept():
            there = reader.read(texts)
    finally:
        process.close()
    np.testing.assert_array_equal(there[0], vectors)
    assert there[1] == acts
