"""The sentence table: ids to rows, filled once, bounded, and the same bits as the encoder's."""

from __future__ import annotations

import copy
import logging
import pickle
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pytest

from chatrec_env.errors import ChatRecError, ConfigError
from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.language.encoders import Encoder, HashingEncoder, Vectors, make_encoder
from chatrec_env.language.sentence_ring import UnknownSentenceError
from chatrec_env.language.sentence_rows import COLUMNS, PLAIN
from chatrec_env.language.sentence_table import SentenceTable

N, V, F, DIM = 10, 4, 2, 8
Ids = npt.NDArray[np.int64]


@dataclass
class Counts:
    n_values: int = V
    n_facets: int = F
    facets: tuple[()] = ()
    declaration: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(entities=(), unanswered=()))


@dataclass
class Grammar:
    """Ten sentences; the last two are the system's."""

    catalog: Counts = field(default_factory=Counts)
    n_sentences: int = N

    def text(self, sentence_id: int, /) -> str:
        return f"sentence {sentence_id}"

    def speaker(self, sentence_id: int) -> str:
        return "system" if sentence_id >= N - 2 else "user"

    def reachable_ids(self) -> Ids:
        return np.arange(1, N, dtype=np.int64)


class Parser:
    """ "... k" wants value k modulo V."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def parse(self, text: str, /) -> tuple[ParsedAct, ...]:
        self.asked.append(text)
        last = text.split()[-1] if text.split() else ""
        return (ParsedAct(UserAct.WANT, value=int(last) % V, polarity=1),) if last.isdigit() else ()


class Counting:
    """A hashing encoder that notes what it was asked."""

    name, dim, fingerprint = "counting", DIM, "f" * 64

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.calls.append(list(texts))
        return HashingEncoder(DIM).encode(texts)


def table_of(grammar: Grammar, encoder: Encoder, capacity: int = 65_536) -> SentenceTable:
    return SentenceTable(cast("Any", grammar), cast("Any", Parser()), encoder, capacity=capacity)


def make(capacity: int = 4) -> SentenceTable:
    return table_of(Grammar(), Counting(), capacity=capacity)


def ids(*numbers: int) -> Ids:
    return np.array(numbers, np.int64)


def encoded(text: str) -> Vectors:
    return np.asarray(HashingEncoder(DIM).encode([text])[0])


def assert_row(table: SentenceTable, sentence_id: int, text: str) -> None:
    """Everything the table says of an id is what this text gives."""
    row = int(table.row(ids(sentence_id))[0])
    assert table.text(sentence_id) == text
    assert table.embedding(sentence_id).tobytes() == encoded(text).tobytes()
    assert table.arrays.embeddings[row].tobytes() == encoded(text).tobytes()
    acts = Parser().parse(text)
    assert table.acts(sentence_id) == acts
    wishes = np.zeros(V, np.int8)
    for act in acts:
        wishes[act.value] = PLAIN
    np.testing.assert_array_equal(table.arrays.wishes[row], wishes)
    assert table.arrays.flags[row] == (1 << UserAct.WANT if acts else 0)


def assert_empty(table: SentenceTable, row: int) -> None:
    for name in ("embeddings", "wishes", "flags", "item_polarity", "relative", "replaces", "entity_polarity"):
        assert not np.any(getattr(table.arrays, name)[row]), name
    assert (table.arrays.item[row], table.arrays.context[row], table.arrays.entity[row]) == (-1, -1, -1)


# Grammar sentences


def test_ensure_parses_and_encodes_what_is_missing_in_one_call() -> None:
    table = make()
    table.ensure(np.array([[3, -1, 5], [3, 0, -1]], np.int32))
    assert table.encoder.calls == [["sentence 0", "sentence 3", "sentence 5"]]  # type: ignore[attr-defined]
    table.ensure(ids(3, 5, 7))
    assert table.encoder.calls[1:] == [["sentence 7"]]  # type: ignore[attr-defined]
    for i in (0, 3, 5, 7):
        assert_row(table, i, f"sentence {i}")


@pytest.mark.parametrize("empty", [ids(), ids(-1), np.full((3, 4), -1)], ids=["none", "one", "many"])
def test_ensure_of_no_sentence_asks_nothing(empty: Ids) -> None:
    table = make()
    table.ensure(empty)
    assert table.encoder.calls == []  # type: ignore[attr-defined]


def test_a_grammar_id_is_its_own_row_and_minus_one_is_the_last() -> None:
    table = make()
    rows = table.row(np.array([[0, 9], [-1, 4]], np.int32))
    np.testing.assert_array_equal(rows, [[0, 9], [len(table.arrays.flags) - 1, 4]])
    assert rows.dtype == np.intp
    assert_empty(table, int(table.row(ids(-1))[0]))


def test_vectors_that_came_along_are_not_computed_and_those_that_are_there_stay() -> None:
    table = make()
    table.ensure(ids(8))
    table.take(ids(8, 9), np.full((2, DIM), 0.5, np.float32))
    table.ensure(ids(8, 9))
    assert table.encoder.calls == [["sentence 8"]]  # type: ignore[attr-defined]
    assert table.embedding(8).tobytes() == encoded("sentence 8").tobytes()
    assert (table.embedding(9).tolist(), table.text(9)) == ([0.5] * DIM, "sentence 9")


def test_system_sentences_have_no_user_acts() -> None:
    table = make()
    table.ensure(ids(7, 8, 9))
    assert (table.acts(7) != (), table.acts(8), table.acts(9)) == (True, (), ())
    assert table.parser.asked == ["sentence 7"]  # type: ignore[attr-defined]
    assert table.embedding(8).tobytes() == encoded("sentence 8").tobytes()


def test_text_needs_no_model() -> None:
    table = make()
    assert table.text(3) == "sentence 3"
    assert table.texts(np.array([[0, -1, 2], [-1, -1, -1]])) == ["sentence 0 sentence 2", ""]
    assert table.encoder.calls == []  # type: ignore[attr-defined]


def test_acts_and_embedding_ensure_their_sentence() -> None:
    table = make()
    assert table.acts(5) == (ParsedAct(UserAct.WANT, value=1, polarity=1),)
    assert table.embedding(6).tobytes() == encoded("sentence 6").tobytes()


def test_preload_fills_what_a_conversation_can_hold_or_what_is_asked() -> None:
    table = make()
    table.ensure(ids(4))
    table.preload()
    assert np.flatnonzero(table.arrays.ready[:N]).tolist() == list(range(1, N))
    asked = [text for call in table.encoder.calls for text in call]  # type: ignore[attr-defined]
    assert sorted(asked) == [f"sentence {i}" for i in range(1, N)]
    free = table.intern(["a 1"])
    table.preload(np.append(free, ids(0, -1)))
    assert table.arrays.ready[:N].all()


@pytest.mark.parametrize("wrong", [-2, N, N + 4, N + 5, 10**12])
def test_an_id_never_handed_out_is_an_error(wrong: int) -> None:
    table = make()
    for call in (table.ensure, table.row):
        with pytest.raises(UnknownSentenceError, match=f"No sentence {wrong}: ids run from -1 .* to {N - 1}"):
            call(ids(0, wrong, 1))
    for look_up in (table.text, table.acts, table.embedding):
        with pytest.raises(UnknownSentenceError):
            look_up(wrong)


def test_no_sentence_has_no_text() -> None:
    with pytest.raises(UnknownSentenceError, match="Sentence -1 means no sentence"):
        make().text(-1)


# Free sentences


def test_interned_sentences_get_ids_in_order_and_keep_them() -> None:
    table = make()
    np.testing.assert_array_equal(table.intern(["b 2", "a 1", "b 2"]), [N, N + 1, N])
    np.testing.assert_array_equal(table.intern(["a 1", "c 3"]), [N + 1, N + 2])
    assert table.intern([]).shape == (0,)
    for sentence_id, text in ((N, "b 2"), (N + 1, "a 1"), (N + 2, "c 3")):
        assert_row(table, sentence_id, text)
    assert table.encoder.calls == [["b 2", "a 1"], ["c 3"]]  # type: ignore[attr-defined]
    assert table.texts(np.array([[N, 3], [N + 1, -1]])) == ["b 2 sentence 3", "a 1"]


def test_a_full_ring_drops_the_oldest_and_warns_once(caplog: pytest.LogCaptureFixture) -> None:
    table = make(capacity=3)
    first = table.intern(["a 1", "b 2", "c 3"])
    assert caplog.text == ""
    later = table.intern(["d 0", "e 1"])
    np.testing.assert_array_equal(later, [N + 3, N + 4])
    assert_row(table, int(first[2]), "c 3")
    assert_row(table, N + 3, "d 0")
    assert_row(table, N + 4, "e 1")
    nowhere = len(table.arrays.flags) - 1
    np.testing.assert_array_equal(table.row(np.append(first, later)), [nowhere, nowhere, N + 2, N, N + 1])
    table.ensure(first)  # a dropped id is no error here: it leads to the empty row
    for look_up in (table.text, table.acts, table.embedding):
        with pytest.raises(UnknownSentenceError, match="was dropped: newer free sentences took its place"):
            look_up(int(first[0]))
    table.intern([f"x {i}" for i in range(20)])
    assert caplog.text.count("holds 3 free sentences, its capacity") == 1
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_the_error_is_a_key_error_with_a_readable_message() -> None:
    with pytest.raises(KeyError) as caught:
        make().text(-2)
    assert isinstance(caught.value, ChatRecError)
    assert str(caught.value).startswith("No sentence -2: ids run")


def test_a_known_text_that_the_same_call_would_drop_is_taken_in_anew() -> None:
    table = make(capacity=3)
    table.intern(["a 1", "b 2", "c 3"])
    got = table.intern(["a 1", "d 0"])
    for sentence_id, text in zip(got.tolist(), ["a 1", "d 0"], strict=True):
        assert_row(table, sentence_id, text)
    table.intern(["e 1"])  # takes the place of c, not of the renewed a
    assert_row(table, int(got[0]), "a 1")


def test_more_sentences_at_once_than_the_ring_holds_keep_the_last() -> None:
    table = make(capacity=3)
    got = table.intern([f"x {i}" for i in range(8)])
    for i in (5, 6, 7):
        assert_row(table, int(got[i]), f"x {i}")
    assert (table.row(got[:5]) == len(table.arrays.flags) - 1).all()


def test_a_ring_agrees_with_a_plain_list_over_many_rounds() -> None:
    table, rng = make(capacity=5), np.random.default_rng(3)
    handed_out: list[str] = []  # by order of id
    for _ in range(300):
        texts = [f"t {i}" for i in rng.integers(12, size=rng.integers(1, 5))]
        got = table.intern(texts)
        for sentence_id, text in sorted(zip(got.tolist(), texts, strict=True)):
            if sentence_id - N == len(handed_out):
                handed_out.append(text)
            assert handed_out[sentence_id - N] == text
            assert_row(table, sentence_id, text)
        every = N + np.arange(len(handed_out))
        rows = table.row(every)
        kept = every >= N + len(handed_out) - 5
        assert (rows[~kept] == len(table.arrays.flags) - 1).all()
        for sentence_id in every[kept].tolist():
            assert_row(table, sentence_id, handed_out[sentence_id - N])
    assert_empty(table, -1)


@pytest.mark.parametrize("wrong", [3, None, b"bytes", "x" * 10_001], ids=["int", "none", "bytes", "long"])
def test_only_sentences_are_interned(wrong: str) -> None:
    table = make()
    with pytest.raises(ConfigError, match="must be a string of at most 10000 characters, got"):
        table.intern(["fine 1", wrong])
    assert table.intern(["fine 1"]).tolist() == [N]  # nothing of the refused call stayed


def test_a_failing_parser_leaves_no_half_written_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    table = make()

    def fail(text: str) -> tuple[ParsedAct, ...]:
        raise RuntimeError(text)

    with monkeypatch.context() as patch:
        patch.setattr(table.parser, "parse", fail)
        with pytest.raises(RuntimeError):
            table.intern(["a 1"])
    assert table.intern(["a 1"]).tolist() == [N]
    assert_row(table, N, "a 1")


@pytest.mark.parametrize("capacity", [0, -1, True, 2.0, None])
def test_capacity_must_be_a_positive_integer(capacity: int) -> None:
    with pytest.raises(ConfigError, match="capacity must be a positive integer, got"):
        make(capacity)


def test_the_arrays_cannot_be_written_from_outside() -> None:
    table = make()
    for name in COLUMNS:
        with pytest.raises(ValueError, match="read-only"):
            getattr(table.arrays, name)[0] = 1


# Copies, threads, size, speed


def pickled(table: SentenceTable) -> SentenceTable:
    again = pickle.loads(pickle.dumps(table))
    assert isinstance(again, SentenceTable)
    return again


@pytest.mark.parametrize("copied", [copy.deepcopy, pickled])
def test_a_copy_says_the_same_and_goes_its_own_way(copied: Callable[[SentenceTable], SentenceTable]) -> None:
    table = make(capacity=3)
    table.ensure(ids(1, 8))
    got = table.intern(["a 1", "b 2", "c 3", "d 0"])
    again = copied(table)
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(again.arrays, name), getattr(table.arrays, name))
    assert_row(again, 1, "sentence 1")
    assert_row(again, int(got[3]), "d 0")
    with pytest.raises(UnknownSentenceError):
        again.text(int(got[0]))
    again.intern(["e 1"])
    again.ensure(ids(2))
    assert_row(table, int(got[1]), "b 2")  # the original kept what the copy dropped
    assert not table.arrays.ready[2]
    assert again.intern(["d 0"]).tolist() == [got[3]]


def test_a_pickle_holds_the_filled_rows_only() -> None:
    table = make(capacity=100_000)
    table.intern(["a 1"])
    assert len(pickle.dumps(table)) < 5_000


def test_threads_that_intern_and_read_see_whole_sentences() -> None:
    table = table_of(Grammar(), HashingEncoder(DIM), capacity=400)
    wrong: list[object] = []

    def work(seed: int) -> None:
        rng = np.random.default_rng(seed)
        for _ in range(60):
            texts = [f"t {i}" for i in rng.integers(150, size=3)]
            got = table.intern(texts)
            table.ensure(rng.integers(-1, N, size=4))
            for sentence_id, text in zip(got.tolist(), texts, strict=True):
                if (
                    table.text(sentence_id) != text
                    or table.embedding(sentence_id).tobytes() != encoded(text).tobytes()
                ):
                    wrong.append((sentence_id, text))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert table.end <= N + 6 * 60 * 3


def test_a_million_free_sentences_stay_within_the_capacity() -> None:
    # What 40,000 sentences in a ring of 2,000 show holds for a million in one of 65,536.
    capacity, table = 2_000, make(capacity=2_000)
    for start in range(0, 40_000, 1_000):
        table.intern([f"free {i}" for i in range(start, start + 1_000)])
        table.encoder.calls.clear()  # type: ignore[attr-defined]
    assert f"{capacity} of {capacity} free ones" in repr(table)
    assert_row(table, N + 39_999, "free 39999")
    wide = table_of(Grammar(Counts(n_values=140, n_facets=10)), HashingEncoder(384))
    row = 4 * 384 + 2 * 140 + 2 + 1 + 4 + 10 + 8 + 4 + 1 + 1 + 1 + 4 + 1 + 1 + 4
    size = sum(getattr(wide.arrays, name).nbytes for name in COLUMNS)
    assert size == (N + 65_536 + 1) * row < 125e6


def test_ensure_and_row_are_fast_when_nothing_is_missing() -> None:
    table = table_of(Grammar(n_sentences=2_000), HashingEncoder(DIM))
    table.preload(np.arange(2_000))
    turn = np.random.default_rng(0).integers(-1, 2_000, size=(1_024, 4))

    def best(call: Callable[[Ids], object]) -> float:
        times = []
        for _ in range(300):
            started = time.perf_counter()
            call(turn)
            times.append(time.perf_counter() - started)
        return min(times)

    assert best(table.ensure) < 100e-6  # 10 on the machine this was written on
    assert best(table.row) < 100e-6


def test_many_tables_of_a_name_share_one_encoder() -> None:
    a, b = (table_of(Grammar(), make_encoder("hash")) for _ in range(2))
    assert a.encoder is b.encoder
