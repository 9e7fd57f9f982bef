"""The tracker: from parsed sentences and feedback to what we believe the person wants."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from chatrec_env.core.rating_history import RatingHistory
from chatrec_env.core.state import ACCEPTED, ANSWERED, IGNORED, NO_ANSWER, UNKNOWN, Dialogue
from chatrec_env.dialogue.preference import STAR_UTILITY, Preference, observe, recollected
from chatrec_env.language.acts import UserAct
from chatrec_env.retrieval.retriever import (
    RetrievalConfig,
    UsesLoops,
    carried_values,
    compiled_loops,
    sating_values,
)

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog
    from chatrec_env.language import SentenceTable

LEAST_INFORMATION = 0.05
"""Least information of a click about a utility: even a foregone conclusion teaches something."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackerConfig:
    """How sentences and feedback move the belief. Strengths are multiples of 1/16.

    Attributes:
        recency: Weight kept by earlier turns in the conversation encoding.
        want: Strength of a stated wish.
        avoid: Strength of a stated dislike.
        enough: Strength of "enough of ...", a passing dislike.
        similar: Strength of the values of a title the person likes, or wants more of.
        relative: Strength of "newer", "shorter", ... on the bins of a numeric facet.
        recent_decay: Per-turn decay of the trace of accepted items.
        variance: Prior variance of a content-factor weight.
        gate: Standard deviations an estimate must exceed before it reorders candidates.
        threshold: Utility at which the population accepts half of the suggestions.
        rating_noise: Variance of a rating around the utility it stands for.
    """

    recency: float = 0.6
    want: float = 1.0
    avoid: float = 1.5
    enough: float = 0.5
    similar: float = 0.25
    relative: float = 0.5
    recent_decay: float = 0.85
    variance: float = 0.25
    gate: float = 0.5
    threshold: float = 2.75
    rating_noise: float = 4.0


def bit(*acts: UserAct) -> np.uint32:
    """The flag word of some acts."""
    return np.uint32(sum(1 << act for act in acts))


