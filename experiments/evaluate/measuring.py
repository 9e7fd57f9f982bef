"""Holds conversations and measures each of them; see ``measures``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from agents.base import OraclePolicy, Policy, conversations, decision
from chatrec_env.core.kernel import State, Task, Turn
from chatrec_env.core.records import take
from chatrec_env.errors import ConfigError
from experiments.cli.progress import Meter
from experiments.evaluate.measures import BEST, MEASURES, divergence, diversity, grades, ndcg
from experiments.evaluate.rollout import BATCH, meet, policy_draws

Float = npt.NDArray[np.float64]

LATENT = ("threshold", "patience", "satisfaction", "visits", "wanted", "unwanted", "utility")
"""What users have to reveal to be measured."""


FEWEST = 20
"""People a segment needs to be in the table."""


@dataclass(slots=True)
class Measured:
    """What one policy did to n people.

    Attributes:
        seeds: Environment seeds of the people, (n,).
        columns: One value a person for each of ``MEASURES``, (n,) each, NaN where there is nothing to count.
        traits: What the people were like on arrival, (n,) each: ``threshold``, ``patience``, ``context`` (index, -1 for
            none) and ``history`` (ratings from before).
        shown: How often each item was shown, (I,).
    """

    seeds: npt.NDArray[np.uint64]
    columns: dict[str, Float]
    traits: dict[str, Float]
    shown: npt.NDArray[np.int64]

    @property
    def coverage(self) -> float:
        """Share of the catalogue that was shown to anybody."""
        return float((self.shown > 0).mean())


def check_measurable(task: Task) -> None:
    """See that the users reveal what the measures need.

    Raises:
        ConfigError: Names what they lack.
    """
    people = meet(task, [0]).people
    lacking = [name for name in LATENT if name not in task.users.reveal(people)]
    if lacking:
        raise ConfigError(
            f"These users ({task.users.name}) do not reveal {', '.join(lacking)}, which the measures need. "
            "`chatrec evaluate` asks for less."
        )


def measure(
    task: Task,
    policy: Policy | OraclePolicy,
    seeds: list[int],
    meter: Meter,
    label: str,
    *,
    by_turn: int = 5,
    size: int = BATCH,
) -> Measured:
    """Hold one conversation with each person and measure it.

    Args:
        task: The task.
        policy: Who decides.
        seeds: Environment seeds, one per person.
        meter: Shows the progress.
        label: What to call the work.
        by_turn: T of "success by turn T".
        size: People who talk at the same time.
    """
    parts = []
    with meter.work(label, len(seeds), "people") as work:
        for start in range(0, len(seeds), size):
            part = _Batch(task, policy, seeds[start : start + size], by_turn).hold()
            parts.append(part)
            returns = np.concatenate([p.columns["return"] for p in parts])
            work.add(len(part.seeds), f"return {returns.mean():.2f}")
    return join(parts)


def join(parts: list[Measured]) -> Measured:
    """Several batches as one."""
    return Measured(
        np.concatenate([p.seeds for p in parts]),
        {name: np.concatenate([p.columns[name] for p in parts]) for name in parts[0].columns},
        {name: np.concatenate([p.traits[name] for p in parts]) for name in parts[0].traits},
        np.sum([p.shown for p in parts], axis=0),
    )


class _Batch:
    """Conversations held side by side, and what is noted of each."""

    def __init__(self, task: Task, policy: Policy | OraclePolicy, seeds: list[int], by_turn: int) -> None:
        n, catalog = len(seeds), task.manager.catalog
        self.task, self.policy, self.seeds, self.by_turn = task, policy, seeds, by_turn
        self.state = meet(task, seeds)
        self.own = policy_draws(seeds, task.manager.max_turns)
        latent = task.users.reveal(self.state.people)
        self.threshold = np.asarray(latent["threshold"], np.float64)
        self.grade = grades(latent["utility"], self.threshold)
        self.favourites = np.argsort(-self.grade, 1, kind="stable")[:, :BEST]
        self.columns = {m.key: np.full(n, np.nan) for m in MEASURES}
        for key in ("return", "success", "left_unhappy"):
            self.columns[key][:] = 0.0
        dialogue = self.state.dialogue
        self.traits = {
            "threshold": self.threshold.copy(),
            "patience": np.asarray(latent["patience"], np.float64).copy(),
            "context": dialogue.context.astype(np.float64),
            "history": dialogue.rating_history.counts.astype(np.float64),
        }
        # Sums over the items shown, and over the turns with any.
        self.items, self.liked, self.again, self.against = np.zeros((4, n))
        self.gaps, self.offers = np.zeros((2, n))
        # Sums over the questions, and over the reasons given.
        self.asked_again, self.reasons, self.false_reasons = np.zeros((3, n))
        self.asked = np.zeros((n, catalog.n_facets + catalog.n_values), np.bool_)
        self.seen = np.zeros((n, catalog.n_items), np.bool_)
        self.shown = np.zeros(catalog.n_items, np.int64)
        self.utility = np.empty((0, 0))

    def hold(self) -> Measured:
        """Hold the conversations to their ends."""
        for rows, state, turn in conversations(self.task, self.state, self._act):
            self.columns["return"][rows] += turn.reward
            self._look(rows, turn)
            self._listen(rows, turn)
            d = state.dialogue
            early = d.turn <= self.by_turn
            self.columns["success"][rows[early]] = d.best[early] >= 4
            done = np.flatnonzero(turn.terminated | turn.truncated)
            if len(done):
                self._close(rows[done], done, state, turn)
        return Measured(np.array(self.seeds, np.uint64), self.columns, self.traits, self.shown)

    def _act(self, rows: npt.NDArray[np.intp], state: State) -> npt.NDArray[np.int64]:
        """Decide, and remember what is worth what, and what was turned down, before anything is shown."""
        self.utility = self.task.users.reveal(state.people)["utility"]
        d = state.dialogue
        self.unwanted = (d.wishes < 0) & d.memory.stated
        if isinstance(self.policy, OraclePolicy):
            return self.policy.act_on(state)
        return self.policy.act(decision(self.task, state), self.own[rows, d.turn])

    def _look(self, rows: npt.NDArray[np.intp], turn: Turn) -> None:
        """Note what was shown in a turn."""
        slate = turn.system.slate
        best_shown = np.full(len(rows), -np.inf)
        offered = (slate >= 0).any(1)
        best = np.where(self.seen[rows], -np.inf, self.utility).max(1)
        values = self.task.manager.catalog.values
        for place in range(slate.shape[1]):
            here = np.flatnonzero(slate[:, place] >= 0)
            who, item = rows[here], slate[here, place]
            worth = self.utility[here, item]
            best_shown[here] = np.maximum(best_shown[here], worth)
            self.items[who] += 1
            self.liked[who] += worth >= self.threshold[who]
            self.again[who] += self.seen[who, item]
            self.against[who] += (self.unwanted[here] & (values[item] > 0)).any(1)
            self.seen[who, item] = True
            np.add.at(self.shown, item, 1)
        some = offered & np.isfinite(best)
        self.gaps[rows[some]] += np.maximum(best[some] - best_shown[some], 0.0)
        self.offers[rows[some]] += 1

    def _listen(self, rows: npt.NDArray[np.intp], turn: Turn) -> None:
        """Note what was asked in a turn, and the reasons given."""
        facet, value, reason = turn.system.facet, turn.system.value, turn.system.reason
        for which, offset in ((facet, 0), (value, self.task.manager.catalog.n_facets)):
            here = np.flatnonzero(which >= 0)
            who, question = rows[here], which[here] + offset
            self.asked_again[who] += self.asked[who, question]
            self.asked[who, question] = True
        here = np.flatnonzero(reason >= 0)
        self.reasons[rows[here]] += 1
        self.false_reasons[rows[here]] += self.unwanted[here, reason[here]]

    def _close(self, who: npt.NDArray[np.intp], at: npt.NDArray[np.intp], state: State, turn: Turn) -> None:
        """Work out the measures of conversations that ended; ``at`` are their rows in the state, ``who`` in all."""
        d, columns, catalog = state.dialogue, self.columns, self.task.manager.catalog
        latent = self.task.users.reveal(take(state.people, at))
        clicks, turns, items = d.clicks[at].astype(np.float64), d.turn[at].astype(np.float64), self.items[who]
        columns["clicks"][who], columns["turns"][who], columns["questions"][who] = (
            clicks,
            turns,
            d.questions[at],
        )
        columns["return_per_turn"][who] = columns["return"][who] / turns
        columns["conversion"][who] = clicks > 0
        columns["rating"][who] = _over(d.stars[at].astype(np.float64), clicks)
        columns["satisfaction"][who] = latent["satisfaction"]
        columns["left_unhappy"][who] = turn.user.leave[at] & (latent["satisfaction"] < 0)
        columns["returns"][who] = latent["visits"] - 1.0
        wanted, unwanted = latent["wanted"].astype(bool), latent["unwanted"].astype(bool)
        known = (wanted & (d.wishes[at] > 0)) | (unwanted & (d.wishes[at] < 0))
        columns["elicited"][who] = _over(known.sum(1), (wanted | unwanted).sum(1))
        for key, total in (
            ("ctr", clicks),
            ("precision", self.liked[who]),
            ("repeated", self.again[who]),
            ("contradicted", self.against[who]),
        ):
            columns[key][who] = _over(total, items)
        columns["asked_again"][who] = _over(self.asked_again[who], columns["questions"][who])
        columns["false_reasons"][who] = _over(self.false_reasons[who], self.reasons[who])
        columns["regret"][who] = _over(self.gaps[who], self.offers[who])
        columns["recall"][who] = np.take_along_axis(self.seen[who], self.favourites[who], 1).mean(1)
        chance = (catalog.popularity + 1 / 16) / (catalog.popularity + 1 / 16).sum()
        for person, row in zip(who, at, strict=True):
            shown = d.shown[row][d.shown[row] >= 0].astype(np.intp)
            favourites = self.favourites[person]
            columns["ndcg"][person] = ndcg(shown, self.grade[person])
            columns["diversity"][person] = diversity(catalog.values[shown])
            columns["miscalibration"][person] = divergence(
                catalog.weighted_values[favourites], catalog.weighted_values[shown]
            )
            if len(shown):
                columns["novelty"][person] = -np.log2(chance[shown]).mean()
                columns["popularity_bias"][person] = (
                    catalog.popularity[shown].mean() - catalog.popularity[favourites].mean()
                )


def _over(part: npt.NDArray[Any], whole: npt.NDArray[Any]) -> Float:
    """``part / whole``, NaN where the whole is 0."""
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)


def segments(traits: dict[str, Float], contexts: Sequence[str]) -> dict[str, npt.NDArray[np.bool_]]:
    """Who belongs to which segment, (n,) each; thirds of pickiness and patience, company, and known past.

    Args:
        traits: Of ``Measured``.
        contexts: Names of the companies people come in.
    """
    out: dict[str, npt.NDArray[np.bool_]] = {}
    for trait, high, low in (("threshold", "picky", "easy to please"), ("patience", "patient", "impatient")):
        values = traits[trait]
        third, two = np.quantile(values, (1 / 3, 2 / 3))
        if third < two:
            out[low], out[high] = values <= third, values > two
    history = traits["history"]
    if history.any():
        median = np.median(history[history > 0])
        out["cold"], out["heavy past"] = history == 0, history > median
    for i, name in enumerate(contexts):
        out[name] = traits["context"] == i
    out["no company named"] = traits["context"] < 0
    return {name: rows for name, rows in out.items() if FEWEST <= rows.sum() < len(rows)}
