"""An embeddings server that is fine, overloaded, confused, refusing, or dies half way; and what is paid for once."""

from __future__ import annotations

import importlib.util
import json
import pickle
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

import chatrec_env  # noqa: F401
from chatrec_env.errors import ConfigError, UnknownNameError
from chatrec_env.language.encoders import CachedEncoder, EncodingError, HashingEncoder, make_encoder
from chatrec_env.language.encoders.endpoint import EndpointConfig, EndpointEncoder, read_vectors

_file = Path(__file__).parents[3] / "simulators" / "llm" / "server.py"
_spec = importlib.util.spec_from_file_location("fake_embeddings_server", _file)
assert _spec is not None
assert _spec.loader is not None
server = importlib.util.module_from_spec(_spec)
sys.modules["fake_embeddings_server"] = server
_spec.loader.exec_module(server)

Start = Callable[[Any], Any]
HASH = HashingEncoder(16)
FAST: dict[str, Any] = {"model": "m", "tries": 3, "wait": 0.02, "timeout": 5.0, "batch": 4}


def embed(number: int, body: dict[str, Any]) -> Any:
    """Vectors of the hashing encoder times seven, in reversed order: the client sorts and scales."""
    vectors = 7.0 * HASH.encode(body["input"])
    data = [{"index": i, "embedding": row.tolist()} for i, row in enumerate(vectors)]
    return server.Answer(body={"object": "list", "data": data[::-1], "model": body["model"]})


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


def encoder_of(url: str, memory: Path, **options: Any) -> EndpointEncoder:
    return EndpointEncoder("endpoint:m", EndpointConfig(**{**FAST, "url": url, **options}), memory)


TEXTS = [f"sentence number {i}" for i in range(10)]


def test_vectors_come_in_order_and_unit_length(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHATREC_EMBEDDINGS_KEY", "s3cret")
    running = start(embed)
    encoder = encoder_of(running.url, tmp_path, dimensions=16)
    assert encoder.dim == 16
    np.testing.assert_allclose(encoder.encode(TEXTS), HASH.encode(TEXTS), atol=1e-6)
    assert [len(body["input"]) for body in running.asked[1:]] in ([4, 4, 2], [4, 2, 4], [2, 4, 4])
    assert {body["dimensions"] for body in running.asked} == {16}
    assert all(headers["Authorization"] == "Bearer s3cret" for headers in running.headers)
    assert b"s3cret" not in pickle.dumps(encoder)
    assert encoder.encode([]).shape == (0, 16)
    encoder.encode(["", "\ud800"])  # neither an empty text nor half a character is sent
    assert running.asked[-1]["input"] == [" ", "?"]


def test_the_width_is_asked_for_once(start: Start, tmp_path: Path) -> None:
    running = start(embed)
    assert encoder_of(running.url, tmp_path).dim == encoder_of(running.url, tmp_path).dim == 16
    assert len(running.asked) == 1
    assert encoder_of(running.url, tmp_path, model="another").dim == 16
    assert len(running.asked) == 2


def test_each_text_is_paid_for_once(start: Start, tmp_path: Path) -> None:
    running = start(embed)
    first = CachedEncoder(encoder_of(running.url, tmp_path), tmp_path)
    vectors = first.encode(TEXTS + TEXTS)
    assert sum(len(body["input"]) for body in running.asked[1:]) == len(TEXTS)
    asked = len(running.asked)
    again = CachedEncoder(encoder_of(running.url, tmp_path), tmp_path)  # as another process would
    np.testing.assert_array_equal(again.encode(TEXTS), vectors[: len(TEXTS)])
    assert len(running.asked) == asked


def test_what_was_answered_before_the_server_died_is_kept(start: Start, tmp_path: Path) -> None:
    dead = threading.Event()

    def behave(number: int, body: dict[str, Any]) -> Any:
        if number == 3:
            dead.set()
        return server.Answer(hang_up=True) if dead.is_set() else embed(number, body)

    running = start(behave)
    encoder = CachedEncoder(encoder_of(running.url, tmp_path, concurrency=1), tmp_path)
    with pytest.raises(EncodingError, match=r"did not answer, 3 tries.*run again") as caught:
        encoder.encode(TEXTS)
    assert sorted(caught.value.vectors) == list(range(8))  # two batches of four came
    dead.clear()
    running.asked.clear()
    running.behave = lambda number, body: embed(number, body)
    np.testing.assert_allclose(encoder.encode(TEXTS), HASH.encode(TEXTS), atol=1e-6)
    assert [body["input"] for body in running.asked] == [TEXTS[8:]]


def test_no_more_than_so_many_at_a_time(start: Start, tmp_path: Path) -> None:
    here, most, lock = 0, 0, threading.Lock()

    def behave(number: int, body: dict[str, Any]) -> Any:
        nonlocal here, most
        with lock:
            here += 1
            most = max(most, here)
        time.sleep(0.05)
        with lock:
            here -= 1
        return embed(number, body)

    encoder_of(start(behave).url, tmp_path, batch=1, concurrency=3).encode(TEXTS)
    assert 1 < most <= 3


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param({"status": 429, "headers": {"Retry-After": "0.01"}}, id="too-many"),
        pytest.param({"status": 503}, id="overloaded"),
        pytest.param({"hang_up": True}, id="hangs-up"),
        pytest.param({"body": "<html>"}, id="html"),
        pytest.param({"body": {"data": []}}, id="nothing"),
        pytest.param({"body": {"data": [{"index": 0, "embedding": [None]}]}}, id="null"),
    ],
)
def test_trouble_passes(start: Start, tmp_path: Path, trouble: dict[str, Any]) -> None:
    def behave(number: int, body: dict[str, Any]) -> Any:
        return server.Answer(**{"body": {}, **trouble}) if number < 2 else embed(number, body)

    running = start(behave)
    assert encoder_of(running.url, tmp_path).dim == 16
    assert len(running.asked) == 3


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (401, r"key in \$CHATREC_EMBEDDINGS_KEY"),
        (404, "usually ends in /v1"),
        (413, "lower the option batch"),
    ],
)
def test_a_refusal_is_not_tried_again(start: Start, tmp_path: Path, status: int, says: str) -> None:
    running = start(lambda number, body: server.Answer(status=status, body={"error": "no"}))
    with pytest.raises(EncodingError, match=says):
        encoder_of(running.url, tmp_path)
    assert len(running.asked) == 1
    assert not list(tmp_path.iterdir())


