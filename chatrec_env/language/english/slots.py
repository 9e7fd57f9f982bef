"""What fills the slots of wordings: the words of a catalogue for the argument of a form."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final

from chatrec_env.language.english import wording
from chatrec_env.language.english.facts import FactWords, judged
from chatrec_env.language.english.phrases import ValuePhrases, both, clean, lower_first, value_phrases
from chatrec_env.language.english.word_forms import with_article
from chatrec_env.language.facts import Truth, topics
from chatrec_env.language.forms import Argument, Form

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

MAX_ITEM_WORDS: Final = 22  # of an item's own sentence, so that S_ITEM stays readable
_WORD: Final = re.compile(r"[^\W\d_]{3,}")


class Slots:
    """The slots of a catalogue, a pure function of the form and its argument."""

    def __init__(self, catalog: Catalog, phrases: Sequence[str] = ()) -> None:
        self._catalog, self._phrases = catalog, phrases
        self._nouns = {
            "noun": clean(catalog.noun),
            "nouns": clean(catalog.noun_plural),
            "a_noun": with_article(clean(catalog.noun)),
            "verb": clean(catalog.verb),
            "seen": clean(catalog.verb_past[-1]),
        }
        self.n_topics = len(topics(catalog))
        self._title_counts = Counter(title.casefold() for title in catalog.titles)

    def of(self, form: Form, args: tuple[int, ...], seed: int = 0) -> dict[str, str]:
        """The slots by name.

        Args:
            form: The form.
            args: Its argument, or the two values of a pair.
            seed: Chooses among phrases where a slot has several: questions and limits.
        """
        return self._nouns | self._by_argument(form, args) | self._by_form(form, args[0], seed)

    def _by_argument(self, form: Form, args: tuple[int, ...]) -> dict[str, str]:
        arg = args[0]
        match form.argument:
            case Argument.VALUE:
                return self._value(arg)
            case Argument.TRUTH:
                return self._value(arg // len(Truth))
            case Argument.SIGNED:
                value = self.values[arg // 2]
                return {"wish": value.something if arg % 2 else value.nothing}
            case Argument.PAIR:
                return {"one": both(*(self.values[value].phrase for value in args))}
            case Argument.FACET:
                return self._question(arg)
            case Argument.DIRECTION:
                facet = self._catalog.facets[arg // 2]
                word = clean(facet.more if arg % 2 else facet.less)
                return self._question(arg // 2) | {"comparative": word}
            case Argument.CONTEXT:
                return {"clause": lower_first(clean(self._catalog.contexts[arg].phrase).rstrip(".!"))}
            case Argument.STARS:
                stars = wording.STARS[arg - 1]
                n_stars = f"{stars} star" if arg == 1 else f"{stars} stars"
                return {"stars": stars, "n_stars": n_stars, "verdict": wording.VERDICTS[arg - 1]}
            case Argument.ITEM:
                return self._item(form, arg)
            case Argument.FACT:
                item, topic = divmod(arg, self.n_topics)
                told = {"clause": self.facts.clause(item, topic), "thing": self.facts.thing(topic)}
                return self._item(form, item) | told
            case Argument.ENTITY:
                link = clean(self._catalog.declaration.entity_link) or "with"
                return {"name": clean(self._catalog.entity_names[arg]), "link": link}
            case Argument.CREDIT:
                return {"name": clean(self._catalog.entity_names[arg // 2])}
            case Argument.UNLISTED:
                return {"title": clean(self._catalog.declaration.unlisted[arg])}
            case Argument.OPINION:
                return {"judged": judged(arg), "thing": "what others think of it"}
            case Argument.UNKNOWN:
                return {"thing": self._thing(arg)}
            case Argument.PLACE:
                return {"place": wording.PLACES[arg]}
            case Argument.PHRASE:
                return {"phrase": clean(self._phrases[arg])}
            case _:
                return {}

    def _by_form(self, form: Form, arg: int, seed: int) -> dict[str, str]:
        match form:
            case Form.ASK_FACT:
                thing = self.facts.thing(arg).removeprefix("its ")
                return {"asked": self.facts.question(arg, seed), "question": thing}
            case Form.ASK_ENTITY:
                declared = self._catalog.declaration
                asked = declared.entity_asked or (f"is it {declared.entity_link or 'with'} {{name}}",)
                return {
                    "asked": asked[seed % len(asked)].replace(
                        "{name}", clean(self._catalog.entity_names[arg])
                    )
                }
            case Form.ASK_UNANSWERED:
                asked = self._catalog.declaration.unanswered[arg].asked_as
                return {"asked": asked[seed % len(asked)]}
            case Form.AT_MOST | Form.AT_LEAST:
                return {"limit": self.facts.limit(arg, form is Form.AT_LEAST, seed)}
            case _:
                return {}

    def _value(self, value: int) -> dict[str, str]:
        phrases = self.values[value]
        return {name: getattr(phrases, name) for name in ValuePhrases.__slots__ if name != "phrase"}

    def _question(self, facet: int) -> dict[str, str]:
        question = clean(self._catalog.facets[facet].question).replace("_", " ")
        return {"question": question, "a_question": with_article(question)}

    def _thing(self, arg: int) -> str:
        unanswered = self._catalog.declaration.unanswered
        if arg < self.n_topics:
            return self.facts.thing(arg)
        return (
            clean(unanswered[arg - self.n_topics].thing) if arg < self.n_topics + len(unanswered) else "that"
        )

    def _item(self, form: Form, item: int) -> dict[str, str]:
        """The title, dated where it is shown or to tell two items apart, and the item's own sentence."""
        title, year = clean(self._catalog.titles[item]), int(self._catalog.years[item])
        shared = self._title_counts[self._catalog.titles[item].casefold()] > 1
        dated = f"{title} ({year})" if year and (shared or form is Form.S_ITEM) else title
        whole = clean(self._catalog.sentences[item])
        return {"title": dated, "sentence": _shorten(whole), "whole": whole}

    @cached_property
    def facts(self) -> FactWords:
        """The facts of the catalogue in words."""
        return FactWords(self._catalog, self.values)

    @cached_property
    def values(self) -> tuple[ValuePhrases, ...]:
        """Every way each value is said."""
        catalog = self._catalog
        facets = [catalog.facets[f] for f in catalog.value_facet]
        return tuple(
            value_phrases(
                value,
                one=catalog.value_phrases[v],
                many=catalog.value_plurals[v],
                critique=catalog.value_critiques[v],
                quality=facets[v].critique == "too {value}",
                noun=self._nouns["noun"],
                nouns=self._nouns["nouns"],
            )
            for v, value in enumerate(catalog.value_names)
        )

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Lower-case words of values and synonyms, which a typo must not produce."""
        texts = [text for value in self.values for text in (value.plain, value.one, value.many, value.short)]
        texts += [word for facet in self._catalog.facets for some in facet.synonyms.values() for word in some]
        return frozenset(word for text in texts for word in _WORD.findall(text.lower()))


def _shorten(sentence: str) -> str:
    words = sentence.split()
    if len(words) <= MAX_ITEM_WORDS:
        return sentence
    return " ".join(words[:MAX_ITEM_WORDS]).rstrip(",;:-.") + "…"
