"""The HTTP interface: what it answers, what it refuses, and that both are documented."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.testclient import TestClient

from agents.export import Export
from agents.serving.http.api import create_app
from agents.serving.http.guard import CSP, LOCAL, host_name
from agents.serving.sessions import Sessions
from agents.serving.store import Store, StoreError

HOME = "http://127.0.0.1"


@pytest.fixture
def client(asking: Sessions) -> Iterator[TestClient]:
    with TestClient(create_app(asking), base_url=HOME) as client:
        yield client


@pytest.fixture
def session(client: TestClient) -> str:
    name: str = client.post("/sessions").json()["id"]
    return name


def error(answer: Any) -> tuple[int, str]:
    body = answer.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message"}
    assert body["error"]["message"]
    return answer.status_code, body["error"]["code"]


def test_a_conversation(client: TestClient) -> None:
    opened = client.post("/sessions")
    assert opened.status_code == 201
    body = opened.json()
    assert len(body["id"]) == 22
    assert body["greeting"]
    assert len(body["answers"]) == 5
    assert (body["noun"], body["noun_plural"], body["scale"]) == ("film", "films", "utility")
    place = f"/sessions/{body['id']}"
    asked = client.post(f"{place}/messages", json={"text": "Hi! I loved Heat."}).json()
    assert (asked["act"], asked["turn"], asked["cards"]) == ("ask", 1, [])
    assert asked["heard"] == [{"kind": "like", "text": "Heat", "wish": ""}]
    reply = client.post(f"{place}/messages", json={"text": "A tense, dark thriller."}).json()
    assert [said["part"] for said in reply["said"]] == ["item", "explanation"]
    card = reply["cards"][0]
    assert {
        "item",
        "title",
        "year",
        "sentence",
        "facts",
        "chosen",
        "score",
        "rank",
        "candidates",
        "why",
    } == set(card)
    assert {wish["value"] for wish in card["why"]["meets"]} >= {"tense", "dark"}
    clicked = client.post(f"{place}/clicks", json={"item": card["item"]})
    assert clicked.json() == {"item": card["item"], "answers": clicked.json()["answers"]}
    rated = client.post(f"{place}/ratings", json={"item": card["item"], "stars": 4})
    assert rated.json() == {"item": card["item"], "stars": 4}
    last = client.post(f"{place}/messages", json={"text": "Thanks, bye!"}).json()
    assert last["ended"]
    read = client.get(place).json()
    assert [event["kind"] for event in read["events"]] == [
        *("message", "reply", "message", "reply", "click", "rating", "message", "reply")
    ]
    assert read["events"][0]["body"] == {"text": "Hi! I loved Heat."}
    assert "move" not in read["events"][1]["body"]
    assert read["events"][3]["body"]["cards"] == reply["cards"]
    assert (read["taken"], read["ended"]) == ({str(card["item"]): 4}, True)
    assert read["greeting"] == body["greeting"]


def test_what_was_taken_survives_a_change_of_mind_and_words_that_accept(
    client: TestClient, session: str
) -> None:
    place = f"/sessions/{session}"
    client.post(f"{place}/messages", json={"text": "Hello."})
    cards = client.post(f"{place}/messages", json={"text": "A thriller."}).json()["cards"]
    for item in (cards[1]["item"], cards[2]["item"]):
        client.post(f"{place}/clicks", json={"item": item})
    again = client.post(f"{place}/messages", json={"text": "What else?"}).json()["cards"][0]["item"]
    client.post(f"{place}/messages", json={"text": "I'll take it."})
    assert client.get(place).json()["taken"] == {str(cards[2]["item"]): 0, str(again): 0}


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "message"),
    [
        pytest.param("messages", {}, 422, "invalid", "either 'text' or 'sentences'", id="neither"),
        pytest.param("messages", {"text": "a", "sentences": []}, 422, "invalid", "either", id="both"),
        pytest.param("messages", {"text": 5}, 422, "invalid", "body.text", id="number"),
        pytest.param("messages", {"text": "a" * 1001}, 422, "invalid", "1000 characters", id="long"),
        pytest.param("messages", {"sentences": ["a"] * 5}, 422, "invalid", "at most 4", id="five"),
        pytest.param("messages", {"sentences": [""]}, 422, "invalid", "at least 1", id="empty-sentence"),
        pytest.param("messages", {"text": "a", "mood": 1}, 422, "invalid", "body.mood", id="unknown-field"),
        pytest.param("clicks", {"item": "1"}, 422, "invalid", "body.item", id="string"),
        pytest.param("clicks", {"item": 1.5}, 422, "invalid", "body.item", id="float"),
        pytest.param("clicks", {"item": True}, 422, "invalid", "body.item", id="bool"),
        pytest.param("clicks", {"item": -1}, 422, "invalid", "greater than or equal to 0", id="negative"),
        pytest.param("clicks", {"item": 2**40}, 422, "invalid", "less than or equal", id="huge"),
        pytest.param("clicks", {"item": 5}, 409, "not_suggested", "was not suggested", id="not-suggested"),
        pytest.param("ratings", {"item": 5, "stars": 3}, 409, "not_taken", "Click it first", id="not-taken"),
        pytest.param("ratings", {"item": 5, "stars": 6}, 422, "invalid", "body.stars", id="six-stars"),
        pytest.param("ratings", {"item": 5, "stars": 0}, 422, "invalid", "body.stars", id="no-stars"),
        pytest.param("messages", [], 422, "invalid", "body", id="list"),
    ],
)
def test_requests_that_do_not_fit(
    client: TestClient, session: str, path: str, body: Any, status: int, code: str, message: str
) -> None:
    answer = client.post(f"/sessions/{session}/{path}", json=body)
    assert error(answer) == (status, code)
    assert message in answer.json()["error"]["message"]


def test_what_was_sent_is_not_repeated(client: TestClient, session: str) -> None:
    answer = client.post(f"/sessions/{session}/messages", json={"text": {"secret": "swordfish"}})
    assert "swordfish" not in answer.text


def test_not_json(client: TestClient, session: str) -> None:
    place, headers = f"/sessions/{session}/messages", {"content-type": "application/json"}
    assert error(client.post(place, content=b'{"text":', headers=headers)) == (400, "not_json")
    form = client.post(place, content=b'{"text": "a"}', headers={"content-type": "text/plain"})
    assert error(form) == (422, "invalid"), "a form of another site cannot post"


@pytest.mark.parametrize("path", ["", "/messages", "/clicks", "/ratings"])
def test_a_session_there_is_not(client: TestClient, path: str) -> None:
    bodies = {"/messages": {"text": "a"}, "/clicks": {"item": 1}, "/ratings": {"item": 1, "stars": 3}}
    answer = client.post(f"/sessions/x{path}", json=bodies[path]) if path else client.get("/sessions/x")
    assert error(answer) == (404, "no_such_session")


def test_other_paths_and_methods(client: TestClient) -> None:
    assert error(client.get("/nothing")) == (404, "http")
    wrong = client.delete("/sessions")
    assert error(wrong) == (405, "http")
    assert wrong.headers["allow"] == "POST"
    assert client.get("/docs").status_code == 404, "would load scripts from other hosts"
    assert client.get("/static/../store.py").status_code == 404


def test_a_store_that_fails(client: TestClient, session: str, asking: Sessions, monkeypatch: Any) -> None:
    def fails(*_: object, **__: object) -> None:
        raise StoreError("The disk is full.")

    for name in ("append", "open_session", "ping"):
        monkeypatch.setattr(asking.store, name, fails)
    body = {"text": "Hello."}
    assert error(client.post(f"/sessions/{session}/messages", json=body)) == (503, "store_unavailable")
    assert error(client.post("/sessions")) == (503, "store_unavailable")
    assert error(client.get("/healthz")) == (503, "store_unavailable")


@pytest.mark.parametrize("path", ["/", "/healthz", "/metrics", "/sessions/{session}"])
def test_head_is_get_without_its_body(client: TestClient, session: str, path: str) -> None:
    """What looks whether a service is up asks so."""
    place = path.format(session=session)
    head, get = client.head(place), client.get(place)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == get.headers["content-type"]


def test_what_nobody_expected_is_an_answer_too(asking: Sessions, monkeypatch: Any, caplog: Any) -> None:
    def breaks(*setting: object, **key: object) -> None:
        raise ZeroDivisionError("a secret detail")

    monkeypatch.setattr(asking, "open", breaks)
    client = TestClient(create_app(asking), base_url=HOME, raise_server_exceptions=False)
    answer = client.post("/sessions")
    assert error(answer) == (500, "internal")
    assert "secret" not in answer.text
    assert "a secret detail" in caplog.text


def test_a_session_can_say_when_and_with_what_it_is_opened(client: TestClient, asking: Sessions) -> None:
    name = client.post("/sessions", json={"time": "night", "device": None}).json()["id"]
    assert asking.conversation(name).dialogue.situational_context.tolist() == [[3, -1]]
    client.post(f"/sessions/{name}/messages", json={"text": "Hello."})
    kinds = [event["kind"] for event in client.get(f"/sessions/{name}").json()["events"]]
    assert kinds == ["setting", "message", "reply"]
    after_restart = Sessions(asking.export, asking.store)
    assert after_restart.conversation(name).dialogue.situational_context.tolist() == [[3, -1]]
    before = asking.store.counts()
    wrong = client.post("/sessions", json={"time": "nihgt"})
    assert error(wrong) == (422, "unknown_setting")
    assert "'night'" in wrong.json()["error"]["message"]
    assert asking.store.counts() == before
    assert error(client.post("/sessions", json={"hour": 3}))[0] == 422


@pytest.mark.parametrize("field", ["rating_history", "past"])
def test_a_session_can_be_opened_with_what_was_rated_before(
    client: TestClient, asking: Sessions, field: str
) -> None:
    """By the name that the field has, and by that of the last release."""
    plain = client.post("/sessions").json()["id"]
    first = client.post(f"/sessions/{plain}/messages", json={"text": "A comedy."}).json()
    seen = asking.conversation(plain).dialogue.candidates[0].tolist()
    rated = [{"item": item, "stars": 4.5 - i % 2} for i, item in enumerate(seen)]
    name = client.post("/sessions", json={field: rated}).json()["id"]
    client.post(f"/sessions/{name}/messages", json={"text": "A comedy."})
    dialogue = asking.conversation(name).dialogue
    assert dialogue.rating_history.items.tolist() == [seen]
    assert dialogue.rating_history.stars[0].tolist() == [4.5 - i % 2 for i in range(len(seen))]
    assert not set(seen) & set(dialogue.candidates[0].tolist())
    assert dialogue.preference.mean.any()
    again = Sessions(asking.export, asking.store).conversation(name).dialogue
    assert again.candidates.tolist() == dialogue.candidates.tolist()
    assert again.preference.mean.tolist() == dialogue.preference.mean.tolist()
    assert first["turn"] == 1


@pytest.mark.parametrize(
    ("rated", "code", "words"),
    [
        pytest.param([{"item": 90_000, "stars": 4}], "unusable_past", "items 0 to", id="unknown-item"),
        pytest.param(
            [{"item": 3, "stars": 4}] * 2, "unusable_past", "Item 3 was rated more than once", id="twice"
        ),
        pytest.param(
            [{"item": i, "stars": 4} for i in range(900)], "unusable_past", "leave too few", id="all-seen"
        ),
        pytest.param([{"item": 3, "stars": 0.3}], "invalid", "stars", id="stars"),
        pytest.param([{"item": 3}], "invalid", "stars", id="no-stars"),
        pytest.param([{"item": 3, "stars": 4}] * 1001, "invalid", "1000", id="too-many"),
    ],
)
def test_histories_that_cannot_be_used(
    client: TestClient, asking: Sessions, rated: list[dict[str, Any]], code: str, words: str
) -> None:
    before = asking.store.counts()
    wrong = client.post("/sessions", json={"rating_history": rated})
    assert error(wrong) == (422, code)
    assert words in wrong.text
    assert asking.store.counts() == before


def test_health_and_metrics(client: TestClient, session: str, asking: Sessions) -> None:
    health = client.get("/healthz").json()
    assert health == {
        "status": "ok",
        "policy": "ask_then_recommend",
        "kind": "baseline",
        "fingerprint": asking.export.fingerprint,
        "catalog": "movies",
        "items": asking.task.manager.catalog.n_items,
        "encoder": "hash",
        "times": ["morning", "afternoon", "evening", "night"],
        "devices": ["phone", "tablet", "computer", "tv"],
        "model": "service",
    }
    place = f"/sessions/{session}"
    client.post(f"{place}/messages", json={"text": "Hello."})
    item = client.post(f"{place}/messages", json={"text": "A thriller."}).json()["cards"][0]["item"]
    client.post(f"{place}/clicks", json={"item": item})
    client.post(f"{place}/ratings", json={"item": item, "stars": 5})
    client.get("/nothing")
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    expected = {
        "chatrec_sessions_total": "1",
        "chatrec_messages_total": "2",
        "chatrec_questions_total": "1",
        "chatrec_suggestions_total": "1",
        "chatrec_clicks_total": "1",
        "chatrec_ratings_total": "1",
        "chatrec_rerated_total": "0",
        "chatrec_stars": "5",
        'chatrec_errors_total{status="404"}': "1",
        "chatrec_live_sessions": "1",
        "chatrec_turn_seconds_count": "2",
        'chatrec_turn_seconds_bucket{le="+Inf"}': "2",
    }
    assert {name: lines[name] for name in expected} == expected


def test_the_page_and_its_headers(client: TestClient) -> None:
    for path, kind in (
        ("/", "text/html"),
        ("/static/app.js", "javascript"),
        ("/static/style.css", "text/css"),
    ):
        answer = client.get(path)
        assert answer.status_code == 200
        assert kind in answer.headers["content-type"]
        assert answer.headers["content-security-policy"] == CSP
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        for outside in ("http://", "https://", "//cdn"):
            assert outside not in answer.text.replace("http://www.w3.org", ""), f"{path} names another host"
    assert "unsafe" not in CSP
    assert client.get("/healthz").headers["content-security-policy"] == CSP


def test_every_error_is_documented(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    statuses = {
        (path, method): set(operation["responses"])
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }
    assert statuses["/sessions", "post"] == {*("201", "400", "401", "403", "408", "413", "422", "429", "503")}
    for what in ("messages", "clicks", "ratings"):
        assert statuses[f"/sessions/{{session}}/{what}", "post"] == {
            *("200", "400", "401", "403", "404", "408", "409", "413", "422", "429", "503")
        }
    assert "401" not in statuses["/healthz", "get"]
    assert json.dumps(described).count("HTTPValidationError") == 0


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        pytest.param({"host": "evil.example"}, 400, "wrong_host", id="rebound-name"),
        pytest.param({"host": "127.0.0.1.evil.example"}, 400, "wrong_host", id="lookalike"),
        pytest.param({"origin": "http://evil.example"}, 403, "wrong_origin", id="another-site"),
        pytest.param({"origin": "null"}, 403, "wrong_origin", id="sandboxed"),
        pytest.param({"content-length": "99999999"}, 413, "too_large", id="announced"),
        pytest.param({"content-length": "-1"}, 413, "too_large", id="nonsense"),
    ],
)
def test_the_guard_refuses(client: TestClient, headers: dict[str, str], status: int, code: str) -> None:
    assert error(client.get("/healthz", headers=headers)) == (status, code)


def test_the_guard_lets_its_own_page_in(client: TestClient) -> None:
    assert client.head("/healthz").status_code == 200
    assert client.head("/").headers["content-length"] == str(len(client.get("/").content))
    assert client.head("/").content == b""
    for headers in ({"origin": HOME}, {"host": "localhost:8000", "origin": "http://localhost:8000"}):
        assert client.post("/sessions", headers=headers).status_code == 201


def test_a_body_that_goes_on_and_on(client: TestClient, session: str) -> None:
    def chunks() -> Iterator[bytes]:
        yield b'{"text": "'
        for _ in range(100):
            yield b"a" * 1000
        yield b'"}'

    headers = {"content-type": "application/json"}
    answer = client.post(f"/sessions/{session}/messages", content=chunks(), headers=headers)
    assert error(answer) == (413, "too_large")


def test_a_token(asking: Sessions) -> None:
    token = "correct-horse-battery"
    client = TestClient(create_app(asking, hosts=None, token=token), base_url="http://films.example")
    assert client.get("/").status_code == 200
    assert client.get("/static/app.js").status_code == 200
    assert client.get("/healthz").status_code == 200
    for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": token}):
        for path in ("/metrics", "/openapi.json", "/sessions/x"):
            answer = client.get(path, headers=headers)
            assert error(answer) == (401, "no_token")
            assert answer.headers["www-authenticate"] == "Bearer"
    assert client.post("/sessions", headers={"authorization": f"Bearer {token}"}).status_code == 201


def test_wrong_tokens_are_few(asking: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    """After ten of them an address gets no more tries for a minute, not even with the right one."""
    token, clock = "correct-horse-battery", [0.0]
    monkeypatch.setattr("agents.serving.http.guard.time", SimpleNamespace(monotonic=lambda: clock[0]))
    client = TestClient(create_app(asking, hosts=None, token=token), base_url="http://films.example")
    right = {"authorization": f"Bearer {token}"}
    for guess in range(10):
        assert error(client.get("/metrics", headers={"authorization": f"Bearer {guess}"}))[0] == 401
    refused = client.get("/metrics", headers=right)
    assert error(refused) == (429, "too_many_guesses")
    assert refused.headers["retry-after"] == "60"
    assert client.get("/healthz").status_code == 200
    clock[0] = 61.0
    assert client.get("/metrics", headers=right).status_code == 200


def test_behind_a_proxy(asking: Sessions) -> None:
    """Its name is refused with the setting that lets it in; then its pages may use the service, whatever Host says."""
    page = {"host": "films.example", "origin": "https://films.example"}
    refused = TestClient(create_app(asking), base_url=HOME).get("/healthz", headers=page)
    assert error(refused) == (400, "wrong_host")
    assert "chatrec serve ... --hosts films.example" in refused.json()["error"]["message"]
    client = TestClient(create_app(asking, hosts=LOCAL | {"films.example"}), base_url=HOME)
    assert client.post("/sessions", headers=page).status_code == 201
    assert client.post("/sessions", headers=page | {"host": "127.0.0.1:8000"}).status_code == 201
    other = {"host": "127.0.0.1:8000", "origin": "http://localhost:3000"}
    assert error(client.post("/sessions", headers=other)) == (403, "wrong_origin")


@pytest.mark.parametrize(
    ("origin", "told"),
    [
        ("https://films.example", "chatrec serve ... --hosts films.example"),
        ("http://localhost:3000", "hand on the header Host"),
        ("null", "hand on the header Host"),
        ('https://a"><b>.example', "--hosts ab.example"),
    ],
)
def test_a_proxy_that_keeps_its_name_to_itself(asking: Sessions, origin: str, told: str) -> None:
    """As most are set up: ``Host`` is where the service listens, and its own page seems to be another site's."""
    page = {"host": "127.0.0.1:8000", "origin": origin}
    refused = TestClient(create_app(asking), base_url=HOME).post("/sessions", headers=page)
    assert error(refused) == (403, "wrong_origin")
    assert told in refused.json()["error"]["message"]


