"""Sessions outlive the process, wait for each other, and forget nothing that was acknowledged."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.baselines import AskThenRecommend, save_baseline
from agents.export import Export, export_policy, load_export
from agents.serving.conversation import Conversation
from agents.serving.errors import (
    CannotContinueError,
    NoSuchSessionError,
    OutOfStepError,
    ServiceError,
    StoreUnavailableError,
)
from agents.serving.replies import Chance
from agents.serving.sessions import Sessions, wording_of
from agents.serving.store import Event, Store, StoreError
from agents.serving.talk import likeness
from chatrec_env.envs.config import EnvConfig
from chatrec_env.language import Form, make_encoder
from chatrec_env.language.encoders import CachedEncoder
from chatrec_env.language.message_reader import MessageReader

TALK = (
    "Hi! I loved Heat.",
    "A dark thriller.",
    "Nothing with Tom Cruise.",
    "Something newer.",
    "Not so violent.",
)


def talk(sessions: Sessions) -> str:
    """A session with everything in it: choices, changed minds, late ratings, words that accept, a goodbye."""
    name, beside = sessions.open().id, 0
    for turn, text in enumerate(TALK * 2):
        reply = sessions.message(name, text=text)
        if reply.cards and turn % 3 == 0:
            sessions.click(name, reply.cards[-1].item)
            sessions.click(name, reply.cards[0].item)
            sessions.rate(name, reply.cards[0].item, 2)
            sessions.rate(name, reply.cards[0].item, 4)
        elif len(reply.cards) > 1 and turn % 3 == 1:
            sessions.click(name, reply.cards[1].item)
            beside += 1
    assert beside
    unrated = [item for item, stars in sessions.conversation(name).clicked.items() if not stars]
    for item in unrated[:1]:
        sessions.rate(name, item, 5)
    sessions.message(name, text="I'll take it.")
    sessions.message(name, text="Thanks, bye!")
    return name


def same(one: Any, other: Any) -> None:
    """Two records of arrays hold the same bits."""
    for name in one._fields:
        a, b = getattr(one, name), getattr(other, name)
        if isinstance(a, np.ndarray):
            assert a.dtype == b.dtype
            np.testing.assert_array_equal(a, b, err_msg=name)
        else:
            same(a, b)


def equal(one: Conversation, other: Conversation) -> None:
    same(one.dialogue, other.dialogue)
    for name in ("offered", "clicked", "named", "pending", "ended"):
        assert getattr(one, name) == getattr(other, name), name


class Counting:
    """MiniLM that counts how often it ran."""

    def __init__(self) -> None:
        self.encoder = make_encoder("minilm")
        self.name, self.dim, self.fingerprint = self.encoder.name, self.encoder.dim, self.encoder.fingerprint
        self.weights, self.runs = self.encoder.weights, 0  # type: ignore[attr-defined]

    def encode(self, texts: Sequence[str]) -> Any:
        return self.encoder.encode(texts)

    def encode_with_states(self, texts: Sequence[str]) -> Any:
        self.runs += 1
        return self.encoder.encode_with_states(texts)  # type: ignore[attr-defined]


def test_the_model_is_tried_before_anybody_is_served(
    reading_export: Export, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where all that is said to warm up is known from an earlier start."""
    table, counting = reading_export.task.manager.table, Counting()
    monkeypatch.setattr(table, "reader", MessageReader(table.parser, counting))
    sessions = Sessions(reading_export, store)
    for start in range(3):
        before = counting.runs
        sessions.warm_up()
        assert counting.runs > before, start


class Noting:
    """An encoder that notes what it is given."""

    def __init__(self, encoder: Any) -> None:
        self.encoder, self.texts = encoder, list[str]()
        self.name, self.dim, self.fingerprint = encoder.name, encoder.dim, encoder.fingerprint

    def encode(self, texts: Sequence[str]) -> Any:
        self.texts += texts
        return self.encoder.encode(texts)


