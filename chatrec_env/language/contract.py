"""What a language must provide to the package: its sentences, and how messages in it are read.

A language is a folder beside this module; what the package asks of it stands in its modules ``language`` (a
:class:`Language` called ``LANGUAGE``) and ``word_forms``. Nothing else imports from the folder. To add a language,
write the folder and put its name into ``word_forms.LANGUAGES``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Protocol

from chatrec_env.language.word_forms import DEFAULT, load_part

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog
    from chatrec_env.language.forms import Form
    from chatrec_env.language.reader.rules import ReadingRules


class Realizer(Protocol):
    """Words the sentences of a catalogue: a pure function of the form, its arguments and the variant."""

    def sentence(self, form: Form, args: tuple[int, ...], variant: int) -> str:
        """The sentence.

        ``args``: the two values of ``WANT_PAIR``, else the one argument.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class Language:
    """What the package asks of a language."""

    name: str  # its name, and its folder's
    make_realizer: Callable[[Catalog], Realizer]  # what words the sentences of a catalogue
    reading: ReadingRules  # how messages are read
    # the file with the weights of `ActClassifier`, fitted to messages in this language
    act_classifier: Traversable
    # whether a sentence asks about the suggestion, which is no verdict on it: "Is it any good?"
    asks_about: Callable[[str], bool]
    # every way to say a value of a catalogue, as they are read
    value_texts: Callable[[Catalog, int], set[str]]


@cache
def get_language(name: str = DEFAULT) -> Language:
    """A language by name.

    Raises:
        UnknownNameError: No such language.
    """
    language: Language = load_part(name, "language").LANGUAGE
    return language
