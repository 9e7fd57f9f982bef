"""Worked examples for a small model: how else the same kind of thing has been said, about other things."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chatrec_env.language.forms import N_VARIANTS, Argument, Form

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatrec_env.language import Grammar

_FIRST = 2
"""Wordings from here on are whole sentences; the ones before are terse."""


class Examples:
    """Pairs of sentences of the same meaning, made from the grammar's own wordings.

    Small models follow examples of just the kind asked for, and little else. So for what a person says now (forms
    and arguments), pairs of the same forms are made with other arguments: one wording, and another one of it.

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
                was = variant % N_VARIANTS
                choices = [v for v in range(_FIRST, N_VARIANTS) if v != was]
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
                others = [v for v in range(part.start, part.stop) if v != arg]
            case Argument.DIRECTION:
                others = [a for a in range(2 * catalog.n_facets) if a != arg and catalog.facets[a // 2].more]
            case Argument.ITEM | Argument.STARS:
                return arg
            case _:
                others = [a for a in range(grammar.n_args(form)) if a != arg]
        return others[int(rng.integers(len(others)))] if others else arg
