"""A wording must fit where it is said: what the system did before it, and what the person says around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chatrec_env.catalog import Catalog
from chatrec_env.language import Form, SentenceTable
from chatrec_env.language.acts import SystemAct
from chatrec_env.language.contract import Place, get_language
from simulators.llm.personas import Persona
from simulators.llm.users import LLMUsers
from simulators.llm.wording.examples import careful_wordings
from simulators.llm.wording.turns import Spoken
from simulators.llm.wording.voice import echoes, in_own_voice
from simulators.llm.wording.words import Words

Build = Callable[..., LLMUsers]

CONTRARY = [
    pytest.param(Place(Form.GREET), "I'm looking for a film.", "Hello, I'm looking for a film.", id="greet"),
    pytest.param(
        Place(Form.GREET, behind=frozenset((Form.WANT,))),
        "Hi, I'm not quite sure what I'm after yet.",
        "Hi, I'm looking for a film.",
        id="unsure-with-a-wish",
    ),
    pytest.param(
        Place(Form.ACCEPT_COOL),
        "It's okay, I guess.",
        "It's not perfect, but I'll give it a try.",
        id="verdict",
    ),
    pytest.param(Place(Form.ACCEPT_PLAIN), "I think that's fine.", "I'll take that one.", id="no-taking"),
    pytest.param(
        Place(Form.SMALL_TALK, SystemAct.ASK),
        "It's going to rain later.",
        "I just got home from work.",
        id="weather",
    ),
    pytest.param(
        Place(Form.EXCEPT_VALUE, before=Form.WANT),
        "Except comedy.",
        "Anything except comedies.",
        id="except-what",
    ),
    pytest.param(Place(Form.EXCEPT_VALUE), "But no comedy.", "No comedies.", id="but-what"),
    pytest.param(
        Place(Form.CONTEXT, SystemAct.GREET),
        "It may matter that it's just me tonight.",
        "It's just me tonight.",
        id="matter",
    ),
    pytest.param(Place(Form.WANT, again=True), "I'd love a comedy.", "Still a comedy, please.", id="again"),
    pytest.param(
        Place(Form.IMPATIENT), "That's a lot of questions.", "Can you just suggest something?", id="a-lot"
    ),
    pytest.param(
        Place(Form.LIKED_ITEM), "I think I liked Heat.", "I absolutely loved Heat.", id="hedged-memory"
    ),
    pytest.param(
        Place(Form.TOO), "That's too much about identity.", "That's too much of a comedy.", id="too-much"
    ),
    pytest.param(
        Place(Form.THANK_LEAVE, SystemAct.ASK),
        "Thanks, that's all I needed.",
        "Thanks, bye.",
        id="nothing-given",
    ),
    pytest.param(
        Place(Form.SEEN_IT, behind=frozenset((Form.LEAVE_UNHAPPY,))),
        "I've seen that one, got anything else?",
        "I've seen that one.",
        id="asks-and-leaves",
    ),
    pytest.param(
        Place(Form.WANT, before=Form.ANSWER),
        "I'm really in the mood for a drama right now.",
        "I'd like a drama.",
        id="two-favourites",
    ),
    pytest.param(
        Place(Form.CHANGE_MIND, before=Form.ACCEPT_PLAIN),
        "Forget that, a drama.",
        "Actually, a drama.",
        id="takes-and-forgets",
    ),
    pytest.param(
        Place(Form.ASK_VALUE, before=Form.DOUBT), "Hmm tempting, but is it sad?", "Is it sad?", id="tempted"
    ),
    pytest.param(
        Place(Form.ASK_PLOT), "Never heard of it, what's it about?", "Can you tell me more?", id="plot"
    ),
    pytest.param(
        Place(Form.ASK_FACT), "Sounds interesting, but what year is it?", "How long is it?", id="year"
    ),
]


@pytest.mark.parametrize(("place", "refused", "said"), CONTRARY)
def test_what_nobody_says_there_is_refused(place: Place, refused: str, said: str) -> None:
    assert not get_language().guards.fits(refused, place)
    assert get_language().guards.fits(said, place)


@pytest.mark.parametrize(
    ("place", "text"),
    [
        pytest.param(Place(Form.EXCEPT_VALUE, before=Form.NO_PREFERENCE), "Except comedy.", id="any-will-do"),
        pytest.param(Place(Form.EXCEPT_VALUE, before=Form.WANT), "But no comedy.", id="behind-a-wish"),
        pytest.param(Place(Form.WANT), "I'm really in the mood for a drama right now.", id="one-favourite"),
        pytest.param(Place(Form.THANK_LEAVE), "Thanks, that's all I needed.", id="after-a-suggestion"),
        pytest.param(Place(Form.GREET), "Hi, I'm not quite sure what I'm after yet.", id="unsure"),
        pytest.param(Place(Form.ASK_VALUE), "Hmm tempting, but is it sad?", id="tempted-without-doubt"),
        pytest.param(Place(Form.AVOID, again=True), "No comedies, please.", id="another-act"),
    ],
)
def test_it_is_said_elsewhere(place: Place, text: str) -> None:
    assert get_language().guards.fits(text, place)


def test_sentences_of_a_turn_are_put_differently() -> None:
    assert echoes("I'm looking for a drama.", ["Sure.", "I'm looking for a comedy."])
    assert not echoes("I'd love a drama.", ["Sure.", "I'm looking for a comedy."])


def turn(table: SentenceTable, *told: tuple[Form, int], reason: int = -1) -> Spoken:
    """A turn after a suggestion."""
    sentences = [int(table.grammar.ids(form, arg, 0)) for form, arg in told]
    persona = Persona((), (), (), "speaks plainly", "relaxed", "", 3)
    none: frozenset[int] = frozenset()
    return Spoken(
        persona,
        sentences,
        [],
        none,
        none,
        seed=1,
        after=SystemAct.RECOMMEND,
        reason=reason,
        heard="Try this.",
    )


@pytest.mark.parametrize(
    ("form", "text"),
    [
        pytest.param(Form.GREET, "I'm looking for a film.", id="greet"),
        pytest.param(Form.ACCEPT_COOL, "That's okay, I guess.", id="grammars-verdict"),
        pytest.param(Form.CONTEXT, "It may matter that it's just me tonight.", id="grammars-opening"),
        pytest.param(Form.SMALL_TALK, "My cat just got home from work.", id="not-read-back"),
        pytest.param(Form.MOOD_PLEASED, "Wow, you really get what I like.", id="nor-this"),
    ],
)
def test_it_falls_back_also_from_the_grammars_own(
    form: Form, text: str, people: Build, table: SentenceTable, rules: Any, films: Catalog
) -> None:
    rules.speak = lambda request: text
    alone = next(i for i, one in enumerate(films.contexts) if "just me" in one.phrase)
    one = turn(table, (form, alone if form is Form.CONTEXT else 0))
    writer = people(mode="words", tries=1).writer
    assert writer is not None
    writer.word([one])
    assert one.texts == [None]
    assert (one.fallbacks, one.invalid) == (1, 1)


def test_a_wish_just_gone_by_is_not_said_as_if_it_were_new(
    people: Build, table: SentenceTable, rules: Any, films: Catalog
) -> None:
    comedy, drama = films.value_index("genre", "comedy"), films.value_index("genre", "drama")
    rules.speak = lambda request: "I'd love a comedy."
    writer = people(mode="words", tries=1).writer
    assert writer is not None
    new, again = (turn(table, (Form.WANT, comedy), reason=reason) for reason in (drama, comedy))
    writer.word([new, again])
    assert new.texts == ["I'd love a comedy."]
    assert again.texts == [None]


def test_a_turn_does_not_echo_itself(people: Build, table: SentenceTable, rules: Any, films: Catalog) -> None:
    comedy, drama = films.value_index("genre", "comedy"), films.value_index("genre", "drama")
    rules.speak = lambda request: (
        "I'm looking for a " + ("comedy." if "omedy" in request.messages[-1][1] else "drama.")
    )
    writer = people(mode="words", tries=1).writer
    assert writer is not None
    one = turn(table, (Form.WANT, comedy), (Form.WANT, drama))
    writer.word([one])
    assert one.texts == ["I'm looking for a comedy.", None]


@pytest.mark.parametrize(
    ("text", "wordings"),
    [
        pytest.param("That's not what you asked for.", ["That's not what I asked for."], id="whose-wish"),
        pytest.param("Does it have to be American?", ["Is it American?"], id="must-it-be"),
        pytest.param("I loved a drama.", ["I'd like a drama."], id="past"),
        pytest.param("Espionage is something.", ["Something about espionage."], id="empty"),
        pytest.param("Espionage, something about that.", ["Something about espionage."], id="about-that"),
        pytest.param("Something about set in space.", ["Something set in space."], id="prepositions"),
        pytest.param("Does that one in English?", ["Is it in English?"], id="no-verb"),
        pytest.param("A drama would be the one.", ["A drama would be good."], id="the-one"),
        pytest.param("Tell me more about that one about?", ["What's that one about?"], id="twice"),
    ],
)
def test_words_around_nothing(text: str, wordings: list[str]) -> None:
    assert not in_own_voice(text, wordings)


@pytest.mark.parametrize(
    ("facet", "name", "text", "fits_it"),
    [
        pytest.param("mood", "epic", "Some epic.", False, id="some"),
        pytest.param("mood", "nostalgic", "Nostalgic would be great.", False, id="no-noun"),
        pytest.param("mood", "nostalgic", "Something nostalgic would be great.", True, id="noun"),
        pytest.param("genre", "romance", "A romance in a movie.", False, id="in-a-movie"),
        pytest.param("theme", "cost of war", "A cost of war film, if I had to pick.", False, id="long-name"),
        pytest.param("theme", "coming of age", "Something about coming-of-age.", False, id="hyphens"),
    ],
)
def test_names_stand_as_in_the_grammar(
    facet: str, name: str, text: str, fits_it: bool, table: SentenceTable, films: Catalog
) -> None:
    value = films.value_index(facet, name)
    said = int(table.grammar.ids(Form.ANSWER, value))
    wordings = careful_wordings(table.grammar, Form.ANSWER, value)
    assert Words(table.grammar).fit(text, [said], wordings, [value]) == fits_it
