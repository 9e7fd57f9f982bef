"""Why a card was suggested: exact, and in the person's own terms."""

from __future__ import annotations

import numpy as np
import pytest

from agents.serving.cards import understood
from agents.serving.conversation import Conversation
from agents.serving.explain import Why, explain, run_name, runs, stated_wishes
from agents.serving.sessions import Sessions
from agents.serving.talk.bounds import Bounds
from chatrec_env.catalog import Catalog
from chatrec_env.core.kernel import start_batch
from chatrec_env.core.records import take
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.retrieval.ranking import EXCLUDED


@pytest.fixture
def catalog(asking: Sessions) -> Catalog:
    return asking.task.manager.catalog


def after(asking: Sessions, *sentences: str) -> Conversation:
    """A conversation that has heard these sentences."""
    conversation = Conversation(asking.task)
    conversation.hear(list(sentences))
    return conversation


def why(conversation: Conversation, title: str) -> Why:
    manager = conversation.task.manager
    item = manager.catalog.item_index(title)
    return explain(manager, conversation.dialogue, item, conversation.liked)


def test_wishes_met_and_missed_and_dislikes_run_into(asking: Sessions) -> None:
    conversation = after(
        asking, "A comedy, please.", "I'd like a musical.", "Nothing dark.", "From the 1990s."
    )
    found = why(conversation, "Fight Club")
    assert {wish.value for wish in found.meets} == {"1990s"}
    assert {wish.value for wish in found.misses} == {"comedy", "musical"}
    assert [(wish.value, wish.strength) for wish in found.conflicts] == [("dark", -1.5)]
    assert [wish.phrase for wish in found.conflicts] == ["a dark film"]


def test_one_of_two_eras_is_enough(asking: Sessions) -> None:
    conversation = after(asking, "From the 1970s.", "Or from the 1990s.")
    assert [wish.value for wish in why(conversation, "Fight Club").misses] == []


def test_named_people_are_wishes_too(asking: Sessions) -> None:
    conversation = after(asking, "Something with Al Pacino.", "Nothing with Brad Pitt.")
    assert [wish.value for wish in why(conversation, "Heat").meets] == ["Al Pacino"]
    seven = why(conversation, "Seven")
    assert [wish.value for wish in seven.misses] == ["Al Pacino"]
    assert [wish.value for wish in seven.conflicts] == ["Brad Pitt"]
    assert seven.parts["people"] == -2.0


def test_liked_items_it_resembles(asking: Sessions) -> None:
    conversation = after(asking, "I loved Heat.")
    near = why(conversation, "L.A. Confidential").resembles
    assert [like.title for like in near] == ["Heat"]
    assert near[0].similarity > 0.25
    assert "crime" in near[0].shared
    assert why(conversation, "Heat").resembles == (), "nothing resembles itself"
    assert why(conversation, "Mary Poppins").resembles == ()


def test_newer_is_one_wish(asking: Sessions, catalog: Catalog) -> None:
    conversation = Conversation(asking.task)
    conversation.dialogue.slate[:] = catalog.item_index("Heat")
    conversation.hear(["Something newer."])
    wishes = stated_wishes(asking.task.manager, conversation.dialogue)
    assert [(wish.facet, wish.value, wish.strength) for wish in wishes] == [("era", "2000s or newer", 0.5)]
    assert [wish.value for wish in why(conversation, "Heat").misses] == ["2000s or newer"]
    assert [wish.value for wish in why(conversation, "The Dark Knight").meets] == ["2000s or newer"]


def test_the_parts_add_up_to_the_score_that_put_it_on_the_table(asking: Sessions) -> None:
    name = asking.open().id
    for text in (
        "Something tense with Al Pacino, not too dark.",
        "A thriller.",
        "Seen it.",
        "Something newer.",
    ):
        reply = asking.message(name, text=text)
        if reply.cards:
            asking.click(name, reply.cards[-1].item)
            asking.rate(name, reply.cards[-1].item, 5)
    conversation = asking.conversation(name)
    conversation.hear(["What else?"])
    d = conversation.dialogue
    present = d.scores[0] > EXCLUDED / 2
    assert present.all()
    for item, score in zip(d.candidates[0], d.scores[0], strict=True):
        found = explain(asking.task.manager, d, int(item), conversation.liked)
        assert found.utility == pytest.approx(float(score), abs=1e-6)
        assert found.utility == sum(found.parts.values())


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        pytest.param("1990s", "1990s", "1990s", id="one"),
        pytest.param("1970s", "1990s", "1970s to 1990s", id="between"),
        pytest.param("1990s", "2020s", "1990s or newer", id="to-the-end"),
        pytest.param("1920s", "1950s", "1950s or older", id="from-the-start"),
    ],
)
def test_runs_of_bins_in_words(catalog: Catalog, first: str, last: str, name: str) -> None:
    ends = catalog.value_index("era", first), catalog.value_index("era", last)
    assert run_name(catalog, range(ends[0], ends[1] + 1)) == name


