"""Collaborative factors: the closed form, the files, and their place in the scores."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from chatrec_env.catalog import Catalog
from chatrec_env.core.kernel import Task, start_batch
from chatrec_env.errors import ArtifactError, ConfigError
from chatrec_env.retrieval.collaborative import CollaborativeConfig, Factors, fold_in_rating
from chatrec_env.retrieval.factor_files import (
    adopt,
    named_factors,
    pack_factors,
    read_factors,
    unpack_factors,
    write_factors,
)
from chatrec_env.retrieval.factor_fitting import FitSettings, fit_factors, open_factors
from chatrec_env.retrieval.retriever import RetrievalConfig, Retriever

Make = Callable[..., Task]


@pytest.fixture(scope="module")
def log(films: Catalog) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two camps: even people like even items, odd people odd ones."""
    rng = np.random.default_rng(0)
    users = np.repeat(np.arange(120, dtype=np.int32), 30)
    items = np.concatenate([rng.choice(100, 30, replace=False) for _ in range(120)]).astype(np.int32)
    stars = np.where((users + items) % 2 == 0, 5.0, 1.0).astype(np.float32)
    return users, items, stars


@pytest.fixture(scope="module")
def factors(films: Catalog, log: tuple[np.ndarray, np.ndarray, np.ndarray]) -> Factors:
    pytest.importorskip("implicit")
    return fit_factors(*log, films, "two camps", FitSettings(factors=4, regularisation=0.1, confidence=5.0))


