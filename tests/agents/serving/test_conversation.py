"""What the service adds to the environment's turn: choices among cards, late ratings, no last turn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agents.base import Decision
from agents.baselines import AskThenRecommend, save_baseline
from agents.export import export_policy, load_export
from agents.serving.conversation import Conversation
from agents.serving.errors import (
    AlreadyRatedError,
    ConversationFullError,
    NotClickedError,
    NotSuggestedError,
)
from agents.serving.replies import Chance, Reply
from agents.serving.served import Choice
from agents.serving.sessions import Sessions
from agents.serving.store import Store
from chatrec_env.core.state import ACCEPTED, IGNORED
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.language.acts import SystemAct, UserAct
from tests.agents.serving.conftest import ENV, lively_agent


def begin(sessions: Sessions, *texts: str) -> tuple[str, Reply]:
    """A session in which these messages were sent."""
    name = sessions.open().id
    reply = [sessions.message(name, text=text) for text in texts][-1]
    return name, reply


def state(sessions: Sessions, name: str) -> Conversation:
    return sessions.conversation(name)


def test_a_question_offers_answers_the_parser_reads(asking: Sessions) -> None:
    name, reply = begin(asking, "Hello!")
    assert (reply.act, reply.cards) == ("ask", ())
    assert len(reply.answers) == 8
    facet = int(state(asking, name).dialogue.last_facet[0])
    for answer in reply.answers[:-1]:
        acts = state(asking, name).acts([answer])
        assert [act.facet for act in acts] == [facet], answer


def test_cards_are_the_policys_choice_and_its_next_best(asking: Sessions) -> None:
    _, reply = begin(asking, "Hello!", "A dark thriller, please.")
    assert reply.act == "recommend"
    assert [card.chosen for card in reply.cards] == [True, False, False, False]
    assert [card.rank for card in reply.cards] == [1, 2, 3, 4]
    assert sorted((card.score for card in reply.cards), reverse=True) == [card.score for card in reply.cards]
    assert len({card.item for card in reply.cards}) == 4


def test_taking_the_choice(asking: Sessions) -> None:
    name, reply = begin(asking, "Hello!", "A dark thriller, please.")
    item = reply.cards[0].item
    asking.click(name, item)
    asking.rate(name, item, 4)
    asking.message(name, text="What else?")
    d = state(asking, name).dialogue
    assert (d.clicks[0], d.stars[0], d.best[0], d.favourite[0], d.outcome[0]) == (1, 4, 4, item, 0)
    assert d.waiting[0] == 0


def test_taking_another_card_makes_it_the_suggestion(asking: Sessions) -> None:
    name, reply = begin(asking, "Hello!", "A dark thriller, please.")
    first, other = reply.cards[0].item, reply.cards[2].item
    asking.click(name, other)
    asking.rate(name, other, 5)
    branch = state(asking, name).branch()
    branch.hear(["What else?"])
    d = branch.dialogue
    assert (d.slate[0, 0], d.outcome[0], d.favourite[0]) == (other, ACCEPTED, other)
    assert {first, other} <= set(d.shown[0].tolist())
    assert first not in d.candidates
    assert other not in d.candidates


def test_the_last_click_before_the_next_words_counts(asking: Sessions) -> None:
    name, reply = begin(asking, "Hello!", "A dark thriller, please.")
    first, other = reply.cards[0].item, reply.cards[1].item
    asking.click(name, other)
    asking.rate(name, other, 1)
    asking.click(name, first)
    assert state(asking, name).clicked == {first: 0}
    with pytest.raises(NotClickedError, match="Click it first"):
        asking.rate(name, other, 2)


def test_an_item_taken_but_not_rated_counts_as_neither_good_nor_bad(asking: Sessions) -> None:
    name, reply = begin(asking, "Hello!", "A dark thriller, please.")
    asking.click(name, reply.cards[0].item)
    branch = state(asking, name).branch()
    branch.hear([])
    d = branch.dialogue
    assert (d.clicks[0], d.stars[0], d.best[0], d.last_stars[0]) == (1, 3, 0, 0)
    history = branch.task.layout.make(d, branch.task.manager.view(d))[0, branch.task.layout.slices["history"]]
    assert history[1] == 0.0  # the mean rating's place on its scale


def test_a_late_rating_is_learned_from_while_the_clocks_stand_still(asking: Sessions) -> None:
    name, reply = begin(asking, "Hello!", "A dark thriller, please.")
    item = reply.cards[0].item
    asking.click(name, item)
    asking.message(name, text="What else?")
    asking.message(name, text="Not this one.")
    before = state(asking, name).branch().dialogue
    asking.rate(name, item, 5)
    after = state(asking, name).dialogue
    assert (before.stars[0], after.stars[0], after.best[0], after.favourite[0]) == (3, 5, 5, item)
    assert (after.clicks[0], after.waiting[0], after.outcome[0]) == (1, before.waiting[0], before.outcome[0])
    liked = asking.task.manager.catalog.factors[item]
    assert after.preference.mean[0] @ liked > before.preference.mean[0] @ liked
    with pytest.raises(AlreadyRatedError, match="rated 5 before"):
        state(asking, name).branch().rate(item, 1)


def test_a_rating_may_change_until_the_next_words(asking: Sessions) -> None:
    name, reply = begin(asking, "Hello!", "A dark thriller, please.")
    item = reply.cards[0].item
    asking.click(name, item)
    for stars in (1, 5, 2):
        asking.rate(name, item, stars)
    asking.message(name, text="What else?")
    assert state(asking, name).dialogue.stars[0] == 2


def test_only_what_was_suggested_can_be_taken_and_only_what_was_taken_rated(asking: Sessions) -> None:
    name, reply = begin(asking, "Hello!", "A dark thriller, please.")
    missing = next(i for i in range(900) if i not in {card.item for card in reply.cards})
    with pytest.raises(NotSuggestedError, match=f"Item {missing} was not suggested"):
        asking.click(name, missing)
    with pytest.raises(NotClickedError, match="Click it first"):
        asking.rate(name, reply.cards[0].item, 4)


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        pytest.param("I'll take it.", True, id="accepts"),
        pytest.param("Yes please", True, id="agrees"),
        pytest.param("Seen it.", False, id="knows-it"),
        pytest.param("Not this one.", False, id="declines"),
        pytest.param("Something newer.", False, id="critique"),
    ],
)
def test_words_that_accept_count_as_a_click(asking: Sessions, text: str, taken: bool) -> None:
    name, first = begin(asking, "Hello!", "A dark thriller, please.")
    reply = asking.message(name, text=text)
    item = first.cards[0].item
    assert reply.took == (item if taken else -1)
    assert int(state(asking, name).dialogue.clicks[0]) == taken


def test_sentences_told_apart_already_have_nothing_read_into_them(asking: Sessions) -> None:
    name, _ = begin(asking, "Hello!", "A dark thriller, please.")
    assert asking.message(name, sentences=["I'll take it."]).took == -1
    assert not asking.message(name, sentences=["Thanks, bye."]).ended


def test_goodbye_closes_and_another_message_takes_it_up_again(asking: Sessions) -> None:
    name, reply = begin(asking, "Hello!", "A dark thriller, please.", "Thanks, that's all. Bye!")
    assert (reply.act, reply.ended, reply.cards, reply.action) == ("close", True, (), "")
    assert [said.part for said in reply.said] == ["opener"]
    again = asking.message(name, text="Wait, one more comedy!")
    assert (again.act, again.ended) == ("recommend", False)


def test_a_suggestion_passed_over_counts_as_ignored(asking: Sessions) -> None:
    name, _ = begin(asking, "Hello!", "A dark thriller, please.")
    branch = state(asking, name).branch()
    branch.hear(["Hmm."])
    assert (branch.dialogue.outcome[0], branch.dialogue.refusals[0]) == (IGNORED, 1)


def test_a_conversation_goes_on_past_the_environments_last_turn(asking: Sessions) -> None:
    name, _ = begin(asking, "Hello!")
    seen: list[int] = []
    for turn in range(70):
        reply = asking.message(name, sentences=["Something else."])
        seen.append(reply.cards[0].item)
        if turn % 7 == 0:  # now and then they take another card than the one suggested
            asking.click(name, reply.cards[1].item)
            asking.rate(name, reply.cards[1].item, 4)
            seen.append(reply.cards[1].item)
    conversation = state(asking, name)
    assert conversation.turn == 71
    assert len(set(seen)) == len(seen), "nothing is suggested twice"
    assert set(seen) <= set(conversation.dialogue.shown[0].tolist())
    assert conversation.observation is not None
    budget = conversation.task.layout.slices["budget"].start
    assert conversation.observation[0, budget] == 0.0
    assert conversation.task.layout.make_space().contains(conversation.observation[0])
    texts = conversation.task.manager.table.texts(conversation.dialogue.transcript[0, 1:71, 3:])
    assert texts == ["Something else."] * 70


def test_a_conversation_has_an_end(asking: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.serving.conversation.MAX_TURNS", 3)
    name, _ = begin(asking, "Hello!", "A dark thriller.", "Not this one.")
    with pytest.raises(ConversationFullError, match="has 3 turns, the most there can be"):
        asking.message(name, text="Another.")


def test_a_branch_leaves_its_origin_alone(asking: Sessions) -> None:
    name, reply = begin(asking, "Hello!", "A dark thriller, please.")
    origin = state(asking, name)
    before = {
        field: np.copy(getattr(origin.dialogue, field)) for field in ("wishes", "shown", "said", "turn")
    }
    branch = origin.branch()
    branch.click(reply.cards[1].item)
    branch.hear(["I loved Heat, but nothing with Al Pacino."])
    branch.answer(asking.policy, Chance((0, 0), 0.5), [])
    for field, value in before.items():
        np.testing.assert_array_equal(getattr(origin.dialogue, field), value)
    assert (origin.clicked, origin.named, origin.pending) == ({}, {}, -1)


def test_with_the_language_model_it_hears_what_no_list_of_phrases_holds() -> None:
    task = make_task(EnvConfig(catalog="movies", encoder="minilm", max_turns=4))
    conversation = Conversation(task)
    assert conversation.reader.notice == ""
    text = "you couldn't pay me to watch that"
    conversation.after = SystemAct.RECOMMEND
    assert [act.act for act in conversation.acts([text])] == [UserAct.REJECT]
    conversation.after = SystemAct.ASK
    assert [act.act for act in conversation.acts([text])] == [UserAct.SMALL_TALK]
    assert [act.act for act in task.manager.table.parser.parse(text)] == [UserAct.SMALL_TALK]


def test_it_does_not_ask_for_what_it_was_told(tmp_path: Path) -> None:
    """Of 30 questions of this network in such conversations 8 were about a facet with a stated wish."""
    lively_agent(ENV, seed=0).save(tmp_path / "checkpoint")
    export = load_export(export_policy(tmp_path / "checkpoint", tmp_path / "export"))
    store = Store(tmp_path / "s.sqlite")
    sessions, questions = Sessions(export, store), []
    facets = export.task.manager.catalog.facets
    for _ in range(10):
        name = sessions.open().id
        reply = sessions.message(name, text="A tense comedy.")
        for text in ("Something else.", "More like that, but funnier.", "What else?"):
            if reply.cards:
                sessions.click(name, reply.cards[0].item)
            reply = sessions.message(name, text=text)
            move = sessions.transcript(name)[1][-1].body["move"]
            if reply.act == "ask":
                stated = {wish.facet for wish in reply.wishes}
                questions.append((reply.action, facets[move["facet"]].name in stated))
    store.close()
    assert questions
    assert [action for action, told in questions if told] == []


def test_it_does_not_ask_for_what_does_not_matter(tmp_path: Path) -> None:
    """Said without having been asked for: the era, the mood and the theme were all asked about after that."""
    save_baseline(tmp_path / "checkpoint", AskThenRecommend(questions=8, diversity=0.0), ENV)
    export = load_export(export_policy(tmp_path / "checkpoint", tmp_path / "export"))
    store = Store(tmp_path / "s.sqlite")
    sessions, facets, asked = Sessions(export, store), export.task.manager.catalog.facets, []
    name = sessions.open().id
    for text in (
        "I don't mind the era.",
        "Whatever mood.",
        "Not sure about the theme.",
        *["A comedy.", "Hm."] * 3,
    ):
        sessions.message(name, text=text)
        move = sessions.transcript(name)[1][-1].body["move"]
        asked += [(text, facets[move["facet"]].name)] if move["act"] == SystemAct.ASK else []
    store.close()
    assert len(asked) > 3
    assert "era" not in {facet for _, facet in asked}
    assert not {"mood", "theme"} & {facet for text, facet in asked if text in ("A comedy.", "Hm.")}


class Asking:
    """Asks whenever it may."""

    scale = "utility"

    def choose(self, decision: Decision, uniform: float) -> Choice:
        return Choice(int(decision.mask[0].argmax()), decision.dialogue.scores[0], None)


def test_a_strategy_that_asks_asks_for_something_else() -> None:
    """The strategy stays, but another facet is asked about; with nothing left to ask, it is not taken."""
    task = make_task(EnvConfig(encoder="hash", actions="strategy", observation="tabular"))
    conversation = Conversation(task)
    conversation.hear(["A comedy."])
    chance, n = Chance((0, 0), 0.5), task.manager.catalog.n_facets
    plain, _ = conversation.decide(Asking(), chance)
    told, _ = conversation.decide(Asking(), chance, told={plain.facet})
    assert (plain.action, told.action) == ("ask", "ask")
    assert told.facet not in (-1, plain.facet)
    silent, _ = conversation.decide(Asking(), chance, told=set(range(n)))
    assert silent.action == "exploit"
