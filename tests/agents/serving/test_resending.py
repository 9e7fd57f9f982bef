"""Requests that are sent again happen once, and the last rating counts."""

from __future__ import annotations

import sqlite3
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from agents.serving.errors import KeyReusedError, NoSuchSessionError
from agents.serving.http.api import create_app
from agents.serving.sessions import Sessions
from agents.serving.store import Store
from tests.agents.serving.test_sessions import equal

HOME = "http://127.0.0.1:8000"


@pytest.fixture
def client(asking: Sessions) -> TestClient:
    return TestClient(create_app(asking), base_url=HOME)


def counts(client: TestClient) -> dict[str, str]:
    lines = client.get("/metrics").text.splitlines()
    return dict(line.removeprefix("chatrec_").rsplit(" ", 1) for line in lines if not line.startswith("#"))


def begin(asking: Sessions) -> tuple[str, int]:
    """A session with cards on the table, and the item of the first."""
    name = asking.open().id
    asking.message(name, text="Hello!")
    return name, asking.message(name, text="A dark thriller, please.").cards[0].item


def kinds(sessions: Sessions, name: str) -> list[str]:
    return [event.kind for event in sessions.transcript(name)[1]]


def test_each_kind_of_request_with_a_key_happens_once(client: TestClient, asking: Sessions) -> None:
    name, item = begin(asking)
    place = f"/sessions/{name}"
    wish_id = client.post(f"{place}/messages", json={"text": "Something dark."}).json()["wishes"][0]["id"]
    requests: tuple[tuple[str, dict[str, Any]], ...] = (
        ("clicks", {"item": item}),
        ("ratings", {"item": item, "stars": 4.5}),
        ("wishes", {"wish": wish_id, "stance": "none"}),
        ("messages", {"text": "A comedy."}),
    )
    for what, body in requests:
        before = len(kinds(asking, name))
        key = {"Idempotency-Key": f"key of {what}"}
        first = client.post(f"{place}/{what}", json=body, headers=key)
        after = len(kinds(asking, name))
        assert first.status_code == 200, first.text
        assert after == before + (2 if what == "messages" else 1)
        again = client.post(f"{place}/{what}", json=body, headers=key)
        assert (again.status_code, again.json()) == (200, first.json())
        elsewhere = Sessions(asking.export, Store(asking.store.path))
        other = TestClient(create_app(elsewhere), base_url=HOME)
        assert other.post(f"{place}/{what}", json=body, headers=key).json() == first.json()
        elsewhere.store.close()
        assert len(kinds(asking, name)) == after
    assert "key" not in str(client.get(place).json()["events"])
    told = counts(client)
    assert (told["clicks_total"], told["ratings_total"], told["stars"]) == ("1", "1", "4.5")
    assert (told["messages_total"], told["corrections_total"]) == ("4", "1")


def test_a_key_belongs_to_one_request(asking: Sessions) -> None:
    name, item = begin(asking)
    asking.click(name, item, key="one")
    for other in (
        lambda: asking.rate(name, item, 4, key="one"),
        lambda: asking.message(name, text="A comedy.", key="one"),
        lambda: asking.click(name, item + 1, key="one"),
    ):
        with pytest.raises(KeyReusedError, match="Send a new one"):
            other()


