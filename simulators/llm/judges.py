"""How much a person would like an item, read from a language model without ever asking a small one for a number."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from simulators.llm.backends.base import Answer, ChatRequest, Reply, ScoreRequest
from simulators.llm.errors import BackendError
from simulators.llm.personas import Persona
from simulators.llm.prompts import judging_prompt, judging_schema, taste_prompt, taste_text
from simulators.llm.scale import LOCAL, Scale
from simulators.scripted.people import People
from simulators.scripted.simulator import ScriptedUsers

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog
    from simulators.llm.recorder import RecordedBackend

STAR_APPEAL = np.array([-4.13, -2.495, -1.155, 0.425, 2.30])
"""Appeal, in logits, of an item that a model gives 1 to 5 stars: the middle between the cut points of real ratings
(``choice.RATING_CUTS``), and one logit beyond the outermost."""


REFERENCES = 8
"""Items, evenly spread over the catalogue, that an item is compared with."""


@dataclass(slots=True)
class Bill:
    """What a judgement took, as recorded: the same in a replay.

    Attributes:
        calls: Answers used.
        tokens: Tokens read and written for them.
        seconds: Backend time they took.
        invalid: Answers turned down.
    """

    calls: int = 0
    tokens: int = 0
    seconds: float = 0.0
    invalid: int = 0

    def add(self, answer: Answer) -> None:
        """Count an answer."""
        self.calls += 1
        if isinstance(answer, Reply):
            self.tokens += answer.prompt_tokens + answer.reply_tokens
            self.seconds += answer.seconds


@dataclass(slots=True)
class Verdict:
    """What one person thinks of what they are shown.

    Attributes:
        appeal: In logits, one per item, above 0 for what they would rather take than leave; None if the model gave no
            valid answer.
        bill: What it took.
    """

    appeal: list[float] | None
    bill: Bill


class Judge(Protocol):
    """Judges items for personas."""

    def judge(
        self, personas: Sequence[Persona], items: Sequence[Sequence[int]], seeds: Sequence[int]
    ) -> list[Verdict]:
        """One verdict per persona on its own items."""


class ReverseJudge:
    """For models that score: how much likelier an item makes a taste.

    ``lift(item, v) = log p(v | item) - mean_r log p(v | r)`` for the values v that the person likes (w > 0) or does not
    (w < 0), where w is what a value is worth to them and r runs over a few reference items of the catalogue. Reading
    the preference backwards, from the item to the taste, and against other items, cancels how common a phrase is; of
    all ways to read a small model it agrees best with people's own ratings. A :class:`Scale` reads the lift as the
    chance that the item has v, and the worth of that, summed over v, as appeal, of which each person's threshold is
    taken off. Values a person rules out are not scored: hard limits stay in code.

    Each (item, value) pair is scored once; only declared facts of the item enter, so no text of an item or of the
    assistant can sway it.

    Args:
        catalog: The items.
        backend: A backend with ``capabilities.scores``.
        scale: From lifts to appeal.
    """

    def __init__(self, catalog: Catalog, backend: RecordedBackend, scale: Scale = LOCAL) -> None:
        self.catalog, self.backend, self.scale = catalog, backend, scale
        places = np.linspace(0, catalog.n_items - 1, min(REFERENCES, catalog.n_items))
        self.references = tuple(sorted({int(place) for place in places}))
        self._known: dict[tuple[int, int], Reply] = {}  # (item, value)
        self._lock = threading.Lock()

    def judge(
        self, personas: Sequence[Persona], items: Sequence[Sequence[int]], seeds: Sequence[int]
    ) -> list[Verdict]:
        """See :class:`Judge`; the seeds are not used, a score is no draw."""
        tastes = [tastes_of(persona) for persona in personas]
        self.learn({(i, v) for row, taste in zip(items, tastes, strict=True) for i in row for v, _ in taste})
        out = []
        for persona, taste, row in zip(personas, tastes, items, strict=True):
            bill = Bill()
            for item in row:
                for value, _ in taste:
                    bill.add(self._known[item, value])
            scores = np.array([self.score(taste, item) for item in row])
            out.append(Verdict((self.scale.appeal(scores) - persona.threshold).tolist(), bill))
        return out

    def score(self, taste: Sequence[tuple[int, float]], item: int) -> float:
        """What an item is worth for a taste whose pairs were learned; 0 for somebody without tastes."""
        worth = np.array([w for _, w in taste], np.float64)
        return float(self.scale.match(worth, np.array([self.lift(item, v) for v, _ in taste], np.float64)))

    def lift(self, item: int, value: int) -> float:
        """``log p(value | item)`` less its mean over the reference items, in nats, of a pair that was learned."""
        usual = sum(self._known[r, value].score for r in self.references) / len(self.references)
        return self._known[item, value].score - usual

    def learn(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Have the model score (item, value) pairs that are not known yet.

        Raises:
            BackendError: It could not.
        """
        wanted = set(pairs)
        wanted |= {(r, value) for _, value in wanted for r in self.references}
        with self._lock:
            todo = sorted(wanted - self._known.keys())
            if not todo:
                return
            requests = [
                ScoreRequest(
                    prompt=taste_prompt(self.catalog, item),
                    continuation=taste_text(self.catalog, value),
                )
                for item, value in todo
            ]
            for pair, answer in zip(todo, self.backend.answer(requests), strict=True):
                if not isinstance(answer, Reply):
                    raise BackendError(
                        f"The model could not score a taste: {answer.reason}. Everything answered so far is recorded; "
                        "run again to go on from there."
                    ) from answer.error
                self._known[pair] = answer

    def __getstate__(self) -> dict[str, Any]:
        return {"catalog": self.catalog, "backend": self.backend, "scale": self.scale}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]


