from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from experiments.conversations.chat import Talk

QUICK = ("chat", "greedy", "--encoder", "hash")


@pytest.fixture
def says(chatrec: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Holds a conversation with these lines piped in; returns what was printed."""

    def talk(*lines: str, command: tuple[Any, ...] = QUICK) -> str:
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        done = chatrec(*command)
        assert done.code == 0
        return str(done.out)

    return talk


def suggestions(told: str) -> list[str]:
    """What the system said, turn by turn."""
    return re.findall(r"^system  (.*)$", told, re.M)[1:]


def test_a_conversation_in_free_words(says: Any) -> None:
    told = says(
        "Something funny from the 90s, but no musicals please", "3", "Seen it. Something darker?", "bye"
    )
    assert "understood: want funny, want 1990s, avoid musical" in told
    assert len(suggestions(told)) == 4
    assert "1 turns" not in told
    assert re.search(r"accepted: .+\(3/5\)\.", told)


def test_what_takes_long_is_done_before_anything_is_said(says: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first question took twelve seconds: what is said of every item was encoded then."""
    done: list[str] = []

    def greeting(talk: Talk) -> str:
        done.append("greeted")
        return "Hi."

    monkeypatch.setattr("agents.serving.talk.likeness.prepare", lambda manager: done.append("prepared"))
    monkeypatch.setattr(Talk, "greeting", greeting)
    says("bye")
    assert done == ["prepared", "greeted"]


def test_yes_takes_without_a_rating_and_no_refuses(says: Any) -> None:
    told = says("a western", "n", "y")
    first, second, third = suggestions(told)
    assert len({first, second, third}) == 3
    taken = re.search(r"accepted: (.+)\.\[", told) or re.search(r"accepted: (.+)\.", told)
    assert taken is not None
    assert taken[1] in second
    assert "/5" not in taken[1]


@pytest.mark.parametrize("stars", ["1", "5"])
def test_every_rating_can_be_given(says: Any, stars: str) -> None:
    assert f"({stars}/5)" in says("a western", stars, "bye")


def test_words_can_accept(says: Any) -> None:
    assert "accepted: nothing" not in says("a western", "OK, I'll take that one.")


def test_numbers_are_words_while_nothing_is_on_offer(says: Any) -> None:
    told = says("5")
    assert "accepted: nothing" in told


def test_why_and_wishes(says: Any) -> None:
    told = says(
        "/why", "/wishes", "a thriller from the 1970s", "/why", "/wishes", "/help", "", "/quit", "unheard"
    )
    assert "Nothing was suggested yet." in told
    assert "No wishes understood yet." in told
    assert "meets your wish for thriller" in told
    assert "+ genre: thriller" in told
    assert "unheard" not in told
    assert told.count("/why explains the suggestion") == 2


def test_a_forgotten_wish_is_no_reason(says: Any) -> None:
    told = says("a western", "/why", "/forget 1", "/why")
    assert told.count("meets your wish for western") == 1


def test_nobody_is_invited_to_ask_what_is_not_read(says: Any) -> None:
    told = says("/help", "how long is it?")
    assert "ask about it" not in told
    assert told.count("n to turn it down, or say what is wrong with it.") == 2
    assert "wishes, titles, verdicts and plain answers, but no questions" in told
    assert "not understood: how long is it?" in told


@pytest.mark.slow  # loads the language model
def test_who_reads_questions_invites_them(says: Any) -> None:
    told = says("how long is it?", command=("chat", "greedy"))
    assert "say what is wrong with it, or ask about it." in told
    assert "system  I haven't suggested any film yet" in told


def test_goodbye_ends_it(says: Any) -> None:
    told = says("a comedy", "bye", "are you still there?")
    assert "are you still there?" not in told


def test_the_end_of_input_ends_it(says: Any) -> None:
    assert "0 turns; accepted: nothing." in says()


def test_what_is_typed_cannot_command_the_terminal(says: Any) -> None:
    told = says("\x1b]0;owned\x07 a western \x9b2J[red]", "\x1b[31m")
    assert not set(told) & {"\x1b", "\x07", "\x9b"}


def test_a_trained_policy_of_a_run(says: Any, finished: Any) -> None:
    told = says("a comedy", "4", "2", "bye", command=("chat", finished.folder, "--agent", "ppo"))
    assert told.startswith("PPO in movies.")
    assert len(suggestions(told)) == 4


def test_a_conversation_may_be_longer_than_the_environments(says: Any) -> None:
    told = says(*["something else"] * 25)
    assert "25 turns" in told


def test_the_same_seed_says_the_same(says: Any) -> None:
    one = says("a comedy", "n", "n")
    assert says("a comedy", "n", "n") == one
    assert says("a comedy", "n", "n", command=(*QUICK, "--seed", 1)) != one


def test_a_terminal_is_asked_with_a_prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    from experiments.conversations.chat import read_line

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    asked: list[str] = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        if len(asked) > 1:
            raise EOFError
        return "hello"

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr("builtins.input", answer)
    assert (read_line(), read_line()) == ("hello", None)
    assert asked[0].startswith("you")


def test_chat_needs_no_web_packages() -> None:
    source = Path(sys.modules["experiments.conversations.chat"].__file__ or "").read_text()
    assert "fastapi" not in source
    assert "sessions" not in source


def test_a_message_that_is_too_long_is_refused_and_the_talk_goes_on(says: Any) -> None:
    told = says("x" * 20_000, "a western")
    assert "Expected at most 1,000 characters, got 20,000. Say it shorter." in told
    assert len(suggestions(told)) == 1


def test_bytes_that_are_no_text_are_read_as_far_as_they_go(
    chatrec: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    piped = io.TextIOWrapper(io.BytesIO(b"\xff\xfe a western\n"), encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", piped)
    done = chatrec(*QUICK)
    assert done.code == 0
    assert "understood: want western" in done.out


@pytest.mark.usefixtures("films_read")
def test_questions_are_answered_and_wishes_taken_back(says: Any) -> None:
    lines = ("a dark western", "how long is it?", "/wishes", "/forget 1", "/forget 9", "/turn 1", "/quit")
    told = says(*lines, command=("chat", "greedy"))
    assert re.search(r"runs \d", told)
    assert "1. + " in told
    assert "Expected /forget and the number of a wish, got '9'" in told
    assert told.rstrip().endswith("accepted: nothing.")
    assert "− " in told


def test_few_stars_are_no_acceptance(says: Any) -> None:
    low, high = says("a western", "1"), says("a western", "5")
    assert "(1/5)" in low
    assert "orry" in suggestions(low)[1]
    assert not re.search(r"[Ee]njoy|hope", suggestions(low)[1])
    assert re.search(r"[Ee]njoy|hope", suggestions(high)[1])


def test_an_unknown_command_is_no_message(says: Any) -> None:
    told = says("a western", "/foo", "/foo bar")
    assert told.count("No command '/foo") == 2
    assert "/wishes" in told
    assert "1 turns" in told