def test_another_model_behind_the_name_is_noticed(start: Start, tmp_path: Path) -> None:
    wide = HashingEncoder(24)

    def behave(number: int, body: dict[str, Any]) -> Any:
        vectors = (HASH if number == 0 else wide).encode(body["input"])
        data = [{"index": i, "embedding": row.tolist()} for i, row in enumerate(vectors)]
        return server.Answer(body={"data": data})

    encoder = encoder_of(start(behave).url, tmp_path)
    with pytest.raises(EncodingError, match=r"width 24 .* width 16 before"):
        encoder.encode(["a"])


def test_what_identifies_it(start: Start, tmp_path: Path) -> None:
    url, other = start(embed).url, start(embed).url

    def fingerprint(where: str, **options: Any) -> str:
        return encoder_of(where, tmp_path, **options).fingerprint

    assert fingerprint(url) == fingerprint(url + "/", batch=2) != fingerprint(other)
    assert fingerprint(url, model="n") != fingerprint(url) != fingerprint(url, dimensions=16)
    assert fingerprint(url, identity="ours") == fingerprint(other, identity="ours")


@pytest.mark.parametrize(
    ("told", "match"),
    [
        pytest.param([1, 2], "expected 2 embeddings", id="list"),
        pytest.param({"data": [{"index": 0, "embedding": [1.0]}]}, "expected 2", id="too-few"),
        pytest.param(
            {"data": [{"index": i, "embedding": [1.0] * (i + 1)} for i in range(2)]},
            "expected 2",
            id="ragged",
        ),
        pytest.param({"data": [{"index": i, "embedding": [0.0]} for i in range(2)]}, "direction", id="zeros"),
        pytest.param({"data": [{"index": i, "embedding": []} for i in range(2)]}, "finite", id="empty"),
        pytest.param(
            {"data": [{"index": i, "embedding": [float("nan")]} for i in range(2)]}, "finite", id="nan"
        ),
    ],
)
def test_nonsense_is_told_from_vectors(told: Any, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        read_vectors(told, 2)


@pytest.mark.parametrize(
    ("encoder", "match"),
    [
        pytest.param("endpoint:", "needs the name of a model", id="no-model"),
        pytest.param("endpoint:m", "needs a base URL", id="no-url"),
        pytest.param({"name": "endpoint", "model": "m", "url": "ftp://x"}, "needs a base URL", id="ftp"),
        pytest.param(
            {"name": "endpoint", "model": "m", "url": "http://me:pw@x/v1"}, "must not carry", id="password"
        ),
        pytest.param({"name": "endpoint", "model": "m", "batch": 0}, r"encoder\.batch", id="batch"),
        pytest.param({"name": "endpoint", "model": "m", "timeout": "1"}, r"encoder\.timeout", id="timeout"),
        pytest.param({"name": "hash", "dim": 32}, "option", id="hash-has-no-options"),
    ],
)
def test_wrong_options_are_refused(encoder: Any, match: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHATREC_EMBEDDINGS_URL", raising=False)
    with pytest.raises(ConfigError, match=match):
        make_encoder(encoder)


def test_an_unknown_option_is_suggested() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'timeout'"):
        make_encoder({"name": "endpoint", "model": "m", "time_out": 3})


def test_an_environment_on_it(start: Start) -> None:
    """By a dict, by a name with the URL from the environment, and in the specification's JSON."""
    running = start(embed)
    env = gym.make("ChatRec/Items-v0", encoder={"name": "endpoint", "url": running.url, **FAST}, max_turns=2)
    same = gym.make("ChatRec/Items-v0", encoder="hash-16", max_turns=2)
    (observation, _), (expected, _) = env.reset(seed=4), same.reset(seed=4)
    np.testing.assert_allclose(observation, expected, atol=1e-6)
    np.testing.assert_allclose(env.step(3)[0], same.step(3)[0], atol=1e-6)
    assert env.spec is not None
    assert json.loads(env.spec.to_json())["kwargs"]["encoder"]["url"] == running.url
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHATREC_EMBEDDINGS_URL", running.url)
        assert make_encoder("endpoint:m").dim == 16
