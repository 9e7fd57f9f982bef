"""Variants by style, haste and chance, worked by hand."""

from __future__ import annotations

import pytest

from chatrec_env.language.forms import Form
from chatrec_env.language.variants import variant_of


@pytest.mark.parametrize(
    ("style", "hasty", "uniform", "form", "variant"),
    [
        pytest.param(2, False, 0.0, Form.UNDO, 2, id="plain-way"),
        pytest.param(2, True, 0.0, Form.UNDO, 2 + 6 * 1, id="first-hasty-way"),
        pytest.param(5, False, 0.99, Form.UNDO, 5 + 6 * 14, id="last-careful-way"),
        pytest.param(5, True, 0.99, Form.UNDO, 5 + 6 * 15, id="last-of-all"),
        pytest.param(3, True, 0.6, Form.WANT, 3 + 6 * 3, id="two-pairs-of-ways"),
        pytest.param(4, True, 0.5, Form.TAKE_ITEM, 1, id="one-style"),
        pytest.param(4, True, 0.5, Form.LIKED_ITEM, 4, id="one-way"),
    ],
)
def test_variants(style: int, hasty: bool, uniform: float, form: Form, variant: int) -> None:
    assert variant_of(style, hasty, uniform, form.n_styles, form.n_ways) == variant
    assert variant < form.n_variants
