"""The observation: named blocks, every column documented."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from chatrec_env.core.conversation import Block, make_conversation
from chatrec_env.core.state import ACCEPTED, ANSWERED, IGNORED, NO_ANSWER
from chatrec_env.errors import UnknownNameError
from chatrec_env.language.acts import UserAct

if TYPE_CHECKING:
    from chatrec_env.core.state import Dialogue
    from chatrec_env.dialogue.dialogue_manager import DialogueManager, View

OBSERVATIONS = ("flat", "dict", "tabular")
"""Observation forms: one vector, named blocks, or one integer for tables."""

CANDIDATE_COLUMNS = (
    "present",
    "score",
    "gap",
    "wanted",
    "unwanted",
    "taste",
    "uncertainty",
    "overlap",
    "refused",
    "acclaim",
    "popularity",
)
"""Columns of one candidate: whether the place is filled; estimated utility / 2; how far its score is behind
the best; weight of the stated wishes it meets / 2, and of the dislikes it runs into / 2; utility the estimated
preference adds, and the standard deviation of that estimate; likeness to what was accepted lately / 2; likeness
to the suggestion just ignored / 2; acclaim in [-1, 1]; popularity in [0, 1]."""

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

SHOWN_ACTS = np.array(REMARKS, np.uint32)

CLIP = 8.0
"""Every column lies in [-8, 8]."""

TABULAR_SIZES = (4, 3, 4, 3, 3)
"""Levels of the tabular features: see ``ObservationLayout.tabular``."""


class ObservationLayout:
    """Names, spaces and values of the observation.

    Blocks, in order of the flat vector: ``conversation`` (recency-weighted encoding of what the person said,
    then of what the system said; or the last turns, followed by ``conversation_mask``: see
    ``chatrec_env.core.conversation``), ``history``, ``belief``, ``candidates`` (K runs of ``CANDIDATE_COLUMNS``),
    ``context`` and ``budget``. ``columns()`` lists every column by name.

    Args:
        manager: Gives the sizes.
        form: ``"flat"``, ``"dict"`` or ``"tabular"``.
        conversation: ``"recency"`` or ``"sequence"``.
        history_turns: T of ``"sequence"``.
    """

    def __init__(
        self, manager: DialogueManager, form: str, conversation: str = "recency", history_turns: int = 8
    ) -> None:
        if form not in OBSERVATIONS:
            raise UnknownNameError("observation", form, OBSERVATIONS)
        self.form, self.manager = form, manager
        self.conversation = make_conversation(conversation, manager.table, history_turns)
        catalog = manager.catalog
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
                    *(f"said: {act.name.lower()}" for act in REMARKS),
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
                tuple(f"{k}: {c}" for k in range(manager.n_candidates) for c in CANDIDATE_COLUMNS),
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

    def __deepcopy__(self, memo: dict[int, object]) -> ObservationLayout:
        return self  # never changes, and holds the catalogue and the sentence table

    def make_space(self) -> gym.Space[object]:
        """A new space of the observations; no two environments share one, since seeding a space changes it."""

        def box(*shape: int) -> gym.spaces.Box:
            return gym.spaces.Box(-CLIP, CLIP, shape, np.float32)

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

    def make(self, dialogue: Dialogue, view: View) -> npt.NDArray[np.float32] | npt.NDArray[np.int64]:
        """Observations of N conversations: ``(N, width)`` float32, or ``(N,)`` int64 when tabular."""
        if self.form == "tabular":
            return self.tabular(dialogue, view)
        out = np.empty((len(dialogue), self.width), np.float32)
        s = self.slices
        self.conversation.write(dialogue, out[:, : s["history"].start])
        self._history(dialogue, out[:, s["history"]])
        self._belief(dialogue, out[:, s["belief"]])
        self._candidates(dialogue, view, out[:, s["candidates"]])
        self._context(dialogue, out[:, s["context"]])
        budget = out[:, s["budget"]]
        budget[:, 0] = 1.0 - dialogue.turn / self.manager.max_turns
        budget[:, 1] = np.minimum(dialogue.questions / 10.0, CLIP)
        return out

    def split(self, flat: npt.NDArray[np.float32]) -> dict[str, npt.NDArray[np.float32]]:
        """The blocks of flat vectors ``(..., width)`` by name, as copies, in the shapes of the dict space."""
        return {
            b.name: flat[..., self.slices[b.name]].copy().reshape(*flat.shape[:-1], *(b.shape or (b.width,)))
            for b in self.blocks
        }

    def _history(self, d: Dialogue, out: npt.NDArray[np.float32]) -> None:
        if self.manager.compiled is not None:
            counts = (
                d.clicks,
                d.stars,
                d.last_stars,
                d.outcome,
                d.waiting,
                d.refusals,
                d.surprise,
                d.repetition,
            )
            self.manager.compiled.write_history(
                *counts,
                d.remarks,
                SHOWN_ACTS,
                d.preference.mean,
                d.preference.covariance,
                np.float32(CLIP),
                out,
            )
            return
        out[:, 0] = np.minimum(d.clicks / 10.0, CLIP)
        out[:, 1] = np.where(d.clicks > 0, (d.stars / np.maximum(d.clicks, 1) - 3.0) / 2.0, 0.0)
        out[:, 2] = np.where(d.last_stars > 0, (d.last_stars - 3.0) / 2.0, 0.0)
        out[:, 3:7] = d.outcome[:, None] == np.arange(4)
        out[:, 7] = np.minimum(d.waiting / 10.0, CLIP)
        out[:, 8] = np.minimum(d.refusals / 10.0, CLIP)
        out[:, 9] = np.clip(d.surprise, -CLIP, CLIP)
        out[:, 10] = np.clip(d.repetition, -CLIP, CLIP)
        acts = SHOWN_ACTS
        out[:, 11 : 11 + len(acts)] = (d.remarks[:, None] >> acts) & np.uint32(1)
        mean = d.preference.mean
        out[:, 11 + len(acts) : -1] = np.clip(mean, -CLIP, CLIP)
        out[:, -1] = np.diagonal(d.preference.covariance, axis1=1, axis2=2).copy().mean(-1)

    def _belief(self, d: Dialogue, out: npt.NDArray[np.float32]) -> None:
        if self.manager.compiled is not None:
            self.manager.compiled.write_belief(
                d.wishes,
                self.manager.beliefs.entropies(d),
                d.asked,
                d.status,
                ANSWERED,
                NO_ANSWER,
                np.float32(CLIP),
                out,
            )
            return
        v, f = d.wishes.shape[1], d.asked.shape[1]
        out[:, :v] = d.wishes
        out[:, v : v + f] = self.manager.beliefs.entropies(d)
        out[:, v + f : v + 2 * f] = np.minimum(d.asked / 3.0, CLIP)
        out[:, v + 2 * f : v + 3 * f] = d.status == ANSWERED
        out[:, v + 3 * f :] = d.status == NO_ANSWER

    def _candidates(self, d: Dialogue, view: View, out: npt.NDArray[np.float32]) -> None:
        catalog = self.manager.catalog
        present = view.present
        if self.manager.compiled is not None:
            self.manager.compiled.write_candidates(
                d.scores,
                d.candidates,
                present,
                view.wanted,
                view.unwanted,
                view.taste,
                view.uncertainty,
                view.overlap,
                view.refused,
                catalog.acclaim,
                catalog.popularity,
                np.float32(CLIP),
                out,
            )
            return
        scores = np.where(present, d.scores, np.float32(0))
        table = np.empty((*present.shape, len(CANDIDATE_COLUMNS)), np.float32)
        table[:, :, 0] = present
        table[:, :, 1] = scores / 2.0
        table[:, :, 2] = scores[:, :1] - scores
        table[:, :, 3] = view.wanted / 2.0
        table[:, :, 4] = view.unwanted / 2.0
        table[:, :, 5] = view.taste
        table[:, :, 6] = view.uncertainty
        table[:, :, 7] = view.overlap / 2.0
        table[:, :, 8] = view.refused / 2.0
        table[:, :, 9] = catalog.acclaim[d.candidates]
        table[:, :, 10] = catalog.popularity[d.candidates]
        table *= present[:, :, None]
        np.clip(table.reshape(len(table), -1), -CLIP, CLIP, out=out)

    def _context(self, d: Dialogue, out: npt.NDArray[np.float32]) -> None:
        catalog = self.manager.catalog
        out[:] = 0.0
        every, company = np.arange(len(out)), 1 + len(catalog.contexts)
        out[every, 1 + d.context] = 1.0
        for column, start in enumerate((company, company + len(catalog.times))):
            seen = np.flatnonzero(d.setting[:, column] >= 0)
            out[seen, start + d.setting[seen, column]] = 1.0

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
        state = np.zeros(len(d), np.int64)
        for feature, size in zip((known, last, waited, overlap, score), TABULAR_SIZES, strict=True):
            state = state * size + feature
        return state
