"""The likelihood of a turn is the share of turns in which the simulator does just that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from agents.bayes_planner.likelihood import PATH, Seen, opening_likelihood, turn_likelihood
from chatrec_env.core.actions import blank_turn
from chatrec_env.core.records import take
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.language.acts import SystemAct
from chatrec_env.language.grammar import FORMS
from simulators.scripted.opening import CONTEXT
from simulators.scripted.sentences import EXTRA, OPENING, REPLY
from simulators.scripted.talk import GREET, LEAVE_UNHAPPY, SEEN_IT, THANK_LEAVE

MANY = 40_000


def seen_of(
    users: Any, sentences: Any, click: int, stars: int, *, facet: int = -1, item: int = -1, reason: int = -1
) -> Seen:
    """What was seen of one person's turn."""
    forms, args = np.full(4, -1), np.zeros(4, np.int64)
    for place, sentence in enumerate(sentences):
        if sentence >= 0:
            form, args[place], _ = users.grammar.describe(sentence)
            forms[place] = FORMS.index(form)
    back = bool(forms[REPLY] in (THANK_LEAVE, LEAVE_UNHAPPY) and forms[EXTRA] == GREET)
    known = bool(forms[OPENING] == SEEN_IT)
    return Seen(facet, item, reason, click >= 0, int(stars), known, back, forms, args)


def what(seen: Seen) -> tuple[Any, ...]:
    """The same as something to count."""
    return (
        seen.click,
        seen.stars,
        seen.back,
        tuple(seen.forms),
        tuple(np.where(seen.forms >= 0, seen.args, 0)),
    )


def distinct(rows: Any) -> Iterator[tuple[list[int], int]]:
    """Different rows, and how often each is there."""
    found, counts = np.unique(rows, axis=0, return_counts=True)
    return zip(found.tolist(), counts.tolist(), strict=True)


def lived(users: Any, rng: np.random.Generator, turns: int) -> Any:
    """Somebody after some turns of recommendations, and what they are like."""
    people, _ = users.start(rng.random((1, users.profile_draws)))
    for _ in range(turns):
        system = blank_turn(1, 1)
        system.act[0], system.slate[0, 0] = SystemAct.RECOMMEND, rng.integers(users.catalog.n_items)
        users.respond(people, system, rng.random((1, users.turn_draws)))
    return people


@pytest.mark.parametrize("scenario", ["full", "patience", "retention", "noisy", "drift"])
@pytest.mark.parametrize("asks", [False, True])
def test_frequency(scenario: str, asks: bool) -> None:
    users: Any = make_task(EnvConfig(scenario=scenario, encoder="hash")).users
    rng = np.random.default_rng(3)
    for turns in (0, 4, 9):
        person = lived(users, rng, turns)
        best = int(users.reveal(person)["utility"][0].argsort()[-40])
        facet, item = (int(rng.integers(users.catalog.n_facets)), -1) if asks else (-1, best)
        reason = -1 if asks else int(users.catalog.arrays.carried[best, 0])
        system = blank_turn(MANY, 1)
        system.act[:] = SystemAct.ASK if asks else SystemAct.RECOMMEND
        system.facet[:], system.slate[:, 0], system.reason[:] = facet, item, reason
        turn = users.respond(
            take(person, np.zeros(MANY, np.intp)), system, rng.random((MANY, users.turn_draws))
        )
        rows = np.flatnonzero(~turn.leave)
        known = {}
        counts: Counter[Any] = Counter()
        for (*sentences, click, stars), often in distinct(
            np.column_stack([turn.sentences, turn.click, turn.stars])[rows]
        ):
            seen = seen_of(users, sentences, click, stars, facet=facet, item=item, reason=reason)
            known[what(seen)] = seen
            counts[what(seen)] += often
        total = 0.0
        for key, count in counts.most_common(40):
            particles = take(person, np.zeros(2000, np.intp))
            found = turn_likelihood(particles, known[key], rng.random((2000, PATH)), users.items, users.rates)
            chance, share = np.exp(found).mean(), count / MANY
            total += chance
            assert abs(chance - share) < 5 * np.sqrt(chance / MANY) + 2e-4, (key, chance, share)
        assert total <= 1.0 + 1e-9


@pytest.mark.parametrize("scenario", ["full", "patience", "null", "context"])
def test_opening_frequency(scenario: str) -> None:
    users: Any = make_task(EnvConfig(scenario=scenario, encoder="hash")).users
    rng = np.random.default_rng(5)
    values = np.arange(users.catalog.n_values)
    pairs = np.ascontiguousarray(users.grammar.pair_arg(values[:, None], values))
    draws = rng.random((1, users.profile_draws)).repeat(MANY, 0)
    draws[:, -4:] = rng.random((MANY, 4))
    _, sentences = users.start(draws)
    person = users.sampler.sample(draws[:1])
    counts: Counter[Any] = Counter()
    known = {}
    for row, often in distinct(sentences):
        seen = seen_of(users, row, -1, 0)
        if seen.forms[OPENING] != CONTEXT and not users.scenario.tells_all:
            seen.forms[OPENING] = -1  # greetings tell nothing
        known[what(seen)] = seen
        counts[what(seen)] += often
    for key, count in counts.items():
        found = opening_likelihood(
            take(person, np.zeros(1, np.intp)),
            known[key],
            users.items.value_weights,
            pairs,
            users.scenario.tells_all,
        )
        share = count / MANY
        assert abs(np.exp(found[0]) - share) < 5 * np.sqrt(share / MANY), (key, found, share)
