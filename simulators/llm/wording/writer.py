"""Puts what people mean into a language model's words, and lets nothing through that means something else."""

from __future__ import annotations

import hashlib
import logging
import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from chatrec_env.language.contract import Place, get_language
from chatrec_env.language.forms import Form
from simulators.llm.backends.base import Answer, ChatRequest, Reply, ScoreRequest
from simulators.llm.backends.thoughts import without_thoughts
from simulators.llm.prompts import heard_prompt, wording_prompt
from simulators.llm.sanitize import plain
from simulators.llm.wording.acts import clause, content, names_title
from simulators.llm.wording.checking import Meaning, Reading, stated
from simulators.llm.wording.examples import Examples, careful_wordings, without_slips
from simulators.llm.wording.leaks import TitleGuard
from simulators.llm.wording.turns import Spoken, Unit
from simulators.llm.wording.voice import echoes, in_own_voice, same_company
from simulators.llm.wording.words import Words

if TYPE_CHECKING:
    from chatrec_env.language import SentenceTable
    from simulators.llm.config import LLMConfig
    from simulators.llm.recorder import RecordedBackend

MOST_CHARACTERS = 240
_EXAMPLES = 3
_KINDS = 64
"""Different examples and draws per sentence and try: few enough that wordings recur and are not computed again."""
_ENOUGH = 40
"""Wordings after which it can be told whether a model's wordings hold."""

_log = logging.getLogger(__name__)


