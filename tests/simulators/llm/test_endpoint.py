"""An endpoint that is fine, overloaded, slow, confused, pretending, or dead."""

from __future__ import annotations

import importlib.util
import pickle
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chatrec_env.endpoints import Pacer
from chatrec_env.errors import ConfigError
from simulators.llm.backends.base import Capabilities, ChatRequest, Failure, Reply, ScoreRequest
from simulators.llm.backends.endpoint import EndpointBackend, EndpointConfig
from simulators.llm.errors import BackendError
from simulators.llm.recorder import RecordedBackend
from simulators.llm.recording import Recording
from simulators.llm.usage import Usage

_spec = importlib.util.spec_from_file_location("fake_server", Path(__file__).with_name("server.py"))
assert _spec is not None
assert _spec.loader is not None
server = importlib.util.module_from_spec(_spec)
sys.modules["fake_server"] = server
_spec.loader.exec_module(server)

Start = Callable[[Any], Any]
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
FAST = EndpointConfig(tries=3, wait=0.02, timeout=2.0, patience=2)


@pytest.fixture
def start() -> Iterator[Start]:
    """``start(behave)``: a server for this test."""
    running: list[Any] = []

    def run(behave: Any) -> Any:
        running.append(server.Server(behave))
        return running[-1]

    yield run
    for one in running:
        one.close()


def say(i: int = 0, **more: Any) -> ChatRequest:
    return ChatRequest(messages=(("system", "s"), ("user", f"hello {i}")), seed=i, **more)


def echo(number: int, body: dict[str, Any]) -> Any:
    return server.Answer(body=server.completion(body["messages"][-1]["content"].upper()))


def backend(url: str, config: EndpointConfig = FAST) -> EndpointBackend:
    return EndpointBackend("endpoint:m", "m", url, config)