def test_fitting_repeats_to_the_bit(
    factors: Factors, films: Catalog, log: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> None:
    settings = FitSettings(factors=4, regularisation=0.1, confidence=5.0)
    assert fit_factors(*log, films, "again", settings).fingerprint == factors.fingerprint
    assert np.sqrt((factors.items**2).sum(1)).max() == pytest.approx(1.0)


def test_a_newcomer_is_placed_in_their_camp(factors: Factors) -> None:
    people = factors.fold_in(np.array([[2, 4, 7, -1]], np.int32), np.array([[5, 4, 1, 0]], np.float32))
    scores = factors.taste(people) @ factors.items[:100].T
    assert scores[0, ::2].mean() > scores[0, 1::2].mean() + 0.1


def test_fold_in_is_the_closed_form(factors: Factors) -> None:
    """``(V'V + r I + sum (c - 1) v v')^-1 sum c p v`` (Hu, Koren and Volinsky, 2008, equation 4)."""
    items, stars = np.array([[2, 4, 7, -1]], np.int32), np.array([[5, 4, 1, 0]], np.float32)
    v = factors.items.astype(np.float64)
    left = v.T @ v + factors.regularisation * np.eye(4) + 4.0 * v[[2, 4, 7]].T @ v[[2, 4, 7]]
    right = 5.0 * (v[2] + v[4])
    np.testing.assert_allclose(factors.fold_in(items, stars).mean[0], np.linalg.solve(left, right), rtol=1e-5)
    np.testing.assert_array_equal(
        factors.fold_in(items, stars).mean, factors.fold_in(items[:, :3], stars[:, :3]).mean
    )


def test_the_fold_in_is_implicits_own(factors: Factors) -> None:
    als = pytest.importorskip("implicit.cpu.als")
    sparse = pytest.importorskip("scipy.sparse")
    v = factors.items.astype(np.float64)
    row = sparse.csr_matrix(([5.0, 5.0, -5.0], ([0, 0, 0], [2, 4, 7])), shape=(1, len(v)))
    expected = als.user_factor(v, v.T @ v, row, 0, factors.regularisation, 4)
    found = factors.fold_in(np.array([[2, 4, 7]], np.int32), np.array([[5, 4, 1]], np.float32))
    np.testing.assert_allclose(found.mean[0], expected, rtol=1e-4)


def test_a_rating_in_the_conversation_is_folded_in_exactly(factors: Factors) -> None:
    """One more rating by rank one is the closed form of all of them."""
    items, stars = np.array([[2, 4, 7]], np.int32), np.array([[5, 4, 1]], np.float32)
    people = factors.fold_in(items[:, :1], stars[:, :1])
    for place in (1, 2):
        fold_in_rating(people, 0, items[0, place], stars[0, place], factors.fit)
    whole = factors.fold_in(items, stars)
    np.testing.assert_allclose(people.mean, whole.mean, atol=2e-5)
    np.testing.assert_allclose(people.covariance, whole.covariance, atol=2e-5)


def test_strangers_have_no_place(factors: Factors) -> None:
    assert not factors.taste(factors.strangers(3)).any()
    empty = factors.fold_in(np.full((2, 5), -1, np.int32), np.zeros((2, 5), np.float32))
    assert not empty.mean.any()


def test_a_file_holds_all_of_it(factors: Factors, tmp_path: Path) -> None:
    write_factors(tmp_path / "sub" / "factors.safetensors", factors)
    again = read_factors(tmp_path / "sub" / "factors.safetensors")
    assert (again.fingerprint, again.about) == (factors.fingerprint, "two camps")
    assert [p.name for p in (tmp_path / "sub").iterdir()] == ["factors.safetensors"]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: data[:-4] + b"\0\0\0\1", id="changed"),
        pytest.param(lambda data: data[: len(data) // 2], id="cut-short"),
        pytest.param(lambda data: b"", id="empty"),
        pytest.param(lambda data: b"not factors at all", id="something-else"),
    ],
)
def test_damage_is_named(factors: Factors, damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(ArtifactError, match=r"here\.safetensors is damaged: expected collaborative factors"):
        unpack_factors(damage(pack_factors(factors)), "here.safetensors")


def test_adopted_factors_are_known_by_their_fingerprint(
    factors: Factors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHATREC_CACHE", str(tmp_path))
    source = adopt(factors)
    assert named_factors(source) is factors
    code = (
        "import sys; from chatrec_env.retrieval.factor_files import named_factors; "
        "print(named_factors(sys.argv[1]).fingerprint)"
    )
    other = subprocess.run(
        [sys.executable, "-c", code, source], capture_output=True, text=True, check=True
    )  # from the cache
    assert other.stdout.strip() == factors.fingerprint
    with pytest.raises(ArtifactError, match="No collaborative factors 'sha256:00'"):
        named_factors("sha256:00")


def test_fitted_once_and_kept(task_of: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time they come from the cache; a damaged cache is fitted again to the same bits."""
    pytest.importorskip("implicit")
    monkeypatch.setenv("CHATREC_CACHE", str(tmp_path))
    task = task_of(catalog="travel")
    catalog, users, config = task.manager.catalog, task.users, CollaborativeConfig(weight=1.0)
    first = open_factors(config, users, catalog)
    (file,) = (tmp_path / "factors").glob("*.safetensors")
    with monkeypatch.context() as patch:
        patch.setattr("chatrec_env.retrieval.factor_fitting.fit_factors", None)
        assert open_factors(config, users, catalog).fingerprint == first.fingerprint
    file.write_bytes(file.read_bytes()[:-9])
    assert open_factors(config, users, catalog).fingerprint == first.fingerprint
    assert read_factors(file).fingerprint == first.fingerprint


def test_factors_of_other_items_are_refused(factors: Factors, task_of: Make, tmp_path: Path) -> None:
    write_factors(tmp_path / "f.safetensors", factors)
    task = task_of(catalog="travel")
    config = CollaborativeConfig(weight=1.0, factors=str(tmp_path / "f.safetensors"))
    with pytest.raises(ConfigError, match="of other items than catalog 'travel': fitted on two camps"):
        open_factors(config, task.users, task.manager.catalog)


def test_weight_0_leaves_the_retriever_as_it_was(films: Catalog, factors: Factors) -> None:
    plain, other = Retriever(films, 12), Retriever(films, 12, RetrievalConfig(), factors)
    assert plain.blend.matrix.tobytes() == other.blend.matrix.tobytes()
    with pytest.raises(ConfigError, match=r"retrieval\.collaborative is 1\.0, but no factors"):
        Retriever(films, 12, RetrievalConfig(collaborative=1.0))


def test_scores_are_exact_in_any_order(films: Catalog, factors: Factors) -> None:
    """The largest numbers there can be, summed forwards and backwards."""
    retriever = Retriever(films, 12, RetrievalConfig(collaborative=64.0), factors)
    rng = np.random.default_rng(0)
    wishes = (rng.integers(-24, 25, (40, films.n_values)) / 16).astype(np.float32)
    people = factors.strangers(40)
    people.mean[:] = rng.normal(0, 10, people.mean.shape)
    taste = np.concatenate([rng.integers(-256, 257, (40, 16)) / 64, factors.taste(people)], axis=1)
    blend = retriever.blend
    query = np.concatenate([blend.wish * wishes, taste], axis=1)
    exact = query.astype(np.float64) @ blend.matrix.astype(np.float64) + blend.prior.astype(np.float64)
    assert (exact == exact.astype(np.float32)).all()
    backwards = query[:, ::-1].astype(np.float32) @ blend.matrix[::-1] + blend.prior
    np.testing.assert_array_equal(backwards, exact)


def test_a_past_of_ones_kind_moves_the_candidates(task_of: Make) -> None:
    """Blended and not, the same people are offered other things; the scores say by how much."""
    pytest.importorskip("implicit")
    plain, blended = task_of(rating_history="heavy"), task_of(rating_history="heavy", collaborative=1.0)
    draws = np.random.default_rng(3).random((80, plain.n_draws))
    one, other = start_batch(plain, draws).dialogue, start_batch(blended, draws).dialogue
    assert (one.candidates != other.candidates).any(1).mean() > 0.9
    np.testing.assert_array_equal(one.rating_history.items, other.rating_history.items)
    np.testing.assert_array_equal(one.preference.mean, other.preference.mean)


def test_a_catalogue_too_small_to_learn_from_is_refused(task_of: Make, three_films: str) -> None:
    """Was an IndexError: three items leave nobody a past."""
    with pytest.raises(ConfigError, match=r"has 3 item\(s\)\. Leave out collaborative"):
        task_of(catalog=three_films, n_candidates=3, collaborative=1.0)
