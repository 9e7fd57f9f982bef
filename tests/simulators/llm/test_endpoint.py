"""An endpoint that is fine, overloaded, slow, confused, pretending, or dead."""

from __future__ import annotations

import importlib.util
import os
import pickle
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chatrec_env.endpoints import Pacer
from chatrec_env.errors import ConfigError, UnknownNameError
from simulators.llm.backends import make_backend
from simulators.llm.backends.base import Capabilities, ChatRequest, Failure, Reply, ScoreRequest
from simulators.llm.backends.endpoint import EndpointBackend, EndpointConfig
from simulators.llm.config import LLMConfig
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


@pytest.mark.parametrize(
    "message",
    [
        pytest.param({"content": "<think>They want war.\nOr not.</think>\n\nA war film."}, id="tags"),
        pytest.param({"content": "They want war.</think>A war film."}, id="opened-in-the-prompt"),
        pytest.param({"content": "[THINK]They want war.[/THINK]A war film."}, id="square-brackets"),
        pytest.param({"content": "◁think▷They want war.◁/think▷A war film."}, id="other-signs"),
        pytest.param(
            {
                "content": "<|channel|>analysis<|message|>They want war.<|end|><|start|>assistant"
                "<|channel|>final<|message|>A war film.<|return|>"
            },
            id="channels",
        ),
        pytest.param({"content": "A war film.", "reasoning_content": "They want war."}, id="field"),
        pytest.param(
            {"content": [{"type": "thinking", "thinking": "Hm"}, {"type": "text", "text": "A war film."}]},
            id="parts",
        ),
    ],
)
def test_thoughts_are_not_said(start: Start, message: dict[str, Any]) -> None:
    told = {"choices": [{"message": message, "finish_reason": "stop"}]}
    (reply,) = backend(start(lambda number, body: server.Answer(body=told)).url).answer([say()])
    assert isinstance(reply, Reply)
    assert reply.text == "A war film."


@pytest.mark.parametrize("text", [None, "", "<think>They want war, but"], ids=["null", "empty", "unfinished"])
def test_who_is_still_thinking_is_asked_again_with_more_tokens(start: Start, text: Any) -> None:
    def behave(number: int, body: dict[str, Any]) -> Any:
        enough = body["max_tokens"] > 500
        message = {"content": "A war film." if enough else text}
        choice = {"message": message, "finish_reason": "stop" if enough else "length"}
        return server.Answer(
            body={"choices": [choice], "usage": {"prompt_tokens": 20, "completion_tokens": 5}}
        )

    running = start(behave)
    one = backend(running.url)
    first, second = (one.answer([say(i)])[0] for i in range(2))
    assert isinstance(first, Reply)
    assert (first.text, first.prompt_tokens, first.reply_tokens) == ("A war film.", 40, 10)
    assert isinstance(second, Reply)
    assert [body["max_tokens"] for body in running.asked] == [48, 48 + 1024, 48 + 1024]  # remembered


def test_endless_thoughts_stop_with_a_message_that_says_so(start: Start) -> None:
    told = {"choices": [{"message": {"content": None}, "finish_reason": "length"}]}
    running = start(lambda number, body: server.Answer(body=told))
    with pytest.raises(
        BackendError, match=r"'m' at .* thinks aloud, and 16384 tokens.*Turn its thinking off"
    ):
        backend(running.url).answer([say()])
    assert len(running.asked) == 4


def test_no_text_is_not_a_server_that_will_be_back(start: Start) -> None:
    told = {"choices": [{"message": {"content": None}, "finish_reason": "tool_calls"}]}
    running = start(lambda number, body: server.Answer(body=told))
    with pytest.raises(
        BackendError, match=r"finished by 'tool_calls'.*run again with a model that"
    ) as caught:
        backend(running.url, EndpointConfig(tries=2, wait=0.01, patience=1)).answer([say()])
    assert "when it is back" not in str(caught.value)


