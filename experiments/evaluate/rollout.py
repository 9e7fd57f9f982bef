"""Runs a policy on given people: the same seeds are the same people, whatever the policy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium.utils import seeding

from agents.base import LearnsOn, OraclePolicy, Policy, conversations, decision
from chatrec_env.core.kernel import State, Task, start_batch
from chatrec_env.core.records import take
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ConfigError
from chatrec_env.language.encoders import reads_transcripts
from experiments.cli.progress import Meter

STREAMS = {"train": 0, "eval": 1, "tune": 2, "policy": 3, "curve": 4, "final": 5, "log": 6, "truth": 7}
"""Named seed streams: the people of one never appear in another. Those of ``"final"`` are for published comparisons:
nothing, scenarios included, may be chosen by how they answer."""

BATCH = 500
"""People who talk at the same time."""

MOST_PEOPLE = 10_000_000
"""People a stream is asked for: what is noted of each has to fit into memory."""

COLUMNS = {
    "return": "ret",
    "clicks": "clicks",
    "rating": "stars",
    "questions": "questions",
    "turns": "turns",
    "left_unhappy": "left_unhappy",
}
"""Columns of a study's table, and the field of ``Episodes`` each is made of."""

CHUNK = 512
"""Sentences read between two reports."""


def people_seeds(stream: str, seed: int, n: int) -> list[int]:
    """Environment seeds of ``n`` people of a named stream.

    Raises:
        ConfigError: The seed is negative, or the people are more than ``MOST_PEOPLE``.
    """
    if seed < 0:
        raise ConfigError(f"seed must be 0 or more, got {seed}.")
    if n > MOST_PEOPLE:
        raise ConfigError(f"At most {MOST_PEOPLE:,} people can be met, got {n:,}. Ask for fewer.")
    sequence = np.random.SeedSequence(seed, spawn_key=(STREAMS[stream],))
    return [int(s) for s in sequence.generate_state(n, np.uint64) >> np.uint64(1)]


def final_people(seeds: Iterable[int], n: int) -> list[int]:
    """Environment seeds of the ``n`` people who are met after training with each of these seeds, in order."""
    return [person for seed in seeds for person in people_seeds("final", seed, n)]


def meet(task: Task, seeds: list[int]) -> State:
    """The people of these seeds, after their first words: what ``env.reset(seed=s)`` gives."""
    draws = np.stack([seeding.np_random(s)[0].random(task.n_draws) for s in seeds])
    return start_batch(task, draws)


def policy_draws(seeds: list[int], max_turns: int) -> npt.NDArray[np.float64]:
    """The policy's own uniforms with each person, (N, max_turns); apart from the people's."""
    key = (STREAMS["policy"],)
    sequences = [np.random.SeedSequence((0, s), spawn_key=key) for s in seeds]
    return np.stack([np.random.default_rng(sequence).random(max_turns) for sequence in sequences])


@dataclass(slots=True)
class Episodes:
    """One row per person, all ``(n,)``; undiscounted sums over the conversation."""

    seeds: npt.NDArray[np.uint64]
    ret: npt.NDArray[np.float64]  # return
    clicks: npt.NDArray[np.int64]  # accepted items
    stars: npt.NDArray[np.float64]  # mean rating of accepted items, NaN if none
    questions: npt.NDArray[np.int64]
    turns: npt.NDArray[np.int64]
    left_unhappy: npt.NDArray[np.bool_]  # walked out with negative satisfaction (from reveal())
    left: npt.NDArray[np.bool_]  # walked out
    success: npt.NDArray[np.bool_]  # accepted something they rated 4 or 5
    terms: dict[str, npt.NDArray[np.float64]]  # return by reward term


def run(task: Task, policy: Policy | OraclePolicy, seeds: list[int]) -> Episodes:
    """Hold one conversation with each person; see ``meet_people``."""
    return meet_people(task, policy, seeds, Meter(quiet=True), "")


