"""Load and bad company: limits with clear answers, deadlines, health apart, a store that is locked, gone or damaged."""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import resource
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2 as httpx
import pytest
from starlette.testclient import TestClient

from agents.serving import store as store_module
from agents.serving import store_tables
from agents.serving.errors import (
    BusyError,
    StoreUnavailableError,
    TooManyRequestsError,
    TooSlowError,
)
from agents.serving.http import connections, health
from agents.serving.http.api import create_app
from agents.serving.http.health import Health
from agents.serving.http.logs import Sparing
from agents.serving.http.turns import lending
from agents.serving.http.work import Work
from agents.serving.sessions import Sessions
from agents.serving.store import Event, SessionRow, Store, StoreError
from chatrec_env.errors import ArtifactError
from tests.agents.serving.test_server import KEY, Running

HOME = "http://127.0.0.1:8000"
ROW = SessionRow("s1", "2025-01-01T00:00:00.000+00:00", "policy", "catalog")
EVENT = Event("message", {}, "policy", "2025-01-01T00:00:01.000+00:00")


def test_work_has_limits_and_a_deadline() -> None:
    """Two threads, three places: one session fills its two, the fourth request finds no place, the third is late."""

    async def scene() -> list[Any]:
        work, hold = Work(threads=2, most_waiting=3, most_a_session=2, seconds=0.3), threading.Event()
        slow = [asyncio.create_task(work.run("a", lending(hold.wait))) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(TooManyRequestsError, match="2 requests of this session wait"):
            await work.run("a", int)
        assert await work.run("b", lambda: 7) == 7, "others do not wait"
        late = asyncio.create_task(work.run("c", lending(hold.wait)))
        await asyncio.sleep(0)
        with pytest.raises(BusyError, match="at work on 3 requests"):
            await work.run("d", int)
        done = await asyncio.gather(*slow, late, return_exceptions=True)
        hold.set()
        assert await work.run("a", lambda: 8) == 8, "and then it goes on"
        work.close()
        return done

    assert [type(one) for one in asyncio.run(scene())] == [TooSlowError] * 3


def test_requests_of_one_session_take_no_thread_while_they_wait_for_each_other() -> None:
    async def scene() -> None:
        work, hold = Work(threads=2), threading.Event()
        first = [asyncio.create_task(work.run("a", hold.wait)) for _ in range(5)]
        await asyncio.sleep(0)
        assert await asyncio.wait_for(work.run("b", lambda: 1), 5) == 1
        hold.set()
        await asyncio.gather(*first)
        work.close()

    asyncio.run(scene())


def test_limits_are_answers(asking: Sessions) -> None:
    client = TestClient(create_app(asking, work=Work(most_waiting=0)), base_url=HOME)
    answer = client.post("/sessions")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "busy")
    assert answer.headers["retry-after"] == "1"
    assert client.get("/healthz").status_code == 200


@pytest.fixture
def locked(store: Store) -> Iterator[Store]:
    """A store that another process has locked for writing."""
    store.open_session(ROW)
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("begin immediate")
    yield store
    other.close()


def test_writers_behind_a_locked_store_wait_side_by_side(
    locked: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four of them waited 20, 40, 60, 80 seconds."""
    for module in (store_module, store_tables):
        monkeypatch.setattr(module, "WAIT", 0.5)
    waited: list[float] = []

    def write() -> None:
        start = time.monotonic()
        with pytest.raises(StoreError, match="Nothing was kept"):
            locked.append("s1", 0, [EVENT])
        waited.append(time.monotonic() - start)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(waited) == 4
    assert max(waited) < 1.5
    locked.ping()  # who reads does not wait


@pytest.mark.parametrize("last", [98.0, 85.0], ids=["just-looked", "after-a-silence"])
def test_health_does_not_wait_for_a_store_that_does_not_answer(
    store: Store, monkeypatch: pytest.MonkeyPatch, last: float
) -> None:
    """Who asked every 15 seconds was told at once that the store had not answered for more than 10."""
    hold = threading.Event()
    clock = [last]

    async def scene() -> None:
        look = Health(store)
        monkeypatch.setattr(health, "time", SimpleNamespace(monotonic=lambda: clock[0]))
        await look.check()
        monkeypatch.setattr(store, "ping", lambda **_: hold.wait(10))
        clock[0] = 100.0
        start = time.perf_counter()
        await look.check()  # by what was found before
        assert time.perf_counter() - start < 1
        clock[0] = 110.0
        with pytest.raises(StoreUnavailableError, match="not answered for more than 10 seconds"):
            await look.check()
        hold.set()
        look.close()

    asyncio.run(scene())


def test_a_store_that_is_deleted_or_replaced_is_noticed(
    asking: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was said went to an unlinked file, with 200."""
    client = TestClient(create_app(asking), base_url=HOME)
    place = f"/sessions/{client.post('/sessions').json()['id']}/messages"
    assert client.post(place, json={"text": "Hello."}).status_code == 200
    assert client.get("/healthz").status_code == 200
    asking.store.path.unlink()
    monkeypatch.setattr(health, "FRESH", 0.0)
    monkeypatch.setattr(health, "PATIENCE", 5.0)
    for answer in (client.post(place, json={"text": "A comedy."}), client.get("/healthz")):
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "store_unavailable")
        assert "was deleted or replaced while the service ran" in answer.json()["error"]["message"]
    asking.store.path.touch()
    assert client.get("/healthz").status_code == 503


