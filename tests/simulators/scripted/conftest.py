"""One person, whom tests make what they need, and what they say in a turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from chatrec_env.core.actions import blank_turn
from chatrec_env.core.user_simulator import UserTurn
from chatrec_env.language.acts import SystemAct
from chatrec_env.language.forms import Form
from simulators.scripted import events


@dataclass
class Person:
    """One person who wants nothing and to whom nothing happens by chance, until a test says so."""

    users: Any
    people: Any

    def hears(
        self,
        act: SystemAct,
        item: int = -1,
        *,
        slate: list[int] | None = None,
        facet: int = -1,
        **draws: float,
    ) -> tuple[UserTurn, list[tuple[Form, int]]]:
        """Their turn, and what they say as forms with arguments; uniforms by name, 0.99 where none is given."""
        shown = slate if slate is not None else [item]
        turn = blank_turn(1, len(shown))
        turn.act[:], turn.facet[:], turn.slate[:] = act, facet, shown
        row = np.full((1, self.users.turn_draws), 0.99)
        for name, uniform in draws.items():
            row[0, getattr(events, name)] = uniform
        answer = self.users.respond(self.people, turn, row)
        return answer, [self.users.grammar.describe(int(i))[:2] for i in answer.sentences[0] if i >= 0]

    def wants(self, value: int, worth: float = 1.0, told: bool = False) -> None:
        """A wish, for a value or (``worth`` below 0) against it."""
        self.people.desire[0, value] = worth
        self.people.wanted[0, value], self.people.unwanted[0, value] = worth > 0, worth < 0
        self.people.told[0, value] = told

    def pick(self, has: int) -> int:
        """A film that has a value, none of those everybody knows."""
        items = self.users.items
        return int(np.flatnonzero((items.weighted[:, has] > 0) & ~items.names.nameable)[0])

    def other(self, item: int, facet: int = 0) -> int:
        """The first value of a facet that a film lacks."""
        items = self.users.items
        start, stop = items.facet_start[facet], items.facet_start[facet + 1]
        return int(start + np.flatnonzero(items.weighted[item, start:stop] == 0)[0])


@pytest.fixture
def person(crowd: Callable[..., Any]) -> Callable[..., Person]:
    """``person(talk="crs", **changes)``."""

    def build(talk: str = "crs", **changes: Any) -> Person:
        still = {"changes_mind": 0.0, "leave_constant": 0.0, "familiarity": 0.0, "trust": 1.0, "tells": 0.0}
        users, people, _ = crowd(1, talk=talk, **{**still, **changes})
        people.desire[:], people.factor_taste[:], people.threshold[:] = 0.0, 0.0, 3.0
        people.wanted[:], people.unwanted[:], people.told[:] = False, False, False
        people.satiability[:], people.curious[:], people.patience[:] = 0.0, 0.9, 9.0
        people.satisfaction[:], people.trust[:], people.last_told[:] = 0.0, 1.0, -1
        return Person(users, people)

    return build
