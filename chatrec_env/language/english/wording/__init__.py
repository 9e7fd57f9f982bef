"""The wording of every form, as data.

Six wordings per form, in one order: 0-1 terse and direct, 2-3 plain, 4 chatty, 5 hedged or indirect, so
that a person's talk style is a distribution over the index. Slots are filled by the grammar: the noun and
verb of the catalogue (``{noun}``, ``{nouns}``, ``{a_noun}``, ``{verb}``, ``{seen}``), the phrases of a value
(:class:`~chatrec_env.language.english.phrases.ValuePhrases`), the question noun of a facet (``{question}``,
``{a_question}``), its comparative (``{comparative}``), a title (``{title}``), a context's clause
(``{clause}``) or a rating (``{stars}``, ``{n_stars}``, ``{verdict}``). The first letter is capitalised
afterwards, so a wording may start with a slot.
"""

from __future__ import annotations

from typing import Final

from chatrec_env.language.english.wording.remarks import REMARKS, STARS, VERDICTS
from chatrec_env.language.english.wording.system import SYSTEM
from chatrec_env.language.english.wording.wishes import NOT_COMPARABLE, WISHES
from chatrec_env.language.forms import Form

__all__ = ["NOT_COMPARABLE", "STARS", "VERDICTS", "WORDINGS"]

WORDINGS: Final[dict[Form, tuple[str, ...]]] = WISHES | REMARKS | SYSTEM
