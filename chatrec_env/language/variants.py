"""Which wording a person uses: the number of a variant from their style, their haste and chance."""

from __future__ import annotations

from chatrec_env.core.compiled import rule


@rule
def variant_of(style: int, hasty: bool, uniform: float, n_styles: int, n_ways: int) -> int:
    """The variant of a form that a person says; see :mod:`~chatrec_env.language.forms` for the numbering.

    Args:
        style: 0 to 5, from terse to hedged.
        hasty: Whether they type in haste.
        uniform: In [0, 1), decides how they put it this time.
        n_styles: Of the form, from ``Grammar.styles``.
        n_ways: Of the form, from ``Grammar.ways``.
    """
    way = 0
    if n_ways > 1:
        way = 2 * int(uniform * (n_ways // 2)) + int(hasty)
    return style % n_styles + n_styles * way