def test_a_proxy_before_a_service_that_other_machines_reach(asking: Sessions) -> None:
    """It answers to any name, but to pages of its own alone, and of those it was told."""
    token = {"authorization": "Bearer correct-horse-battery"}
    page = token | {"host": "app:8000", "origin": "https://films.example"}
    access: dict[str, Any] = {"hosts": None, "token": "correct-horse-battery"}
    refused = TestClient(create_app(asking, **access), base_url=HOME).post("/sessions", headers=page)
    assert error(refused) == (403, "wrong_origin")
    told = create_app(asking, pages=frozenset({"films.example"}), **access)
    assert TestClient(told, base_url=HOME).post("/sessions", headers=page).status_code == 201


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("127.0.0.1:8000", "127.0.0.1"),
        ("localhost", "localhost"),
        ("[::1]:8000", "[::1]"),
        ("[::1", "[::1]"),
        ("", ""),
    ],
)
def test_host_names(host: str, name: str) -> None:
    assert host_name(host) == name


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"text": "\xff"}', id="not-utf-8"),
        pytest.param(b"[" * 30_000, id="deeply-nested"),
    ],
)
def test_a_body_that_cannot_be_read_is_no_json(client: TestClient, session: str, body: bytes) -> None:
    answer = client.post(
        f"/sessions/{session}/messages", content=body, headers={"content-type": "application/json"}
    )
    assert error(answer) == (400, "not_json")


