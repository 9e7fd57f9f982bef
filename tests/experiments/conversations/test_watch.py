from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from chatrec_env.envs.config import EnvConfig
from experiments.conversations.tracing import trace
from experiments.conversations.transcripts import (
    Conversation,
    Moment,
    Option,
    Shown,
    file_name,
    to_html,
    to_markdown,
    to_page,
)
from experiments.conversations.watch import panels
from experiments.evaluate.evaluate import Contender, find_policies, task_of
from experiments.evaluate.rollout import people_seeds, run

HASH = EnvConfig(encoder="hash")
EVIL = "\x1b]0;owned\x07\x1b[31m\x9b2J\u202e <script>alert(1)</script> [red]Heat & co[/red]"
UNSAFE = {"\x1b", "\x07", "\x9b", "\u202e"}


def evil() -> Conversation:
    """A conversation every word of which wants to command the terminal or the page."""
    moment = Moment(
        turn=1,
        wishes=[(EVIL, 1.0), (EVIL, -0.25)],
        entropies=[(EVIL, 0.5)],
        candidates=[Shown(1, EVIL, 1995, 1.0, 1.0, 0.0, 0.0, chosen=True)],
        basis="probability",
        options=[Option(EVIL, 0.75, chosen=True), Option(EVIL, 0.25, chosen=False)],
        action=EVIL,
        why=EVIL,
        system=EVIL,
        person=EVIL,
        clicked=True,
        stars=4,
        left=True,
        rewards={"click": 1.0, "leave": -0.5},
        total=0.5,
        satisfaction=0.25,
    )
    return Conversation(EVIL, EVIL, 7, [EVIL], [EVIL], EVIL, [moment], EVIL)


class Tags(HTMLParser):
    """The tags of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)


def printed(talk: Conversation) -> str:
    console = Console(width=120, force_terminal=False, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    with console.file:
        for part in panels(talk):
            console.print(part)
    return console.export_text()


def test_the_terminal_is_not_commanded() -> None:
    told = printed(evil())
    assert not set(told) & UNSAFE
    assert "[red]Heat & co[/red]" in told


def test_the_page_is_not_commanded() -> None:
    for page in (to_html(evil()), to_page(evil())):
        assert not set(page) & UNSAFE
        assert "script" not in Tags(page).seen
        assert "&lt;script&gt;" in page


def test_markdown_has_no_control_characters() -> None:
    assert not set(to_markdown(evil())) & UNSAFE


@pytest.mark.parametrize("name", ["random", "greedy", "ask_then_recommend", "most_informative"])
@pytest.mark.parametrize("actions", ["items", "strategy"])
def test_what_is_watched_is_what_is_evaluated(name: str, actions: str) -> None:
    (contender,) = find_policies([name], replace(HASH, actions=actions))
    seeds = people_seeds("eval", 0, 3)
    episodes = run(task_of(contender), contender.policy, seeds)
    for i, seed in enumerate(seeds):
        talk = trace(contender, seed)
        assert talk.total == pytest.approx(float(episodes.ret[i]))
        assert (talk.clicks, talk.questions) == (episodes.clicks[i], episodes.questions[i])
        assert len(talk.moments) == episodes.turns[i]
        assert talk.moments[-1].left == episodes.left[i]
        assert sum(sum(m.rewards.values()) for m in talk.moments) == pytest.approx(talk.total)


@pytest.mark.parametrize(("agent", "basis"), [("ppo", "probability"), ("q_learning", "value")])
def test_a_learner_tells_why_it_acted(finished: Any, agent: str, basis: str) -> None:
    (contender,) = find_policies([str(finished.folder / "policies" / agent)], HASH)
    talk = trace(contender, people_seeds("eval", 0, 1)[0])
    for m in talk.moments:
        assert m.basis == basis
        weights = [o.weight for o in m.options]
        assert weights == sorted(weights, reverse=True)
        chosen = [o for o in m.options if o.chosen]
        if basis == "probability":
            assert chosen
            assert chosen[0].weight == pytest.approx(weights[0], abs=1e-3)
            assert f"probability {chosen[0].weight:.0%}" in m.why
        shown = [c for c in m.candidates if c.chosen]
        assert bool(shown) == m.action.startswith("suggests")
        if shown:
            assert shown[0].title in m.action


def test_what_was_heard_is_shown() -> None:
    (contender,) = find_policies(["greedy"], HASH)
    talks = [trace(contender, seed) for seed in people_seeds("eval", 0, 6)]
    heard = [name for talk in talks for name, strength in talk.moments[0].wishes if strength >= 1]
    assert heard
    wanted = {name for talk in talks for name in talk.wanted}
    assert set(heard) & wanted
    entropies = [value for _, value in talks[0].moments[0].entropies]
    assert entropies == sorted(entropies, reverse=True)


def test_the_ending_is_told() -> None:
    (contender,) = find_policies(["random"], replace(HASH, max_turns=2))
    endings = {trace(contender, seed).ending for seed in people_seeds("eval", 0, 20)}
    assert "the turns ran out" in endings

    class Closing:
        name = "closing"

        def act(self, decision: Any, uniforms: Any) -> Any:
            return np.array([5])

    closing = Contender("closing", Closing(), replace(HASH, actions="strategy"), learned=False)
    assert trace(closing, 3).ending == "the system closed the conversation"
    assert trace(closing, 3).moments[-1].action == "closes the conversation"


def test_watch_prints_and_writes(chatrec: Any, own_run: Path) -> None:
    done = chatrec("watch", own_run, "--agent", "sarsa", "--person", 2)
    assert done.code == 0
    assert "turn 1" in done.out
    assert "hidden from the agent" in done.out
    html = own_run / "transcripts" / "sarsa-person-2.html"
    assert str(html) in done.err.replace("\n", "")
    assert "Wishes heard" in html.read_text()
    assert "## Turn 1" in html.with_suffix(".md").read_text()


def test_watch_as_json(chatrec: Any) -> None:
    done = chatrec("watch", "greedy", "--encoder", "hash", "--json", "--out", "t")
    talk = json.loads(done.out)
    assert (talk["policy"], talk["moments"][0]["basis"]) == ("greedy", "rule")
    assert Path("t/greedy-person-0.md").exists()


def test_a_run_prefers_its_strongest_kind_of_agent(chatrec: Any, own_run: Path) -> None:
    assert json.loads(chatrec("watch", own_run, "--json").out)["policy"] == "PPO"
    done = chatrec("watch", own_run, "--agent", "dqn")
    assert (done.code, done.out) == (2, "")
    assert "It has: ask_then_recommend, ppo, q_learning, sarsa." in done.err


def test_file_names_are_plain() -> None:
    assert file_name("ask-n-then-recommend (tuned) / é") == "ask-n-then-recommend-tuned-é"
