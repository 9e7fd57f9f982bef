"""Every column of the observation: named, bounded, and what its name says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from chatrec_env.core.columns import CANDIDATE_COLUMNS, CLIP
from chatrec_env.core.kernel import State, Task, observe_batch, start_batch, step_batch
from chatrec_env.core.observations import TABULAR_SIZES, ObservationLayout
from chatrec_env.core.state import ACCEPTED, ANSWERED, IGNORED, NO_ANSWER, Dialogue
from chatrec_env.core.user_simulator import USER_SENTENCES
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.language.acts import UserAct

Make = Callable[..., Task]
BLOCKS = ("conversation", "history", "belief", "candidates", "context", "budget")


def play(task: Task, n: int, seed: int = 0) -> Iterator[State]:
    """States of ``n`` conversations under random legal actions, until the last has ended."""
    rng = np.random.default_rng(seed)
    state = start_batch(task, rng.random((n, task.n_draws)))
    while len(state):
        yield state
        _, mask, _ = observe_batch(task, state)
        turn = step_batch(task, state, np.array([rng.choice(np.flatnonzero(row)) for row in mask]))
        state = state.take(np.flatnonzero(~(turn.terminated | turn.truncated)))


def observed(task: Task, dialogue: Dialogue) -> dict[str, float]:
    """One observation by column name."""
    flat = task.layout.make(dialogue, task.manager.view(dialogue))[0]
    return dict(zip(task.layout.columns(), flat.tolist(), strict=True))


@pytest.mark.parametrize("actions", ["items", "strategy"])
@pytest.mark.parametrize("n_candidates", [1, 2, 12])
def test_columns_are_as_many_as_there_are(task_of: Make, actions: str, n_candidates: int) -> None:
    task = task_of(actions=actions, n_candidates=n_candidates)
    layout, columns = task.layout, task.layout.columns()
    assert tuple(layout.slices) == tuple(b.name for b in layout.blocks) == BLOCKS
    assert len(columns) == len(set(columns)) == layout.width
    for name, part in layout.slices.items():
        assert {c.split("/")[0] for c in columns[part]} == {name}
        assert part.stop - part.start == sum(c.startswith(f"{name}/") for c in columns)
    state = next(play(task, 3))
    assert observe_batch(task, state)[0].shape == (3, layout.width)


def test_the_forms_hold_the_same(task_of: Make) -> None:
    flat, blocks = task_of(observation="flat"), task_of(observation="dict")
    state = next(play(flat, 4))
    whole = observe_batch(flat, state)[0]
    parts = blocks.layout.split(observe_batch(blocks, state)[0])
    np.testing.assert_array_equal(np.concatenate(list(parts.values()), axis=1), whole)
    assert {name: part.shape[1] for name, part in parts.items()} == {
        name: space.shape[0]
        for name, space in blocks.layout.make_space().spaces.items()  # type: ignore[attr-defined]
    }


def test_every_column_stays_in_bounds_and_most_of_them_move(task_of: Make) -> None:
    """Random play of 300 people; the columns that never moved are named, so that a dead one is noticed."""
    task = task_of(max_turns=12, scenario={"name": "full", "leave_base": -8.0})
    low, high = np.full(task.layout.width, np.inf), np.full(task.layout.width, -np.inf)
    for state in play(task, 300):
        out = observe_batch(task, state)[0]
        assert out.dtype == np.float32
        assert np.isfinite(out).all()
        low, high = np.minimum(low, out.min(0)), np.maximum(high, out.max(0))
    assert low.min() >= -CLIP
    assert high.max() <= CLIP
    still = {c for c, a, b in zip(task.layout.columns(), low, high, strict=True) if a == b}
    dead = {c for c in still if not c.startswith(("belief/wish", "candidates/"))}
    # Everybody opens with a genre, so there is never none known; praise is rare under random play.
    assert dead <= {
        "history/last turn: nothing yet",
        "history/said: more_like_that",
        "belief/answered: genre",
        "belief/no answer: genre",
    }
    empty = {f"candidates/{k}: {c}" for k in range(12) for c in ("present", "unwanted")} | {
        "candidates/0: gap"
    }
    assert {c for c in still if c.startswith("candidates/")} <= empty


def test_the_history_block_by_hand(task: Task) -> None:
    d = task.manager.open(1)
    d.clicks[0], d.stars[0], d.last_stars[0], d.outcome[0] = 3, 12, 2, IGNORED
    d.waiting[0], d.refusals[0] = 4, 2
    d.remarks[0] = (1 << UserAct.TOO) | (1 << UserAct.YES)
    d.preference.mean[0, :2] = 0.5, -20.0
    task.manager.retrieve(d)
    found = {k.removeprefix("history/"): v for k, v in observed(task, d).items() if k.startswith("history/")}
    moved = {name: value for name, value in found.items() if value != 0}
    assert moved == pytest.approx(
        {
            "clicks / 10": 0.3,
            "mean rating, (stars - 3) / 2": 0.5,
            "last rating, (stars - 3) / 2": -0.5,
            "last turn: suggestion ignored": 1.0,
            "turns since a click / 10": 0.4,
            "suggestions ignored in a row / 10": 0.2,
            "said: too": 1.0,
            "preference mean 0": 0.5,
            "preference mean 1": -8.0,
            "mean preference variance": task.manager.tracker.config.variance,
        }
    )


def test_the_belief_block_by_hand(task: Task) -> None:
    """A wish stated six times over leaves next to no entropy; nothing known leaves the prior's."""
    films, d = task.manager.catalog, task.manager.open(1)
    western, horror = films.value_index("genre", "western"), films.value_index("genre", "horror")
    d.wishes[0, western], d.wishes[0, horror] = 1.0, -1.5
    d.asked[0, 0], d.asked[0, 3] = 1, 6
    d.status[0, 0], d.status[0, 3] = ANSWERED, NO_ANSWER
    task.manager.retrieve(d)
    found = {k.removeprefix("belief/"): v for k, v in observed(task, d).items() if k.startswith("belief/")}
    assert found["wish: genre=western"] == 1.0
    assert found["wish: genre=horror"] == -1.5
    assert sum(v != 0 for k, v in found.items() if k.startswith("wish")) == 2
    assert {k: v for k, v in found.items() if k.startswith("times") and v} == pytest.approx(
        {"times asked / 3: genre": 1 / 3, "times asked / 3: era": 2.0}
    )
    assert {k for k, v in found.items() if k.startswith("answered") and v} == {"answered: genre"}
    assert {k for k, v in found.items() if k.startswith("no answer") and v} == {"no answer: era"}
    # Odds: shares of the catalogue (plus 1/1000), times e^4 for the wish and e^-6 for the dislike.
    share = films.values.mean(0, dtype=np.float64)[films.facet_slices[0]] + 1e-3
    odds = share * np.exp(4.0 * d.wishes[0, films.facet_slices[0]])
    p = odds / odds.sum()
    assert found["entropy: genre"] == pytest.approx(-(p * np.log(p)).sum() / np.log(len(p)), abs=1e-4)
    belief = task.manager.beliefs.belief(d)[0]
    np.testing.assert_allclose(belief[films.facet_slices[0]], p, rtol=1e-4)
    for part in films.facet_slices:
        assert belief[part].sum() == pytest.approx(1.0, abs=1e-5)


