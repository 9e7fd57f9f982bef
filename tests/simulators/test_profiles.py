"""Who people are: drawn as described, the same from the same draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtri

from chatrec_env.catalog import Catalog
from simulators.scripted.goals import MAX_WANTED
from simulators.scripted.profiles import cut, on_grid
from simulators.scripted.sentences import STYLE_MIX
from simulators.scripted.situation import draw_setting, peel, settings_of
from simulators.tastes import HIGHEST, LOWEST
from simulators.uniforms import TAIL, normals_of

Crowd = Callable[..., Any]


@pytest.mark.parametrize("name", ["full", "null"])
def test_the_same_draws_are_the_same_people_in_any_batch(crowd: Crowd, name: str) -> None:
    users, people, opening = crowd(40, name)
    draws = np.random.default_rng(0).random((40, users.profile_draws))
    for i in (0, 17, 39):
        alone, said = users.start(draws[i : i + 1])
        np.testing.assert_array_equal(said[0], opening[i])
        for mine, theirs in zip(alone, people, strict=True):
            np.testing.assert_array_equal(mine[0], theirs[i])


@pytest.mark.parametrize("interests", [1, 2, 3, 4])
def test_goals_can_be_met(crowd: Crowd, films: Catalog, interests: int) -> None:
    """Each interest names at most three values, and a wanted value is never unwanted."""
    _, people, _ = crowd(500, interests=interests, contexts=0.0)
    wanted = people.wanted.sum(1)
    assert (wanted >= 1).all()
    assert wanted.max() <= MAX_WANTED * interests
    assert not (people.wanted & people.unwanted).any()
    assert people.wanted[:, films.facet_slices[0]].any(1).all()
    if interests == 1:
        some = films.values @ people.wanted.T.astype(np.float32)  # (I, N)
        assert (some.max(0) == wanted).all()  # a real item has them all
    share = people.unwanted.any(1).mean()
    assert share <= 0.66


def test_company_brings_its_wishes(crowd: Crowd, films: Catalog) -> None:
    _, people, _ = crowd(2000, contexts=0.5)
    company = people.context >= 0
    assert 0.3 < company.mean() < 0.55  # less those whose goal the company would rule out
    wishes = films.context_wishes[people.context[company]]
    assert people.wanted[company][wishes > 0].all()
    assert not people.wanted[~company & ~people.wanted.any(1)].any()
    _, alone, _ = crowd(200, contexts=0.0)
    assert (alone.context == -1).all()


def test_desire_by_hand(crowd: Crowd) -> None:
    """Without tastes: goal size on wanted values, goal weight times avoid weight off the unwanted."""
    _, people, _ = crowd(300, taste_scale=0.0, goal_spread=0.0, goal_weight=1.25, avoid_weight=1.5)
    expected = 1.25 * people.wanted - 1.875 * people.unwanted
    np.testing.assert_array_equal(people.desire, expected.astype(np.float32))


def test_tastes_have_the_scale_asked_for_and_lie_on_the_grid(crowd: Crowd) -> None:
    _, people, _ = crowd(2000, goal_weight=0.0, taste_scale=0.5, factor_scale=0.75, goal_spread=0.0)
    assert people.desire.std() == pytest.approx(0.5, rel=0.02)
    assert people.factor_taste.std() == pytest.approx(0.75, rel=0.02)
    for tastes in (people.desire, people.factor_taste):
        np.testing.assert_array_equal(tastes * 64, np.rint(tastes * 64))
        assert tastes.dtype == np.float32


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("talkative", 0, 1), ("knows", 0, 1), ("familiarity", 0, 1), ("trust", 0, 1), ("patience", 0, 50)],
)
def test_traits_stay_in_range(crowd: Crowd, name: str, low: float, high: float) -> None:
    _, people, _ = crowd(2000)
    values = getattr(people, name)
    assert values.min() >= low
    assert values.max() <= high


def test_everybody_starts_fresh(crowd: Crowd) -> None:
    _, people, _ = crowd(50)
    for name in ("satiation", "satisfaction", "waiting", "questions", "complained"):
        assert not getattr(people, name).any()


def test_settings_come_by_their_shares_and_shape_the_goal_of_some(crowd: Crowd, films: Catalog) -> None:
    _, plain, _ = crowd(6000, contexts=0.0)
    _, people, _ = crowd(6000, contexts=0.0, settings=0.7)
    np.testing.assert_array_equal(people.setting, plain.setting)  # the same people, some with a wish more
    for column, entries in enumerate((films.times, films.devices)):
        found = np.bincount(people.setting[:, column], minlength=len(entries)) / 6000
        np.testing.assert_allclose(found, [entry.share for entry in entries], atol=0.025)
    assert abs(np.corrcoef(people.setting.T)[0, 1]) < 0.05
    short = films.value_index("length", "short")
    for kind, share in (("phone", 0.7), ("tv", 0.0)):
        mine = people.setting[:, 1] == [d.name for d in films.devices].index(kind)
        free = mine & ~plain.wanted[:, short] & ~plain.unwanted[:, short]
        assert abs(people.wanted[free, short].mean() - share) < 0.05
    assert not (people.wanted & people.unwanted).any()


def test_without_settings_the_hour_means_nothing(crowd: Crowd, films: Catalog) -> None:
    _, people, _ = crowd(8000, contexts=0.0, settings=0.0)
    short = films.value_index("length", "short")
    rates = [people.wanted[people.setting[:, 1] == d, short].mean() for d in range(len(films.devices))]
    assert max(rates) - min(rates) < 0.03


def test_a_catalogue_without_settings_has_none(films: Catalog) -> None:
    bare = replace(films.declaration, times=(), devices=films.devices)
    settings = settings_of(replace(films, declaration=bare))
    for uniform, device in ((0.0, 0), (0.5, 2), (0.999, 3)):
        found, implied = np.empty(2, np.int8), np.empty(films.n_values, np.int8)
        draw_setting(settings, uniform, 1.0, found, implied)
        assert found.tolist() == [-1, device]
        np.testing.assert_array_equal(implied, films.device_wishes[device])


def test_a_uniform_is_peeled_into_independent_ones() -> None:
    edges = np.array([0.2, 0.5, 0.5, 1.0])
    found = [peel(edges, uniform) for uniform in (0.0, 0.1, 0.2, 0.5, 0.75, np.nextafter(1.0, 0.0))]
    assert [which for which, _ in found] == [0, 0, 1, 3, 3, 3]
    assert [place for _, place in found] == pytest.approx([0, 0.5, 0, 0, 0.5, 1])
    assert found[-1][1] < 1


def test_null_people_differ_in_their_goal_alone(crowd: Crowd) -> None:
    _, people, _ = crowd(300, "null")
    # the hour and the device differ too, and mean nothing
    own = ("desire", "wanted", "unwanted", "told", "style", "patience", "talkative", "setting")
    for name, values in people._asdict().items():
        if name not in own:
            np.testing.assert_array_equal(values, np.broadcast_to(values[:1], values.shape), err_msg=name)


def test_quantiles_by_hand() -> None:
    (normals,) = normals_of(np.array([[0.5, 0.8413447, 0.0, 1 - 1e-16, 1.0, 1e-6, 1 - 1e-6]]))
    assert [cut(z) for z in normals[:4]] == pytest.approx([0, 1, -3, 3], abs=1e-5)
    assert normals[[2, 4, 5, 6]].tolist() == [-np.inf, np.inf, LOWEST, HIGHEST]
    assert (on_grid(0.3), on_grid(-0.3)) == (19 / 64, -19 / 64)


def test_quantiles_are_scipys_to_the_bit() -> None:
    rng = np.random.default_rng(0)
    tails = 10.0 ** -rng.uniform(0, 300, (20, 100))
    uniforms = np.concatenate([rng.random((500, 100)), tails, 1 - tails, np.tile([TAIL, 1 - TAIL], (1, 50))])
    np.testing.assert_array_equal(normals_of(uniforms), ndtri(uniforms))


def test_styles_are_distributions() -> None:
    np.testing.assert_allclose(STYLE_MIX.sum(1), 1.0)
    mean = STYLE_MIX @ np.arange(6)
    assert (np.diff(mean) > 0).all()  # terse to hedged