def test_answers_in_order_with_all_that_was_asked(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATREC_LLM_KEY", "s3cret")
    running = start(echo)
    one = backend(running.url)
    replies = one.answer([say(i, temperature=0.25) for i in range(12)])
    assert [r.text for r in replies if isinstance(r, Reply)] == [f"HELLO {i}" for i in range(12)]
    assert all(isinstance(r, Reply) and (r.prompt_tokens, r.reply_tokens) == (20, 5) for r in replies)
    assert {body["seed"] for body in running.asked} == set(range(12))
    assert running.asked[0]["model"] == "m"
    assert running.asked[0]["temperature"] == 0.25
    assert all(headers["Authorization"] == "Bearer s3cret" for headers in running.headers)
    assert b"s3cret" not in pickle.dumps(one)
    assert "s3cret" not in one.identity


def test_no_more_than_so_many_at_a_time(start: Start) -> None:
    here, most, lock = 0, 0, threading.Lock()

    def behave(number: int, body: dict[str, Any]) -> Any:
        nonlocal here, most
        with lock:
            here += 1
            most = max(most, here)
        time.sleep(0.03)
        with lock:
            here -= 1
        return echo(number, body)

    backend(start(behave).url, EndpointConfig(concurrency=3)).answer([say(i) for i in range(9)])
    assert 1 < most <= 3


@pytest.mark.parametrize("status", [429, 500, 503])
def test_overload_passes(start: Start, status: int) -> None:
    def behave(number: int, body: dict[str, Any]) -> Any:
        if number < 2:
            return server.Answer(status=status, body={"error": "busy"}, headers={"Retry-After": "0.01"})
        return echo(number, body)

    running = start(behave)
    (reply,) = backend(running.url).answer([say()])
    assert isinstance(reply, Reply)
    assert len(running.asked) == 3


def test_retry_after_is_kept_to_as_far_as_wait_allows(start: Start) -> None:
    def behave(number: int, body: dict[str, Any]) -> Any:
        late = {"Retry-After": "3600"}
        return server.Answer(status=429, body={}, headers=late) if number == 0 else echo(number, body)

    begun = time.monotonic()
    (reply,) = backend(start(behave).url, EndpointConfig(tries=2, wait=0.2)).answer([say()])
    assert isinstance(reply, Reply)
    assert 0.2 <= time.monotonic() - begun < 5


NONSENSE = [
    pytest.param("<html>gateway</html>", id="html"),
    pytest.param({"choices": []}, id="no-choice"),
    pytest.param({"choices": [{"message": {"content": None}}]}, id="no-text"),
    pytest.param([1, 2], id="list"),
    pytest.param("", id="empty"),
]


@pytest.mark.parametrize("body", NONSENSE)
def test_nonsense_is_asked_again(start: Start, body: Any) -> None:
    running = start(lambda number, asked: server.Answer(body=body) if number == 0 else echo(number, asked))
    (reply,) = backend(running.url).answer([say()])
    assert isinstance(reply, Reply)
    assert reply.text == "HELLO 0"


@pytest.mark.parametrize("body", NONSENSE)
def test_nothing_but_nonsense_stops_with_one_clear_error(start: Start, body: Any) -> None:
    running = start(lambda number, asked: server.Answer(body=body))
    with pytest.raises(BackendError, match=r"failed 2 requests in a row, 3 tries each.*recorded: run again"):
        backend(running.url, EndpointConfig(tries=3, wait=0.01, patience=2, concurrency=1)).answer(
            [say(i) for i in range(5)]
        )
    assert len(running.asked) == 6


def test_one_bad_request_does_not_stop_the_others(start: Start) -> None:
    def behave(number: int, body: dict[str, Any]) -> Any:
        return server.Answer(status=500) if "hello 1" in str(body) else echo(number, body)

    one, two, three = backend(start(behave).url, EndpointConfig(tries=2, wait=0.01, concurrency=1)).answer(
        [say(0), say(1), say(2)]
    )
    assert isinstance(one, Reply)
    assert isinstance(two, Failure)
    assert "500" in two.reason
    assert isinstance(three, Reply)


def test_a_slow_server_is_given_up_and_named(start: Start) -> None:
    never = threading.Event()
    running = start(lambda number, body: server.Answer(body={}, wait=never))
    config = EndpointConfig(tries=2, wait=0.01, timeout=0.1, patience=1, concurrency=1)
    with pytest.raises(BackendError, match="ReadTimeout"):
        backend(running.url, config).answer([say()])
    never.set()


@pytest.mark.parametrize(
    ("status", "hint"), [(401, "CHATREC_LLM_KEY"), (403, "CHATREC_LLM_KEY"), (404, "usually ends in /v1")]
)
def test_refusals_are_not_repeated(start: Start, status: int, hint: str) -> None:
    running = start(lambda number, body: server.Answer(status=status, body={"error": "no"}))
    with pytest.raises(BackendError, match=f"status {status}.*{hint}"):
        backend(running.url).answer([say()])
    assert len(running.asked) == 1


def test_schema_is_used_while_the_server_keeps_to_it(start: Start) -> None:
    running = start(lambda number, body: server.Answer(body=server.completion('{"n": 3}')))
    one = backend(running.url)
    one.answer([say(schema=SCHEMA)])
    one.answer([say(1, schema=SCHEMA)])
    assert one.keeps_schemas
    assert all(body["response_format"]["json_schema"]["schema"] == SCHEMA for body in running.asked)


def test_a_schema_ignored_in_silence_is_noticed(start: Start) -> None:
    running = start(lambda number, body: server.Answer(body=server.completion("Sure! n is 3.")))
    one = backend(running.url)
    one.answer([say(schema=SCHEMA)])
    assert not one.keeps_schemas
    one.answer([say(1, schema=SCHEMA)])
    assert "response_format" in running.asked[0]
    assert "response_format" not in running.asked[1]


def test_a_schema_refused_is_left_out(start: Start) -> None:
    def behave(number: int, body: dict[str, Any]) -> Any:
        refused = server.Answer(status=400, body={"error": "unknown field response_format"})
        return refused if "response_format" in body else echo(number, body)

    running = start(behave)
    one = backend(running.url)
    (reply,) = one.answer([say(schema=SCHEMA)])
    assert isinstance(reply, Reply)
    assert not one.keeps_schemas


def test_a_server_without_scores_says_so(start: Start) -> None:
    (answer,) = backend(start(echo).url).answer([ScoreRequest(prompt="a", continuation=" b")])
    assert isinstance(answer, Failure)
    assert not EndpointBackend.capabilities.scores


def test_dying_mid_run_keeps_what_was_answered_and_resumes(start: Start, tmp_path: Path) -> None:
    alive = [True]

    def behave(number: int, body: dict[str, Any]) -> Any:
        if number >= 5 and alive[0]:
            return server.Answer(hang_up=True)
        return echo(number, body)

    running = start(behave)
    one = backend(running.url, EndpointConfig(tries=2, wait=0.01, patience=1, concurrency=1))
    path = tmp_path / "r.jsonl"
    requests = [say(i) for i in range(9)]
    first = RecordedBackend(Recording(path, one.identity, one.capabilities), one)
    with pytest.raises(BackendError, match="recorded"):
        first.answer(requests)
    paid = len(Recording(path, one.identity, one.capabilities))
    assert paid == 5
    alive[0] = False
    before = len(running.asked)
    usage = Usage()
    again = RecordedBackend(Recording(path, one.identity, one.capabilities), one, usage=usage).answer(
        requests
    )
    assert [r.text for r in again if isinstance(r, Reply)] == [f"HELLO {i}" for i in range(9)]
    assert len(running.asked) - before == 4
    assert (usage.recorded, usage.calls) == (5, 4)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", "got none"),
        ("localhost:8000", "got 'localhost:8000'"),
        ("ftp://x/v1", "needs a base URL"),
        ("http://me:pw@host/v1", "must not carry a password"),
    ],
)
def test_bad_urls(url: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHATREC_LLM_URL", raising=False)
    with pytest.raises(ConfigError, match=told):
        EndpointBackend("endpoint:m", "m", url)


def test_url_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATREC_LLM_URL", "http://127.0.0.1:1/v1/")
    assert EndpointBackend("endpoint:m", "m").url == "http://127.0.0.1:1/v1"


@pytest.mark.parametrize("change", [{"tries": 0}, {"timeout": 0.0}, {"per_minute": -1}, {"concurrency": 0}])
def test_bad_settings(change: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(change))):
        EndpointConfig(**change)


def test_pacer_spaces_requests() -> None:
    pacer = Pacer(per_minute=1200)
    begun = time.monotonic()
    for _ in range(5):
        pacer.wait()
    assert time.monotonic() - begun >= 4 * 0.05


def test_capabilities_are_declared() -> None:
    assert EndpointBackend.capabilities == Capabilities(scores=False, json=True, batch=True)