def _run_together(task: Task, policy: Policy | OraclePolicy, seeds: list[int], *, learns: bool) -> Episodes:
    n, own = len(seeds), policy_draws(seeds, task.manager.max_turns)
    acted: list[Any] = []  # the decision and the actions of this turn, for a policy that learns on

    def act(rows: npt.NDArray[np.intp], state: State) -> npt.NDArray[np.int64]:
        if isinstance(policy, OraclePolicy):
            return policy.act_on(state)
        seen = decision(task, state)
        actions = policy.act(seen, own[rows, state.dialogue.turn])
        acted[:] = seen, actions
        return actions

    out = Episodes(
        seeds=np.array(seeds, np.uint64),
        ret=np.zeros(n),
        clicks=np.zeros(n, np.int64),
        stars=np.full(n, np.nan),
        questions=np.zeros(n, np.int64),
        turns=np.zeros(n, np.int64),
        left_unhappy=np.zeros(n, np.bool_),
        left=np.zeros(n, np.bool_),
        success=np.zeros(n, np.bool_),
        terms={name: np.zeros(n) for name in task.reward.names},
    )
    for rows, state, turn in conversations(task, meet(task, seeds), act):
        if learns:
            policy.learn_from(*acted, turn)  # type: ignore[union-attr]
        out.ret[rows] += turn.reward
        for name in turn.names:
            out.terms[name][rows] += turn.terms[name]
        done = turn.terminated | turn.truncated
        if done.any():
            d, who = state.dialogue, rows[done]
            out.clicks[who], out.turns[who] = d.clicks[done], d.turn[done]
            out.questions[who] = d.questions[done]
            some = d.clicks[done] > 0
            out.stars[who[some]] = d.stars[done][some] / d.clicks[done][some]
            out.success[who], out.left[who] = d.best[done] >= 4, turn.user.leave[done]
            # Only of those who are done: it works out the utility of every item.
            unhappy = task.users.reveal(take(state.people, np.flatnonzero(done)))["satisfaction"] < 0
            out.left_unhappy[who] = turn.user.leave[done] & unhappy
    return out


def meet_people(
    task: Task, policy: Policy | OraclePolicy, seeds: list[int], meter: Meter, label: str, size: int = BATCH
) -> Episodes:
    """Hold one conversation with each person, showing the progress.

    Args:
        task: The task.
        policy: Who decides; a copy of it, where it learns on from whom it meets.
        seeds: Environment seeds, one per person.
        meter: Shows the progress.
        label: What to call the work.
        size: People who talk at the same time.
    """
    parts = []
    learner = policy.learner() if isinstance(policy, LearnsOn) else None
    with meter.work(label, len(seeds), "people") as work:
        for start in range(0, len(seeds), size):
            part = _run_together(
                task, learner or policy, seeds[start : start + size], learns=learner is not None
            )
            parts.append(part)
            work.add(len(part.seeds), f"return {np.concatenate([p.ret for p in parts]).mean():.2f}")
    return join(parts)


def columns(episodes: Episodes) -> dict[str, list[float]]:
    """Conversations as plain JSON data: a list for each of ``COLUMNS``, person by person."""
    return {name: getattr(episodes, field).tolist() for name, field in COLUMNS.items()}


def column_mean(values: Any) -> float | None:
    """The mean of what is known of a column, None if nothing is: who accepts nothing rates nothing."""
    known = np.asarray(values, np.float64)
    known = known[~np.isnan(known)]
    return float(known.mean()) if known.size else None


def join(parts: list[Episodes]) -> Episodes:
    """Episodes of several batches as one."""
    first = parts[0]
    fields = {
        name: np.concatenate([getattr(p, name) for p in parts]) for name in first.__slots__ if name != "terms"
    }
    return Episodes(**fields, terms={k: np.concatenate([p.terms[k] for p in parts]) for k in first.terms})


def read_sentences(env: EnvConfig, meter: Meter, label: str = "") -> None:
    """Fill the sentence table of an environment.

    With the language model this takes about a minute the first time on a machine; then its vectors come from
    the cache on disk. With the hashing encoder, and with one
    of whole transcripts, nothing is read beforehand.
    """
    with meter.work(f"{label}Loading the catalogue and the sentence encoder"):
        table = make_task(env).manager.table
    if table.encoder.name.startswith(("hash", "none")) or reads_transcripts(table.encoder):
        return  # so fast that only what comes up is read, as it comes up; or not read sentence by sentence at all
    grammar = table.grammar
    ids = grammar.reachable_ids()
    lengths = np.array([len(grammar.text(int(i))) for i in ids])
    # Sentences of like lengths are encoded together: less padding.
    ids = ids[np.argsort(lengths, kind="stable")]
    with meter.work(
        f"{label}Reading {len(ids):,} sentences ({table.encoder.name})", len(ids), "sentences"
    ) as work:
        for start in range(0, len(ids), CHUNK):
            part = ids[start : start + CHUNK]
            table.preload(part)
            work.add(len(part))
