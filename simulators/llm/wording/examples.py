"""Examples for a prompt: pairs of sentences of the same meaning, made from the grammar's own wordings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from chatrec_env.language import Grammar
from chatrec_env.language.facts import bin_edges
from chatrec_env.language.forms import Argument, Form

T = TypeVar("T")
WORDS = re.compile(r"[\w'’]+")
_FIRST = 2
"""Styles from here on are whole sentences; the ones before are terse."""

_OTHERS = 60
"""Other titles and names whose sentences show how one can be put."""


def without_slips(grammar: Grammar, sentence: int) -> int:
    """The same sentence typed with care: a model should not have to guess."""
    form, arg, variant = grammar.describe(sentence)
    careful = variant - variant % 2 if form.n_styles == 1 else variant % form.n_styles
    return int(grammar.ids(form, arg, careful))


def careful_wordings(grammar: Grammar, form: Form, arg: int) -> list[str]:
    """Ways to say a form with an argument that are typed with care and plainly, without repetition.

    Of a form with styles one each, from terse to hedged. Of one without, every way; sentences that name a title or
    somebody have one alone, which goes by the name: they are put as those of other names, too.
    """
    if form.n_styles > 1:
        return _texts(grammar, form, arg, range(form.n_styles))
    texts = _texts(grammar, form, arg, range(0, form.n_variants, 2))
    names = {Argument.ITEM: grammar.catalog.titles, Argument.ENTITY: grammar.catalog.entity_names}
    if form.argument in names:
        named = names[form.argument]
        for other in range(min(len(named), _OTHERS)):
            before, name, behind = grammar.text(int(grammar.ids(form, other))).partition(named[other])
            # a number is the other one's year
            texts += [before + named[arg] + behind] if name and not re.search(r"\d", behind) else []
    return list({_bare(text): text for text in reversed(texts)}.values())[::-1]


def vocabulary(grammar: Grammar, form: Form, arg: int) -> list[str]:
    """Texts that have the words a form is put in: its careful wordings, without styles those of other arguments too."""
    texts = careful_wordings(grammar, form, arg)
    if form.n_styles == 1 and form.argument is Argument.VALUE:
        for other in range(min(grammar.n_args(form), _OTHERS)):
            texts += _texts(grammar, form, other, range(0, form.n_variants, 2))
    return texts


def is_scripted(grammar: Grammar, sentence: int, text: str) -> bool:
    """Whether a text is how the grammar puts what ``sentence`` says; case, marks and slips aside."""
    form, arg, _ = grammar.describe(sentence)
    told = [*careful_wordings(grammar, form, arg), *_texts(grammar, form, arg, range(form.n_variants))]
    return _bare(text) in map(_bare, told)


def _texts(grammar: Grammar, form: Form, arg: int, variants: range) -> list[str]:
    return [grammar.text(int(i)) for i in grammar.ids(form, arg, list(variants))]


def words_of(text: str) -> list[str]:
    """The words of a text in small letters, without marks."""
    return WORDS.findall(text.replace("’", "'").casefold())


def _bare(text: str) -> str:
    return " ".join(words_of(text))


class Examples:
    """Pairs for what a person says now: the same forms with other arguments, in one wording and in another.

    Small models follow examples of just the kind asked for, and little else.

    Args:
        grammar: Whose wordings.
    """

    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar

    def of(self, sentences: Sequence[int], n: int, seed: int) -> list[tuple[str, str]]:
        """``n`` pairs ``(said, said otherwise)`` for a turn of grammar sentences; a function of its arguments.

        A sentence itself is in none, since that would tell an answer; fewer pairs where there are no other wordings.
        """
        rng = np.random.default_rng(seed)
        pairs = [[self._pair(i, rng) for i in sentences] for _ in range(n)]
        told = [(" ".join(b for b, _ in pair), " ".join(a for _, a in pair)) for pair in pairs]
        return [(before, after) for before, after in told if before != after]

    def _pair(self, sentence: int, rng: np.random.Generator) -> tuple[str, str]:
        """A sentence of the same form, and another wording of it."""
        form, arg, variant = self.grammar.describe(without_slips(self.grammar, sentence))
        other = self._other(form, arg, rng)
        texts = careful_wordings(self.grammar, form, other)
        said = self.grammar.text(int(self.grammar.ids(form, other, variant)))
        told = said if other == arg else ""
        if told:
            said = _one([text for text in texts if text != told] or texts, rng)
        whole = texts[_FIRST:] if form.n_styles > 1 else texts
        after = [text for text in whole if text not in (told, said)]
        return said, _one(after, rng) if after else said

    def _other(self, form: Form, arg: int, rng: np.random.Generator) -> int:
        """Another argument of the same kind; of a value, one of the same facet."""
        grammar, catalog = self.grammar, self.grammar.catalog
        match form.argument:
            case Argument.VALUE:
                part = catalog.facet_slices[int(catalog.value_facet[arg])]
                others = [v for v in range(part.start, part.stop) if v != arg and self._can_be(form, v)]
            case Argument.DIRECTION:
                others = [a for a in range(2 * catalog.n_facets) if a != arg and catalog.facets[a // 2].more]
            case Argument.ITEM | Argument.ENTITY | Argument.STARS | Argument.CONTEXT | Argument.FACET:
                return (
                    arg  # other titles have no place in a prompt; of these few, small models take others over
                )
            case _:
                others = [a for a in range(grammar.n_args(form)) if a != arg]
        return _one(others, rng) if others else arg

    def _can_be(self, form: Form, value: int) -> bool:
        """Whether a value has the end that a limit names."""
        if form not in (Form.AT_MOST, Form.AT_LEAST):
            return True
        return bin_edges(self.grammar.catalog, value)[form is Form.AT_MOST] is not None


def _one(choices: Sequence[T], rng: np.random.Generator) -> T:
    return choices[int(rng.integers(len(choices)))]
