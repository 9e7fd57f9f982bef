"""What a model is shown before it words a sentence, and whose a sentence is that it gives back."""

from __future__ import annotations

import pytest

from chatrec_env.catalog import Catalog
from chatrec_env.language import Form, SentenceTable
from simulators.llm.wording.examples import Examples, careful_wordings, is_scripted, vocabulary
from simulators.llm.wording.words import Words, in_its_words


def argument(films: Catalog, form: Form) -> int:
    """Something that a form can be about."""
    return {"item": films.item_index("Heat"), "value": films.value_index("mood", "scary")}.get(
        form.argument, 0
    )


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(Form.GREET, id="nothing"),
        pytest.param(Form.LIKED_ITEM, id="a-title"),
        pytest.param(Form.LIKE_ITEM, id="a-title-of-one-style"),
        pytest.param(Form.TAKE_ITEM, id="another"),
        pytest.param(Form.CONTEXT, id="company"),
        pytest.param(Form.DONT_KNOW, id="a-facet"),
        pytest.param(Form.WANT, id="a-value"),
        pytest.param(Form.CONDITION, id="a-value-of-one-style"),
    ],
)
def test_no_example_has_the_sentence_to_be_worded(form: Form, table: SentenceTable, films: Catalog) -> None:
    said = int(table.grammar.ids(form, argument(films, form)))
    for seed in range(20):
        pairs = Examples(table.grammar).of([said], 3, seed)
        assert len(pairs) >= 2
        assert all(before != after for before, after in pairs)
        assert table.grammar.text(said) not in {text for pair in pairs for text in pair}


def test_examples_of_a_title_have_it_alone_and_are_spelt_with_care(
    table: SentenceTable, films: Catalog
) -> None:
    heat = films.item_index("Heat")
    told = careful_wordings(table.grammar, Form.LIKE_ITEM, heat)
    assert len(told) > 6
    assert all("Heat" in text and "likr" not in text for text in told)
    assert not any(digit in text for text in told for digit in "0123456789")  # years are the others'
    said = int(table.grammar.ids(Form.LIKE_ITEM, heat))
    pairs = Examples(table.grammar).of([said], 3, 0)
    assert all("Heat" in text for pair in pairs for text in pair)


def test_a_copy_of_the_grammar_is_told_from_words_of_ones_own(table: SentenceTable, films: Catalog) -> None:
    drama = films.value_index("genre", "drama")
    said = int(table.grammar.ids(Form.WANT, drama))
    assert table.grammar.text(said) == "A drama."
    for text in ("A drama!", "a drama, please", "I’m looking for a drama"):
        assert is_scripted(table.grammar, said, text), text
    for text in ("I'd love a drama.", "A comedy."):
        assert not is_scripted(table.grammar, said, text), text
    like = int(table.grammar.ids(Form.LIKE_ITEM, films.item_index("Heat")))
    other = table.grammar.text(int(table.grammar.ids(Form.LIKE_ITEM, films.item_index("Alien"))))
    assert is_scripted(table.grammar, like, other.replace("Alien", "Heat"))


@pytest.mark.parametrize(
    ("form", "text", "fits"),
    [
        pytest.param(Form.WANT, "I'd really love to see something scary.", True, id="everyday-words"),
        pytest.param(
            Form.WANT, "I'm so excited to explore something scary.", False, id="something-of-its-own"
        ),
        pytest.param(Form.WANT, "I wouldn't want something scary.", False, id="denies-what-none-denies"),
        pytest.param(Form.ANSWER, "Scary, I think it would be scary.", False, id="says-it-twice"),
        pytest.param(Form.WANT, "Something scary too.", False, id="as-if-there-had-been-another"),
        pytest.param(Form.AVOID, "Please, nothing scary.", True, id="denies-as-they-do"),
        pytest.param(
            Form.ANSWER, "The thing about scary would be good.", False, id="a-thing-that-is-not-there"
        ),
        pytest.param(Form.MOOD_BORED, "It's a cross-section of the entire universe.", False, id="nonsense"),
        pytest.param(Form.NO_PREFERENCE, "I'm happy to work with any genre.", False, id="who-serves-others"),
        pytest.param(Form.SMALL_TALK, "I'm going to the park.", False, id="another-story"),
    ],
)
def test_a_wording_has_the_words_of_its_act(
    form: Form, text: str, fits: bool, table: SentenceTable, films: Catalog
) -> None:
    assert in_its_words(text, vocabulary(table.grammar, form, argument(films, form))) == fits


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        pytest.param("A working life, if I had to pick.", False, id="a-life"),
        pytest.param("A working life film would be good.", True, id="a-film"),
        pytest.param("Working life, if I had to pick.", True, id="none"),
    ],
)
def test_a_value_has_an_article_where_its_wordings_have_one(
    text: str, fits: bool, table: SentenceTable, films: Catalog
) -> None:
    value = films.value_index("theme", "working life")
    said = int(table.grammar.ids(Form.ANSWER, value))
    wordings = careful_wordings(table.grammar, Form.ANSWER, value)
    assert Words(table.grammar).fit(text, [said], wordings, [value]) == fits


def test_nobody_wants_a_monster(table: SentenceTable, films: Catalog) -> None:
    """Something about monsters is meant; another form of the word has no article either."""
    value = films.value_index("theme", "monsters")
    said = int(table.grammar.ids(Form.ANSWER, value))
    wordings, words = careful_wordings(table.grammar, Form.ANSWER, value), Words(table.grammar)
    assert not words.fit("A monster for sure.", [said], wordings, [value])
    assert words.fit("A monster film for sure.", [said], wordings, [value])
