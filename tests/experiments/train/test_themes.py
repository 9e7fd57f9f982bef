"""``chatrec fit-themes``: the mixture on people made up here, and a run of the command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from chatrec_env.catalog.loading import load_catalog
from chatrec_env.errors import ConfigError
from chatrec_env.retrieval.theme_files import load_themes
from experiments.cli.main import main
from experiments.cli.progress import Meter
from experiments.train.themes import FitThemesConfig, Heard, begin, fit_themes, learn, unit

F32 = np.float32


def crowd(n_people: int = 600, n_themes: int = 3) -> tuple[Heard, np.ndarray]:
    """People of three themes: two of four phrases each, and ten items of thirty that are worth 2 more."""
    rng = np.random.default_rng(0)
    axes = np.eye(8, dtype=F32)[:n_themes]
    vectors = unit(np.repeat(axes, 4, axis=0) + 0.3 * rng.normal(size=(12, 8)).astype(F32))
    theme = rng.integers(n_themes, size=n_people)
    said = np.zeros((n_people, 12), F32)
    for n in range(n_people):
        said[n, 4 * theme[n] + rng.choice(4, 2, replace=False)] = 1
    utility = rng.normal(size=(n_people, 30)).astype(F32)
    for n in range(n_people):
        utility[n, 10 * theme[n] : 10 * theme[n] + 10] += 2
    utility -= utility.mean(0)
    return Heard(csr_matrix(said), vectors, utility), theme


def test_people_who_say_and_value_like_things_share_a_theme() -> None:
    """Three themes are found, of a third of the people each; their items are worth 2 more than to others."""
    heard, theme = crowd()
    texts = np.zeros((30, 8), F32)
    found = learn(heard, heard.utility, texts, 3, 0, Meter(quiet=True))
    owner = [int(found["worth"][t].reshape(3, 10).mean(1).argmax()) for t in range(3)]
    assert sorted(owner) == [0, 1, 2]
    for t, of in enumerate(owner):
        worth = found["worth"][t].reshape(3, 10).mean(1)
        assert worth[of] - np.delete(worth, of).mean() == pytest.approx(2, abs=0.2)
        assert found["share"][t] == pytest.approx((theme == of).mean(), abs=0.02)


def test_a_theme_of_few_people_is_dropped() -> None:
    heard, _ = crowd()
    found = learn(heard, heard.utility, np.zeros((30, 8), F32), 60, 0, Meter(quiet=True))
    assert len(found["share"]) < 40
    assert found["share"].sum() == pytest.approx(1)


def test_texts_of_a_themes_items_move_its_centre() -> None:
    """Towards an axis on which the texts of its items lie, and no sentence."""
    heard, _ = crowd()
    texts = np.zeros((30, 8), F32)
    texts[:10, 7] = 1
    plain = learn(heard, heard.utility, np.zeros((30, 8), F32), 3, 0, Meter(quiet=True))["centres"]
    moved = learn(heard, heard.utility, texts, 3, 0, Meter(quiet=True))["centres"]
    assert np.abs(plain[:, 7]).max() < 0.2
    assert moved[:, 7].max() > 0.3


def test_beginnings_lie_apart() -> None:
    """Of a hundred directions along two axes one of each is chosen."""
    directions = np.repeat(np.eye(2, dtype=F32), 50, axis=0)
    for seed in range(5):
        assert begin(directions, 2, np.random.default_rng(seed)).sum(0).tolist() == [1, 1]


def test_the_command_writes_a_file_an_environment_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "with blanks" / "t.safetensors"
    told = ["--catalog", "courses", "--encoder", "hash", "--people", "300", "--themes", "8"]
    assert main(["fit-themes", *told, "--out", str(out)]) == 0
    assert "themes from" in capsys.readouterr().out
    themes = load_themes(str(out), load_catalog("courses"), "hash")
    assert 1 <= len(themes.share) <= 8
    assert main(["evaluate", "greedy", "--people", "20", "--catalog", "courses", "--encoder", "hash",
                 "--scenario", "own_words", "--semantic", "1", "--themes", str(out)]) == 0  # fmt: skip


def test_what_it_refuses(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--themes is at most 512, got 600"):
        FitThemesConfig(themes=600)
    with pytest.raises(
        ConfigError, match=r"several things that no facet holds, got .* Choose a scenario with notions"
    ):
        fit_themes(FitThemesConfig(scenario="null", encoder="hash", people=100, out=tmp_path / "t"))


def test_too_many_themes_for_so_few_people_are_an_error_and_write_nothing(tmp_path: Path) -> None:
    out = tmp_path / "t.safetensors"
    with pytest.raises(ConfigError, match="Ask for more --people or fewer --themes"):
        fit_themes(FitThemesConfig(catalog="courses", encoder="hash", people=100, themes=60, out=out))
    assert not out.exists()


def test_a_place_that_is_no_file_is_refused_before_work(tmp_path: Path) -> None:
    for out in (tmp_path, Path("")):
        with pytest.raises(ConfigError, match="--out must be a file"):
            fit_themes(FitThemesConfig(catalog="courses", encoder="hash", out=out))


def test_a_training_goes_on_with_the_themes_that_it_kept(chatrec: Any, tmp_path: Path) -> None:
    """The scenario is JSON; the file that was named is gone by then."""
    own, run = tmp_path / "own.safetensors", tmp_path / "run"
    people = '{"name": "full", "notions": 2.5, "notion_share": 0.9, "notion_opens": 0.9}'
    told = ("--catalog", "courses", "--encoder", "hash", "--scenario", people)
    done = chatrec("fit-themes", *told, "--people", "400", "--themes", "6", "--out", own)
    assert done.code == 0, done.err
    assert "--catalog courses" in done.out
    assert "--encoder hash" in done.out
    begun = ("train", "--agent", "q_learning", *told, "--semantic", "1", "--themes", own, "--turns", "400")
    assert chatrec(*begun, "--curve-people", "2", "--out", run).code == 0
    own.unlink()
    again = chatrec("train", "--resume", run, "--turns", "800")
    assert again.code == 0, again.err
