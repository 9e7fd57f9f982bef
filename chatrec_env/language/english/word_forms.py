"""Forms of English words, as the package takes them."""

from __future__ import annotations

from typing import Final

from chatrec_env.language.english.articles import correct_article, with_article
from chatrec_env.language.english.morphology import plural, singular
from chatrec_env.language.word_forms import WordForms

WORD_FORMS: Final = WordForms(
    with_article=with_article, correct_article=correct_article, plural=plural, singular=singular
)