def tastes_of(persona: Persona) -> list[tuple[int, float]]:
    """Values with their worth that a model is asked about: likes and dislikes, but no hard limits."""
    return [*persona.likes, *((v, w) for v, w in persona.dislikes if v not in persona.limits)]


class AskingJudge:
    """For larger models: asks for stars as JSON, checks the answer, and asks again if it is not one.

    The score is the appeal of that many stars on the scale of real ratings (``STAR_APPEAL``).

    Args:
        catalog: The items.
        backend: Any backend.
        retries: How often to ask again.
    """

    def __init__(self, catalog: Catalog, backend: RecordedBackend, *, retries: int = 2) -> None:
        self.catalog, self.backend, self.retries = catalog, backend, retries

    def judge(
        self, personas: Sequence[Persona], items: Sequence[Sequence[int]], seeds: Sequence[int]
    ) -> list[Verdict]:
        """See :class:`Judge`."""
        out = [Verdict(None, Bill()) for _ in personas]
        left = list(range(len(personas)))
        for attempt in range(self.retries + 1):
            if not left:
                break
            answers = self.backend.answer(
                [self._request(personas[i], items[i], seeds[i], attempt) for i in left]
            )
            again = []
            for i, answer in zip(left, answers, strict=True):
                out[i].bill.add(answer)
                stars = parse_stars(answer.text, len(items[i])) if isinstance(answer, Reply) else None
                if stars is None:
                    out[i].bill.invalid += 1
                    again.append(i)
                else:
                    out[i].appeal = STAR_APPEAL[np.array(stars) - 1].tolist()
            self.backend.usage.add(invalid=len(again))
            left = again
        return out

    def _request(self, persona: Persona, items: Sequence[int], seed: int, attempt: int) -> ChatRequest:
        return ChatRequest(
            messages=judging_prompt(self.catalog, persona, items),
            # The first answer is the likeliest, no draw: the same question has one answer.
            seed=0 if attempt == 0 else (seed + attempt) % (1 << 31),
            max_tokens=24 + 8 * len(items),
            temperature=0.0 if attempt == 0 else 0.7,
            schema=judging_schema(len(items)),
        )


def parse_stars(text: str, n_items: int) -> list[int] | None:
    """The stars of a judgement, None unless it is exactly what was asked for.

    A reply may stand in a code fence or have words around one JSON object; inside, everything must fit the schema:
    ``n_items`` whole numbers from 1 to 5.
    """
    start, end = text.find("{"), text.rfind("}")
    try:
        told = json.loads(text[start : end + 1]) if 0 <= start < end else None
    except (ValueError, RecursionError):
        return None
    stars = told.get("stars") if isinstance(told, dict) and set(told) == {"stars"} else None
    if not isinstance(stars, list) or len(stars) != n_items:
        return None
    if not all(isinstance(s, int) and not isinstance(s, bool) and 1 <= s <= 5 for s in stars):
        return None
    return stars


class JudgedUsers(ScriptedUsers):
    """Scripted people with another utility: ``threshold + appeal + quality + limits - satiation . x_i``.

    ``appeal`` is the language model's, in logits. What no reader of a persona could know stays in code: acclaim and
    popularity, tastes over content that no word stands for, satiation, and the hard limits, values the person will
    not have in this session, which cost what they cost a scripted person. Choice, rating and what follows are the
    scripted ones.
    """

    def in_code(self, people: People, items: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
        """What code adds to the appeal of ``items (N, S)``: quality, content, hard limits and satiation, in logits."""
        limits = np.where(people.unwanted, people.desire, np.float32(0))
        return self.utility(people._replace(desire=limits), items)

    def judged(
        self, people: People, items: npt.NDArray[np.int32], appeal: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        """Utilities ``(N, S)``, in logits, of ``items`` with an ``appeal (N, S)``; NaN where that is NaN."""
        return people.threshold[:, None] + appeal + self.in_code(people, items)
