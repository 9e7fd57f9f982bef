"""What the person is shown: cards with facts, and what was understood."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from agents.serving.explain import Why, explain, run_name, runs, values_id
from agents.serving.talk.bounds import Bounds, span_words
from chatrec_env.catalog import Catalog
from chatrec_env.core.state import Dialogue
from chatrec_env.dialogue.candidates import View
from chatrec_env.dialogue.dialogue_manager import DialogueManager
from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.language.questions import ASKING

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
            ``"drop"``, ``"ask"``, or ``"open"`` (any will do, or cannot say).
        text: What it is about.
        wish: Id of the wish it makes, empty where it makes none.
    """

    kind: str
    text: str
    wish: str = ""


@lru_cache(maxsize=4096)
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
    bounds: Bounds | None = None,
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
        bounds: Limits in numbers and words, where they are kept.
    """
    places = [int(k) for k in np.flatnonzero(view.present[0])]
    ranked = sorted(places, key=lambda k: (-scores[k], k))
    items = {k: int(dialogue.candidates[0, k]) for k in places}
    first = [k for k in ranked if items[k] == chosen]
    others = [k for k in ranked if items[k] != chosen and items[k] not in known]
    shown = (first + others)[:MOST_CARDS]
    return tuple(
        card_of(
            manager,
            items[k],
            explain(manager, dialogue, items[k], liked, bounds),
            chosen=items[k] == chosen,
            score=float(scores[k]),
            rank=ranked.index(k) + 1,
            candidates=len(places),
        )
        for k in shown
    )


def card_of(
    manager: DialogueManager, item: int, why: Why, *, chosen: bool, score: float, rank: int, candidates: int
) -> Card:
    """The card of an item; arguments as the attributes of ``Card``."""
    catalog = manager.catalog
    return Card(
        item=item,
        title=catalog.titles[item],
        year=int(catalog.years[item]) or None,
        sentence=catalog.sentences[item],
        facts=facts(manager, item),
        chosen=chosen,
        score=score,
        rank=rank,
        candidates=candidates,
        why=why,
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
            told = [run for run in joined if run[0] == act.value]
            if math.isinf(act.low) != math.isinf(act.high):  # a limit, as it was said
                out.append(_limit(act, catalog))
                continue
            out += [Heard(_attitude(act), run_name(catalog, run), values_id(run)) for run in told]
        elif act.act == UserAct.DROP and act.value >= 0:
            out.append(Heard("drop", catalog.value_names[act.value]))
        elif act.act in ASKING:
            out.append(Heard("ask", _question(act, catalog)))
        elif act.act in (UserAct.AVOID, UserAct.EXCEPT) and act.topic:
            out.append(Heard("avoid", act.topic, f"w:{act.topic.lower()}"))
        elif act.item >= 0 and act.polarity:
            out.append(Heard("dislike" if act.polarity < 0 else "like", catalog.titles[act.item]))
        elif act.context >= 0:
            out.append(Heard("context", catalog.contexts[act.context].name))
        elif act.entity >= 0:
            attitude = "avoid" if act.polarity < 0 else "want"
            out.append(Heard(attitude, catalog.entity_names[act.entity], f"e{act.entity}"))
    return tuple(dict.fromkeys(out))


def _limit(act: ParsedAct, catalog: Catalog) -> Heard:
    """A limit in numbers: "under 120 euros"; what is to be spared below 2000 is wanted from 2000 on."""
    span = (act.low, act.high)
    if act.act != UserAct.WANT:
        span = (act.high, math.inf) if math.isinf(act.low) else (-math.inf, act.low)
    facet = int(catalog.value_facet[act.value])
    return Heard("want", span_words(catalog, facet, span).removeprefix("of "), f"f{facet}")


_ASKED = {
    UserAct.ASK_PLOT: "plot",
    UserAct.ASK_WHY: "reason",
    UserAct.ASK_OPINION: "opinion",
    UserAct.COMPARE: "comparison",
}


def _question(act: ParsedAct, catalog: Catalog) -> str:
    """What a question is about."""
    if act.value >= 0:
        return catalog.value_names[act.value]
    if act.entity >= 0:
        return catalog.entity_names[act.entity]
    return act.topic or _ASKED.get(act.act, "a fact")


def _attitude(act: ParsedAct) -> str:
    if act.act == UserAct.CHANGE_MIND:
        return "change"
    against = act.act in (UserAct.AVOID, UserAct.TOO, UserAct.ENOUGH_OF) or act.polarity < 0
    return "avoid" if against else "want"