def test_json_without_its_content_type_is_told_what_to_send(client: TestClient, session: str) -> None:
    answer = client.post(
        f"/sessions/{session}/messages", content=b'{"text": "a"}', headers={"content-type": "text/plain"}
    )
    assert error(answer) == (422, "invalid")
    assert "Content-Type: application/json" in answer.json()["error"]["message"]


def test_a_damaged_event_is_told_and_not_a_mistake_of_the_service(
    client: TestClient, asking: Sessions, session: str
) -> None:
    path = asking.store.path
    with sqlite3.connect(path) as file:
        file.execute(
            "insert into sessions select 'damaged', created_at, policy, catalog from sessions limit 1"
        )
        file.execute("insert into events values ('damaged', 0, 'message', 'x', 'p', '{cut')")
    for answer in (
        client.get("/sessions/damaged"),
        client.post("/sessions/damaged/messages", json={"text": "a"}),
    ):
        assert error(answer) == (503, "store_unavailable")
        assert "an event of session damaged cannot be read" in answer.json()["error"]["message"]


def test_a_question_is_answered_and_a_wish_corrected(reading_export: Export, store: Store) -> None:
    app = create_app(Sessions(reading_export, store))
    client = TestClient(app, base_url="http://127.0.0.1")
    place = f"/sessions/{client.post('/sessions').json()['id']}"
    client.post(f"{place}/messages", json={"text": "Hello!"})
    shown = client.post(f"{place}/messages", json={"text": "A dark comedy."}).json()
    reply = client.post(f"{place}/messages", json={"text": "How long is it?"}).json()
    assert (reply["act"], reply["cards"], reply["about"]) == ("answer", [], shown["cards"][0]["item"])
    assert "runs" in reply["answer"]
    assert [said["part"] for said in reply["said"]] == ["answer"]
    dark = next(wish for wish in reply["wishes"] if wish["value"] == "dark")
    heard = {heard["text"]: heard["wish"] for heard in shown["heard"]}
    assert heard["dark"] == dark["id"]
    done = client.post(f"{place}/wishes", json={"wish": dark["id"], "stance": "none"})
    assert "dark" not in {wish["value"] for wish in done.json()["wishes"]}
    assert client.get(place).json()["wishes"] == done.json()["wishes"]
    wrong = client.post(f"{place}/wishes", json={"wish": "v9999", "stance": "none"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (422, "no_such_wish")
