"""Examples for a prompt: pairs of sentences of the same meaning, made from the grammar's own wordings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chatrec_env.language import Grammar
from chatrec_env.language.facts import bin_edges
from chatrec_env.language.forms import Argument, Form

_FIRST = 2
"""Styles from here on are whole sentences; the ones before are terse."""


def plain_variants(form: Form) -> range:
    """Variants of a form that are typed with care and plainly: a style each, or, of a single style, every way."""
    return range(form.n_variants if form.n_styles == 1 else form.n_styles)


def without_slips(grammar: Grammar, sentence: int) -> int:
    """The same sentence typed with care: a model should not have to guess."""
    form, arg, variant = grammar.describe(sentence)
    careful = variant - variant % 2 if form.n_styles == 1 else variant % form.n_styles
    return int(grammar.ids(form, arg, careful))


class Examples:
    """Pairs for what a person says now: the same forms with other arguments, in one wording and in another.

    Small models follow examples of just the kind asked for, and little else.

    Args:
        grammar: Whose wordings.
    """

    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar

    def of(self, sentences: Sequence[int], n: int, seed: int) -> list[tuple[str, str]]:
        """``n`` pairs ``(said, said otherwise)`` for a turn of grammar sentences; a function of its arguments."""
        rng = np.random.default_rng(seed)
        told = [self.grammar.describe(i) for i in sentences]
        out = []
        for _ in range(n):
            before, after = [], []
            for form, arg, variant in told:
                other = self._other(form, arg, rng)
                variants = plain_variants(form)
                was = variant if variant in variants else variant % form.n_styles
                first = _FIRST if form.n_styles > 1 else 0
                choices = [v for v in variants if v >= first and v != was] or [was]
                now = choices[int(rng.integers(len(choices)))]
                before.append(self.grammar.text(int(self.grammar.ids(form, other, was))))
                after.append(self.grammar.text(int(self.grammar.ids(form, other, now))))
            out.append((" ".join(before), " ".join(after)))
        return out

    def _other(self, form: Form, arg: int, rng: np.random.Generator) -> int:
        """Another argument of the same kind; of a value, one of the same facet."""
        grammar, catalog = self.grammar, self.grammar.catalog
        match form.argument:
            case Argument.VALUE:
                part = catalog.facet_slices[int(catalog.value_facet[arg])]
                others = [v for v in range(part.start, part.stop) if v != arg and self._can_be(form, v)]
            case Argument.DIRECTION:
                others = [a for a in range(2 * catalog.n_facets) if a != arg and catalog.facets[a // 2].more]
            case Argument.ITEM | Argument.STARS:
                return arg  # other titles have no place in a prompt
            case _:
                others = [a for a in range(grammar.n_args(form)) if a != arg]
        return others[int(rng.integers(len(others)))] if others else arg

    def _can_be(self, form: Form, value: int) -> bool:
        """Whether a value has the end that a limit names."""
        if form not in (Form.AT_MOST, Form.AT_LEAST):
            return True
        return bin_edges(self.grammar.catalog, value)[form is Form.AT_MOST] is not None