def test_a_session_is_opened_once_with_a_key(client: TestClient, asking: Sessions) -> None:
    key = {"Idempotency-Key": "0123456789abcdef"}
    body = {"time": "night", "past": [{"item": 3, "stars": 4.5}]}
    first = client.post("/sessions", json=body, headers=key)
    client.post(f"/sessions/{first.json()['id']}/messages", json={"text": "Hello."})
    again = client.post("/sessions", json=body, headers=key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert asking.store.counts()["session"] == 1
    assert counts(client)["sessions_total"] == "1"
    other = client.post("/sessions", headers=key)
    assert (other.status_code, other.json()["error"]["code"]) == (422, "key_reused")
    assert client.post("/sessions", headers={"Idempotency-Key": "short"}).status_code == 422


def test_the_same_click_or_rating_again_is_none(client: TestClient, asking: Sessions) -> None:
    """Also without a key: there is nothing that it would change."""
    name, item = begin(asking)
    for _ in range(3):
        client.post(f"/sessions/{name}/clicks", json={"item": item})
    for _ in range(3):
        client.post(f"/sessions/{name}/ratings", json={"item": item, "stars": 4})
    asking.message(name, text="What else?")
    client.post(f"/sessions/{name}/clicks", json={"item": item})
    client.post(f"/sessions/{name}/ratings", json={"item": item, "stars": 4})
    assert kinds(asking, name)[4:] == ["click", "rating", "message", "reply"]
    told = counts(client)
    assert (told["clicks_total"], told["ratings_total"], told["stars"]) == ("1", "1", "4")


def test_the_last_rating_counts_as_if_it_had_been_the_first(client: TestClient, asking: Sessions) -> None:
    name, item = begin(asking)
    asking.click(name, item)
    asking.rate(name, item, 2)
    asking.message(name, text="What else?")
    asking.message(name, text="Not this one.")
    asking.rate(name, item, 5)
    dialogue = asking.conversation(name).dialogue
    assert (dialogue.stars[0], dialogue.best[0], dialogue.last_stars[0]) == (5, 5, 5)
    transcript = client.get(f"/sessions/{name}").json()
    assert transcript["taken"] == {str(item): 5}
    told = counts(client)
    assert (told["ratings_total"], told["rerated_total"], told["stars"]) == ("1", "1", "5")
    after_restart = Sessions(asking.export, Store(asking.store.path))
    equal(asking.conversation(name), after_restart.conversation(name))
    assert after_restart.message(name, text="A comedy.").turn == 5
    after_restart.store.close()


@pytest.mark.parametrize("late", [False, True], ids=["at-once", "later"])
def test_half_stars_lie_half_way(asking: Sessions, late: bool) -> None:
    """As in ``past``: what is learned of 4.5 is the mean of what is learned of 4 and of 5."""
    name, item = begin(asking)
    asking.click(name, item)
    means = []
    for stars in (4, 5, 4.5):
        branch = asking.conversation(name).branch()
        if late:
            branch.hear(["A comedy."])
        branch.rate(item, stars)
        if not late:
            branch.hear(["A comedy."])
        means.append(branch.dialogue.preference.mean[0].copy())
        assert branch.clicked == {item: stars}
    np.testing.assert_allclose(means[2], (means[0] + means[1]) / 2, atol=1e-6)
    assert not np.allclose(means[0], means[1], atol=1e-4)


def test_a_session_is_deleted_with_all_that_was_said(client: TestClient, asking: Sessions) -> None:
    secret = "My neighbour Xanthippe snores."
    name = asking.open().id
    other = asking.open().id
    asking.message(name, text=secret)
    kept = b"".join(path.read_bytes() for path in asking.store.path.parent.glob("*.sqlite*"))
    assert b"Xanthippe" in kept
    assert client.delete(f"/sessions/{name}").status_code == 204
    assert client.delete(f"/sessions/{name}").status_code == 404
    with pytest.raises(NoSuchSessionError):
        asking.message(name, text="Hello.")
    kept = b"".join(path.read_bytes() for path in asking.store.path.parent.glob("*.sqlite*"))
    assert b"Xanthippe" not in kept, "what is deleted is overwritten"
    assert asking.message(other, text="Hello.").turn == 1


def test_old_sessions_are_deleted(asking: Sessions) -> None:
    old, new, silent = (asking.open().id for _ in range(3))
    for name in (old, new):
        asking.message(name, text="Hello.")
    with sqlite3.connect(asking.store.path) as file:
        file.execute("update events set at = '2020-01-01T00:00:00.000+00:00' where session_id = ?", (old,))
        file.execute("update sessions set created_at = '2020-01-01T00:00:00.000+00:00'")
    assert asking.store.forget(before="2021-01-01T00:00:00.000+00:00") == 2
    assert asking.store.session(new) is not None
    assert asking.store.session(old) is asking.store.session(silent) is None
