"""What the person is shown: cards with facts, and what was understood."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from agents.serving.explain import Why, explain, run_name, runs
from chatrec_env.core.state import Dialogue
from chatrec_env.dialogue.candidates import View
from chatrec_env.dialogue.dialogue_manager import DialogueManager
from chatrec_env.language.acts import ParsedAct, UserAct

MOST_CARDS = 4
"""The policy's own choice and its next best candidates."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One line about an item.

    Attributes:
        label: Facet or column it comes from: ``"genre"``, ``"director"``.
        kind: ``"facet"``, ``"number"`` (with its unit) or ``"name"``.
        values: What holds.
    """

    label: str
    kind: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A suggestion.

    Attributes:
        item: Row of the item in the catalogue.
        title: Its title.
        year: Its year, None where unknown.
        sentence: What it is about.
        facts: Facet values, numbers and named people.
        chosen: Whether the policy chose it; the others are its next best.
        score: The ranker's score of it among the candidates on the table; higher is better.
        rank: Its place by that score, 1 is best.
        candidates: How many were on the table.
        why: Why it was suggested.
    """

    item: int
    title: str
    year: int | None
    sentence: str
    facts: tuple[Fact, ...]
    chosen: bool
    score: float
    rank: int
    candidates: int
    why: Why


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that was understood.

    Attributes:
        kind: ``"want"``, ``"avoid"``, ``"like"``, ``"dislike"``, ``"context"``, ``"relative"``, ``"change"``,
            or ``"open"`` (any will do, or cannot say).
        text: What it is about.
    """

    kind: str
    text: str


def facts(manager: DialogueManager, item: int) -> tuple[Fact, ...]:
    """Everything the catalogue knows of an item, numbers with their unit."""
    catalog = manager.catalog
    out = []
    for f, facet in enumerate(catalog.facets):
        number = float(catalog.numbers[item, f])
        if facet.unit and np.isfinite(number):
            out.append(Fact(facet.name, "number", (f"{number:g} {facet.unit}",)))
            continue
        part = catalog.facet_slices[f]
        named = np.flatnonzero(catalog.values[item, part] > 0) + part.start
        if len(named):
            out.append(Fact(facet.name, "facet", tuple(catalog.value_names[v] for v in named)))
    for column, people in zip(catalog.declaration.entities, catalog.credits[item], strict=True):
        if people:
            out.append(Fact(column, "name", tuple(catalog.entity_names[e] for e in people)))
    return tuple(out)


def make_cards(
    manager: DialogueManager,
    dialogue: Dialogue,
    view: View,
    chosen: int,
    scores: Sequence[float],
    liked: Sequence[int],
    known: Collection[int] = (),
) -> tuple[Card, ...]:
    """The chosen item and its next best, best first (N = 1).

    Args:
        manager: Catalogue.
        dialogue: What is believed, before the suggestion.
        view: The candidates on the table.
        chosen: Row of the item the policy chose.
        scores: (K,) the ranker's score of each candidate.
        liked: Rows of items the person liked.
        known: Rows of items the person spoke of: no news to them, so not shown unless chosen.
    """
    catalog = manager.catalog
    places = [int(k) for k in np.flatnonzero(view.present[0])]
    ranked = sorted(places, key=lambda k: (-scores[k], k))
    items = {k: int(dialogue.candidates[0, k]) for k in places}
    first = [k for k in ranked if items[k] == chosen]
    others = [k for k in ranked if items[k] != chosen and items[k] not in known]
    shown = (first + others)[:MOST_CARDS]
    return tuple(
        Card(
            item=items[k],
            title=catalog.titles[items[k]],
            year=int(catalog.years[items[k]]) or None,
            sentence=catalog.sentences[items[k]],
            facts=facts(manager, items[k]),
            chosen=items[k] == chosen,
            score=float(scores[k]),
            rank=ranked.index(k) + 1,
            candidates=len(places),
            why=explain(manager, dialogue, items[k], liked),
        )
        for k in shown
    )


def understood(manager: DialogueManager, acts: Sequence[ParsedAct]) -> tuple[Heard, ...]:
    """What was read in a message, in words, each once; neighbouring bins as one."""
    catalog = manager.catalog
    out: list[Heard] = []
    for act in acts:
        if act.act == UserAct.RELATIVE and act.facet >= 0:
            facet = catalog.facets[act.facet]
            out.append(Heard("relative", facet.more if act.direction > 0 else facet.less))
        elif act.act in (UserAct.DONT_KNOW, UserAct.NO_PREFERENCE):
            what = catalog.facets[act.facet].question if act.facet >= 0 else ""
            out.append(Heard("open", what or "no preference"))
        elif act.value >= 0 and act.polarity:  # what is only asked about is no wish
            of = catalog.value_facet[act.value]
            ordered = catalog.facets[of].ordered
            same = [
                other
                for other in acts
                if other.act == act.act and other.value >= 0 and catalog.value_facet[other.value] == of
            ]
            marks = [other.polarity for other in same]
            joined = runs([other.value for other in same], marks, ordered)
            out += [Heard(_attitude(act), run_name(catalog, run)) for run in joined if run[0] == act.value]
        elif act.item >= 0 and act.polarity:
            out.append(Heard("dislike" if act.polarity < 0 else "like", catalog.titles[act.item]))
        elif act.context >= 0:
            out.append(Heard("context", catalog.contexts[act.context].name))
        elif act.entity >= 0:
            out.append(Heard("avoid" if act.polarity < 0 else "want", catalog.entity_names[act.entity]))
    return tuple(dict.fromkeys(out))


def _attitude(act: ParsedAct) -> str:
    if act.act == UserAct.CHANGE_MIND:
        return "change"
    against = act.act in (UserAct.AVOID, UserAct.TOO, UserAct.ENOUGH_OF) or act.polarity < 0
    return "avoid" if against else "want"
