"""Personas: a person's profile in words, the same profile that the scripted simulator plays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulators.llm.sanitize import plain
from simulators.scripted.people import STYLES, People

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

MOST_LIKES, MOST_DISLIKES = 5, 3
LIKING = 0.5
"""Utility, per unit of a value's weight, from which a lasting taste is worth a mention."""

_STYLES = {
    "terse": "uses as few words as possible",
    "plain": "speaks plainly, in short sentences",
    "chatty": "is warm and talkative",
    "hedged": "is polite and hesitant",
}
_MOODS = ((-0.35, "annoyed"), (-0.1, "a little impatient"), (0.35, "relaxed"), (2.0, "pleased"))


@dataclass(frozen=True, slots=True)
class Persona:
    """One person now.

    Attributes:
        likes: Values they want or like, with what each is worth (utility, > 0), the strongest first.
        dislikes: Values they do not, with what each costs (utility, < 0), the strongest first.
        limits: Values they will not have in this session.
        style: How they talk.
        mood: How they feel.
        company: Who it is for, empty if nobody said.
        patience: How many more questions they take kindly.
        setting: When and on what they come, empty if that makes no difference.
        threshold: Utility at which they take half of what they see; not put into words.
    """

    likes: tuple[tuple[int, float], ...]
    dislikes: tuple[tuple[int, float], ...]
    limits: tuple[int, ...]
    style: str
    mood: str
    company: str
    patience: int
    setting: str = ""
    threshold: float = 0.0

    def manner(self) -> str:
        """Style and mood in a clause: "uses as few words as possible and is annoyed"."""
        return f"{self.style} and feels {self.mood}"

    def describe(self, catalog: Catalog) -> str:
        """The whole persona in a few sentences, without a title."""
        parts = [f"This person {self.manner()}."]
        for does, values in (
            ("would like", [v for v, _ in self.likes]),
            ("do not care for", [v for v, _ in self.dislikes if v not in self.limits]),
            ("will not have any", self.limits),
        ):
            if values:
                parts.append(
                    f"They {does}: {', '.join(plain(catalog.value_plurals[v], 60) for v in values)}."
                )
        if self.company:
            parts.append(f"They say: {self.company}.")
        if self.setting:
            parts.append(f"{self.setting}.")
        if self.patience <= 0:
            parts.append("They are tired of questions.")
        return " ".join(parts)


def make_persona(catalog: Catalog, people: People, row: int, *, setting: bool = False) -> Persona:
    """The persona of one person as they are now (tastes drift, moods change).

    Args:
        catalog: The catalogue their tastes are about.
        people: The population.
        row: Which person.
        setting: Whether the persona tells the time of day and the device.
    """
    weights = np.array([catalog.facets[f].weight for f in catalog.value_facet], np.float32)
    worth = people.desire[row] * weights
    wanted, unwanted = people.wanted[row], people.unwanted[row]
    up = [int(v) for v in np.argsort(-worth, kind="stable") if wanted[v] or people.desire[row, v] >= LIKING]
    up = [v for v in up if worth[v] > 0 and not unwanted[v]][:MOST_LIKES]
    down = [
        int(v) for v in np.argsort(worth, kind="stable") if unwanted[v] or people.desire[row, v] <= -LIKING
    ]
    down = [v for v in down if worth[v] < 0][:MOST_DISLIKES]
    company = int(people.context[row])
    return Persona(
        likes=tuple((v, float(worth[v])) for v in up),
        dislikes=tuple((v, float(worth[v])) for v in down),
        limits=tuple(int(v) for v in np.flatnonzero(unwanted)[:MOST_DISLIKES]),
        style=_STYLES[STYLES[int(people.style[row])]],
        mood=next(name for edge, name in _MOODS if people.satisfaction[row] < edge),
        company=plain(catalog.contexts[company].phrase, 80) if company >= 0 else "",
        patience=int(np.ceil(people.patience[row] - people.questions[row])),
        setting=_setting(catalog, people, row) if setting else "",
        threshold=float(people.threshold[row]),
    )


def _setting(catalog: Catalog, people: People, row: int) -> str:
    """What is told of hour and device: "Time of day: evening; device: phone"; empty where nothing is declared."""
    kinds = (("Time of day", catalog.times), ("device", catalog.devices))
    told = [
        f"{kind}: {plain(entries[which].name, 40)}"
        for (kind, entries), which in zip(kinds, people.setting[row].tolist(), strict=True)
        if which >= 0
    ]
    text = "; ".join(told)
    return text[:1].upper() + text[1:]
