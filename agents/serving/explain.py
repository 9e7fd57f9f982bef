"""Why a card was suggested: wishes it meets and misses, liked items it resembles, and how its score adds up.

Everything said here is computed from the same numbers that chose the card: the stated wishes, the content
factors and the parts of the retrieval score, which add up to it exactly. Nothing is inferred afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agents.serving.talk.bounds import Bounds, span_words
from agents.serving.talk.fitting import mentions
from chatrec_env.catalog import Catalog
from chatrec_env.core.state import Dialogue
from chatrec_env.dialogue.dialogue_manager import DialogueManager
from chatrec_env.dialogue.meaning import meant_by
from chatrec_env.dialogue.preference import gated_mean
from chatrec_env.language.word_forms import get_word_forms
from chatrec_env.retrieval.ranking import ENTITY_BONUS

STATED = 0.5
"""Strength from which a wish counts as stated; weaker ones were read off a title the person named."""

ALIKE = 0.25
"""Product of content factors from which two items are called alike, as in the assistant's own sentence."""

MOST_ALIKE = 2

_HELD = {"country": "in"}
"""How an item has what stands in a column of names, where that is nobody."""


NAMES = "name"
"""``Wish.facet`` of a wish for or against a named person."""


WORDS = "words"
"""``Wish.facet`` of words to be spared that no value stands for."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A value the person asked for, or asked to be spared.

    Attributes:
        facet: Name of the facet, or ``NAMES``.
        value: The value, a run of bins ("1990s or newer"), or a person's name.
        phrase: The value as a noun phrase, ``"a film about heists"``.
        strength: What it weighs in the belief; negative for a dislike.
        id: What it is called when it is corrected.
        values: The catalogue's values it stands for; none of a name or a limit.
    """

    facet: str
    value: str
    phrase: str
    strength: float
    id: str = ""
    values: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Likeness:
    """An item the person liked, which this one is close to.

    Attributes:
        item: Row of the liked item.
        title: Its title.
        similarity: Product of the content factors; about 1 for twins.
        shared: A person both are by, and facet values both have, the rarest first.
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
        resembles: Liked items it is close to, closest first.
        parts: Estimated utility by source: ``wishes``, ``people``, ``taste``, ``acclaim``, ``popularity``; where they
            are in use, ``meaning``, what was said beyond the slots, and ``kindred``, what people of like taste made
            of it.
        utility: Their sum: the score that put the item on the table.
    """

    meets: tuple[Wish, ...]
    misses: tuple[Wish, ...]
    conflicts: tuple[Wish, ...]
    resembles: tuple[Likeness, ...]
    parts: dict[str, float]
    utility: float


def stated_wishes(
    manager: DialogueManager, dialogue: Dialogue, bounds: Bounds | None = None
) -> tuple[Wish, ...]:
    """Everything the person is believed to want or not to want, strongest wish first (N = 1)."""
    stated = _stated(manager, dialogue, 0, bounds or Bounds())
    return tuple(sorted((wish for wish, _ in stated), key=lambda wish: -wish.strength))


def reasons(
    manager: DialogueManager, dialogue: Dialogue, item: int, bounds: Bounds | None = None
) -> list[Wish]:
    """Wishes that the person stated and an item meets, strongest first (N = 1)."""
    met = explain(manager, dialogue, item, (), bounds).meets
    said = [wish for wish in met if is_stated(manager, dialogue, wish)]
    return sorted(said, key=lambda wish: -wish.strength)


def is_stated(manager: DialogueManager, dialogue: Dialogue, wish: Wish) -> bool:
    """Whether the person said a wish; some only go with the company they named (N = 1)."""
    said = not wish.values or bool(dialogue.memory.stated[0][list(wish.values)].all())
    return said or wish.strength == manager.tracker.config.relative


def explain(
    manager: DialogueManager,
    dialogue: Dialogue,
    item: int,
    liked: Sequence[int],
    bounds: Bounds | None = None,
) -> Why:
    """Why an item is worth suggesting now (N = 1).

    Args:
        manager: Catalogue and blend weights.
        dialogue: What is believed, before the suggestion.
        item: Row of the item.
        liked: Rows of items the person took or named with pleasure.
        bounds: Limits in numbers and words, where they are kept.
    """
    catalog, blend = manager.catalog, manager.retriever.config
    stated = _stated(manager, dialogue, item, bounds or Bounds())
    met = [wish for wish, has in stated if has and wish.strength > 0]
    # An item has one era and one country: meeting one of two wished ones is meeting the wish.
    single = {facet.name for facet in catalog.facets if not facet.multi_valued}
    settled = {wish.facet for wish in met} & single
    missed = [w for w, has in stated if not has and w.strength > 0 and w.facet not in settled]
    clashes = [wish for wish, has in stated if has and wish.strength < 0]
    strengths = dialogue.wishes[0]
    taste = gated_mean(dialogue.preference, manager.retriever.blend.gate)[0]
    parts = {
        "wishes": blend.wishes * float((strengths * catalog.weighted_values[item]).sum()),
        "people": sum(wish.strength for wish, has in stated if has and wish.facet == NAMES),
        "taste": blend.taste * float((taste * catalog.factors[item]).sum()),
        "acclaim": blend.acclaim * float(catalog.acclaim[item]),
        "popularity": blend.popularity * float(catalog.popularity[item]),
    }
    if manager.semantic:
        parts["meaning"] = blend.semantic * float(meant_by(dialogue, 0, item))
    if manager.factors is not None:
        kindred = manager.factors.taste(dialogue.kindred)[0]
        parts["kindred"] = float((kindred * manager.retriever.placed[item]).sum())
    return Why(
        meets=tuple(met),
        misses=tuple(missed),
        conflicts=tuple(clashes),
        resembles=resembled(manager, item, liked),
        parts=parts,
        utility=sum(parts.values()),
    )