def test_the_candidates_block_by_hand(task: Task) -> None:
    """Each column of each candidate from the catalogue's own tables."""
    films, d = task.manager.catalog, task.manager.open(1)
    western, dark = films.value_index("genre", "western"), films.value_index("mood", "dark")
    d.wishes[0, western], d.wishes[0, dark] = 1.0, -1.5
    d.recent[0, films.value_index("genre", "drama")] = 0.85
    d.recent[0, films.value_index("language", "English")] = 1.0  # does not satiate, so it must not count
    d.slate[0, 0], d.waiting[0] = films.item_index("Heat"), 1
    d.shown[0, 0] = d.slate[0, 0]
    d.preference.mean[0, 3] = 0.5
    task.manager.retrieve(d)
    out = observed(task, d)
    sating = films.weighted_values * films.arrays.sating
    for k, item in enumerate(d.candidates[0]):
        found = [out[f"candidates/{k}: {c}"] for c in CANDIDATE_COLUMNS]
        expected = [
            1.0,
            d.scores[0, k] / 2,
            d.scores[0, 0] - d.scores[0, k],
            films.values[item, western] * 1.0 / 2,
            films.values[item, dark] * 1.5 * 0.75 / 2,
            0.5 * films.factors[item, 3],
            np.sqrt(task.manager.tracker.config.variance * (films.factors[item].astype(float) ** 2).sum()),
            (sating[item] * d.recent[0]).sum() / 2,
            ((sating[item] > 0) * sating[d.slate[0, 0]] * films.weighted_values[item]).sum() / 2,
            films.acclaim[item],
            films.popularity[item],
        ]
        assert found == pytest.approx(expected, abs=1e-5), (k, films.titles[item])


def test_an_empty_place_is_all_zero(task: Task) -> None:
    d = task.manager.open(1)
    left = [3, 30, 300]
    gone = np.setdiff1d(np.arange(task.manager.catalog.n_items), left)
    d = d._replace(shown=gone[None].astype(np.int32))
    task.manager.retrieve(d)
    out = observed(task, d)
    assert sum(out[f"candidates/{k}: present"] for k in range(12)) == 3
    for k in range(3, 12):
        assert not any(out[f"candidates/{k}: {c}"] for c in CANDIDATE_COLUMNS)