LONG = Event("message", {"text": "word " * 4000}, "p", "t")


def damaged(path: Path) -> None:
    """Overwrite the second half of a file."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2)
        file.write(b"\x5a" * (size - size // 2))


def test_damage_is_noticed_where_nobody_asks_for_health(
    asking: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "THOROUGH", 0.05)
    with TestClient(create_app(asking), base_url=HOME) as client:
        asking.store.append(client.post("/sessions").json()["id"], 0, [LONG] * 9)
        with sqlite3.connect(asking.store.path) as file:
            file.execute("pragma wal_checkpoint(truncate)")
        damaged(asking.store.path)
        until = time.monotonic() + 20
        while (told := client.post("/sessions")).status_code == 201 and time.monotonic() < until:
            time.sleep(0.05)
        assert "is damaged" in told.json()["error"]["message"]


def test_damage_is_noticed_at_the_start_and_while_running(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite")
    store.open_session(ROW)
    store.append("s1", 0, [LONG] * 9)
    with sqlite3.connect(store.path) as file:
        file.execute("pragma wal_checkpoint(truncate)")
    damaged(store.path)
    with pytest.raises(StoreError, match="is damaged"):
        store.ping(thoroughly=True)
    with pytest.raises(StoreError, match="is damaged"):  # nothing is acknowledged from then on
        store.open_session(SessionRow("s2", "t", "p", "c"))
    store.close()
    with pytest.raises(ArtifactError, match="is not a store of sessions, or is damaged"):
        Store(store.path)


@pytest.mark.parametrize("table", ["events", "sessions"])
def test_a_store_that_lacks_a_table_is_not_served(tmp_path: Path, table: str) -> None:
    store = Store(tmp_path / "s.sqlite")
    store.close()
    with sqlite3.connect(store.path) as file:
        file.execute(f"drop table {table}")
    with pytest.raises(ArtifactError, match=f"no such table: {table}"):
        Store(store.path)


def test_what_goes_wrong_often_is_written_a_few_times(caplog: pytest.LogCaptureFixture) -> None:
    log, sparing = logging.getLogger("often"), Sparing()
    log.addFilter(sparing)
    for _ in range(1000):
        log.warning("The disk is full.")
    assert len(caplog.records) == 5
    log.removeFilter(sparing)


class Small(Running):
    """The service where a process may open 256 files."""

    def __init__(self, folder: Path, db: Path, repo: Path) -> None:
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        popen, few = (
            subprocess.Popen,
            functools.partial(resource.setrlimit, resource.RLIMIT_NOFILE, (256, 256)),
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(subprocess, "Popen", functools.partial(popen, preexec_fn=few))
            super().__init__(folder, db, repo)
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == before


def test_half_open_connections_and_half_sent_requests_hold_nobody_up(
    export_folder: Path, tmp_path: Path, repo: Path
) -> None:
    """1,100 stopped it for good; a half-sent request kept it from stopping. Here it has a quarter of the files."""
    service = Small(export_folder, tmp_path / "s.sqlite", repo)
    sockets = []
    try:
        for i in range(400):
            silent = socket.create_connection(("127.0.0.1", service.port), timeout=10)
            if i % 2:
                silent.sendall(b"POST /sessions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n")
            if i % 4 == 3:
                silent.sendall(b"\r\n{")  # the head is whole, the body is not
            sockets.append(silent)
        with httpx.Client(base_url=service.url, headers=KEY, timeout=20) as client:
            name = client.post("/sessions").json()["id"]
            assert client.post(f"/sessions/{name}/messages", json={"text": "Hello."}).status_code == 200
        start = time.monotonic()
        os.kill(service.process.pid, signal.SIGTERM)
        _, log = service.process.communicate(timeout=30)
        assert time.monotonic() - start < connections.DRAIN_SECONDS + 8
        assert service.process.returncode == 0
        assert len(log) < 10_000
    finally:
        for silent in sockets:
            silent.close()
        service.kill()


def test_what_was_taken_in_is_answered_before_it_stops(
    export_folder: Path, tmp_path: Path, repo: Path
) -> None:
    service = Running(export_folder, tmp_path / "s.sqlite", repo)
    try:
        with httpx.Client(base_url=service.url, headers=KEY, timeout=20) as client:
            place = f"/sessions/{client.post('/sessions').json()['id']}/messages"
            answers: list[int] = []

            def say() -> None:
                own = httpx.post(f"{service.url}{place}", json={"text": "A comedy."}, headers=KEY, timeout=20)
                answers.append(own.status_code)

            other = sqlite3.connect(tmp_path / "s.sqlite", isolation_level=None)
            other.execute("begin immediate")  # the answer is held up
            thread = threading.Thread(target=say)
            thread.start()
            time.sleep(1)
            os.kill(service.process.pid, signal.SIGTERM)
            time.sleep(0.5)
            other.close()
            thread.join(20)
        assert answers == [200]
        assert service.process.wait(20) == 0
    finally:
        service.kill()
