"""Recordings: nothing is paid for twice, nothing damaged is used, and a replay misses nothing in silence."""

from __future__ import annotations

import json
import multiprocessing
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chatrec_env.errors import ArtifactError
from simulators.llm.backends.base import (
    Answer,
    Capabilities,
    ChatRequest,
    Failure,
    Reply,
    Request,
    ScoreRequest,
    request_key,
)
from simulators.llm.errors import BudgetExceededError, MissingRecordError
from simulators.llm.recorder import RecordedBackend
from simulators.llm.recording import Recording
from simulators.llm.usage import Budget, Usage

CAN = Capabilities(scores=True, json=False, batch=True)


class Counting:
    """Answers with the number of the request, counts what it is asked, and fails where told to."""

    name, identity, capabilities = "counting", "counting/1", CAN

    def __init__(self, fails: frozenset[int] = frozenset()) -> None:
        self.asked: list[Request] = []
        self.fails = fails

    def answer(self, requests: Any) -> list[Answer]:
        out: list[Answer] = []
        for request in requests:
            failed = isinstance(request, ChatRequest) and request.seed in self.fails
            text = f"reply {len(self.asked)} “é”"
            self.asked.append(request)
            out.append(
                Failure("no") if failed else Reply(text=text, prompt_tokens=7, reply_tokens=3, seconds=0.5)
            )
        return out

    def close(self) -> None:
        pass


def say(seed: int, **more: Any) -> ChatRequest:
    return ChatRequest(messages=(("user", "hello"),), seed=seed, **more)


def recorded(path: Path, backend: Counting | None, **more: Any) -> RecordedBackend:
    recording = Recording(path, "counting/1", CAN) if backend else Recording(path, writable=False)
    return RecordedBackend(recording, backend, **more)


def test_asked_once_ever(tmp_path: Path) -> None:
    path, backend = tmp_path / "a" / "r.jsonl", Counting()
    requests = [say(0), say(1), say(0)]
    first = recorded(path, backend).answer(requests)
    assert first[0] == first[2] != first[1]
    assert len(backend.asked) == 2
    again = Counting()
    assert recorded(path, again).answer(requests) == first
    assert again.asked == []
    assert recorded(path, None).answer(requests) == first


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(say(1), id="draw"),
        pytest.param(say(0, temperature=0.3), id="temperature"),
        pytest.param(say(0, max_tokens=5), id="length"),
        pytest.param(say(0, schema={"type": "object"}), id="schema"),
        pytest.param(ChatRequest(messages=(("system", "hello"),)), id="role"),
        pytest.param(ScoreRequest(prompt="hello", continuation=" a"), id="kind"),
    ],
)
def test_another_request_has_another_key(other: Request) -> None:
    assert request_key("m", say(0)) == request_key("m", say(0))
    assert request_key("m", other) != request_key("m", say(0))
    assert request_key("n", say(0)) != request_key("m", say(0))