class Tracker(UsesLoops):
    """Updates the visible state from what was said and done; knows nothing of who says it."""

    def __init__(
        self,
        catalog: Catalog,
        table: SentenceTable,
        config: TrackerConfig | None = None,
        blend: RetrievalConfig | None = None,
    ) -> None:
        self.catalog, self.table = catalog, table
        self.config, self.blend = config or TrackerConfig(), blend or RetrievalConfig()
        self._loops = compiled_loops()
        self._facet_of = np.asarray(catalog.value_facet, np.intp)
        self._facet_starts = np.array([s.start for s in catalog.facet_slices], np.intp)
        weights = np.array([f.weight for f in catalog.facets])
        shared = np.array([f.kind == "multi" for f in catalog.facets])
        self._numeric = np.array([f.kind == "numeric" for f in catalog.facets])
        self._edges = np.append(self._facet_starts, catalog.n_values)
        c = self.config
        self._strengths = np.array([c.want, c.avoid, c.enough, c.similar, c.relative], np.float32)
        more, answer = (UserAct.MORE_LIKE_THAT, UserAct.LIKE_BUT), (UserAct.YES, UserAct.NO)
        self._acts = np.array([bit(UserAct.ENOUGH_OF), bit(*more), bit(*answer), bit(UserAct.YES)])
        self._carried = carried_values(catalog)
        b = self.blend
        self._prior = (b.acclaim * catalog.acclaim + b.popularity * catalog.popularity).astype(np.float32)
        self.sating = sating_values(catalog)
        self._trace = (catalog.weighted_values * self.sating).astype(np.float32)
        self._similar = (catalog.values * (shared | (weights >= 0.5))[self._facet_of]).astype(np.float32)

    def hear(self, dialogue: Dialogue, sentences: npt.NDArray[np.int64]) -> None:
        """Read the person's sentences ``(N, 4)`` and update wishes, status and encodings in place."""
        table = self.table
        table.ensure(sentences)
        rows = table.row(sentences)
        spoken = sentences >= 0
        flags = table.flags[rows]
        dialogue.remarks = np.bitwise_or.reduce(flags, axis=1).astype(np.uint32)
        self._encode(dialogue.said, rows, spoken)
        dialogue.transcript[np.arange(len(rows)), dialogue.turn, -sentences.shape[1] :] = sentences
        self._read_all(dialogue, rows, spoken, flags)
        answered = (dialogue.remarks & bit(UserAct.DONT_KNOW, UserAct.NO_PREFERENCE)) != 0
        who = np.flatnonzero(answered & (dialogue.last_facet >= 0))
        facet = dialogue.last_facet[who]
        unknown = dialogue.status[who, facet] == UNKNOWN
        dialogue.status[who[unknown], facet[unknown]] = NO_ANSWER

    def _read_all(
        self,
        dialogue: Dialogue,
        rows: npt.NDArray[np.intp],
        spoken: npt.NDArray[np.bool_],
        flags: npt.NDArray[np.uint32],
    ) -> None:
        """All sentences ``(N, 4)`` of a turn, in the order they were said."""
        table, catalog = self.table, self.catalog
        if self._loops is None:
            before = dialogue.wishes != 0
            for place in range(rows.shape[1]):
                who = np.flatnonzero(spoken[:, place])
                if len(who):
                    self._read(dialogue, who, rows[who, place], flags[who, place])
            changed = (dialogue.wishes != 0) & ~before
            dialogue.status[np.logical_or.reduceat(changed, self._facet_starts, axis=1)] = ANSWERED
            return
        self._loops.read_sentences(
            rows,
            spoken,
            flags,
            table.wishes,
            table.replaces,
            table.context,
            table.item,
            table.item_polarity,
            table.relative,
            catalog.context_wishes,
            self._similar,
            catalog.values,
            self._numeric,
            self._edges,
            self._strengths,
            self._acts,
            dialogue.slate,
            dialogue.last_value,
            dialogue.context,
            dialogue.wishes,
            dialogue.status,
            ANSWERED,
        )
        entity = table.entity[rows]
        if (entity >= 0).any():
            for n, place in zip(*np.nonzero(entity >= 0), strict=True):
                row = rows[n, place]
                remember_entity(dialogue, int(n), int(table.entity[row]), int(table.entity_polarity[row]))

    def _encode(
        self, encoding: npt.NDArray[np.float32], rows: npt.NDArray[np.intp], spoken: npt.NDArray[np.bool_]
    ) -> None:
        """Move the recency-weighted encoding of one role towards this turn's mean sentence, in place."""
        keep = np.float32(self.config.recency)
        if self._loops is not None:
            self._loops.blend_encoding(encoding, self.table.embeddings, rows, spoken, keep)
            return
        count = spoken.sum(1)
        total = self.table.embeddings[rows[:, 0]].copy()
        for place in range(1, rows.shape[1]):
            who = np.flatnonzero(spoken[:, place])
            if len(who):
                total[who] += self.table.embeddings[rows[who, place]]
        share = ((1 - keep) / np.maximum(count, 1)).astype(np.float32)
        total *= share[:, None]
        encoding *= np.where(count > 0, keep, np.float32(1.0))[:, None]
        encoding += total

    def encode_system(self, dialogue: Dialogue, sentences: npt.NDArray[np.int64]) -> None:
        """Add the system's own sentences ``(N, 3)`` to its side of the encoding and to the transcript."""
        self.table.ensure(sentences)
        self._encode(dialogue.heard, self.table.row(sentences), sentences >= 0)
        dialogue.transcript[np.arange(len(sentences)), dialogue.turn, : sentences.shape[1]] = sentences

    def _read(
        self,
        dialogue: Dialogue,
        who: npt.NDArray[np.intp],
        rows: npt.NDArray[np.intp],
        flags: npt.NDArray[np.uint32],
    ) -> None:
        """One sentence of each conversation in ``who``."""
        table, config, catalog = self.table, self.config, self.catalog
        wish = table.wishes[rows]
        stated = wish != 0
        any_wish = stated.any(1)
        replaces = table.replaces[rows] & any_wish
        if replaces.any():
            self._drop_old_wishes(dialogue, who[replaces], wish[replaces])
        if any_wish.any():
            w, said = who[any_wish], wish[any_wish]
            passing = (flags[any_wish] & bit(UserAct.ENOUGH_OF)) != 0
            against = np.where(passing, config.enough, config.avoid).astype(np.float32)
            strength = np.where(said > 0, np.float32(config.want), -against[:, None])
            dialogue.wishes[w] = np.where(said != 0, strength, dialogue.wishes[w])
        context = table.context[rows]
        if (context >= 0).any():
            has = np.flatnonzero(context >= 0)
            w = who[has]
            dialogue.context[w] = context[has]
            implied = catalog.context_wishes[context[has]]
            strength = np.where(implied > 0, np.float32(config.want), np.float32(-config.avoid))
            dialogue.wishes[w] = np.where(
                (implied != 0) & (dialogue.wishes[w] == 0), strength, dialogue.wishes[w]
            )
        linked = table.item[rows]
        shown = dialogue.slate[who, 0]
        more = (flags & bit(UserAct.MORE_LIKE_THAT, UserAct.LIKE_BUT)) != 0
        model = np.where(linked >= 0, linked, np.where(more, shown, -1))
        if (model >= 0).any():
            has = np.flatnonzero(model >= 0)
            sign = np.where(linked[has] >= 0, table.item_polarity[rows[has]], 1)
            self._resemble(dialogue, who[has], model[has], sign)
        relative = table.relative[rows]
        if relative.any():
            has = np.flatnonzero(relative.any(1) & (np.maximum(linked, shown) >= 0))
            anchor = np.where(linked[has] >= 0, linked[has], shown[has])
            self._shift(dialogue, who[has], anchor, relative[has])
        answer = (flags & bit(UserAct.YES, UserAct.NO)) != 0
        if answer.any():
            has = np.flatnonzero(answer & (dialogue.last_value[who] >= 0))
            yes = (flags[has] & bit(UserAct.YES)) != 0
            value = dialogue.last_value[who[has]]
            dialogue.wishes[who[has], value] = np.where(yes, config.want, 0.0)
        entity = table.entity[rows]
        for i in np.flatnonzero(entity >= 0):
            remember_entity(dialogue, int(who[i]), int(entity[i]), int(table.entity_polarity[rows[i]]))

    def _drop_old_wishes(
        self, dialogue: Dialogue, who: npt.NDArray[np.intp], wish: npt.NDArray[np.int8]
    ) -> None:
        """Forget earlier positive wishes of the facets named in ``wish (n, V)``."""
        named = np.logical_or.reduceat(wish > 0, self._facet_starts, axis=1)[:, self._facet_of]
        old = dialogue.wishes[who]
        dialogue.wishes[who] = np.where(named & (old > 0), np.float32(0), old)

    def _resemble(
        self,
        dialogue: Dialogue,
        who: npt.NDArray[np.intp],
        items: npt.NDArray[np.int32],
        sign: npt.NDArray[np.int_],
    ) -> None:
        """The values of a liked (+1) or disliked (-1) title become weak wishes where nothing is stated."""
        pull = self._similar[items] * (self.config.similar * sign)[:, None].astype(np.float32)
        old = dialogue.wishes[who]
        weak = np.abs(old) <= self.config.similar
        dialogue.wishes[who] = np.where((pull != 0) & weak, pull, old)

    def _shift(
        self,
        dialogue: Dialogue,
        who: npt.NDArray[np.intp],
        items: npt.NDArray[np.int32],
        relative: npt.NDArray[np.int8],
    ) -> None:
        """Newer, shorter, ...: bins beyond the item's own are wanted a little, the others not."""
        for f, facet in enumerate(self.catalog.facets):
            chosen = np.flatnonzero(relative[:, f])
            if facet.kind != "numeric" or not len(chosen):
                continue
            part = self.catalog.facet_slices[f]
            own = self.catalog.values[items[chosen], part].argmax(1)
            bins = np.arange(part.stop - part.start)
            beyond = (bins[None, :] - own[:, None]) * relative[chosen, f, None] > 0
            step = np.float32(self.config.relative)
            dialogue.wishes[who[chosen], part] = np.where(beyond, step, -step)

    def feedback(self, dialogue: Dialogue, click: npt.NDArray[np.int8], stars: npt.NDArray[np.int8]) -> None:
        """Clicks ``(N,)`` (slate position or -1) and ratings ``(N,)`` (1-5 or 0) on the slate just shown."""
        if self._loops is not None:
            self._feedback(self._loops, dialogue, click, stars)
            return
        n = len(dialogue)
        every = np.arange(n)
        offered = dialogue.slate[:, 0] >= 0
        clicked = click >= 0
        item = dialogue.slate[every, np.maximum(click, 0)]
        dialogue.outcome = np.where(clicked, ACCEPTED, np.where(offered, IGNORED, dialogue.outcome)).astype(
            np.int8
        )
        dialogue.clicks += clicked
        dialogue.stars += stars
        dialogue.waiting = np.where(clicked, 0, dialogue.waiting + 1).astype(np.int16)
        dialogue.refusals = np.where(
            clicked, 0, np.where(offered, dialogue.refusals + 1, dialogue.refusals)
        ).astype(np.int16)
        rated = stars > 0
        dialogue.last_stars = np.where(rated, stars, dialogue.last_stars).astype(np.int8)
        better = rated & (stars >= dialogue.best)
        dialogue.favourite = np.where(better, item, dialogue.favourite).astype(np.int32)
        dialogue.best = np.maximum(dialogue.best, stars)
        repeated = self._consume(dialogue, item, clicked)
        who = np.flatnonzero(offered)
        if len(who):
            self._learn(dialogue, who, item[who], clicked[who], stars[who], repeated[who])

    def _feedback(
        self,
        loops: ModuleType,
        dialogue: Dialogue,
        click: npt.NDArray[np.int8],
        stars: npt.NDArray[np.int8],
    ) -> None:
        """``feedback`` by the compiled loops."""
        d, config, catalog, preference = dialogue, self.config, self.catalog, dialogue.preference
        n = len(d)
        clicked, item = click >= 0, np.empty(n, np.int32)
        counts = d.outcome, d.clicks, d.stars, d.waiting, d.refusals, d.last_stars, d.favourite, d.best
        loops.take_in(d.slate, click, stars, ACCEPTED, IGNORED, *counts, item)
        repeated, expected, odds = np.empty((3, n), np.float32)
        shown, decay = np.maximum(d.slate[:, 0], 0), np.float32(config.recent_decay)
        loops.consume(d.recent, self._trace, shown, item, clicked, decay, repeated)
        threshold, noise = np.float32(config.threshold), np.float32(config.rating_noise)
        loops.expect(
            d.wishes,
            preference.mean,
            item,
            *self._carried,
            catalog.factors,
            self._prior,
            np.float32(self.blend.wishes),
            threshold,
            expected,
            odds,
        )
        np.exp(odds, out=odds)
        loops.learn(
            item,
            clicked,
            stars,
            repeated,
            expected,
            odds,
            catalog.factors,
            STAR_UTILITY,
            threshold,
            noise,
            np.float32(LEAST_INFORMATION),
            d.surprise,
            d.repetition,
            preference.mean,
            preference.covariance,
        )

    def _consume(
        self, dialogue: Dialogue, item: npt.NDArray[np.int32], clicked: npt.NDArray[np.bool_]
    ) -> npt.NDArray[np.float32]:
        """Move ``recent`` on, in place; returns how like it the suggestion was, (N,)."""
        shown, decay = np.maximum(dialogue.slate[:, 0], 0), np.float32(self.config.recent_decay)
        repeated = (dialogue.recent * self._trace[shown]).sum(-1)
        dialogue.recent *= decay
        who = np.flatnonzero(clicked)
        dialogue.recent[who] += self._trace[item[who]]
        return np.asarray(repeated, np.float32)

    def _learn(
        self,
        dialogue: Dialogue,
        who: npt.NDArray[np.intp],
        items: npt.NDArray[np.int32],
        clicked: npt.NDArray[np.bool_],
        stars: npt.NDArray[np.int8],
        repeated: npt.NDArray[np.float32],
    ) -> None:
        """Bayesian update from how far the outcome is from what the stated wishes predicted."""
        config = self.config
        features = self.catalog.factors[items]
        expected = self.stated_utility(dialogue.wishes[who], items)
        expected = expected + (dialogue.preference.mean[who] * features).sum(-1)
        chance = 1.0 / (1.0 + np.exp(config.threshold - expected))
        residual = clicked - chance
        dialogue.surprise[who] += residual
        dialogue.repetition[who] += residual * np.minimum(repeated / 2, 2)
        information = np.maximum(chance * (1.0 - chance), LEAST_INFORMATION)
        rated = stars > 0
        surprise = (STAR_UTILITY[stars] + config.threshold - expected) / config.rating_noise
        residual = np.where(rated, surprise, residual).astype(np.float32)
        information = np.where(rated, 1.0 / config.rating_noise, information).astype(np.float32)
        observe(dialogue.preference, who, features, residual, information)

    def recollect(self, past: RatingHistory) -> Preference:
        """The preference over content factors that ratings from before speak for; see ``recollected``."""
        known = np.maximum(past.items, 0)
        worth = np.interp(past.stars, np.arange(1.0, 6.0), STAR_UTILITY[1:]) - self._prior[known]
        features = self.catalog.factors[known]
        return recollected(
            features, worth, past.items >= 0, variance=self.config.variance, noise=self.config.rating_noise
        )

    def stated_utility(
        self, wishes: npt.NDArray[np.float32], items: npt.NDArray[np.int32]
    ) -> npt.NDArray[np.float32]:
        """Population estimate of the utility of one item per row, from stated wishes and quality, (n,)."""
        match = (wishes * self.catalog.weighted_values[items]).sum(-1)
        return np.asarray(self.blend.wishes * match + self._prior[items], np.float32)


def remember_entity(dialogue: Dialogue, row: int, entity: int, sign: int) -> None:
    """Note a wish for (+1) or against (-1) a named person; the oldest makes room."""
    slots = dialogue.entities[row]
    same = np.flatnonzero(slots == entity)
    if len(same):
        dialogue.entity_signs[row, same[0]] = sign
        return
    free = np.flatnonzero(slots < 0)
    if not len(free):
        dialogue.entities[row, :-1] = dialogue.entities[row, 1:]
        dialogue.entity_signs[row, :-1] = dialogue.entity_signs[row, 1:]
    place = free[0] if len(free) else len(slots) - 1
    dialogue.entities[row, place] = entity
    dialogue.entity_signs[row, place] = sign
