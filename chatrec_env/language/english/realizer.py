"""Words a form: fills the slots of its wording from the catalogue."""

from __future__ import annotations

import re
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Final

from chatrec_env.language.english import wording
from chatrec_env.language.english.facts import FactWords, judged
from chatrec_env.language.english.phrases import (
    ValuePhrases,
    both,
    capitalize,
    clean,
    lower_first,
    value_phrases,
)
from chatrec_env.language.english.typos import misspell
from chatrec_env.language.english.word_forms import with_article
from chatrec_env.language.facts import Truth, topics
from chatrec_env.language.forms import N_VARIANTS, Argument, Form

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

MAX_ITEM_WORDS: Final = 22  # of an item's own sentence, so that S_ITEM stays readable
_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_NAMING: Final = frozenset({Argument.ITEM, Argument.FACT, Argument.CREDIT})
_STOP_AFTER_TITLE: Final = re.compile(r"(?<=\{title\})[.!]")


class EnglishRealizer:
    """Sentences of a catalogue, a pure function of the catalogue, the form, its argument and the variant."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._nouns = {
            "noun": clean(catalog.noun),
            "nouns": clean(catalog.noun_plural),
            "a_noun": with_article(clean(catalog.noun)),
            "verb": clean(catalog.verb),
            "seen": clean(catalog.verb_past[-1]),
        }
        self._n_topics = len(topics(catalog))
        self._title_counts = Counter(title.casefold() for title in catalog.titles)

    def sentence(self, form: Form, args: tuple[int, ...], variant: int) -> str:
        """The sentence."""
        if variant >= N_VARIANTS:
            return misspell(self.sentence(form, args, variant - N_VARIANTS), vocabulary=self._vocabulary)
        chosen = self._wording(form, args[0], variant)
        slots = self._nouns | self._slots(form, args)
        if form.argument in _NAMING:
            title = slots.get("title", "")
            if title.endswith(tuple(".!?…")):
                chosen = _STOP_AFTER_TITLE.sub("", chosen)
            # Not capitalised: a title is written as its makers write it.
            return chosen.format_map(slots).strip()
        return capitalize(chosen.format_map(slots))

    def _wording(self, form: Form, arg: int, variant: int) -> str:
        """The wording of a variant; that of a rotating form goes by what it is about."""
        match form:
            case Form.S_HAS_VALUE:
                return wording.YES_OR_NO[Truth(arg % len(Truth))][variant]
            case Form.S_HAS_ENTITY:
                of_answer = wording.WORDINGS[form][:2] if arg % 2 else wording.WORDINGS[form][2:]
                return of_answer[arg // 2 % len(of_answer)]
            case Form.S_FACT | Form.S_FACT_OF:
                item, topic = divmod(arg, self._n_topics)
                if not self._facts.clause(item, topic):
                    return wording.NO_FACT[form]
                arg = item + topic
            case Form.S_OPINION if not judged(arg):
                form = Form.S_UNKNOWN
        if form.argument is Argument.DIRECTION and not self._catalog.facets[arg // 2].more:
            return wording.NOT_COMPARABLE[variant]
        wordings = wording.WORDINGS[form]
        return wordings[arg % len(wordings) if form.n_variants == 1 else variant]

    def _slots(self, form: Form, args: tuple[int, ...]) -> dict[str, str]:
        arg = args[0]
        match form.argument:
            case Argument.VALUE:
                return self._value_slots(arg)
            case Argument.TRUTH:
                return self._value_slots(arg // len(Truth))
            case Argument.SIGNED:
                value = self._values[arg // 2]
                return {"wish": value.something if arg % 2 else value.nothing}
            case Argument.PAIR:
                return {"one": both(*(self._values[value].phrase for value in args))}
            case Argument.FACET:
                return self._facet_slots(arg)
            case Argument.DIRECTION:
                facet = self._catalog.facets[arg // 2]
                word = clean(facet.more if arg % 2 else facet.less)
                return self._facet_slots(arg // 2) | {"comparative": word}
            case Argument.CONTEXT:
                return {"clause": lower_first(clean(self._catalog.contexts[arg].phrase).rstrip(".!"))}
            case Argument.STARS:
                stars = wording.STARS[arg - 1]
                n_stars = f"{stars} star" if arg == 1 else f"{stars} stars"
                return {"stars": stars, "n_stars": n_stars, "verdict": wording.VERDICTS[arg - 1]}
            case Argument.ITEM:
                return self._item_slots(form, arg)
            case Argument.FACT:
                item, topic = divmod(arg, self._n_topics)
                told = {"clause": self._facts.clause(item, topic), "thing": self._facts.thing(topic)}
                return self._item_slots(form, item) | told
            case Argument.CREDIT:
                return {"name": clean(self._catalog.entity_names[arg // 2])}
            case Argument.OPINION:
                return {"judged": judged(arg), "thing": "what others think of it"}
            case Argument.UNKNOWN:
                return {"thing": self._thing(arg)}
            case _:
                return {}

    def _value_slots(self, value: int) -> dict[str, str]:
        phrases = self._values[value]
        return {name: getattr(phrases, name) for name in ValuePhrases.__slots__ if name != "phrase"}

    def _thing(self, arg: int) -> str:
        unanswered = self._catalog.declaration.unanswered
        if arg < self._n_topics:
            return self._facts.thing(arg)
        return (
            clean(unanswered[arg - self._n_topics].thing)
            if arg < self._n_topics + len(unanswered)
            else "that"
        )

    def _facet_slots(self, facet: int) -> dict[str, str]:
        question = clean(self._catalog.facets[facet].question).replace("_", " ")
        return {"question": question, "a_question": with_article(question)}

    def _item_slots(self, form: Form, item: int) -> dict[str, str]:
        """The title, dated where it is shown or to tell two items apart, and the item's own sentence."""
        title, year = clean(self._catalog.titles[item]), int(self._catalog.years[item])
        shared = self._title_counts[self._catalog.titles[item].casefold()] > 1
        dated = f"{title} ({year})" if year and (shared or form is Form.S_ITEM) else title
        whole = clean(self._catalog.sentences[item])
        return {"title": dated, "sentence": _shorten(whole), "whole": whole}

    @cached_property
    def _facts(self) -> FactWords:
        return FactWords(self._catalog, self._values)

    @cached_property
    def _values(self) -> tuple[ValuePhrases, ...]:
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
    def _vocabulary(self) -> frozenset[str]:
        """Lower-case words of values and synonyms, which a typo must not produce."""
        texts = [text for value in self._values for text in (value.plain, value.one, value.many, value.short)]
        texts += [word for facet in self._catalog.facets for some in facet.synonyms.values() for word in some]
        return frozenset(word for text in texts for word in _WORD.findall(text.lower()))


def _shorten(sentence: str) -> str:
    words = sentence.split()
    if len(words) <= MAX_ITEM_WORDS:
        return sentence
    return " ".join(words[:MAX_ITEM_WORDS]).rstrip(",;:-.") + "…"
