"""What a turn of conversation is made of on the person's side: forms, places, and the script that holds them."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from chatrec_env.core.user_simulator import USER_SENTENCES
from chatrec_env.language.forms import N_VARIANTS, Form
from chatrec_env.language.grammar import FORMS
from simulators.scripted.profiles import STYLE_MIX, People

if TYPE_CHECKING:
    from chatrec_env.language import Grammar

Rows_ = npt.NDArray[np.intp]
_STYLE_EDGES = np.cumsum(STYLE_MIX, axis=1)[:, :-1]
_HAS_TYPOS = np.array([form.has_typos for form in FORMS])

OPENING, REPLY, EXTRA, CLOSING = 0, 1, 2, 3
"""Places of a turn's sentences: reaction or answer, what is volunteered, mood, goodbye."""

SPOKEN = (
    Form.SMALL_TALK,
    Form.DONT_KNOW,
    Form.ANSWER,
    Form.WANT,
    Form.AVOID,
    Form.NO_PREFERENCE,
    Form.YES,
    Form.NO,
    Form.ACCEPT_WARM,
    Form.ACCEPT_PLAIN,
    Form.ACCEPT_COOL,
    Form.SEEN_IT,
    Form.REJECT_MILD,
    Form.REJECT_FIRM,
    Form.REJECT_ANNOYED,
    Form.ENOUGH_OF,
    Form.TOO,
    Form.MORE_LIKE_THAT,
    Form.LIKE_BUT,
    Form.RELATIVE,
    Form.CHANGE_MIND,
    Form.IMPATIENT,
    Form.MOOD_BORED,
    Form.MOOD_PLEASED,
    Form.THANK_LEAVE,
    Form.LEAVE_UNHAPPY,
)
"""Forms of a reply, in the order the compiled loop numbers them."""

SPEAKING = (
    "talkative",
    "knows",
    "patience",
    "questions",
    "satisfaction",
    "satiability",
    "satiation",
    "wanted",
    "told",
    "complained",
)
"""What of a person the compiled loop reads, in its order."""


class Script:
    """The sentences of one turn of N people, filled in form by form."""

    def __init__(
        self,
        grammar: Grammar,
        people: People,
        uniform: npt.NDArray[np.float64],
        loops: ModuleType | None = None,
    ) -> None:
        self.grammar, self.people, self._uniform, self._loops = grammar, people, uniform, loops
        self.codes = np.full((len(uniform), USER_SENTENCES), -1, np.int8)
        self.args = np.zeros((len(uniform), USER_SENTENCES), np.int32)

    def say(self, rows: Rows_, place: int, form: Form, arg: npt.NDArray[np.generic] | int = 0) -> None:
        """Put a sentence of ``form`` in ``place`` of the given rows; ``arg`` is one number or one per row."""
        if len(rows):
            self.codes[rows, place] = self.grammar.code(form)
            self.args[rows, place] = arg

    @property
    def ids(self) -> npt.NDArray[np.int64]:
        """Ids of the sentences, (N, 4), -1 where none."""
        # Neighbours in style (0-1 terse, 2-3 plain, 4-5 at length) take turns, so that a turn does not repeat itself.
        people, grammar = self.people, self.grammar
        if self._loops is not None:
            ids = np.empty(self.codes.shape, np.int64)
            self._loops.number_sentences(
                self.codes,
                self.args,
                people.style,
                people.typos,
                self._uniform,
                _STYLE_EDGES,
                N_VARIANTS,
                _HAS_TYPOS,
                grammar.starts,
                grammar.strides,
                ids,
            )
            return ids
        wording = (self._uniform[:, None] >= _STYLE_EDGES[people.style]).sum(1)
        wording = np.minimum(wording, N_VARIANTS - 1).astype(np.int32)
        variant = wording[:, None] ^ (np.arange(USER_SENTENCES, dtype=np.int32) & 1)
        variant += (_HAS_TYPOS[self.codes] & people.typos[:, None]) * np.int32(N_VARIANTS)
        return np.where(self.codes >= 0, grammar.mixed_ids(self.codes, self.args, variant), np.int64(-1))


@dataclass(frozen=True, slots=True)
class Moment:
    """What happened to N people in a turn, for them to talk about; all ``(N,)``."""

    asked: npt.NDArray[np.bool_]  # whether a question was put
    offered: npt.NDArray[np.bool_]  # whether something was suggested
    item: npt.NDArray[np.int32]  # the suggestion they speak of
    taken: npt.NDArray[np.bool_]  # whether they took it
    stars: npt.NDArray[np.int8]  # their rating of it, 0 if none
    seen: npt.NDArray[np.bool_]  # whether they turned it down because they know it
    changed: npt.NDArray[np.bool_]  # whether they say that they changed their mind
    new_value: npt.NDArray[np.intp]  # what they want instead
    leave: npt.NDArray[np.bool_]  # whether they go


@dataclass(frozen=True, slots=True)
class Appetite:
    """What each value is worth to those who may speak of it, as it was before the turn."""

    worth: npt.NDArray[np.float32]  # (n, V) one row for each of them
    place: npt.NDArray[np.intp]  # (N,) everybody's row in ``worth``, -1 for the others

    def of(self, rows: Rows_) -> npt.NDArray[np.float32]:
        """(n, V) of the given people, all of whom may speak."""
        return self.worth[self.place[rows]]
