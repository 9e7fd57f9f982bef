"""What a person remembers: the latest turns word by word within a token budget, the rest in short."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from chatrec_env.errors import ChatRecError
from chatrec_env.language.forms import Argument, Form
from chatrec_env.language.word_forms import get_word_forms
from simulators.llm.sanitize import plain
from simulators.llm.wording.checking import meaning, stated

if TYPE_CHECKING:
    from chatrec_env.language import SentenceTable
    from simulators.llm.wording.leaks import TitleGuard

TURNS = 8
"""Turns kept word by word at most."""

SYSTEM, USER = 16, 4
"""Sentences of a system turn, as far as they are remembered, and of a person's turn."""

SHOWN = 10
"""Items of a slate, as far as they are remembered."""


def estimate_tokens(text: str) -> int:
    """Tokens of an English text, rather too many than too few: the same for every model, so prompts are too."""
    return max(math.ceil(len(text) / 3.2), math.ceil(1.35 * len(text.split())))


@dataclass(frozen=True, slots=True)
class Line:
    """One turn as it is remembered.

    Attributes:
        speaker: ``"Assistant"`` or ``"Person"``.
        text: What was said, without titles.
    """

    speaker: str
    text: str

    def __str__(self) -> str:
        return f"{self.speaker}: {self.text}"


class Memory:
    """Reads a person's past turns back from sentence ids.

    Titles never appear: the sentence that presents an item becomes its kind ("suggests a film"), and in free
    sentences known titles are masked.

    Args:
        table: The sentences.
        guard: Knows the titles.
        budget: Tokens the remembered lines may take.
    """

    def __init__(self, table: SentenceTable, guard: TitleGuard, budget: int) -> None:
        self.table, self.guard, self.budget = table, guard, budget
        self._noun = plain(table.grammar.catalog.noun, 30)

    def lines(self, heard: npt.NDArray[np.int64], shown: npt.NDArray[np.int32]) -> list[Line]:
        """The remembered turns, oldest first.

        Args:
            heard: (TURNS, SYSTEM + USER) sentence ids per turn, latest last, -1 where none.
            shown: (TURNS, SHOWN) items shown in that turn, -1 where none.
        """
        out = []
        for ids, items in zip(heard, shown.tolist(), strict=True):
            for speaker, part in (("Assistant", ids[:SYSTEM]), ("Person", ids[SYSTEM:])):
                said = " ".join(filter(None, (self._said(int(i), items) for i in part if i >= 0)))
                if said:
                    out.append(Line(speaker, said))
        return out

    def _said(self, sentence: int, items: list[int]) -> str:
        """A sentence as it is remembered; empty if the table has dropped it since."""
        grammar = self.table.grammar
        if sentence < grammar.n_sentences:
            form = grammar.describe(sentence)[0]
            if form.argument is Argument.ITEM or form is Form.S_FACT_OF:
                did = "shows" if form.name == "S_ITEM" else "it is about"
                return f"({did} {get_word_forms().with_article(self._noun)})"
            return plain(self.table.text(sentence))
        try:
            text = self.table.text(sentence)
        except ChatRecError:
            return ""
        wishes = stated(meaning(self.table.acts(sentence)))  # "a love story" stays one
        rows = self.guard.leaks(text, wishes=wishes) | {item for item in items if item >= 0}
        return plain(self.guard.masked(text, rows, self._noun))

    def recall(
        self, heard: npt.NDArray[np.int64], shown: npt.NDArray[np.int32], counts: dict[str, int]
    ) -> list[str]:
        """Lines for a prompt: a summary of what no longer fits, then the latest turns.

        Args:
            heard: As for :meth:`lines`.
            shown: As for :meth:`lines`.
            counts: ``turns``, ``questions``, ``shown`` and ``clicked`` of the whole conversation.
        """
        lines = self.lines(heard, shown)
        kept: list[str] = []
        left = self.budget - estimate_tokens(summary(counts, self._noun))
        for line in reversed(lines):
            cost = estimate_tokens(str(line)) + 1
            if cost > left:
                break
            left -= cost
            kept.insert(0, str(line))
        held = sum(1 for row in heard if (row >= 0).any())
        if len(kept) < len(lines) or counts["turns"] + 1 > held:
            kept.insert(0, summary(counts, self._noun))
        return kept


def summary(counts: dict[str, int], noun: str) -> str:
    """The conversation so far in a sentence."""
    shown, clicked, questions = counts["shown"], counts["clicked"], counts["questions"]
    return (
        f"Earlier: {questions} question{'' if questions == 1 else 's'} answered, {shown} {noun}"
        f"{'' if shown == 1 else 's'} shown, {clicked} taken."
    )