class Writer:
    """Words turns in batches: drafts are drawn, read back as the environment reads them, and turned down or taken.

    A draft holds if it is one plain line in the person's own voice, names no title but one that is meant, and tells the
    system what the scripted wordings tell it (courtesy aside; see ``Reading.meant``). With a backend that scores, all
    ``tries`` drafts are drawn, and the most fluent of those that hold is taken, if it is no less so than the scripted
    wording; otherwise the first that holds. Where none does, the scripted wording stands in.

    Fluency is ``log p(text | what the system said) / sqrt(words)``: a length normalisation between none, which prefers
    the shortest, and a mean a word, which prefers those that go on and on (Wu et al., 2016, use exponents of 0.6 to 0.7
    on all tokens; 0.5 was chosen on recorded drafts of the default model).

    Args:
        table: Sentences, and what reads wordings back.
        backend: Who writes.
        config: Temperature, tries, unit.
        guard: Knows the titles.
    """

    def __init__(
        self, table: SentenceTable, backend: RecordedBackend, config: LLMConfig, guard: TitleGuard
    ) -> None:
        self.table, self.backend, self.config, self.guard = table, backend, config, guard
        self.examples, self.words = Examples(table.grammar), Words(table.grammar)
        self.reading = Reading(table)
        self.scores = backend.capabilities.scores
        self.by_sentence = config.unit == "sentence" or (config.unit == "auto" and self.scores)
        self._worded = self._fell = 0  # sentences, or turns where these are worded whole
        self._warned = False

    def word(self, turns: Sequence[Spoken]) -> None:
        """Fill in ``texts`` and the counts of each turn: one text per sentence, or one for the turn."""
        units = [unit for turn in turns for unit in self._units(turn)]
        self.backend.usage.add(utterances=sum(1 for turn in turns if turn.texts))
        # One by one where a batch gains nothing: a second try then finds its prompt still in the model's memory.
        for group in [units] if self.backend.capabilities.batch else [[unit] for unit in units]:
            self._draw(group)
            self._choose([unit for unit in group if unit.held])
        fell = [unit.turn for unit in units if unit.turn.texts[unit.place] is None]
        for turn in fell:
            turn.fallbacks = 1
        self._worded, self._fell = self._worded + len(units), self._fell + len(fell)
        self.backend.usage.add(
            invalid=sum(t.invalid for t in turns),
            leaks=sum(t.leaks for t in turns),
            fallbacks=sum(t.fallbacks for t in turns),
        )
        self._warn()

    def _warn(self) -> None:
        """Say so, once, if the scripted wording stands in for most of them."""
        if not self._warned and self._worded >= _ENOUGH and self._fell > self._worded / 2:
            self._warned = True
            _log.warning(
                "Of %d %s of people, %d (%.0f%%) fell back to the scripted wording: what the model %s writes does "
                "not hold. Use a larger model, or one that does not think aloud; users.mode='choice' needs no wording.",
                self._worded,
                "sentences" if self.by_sentence else "turns",
                self._fell,
                100 * self._fell / self._worded,
                self.backend.identity,
            )

    def _draw(self, units: Sequence[Unit]) -> None:
        """Draw drafts: as many as there are tries where they can be ranked, else until one holds."""
        open_ = list(units)
        for attempts in (
            [range(self.config.tries)] if self.scores else [[i] for i in range(self.config.tries)]
        ):
            asked = [(unit, self._request(unit, attempt)) for unit in open_ for attempt in attempts]
            answers = self.backend.answer([request for _, request in asked])
            drafts = [
                (unit, self._draft(unit, answer, request.max_tokens))
                for (unit, request), answer in zip(asked, answers, strict=True)
            ]
            self._read_back([(unit, draft) for unit, draft in drafts if draft])
            for unit, _ in asked:
                unit.turn.calls += 1
            for unit in open_:
                unit.turn.invalid += len(attempts) - len(unit.held)
            open_ = [unit for unit in open_ if not unit.held]
            if not open_:
                return

    def _read_back(self, drafts: Sequence[tuple[Unit, str]]) -> None:
        """Hold the drafts that say what is meant."""
        places = {unit.turn.after for unit, _ in drafts}
        for after in sorted(places):
            some = [(unit, draft) for unit, draft in drafts if unit.turn.after == after]
            read = self.reading.read([draft for _, draft in some], after)
            for (unit, draft), told in zip(some, read, strict=True):
                copied = draft in (unit.said, *unit.wordings)
                if (copied or unit.meant <= told <= unit.may) and _in_place(unit, draft, copied=copied):
                    unit.held.append(draft)

    def _choose(self, units: Sequence[Unit]) -> None:
        """Take of each unit's drafts the likeliest, or the first where the backend does not score."""
        if not self.scores:
            for unit in units:
                unit.turn.texts[unit.place] = next(iter(self._apart(unit, unit.held)), None)
            return
        catalog = self.table.grammar.catalog
        asked = [
            (unit, ScoreRequest(prompt=heard_prompt(catalog, unit.turn.heard), continuation=" " + text))
            for unit in units
            for text in (unit.said, *dict.fromkeys(unit.held))
        ]
        likely: dict[tuple[int, str], float] = {}
        answers = self.backend.answer([request for _, request in asked])
        for (unit, request), answer in zip(asked, answers, strict=True):
            text = request.continuation[1:]
            unit.turn.calls += 1
            if isinstance(answer, Reply):
                unit.turn.pay(answer)
                likely[id(unit), text] = answer.score / math.sqrt(len(text.split()))
        for unit in units:
            least = likely.get((id(unit), unit.said), -math.inf)
            scripted = {unit.said, *unit.wordings}
            fluent = [
                text
                for text in self._apart(unit, unit.held)
                if text in scripted or likely.get((id(unit), text), -math.inf) >= least
            ]
            if fluent:
                unit.turn.texts[unit.place] = max(
                    fluent, key=lambda text: (text not in scripted, likely.get((id(unit), text), -math.inf))
                )
            else:
                unit.turn.invalid += len(unit.held)

    def _apart(self, unit: Unit, texts: Iterable[str]) -> list[str]:
        """The texts that do not echo what is said before them in the turn."""
        if unit.spot is None:
            return list(texts)
        said = zip(unit.turn.texts[: unit.place], unit.turn.sentences, strict=False)
        before = [text or self.table.grammar.text(sentence) for text, sentence in said]
        return [text for text in texts if text == unit.said or not echoes(text, before)]

    def _units(self, turn: Spoken) -> list[Unit]:
        grammar, units = self.table.grammar, []
        parts = (
            [[s] for s in turn.sentences] if self.by_sentence else [turn.sentences] if turn.sentences else []
        )
        turn.texts = [None] * len(parts)
        for place, part in enumerate(parts):
            clean = [without_slips(grammar, s) for s in part]
            told = [grammar.describe(s)[:2] for s in clean]
            units.append(
                Unit(
                    turn=turn,
                    place=place,
                    sentences=clean,
                    said=" ".join(grammar.text(s) for s in clean),
                    meant=_all(self.reading.meant(*one)[0] for one in told),
                    may=_all(self.reading.meant(*one)[1] for one in told),
                    wordings=[text for one in told for text in careful_wordings(grammar, *one)],
                    acts=[clause(grammar, *one) for one in told],
                )
            )
        if self.by_sentence:
            forms = [grammar.describe(s)[0] for s in turn.sentences]
            for n, (unit, form) in enumerate(zip(units, forms, strict=True)):
                unit.spot = Place(
                    form=form,
                    after=turn.after,
                    before=forms[n - 1] if n else None,
                    behind=frozenset(forms[n + 1 :]),
                    again=turn.reason in stated(unit.meant),
                )
        return units

    def _request(self, unit: Unit, attempt: int) -> ChatRequest:
        turn = unit.turn
        # The same examples at every try: only the draw differs, so the prompt is read once.
        examples = self.examples.of(unit.sentences, _EXAMPLES, _seed(turn.seed, unit.place, 0) % _KINDS)
        grammar = self.table.grammar
        titles = [
            content(grammar, form, arg)
            for form, arg, _ in map(grammar.describe, unit.sentences)
            if names_title(form)
        ]
        return ChatRequest(
            messages=wording_prompt(
                grammar.catalog,
                turn.persona,
                turn.recalled,
                unit.said,
                examples,
                does=unit.acts,
                titles=titles,
            ),
            seed=_seed(turn.seed, unit.place, attempt) % _KINDS + _KINDS * attempt,
            max_tokens=28 * len(unit.sentences),
            temperature=self.config.temperature,
            top_p=self.config.top_p,
        )

    def _draft(self, unit: Unit, answer: Answer, most: int) -> str:
        """An answer as it may be said, but for what it means; empty if it may not."""
        if not isinstance(answer, Reply):
            return ""
        unit.turn.pay(answer)
        if self.scores and answer.reply_tokens >= most:
            return ""  # cut off
        said = plain(without_thoughts(answer.text) or "", MOST_CHARACTERS + 1).strip("'\" ")
        if not said or len(said) > MOST_CHARACTERS or not any(ch.isalpha() for ch in said):
            return ""
        turn = unit.turn
        if self.guard.leaks(
            said, meant=unit.said, goals=turn.goals, allowed=turn.named, wishes=stated(unit.meant)
        ):
            turn.leaks += 1
            return ""
        return said if said == unit.said or self._is_theirs(said, unit) else ""

    def _is_theirs(self, said: str, unit: Unit) -> bool:
        """Whether a draft is in the person's voice and words, and of nobody else."""
        own = in_own_voice(said, unit.wordings) and same_company(said, unit.said)
        return own and (
            not self.by_sentence or self.words.fit(said, unit.sentences, unit.wordings, stated(unit.meant))
        )


def _in_place(unit: Unit, draft: str, *, copied: bool) -> bool:
    """Whether a draft can be said where its unit is.

    Of what is not read back, such as chatter, nothing tells sense from nonsense: only a greeting, which is known by its
    first word, may be other than the grammar's.
    """
    if unit.spot is None or draft == unit.said:
        return True
    return get_language().guards.fits(draft, unit.spot) and (
        copied or bool(unit.meant) or unit.spot.form is Form.GREET
    )


def _all(parts: Iterable[Meaning]) -> Meaning:
    return frozenset[tuple[int | str, ...]]().union(*parts)


def _seed(seed: int, place: int, attempt: int) -> int:
    """A seed of its own for each sentence and try, in [0, 2^31)."""
    told = f"{seed}/{place}/{attempt}".encode()
    return int.from_bytes(hashlib.blake2b(told, digest_size=4).digest(), "little") >> 1
