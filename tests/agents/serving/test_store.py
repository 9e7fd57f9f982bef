"""The store keeps what it acknowledged, a whole turn or nothing, and refuses a file not its own."""

from __future__ import annotations

import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from agents.serving.store import ConflictError, Event, SessionRow, Store, StoreError
from chatrec_env.errors import ArtifactError

ROW = SessionRow("s1", "2025-01-01T00:00:00.000+00:00", "policy", "catalog")


def event(kind: str = "message", **body: object) -> Event:
    return Event(kind, body, "policy", "2025-01-01T00:00:01.000+00:00")


def test_what_is_put_in_comes_out_again_from_another_process(store: Store) -> None:
    store.open_session(ROW)
    store.append(
        "s1", 0, [event(text="a “quoted” line\nand another, naïve 😀"), event("reply", cards=[1, 2.5])]
    )
    store.append("s1", 2, [event("click", item=7)])
    other = Store(store.path)
    assert other.session("s1") == ROW
    assert [e.kind for e in other.events("s1")] == ["message", "reply", "click"]
    assert other.events("s1") == store.events("s1")
    assert other.events("s1")[0].body == {"text": "a “quoted” line\nand another, naïve 😀"}
    assert other.counts() == {"session": 1, "click": 1, "message": 1, "reply": 1}
    other.close()


def test_unknown_sessions(store: Store) -> None:
    assert store.session("nobody") is None
    assert store.events("nobody") == []
    with pytest.raises(ConflictError):
        store.append("nobody", 0, [event()])


def test_a_number_is_given_once_and_a_refused_batch_leaves_nothing(store: Store) -> None:
    store.open_session(ROW)
    store.append("s1", 0, [event(), event("reply")])
    with pytest.raises(ConflictError, match="Send the request again"):
        store.append("s1", 1, [event("click"), event("rating")])
    assert [e.kind for e in store.events("s1")] == ["message", "reply"]


def test_it_is_written_ahead_and_synced_and_private(store: Store) -> None:
    with store._transaction(read=True) as connection:  # settings of a connection are seen from inside alone
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600


def test_a_file_that_anybody_could_read_is_the_owners_from_now_on(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    path.touch()
    path.chmod(0o644)
    Store(path).open_session(ROW)
    kept = sorted(tmp_path.iterdir())
    assert len(kept) == 3
    assert {stat.S_IMODE(each.stat().st_mode) for each in kept} == {0o600}


def test_many_threads_write_side_by_side(store: Store) -> None:
    failures: list[BaseException] = []

    def work(name: str) -> None:
        try:
            store.open_session(SessionRow(name, "t", "p", "c"))
            for number in range(15):
                store.append(name, number, [event(number=number)])
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(f"t{i}",)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert store.counts() == {"session": 8, "message": 120}


def test_a_folder_is_made_and_an_impossible_one_named(tmp_path: Path) -> None:
    Store(tmp_path / "new" / "folder" / "s.sqlite").close()
    assert (tmp_path / "new" / "folder" / "s.sqlite").is_file()
    with pytest.raises(ArtifactError, match="cannot be opened for writing"):
        Store(tmp_path)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not a database " * 100)
    with pytest.raises(ArtifactError, match=r"notes\.txt is not a store of sessions, or is damaged"):
        Store(file)
    assert file.read_text().startswith("not a database")


@pytest.mark.parametrize("version", [0, 2], ids=["another-program", "a-later-version"])
def test_another_database_is_refused(tmp_path: Path, version: int) -> None:
    file = tmp_path / "other.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE things (x)")
        connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    with pytest.raises(
        ArtifactError, match=f"SQLite file of version {version}; this version of the store reads 1"
    ):
        Store(file)


def test_a_store_that_cannot_write_says_so(store: Store) -> None:
    store.open_session(ROW)
    with sqlite3.connect(store.path) as file:
        file.execute("ALTER TABLE events RENAME TO elsewhere")
    with pytest.raises(StoreError, match="Nothing was kept"):
        store.append("s1", 0, [event()])
    store.ping()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        pytest.param("message", "{cut", id="no-json"),
        pytest.param("message", "[]", id="no-object"),
        pytest.param("nonsense", "{}", id="unknown-kind"),
    ],
)
def test_a_damaged_event_is_named(store: Store, kind: str, body: str) -> None:
    store.open_session(SessionRow("one", "now", "p", "c"))
    with sqlite3.connect(store.path) as file:
        file.execute("insert into events values ('one', 0, ?, 'now', 'p', ?)", (kind, body))
    with pytest.raises(StoreError, match="an event of session one cannot be read"):
        store.events("one")
