"""The observation: named blocks, every column documented."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from chatrec_env.core.columns import (
    CANDIDATE_COLUMNS,
    CLIP,
    MEANING_COLUMNS,
    Starts,
    look_and_write_all,
    write_all,
)
from chatrec_env.core.compiled import Repeated
from chatrec_env.core.conversation import Block, Recency, make_conversation
from chatrec_env.core.state import ACCEPTED, ANSWERED, IGNORED
from chatrec_env.dialogue.candidates import empty_view
from chatrec_env.errors import UnknownNameError
from chatrec_env.language.acts import UserAct

if TYPE_CHECKING:
    from chatrec_env.core.state import Dialogue
    from chatrec_env.dialogue.candidates import View
    from chatrec_env.dialogue.dialogue_manager import DialogueManager

OBSERVATIONS = ("flat", "dict", "tabular")
"""Observation forms: one vector, named blocks, or one integer for tables."""

REMARKS = (
    UserAct.GREET,
    UserAct.WANT,
    UserAct.AVOID,
    UserAct.DONT_KNOW,
    UserAct.NO_PREFERENCE,
    UserAct.SEEN_IT,
    UserAct.TOO,
    UserAct.MORE_LIKE_THAT,
    UserAct.CHANGE_MIND,
    UserAct.ENOUGH_OF,
    UserAct.IMPATIENT,
    UserAct.SMALL_TALK,
)
"""Acts of the person's last turn that the history block shows as flags."""

TALK_REMARKS = (
    UserAct.ASK_FACT,
    UserAct.ASK_PLOT,
    UserAct.ASK_OPINION,
    UserAct.ASK_WHY,
    UserAct.COMPARE,
    UserAct.LIKED_ITEM,
    UserAct.DISLIKED_ITEM,
    UserAct.LIKE,
    UserAct.FIND_ITEM,
    UserAct.DOUBT,
    UserAct.CONDITION,
    UserAct.MISMATCH,
    UserAct.DROP,
    UserAct.EXCEPT,
    UserAct.START_OVER,
    UserAct.UNDO,
    UserAct.HELP,
    UserAct.INSULT,
    UserAct.OTHER_LANGUAGE,
)
"""Acts that are shown besides where people talk."""

TABULAR_SIZES = (4, 3, 4, 3, 3)
"""Levels of the tabular features: see ``ObservationLayout.tabular``."""


