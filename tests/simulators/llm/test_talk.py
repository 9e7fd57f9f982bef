"""People who talk: the language model words every act that scripted people do, and nothing but that act."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chatrec_env.catalog import Catalog
from chatrec_env.core.user_simulator import SystemTurn
from chatrec_env.language import Form, Grammar, Parser, SentenceTable, make_encoder
from chatrec_env.language.acts import SystemAct
from chatrec_env.language.message_reader import MessageReader
from simulators.llm import backends
from simulators.llm.backends.base import ChatRequest, ScoreRequest
from simulators.llm.config import LLMConfig
from simulators.llm.personas import Persona
from simulators.llm.users import METERS, LLMUsers
from simulators.llm.wording.acts import CLAUSES, clause
from simulators.llm.wording.checking import meaning
from simulators.llm.wording.turns import Spoken
from simulators.llm.wording.voice import in_own_voice, same_company
from simulators.scripted.simulator import make_scripted

CRS = {"name": "full", "talk": "crs", "typos": 0.0}
N, TURNS = 24, 6


@pytest.fixture(scope="module")
def talk_table(films: Catalog) -> SentenceTable:
    table = SentenceTable(Grammar(films), Parser(films), make_encoder("hash"))
    table.reader = MessageReader(table.parser, make_encoder("minilm"))
    return table


@pytest.fixture
def talkers(films: Catalog, talk_table: SentenceTable, rules: Any) -> Callable[..., LLMUsers]:
    """``talkers(**options)``: LLM users who talk as people to machines."""

    def build(**options: Any) -> LLMUsers:
        config = LLMConfig.create({"backend": "rules", **options})
        return LLMUsers(films, talk_table, CRS, config, backends.open_backend(config))

    return build


def suggestion(table: SentenceTable, items: Any, act: SystemAct) -> SystemTurn:
    n, none = len(items), np.full(len(items), -1, np.int16)
    said = np.full((n, 3), -1, np.int64)
    said[:, 0] = table.grammar.ids(Form.S_RECOMMEND, 0, 0)
    said[:, 1] = table.grammar.ids(Form.S_ITEM, items)
    return SystemTurn(np.full(n, act, np.int8), none, none, items[:, None], none, said)


def converse(users: Any, table: SentenceTable, seed: int = 0) -> tuple[list[Any], list[Any], Any]:
    """Turns in which an item is shown, and every second time answered for; sentences by turn, turns, people."""
    rng = np.random.default_rng(seed)
    people, opening = users.start(rng.random((N, users.profile_draws)))
    said, turns = [opening], []
    items = rng.integers(0, users.catalog.n_items, (TURNS // 2, N)).astype(np.int32)
    for t in range(TURNS):
        act = SystemAct.ANSWER if t % 2 else SystemAct.RECOMMEND
        turns.append(
            users.respond(people, suggestion(table, items[t // 2], act), rng.random((N, users.turn_draws)))
        )
        said.append(turns[-1].sentences)
    return said, turns, people


def forms(table: SentenceTable, said: Any) -> set[Form]:
    return {table.grammar.describe(int(i))[0] for ids in said for i in ids.ravel() if i >= 0}


def spoken(table: SentenceTable, form: Form, arg: int = 0, after: SystemAct = SystemAct.RECOMMEND) -> Spoken:
    """A turn of one sentence."""
    persona = Persona((), (), (), "speaks plainly", "relaxed", "", 3)
    sentence = int(table.grammar.ids(form, arg, 0))
    return Spoken(persona, [sentence], [], frozenset(), frozenset(), seed=1, after=after)


def test_every_form_of_people_has_a_clause() -> None:
    assert {form for form in Form if form.speaker == "user"} == CLAUSES.keys()


def test_the_acts_are_the_scripted_ones(talkers: Callable[..., LLMUsers], talk_table: SentenceTable) -> None:
    """Same draws, same people, same acts, each worded."""
    scripted = make_scripted(talkers().catalog, talk_table.grammar, CRS)
    theirs, other_turns, _ = converse(scripted, talk_table)
    mine, turns, people = converse(talkers(mode="words", tries=1), talk_table)
    for one, other in zip(turns, other_turns, strict=True):
        assert np.array_equal(one.click, other.click)
        assert np.array_equal(one.stars, other.stars)
    assert {Form.ASK_VALUE, Form.ASK_FACT, Form.DOUBT, Form.AT_MOST, Form.LIKE_ITEM} <= forms(
        talk_table, theirs
    )
    placed = np.concatenate([(ids >= 0).ravel() for ids in theirs])
    assert np.array_equal(placed, np.concatenate([(ids >= 0).ravel() for ids in mine]))
    worded = np.concatenate([ids.ravel() for ids in mine]) >= talk_table.grammar.n_sentences
    assert worded[placed].all()
    assert not people.meters[:, METERS.index("fallbacks")].any()


@pytest.mark.parametrize("mode", ["choice", "full"])
def test_who_asks_decides_later_whoever_judges(
    mode: str, talkers: Callable[..., LLMUsers], talk_table: SentenceTable
) -> None:
    users = talkers(mode=mode, tries=1)
    rng = np.random.default_rng(3)
    people, _ = users.start(rng.random((N, users.profile_draws)))
    items = rng.integers(0, users.catalog.n_items, N).astype(np.int32)
    turn = users.respond(
        people, suggestion(talk_table, items, SystemAct.RECOMMEND), rng.random((N, users.turn_draws))
    )
    asking = people.person.pending >= 0
    assert 0 < asking.sum() < N
    assert (turn.click[asking] < 0).all()
    meant = forms(talk_table, [people.meant[asking]])
    assert any(form.is_question for form in meant)
    assert people.meters[:, METERS.index("calls")].all()
    assert (turn.sentences[asking].max(1) >= 0).all()


def test_the_prompt_tells_the_act_and_its_content(
    talkers: Callable[..., LLMUsers], talk_table: SentenceTable, rules: Any, films: Catalog
) -> None:
    scary, heat = films.value_index("mood", "scary"), films.item_index("Heat")
    turns = [
        spoken(talk_table, Form.ASK_VALUE, scary),
        spoken(talk_table, Form.LIKED_ITEM, heat),
        spoken(talk_table, Form.START_OVER),
    ]
    talkers(mode="words", tries=1).writer.word(turns)  # type: ignore[union-attr]
    systems = [r.messages[0][1] for r in rules.asked if isinstance(r, ChatRequest)]
    assert systems[0].endswith("Here they ask whether what was suggested is this: scary.")
    assert "Never name a film." in systems[0]
    assert 'Name no film but "Heat".' in systems[1]
    assert systems[2].endswith("Here they want to start over.")
    assert clause(talk_table.grammar, Form.TAKE_PLACE, 1) == "take the second one"


SAYS = [
    pytest.param(Form.ASK_VALUE, "scary", "I'll watch it.", id="takes-instead-of-asking"),
    pytest.param(Form.ASK_VALUE, "scary", "Is it sad?", id="asks-something-else"),
    pytest.param(Form.ASK_VALUE, "scary", "I want something scary.", id="wishes-instead-of-asking"),
    pytest.param(Form.LIKED_ITEM, "Heat", "I liked that one.", id="names-nothing"),
    pytest.param(Form.LIKED_ITEM, "Heat", "I liked Heat and Chinatown.", id="names-more"),
    pytest.param(Form.LIKED_ITEM, "Heat", "I couldn't stand Heat.", id="turned-round"),
    pytest.param(Form.START_OVER, "", "Thanks, goodbye.", id="leaves"),
    pytest.param(Form.DOUBT, "", "No way.", id="refuses-instead-of-doubting"),
    pytest.param(Form.AVOID, "scary", "Something scary.", id="drops-the-no"),
]


def argument(films: Catalog, form: Form, name: str) -> int:
    if not name:
        return 0
    return films.item_index(name) if form == Form.LIKED_ITEM else films.value_index("mood", name)


@pytest.mark.parametrize(("form", "name", "text"), SAYS)
def test_another_act_falls_back_and_is_counted(
    form: Form, name: str, text: str, talkers: Callable[..., LLMUsers], talk_table: SentenceTable, rules: Any,
    films: Catalog,
) -> None:  # fmt: skip
    rules.speak = lambda request: text
    users = talkers(mode="words", tries=2)
    turn = spoken(talk_table, form, argument(films, form, name))
    assert users.writer is not None
    users.writer.word([turn])
    assert turn.texts == [None]
    assert (turn.fallbacks, turn.invalid) == (1, 2)
    assert (users.usage()["fallbacks"], users.usage()["invalid"]) == (1, 2)


@pytest.mark.parametrize(
    ("form", "name", "text"),
    [
        pytest.param(Form.ASK_VALUE, "scary", "Would you say it's scary?", id="asks"),
        pytest.param(Form.LIKED_ITEM, "Heat", "I absolutely loved Heat!", id="names"),
        pytest.param(Form.START_OVER, "", "Let's begin again.", id="starts-over"),
        pytest.param(Form.AVOID, "scary", "Please nothing scary.", id="avoids"),
    ],
)
def test_the_same_act_in_other_words_is_taken(
    form: Form, name: str, text: str, talkers: Callable[..., LLMUsers], talk_table: SentenceTable, rules: Any,
    films: Catalog,
) -> None:  # fmt: skip
    rules.speak = lambda request: text
    turn = spoken(talk_table, form, argument(films, form, name))
    writer = talkers(mode="words", tries=1).writer
    assert writer is not None
    writer.word([turn])
    assert turn.texts == [text]


def test_a_wording_is_read_where_it_is_said(
    talkers: Callable[..., LLMUsers], talk_table: SentenceTable, films: Catalog
) -> None:
    users = talkers(mode="words", tries=1)
    turn = spoken(talk_table, Form.ASK_VALUE, films.value_index("mood", "scary"))
    row = np.array([turn.sentences[0], -1, -1, -1])
    text = "Would you say it's scary?"
    turn.texts = [text]
    users._place(row, turn)
    assert talk_table.reader is not None
    read = talk_table.reader.parse(text, after=SystemAct.RECOMMEND)
    assert talk_table.acts(int(row[0])) == read
    assert meaning(read) == users.writer.reading.meant(Form.ASK_VALUE, films.value_index("mood", "scary"))[0]  # type: ignore[union-attr]


NOT_A_PERSON = [
    "You're watching with the kids. I'd love to create a drama.",
    "You're just going to keep trying to mix it up, don't you?",
    "I can help you find a drama.",
    "As an AI language model I like dramas.",
    "Here's a drama you will like.",
    "The person wants a drama.",
    "They want a drama.",
    "Would you like a drama?",
    "I'd like to write a drama.",
    "I'd like a drama with Brad Pitt.",
    "I'd like 3 dramas.",
    "I'm not sure what to recommend. I'm going for a drama.",
    "I'm not sure, but I'm not sure.",
    "Great, I'm not sure you're ready.",
    "I'd like a drama. Maybe I should ask for a refund.",
    "It's too much of a drama for you, I'm afraid.",
    "I'd like a drama that has been making the headlines lately.",
    "I'd like to show you a drama.",
    "I'd love to do a drama.",
    "That's a drama, if I had to pick.",
    "A drama would be a great idea.",
    "A drama, I think I've got it.",
    "Yes, a drama.",
    "Awesome, a drama.",
    "I'd like a change to that sentence.",
    "No, I'm not.",
    "I guess I could go for a drama for sure.",
    "Oh, that's easy, a drama, if I had to pick.",
    "I'm not sure if I'd want a drama.",
    "Alright, I think that's it, a drama.",
    "I'm really in love with a drama.",
    "A drama, some kind of a drama.",
    "I'd like a action drama.",
    "But not all dramas.",
    "I'm going to pick a drama.",
    "A drama for sure would be great.",
    "Nice, a drama.",
]
A_PERSON = [
    "I'd love a drama.",
    "Could you find me a drama, please.",
    "Something like a drama, if you can.",
    "A drama that you have.",
]


@pytest.mark.parametrize("text", NOT_A_PERSON)
def test_nonsense_is_nobodys_voice(text: str) -> None:
    assert not in_own_voice(text, ["A drama.", "I'd like a drama."])


@pytest.mark.parametrize("text", A_PERSON)
def test_a_person_says_i(text: str) -> None:
    assert in_own_voice(text, ["A drama.", "I'd like a drama."])


def test_what_a_wording_of_the_act_has_may_be_said() -> None:
    assert in_own_voice("No, that's not for me.", ["No thanks.", "That's not for me."])
    assert in_own_voice(
        "Perhaps a drama, if I had to pick.", ["Hmm, maybe a drama.", "Let's say a drama then."]
    )
    assert in_own_voice("That's it again.", ["That's it."])
    assert not in_own_voice("That's something.", ["Oh, that's easy."])
    assert not in_own_voice("I suggest that sentence.", ["I suggest nothing."])
    assert not in_own_voice("Yes, that one.", ["No, that one."])
    assert in_own_voice(
        "I'm not sure about it.", ["I'm not certain.", "Hmm, I'm not sure.", "It might be okay."]
    )


def test_nobody_is_put_in_anothers_place() -> None:
    assert same_company("My friend would enjoy it.", "My friend wants a drama.")
    assert not same_company("My wife would enjoy it.", "My friend wants a drama.")


def test_the_likeliest_draft_is_taken_if_it_is_as_fluent_as_the_script(
    talkers: Callable[..., LLMUsers], talk_table: SentenceTable, rules: Any, films: Catalog
) -> None:
    """Three drafts of four words, of -8, -4 and -12 nats: -4, -2, -6 by the root of 4. The script has -3, later -1."""
    drafts = {"I want a drama.": -8.0, "I'd love a drama.": -4.0, "Give me a drama.": -12.0}
    told = iter([*drafts] * 2)
    rules.speak = lambda request: next(told)
    script = -3.0
    turn = spoken(talk_table, Form.WANT, films.value_index("genre", "drama"), SystemAct.GREET)

    def likely(request: ScoreRequest) -> float:
        text = request.continuation.strip()
        return drafts.get(text, script * len(text.split()) ** 0.5)

    rules.likely = likely
    writer = talkers(mode="words", tries=3).writer
    assert writer is not None
    writer.word([turn])
    assert turn.texts == ["I'd love a drama."]
    script, turn.seed, turn.heard = -1.0, 2, "What are you in the mood for?"
    writer.word([turn])
    assert turn.texts == [None]
    assert turn.fallbacks == 1


def test_most_turns_falling_back_is_told(
    talkers: Callable[..., LLMUsers], talk_table: SentenceTable, rules: Any, caplog: pytest.LogCaptureFixture
) -> None:
    rules.speak = lambda request: "<think>What would they say? Perhaps"
    users = talkers(mode="words", tries=1)
    with caplog.at_level(logging.WARNING):
        converse(users, talk_table)
    assert sum("(100%) fell back to the scripted wording" in text for text in caplog.messages) == 1
