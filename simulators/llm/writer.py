"""Puts what people mean into a language model's words, and lets nothing through that means something else."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from chatrec_env.language.forms import Argument, Form
from simulators.llm.backends.base import ChatRequest, Reply
from simulators.llm.checking import Meaning, meaning, stated
from simulators.llm.leaks import TitleGuard
from simulators.llm.personas import Persona
from simulators.llm.prompts import wording_prompt
from simulators.llm.sanitize import plain

if TYPE_CHECKING:
    from chatrec_env.language import Grammar, SentenceTable
    from simulators.llm.config import LLMConfig
    from simulators.llm.recorder import RecordedBackend

MOST_CHARACTERS = 240
_EXAMPLES = 3
_KINDS = 64
"""Different examples and draws per sentence and try: few enough that wordings recur and are not computed again."""
_FIRST = 2
"""Wordings from here on are whole sentences; the ones before are terse."""


@dataclass(slots=True)
class Spoken:
    """One person's turn to be worded.

    Attributes:
        persona: Who speaks.
        sentences: Ids of the scripted wording, without gaps.
        recalled: What they remember, as lines for the prompt.
        goals: Rows of the items their goal was read off.
        named: Rows of the items the other side has named.
        seed: Seed of this turn's wording.
        texts: The wording found for each unit, None where the scripted one stands in.
        calls, tokens, invalid, leaks, fallbacks: What it took.
        seconds: Backend time it took, as recorded.
    """

    persona: Persona
    sentences: list[int]
    recalled: list[str]
    goals: frozenset[int]
    named: frozenset[int]
    seed: int
    texts: list[str | None] = field(default_factory=list)
    calls: int = 0
    tokens: int = 0
    invalid: int = 0
    leaks: int = 0
    fallbacks: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class _Unit:
    """A sentence or a turn still without a wording."""

    turn: Spoken
    place: int
    sentences: list[int]
    said: str
    meant: Meaning


class Writer:
    """Words turns in batches: candidates are drawn, read back by the parser, compared, and turned down or taken.

    A candidate is taken if it is one plain line, names no title it should not, and tells the system exactly what the
    scripted wording tells it (courtesy aside). After ``tries`` candidates the scripted wording stands in.

    Args:
        table: Sentences, and the parser that reads wordings back.
        backend: Who writes.
        config: Temperature, tries, unit.
        guard: Knows the titles.
    """

    def __init__(
        self, table: SentenceTable, backend: RecordedBackend, config: LLMConfig, guard: TitleGuard
    ) -> None:
        self.table, self.backend, self.config, self.guard = table, backend, config, guard
        self.examples = Examples(table.grammar)
        local = backend.capabilities.scores
        self.by_sentence = config.unit == "sentence" or (config.unit == "auto" and local)

    def word(self, turns: Sequence[Spoken]) -> None:
        """Fill in ``texts`` and the counts of each turn: one text per sentence, or one for the turn."""
        units = [unit for turn in turns for unit in self._units(turn)]
        self.backend.usage.add(utterances=sum(1 for turn in turns if turn.texts))
        # One by one where a batch gains nothing: a second try then finds its prompt still in the model's memory.
        groups = [units] if self.backend.capabilities.batch else [[unit] for unit in units]
        failed = [unit for group in groups for unit in self._settle(group)]
        for turn in {id(unit.turn): unit.turn for unit in failed}.values():
            turn.fallbacks = 1
        self.backend.usage.add(
            invalid=sum(t.invalid for t in turns),
            leaks=sum(t.leaks for t in turns),
            fallbacks=sum(t.fallbacks for t in turns),
        )

    def _settle(self, open_: list[_Unit]) -> list[_Unit]:
        """Draw candidates until each unit has a wording or its tries are used up; returns those without."""
        for attempt in range(self.config.tries):
            if not open_:
                break
            answers = self.backend.answer([self._request(unit, attempt) for unit in open_])
            left = []
            for unit, answer in zip(open_, answers, strict=True):
                turn = unit.turn
                turn.calls += 1
                if isinstance(answer, Reply):
                    turn.tokens += answer.prompt_tokens + answer.reply_tokens
                    turn.seconds += answer.seconds
                text = self._accepted(unit, answer.text) if isinstance(answer, Reply) else None
                if text is None:
                    turn.invalid += 1
                    left.append(unit)
                else:
                    turn.texts[unit.place] = text
            open_ = left
        return open_

    def _units(self, turn: Spoken) -> list[_Unit]:
        parts = (
            [[s] for s in turn.sentences] if self.by_sentence else [turn.sentences] if turn.sentences else []
        )
        turn.texts = [None] * len(parts)
        units = []
        for place, part in enumerate(parts):
            clean = [self._without_slips(s) for s in part]
            texts = [self.table.grammar.text(s) for s in clean]
            meant = frozenset[tuple[int, ...]]().union(
                *(meaning(self.table.parser.parse(text)) for text in texts)
            )
            units.append(_Unit(turn, place, clean, " ".join(texts), meant))
        return units

    def _without_slips(self, sentence: int) -> int:
        """The same sentence without typing errors: a model should not have to guess."""
        form, arg, variant = self.table.grammar.describe(sentence)
        return int(self.table.grammar.ids(form, arg, variant % form.n_styles))

    def _request(self, unit: _Unit, attempt: int) -> ChatRequest:
        turn = unit.turn
        # The same examples at every try: only the draw differs, so the prompt is read once.
        examples = self.examples.of(unit.sentences, _EXAMPLES, _seed(turn.seed, unit.place, 0) % _KINDS)
        catalog = self.table.grammar.catalog
        return ChatRequest(
            messages=wording_prompt(catalog, turn.persona, turn.recalled, unit.said, examples),
            seed=_seed(turn.seed, unit.place, attempt) % _KINDS + _KINDS * attempt,
            max_tokens=28 * len(unit.sentences),
            temperature=self.config.temperature,
        )

    def _accepted(self, unit: _Unit, text: str) -> str | None:
        """The text as it may be said, None if it may not."""
        said = plain(text, MOST_CHARACTERS + 1).strip("'\" ")
        if not said or len(said) > MOST_CHARACTERS or not any(ch.isalpha() for ch in said):
            return None
        turn = unit.turn
        if self.guard.leaks(
            said, meant=unit.said, goals=turn.goals, allowed=turn.named, wishes=stated(unit.meant)
        ):
            turn.leaks += 1
            return None
        return said if meaning(self.table.parser.parse(said)) == unit.meant else None


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
                was = variant % form.n_styles
                choices = [v for v in range(_FIRST, form.n_styles) if v != was] or [was]
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


def _seed(seed: int, place: int, attempt: int) -> int:
    """A seed of its own for each sentence and try, in [0, 2^31)."""
    told = f"{seed}/{place}/{attempt}".encode()
    return int.from_bytes(hashlib.blake2b(told, digest_size=4).digest(), "little") >> 1
