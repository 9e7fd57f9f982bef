"""What a model thinks of an item: read backwards, or asked for and checked, and put on the scale of ratings."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from chatrec_env.catalog import Catalog
from chatrec_env.errors import ConfigError
from simulators.llm import judges as module
from simulators.llm.backends.base import ScoreRequest
from simulators.llm.errors import BackendError
from simulators.llm.judges import STAR_APPEAL, AskingJudge, ReverseJudge, parse_stars
from simulators.llm.personas import Persona, make_persona
from simulators.llm.scale import Scale, fit_scale
from simulators.llm.users import LLMUsers
from simulators.scripted.choice import RATING_CUTS

PERSONA = Persona((), (), (), "speaks plainly", "relaxed", "", 3)


Worth = tuple[tuple[str, str, float], ...]


def taste(films: Catalog, likes: Worth, dislikes: Worth = ()) -> Persona:
    up, down = (tuple((films.value_index(f, v), w) for f, v, w in part) for part in (likes, dislikes))
    return replace(PERSONA, likes=up, dislikes=down)


def test_the_score_by_hand(
    films: Catalog, people: Callable[..., LLMUsers], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two tastes, one liked twice as much as the other is disliked; two reference items."""
    monkeypatch.setattr(module, "REFERENCES", 2)
    judge = ReverseJudge(films, people().backend)
    assert judge.references == (0, films.n_items - 1)
    persona = taste(films, (("genre", "comedy", 1.0),), (("genre", "horror", -0.5),))
    (like, _), (dislike, _) = persona.likes[0], persona.dislikes[0]
    item = next(
        i for i in range(1, films.n_items - 1) if films.values[i, like] and not films.values[i, dislike]
    )
    judge.judge([persona], [[item]], [0])
    known = {key: reply.score for key, reply in judge._known.items()}
    up = known[item, like] - (known[0, like] + known[films.n_items - 1, like]) / 2
    down = known[item, dislike] - (known[0, dislike] + known[films.n_items - 1, dislike]) / 2
    assert judge.lift(item, like) == pytest.approx(up)
    judge.scale = Scale(steepness=1.0, middle=0.0, slope=1.0, shift=0.0)
    chances = [1 / (1 + np.exp(-x)) for x in (up, down)]
    score = judge.score([*persona.likes, *persona.dislikes], item)
    assert score == pytest.approx(chances[0] - 0.5 * chances[1])
    assert judge.score([], item) == 0.0


def test_an_item_that_is_liked_is_judged_better(films: Catalog, people: Callable[..., LLMUsers]) -> None:
    judge = ReverseJudge(films, people().backend)
    persona = taste(
        films, (("genre", "western", 1.0), ("theme", "heists", 0.75)), (("genre", "musical", -1.0),)
    )
    western, musical = (films.value_index("genre", g) for g in ("western", "musical"))
    liked = np.flatnonzero((films.values[:, western] > 0) & (films.values[:, musical] == 0))[:5].tolist()
    disliked = np.flatnonzero((films.values[:, musical] > 0) & (films.values[:, western] == 0))[:5].tolist()
    (verdict,) = judge.judge([persona], [[*liked, *disliked]], [0])
    assert verdict.appeal is not None
    assert min(verdict.appeal[:5]) > max(verdict.appeal[5:])
    assert verdict.bill.calls == 30


def test_a_pair_is_scored_once(films: Catalog, people: Callable[..., LLMUsers], rules: Any) -> None:
    judge = ReverseJudge(films, people().backend)
    persona = taste(films, (("genre", "western", 1.0),))
    first = judge.judge([persona], [[3, 4]], [0])
    asked = len(rules.asked)
    assert asked == 2 + len(judge.references)
    assert judge.judge([persona, persona], [[4, 3], [3]], [1, 2])[1].appeal == first[0].appeal[:1]  # type: ignore[index]
    twin = pickle.loads(pickle.dumps(replace_backend(judge)))
    assert twin.judge([persona], [[3, 4]], [5])[0] == first[0]
    assert len(rules.asked) == asked


def replace_backend(judge: ReverseJudge) -> ReverseJudge:
    judge.backend.backend = None  # the twin has the recording alone
    return judge


