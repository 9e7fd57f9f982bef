"""A conversation told act by act: what is tested is what the system makes of them, not how well they are read."""

from __future__ import annotations

from typing import Any

import numpy as np

from chatrec_env.catalog import Catalog
from chatrec_env.core.actions import blank_turn
from chatrec_env.core.state import Dialogue, Memory
from chatrec_env.core.user_simulator import USER_SENTENCES, SystemTurn, UserTurn
from chatrec_env.dialogue.dialogue_manager import DialogueManager
from chatrec_env.language import SentenceTable
from chatrec_env.language.acts import ParsedAct, SystemAct, UserAct
from chatrec_env.language.facts import topics

Sentence = ParsedAct | tuple[ParsedAct, ...]


class Told:
    """Reads each sentence as the acts it is made of; its text is how they print."""

    notice, way = "", "as told"

    def __init__(self, table: SentenceTable) -> None:
        self._table, self._acts = table, dict[str, tuple[ParsedAct, ...]]()
        self.encoder = table.encoder

    def ids(self, sentences: tuple[Sentence, ...]) -> list[int]:
        acts = [one if isinstance(one, tuple) else (one,) for one in sentences]
        self._acts |= {repr(one): one for one in acts}
        return self._table.intern([repr(one) for one in acts], reader=self).tolist()  # type: ignore[arg-type]

    def read(self, texts: list[str], **_: Any) -> tuple[Any, list[tuple[ParsedAct, ...]]]:
        return self._table.encoder.encode(texts), [self._acts[text] for text in texts]


class Scene:
    """One conversation about films, with a system that talks and always takes the first wording."""

    def __init__(self, films: Catalog, table: SentenceTable, told: Told, slate_size: int) -> None:
        self.films, self._told = films, told
        self.manager = DialogueManager(films, table, talks=True, slate_size=slate_size)
        self.dialogue: Dialogue = self.manager.open(1)
        self.turn: SystemTurn = blank_turn(1, slate_size)

    def film(self, title: str) -> int:
        return self.films.item_index(title)

    def value(self, name: str) -> int:
        return self.films.value_index(*name.split(":"))

    def topic(self, name: str) -> int:
        return topics(self.films).index(name)

    def act(self, act: UserAct, said: str = "", **fields: Any) -> ParsedAct:
        """An act about a value (``"genre:war"``) or a title."""
        about = {} if not said else {"value": self.value(said)} if ":" in said else {"item": self.film(said)}
        return ParsedAct(act, **{**about, **fields})

    def say(self, *sentences: Sentence, click: int = -1, stars: int = 0) -> Scene:
        """The person's turn: their sentences, and what they clicked on and how they rated it."""
        ids = np.full((1, USER_SENTENCES), -1, np.int64)
        ids[0, : len(sentences)] = self._told.ids(sentences)
        outcome = np.array([click], np.int8), np.array([stars], np.int8)
        turn = UserTurn(*outcome, np.zeros(1, np.bool_), ids) if self.dialogue.turn[0] else None
        self.manager.hear(self.dialogue, turn, ids)
        return self

    def system(self, act: SystemAct, *shown: str, ask: str = "") -> str:
        """The system's turn in words; ``shown`` lies on the table then."""
        self.turn = turn = blank_turn(1, self.manager.slate_size)
        turn.act[0], turn.facet[0] = act, self.films.facet_index(ask) if ask else -1
        turn.slate[0, : len(shown)] = [self.film(title) for title in shown]
        self.manager.speak(self.dialogue, turn, np.zeros((1, 2), np.int64))
        return self.manager.table.texts(turn.sentences)[0]

    def show(self, *titles: str) -> Scene:
        self.system(SystemAct.RECOMMEND, *titles)
        return self

    @property
    def memory(self) -> Memory:
        return self.dialogue.memory

    @property
    def wishes(self) -> dict[str, float]:
        """What is wished for or not, but for the weak wishes that a title leaves."""
        return {self._name(v): float(w) for v, w in enumerate(self.dialogue.wishes[0]) if abs(w) > 0.25}

    @property
    def weak(self) -> dict[str, float]:
        return {self._name(v): float(w) for v, w in enumerate(self.dialogue.wishes[0]) if 0 < abs(w) <= 0.25}

    def _name(self, v: int) -> str:
        return f"{self.films.facets[self.films.value_facet[v]].name}:{self.films.value_names[v]}"

    def titles(self, items: Any) -> list[str]:
        return [self.films.titles[i] for i in items if i >= 0]