def test_runs_join_neighbours_with_the_same_mark() -> None:
    assert runs([3, 4, 5, 7, 8], [1, 1, -1, 1, 1], True) == [[3, 4], [5], [7, 8]]
    assert runs([3, 4], [1, 1], False) == [[3], [4]]
    assert runs([], [], True) == []


def test_what_was_understood_in_words(asking: Sessions) -> None:
    conversation = Conversation(asking.task)
    text = [
        "Something tense, but no horror.",
        "I loved Heat.",
        "We're watching with the kids.",
        "Something newer.",
    ]
    found = understood(asking.task.manager, conversation.acts(text))
    assert [(heard.kind, heard.text) for heard in found] == [
        ("want", "tense"),
        ("avoid", "horror"),
        ("like", "Heat"),
        ("context", "kids"),
        ("relative", "newer"),
    ]


def test_cards_leave_out_what_the_person_spoke_of(asking: Sessions) -> None:
    name = asking.open().id
    asking.message(name, text="Hello!")
    reply = asking.message(name, text="I loved Heat. Something tense, dark and gritty about heists.")
    others = [card.title for card in reply.cards if not card.chosen]
    assert len(others) == 3
    assert "Heat" not in others


def test_facts_have_kinds_and_units(asking: Sessions) -> None:
    name = asking.open().id
    asking.message(name, text="Hello!")
    card = asking.message(name, text="Something like Heat.").cards[0]
    kinds = {fact.label: fact.kind for fact in card.facts}
    assert kinds["genre"] == "facet"
    assert kinds["length"] == "number"
    assert kinds["director"] == "name"
    length = next(fact for fact in card.facts if fact.label == "length")
    assert length.values[0].endswith(" minutes")
    assert np.isfinite(card.score)


def test_with_a_past_the_parts_add_up_too() -> None:
    """What people of like taste made of an item is a part of its own."""
    pytest.importorskip("implicit")
    task = make_task(EnvConfig(encoder="hash", rating_history="heavy", collaborative=2.0))
    d = start_batch(task, np.random.default_rng(0).random((1, task.n_draws))).dialogue
    for item, score in zip(d.candidates[0], d.scores[0], strict=True):
        found = explain(task.manager, d, int(item), [])
        assert found.utility == pytest.approx(float(score), abs=1e-6)
        assert found.parts["kindred"] != 0


def test_what_was_said_in_own_words_is_a_part() -> None:
    task = make_task(EnvConfig(encoder="hash", scenario="own_words", semantic=1.0))
    d = start_batch(task, np.random.default_rng(1).random((20, task.n_draws))).dialogue
    meant = []
    for n in range(20):
        mine = take(d, np.array([n]))
        found = explain(task.manager, mine, int(mine.candidates[0, 0]), [])
        assert found.utility == pytest.approx(float(mine.scores[0, 0]), abs=1e-6)
        meant.append(found.parts["meaning"])
    assert any(meant)


def test_neighbours_of_two_facets_are_understood_one_by_one(asking: Sessions) -> None:
    catalog = asking.task.manager.catalog
    first = catalog.facet_slices[next(f for f, x in enumerate(catalog.facets) if x.kind == "numeric")].start
    acts = [
        ParsedAct(act=UserAct.WANT, value=value, facet=int(catalog.value_facet[value]), polarity=1)
        for value in (first - 1, first, first + 1)
    ]
    found = understood(asking.task.manager, acts)
    assert [heard.text for heard in found] == [
        catalog.value_names[first - 1],
        run_name(catalog, [first, first + 1]),
    ]


def test_a_word_that_means_less_than_its_value_is_what_was_asked_for(asking: Sessions) -> None:
    """Aliens of monsters: Men in Black has them, Gremlins has not, and nobody asked for monsters."""
    manager = asking.task.manager
    films = manager.catalog
    monsters = films.value_names.index("monsters")
    d = manager.open(1)
    d.wishes[0, monsters] = 1.0
    bounds = Bounds(narrow={monsters: "aliens"})

    def told(title: str) -> Why:
        return explain(manager, d, films.titles.index(title), [], bounds)

    (met,) = told("Men in Black").meets
    assert (met.value, met.phrase) == ("aliens", "a film about aliens")
    assert [wish.value for wish in told("Gremlins").misses] == ["aliens"]
