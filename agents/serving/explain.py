"""Why a card was suggested: wishes it meets and misses, liked items it resembles, and how its score adds up.

Everything said here is computed from the same numbers that chose the card: the stated wishes, the content
factors and the parts of the retrieval score, which add up to it exactly. Nothing is inferred afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chatrec_env.assistant import ENTITY_BONUS, Assistant
from chatrec_env.preference import gated_mean
from chatrec_env.state import Dialogue

STATED = 0.5
"""Strength from which a wish counts as stated; weaker ones were read off a title the person named."""

ALIKE = 0.25
"""Product of content factors from which two items are called alike, as in the assistant's own sentence."""

MOST_ALIKE = 2


@dataclass(frozen=True, slots=True)
class Wish:
    """A value the person asked for, or asked to be spared.

    Attributes:
        facet: Name of the facet.
        value: The value.
        phrase: The value as a noun phrase, ``"a film about heists"``.
        strength: What it weighs in the belief; negative for a dislike.
    """

    facet: str
    value: str
    phrase: str
    strength: float


@dataclass(frozen=True, slots=True)
class Likeness:
    """An item the person liked, which this one is close to.

    Attributes:
        item: Row of the liked item.
        title: Its title.
        similarity: Product of the content factors; about 1 for twins.
        shared: Facet values both have, the rarest first.
    """

    item: int
    title: str
    similarity: float
    shared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Why:
    """Why one item was suggested.

    Attributes:
        meets: Stated wishes it meets.
        misses: Stated wishes it does not meet.
        conflicts: Stated dislikes it runs into.
        people: Named people the person asked for, who are in it.
        resembles: Liked items it is close to, closest first.
        parts: Estimated utility by source: ``wishes``, ``taste``, ``acclaim``, ``popularity``, ``people``.
        utility: Their sum: the score that put the item on the table.
    """

    meets: tuple[Wish, ...]
    misses: tuple[Wish, ...]
    conflicts: tuple[Wish, ...]
    people: tuple[str, ...]
    resembles: tuple[Likeness, ...]
    parts: dict[str, float]
    utility: float


def stated_wishes(assistant: Assistant, dialogue: Dialogue) -> tuple[Wish, ...]:
    """Everything the person is believed to want or not to want, strongest wish first (N = 1)."""
    return tuple(sorted((wish for wish, _ in _stated(assistant, dialogue)), key=lambda wish: -wish.strength))


def explain(assistant: Assistant, dialogue: Dialogue, item: int, liked: Sequence[int]) -> Why:
    """Why an item is worth suggesting now (N = 1).

    Args:
        assistant: Catalogue and blend weights.
        dialogue: What is believed, before the suggestion.
        item: Row of the item.
        liked: Rows of items the person took or named with pleasure.
    """
    catalog, blend = assistant.catalog, assistant.retriever.config
    carried = set(np.flatnonzero(catalog.values[item] > 0).tolist())
    stated = [(wish, bool(values & carried)) for wish, values in _stated(assistant, dialogue)]
    met = [wish for wish, has in stated if has and wish.strength > 0]
    # An item has one era and one country: meeting one of two wished ones is meeting the wish.
    settled = {wish.facet for wish in met if catalog.facets[catalog.facet_index(wish.facet)].kind != "multi"}
    missed = [w for w, has in stated if not has and w.strength > 0 and w.facet not in settled]
    clashes = [wish for wish, has in stated if has and wish.strength < 0]
    strengths = dialogue.wishes[0]
    taste = gated_mean(dialogue.preference, assistant.tracker.config.gate)[0]
    signs = {
        int(e): int(sign)
        for e, sign in zip(dialogue.entities[0], dialogue.entity_signs[0], strict=True)
        if e >= 0 and item in catalog.entity_items[e]
    }
    parts = {
        "wishes": blend.wishes * float((strengths * catalog.weighted_values[item]).sum()),
        "taste": blend.taste * float((taste * catalog.factors[item]).sum()),
        "acclaim": blend.acclaim * float(catalog.acclaim[item]),
        "popularity": blend.popularity * float(catalog.popularity[item]),
        "people": float(ENTITY_BONUS) * sum(signs.values()),
    }
    return Why(
        meets=tuple(met),
        misses=tuple(missed),
        conflicts=tuple(clashes),
        people=tuple(catalog.entity_names[e] for e, sign in signs.items() if sign > 0),
        resembles=_alike(assistant, item, liked),
        parts=parts,
        utility=sum(parts.values()),
    )


def _stated(assistant: Assistant, dialogue: Dialogue) -> list[tuple[Wish, set[int]]]:
    """Stated wishes, and the values that meet each: one, or a run of bins for "newer" and the like."""
    catalog, strengths = assistant.catalog, dialogue.wishes[0]
    step = assistant.tracker.config.relative
    out = []
    for facet, part in zip(catalog.facets, catalog.facet_slices, strict=True):
        values = [v for v in range(part.start, part.stop) if abs(strengths[v]) >= STATED]
        soft = [v for v in values if abs(strengths[v]) == step]
        if facet.kind == "numeric" and len(soft) > 1:
            values = [v for v in values if v not in soft]
            if run := [v for v in soft if strengths[v] > 0]:
                names = catalog.value_names
                upward = run[-1] == part.stop - 1
                name = f"{names[run[0]]} or {facet.more}" if upward else f"{names[run[-1]]} or {facet.less}"
                out.append((Wish(facet.name, name, name, step), set(run)))
        for v in values:
            wish = Wish(facet.name, catalog.value_names[v], catalog.value_phrases[v], float(strengths[v]))
            out.append((wish, {v}))
    return out


def _alike(assistant: Assistant, item: int, liked: Sequence[int]) -> tuple[Likeness, ...]:
    catalog = assistant.catalog
    others = [other for other in dict.fromkeys(liked) if other != item]
    products = {other: float(catalog.factors[item] @ catalog.factors[other]) for other in others}
    near = sorted((o for o in others if products[o] > ALIKE), key=lambda o: -products[o])[:MOST_ALIKE]
    share = catalog.values.mean(0)
    out = []
    for other in near:
        both = np.flatnonzero((catalog.values[item] > 0) & (catalog.values[other] > 0))
        rarest = both[np.argsort(share[both], kind="stable")]
        shared = tuple(catalog.value_names[v] for v in rarest[:3])
        out.append(Likeness(other, catalog.titles[other], round(products[other], 4), shared))
    return tuple(out)