def test_limits_are_never_asked_of_the_model(
    films: Catalog, people: Callable[..., LLMUsers], rules: Any
) -> None:
    value = films.value_index("genre", "horror")
    persona = replace(
        taste(films, (("genre", "comedy", 1.0),), (("genre", "horror", -2.0),)), limits=(value,)
    )
    ReverseJudge(films, people().backend).judge([persona], [[5]], [0])
    assert rules.asked
    assert not any(isinstance(r, ScoreRequest) and "horror" in r.continuation for r in rules.asked)


def test_a_model_that_cannot_score_stops_the_run(
    films: Catalog, people: Callable[..., LLMUsers], rules: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from simulators.llm.backends.base import Failure

    monkeypatch.setattr(rules, "answer", lambda requests: [Failure("out of memory") for _ in requests])
    with pytest.raises(BackendError, match=r"out of memory.*recorded"):
        ReverseJudge(films, people().backend).judge([taste(films, (("genre", "war", 1.0),))], [[1]], [0])


@pytest.mark.parametrize(
    ("text", "stars"),
    [
        pytest.param('{"stars": [4, 1]}', [4, 1], id="plain"),
        pytest.param('Sure!\n```json\n{"stars": [4, 1]}\n```', [4, 1], id="fenced"),
        pytest.param('{"stars": [4]}', None, id="too-few"),
        pytest.param('{"stars": [4, 1, 2]}', None, id="too-many"),
        pytest.param('{"stars": [4, 6]}', None, id="range"),
        pytest.param('{"stars": [4, 1.5]}', None, id="fraction"),
        pytest.param('{"stars": [4, true]}', None, id="boolean"),
        pytest.param('{"stars": ["4", 1]}', None, id="text"),
        pytest.param('{"stars": 4}', None, id="number"),
        pytest.param('{"stars": [4, 1], "note": "hi"}', None, id="extra"),
        pytest.param('{"stars": [4, 1]} {"stars": [5, 5]}', None, id="two"),
        pytest.param("[4, 1]", None, id="list"),
        pytest.param("4 and 1", None, id="words"),
        pytest.param("", None, id="empty"),
        pytest.param("{" * 5000, None, id="deep"),
    ],
)
def test_only_exactly_what_was_asked_for_counts(text: str, stars: list[int] | None) -> None:
    assert parse_stars(text, 2) == stars


def test_asking_again(films: Catalog, people: Callable[..., LLMUsers], rules: Any) -> None:
    replies = iter(["no idea", '{"stars": [9]}', '{"stars": [2]}'])
    rules.speak = lambda request: next(replies)
    (verdict,) = AskingJudge(films, people().backend, retries=2).judge([PERSONA], [[7]], [3])
    assert verdict.appeal == [STAR_APPEAL[1]]
    assert (verdict.bill.calls, verdict.bill.invalid) == (3, 2)


def test_stars_lie_between_the_cut_points_of_real_ratings() -> None:
    edges = [-np.inf, *RATING_CUTS, np.inf]
    assert [int(np.searchsorted(RATING_CUTS, a)) for a in STAR_APPEAL] == [0, 1, 2, 3, 4]
    assert all(low < a < high for low, a, high in zip(edges, STAR_APPEAL, edges[1:], strict=False))


def test_a_lift_is_read_as_a_chance() -> None:
    scale = Scale(steepness=2.0, middle=1.0, slope=1.5, shift=-0.5)
    half, most = 0.5, 1 / (1 + np.exp(-4.0))
    match = scale.match(np.array([2.0, -1.0]), np.array([[1.0, 3.0], [3.0, 1.0]]))
    assert np.allclose(match, [2 * half - most, 2 * most - half])
    assert np.allclose(scale.appeal(match), 1.5 * match - 0.5)


def crowd(seed: int, noise: float, n: int = 200) -> tuple[Any, Any, Any, Any]:
    """``worth, lift, rest, appeal`` of people whose items have a taste or not, as a model with noise tells."""
    rng = np.random.default_rng(seed)
    worth = rng.choice([-1.0, 1.0, 2.0], (n, 3))
    has = rng.random((n, 12, 3)) < 0.3
    lift = 3.0 * has + noise * rng.normal(size=has.shape)
    rest = 0.3 * rng.normal(size=(n, 12)) - 1.0
    return worth, lift, rest, 1.5 * (worth[:, None, :] * has).sum(-1) + rest - 0.5


def gap(appeal: Any, true: Any) -> float:
    """Chance of accepting the best third of the items, less that of the others."""
    good = true >= np.quantile(true, 2 / 3, axis=1, keepdims=True)
    chance = 1 / (1 + np.exp(-appeal))
    return float(chance[good].mean() - chance[~good].mean())


def test_fitting_recovers_a_known_scale() -> None:
    scale = fit_scale(*crowd(0, 0.01))
    assert scale.slope == pytest.approx(1.5, abs=0.02)
    assert scale.shift == pytest.approx(-0.5, abs=0.02)
    worth, lift, rest, appeal = crowd(1, 0.01)
    told = scale.appeal(scale.match(worth[:, None, :], lift)) + rest
    assert np.allclose(told, appeal, atol=0.05)


def test_a_model_that_errs_makes_people_as_choosy_as_one_that_does_not() -> None:
    """Other people than it was fitted to: their spread and acceptance are right, and they tell good from bad."""
    scale = fit_scale(*crowd(0, 1.5))
    worth, lift, rest, appeal = crowd(1, 1.5)
    told = scale.appeal(scale.match(worth[:, None, :], lift)) + rest
    assert told.std(1).mean() == pytest.approx(appeal.std(1).mean(), rel=0.1)
    chance, wanted = (float((1 / (1 + np.exp(-a))).mean()) for a in (told, appeal))
    assert chance == pytest.approx(wanted, abs=0.03)
    forecast = replace(scale, slope=0.5 * scale.slope)  # what a forecast's slope would be like
    assert gap(told, appeal) > gap(forecast.appeal(forecast.match(worth[:, None, :], lift)) + rest, appeal)
    assert 0.5 * gap(appeal, appeal) < gap(told, appeal) < gap(appeal, appeal)


def test_bad_scales_are_refused() -> None:
    with pytest.raises(ConfigError, match="steepness > 0 and a slope >= 0"):
        Scale(steepness=1.0, middle=0.0, slope=-1.0, shift=0.0)
    with pytest.raises(ConfigError, match="at least 20 judgements"):
        fit_scale(np.ones((2, 3)), np.zeros((2, 5, 3)), np.zeros((2, 5)), np.zeros((2, 5)))
    worth, lift, rest, appeal = crowd(0, 1.0, 20)
    with pytest.raises(ConfigError, match="do not vary between items"):
        fit_scale(worth, np.zeros_like(lift), rest, appeal)


def test_the_threshold_is_the_persons_own(films: Catalog, people: Callable[..., LLMUsers]) -> None:
    judge = ReverseJudge(films, people().backend)
    persona = taste(films, (("genre", "western", 1.0),))
    easy, picky = judge.judge([persona, replace(persona, threshold=2.0)], [[3, 4]] * 2, [0, 0])
    assert easy.appeal is not None
    assert picky.appeal == [a - 2.0 for a in easy.appeal]


def test_personas_follow_the_profile(people: Callable[..., LLMUsers], films: Catalog) -> None:
    users = people(mode="words")
    some, _ = users.start(np.random.default_rng(5).random((12, users.profile_draws)))
    for row in range(12):
        persona = make_persona(films, some.person, row)
        assert {v for v, _ in persona.likes} & set(np.flatnonzero(some.person.wanted[row]).tolist())
        assert set(persona.limits) <= set(np.flatnonzero(some.person.unwanted[row]).tolist())
        assert not {v for v, _ in persona.likes} & set(persona.limits)
        worth = [w for _, w in persona.likes]
        assert worth == sorted(worth, reverse=True)
        told = persona.describe(films)
        assert all(films.value_plurals[v] in told for v, _ in persona.likes)
    some.person.satisfaction[:] = -0.9
    assert "annoyed" in make_persona(films, some.person, 0).describe(films)