class ObservationLayout:
    """Names, spaces and values of the observation.

    Blocks, in order of the flat vector: ``conversation`` (recency-weighted encoding of what the person said,
    then of what the system said; or the last turns, followed by ``conversation_mask``: see
    ``chatrec_env.core.conversation``), ``history``, ``belief``, ``candidates`` (K runs of ``CANDIDATE_COLUMNS``,
    with ``MEANING_COLUMNS`` where retrieval matches meanings), ``context`` and ``budget``. ``columns()`` lists every
    column by name.

    Args:
        manager: Gives the sizes.
        form: ``"flat"``, ``"dict"`` or ``"tabular"``.
        conversation: ``"recency"`` or ``"sequence"``.
        history_turns: T of ``"sequence"``.

    Attributes:
        candidate_columns: Columns of one candidate, by name.
    """

    def __init__(
        self, manager: DialogueManager, form: str, conversation: str = "recency", history_turns: int = 8
    ) -> None:
        if form not in OBSERVATIONS:
            raise UnknownNameError("observation", form, OBSERVATIONS)
        self.form, self.manager = form, manager
        self.conversation = make_conversation(conversation, manager.table, history_turns)
        catalog = manager.catalog
        remarks = REMARKS + TALK_REMARKS * manager.talks
        index = manager.table.matcher if manager.semantic else None
        self.candidate_columns = CANDIDATE_COLUMNS + (MEANING_COLUMNS if index else ())
        facets = [f.name for f in catalog.facets]
        values = [
            f"{catalog.facets[f].name}={v}"
            for f, v in zip(catalog.value_facet, catalog.value_names, strict=True)
        ]
        self.blocks = (
            *self.conversation.blocks,
            Block(
                "history",
                (
                    "clicks / 10",
                    "mean rating, (stars - 3) / 2",
                    "last rating, (stars - 3) / 2",
                    "last turn: nothing yet",
                    "last turn: asked",
                    "last turn: suggestion ignored",
                    "last turn: suggestion accepted",
                    "turns since a click / 10",
                    "suggestions ignored in a row / 10",
                    "accepted less expected, summed",
                    "accepted less expected on repetition, summed",
                    *(f"said: {act.name.lower()}" for act in remarks),
                    *(f"preference mean {i}" for i in range(catalog.factors.shape[1])),
                    "mean preference variance",
                ),
            ),
            Block(
                "belief",
                (
                    *(f"wish: {v}" for v in values),
                    *(f"entropy: {f}" for f in facets),
                    *(f"times asked / 3: {f}" for f in facets),
                    *(f"answered: {f}" for f in facets),
                    *(f"no answer: {f}" for f in facets),
                ),
            ),
            Block(
                "candidates",
                tuple(f"{k}: {c}" for k in range(manager.n_candidates) for c in self.candidate_columns),
            ),
            Block(
                "context",
                (
                    "unknown",
                    *(c.name for c in catalog.contexts),
                    *(f"time: {t.name}" for t in catalog.times),
                    *(f"device: {d.name}" for d in catalog.devices),
                ),
            ),
            Block("budget", ("turns left", "questions / 10")),
        )
        self.width = sum(b.width for b in self.blocks)
        self.slices: dict[str, slice] = {}
        start = 0
        for block in self.blocks:
            self.slices[block.name] = slice(start, start + block.width)
            start += block.width
        self._look = Repeated(look_and_write_all, 4, manager.met)
        first = {name: part.start for name, part in self.slices.items()}
        self._starts = Starts(
            recency=isinstance(self.conversation, Recency),
            history=first["history"],
            belief=first["belief"],
            candidates=first["candidates"],
            context=first["context"],
            budget=first["budget"],
            acts=np.array(remarks, np.uint64),
            times=1 + len(catalog.contexts),
            devices=1 + len(catalog.contexts) + len(catalog.times),
            max_turns=manager.max_turns,
            texts=index.texts if index else np.zeros((catalog.n_items, 0), np.float32),
        )

    def __deepcopy__(self, memo: dict[int, object]) -> ObservationLayout:
        return self  # never changes, and holds the catalogue and the sentence table

    def make_space(self) -> gym.Space[object]:
        """A new space of the observations; no two environments share one, since seeding a space changes it."""

        def box(*shape: int) -> gym.spaces.Box:
            return gym.spaces.Box(-float(CLIP), float(CLIP), shape, np.float32)

        if self.form == "tabular":
            return gym.spaces.Discrete(int(np.prod(TABULAR_SIZES)))
        if self.form == "dict":
            blocks = gym.spaces.Dict([(b.name, box(*(b.shape or (b.width,)))) for b in self.blocks])
            blocks.sort_keys = (
                False  # where it is batched or wrapped, too, blocks stay in the order of ``columns()``
            )
            return blocks
        return box(self.width)

    def columns(self) -> list[str]:
        """Name of every column of the flat vector, ``block/column``."""
        return [f"{b.name}/{c}" for b in self.blocks for c in b.columns]

    def _begun(self, dialogue: Dialogue) -> npt.NDArray[np.float32]:
        """Observations ``(N, width)`` with what no rule of columns writes."""
        out = np.empty((len(dialogue.turn), self.width), np.float32)
        if not isinstance(self.conversation, Recency):
            self.conversation.write(dialogue, out[:, : self._starts.history])
        return out

    def make(self, dialogue: Dialogue, view: View) -> npt.NDArray[np.float32] | npt.NDArray[np.int64]:
        """Observations of N conversations: ``(N, width)`` float32, or ``(N,)`` int64 when tabular."""
        if self.form == "tabular":
            return self.tabular(dialogue, view)
        out = self._begun(dialogue)
        write_all(dialogue, view, self.manager.catalog.arrays, self.manager.beliefs.prior, self._starts, out)
        return out

    def look(
        self, dialogue: Dialogue, over: View | None = None
    ) -> tuple[npt.NDArray[np.float32] | npt.NDArray[np.int64], View]:
        """Observations as ``make`` gives them, and the view of the candidates they are made from.

        The view is in the arrays of one that is ``over``, where given.
        """
        manager = self.manager
        if self.form == "tabular":
            view = manager.view(dialogue)
            return self.tabular(dialogue, view), view
        view = over or empty_view(*dialogue.candidates.shape)
        out = self._begun(dialogue)
        self._look(dialogue, manager.catalog.arrays, manager.beliefs.prior, self._starts, view, out)
        return out, view

    def split(self, flat: npt.NDArray[np.float32]) -> dict[str, npt.NDArray[np.float32]]:
        """The blocks of flat vectors ``(..., width)`` by name, as copies, in the shapes of the dict space."""
        return {
            b.name: flat[..., self.slices[b.name]].copy().reshape(*flat.shape[:-1], *(b.shape or (b.width,)))
            for b in self.blocks
        }

    def tabular(self, d: Dialogue, view: View) -> npt.NDArray[np.int64]:
        """One integer per conversation, (N,) int64: mixed radix over ``TABULAR_SIZES``.

        Features: facets known (0, 1, 2, 3 or more); last turn (asked or nothing yet, ignored, accepted);
        suggestions ignored in a row or turns waited (0, 1, 2, 3 or more); overlap of the best candidate
        with what was accepted lately (under 0.75, under 2, more); estimated utility of the best candidate
        (under 1, under 2.5, more).
        """
        known = np.minimum((d.status == ANSWERED).sum(1), 3)
        last = np.select([d.outcome == ACCEPTED, d.outcome == IGNORED], [2, 1], 0)
        waited = np.minimum(d.waiting, 3)
        overlap = np.digitize(view.overlap[:, 0], (0.75, 2.0))
        score = np.digitize(d.scores[:, 0], (1.0, 2.5))
        state = np.zeros(len(d.turn), np.int64)
        for feature, size in zip((known, last, waited, overlap, score), TABULAR_SIZES, strict=True):
            state = state * size + feature
        return state