@pytest.mark.parametrize("most", [40, 39])
def test_what_depends_on_the_catalogue_is_encoded_before_anybody_is_served(
    first_films: Callable[[int], str],
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    most: int,
) -> None:
    """Of more items than ``MOST_READ`` nothing is encoded but their values, then or later."""
    monkeypatch.setattr(likeness, "MOST_READ", most)
    save_baseline(
        tmp_path / "policy",
        AskThenRecommend(questions=0, diversity=0.0),
        EnvConfig(encoder="hash", catalog=first_films(40)),
    )
    export = load_export(export_policy(tmp_path / "policy", tmp_path / "export"))
    manager = export.task.manager
    noting = Noting(manager.table.encoder)
    monkeypatch.setattr(manager.table, "encoder", noting)
    sessions = Sessions(export, store)
    sessions.warm_up()
    items = manager.grammar.ids(Form.S_ITEM, np.arange(40), 0)
    told, named = {manager.table.grammar.text(int(i)) for i in items}, set(manager.catalog.value_names)
    assert named <= set(noting.texts)
    assert told & set(noting.texts) == (told if most == 40 else set())
    noting.texts.clear()
    name = sessions.open().id
    for text in (
        "A silent comedy.",
        "Nothing violent.",
        "Like Metropolis, but funnier.",
        "A film with a sad robot.",
    ):
        sessions.message(name, text=text)
    assert not (told | named) & set(noting.texts)


@pytest.mark.parametrize("kind", ["network", "baseline"])
def test_a_restart_gives_the_same_state_and_the_same_next_turn(
    kind: str, export: Export, asking_export: Export, store: Store
) -> None:
    chosen = export if kind == "network" else asking_export
    before = Sessions(chosen, store)
    name = talk(before)
    after = Sessions(chosen, Store(store.path))
    assert after.conversation(name) is not before.conversation(name)
    equal(before.conversation(name), after.conversation(name))
    assert "chatrec_restored_total 1" in after.metrics.text(1)
    expected = before.conversation(name).branch()
    expected.hear(["A comedy."])
    chance = Chance(before.wording(name, expected.turn), 0.5)
    reply, _ = expected.answer(before.policy, chance, ["A comedy."])
    assert after.message(name, sentences=["A comedy."]) == reply
    after.store.close()


def test_a_restart_in_the_middle_of_a_turn_keeps_the_click(asking: Sessions) -> None:
    name = asking.open().id
    asking.message(name, text="Hello.")
    item = asking.message(name, text="A thriller.").cards[2].item
    asking.click(name, item)
    after = Sessions(asking.export, Store(asking.store.path))
    after.rate(name, item, 5)
    assert after.conversation(name).pending == item
    after.message(name, text="What else?")
    assert after.conversation(name).dialogue.favourite[0] == item
    after.store.close()


def test_another_policy_takes_up_the_conversation(asking: Sessions, export: Export) -> None:
    asking.export = replace(asking.export, hears=True)  # as the other does
    name = talk(asking)
    other = Sessions(export, Store(asking.store.path))
    equal(asking.conversation(name), other.conversation(name))
    before = asking.conversation(name).turn
    assert other.message(name, text="A comedy.").turn == before + 1
    _, events = other.transcript(name)
    assert {event.policy for event in events} == {asking.export.fingerprint, export.fingerprint}
    other.store.close()


