"""Words a form: fills the slots of its wording from the catalogue."""

from __future__ import annotations

import re
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Final

from chatrec_env.language.english import wording
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
from chatrec_env.language.forms import N_VARIANTS, Argument, Form

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

MAX_ITEM_WORDS: Final = 22  # of an item's own sentence, so that S_ITEM stays readable
_WORD: Final = re.compile(r"[^\W\d_]{3,}")
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
        self._title_counts = Counter(title.casefold() for title in catalog.titles)

    def sentence(self, form: Form, args: tuple[int, ...], variant: int) -> str:
        """The sentence."""
        if variant >= N_VARIANTS:
            return misspell(self.sentence(form, args, variant - N_VARIANTS), vocabulary=self._vocabulary)
        wordings = wording.WORDINGS[form]
        arg = args[0]
        if form.argument is Argument.ITEM:
            chosen = wordings[arg % len(wordings) if form.n_variants == 1 else variant]
            slots = self._item_slots(form, arg)
            if slots["title"].endswith(tuple(".!?…")):
                chosen = _STOP_AFTER_TITLE.sub("", chosen)
            # Not capitalised: a title is written as its makers write it.
            return chosen.format_map(self._nouns | slots).strip()
        if form.argument is Argument.DIRECTION and not self._catalog.facets[arg // 2].more:
            wordings = wording.NOT_COMPARABLE
        return capitalize(wordings[variant].format_map(self._nouns | self._slots(form.argument, args)))

    def _slots(self, argument: Argument, args: tuple[int, ...]) -> dict[str, str]:
        arg = args[0]
        match argument:
            case Argument.VALUE:
                phrases = self._values[arg]
                return {name: getattr(phrases, name) for name in ValuePhrases.__slots__ if name != "phrase"}
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
            case _:
                return {}

    def _facet_slots(self, facet: int) -> dict[str, str]:
        question = clean(self._catalog.facets[facet].question).replace("_", " ")
        return {"question": question, "a_question": with_article(question)}

    def _item_slots(self, form: Form, item: int) -> dict[str, str]:
        """The title, dated where it is shown or to tell two items apart, and the item's own sentence."""
        title, year = clean(self._catalog.titles[item]), int(self._catalog.years[item])
        shared = self._title_counts[self._catalog.titles[item].casefold()] > 1
        dated = f"{title} ({year})" if year and (shared or form is Form.S_ITEM) else title
        return {"title": dated, "sentence": _shorten(clean(self._catalog.sentences[item]))}

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
