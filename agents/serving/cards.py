"""What the person is shown: cards with facts, answers to pick from, and what was understood."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from agents.serving.explain import Why, explain
from chatrec_env.assistant import Assistant, View
from chatrec_env.language import Form
from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.state import Dialogue

MOST_CARDS = 4
"""The policy's own choice and its next best candidates."""

MOST_ANSWERS = 7
"""Values offered as quick replies to a question."""


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


def facts(assistant: Assistant, item: int) -> tuple[Fact, ...]:
    """Everything the catalogue knows of an item, numbers with their unit."""
    catalog = assistant.catalog
    out = []
    for f, facet in enumerate(catalog.facets):
        number = float(catalog.numbers[item, f])
        if facet.kind == "numeric" and facet.unit and np.isfinite(number):
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
    assistant: Assistant,
    dialogue: Dialogue,
    view: View,
    chosen: int,
    scores: Sequence[float],
    liked: Sequence[int],
) -> tuple[Card, ...]:
    """The chosen item and its next best, best first (N = 1).

    Args:
        assistant: Catalogue.
        dialogue: What is believed, before the suggestion.
        view: The candidates on the table.
        chosen: Row of the item the policy chose.
        scores: (K,) the ranker's score of each candidate.
        liked: Rows of items the person liked.
    """
    catalog = assistant.catalog
    places = [int(k) for k in np.flatnonzero(view.present[0])]
    ranked = sorted(places, key=lambda k: (-scores[k], k))
    items = {k: int(dialogue.candidates[0, k]) for k in places}
    first = [k for k in ranked if items[k] == chosen]
    shown = (first + [k for k in ranked if items[k] != chosen])[:MOST_CARDS]
    return tuple(
        Card(
            item=items[k],
            title=catalog.titles[items[k]],
            year=int(catalog.years[items[k]]) or None,
            sentence=catalog.sentences[items[k]],
            facts=facts(assistant, items[k]),
            chosen=items[k] == chosen,
            score=float(scores[k]),
            rank=ranked.index(k) + 1,
            candidates=len(places),
            why=explain(assistant, dialogue, items[k], liked),
        )
        for k in shown
    )


def answers(assistant: Assistant, facet: int) -> tuple[str, ...]:
    """Replies to a question about a facet: its commonest values, no preference, cannot say."""
    grammar, catalog = assistant.grammar, assistant.catalog
    part = catalog.facet_slices[facet]
    values = np.arange(part.start, part.stop)
    if catalog.facets[facet].kind != "numeric":
        values = values[np.argsort(-catalog.values[:, part].mean(0), kind="stable")][:MOST_ANSWERS]
    else:
        values = values[::-1][:MOST_ANSWERS]
    forms = [grammar.ids(Form.ANSWER, int(v), 0) for v in values]
    return _texts(assistant, [*forms, grammar.ids(Form.NO_PREFERENCE, facet, 0)])


def openers(assistant: Assistant) -> tuple[str, ...]:
    """First words to pick from: company, if the catalogue knows any, and common wishes."""
    grammar, catalog = assistant.grammar, assistant.catalog
    asked = [f for f, facet in enumerate(catalog.facets) if facet.askable and facet.kind == "multi"]
    common = [
        catalog.facet_slices[f].start + int(v)
        for f in (asked or range(catalog.n_facets))[:2]
        for v in np.argsort(-catalog.values[:, catalog.facet_slices[f]].mean(0), kind="stable")[1:3]
    ]
    wishes = [grammar.ids(Form.WANT, v, 2) for v in common]
    company = [grammar.ids(Form.CONTEXT, c, 2) for c in range(len(catalog.contexts))]
    return _texts(assistant, [*wishes[:3], *company[-2:]])


def reactions(assistant: Assistant, item: int, *, taken: bool) -> tuple[str, ...]:
    """What one may say to a suggestion: another, like that, seen it, newer or shorter."""
    grammar, catalog = assistant.grammar, assistant.catalog
    if taken:
        return _texts(assistant, [grammar.ids(Form.MORE_LIKE_THAT, 0, 2)])
    ids = [
        grammar.ids(Form.REJECT_MILD, 0, 2),
        grammar.ids(Form.SEEN_IT, 0, 2),
        grammar.ids(Form.MORE_LIKE_THAT, 0, 2),
    ]
    for f, facet in enumerate(catalog.facets):
        if facet.kind == "numeric" and facet.more and facet.less:
            more = int(catalog.numeric_position[item, f] < 0.5)
            ids.append(grammar.ids(Form.RELATIVE, 2 * f + more, 0))
    return _texts(assistant, ids)


def yes_or_no(assistant: Assistant) -> tuple[str, ...]:
    """Replies to a confirmation."""
    return _texts(assistant, [assistant.grammar.ids(Form.YES, 0, 0), assistant.grammar.ids(Form.NO, 0, 0)])


def _texts(assistant: Assistant, ids: Iterable[np.ndarray]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(assistant.grammar.text(int(i)) for i in ids))


def understood(assistant: Assistant, acts: Iterable[ParsedAct]) -> tuple[Heard, ...]:
    """What was read in a message, in words, each once."""
    catalog = assistant.catalog
    out: list[Heard] = []
    for act in acts:
        if act.act == UserAct.RELATIVE and act.facet >= 0:
            facet = catalog.facets[act.facet]
            out.append(Heard("relative", facet.more if act.direction > 0 else facet.less))
        elif act.act in (UserAct.DONT_KNOW, UserAct.NO_PREFERENCE):
            what = catalog.facets[act.facet].question if act.facet >= 0 else ""
            out.append(Heard("open", what or "no preference"))
        elif act.act == UserAct.CHANGE_MIND and act.value >= 0:
            out.append(Heard("change", catalog.value_names[act.value]))
        elif act.value >= 0:
            against = act.act in (UserAct.AVOID, UserAct.TOO, UserAct.ENOUGH_OF) or act.polarity < 0
            out.append(Heard("avoid" if against else "want", catalog.value_names[act.value]))
        elif act.item >= 0:
            out.append(Heard("dislike" if act.polarity < 0 else "like", catalog.titles[act.item]))
        elif act.context >= 0:
            out.append(Heard("context", catalog.contexts[act.context].name))
        elif act.entity >= 0:
            out.append(Heard("avoid" if act.polarity < 0 else "want", catalog.entity_names[act.entity]))
    return tuple(dict.fromkeys(out))
