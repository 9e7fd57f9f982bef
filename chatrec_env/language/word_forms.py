"""Which languages there are, and the forms of words that a catalogue needs of one: articles and plurals.

This module, which imports nothing of the package, is the only one that reaches into the folder of a language; see
:class:`~chatrec_env.language.contract.Language` for all that a language provides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Final

from chatrec_env.errors import UnknownNameError

LANGUAGES: Final = ("english",)
"""The folders beside this module that hold a language."""

DEFAULT: Final = "english"


@dataclass(frozen=True, kw_only=True, slots=True)
class WordForms:
    """Forms of words in a language. Examples are English."""

    # words with their indefinite article in front: `"hour"` -> `"an hour"`
    with_article: Callable[[str], str]
    # a phrase with the article its sound wants: `"a animated film"` -> `"an animated film"`; a phrase that begins
    # otherwise comes back unchanged
    correct_article: Callable[[str], str]
    plural: Callable[[str], str]  # the plural of a noun
    singular: Callable[[str], str]  # the singular of a noun


@cache
def get_word_forms(language: str = DEFAULT) -> WordForms:
    """The word forms of a language.

    Raises:
        UnknownNameError: No such language.
    """
    forms: WordForms = load_part(language, "word_forms").WORD_FORMS
    return forms


def load_part(language: str, part: str) -> ModuleType:
    """A module of a language's folder, imported when it is first asked for.

    Raises:
        UnknownNameError: No such language.
    """
    if language not in LANGUAGES:
        raise UnknownNameError("language", language, LANGUAGES)
    return import_module(f"{__package__}.{language}.{part}")