REFUSED = {
    "max_tokens": "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead.",
    "temperature": "`temperature` does not support 0.7 with this model. Only the default (1) is supported.",
    "top_p": "temperature and top_p cannot both be specified",
    "seed": "Extra inputs are not permitted: seed",
}


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize("name", REFUSED)
def test_what_a_model_refuses_is_not_sent_again(start: Start, name: str, status: int) -> None:
    def behave(number: int, body: dict[str, Any]) -> Any:
        error = {"error": {"message": REFUSED[name], "param": name}}
        return server.Answer(status=status, body=error) if name in body else echo(number, body)

    running = start(behave)
    one = backend(running.url)
    for i in range(3):
        (reply,) = one.answer([say(i)])
        assert isinstance(reply, Reply)
    assert [name in body for body in running.asked] == [True, False, False, False]
    others = set(REFUSED) - {name}
    assert all(others <= body.keys() for body in running.asked)
    if name == "max_tokens":
        assert running.asked[-1]["max_completion_tokens"] == 48


def test_a_model_that_refuses_everything_gets_the_messages_alone(start: Start) -> None:
    def behave(number: int, body: dict[str, Any]) -> Any:
        extra = sorted(body.keys() - {"model", "messages"})
        told = f"unknown parameter {extra[0]}" if extra else ""
        return server.Answer(status=400, body=told) if extra else echo(number, body)

    running = start(behave)
    replies = backend(running.url).answer([say(i) for i in range(6)])
    assert all(isinstance(reply, Reply) for reply in replies)
    assert running.asked[-1].keys() == {"model", "messages"}


def test_parameters_that_are_set_or_left_out(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    running = start(echo)
    monkeypatch.setenv("CHATREC_LLM_URL", running.url)
    options = {"backend": "endpoint:m", "leave_out": "seed top_p", "reply_tokens": 300}
    make_backend(LLMConfig.create(options)).answer([say(temperature=1.0)])
    assert running.asked[0].keys() == {"model", "messages", "max_tokens", "temperature"}
    assert (running.asked[0]["max_tokens"], running.asked[0]["temperature"]) == (300, 1.0)
    with pytest.raises(UnknownNameError, match="Did you mean 'temperature'"):
        make_backend(LLMConfig.create({"backend": "endpoint:m", "leave_out": "temprature"}))


SECRET = "sk-Abc123"


@pytest.mark.parametrize("around", ["\n", " ", "\r\n", "\t"])
def test_line_ends_around_key_and_url_are_dropped(
    around: str, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = start(echo)
    monkeypatch.setenv("CHATREC_LLM_KEY", f"{around}{SECRET}{around}")
    (reply,) = backend(f"{around}{running.url}/{around}").answer([say()])
    assert isinstance(reply, Reply)
    assert running.headers[0]["Authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize("inside", ["\n", " ", "\x00", "é", "“"])
def test_a_key_that_is_none_is_refused_at_once_and_not_printed(
    inside: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if inside == "\x00":
        monkeypatch.setattr("os.environ", {**os.environ, "CHATREC_LLM_KEY": f"{SECRET}{inside}{SECRET}"})
    else:
        monkeypatch.setenv("CHATREC_LLM_KEY", f"{SECRET}{inside}{SECRET}")
    with pytest.raises(ConfigError, match=r"^\$CHATREC_LLM_KEY must hold one key") as caught:
        backend("http://127.0.0.1:1/v1")
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("url", ["http://a b/v1", "http://h/v1\n/x", "http://h:port/v1", "http://[h/v1"])
def test_a_url_that_is_none_is_refused_at_once(url: str) -> None:
    with pytest.raises(ConfigError, match=r"needs a base URL.*Set \$CHATREC_LLM_URL, or users.url"):
        backend(url)


def test_a_key_in_a_query_is_not_printed() -> None:
    with pytest.raises(ConfigError, match="put a key into") as caught:
        backend(f"https://host/v1?key={SECRET}")
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("status", [200, 400, 401, 500])
def test_a_server_that_repeats_the_key_does_not_get_it_printed(
    status: int, start: Start, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("CHATREC_LLM_KEY", SECRET)
    running = start(lambda number, body: server.Answer(status=status, body=f"wrong key {SECRET}"))
    with pytest.raises(BackendError) as caught:
        backend(running.url, EndpointConfig(tries=1, patience=1)).answer([say()])
    assert SECRET not in "".join(traceback.format_exception(caught.value)) + caplog.text
