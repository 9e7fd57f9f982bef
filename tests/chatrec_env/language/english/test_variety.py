"""How much the messages of people differ, drawn with a plausible mix of forms and styles.

Real people who talk to a machine (CRSArena): distinct-2 .55, 22% of messages said more than once, 49% without a closing
mark; the figures here are those of the wording alone, not of a simulator.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from chatrec_env.catalog import load_catalog
from chatrec_env.language.forms import Argument, Form
from chatrec_env.language.grammar import Grammar
from simulators.scripted.sentences import STYLE_MIX

MIX = {
    **{Form.WANT: 14, Form.ANSWER: 10, Form.WANT_PAIR: 3, Form.AVOID: 5, Form.BUT: 2, Form.EXCEPT_VALUE: 1},
    **{Form.ASK_FACT: 8, Form.ASK_VALUE: 6, Form.ASK_ENTITY: 1, Form.ASK_PLOT: 4, Form.ASK_OPINION: 4},
    **{Form.ASK_WHY: 3, Form.ASK_UNANSWERED: 3, Form.COMPARE: 1, Form.LIKED_ITEM: 2, Form.LIKE_ITEM: 2},
    **{
        Form.SEEN_ITEM: 1,
        Form.DISLIKED_ITEM: 1,
        Form.FIND_ITEM: 1,
        Form.FIND_UNLISTED: 1,
        Form.TAKE_PLACE: 1,
    },
    **{Form.ACCEPT_PLAIN: 2, Form.ACCEPT_WARM: 3, Form.REJECT_MILD: 2, Form.REJECT_FIRM: 2, Form.SEEN_IT: 2},
    **{Form.LIKED_IT: 1, Form.HATED_IT: 1, Form.TOO: 3, Form.RELATIVE: 2, Form.LIKE_BUT: 2, Form.MISMATCH: 2},
    **{Form.DOUBT: 1, Form.CONDITION: 1, Form.DONT_KNOW: 2, Form.NO_PREFERENCE: 2, Form.CHANGE_MIND: 2},
    **{Form.YES: 1, Form.NO: 1, Form.GREET: 2, Form.THANK_LEAVE: 2, Form.IMPATIENT: 1, Form.SMALL_TALK: 1},
    **{
        Form.AT_MOST: 1,
        Form.AT_LEAST: 1,
        Form.SURPRISE_ME: 1,
        Form.HELP: 1,
        Form.START_OVER: 1,
        Form.INSULT: 1,
    },
}


def draw(grammar: Grammar, form: Form, rng: np.random.Generator) -> str:
    """A message of a form: argument at random, people of all styles, half of them in haste."""
    catalog = grammar.catalog
    arg = int(rng.integers(grammar.n_args(form)))
    if form in (Form.AT_MOST, Form.AT_LEAST):
        numeric = [v for v in range(catalog.n_values) if catalog.facets[catalog.value_facet[v]].numeric]
        arg = int(rng.choice(numeric))
    elif form.argument is Argument.ITEM:
        arg = int(rng.choice(grammar.likeable))
    elif form is Form.RELATIVE:
        arg = int(rng.choice([a for a in range(grammar.n_args(form)) if catalog.facets[a // 2].more]))
    style = int(rng.choice(6, p=STYLE_MIX[rng.integers(len(STYLE_MIX))]))
    way = 0
    if form.n_ways > 1:
        way = 2 * int(rng.random() * form.n_ways / 2) + int(rng.random() < 0.5)
    return grammar.text(int(grammar.ids(form, arg, style % form.n_styles + form.n_styles * way)))


def measured(domain: str, seed: int) -> dict[str, float]:
    """Distinct-2 of the first 4,000 bigrams, share of messages said more than once, and without a closing mark."""
    grammar, rng = Grammar(load_catalog(domain)), np.random.default_rng(seed)
    forms, weights = zip(*((f, w) for f, w in MIX.items() if grammar.n_args(f)), strict=True)
    chosen = rng.choice(len(forms), 1000, p=np.array(weights) / sum(weights))
    messages = [draw(grammar, forms[i], rng) for i in chosen]
    bigrams = [
        pair for text in messages for pair in zip(*(text.lower().split()[k:] for k in (0, 1)), strict=False)
    ]
    told = Counter(text.lower().strip(" .!?") for text in messages)
    return {
        "distinct-2": len(set(bigrams[:4000])) / len(bigrams[:4000]),
        "repeated": sum(n for n in told.values() if n > 1) / 1000,
        "unclosed": float(np.mean([text[-1].isalnum() for text in messages])),
    }


@pytest.mark.parametrize("domain", ["movies", "books", "music", "shopping", "travel", "courses"])
def test_messages_differ(domain: str) -> None:
    found = measured(domain, 0)
    assert found["distinct-2"] >= 0.5, found
    assert found["repeated"] < 0.2, found
    assert 0.35 < found["unclosed"] < 0.6, found
