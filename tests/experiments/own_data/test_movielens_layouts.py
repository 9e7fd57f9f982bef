"""Every MovieLens layout, with what is odd in the real folders, from the folder to a conversation and a population."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest

import chatrec_env  # noqa: F401
from chatrec_env.catalog import load_catalog
from chatrec_env.errors import CatalogError
from experiments.report.plots import Picture
from simulators.population import load_population
from simulators.ratings import read_ratings
from tests.experiments.own_data.movielens_layouts import LAYOUTS, write_layout

FAST = ("--rounds", "2", "--factors", "2", "--draws", "20", "--splits", "2")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One folder a layout; do not write into them."""
    place = tmp_path_factory.mktemp("layouts")
    return {layout: write_layout(place / layout, layout) for layout in LAYOUTS}


@pytest.fixture
def unpainted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures are most of the time of a small calibration; where they may be odd, they are painted."""
    monkeypatch.setattr("experiments.calibrate.report.drawn", lambda figure, words: Picture(b"", b"", words))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_becomes_a_catalogue(folders: dict[str, Path], layout: str, chatrec: Any) -> None:
    catalog = load_catalog(folders[layout])
    assert catalog.n_items == 45
    assert catalog.titles[0] == "The City of Lost Children"
    years = dict(zip(catalog.titles, catalog.years.tolist(), strict=True))
    assert years["Babylon 5"] == 0
    assert years["The Big Bang Theory"] == 2007
    if layout not in ("100k", "1m"):
        assert years["Diplomatic Immunity"] == 2009
        assert years["千と千尋の神隠し"] == 2001
    assert (catalog.popularity == 0).sum() == 3
    done = chatrec("catalog", "check", folders[layout], "--json")
    assert (done.code, json.loads(done.out)["problems"]) == (0, [])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_gives_its_ratings(folders: dict[str, Path], layout: str) -> None:
    catalog = load_catalog(folders[layout])
    ratings = read_ratings(folders[layout], catalog)
    assert (len(ratings), ratings.n_users, ratings.n_items, ratings.repeated) == (1200, 40, 45, 0)
    assert (ratings.timed, ratings.years) == (True, (1997, 1997))
    whole = bool((ratings.stars % 1 == 0).all())
    assert whole == (layout in ("100k", "1m"))
    assert sorted(set(catalog.ids) - {catalog.ids[i] for i in ratings.items}) == sorted(catalog.ids[-3:])


@pytest.mark.usefixtures("unpainted")
@pytest.mark.parametrize("layout", ["100k", "1m", "10m", "20m"])
def test_a_layout_becomes_a_population(
    folders: dict[str, Path], layout: str, chatrec: Any, tmp_path: Path
) -> None:
    pytest.importorskip("implicit")
    done = chatrec("calibrate", "--ratings", folders[layout], "--out", "run", "--json", *FAST)
    assert done.code == 0, done.err
    table = json.loads(done.out)
    assert (table["ratings"], table["notes"]) == (1200, [])
    population = load_population(str(tmp_path / "run" / "population.json"))
    assert population.provenance["data"] == layout
    assert population.provenance["years"] == [1997, 1997]
    tagged = {"10m": ["dark hero"], "20m": ['so, "dark"']}
    assert [word["word"] for word in population.words] == tagged.get(layout, [])


@pytest.mark.parametrize("layout", ["100k", "1m", "10m", "latest"])
def test_a_layout_can_be_talked_about(folders: dict[str, Path], layout: str) -> None:
    env = gymnasium.make("ChatRec/Items-v0", catalog=str(folders[layout]), encoder="hash")
    _, info = env.reset(seed=0)
    for _ in range(4):
        legal = np.flatnonzero(info["action_mask"])
        _, reward, terminated, truncated, info = env.step(int(legal[0]))
        assert np.isfinite(float(reward))
        if terminated or truncated:
            break
    env.close()


def test_an_agent_trains_on_a_folder(folders: dict[str, Path], chatrec: Any) -> None:
    options = ("--agent", "q_learning", "--encoder", "hash", "--turns", "600", "--curve-people", "4")
    done = chatrec("train", "--catalog", folders["latest"], *options, "--out", "run")
    assert done.code == 0, done.err


def copy(folder: Path, to: Path, name: str, old: bytes, new: bytes) -> Path:
    """The folder with the first ``old`` of one file replaced."""
    to.mkdir()
    for file in folder.iterdir():
        (to / file.name).write_bytes(file.read_bytes())
    text = (to / name).read_bytes()
    assert old in text
    (to / name).write_bytes(text.replace(old, new, 1))
    return to


BAD = [
    pytest.param("100k", "u.data", b"\t5\t", b"\t6\t", "line {n}, column 'rating': .*'6'", id="100k-range"),
    pytest.param("100k", "u.data", b"\t5\t", b"\tfive\t", "line {n}, column 'rating': .*'five'", id="100k-word"),
    pytest.param("100k", "u.data", b"\t5\t", b"\t", r"line {n}, .*expected .* cells", id="100k-cells"),
    pytest.param("1m", "ratings.dat", b"::5::", b"::0::", "line {n}, column 'rating': .*'0'", id="1m-range"),
    pytest.param("1m", "ratings.dat", b"::5::", b":5:", r"line {n}, .*expected .* cells", id="1m-cells"),
    pytest.param(
        "10m", "ratings.dat", b"::5::8", b"::5::x8", "line {n}, column 'time': expected whole sec", id="10m-time"
    ),
    pytest.param(
        "25m", "ratings.csv", b",5.0,881250949", b",5.0,2005-04-02", "column 'timestamp': .*optional", id="25m-time"
    ),
    pytest.param("25m", "ratings.csv", b",5.0,", b",nan,", "line {n}, column 'rating': .*'nan'", id="25m-nan"),
    pytest.param("25m", "ratings.csv", b",5.0,", b",,", "line {n}, column 'rating': .*''", id="25m-empty"),
    pytest.param("25m", "ratings.csv", b",5.0,", b",5.0,1,", "line {n}, .* expected 4 cells", id="25m-cells"),
    pytest.param(
        "32m", "ratings.csv", b"userId", b"user", "line 1, column 'userId': expected the header", id="32m-header"
    ),
    pytest.param(
        "32m", "movies.csv", b"\n286", b"\ntt286", "column 'movie id': expected a whole number", id="32m-key"
    ),
    pytest.param(
        "32m", "movies.csv", b"\n1,", b"\n2,", "column 'movieId': expected a film of .* first of", id="32m-strays"
    ),
    pytest.param("latest", "ratings.csv", b"\n1,", b"\n1.5,", "line 2, column 'userId': .*'1.5'", id="latest-user"),
    pytest.param("latest", "ratings.csv", b"\n1,", b"\n\xff,", "line 2, column 'userId': .*'ÿ'", id="latest-byte"),
]  # fmt: skip


@pytest.mark.parametrize(("layout", "name", "old", "new", "told"), BAD)
def test_a_bad_line_is_one_clear_message(
    folders: dict[str, Path],
    layout: str,
    name: str,
    old: bytes,
    new: bytes,
    told: str,
    tmp_path: Path,
    chatrec: Any,
) -> None:
    text = (folders[layout] / name).read_bytes()
    line = text[: text.index(old) + 1].count(b"\n") + 1
    folder = copy(folders[layout], tmp_path / "bad", name, old, new)
    with pytest.raises(CatalogError, match=told.replace("{n}", str(line))) as caught:
        load_catalog(folder)
    assert str(folder / ("ratings.csv" if "film of" in told else name)) in str(caught.value)
    for command in (("calibrate", "--ratings"), ("catalog", "check")):
        done = chatrec(*command, folder)
        assert done.code != 0
        assert "Traceback" not in done.err
    assert not (tmp_path / "runs").exists()


def without_times(folder: Path, to: Path, layout: str) -> Path:
    name, between = {
        "100k": ("u.data", b"\t"),
        "1m": ("ratings.dat", b"::"),
        "25m": ("ratings.csv", b","),
    }[layout]
    to.mkdir()
    for file in folder.iterdir():
        (to / file.name).write_bytes(file.read_bytes())
    lines = (folder / name).read_bytes().splitlines()
    (to / name).write_bytes(b"\n".join(line.rpartition(between)[0] for line in lines) + b"\n")
    return to


@pytest.mark.usefixtures("unpainted")
@pytest.mark.parametrize("layout", ["100k", "25m"])
def test_without_times_the_split_is_random_and_told(
    folders: dict[str, Path], layout: str, chatrec: Any, tmp_path: Path
) -> None:
    pytest.importorskip("implicit")
    folder = without_times(folders[layout], tmp_path / "untimed", layout)
    done = chatrec("calibrate", "--ratings", folder, "--split", "time", "--out", "run", "--json", *FAST)
    assert done.code == 0, done.err
    table = json.loads(done.out)
    assert table["held_out"]["split"] == "random"
    assert "held out at random, not by time" in table["notes"][0]
    assert "held out at random, not by time" in (tmp_path / "run" / "index.html").read_text()


def test_a_time_missing_here_and_there_is_no_order(folders: dict[str, Path], tmp_path: Path) -> None:
    folder = copy(folders["25m"], tmp_path / "gap", "ratings.csv", b",881250999\n", b",\n")
    ratings = read_ratings(folder, load_catalog(folder))
    assert (ratings.timed, ratings.years, len(ratings)) == (False, None, 1200)


def write(folder: Path, rows: list[tuple[int, int, float]], films: int) -> Path:
    folder.mkdir()
    lines = [
        f"{film},Film {film} ({1990 + film % 9}),{'Comedy' if film % 2 else 'Drama'}" for film in range(films)
    ]
    (folder / "movies.csv").write_text("movieId,title,genres\n" + "\n".join(lines) + "\n")
    given = [f"{user},{film},{stars},{t}" for t, (user, film, stars) in enumerate(rows)]
    (folder / "ratings.csv").write_text("userId,movieId,rating,timestamp\n" + "\n".join(given) + "\n")
    return folder


def odd_people(kind: str) -> list[tuple[int, int, float]]:
    """20 to 60 people whose ratings are hardly any, or hardly differ."""
    rng = np.random.default_rng(0)
    if kind == "one-item":  # 20 people of one rating beside 20 who rated much
        return [(u, f, float(rng.integers(1, 6))) for u in range(20) for f in range(60)] + [
            (u, u % 60, 4.0) for u in range(20, 40)
        ]
    if kind == "constant":  # everybody has one rating for all films
        return [(u, f, float(1 + u % 5)) for u in range(25) for f in range(50)]
    if kind == "two-levels":  # nothing is both liked and disliked
        return [(u, f, 4.0 + (u + f) % 2) for u in range(25) for f in range(50)]
    # 60 films, each of the last thirty rated once
    return [(u, f, float(rng.integers(1, 11) / 2)) for u in range(30) for f in (*range(40), 40 + u)]


@pytest.mark.parametrize("kind", ["one-item", "constant", "two-levels", "thin-films"])
def test_odd_people_are_calibrated(kind: str, tmp_path: Path, chatrec: Any) -> None:
    pytest.importorskip("implicit")
    folder = write(tmp_path / kind, odd_people(kind), 70)
    done = chatrec("calibrate", "--ratings", folder, "--out", "run", "--json", *FAST)
    assert done.code == 0, done.err
    table = json.loads(done.out)
    assert all(row["rmse"]["mean"] < 2 for row in table["held_out"]["rows"])
    assert (table["held_out"]["rows"][0]["auc"]["mean"] is None) == (kind in ("two-levels", "constant"))
    load_population(str(tmp_path / "run" / "population.json"))
    assert (tmp_path / "run" / "index.html").is_file()


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        pytest.param(
            [(u, f, 3.0) for u in range(19) for f in range(60)], "20 people or more, got 19", id="few"
        ),
        pytest.param([(u, f, 3.0) for u in range(20) for f in range(9)], "100 ratings or more", id="thin"),
        pytest.param([(u, f, 3.0) for u in range(20) for f in range(60)], "ratings that differ", id="same"),
        pytest.param(
            [(u, f, 3.0) for u in range(30) for f in range(1 if u else 60)],
            "two items or more, got 1 of 30",
            id="one-rater",
        ),
        pytest.param([], "expected ratings, got a file without any", id="none"),
    ],
)
def test_too_little_is_refused_at_once(
    rows: list[tuple[int, int, float]], told: str, tmp_path: Path, refused: Any
) -> None:
    refused(told, "calibrate", "--ratings", write(tmp_path / "small", rows, 60))