def test_context_and_budget_by_hand(task: Task) -> None:
    d = task.manager.open(1)
    task.manager.retrieve(d)
    assert observed(task, d)["context/unknown"] == 1.0
    names = [c.name for c in task.manager.catalog.contexts]
    d.context[0], d.turn[0], d.questions[0] = names.index("kids"), 5, 3
    out = observed(task, d)
    assert {k for k, v in out.items() if k.startswith("context/") and v} == {"context/kids"}
    d.situational_context[0] = 3, 0
    seen = {"context/kids", "context/time: night", "context/device: phone"}
    assert {k for k, v in observed(task, d).items() if k.startswith("context/") and v} == seen
    assert out["budget/turns left"] == pytest.approx(1 - 5 / 20)
    assert out["budget/questions / 10"] == pytest.approx(0.3)


def reencoded(task: Task, turns: list[tuple[list[str], list[str]]]) -> tuple[Any, Any]:
    """The conversation block from nothing but what was said, and the encoder."""
    encoder, keep = task.manager.table.encoder, 0.6
    texts = list(dict.fromkeys(text for turn in turns for side in turn for text in side))
    vectors = dict(zip(texts, encoder.encode(texts), strict=True))
    both = np.zeros((2, encoder.dim))
    for turn in turns:
        for out, side in zip(both, turn, strict=True):
            if side:
                out[:] = keep * out + (1 - keep) * np.mean([vectors[text] for text in side], axis=0)
    return both[0], both[1]


def transcript(task: Task, state: State, row: int) -> list[tuple[list[str], list[str]]]:
    """What the person and the system said, turn by turn, sentence by sentence."""
    text, d = task.manager.table.text, state.dialogue
    turns = d.transcript[row, : int(d.turn[row]) + 1].tolist()
    said = [[text(i) for i in ids[-USER_SENTENCES:] if i >= 0] for ids in turns]
    heard = [[text(i) for i in ids[:-USER_SENTENCES] if i >= 0] for ids in turns]
    return list(zip(said, heard, strict=True))


@pytest.mark.parametrize(
    ("encoder", "people", "turns"),
    [pytest.param("hash", 12, 9, id="hash"), pytest.param("minilm", 1, 3, id="minilm")],
)
def test_the_conversation_block_is_the_transcript_encoded(encoder: str, people: int, turns: int) -> None:
    """The language model's state is the language model's: encode the text again, find the same vectors."""
    task = make_task(
        EnvConfig(encoder=encoder, max_turns=turns, scenario={"name": "full", "leave_base": -20})
    )
    dim, compared = task.manager.table.encoder.dim, 0
    for state in play(task, people):
        out = observe_batch(task, state)[0]
        for row in range(0, len(state), 3):
            said, heard = reencoded(task, transcript(task, state, row))
            np.testing.assert_allclose(out[row, :dim], said, atol=2e-6)
            np.testing.assert_allclose(out[row, dim : 2 * dim], heard, atol=2e-6)
            compared += 1
    assert compared >= turns


TABLE = {
    # known facets, outcome, waiting, overlap, score -> digits
    "fresh": ((0, 0, 0, 0.0, 0.0), (0, 0, 0, 0, 0)),
    "some-known": ((2, IGNORED, 2, 0.8, 1.0), (2, 1, 2, 1, 1)),
    "all-capped": ((8, ACCEPTED, 9, 2.0, 2.5), (3, 2, 3, 2, 2)),
    "just-below": ((1, ACCEPTED, 1, 0.74, 2.49), (1, 2, 1, 0, 1)),
}


@pytest.mark.parametrize(("features", "digits"), TABLE.values(), ids=TABLE)
def test_the_tabular_state_by_hand(
    task: Task, features: tuple[int, int, int, float, float], digits: tuple[int, ...]
) -> None:
    known, outcome, waiting, overlap, score = features
    d = task.manager.open(1)
    task.manager.retrieve(d)
    d.status[0, :known] = ANSWERED
    d.outcome[0], d.waiting[0], d.scores[0, 0] = outcome, waiting, score
    view = task.manager.view(d)
    view.overlap[0, 0] = overlap
    layout = ObservationLayout(task.manager, "tabular")
    assert layout.make(d, view).tolist() == [int(np.ravel_multi_index(digits, TABULAR_SIZES))]
    assert layout.make_space().n == int(np.prod(TABULAR_SIZES))  # type: ignore[attr-defined]


def test_the_tabular_state_stays_in_the_table(task_of: Make) -> None:
    task = task_of(actions="strategy", observation="tabular")
    seen: set[int] = set()
    for state in play(task, 200):
        seen |= set(observe_batch(task, state)[0].tolist())
    assert 0 <= min(seen) <= max(seen) < np.prod(TABULAR_SIZES)
    assert len(seen) > 50