def _stated(
    manager: DialogueManager, dialogue: Dialogue, item: int, bounds: Bounds
) -> list[tuple[Wish, bool]]:
    """Stated wishes, and whether an item meets each: a value, a run of bins, a limit, or a named person."""
    catalog, strengths = manager.catalog, dialogue.wishes[0]
    step = manager.tracker.config.relative
    out: list[tuple[Wish, bool]] = []
    strong = dict[int, list[int]]()
    for v in np.flatnonzero(np.abs(strengths) >= STATED).tolist():
        strong.setdefault(int(catalog.value_facet[v]), []).append(v)
    for f in sorted({*strong, *bounds.spans}):
        facet = catalog.facets[f]
        if f in bounds.spans:  # exact, so its bins go without saying
            name = bounds.compared.get(f) or span_words(catalog, f, bounds.spans[f])
            wish = Wish(facet.name, name, f"something {name}", 1.0, f"f{f}")
            out.append((wish, bool(bounds.within(catalog, f)[item])))
            continue
        values = strong[f]
        if facet.ordered and any(strengths[v] == step for v in values):
            values = [
                v for v in values if strengths[v] != -step
            ]  # the other side of "newer" goes without saying
        for run in runs(values, [float(strengths[v]) for v in values], facet.ordered):
            name, has = run_name(catalog, run), bool(catalog.values[item, run].any())
            phrase = name if len(run) > 1 else catalog.value_phrases[run[0]]
            if run[0] in bounds.narrow:  # what was said means less than the value: aliens of monsters
                word = bounds.narrow[run[0]]
                name, phrase = word, phrase.replace(name, word)
                has = has and bool(mentions(catalog, word)[item])
            wish = Wish(facet.name, name, phrase, float(strengths[run[0]]), values_id(run), tuple(run))
            out.append((wish, has))
    for entity, sign in zip(dialogue.entities[0], dialogue.entity_signs[0], strict=True):
        if entity >= 0:
            name, has = catalog.entity_names[entity], item in catalog.entity_items[entity]
            out.append(
                (
                    Wish(
                        NAMES,
                        name,
                        f"something {_named_as(catalog, int(entity))}",
                        float(ENTITY_BONUS * sign),
                        f"e{int(entity)}",
                    ),
                    has,
                )
            )
    out += [(Wish(WORDS, word, f"“{word}”", -1.0, f"w:{word}"), False) for word in bounds.words]
    return out


def _named_as(catalog: Catalog, entity: int) -> str:
    """Somebody named, as an item has them: "with Tom Hanks", "by Jane Austen", "in Spain"."""
    item = int(catalog.entity_items[entity][0])
    columns = zip(catalog.declaration.entities, catalog.credits[item], strict=True)
    column = next((name for name, people in columns if entity in people), "")
    of_many = column != get_word_forms().singular(column)
    return f"{_HELD.get(column, 'with' if of_many else 'by')} {catalog.entity_names[entity]}"


def values_id(run: Sequence[int]) -> str:
    """The id of a wish for a value, or for neighbouring ones."""
    return f"v{run[0]}" if len(run) == 1 else f"v{run[0]}-{run[-1]}"


def runs(values: Sequence[int], marks: Sequence[object], joined: bool) -> list[list[int]]:
    """Values in runs of neighbours with the same mark; each on its own unless ``joined``."""
    out: list[list[int]] = []
    for i, value in enumerate(values):
        if joined and i and value == values[i - 1] + 1 and marks[i] == marks[i - 1]:
            out[-1].append(value)
        else:
            out.append([value])
    return out


def run_name(catalog: Catalog, run: Sequence[int]) -> str:
    """A run of values in words: ``"thriller"``, ``"1970s to 1990s"``, ``"1990s or newer"``."""
    names, f = catalog.value_names, int(catalog.value_facet[run[0]])
    facet, part = catalog.facets[f], catalog.facet_slices[f]
    if len(run) == 1:
        return names[run[0]]
    if run[-1] == part.stop - 1 and facet.more:
        return f"{names[run[0]]} or {facet.more}"
    if run[0] == part.start and facet.less:
        return f"{names[run[-1]]} or {facet.less}"
    return f"{names[run[0]]} to {names[run[-1]]}"


def resembled(manager: DialogueManager, item: int, liked: Sequence[int]) -> tuple[Likeness, ...]:
    """Liked items that an item is close to, the closest first."""
    catalog = manager.catalog
    others = [other for other in dict.fromkeys(liked) if other != item]
    products = {other: float(catalog.factors[item] @ catalog.factors[other]) for other in others}
    people = {
        other: [e for mine in catalog.credits[item] for e in mine if _takes_part(catalog, other, e)]
        for other in others
    }
    close = [other for other in others if products[other] > ALIKE or people[other]]
    near = sorted(close, key=lambda o: (-len(people[o]), -products[o]))[:MOST_ALIKE]
    share = catalog.values.mean(0)
    out = []
    for other in near:
        both = np.flatnonzero((catalog.values[item] > 0) & (catalog.values[other] > 0))
        both = both[[catalog.facets[f].multi_valued for f in catalog.value_facet[both]]]
        rarest = both[np.argsort(share[both], kind="stable")]
        names = [catalog.entity_names[e] for e in people[other][:1]]
        shared = (*names, *(catalog.value_names[v] for v in rarest[: 3 - len(names)]))
        out.append(Likeness(other, catalog.titles[other], round(products[other], 4), shared))
    return tuple(out)


def _takes_part(catalog: Catalog, item: int, entity: int) -> bool:
    """Whether a named person stands on the card of an item."""
    return any(entity in people for people in catalog.credits[item])
