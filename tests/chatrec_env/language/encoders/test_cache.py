"""The vectors' memory on disk: what survives a crash, a flipped bit, and company."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
import stat
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from chatrec_env.language.encoders import CachedEncoder, HashingEncoder, TokenStates, Vectors, cache_folder
from chatrec_env.language.encoders import cache as cache_module
from chatrec_env.language.encoders.cache import unkept
from chatrec_env.language.encoders.store import VectorStore

DIM = 8
HEADER = 128
RECORD = 16 + 4 * DIM + 4
WORDS = ["one", "two", "three", "four", "five"]


class Counting:
    """A hashing encoder that notes what it was asked."""

    name, dim = "counting", DIM

    def __init__(self, fingerprint: str = "f" * 64, numerics: str = "") -> None:
        self.fingerprint, self.numerics = fingerprint, numerics
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return HashingEncoder(DIM).encode(texts)


def cached(folder: Path, **identity: str) -> tuple[CachedEncoder, Counting]:
    inner = Counting(**identity)
    return CachedEncoder(inner, folder), inner


def filled(folder: Path) -> Path:
    """A file with the vectors of WORDS, in this order."""
    encoder, _ = cached(folder)
    encoder.encode(WORDS)
    assert encoder.path.stat().st_size == HEADER + len(WORDS) * RECORD
    return encoder.path


def right(texts: Sequence[str]) -> Vectors:
    return HashingEncoder(DIM).encode(texts)


def test_each_text_is_encoded_once_ever(tmp_path: Path) -> None:
    first, inner = cached(tmp_path)
    np.testing.assert_array_equal(first.encode(["one", "two", "one"]), right(["one", "two", "one"]))
    np.testing.assert_array_equal(first.encode(["three", "two"]), right(["three", "two"]))
    assert inner.asked == ["one", "two", "three"]
    second, inner = cached(tmp_path)
    np.testing.assert_array_equal(second.encode(WORDS), right(WORDS))
    assert inner.asked == ["four", "five"]


def test_no_texts_give_no_rows(tmp_path: Path) -> None:
    encoder, inner = cached(tmp_path)
    assert encoder.encode([]).shape == (0, DIM)
    assert inner.asked == []


def test_the_wrapped_encoder_s_identity_shows(tmp_path: Path) -> None:
    encoder, inner = cached(tmp_path)
    assert (encoder.name, encoder.dim, encoder.fingerprint) == (inner.name, inner.dim, inner.fingerprint)


@pytest.mark.parametrize(
    "identity",
    [
        pytest.param({"fingerprint": "0" * 64}, id="weights"),
        pytest.param({"numerics": "other"}, id="machine"),
    ],
)
def test_vectors_of_other_weights_or_machines_are_not_taken(tmp_path: Path, identity: dict[str, str]) -> None:
    filled(tmp_path)
    encoder, inner = cached(tmp_path, **identity)
    encoder.encode(["one"])
    assert inner.asked == ["one"]


def test_a_torn_tail_costs_one_record(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = filled(tmp_path)
    path.write_bytes(path.read_bytes()[:-5])
    encoder, inner = cached(tmp_path)
    np.testing.assert_array_equal(encoder.encode(WORDS), right(WORDS))
    assert inner.asked == ["five"]
    assert f"{path}: its last record was cut off ({RECORD - 5} of {RECORD} bytes)" in caplog.text
    caplog.clear()
    encoder, inner = cached(tmp_path)
    np.testing.assert_array_equal(encoder.encode(WORDS), right(WORDS))
    assert (inner.asked, caplog.text) == ([], "")


def test_a_tail_torn_while_running_does_not_shift_later_records(tmp_path: Path) -> None:
    path = filled(tmp_path)
    encoder, _ = cached(tmp_path)
    encoder.encode(["one"])
    with path.open("ab") as file:
        file.write(b"half a record")  # another process was killed here
    encoder.encode(["six"])
    again, inner = cached(tmp_path)
    np.testing.assert_array_equal(again.encode([*WORDS, "six"]), right([*WORDS, "six"]))
    assert inner.asked == []


@pytest.mark.parametrize("offset", [0, 16, 40, RECORD - 1], ids=["key", "vector-start", "vector", "checksum"])
def test_a_flipped_byte_costs_one_record(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, offset: int
) -> None:
    path = filled(tmp_path)
    bad = bytearray(path.read_bytes())
    bad[HEADER + 2 * RECORD + offset] ^= 0x10
    path.write_bytes(bad)
    encoder, inner = cached(tmp_path)
    np.testing.assert_array_equal(encoder.encode(WORDS), right(WORDS))
    assert inner.asked == ["three"]
    assert f"{path}: 1 of 5 records are damaged" in caplog.text
    assert path.stat().st_size == HEADER + 5 * RECORD  # the damaged one is gone, the new one is there
    caplog.clear()
    encoder, inner = cached(tmp_path)
    np.testing.assert_array_equal(encoder.encode(WORDS), right(WORDS))
    assert (inner.asked, caplog.text) == ([], "")


@pytest.mark.parametrize("content", [b"", b"short", b"X" * 4096], ids=["empty", "short", "foreign"])
def test_a_wrong_header_sets_the_file_aside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    path = filled(tmp_path)
    path.write_bytes(content)
    encoder, inner = cached(tmp_path)
    np.testing.assert_array_equal(encoder.encode(WORDS), right(WORDS))
    assert inner.asked == WORDS
    assert "its header is not the expected one; it was moved to" in caplog.text
    assert path.with_suffix(".damaged").read_bytes() == content
    assert cached(tmp_path)[0].encode(WORDS).tobytes() == right(WORDS).tobytes()


def test_two_encoders_on_one_file_learn_from_each_other(tmp_path: Path) -> None:
    a, asked_a = cached(tmp_path)
    b, asked_b = cached(tmp_path)
    a.encode(["one"])
    b.encode(["one", "two"])
    a.encode(["three"])  # while writing, a sees what b wrote
    a.encode(["two"])
    assert (asked_a.asked, asked_b.asked) == (["one", "three"], ["two"])


def test_a_file_replaced_by_another_process_is_read_afresh(tmp_path: Path) -> None:
    path = filled(tmp_path)
    encoder, inner = cached(tmp_path)
    encoder.encode(WORDS)
    path.unlink()
    np.testing.assert_array_equal(encoder.encode(["six"]), right(["six"]))
    np.testing.assert_array_equal(encoder.encode([*WORDS, "six"]), right([*WORDS, "six"]))
    assert inner.asked == ["six", *WORDS]


def _write_words(folder: Path, start: int) -> None:
    encoder, _ = cached(folder)
    for i in range(start, start + 40):
        encoder.encode([f"text {i}", f"also {i}"])


def test_two_processes_append_without_losing_a_record(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_write_words, args=(tmp_path, start)) for start in (0, 20)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    texts = [f"{word} {i}" for i in range(60) for word in ("text", "also")]
    encoder, inner = cached(tmp_path)
    np.testing.assert_array_equal(encoder.encode(texts), right(texts))
    assert inner.asked == []


def test_an_unusable_folder_falls_back_to_memory(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("not a folder")
    encoder, inner = cached(tmp_path / "file" / "cache")
    for _ in range(3):
        np.testing.assert_array_equal(encoder.encode(WORDS), right(WORDS))
    assert inner.asked == WORDS
    assert caplog.text.count("cannot be written") == 1
    assert "Set CHATREC_CACHE to a folder that can be written to" in caplog.text


def test_a_read_only_file_still_serves_what_it_has(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = filled(tmp_path)
    bad = bytearray(path.read_bytes())
    bad[HEADER + RECORD + 20] ^= 1
    path.write_bytes(bad[:-3])

    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")  # the superuser, who may run this, is never refused

    monkeypatch.setattr("filelock.FileLock.acquire", refuse)
    encoder, inner = cached(tmp_path)
    np.testing.assert_array_equal(encoder.encode([*WORDS, "six"]), right([*WORDS, "six"]))
    np.testing.assert_array_equal(encoder.encode([*WORDS, "six"]), right([*WORDS, "six"]))
    assert inner.asked == ["two", "five", "six"]
    assert caplog.text.count("cannot be written") == 1


def test_a_disk_that_fills_up_midway_loses_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder, inner = cached(tmp_path)
    encoder.encode(["one"])

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(VectorStore, "append", full)
    np.testing.assert_array_equal(encoder.encode(WORDS), right(WORDS))
    np.testing.assert_array_equal(encoder.encode(WORDS), right(WORDS))
    assert inner.asked == WORDS
    assert caplog.text.count("No space left on device") == 1


def test_an_interrupted_run_keeps_what_it_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "CHUNK", 2)
    encoder, inner = cached(tmp_path)
    plain = inner.encode

    def interrupted(texts: Sequence[str]) -> Vectors:
        if "five" in texts:
            raise KeyboardInterrupt
        return plain(texts)

    monkeypatch.setattr(inner, "encode", interrupted)
    with pytest.raises(KeyboardInterrupt):
        encoder.encode(WORDS)
    again, inner = cached(tmp_path)
    again.encode(WORDS)
    assert inner.asked == ["five"]


def test_the_file_is_bounded_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_module, "MOST_RECORDS", 3)
    monkeypatch.setattr(cache_module, "MOST_IN_MEMORY", 2)
    encoder, _ = cached(tmp_path)
    for text in [*WORDS, "six", "seven"]:
        np.testing.assert_array_equal(encoder.encode([text]), right([text]))
    assert encoder.path.stat().st_size == HEADER + 3 * RECORD
    assert caplog.text.count("holds 3 texts, the most it may") == 1
    np.testing.assert_array_equal(encoder.encode(WORDS), right(WORDS))
    assert len(encoder._memory) == 2


def test_copies_and_pickles_carry_no_file_and_no_vectors(tmp_path: Path) -> None:
    encoder, _ = cached(tmp_path)
    encoder.encode(WORDS)
    assert copy.deepcopy(encoder) is encoder
    packed = pickle.dumps(encoder)
    assert len(packed) < 1000
    again = pickle.loads(packed)
    np.testing.assert_array_equal(again.encode(WORDS), right(WORDS))
    assert again.encoder.asked == WORDS  # as pickled: nothing was asked again


def test_broken_unicode_has_a_key_of_its_own(tmp_path: Path) -> None:
    encoder, inner = cached(tmp_path)
    encoder.encode(["\ud800", "\ud801", "?"])
    encoder.encode(["\ud800", "\ud801", "?"])
    assert len(inner.asked) == 3


def test_the_folder_is_told_or_the_user_s(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHATREC_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("CHATREC_CACHE")
    assert cache_folder().name == "chatrec"


def test_a_large_file_loads_in_well_under_a_second(tmp_path: Path) -> None:
    store = VectorStore(tmp_path / "v", identity="i", dim=384)
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((30_000, 384), np.float32)
    with store.locked():
        store.open()
        store.append({i.to_bytes(16, "little"): v for i, v in enumerate(vectors)})
    started = time.process_time()
    records = store.records()
    assert store.intact(records).all()
    assert store.keys(records)[1] == (1).to_bytes(16, "little")
    assert time.process_time() - started < 1.0
    np.testing.assert_array_equal(store.vectors(records[[7, 29_999]]), vectors[[7, 29_999]])


class Stating(Counting):
    """The same, with token states; it notes the calls, and waits in the first until it is let go."""

    weights = "w"

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[list[str]] = []
        self.begun, self.go = threading.Event(), threading.Event()

    def encode_with_states(self, texts: Sequence[str]) -> tuple[Vectors, list[TokenStates]]:
        self.calls.append(list(texts))
        self.begun.set()
        assert self.go.wait(20)
        vectors = right(texts)
        none = np.zeros((0, 2), np.int64)
        return vectors, [TokenStates(vector[None], none) for vector in vectors]


def test_calls_that_wait_together_are_made_together(tmp_path: Path) -> None:
    inner = Stating()
    encoder = CachedEncoder(inner, tmp_path)
    answers: dict[str, Vectors] = {}

    def ask(text: str) -> None:
        vectors, states = encoder.encode_with_states([text])
        np.testing.assert_array_equal(states[0].states, vectors)
        answers[text] = vectors[0]

    threads = [threading.Thread(target=ask, args=(text,)) for text in WORDS]
    threads[0].start()
    assert inner.begun.wait(20)
    for thread in threads[1:]:
        thread.start()
    assert encoder.together is not None
    while len(encoder.together._waiting) < len(WORDS) - 1:
        time.sleep(0.01)
    inner.go.set()
    for thread in threads:
        thread.join()
    assert [sorted(call) for call in inner.calls] == [["one"], sorted(WORDS[1:])]
    for text in WORDS:
        np.testing.assert_array_equal(answers[text], right([text])[0])


def test_an_error_is_everybodys_and_the_next_call_works(tmp_path: Path) -> None:
    inner = Stating()
    inner.go.set()
    encoder = CachedEncoder(inner, tmp_path)
    works = inner.encode_with_states
    inner.encode_with_states = lambda texts: 1 / 0  # type: ignore[method-assign, assignment, return-value]
    with pytest.raises(ZeroDivisionError):
        encoder.encode_with_states(["one"])
    inner.encode_with_states = works  # type: ignore[method-assign]
    np.testing.assert_array_equal(encoder.encode_with_states(["one"])[0], right(["one"]))


def test_what_people_say_is_remembered_to_the_end_and_kept_nowhere(tmp_path: Path) -> None:
    """Each sentence left a hash and a vector that anybody could read, for good."""
    encoder, inner = cached(tmp_path)
    encoder.encode(["one"])
    before = encoder.path.read_bytes()
    for _ in range(2):
        inner.asked.clear()
        with unkept():
            for _ in range(2):
                np.testing.assert_array_equal(encoder.encode(["one", "secret"]), right(["one", "secret"]))
        assert inner.asked == ["secret"], "also the second time it is said"
    assert encoder.path.read_bytes() == before
    assert not encoder._memory


def test_states_of_what_people_say_are_computed_whether_it_was_said_before_or_not(tmp_path: Path) -> None:
    """The time an answer takes does not tell."""
    inner = Stating()
    inner.go.set()
    encoder = CachedEncoder(inner, tmp_path)
    for _ in range(3):
        with unkept():
            vectors, _ = encoder.encode_with_states(["secret"])
            np.testing.assert_array_equal(encoder.encode(["secret"]), vectors)
    assert inner.calls == [["secret"]] * 3
    assert not encoder.path.exists() or encoder.path.stat().st_size == HEADER


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    encoder, _ = cached(tmp_path / "new")
    encoder.encode(["one"])
    assert stat.S_IMODE(encoder.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(encoder.path.parent.stat().st_mode) == 0o700
    encoder.path.chmod(0o644)  # as an earlier version left it
    again, _ = cached(tmp_path / "new")
    again.encode(["two"])
    assert stat.S_IMODE(again.path.stat().st_mode) == 0o600