def test_a_session_of_another_catalogue_can_be_read_but_not_continued(
    asking: Sessions, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = asking.open().id
    asking.message(name, text="Hello.")
    with sqlite3.connect(store.path) as file:
        file.execute("UPDATE sessions SET catalog = 'another'")
    later = Sessions(asking.export, store)
    assert len(later.transcript(name)[1]) == 2
    with pytest.raises(CannotContinueError, match="can be read, but not continued"):
        later.message(name, text="A comedy.")


def test_a_session_of_another_version_can_be_read_but_not_continued(asking: Sessions, store: Store) -> None:
    name = asking.open().id
    asking.message(name, text="Hello.")
    store.append(name, 2, [Event("click", {"item": 5}, "policy", "t")])  # never suggested, says this version
    later = Sessions(asking.export, store)
    with pytest.raises(CannotContinueError, match="held with another version"):
        later.message(name, text="A comedy.")
    assert len(later.transcript(name)[1]) == 3


def test_a_message_sent_again_gets_the_answer_it_got(asking: Sessions) -> None:
    name = asking.open().id
    first = asking.message(name, text="Hello.", after=0)
    assert asking.message(name, text="Hello.", after=0) == first
    second = asking.message(name, text="A thriller.", after=1)
    asking.click(name, second.cards[0].item)
    assert asking.message(name, text="A thriller.", after=1) == second, "also after a click"
    assert second.cards[0].why.meets[0].value == "thriller"
    assert [event.kind for event in asking.transcript(name)[1]].count("message") == 2
    assert asking.message(name, text="A thriller.", after=2).turn == 3, "saying it again is another matter"


@pytest.mark.parametrize(
    ("text", "after"),
    [
        pytest.param("A comedy.", 0, id="another-message"),
        pytest.param("A thriller.", 0, id="two-turns-ago"),
        pytest.param("A thriller.", 7, id="ahead"),
    ],
)
def test_a_message_to_another_turn_is_refused(asking: Sessions, text: str, after: int) -> None:
    name = asking.open().id
    with pytest.raises(OutOfStepError, match="the session is at turn 0"):
        asking.message(name, text=text, after=5)
    for said in ("Hello.", "A thriller."):
        asking.message(name, text=said)
    with pytest.raises(OutOfStepError, match=f"answers turn {after}, but the session is at turn 2"):
        asking.message(name, text=text, after=after)


def test_a_session_nobody_opened(asking: Sessions) -> None:
    for act in (
        lambda: asking.message("nobody", text="Hello."),
        lambda: asking.click("nobody", 1),
        lambda: asking.rate("nobody", 1, 3),
        lambda: asking.transcript("nobody"),
    ):
        with pytest.raises(NoSuchSessionError, match="No session 'nobody'"):
            act()
    assert len(asking.cache) == 0


def test_what_the_store_did_not_take_has_not_happened(
    asking: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = asking.open().id
    asking.message(name, text="Hello.")
    before = asking.conversation(name)
    wishes, turn = before.dialogue.wishes.copy(), before.turn

    def full(*_: object) -> None:
        raise StoreError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(asking.store, "append", full)
        with pytest.raises(StoreUnavailableError, match="The disk is full"):
            asking.message(name, text="A dark thriller.")
    after = asking.conversation(name)
    np.testing.assert_array_equal(after.dialogue.wishes, wishes)
    assert after.turn == turn
    assert asking.message(name, text="A dark thriller.").turn == turn + 1


def test_two_processes_on_one_session(asking: Sessions) -> None:
    name = asking.open().id
    other = Sessions(asking.export, Store(asking.store.path))
    asking.message(name, text="Hello.")
    other.message(name, text="A thriller.")
    reply = asking.message(name, text="A comedy.", after=2)
    assert reply.turn == 3
    item = reply.cards[0].item
    other.click(name, item)
    asking.rate(name, item, 4)
    assert asking.message(name, text="What else?").turn == 4
    kinds = [event.kind for event in asking.transcript(name)[1]]
    assert kinds == [*["message", "reply"] * 3, "click", "rating", "message", "reply"]
    equal(asking.conversation(name), other.conversation(name))
    other.store.close()


def test_two_processes_at_the_same_time(asking: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one writes between reading and writing: the change is made anew from what is there then."""
    name = asking.open().id
    other = Sessions(asking.export, Store(asking.store.path))
    append, met = asking.store.append, list[int]()

    def late(*args: Any) -> None:
        if not met:
            met.append(other.message(name, text="A thriller.").turn)
        append(*args)

    monkeypatch.setattr(asking.store, "append", late)
    assert asking.message(name, text="A comedy.").turn == 2
    assert asking.transcript(name)[1][1].body["turn"] == 1
    with pytest.raises(OutOfStepError, match="it went on elsewhere"):
        asking.message(name, text="A drama.", after=1)
    other.store.close()


def test_sessions_that_make_room_come_back(asking_export: Export, store: Store) -> None:
    sessions = Sessions(asking_export, store, max_cached=3)
    names = [sessions.open().id for _ in range(8)]
    for turn in range(3):
        for name in names:
            assert sessions.message(name, text="Something else.").turn == turn + 1
    assert len(sessions.cache) == 3


def test_threads_share_sessions_without_mixing_them_up(asking_export: Export, store: Store) -> None:
    sessions = Sessions(asking_export, store, max_cached=2)
    names = [sessions.open().id for _ in range(4)]
    turns: dict[str, list[int]] = {name: [] for name in names}
    failures: list[BaseException] = []

    def work(seed: int) -> None:
        order = np.random.default_rng(seed).permutation(names * 4)
        try:
            for name in order.tolist():
                turns[name].append(sessions.message(name, text=f"Something else, says {seed}.").turn)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    for name in names:
        assert sorted(turns[name]) == list(range(1, 17))
        replies = [event.body["turn"] for event in sessions.transcript(name)[1] if event.kind == "reply"]
        assert replies == list(range(1, 17))


def test_the_wording_varies_and_is_the_same_again() -> None:
    drawn = {wording_of("a", turn) for turn in range(200)}
    assert len(drawn) == 36
    assert wording_of("a", 3) == wording_of("a", 3)
    assert [wording_of("a", t) for t in range(9)] != [wording_of("b", t) for t in range(9)]


def test_users_words_are_kept_as_data(asking: Sessions, tmp_path: Path) -> None:
    name = asking.open().id
    text = "'); DROP TABLE events; -- {noun} %s \x1b[31m <script>alert(1)</script>\u202e"
    asking.message(name, text=text)
    _, events = asking.transcript(name)
    assert events[0].body["text"] == "'); DROP TABLE events; -- {noun} %s [31m <script>alert(1)</script>"
    assert asking.message(name, text="").turn == 2


def test_the_old_name_of_the_rating_history(export: Export, store: Store) -> None:
    """A store keeps it under the name it always had there."""
    sessions = Sessions(export, store)
    with pytest.warns(DeprecationWarning, match="'past' of Sessions.open is called 'rating_history' now"):
        old = sessions.open(past=[(3, 4.5)]).id
    new = sessions.open(rating_history=[(3, 4.5)]).id
    found = [[(event.kind, event.body) for event in sessions.transcript(name)[1]] for name in (old, new)]
    assert found == [[("past", {"ratings": [[3, 4.5]]})]] * 2


@pytest.mark.parametrize(
    ("call", "told"),
    [
        pytest.param(lambda s, n: s.message(n), "either text or sentences", id="nothing"),
        pytest.param(lambda s, n: s.message(n, text="A", sentences=["B"]), "got both", id="both"),
        pytest.param(lambda s, n: s.message(n, text=3), "must be a string, got int", id="number"),
        pytest.param(lambda s, n: s.message(n, sentences="A comedy."), "list of strings", id="one-text"),
        pytest.param(lambda s, n: s.message(n, sentences=["A."] * 9), "at most 4 .* got 9", id="too-many"),
        pytest.param(lambda s, n: s.rate(n, 0, 9), r"0.5, 1, 1.5, ... 5, got 9", id="stars"),
        pytest.param(lambda s, n: s.rate(n, 0, 4.25), r"... 5, got 4.25", id="quarter-stars"),
        pytest.param(
            lambda s, n: s.open(rating_history=[(0, 9)]), r"0.5, 1, ... 5\), got \(0, 9\)", id="history-stars"
        ),
        pytest.param(
            lambda s, n: s.open(rating_history=[(0, float("nan"))]), "got .0, nan", id="history-nan"
        ),
        pytest.param(lambda s, n: s.open(rating_history=[(1.5, 3)]), "whole numbers", id="history-item"),
        pytest.param(
            lambda s, n: s.open(rating_history=[("a", 3)]), "item and stars each", id="history-text"
        ),
        pytest.param(lambda s, n: s.open(rating_history=[(0,)]), "item and stars each", id="history-single"),
    ],
)
def test_what_the_web_api_refuses_is_refused_from_python_too(
    call: Any, told: str, export: Export, store: Store
) -> None:
    """Nine stars were learned from; the rest came out of NumPy, some after the session was opened in the store."""
    sessions = Sessions(export, store)
    name = sessions.open().id
    with pytest.raises(ServiceError, match=told):
        call(sessions, name)
    assert sessions.transcript(name)[1] == []


def test_a_corrected_wish_survives_a_restart(asking: Sessions) -> None:
    name = asking.open().id
    asking.message(name, text="Hello.")
    reply = asking.message(name, text="A dark comedy, under 100 minutes.")
    wishes = {wish.value: wish.id for wish in reply.wishes}
    assert set(wishes) >= {"dark", "comedy"}
    asking.correct(name, wishes["dark"], "avoided")
    after = asking.correct(name, wishes["comedy"], "none")
    assert "comedy" not in {wish.value for wish in after}
    assert [wish.value for wish in after if wish.strength < 0] == ["dark"]
    asking.message(name, text="Something else?")
    again = Sessions(asking.export, Store(asking.store.path))
    equal(asking.conversation(name), again.conversation(name))
    assert again.conversation(name).bounds == asking.conversation(name).bounds
    again.store.close()


@pytest.mark.parametrize(
    ("wish", "stance", "told"),
    [
        pytest.param("v99999", "none", "no wish 'v99999'", id="no-such-value"),
        pytest.param("f3", "none", "no wish 'f3'", id="no-such-limit"),
        pytest.param("drop table", "none", "no wish 'drop table'", id="no-id"),
        pytest.param("v1", "loved", "wanted, avoided, none", id="no-stance"),
    ],
)
def test_only_a_wish_can_be_corrected(asking: Sessions, wish: str, stance: str, told: str) -> None:
    name = asking.open().id
    asking.message(name, text="A dark comedy.")
    with pytest.raises(ServiceError, match=told):
        asking.correct(name, wish, stance)


def test_what_was_answered_is_replayed_after_a_restart(asking: Sessions) -> None:
    name = asking.open().id
    for text in ("Hello.", "A comedy.", "How long is it?", "Start over.", "I'll take it.", "Thanks, bye!"):
        asking.message(name, text=text)
    again = Sessions(asking.export, Store(asking.store.path))
    before, after = asking.conversation(name), again.conversation(name)
    equal(before, after)
    assert (after.cards, after.focus, after.after) == (before.cards, before.focus, before.after)
    again.store.close()


def test_what_people_say_is_in_the_store_and_nowhere_else(
    reading_export: Export, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also what the system says of it: "I don't know ..."; and a sentence said again is read again, by whomever."""
    folder, table = tmp_path / "cache", reading_export.task.manager.table
    inner = table.encoder.encoder  # type: ignore[attr-defined]
    monkeypatch.setattr(table, "encoder", CachedEncoder(inner, folder))
    monkeypatch.setattr(table, "reader", None)
    monkeypatch.setenv("CHATREC_CACHE", str(folder))
    read: list[str] = []
    works = type(inner).encode_with_states

    def noted(self: Any, texts: Sequence[str]) -> Any:
        read.extend(texts)
        return works(self, texts)

    monkeypatch.setattr(type(inner), "encode_with_states", noted)
    sessions = Sessions(reading_export, store)
    secret = "My neighbour Xanthippe wants a film."
    for _ in range(2):
        read.clear()
        name = sessions.open().id
        sessions.message(name, text="Hello!")
        sessions.message(name, text=secret)
        assert read.count(secret) == 1
        Sessions(reading_export, store).conversation(name)  # a restart
    for path in folder.rglob("*"):
        assert path.suffix == ".lock" or path.stat().st_size <= 128, f"{path} holds something"
