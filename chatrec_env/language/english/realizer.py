"""Words a form: chooses its wording and fills the slots from the catalogue."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from chatrec_env.language.english import wording
from chatrec_env.language.english.facts import judged
from chatrec_env.language.english.manner import finished, shortened, typed
from chatrec_env.language.english.people import seed_of, template
from chatrec_env.language.english.phrases import capitalize
from chatrec_env.language.english.reading.surface_forms import Nouns
from chatrec_env.language.english.slots import Slots
from chatrec_env.language.english.typos import misspell
from chatrec_env.language.english.word_forms import with_article
from chatrec_env.language.facts import Truth
from chatrec_env.language.forms import Argument, Form

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

_NAMING: Final = frozenset({Argument.ITEM, Argument.FACT})
_STOP_AFTER_TITLE: Final = re.compile(r"(?<=\{title\})[.!]")


class EnglishRealizer:
    """Sentences of a catalogue, a pure function of the catalogue, the form, its argument and the variant."""

    def __init__(self, catalog: Catalog, phrases: Sequence[str] = ()) -> None:
        self._catalog, self._slots = catalog, Slots(catalog, phrases)
        self._nouns = Nouns(catalog)

    def sentence(self, form: Form, args: tuple[int, ...], variant: int) -> str:
        """The sentence."""
        if form.speaker == "user":
            return self._of_person(form, args, variant)
        text = _filled(self._of_system(form, args[0], variant), self._slots.of(form, args))
        # A title is written as its makers write it.
        return text if form.argument in _NAMING else capitalize(text)

    def _of_system(self, form: Form, arg: int, variant: int) -> str:
        """The wording of a variant; that of a rotating form goes by what it is about."""
        match form:
            case Form.S_HAS_VALUE:
                value, truth = divmod(arg, len(Truth))
                if (
                    truth == Truth.NO
                    and self._catalog.facets[int(self._catalog.value_facet[value])].multi_valued
                ):
                    return wording.NOT_MAINLY[variant]
                return wording.YES_OR_NO[Truth(truth)][variant]
            case Form.S_HAS_ENTITY:
                of_answer = wording.WORDINGS[form][:2] if arg % 2 else wording.WORDINGS[form][2:]
                return of_answer[arg // 2 % len(of_answer)]
            case Form.S_FACT | Form.S_FACT_OF:
                item, topic = divmod(arg, self._slots.n_topics)
                if not self._slots.facts.clause(item, topic):
                    return wording.NO_FACT[form]
                arg = item + topic
            case Form.S_OPINION if not judged(arg):
                form = Form.S_UNKNOWN
        wordings = wording.WORDINGS[form]
        return wordings[arg % len(wordings) if form.n_variants == 1 else variant]

    def _of_person(self, form: Form, args: tuple[int, ...], variant: int) -> str:
        way, style = divmod(variant, form.n_styles)
        said = template(form, args[0], style, way)
        if form.argument is Argument.DIRECTION and not self._catalog.facets[args[0] // 2].more:
            said = wording.NOT_COMPARABLE[style]
        seed = seed_of(form, *args, style, way)
        slots = self._slots.of(form, args, seed)
        if way == 0 and form.n_styles > 1:
            text = _filled(said, slots)
            return finished(text) if not said.startswith("{title}") else finished(text, capital=False)
        if way == 1 and form.has_typos:
            return misspell(self._of_person(form, args, style), vocabulary=self._slots.vocabulary)
        hasty = way % 2 == 1
        text = self._other_noun(_filled(shortened(said, seed) if hasty else said, slots), seed)
        if hasty:
            return typed(text, seed, self._slots.vocabulary)
        return finished(text, stop=seed % 3 > 0, capital=not said.startswith("{title}"))

    def _other_noun(self, text: str, seed: int) -> str:
        """The text with another word for the catalogue's noun, one time in two."""
        one, many = self._nouns.one, self._nouns.many
        if seed % 2 or len(one) < 2:
            return text
        chosen = 1 + seed // 2 % (len(one) - 1)
        text = re.sub(rf"\b{re.escape(many[0])}(?![\w-])", many[chosen], text)

        def renamed(found: re.Match[str]) -> str:
            return with_article(one[chosen]) if found[1] else one[chosen]

        return re.sub(rf"\b(an? )?{re.escape(one[0])}(?![\w-])", renamed, text)


def _filled(said: str, slots: dict[str, str]) -> str:
    if slots.get("title", "").endswith(tuple(".!?…")):
        said = _STOP_AFTER_TITLE.sub("", said)
    return said.format_map(slots).strip()