def test_strict_replay_names_the_key(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    recorded(path, Counting()).answer([say(0)])
    before = path.read_bytes()
    with pytest.raises(MissingRecordError) as caught:
        recorded(path, None).answer([say(0), say(5)])
    assert request_key("counting/1", say(5)) in str(caught.value)
    assert str(path) in str(caught.value)
    assert "hello" in str(caught.value)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    assert path.read_bytes() == before


def test_failures_are_not_recorded(tmp_path: Path) -> None:
    path, usage = tmp_path / "r.jsonl", Usage()
    answers = recorded(path, Counting(frozenset({1})), usage=usage).answer([say(0), say(1), say(2)])
    assert isinstance(answers[1], Failure)
    assert (usage.calls, usage.failed, usage.prompt_tokens, usage.reply_tokens) == (3, 1, 14, 6)
    well = Counting()
    assert all(isinstance(a, Reply) for a in recorded(path, well).answer([say(0), say(1), say(2)]))
    assert len(well.asked) == 1


def test_a_torn_last_line_is_dropped(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "r.jsonl"
    recorded(path, Counting()).answer([say(i) for i in range(3)])
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    backend = Counting()
    recorded(path, backend).answer([say(i) for i in range(3)])
    assert "cut off" in caplog.text
    assert len(backend.asked) == 1
    assert len(Recording(path, "counting/1", CAN)) == 3


def test_every_cut_of_the_last_record_is_survived(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    recorded(path, Counting()).answer([say(0), say(1)])
    whole = path.read_bytes()
    begins = whole[:-1].rfind(b"\n") + 1
    for cut in range(begins, len(whole)):
        path.write_bytes(whole[:cut])
        assert len(Recording(path, "counting/1", CAN)) == 1


def damage(lines: list[bytes], number: int) -> list[bytes]:
    lines[number] = lines[number].replace(b"reply 0", b"reply 9")
    return lines


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda lines: damage(lines, 1), id="altered"),
        pytest.param(lambda lines: [lines[0], lines[1][:30] + b"\n", *lines[2:]], id="cut-inside"),
        pytest.param(lambda lines: [lines[0], b"\n", *lines[1:]], id="blank"),
        pytest.param(lambda lines: [lines[0], b'{"key":1}\n', *lines[1:]], id="no-checksum"),
    ],
)
def test_a_damaged_file_is_named_and_not_used(spoil: Any, tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    recorded(path, Counting()).answer([say(i) for i in range(3)])
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(spoil(lines)))
    before = path.read_bytes()
    for writable in (True, False):
        with pytest.raises(
            ArtifactError, match=rf"{path} is damaged in line 2.*Restore the file from a copy"
        ):
            Recording(path, "counting/1", CAN, writable=writable)
    assert path.read_bytes() == before


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(ArtifactError, match="damaged in line 1"):
        Recording(path, "counting/1", CAN)
    recorded(tmp_path / "s.jsonl", Counting())
    with pytest.raises(ArtifactError, match=r"holds answers of 'counting/1', expected 'other/2'"):
        Recording(tmp_path / "s.jsonl", "other/2", CAN)
    with pytest.raises(ArtifactError, match="There is no recording"):
        Recording(tmp_path / "absent.jsonl", writable=False)


def test_two_readers_share_a_file(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    one, other = Counting(), Counting()
    first, second = recorded(path, one), recorded(path, other)
    first.answer([say(0)])
    second.answer([say(0), say(1)])
    first.answer([say(1)])
    assert (len(one.asked), len(other.asked)) == (1, 1)


def write_many(path: Path, begin: int) -> None:
    backend = recorded(path, Counting())
    for seed in range(begin, begin + 20):
        backend.answer([say(seed)])


def test_two_writers_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    recorded(path, Counting())
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=write_many, args=(path, begin)) for begin in (0, 10)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    assert len(Recording(path, "counting/1", CAN)) == 30
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 31


@pytest.mark.parametrize(
    ("budget", "most"),
    [
        pytest.param(Budget(calls=40), 40, id="calls"),
        pytest.param(Budget(tokens=330), 64, id="tokens"),
        pytest.param(Budget(seconds=20.0), 64, id="seconds"),
    ],
)
def test_budget_stops_cleanly_and_all_is_saved(budget: Budget, most: int, tmp_path: Path) -> None:
    path, backend = tmp_path / "r.jsonl", Counting()
    requests = [say(i) for i in range(100)]
    with pytest.raises(BudgetExceededError, match=r"recorded.*larger budget"):
        recorded(path, backend, budget=budget).answer(requests)
    assert len(backend.asked) == most
    assert len(Recording(path, "counting/1", CAN)) == most
    further = Counting()
    recorded(path, further).answer(requests)
    assert len(further.asked) == 100 - most


def test_records_can_be_audited(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    backend = recorded(path, Counting())
    backend.answer([say(0)])
    (record,) = backend.recording.records()
    assert record["request"]["messages"] == [["user", "hello"]]
    assert record["reply"]["text"] == "reply 0 “é”"
    assert json.loads(path.read_text(encoding="utf-8").splitlines()[0])["backend"] == "counting/1"


@pytest.mark.parametrize("first", ["config", "recorder", "backends"])
def test_any_module_may_be_imported_first(first: str, repo: Path) -> None:
    code = f"import simulators.llm.{first}"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=repo, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
