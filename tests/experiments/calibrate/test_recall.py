"""``chatrec recall``: routes of retrieval on held-out ratings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chatrec_env.catalog import load_catalog
from experiments.calibrate.recall import RecallConfig, split
from experiments.calibrate.recall_routes import CONTENT, blend_of, measure, most_popular, pasts_of, retrieve
from experiments.cli.progress import Meter
from experiments.report.documents import read_document
from simulators.ratings import Ratings

FAST = ("--k", "5", "10", "--draws", "20")


def ratings_of(rows: list[tuple[int, int, float]], n_users: int, n_items: int) -> Ratings:
    users, items, stars = (np.array(column) for column in zip(*rows, strict=True))
    none = np.zeros(0, np.int64)
    return Ratings(
        users.astype(np.int32), items.astype(np.int32), stars.astype(np.float32), n_users, n_items, none
    )


def test_recall_and_ndcg_by_hand() -> None:
    """Person 0 liked items 1 and 3 (4 was no good), person 1 liked nothing."""
    asked = ratings_of([(0, 1, 4.0), (0, 3, 5.0), (0, 4, 3.5), (1, 0, 2.0)], 2, 6)
    found = measure(np.array([[4, 3, 0], [0, 1, 2]], np.int32), asked, (1, 3))
    assert found.recall[0].tolist() == [0.0, 0.5]
    best = 1 + 1 / np.log2(3)
    assert found.ndcg[0, 1] == pytest.approx((1 / np.log2(3)) / best)
    assert np.isnan(found.recall[1]).all()


def test_popularity_leaves_out_what_is_known() -> None:
    known = ratings_of([(0, 2, 3.0), (1, 2, 3.0), (1, 4, 3.0), (2, 4, 1.0), (2, 2, 1.0), (2, 0, 1.0)], 3, 5)
    assert most_popular(known, 2).tolist() == [[4, 0], [0, 1], [1, 3]]
    # A list as long as the catalogue is filled up with it.
    assert [sorted(row) for row in most_popular(known, 5).tolist()] == [list(range(5))] * 3
    assert most_popular(known, 5)[0].tolist()[-1] == 2


def test_pasts_are_the_known_ratings() -> None:
    known = ratings_of([(0, 2, 3.5), (1, 4, 1.0), (1, 0, 5.0)], 2, 5)
    past = pasts_of(known, np.array([1, 0]))
    assert past.items.tolist() == [[4, 0], [2, -1]]
    assert past.stars.tolist() == [[1.0, 5.0], [3.5, 0.0]]


@pytest.mark.parametrize("newcomers", [0, 5])
def test_no_route_knows_what_is_asked(planted: Any, newcomers: int) -> None:
    """Nothing known is asked; popularity and acclaim are of the known ratings; known items are not candidates."""
    config = RecallConfig(ratings=planted.folder, k=(10,), newcomers=newcomers)
    inner, bench, _ = split(config, Meter(quiet=True))
    for one in (inner, bench):
        pairs = [set(zip(r.users.tolist(), r.items.tolist(), strict=True)) for r in (one.known, one.asked)]
        assert not pairs[0] & pairs[1]
        found = retrieve(one.catalog, one.table, one.known, blend_of(CONTENT, 0.0), None, 10)
        assert not {(u, int(i)) for u, row in enumerate(found) for i in row} & pairs[0]
        counts = np.bincount(one.known.items, minlength=one.catalog.n_items)
        np.testing.assert_allclose(
            one.catalog.popularity, np.log1p(counts) / np.log1p(counts.max()), atol=1 / 32
        )
    tested = {(u, i) for u, i in zip(bench.asked.users.tolist(), bench.asked.items.tolist(), strict=True)}
    chosen_on = zip(inner.asked.users.tolist(), inner.asked.items.tolist(), strict=True)
    assert not tested & set(chosen_on)
    whole = load_catalog(f"movielens:{planted.folder}")
    assert not np.array_equal(whole.acclaim, bench.catalog.acclaim)
    if newcomers:
        sizes = np.bincount(bench.known.users, minlength=bench.known.n_users)[np.unique(bench.asked.users)]
        assert set(sizes.tolist()) == {newcomers}


def test_the_command_leaves_a_table_and_a_figure(chatrec: Any, planted: Any, tmp_path: Path) -> None:
    pytest.importorskip("implicit")
    done = chatrec("recall", "--ratings", planted.folder, "--out", "run", "--json", *FAST)
    assert done.code == 0, done.err
    table = json.loads(done.out)
    assert [row["route"] for row in table["rows"]] == [
        "popularity",
        "content only",
        "collaborative only",
        "blended",
    ]
    for row in table["rows"]:
        for k in (5, 10):
            assert 0 <= row[f"recall@{k}"]["low"] <= row[f"recall@{k}"]["mean"] <= row[f"recall@{k}"]["high"]
    assert table["command"] == "chatrec recall --ratings tiny --k 5 10 --draws 20"
    assert read_document(tmp_path / "run" / "table.json")["rows"] == table["rows"]
    assert (tmp_path / "run" / "recall.png").read_bytes().startswith(b"\x89PNG")
    again = chatrec("recall", "--ratings", planted.folder, "--out", "again", *FAST)
    assert again.code == 0
    assert read_document(tmp_path / "again" / "table.json")["rows"] == table["rows"]
    assert "recall@5" in again.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(("--ratings", "nowhere"), "expected a MovieLens folder", id="folder"),
        pytest.param(("--ratings", "x", "--k", "0"), "--k expects different lengths", id="k"),
        pytest.param(("--ratings", "x", "--held-out", "0.9"), "--held-out is a share", id="share"),
        pytest.param(
            ("--ratings", "x", "--newcomers", "-1"), "--newcomers must be 0 or more", id="newcomers"
        ),
    ],
)
def test_a_mistake_is_one_line(refused: Any, arguments: tuple[str, ...], told: str) -> None:
    refused(told, "recall", *arguments)


def table_of(path: Path, stars: tuple[int, ...]) -> Path:
    """Ratings of 30 people, twelve each, of 20 items."""
    rows = [f"{u},{(u + 3 * i) % 20},{stars[(u * i) % len(stars)]}" for u in range(30) for i in range(12)]
    path.write_text("\n".join(("user,item,rating", *rows)) + "\n")
    return path


@pytest.mark.parametrize("arguments", [(), ("--newcomers", "3")])
def test_ratings_that_nobody_liked_anything_by_are_refused(
    refused: Any, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """As of clicks written as 1; it ended in a traceback."""
    path = table_of(tmp_path / "clicks.csv", (1,))
    refused("expected ratings of 4 stars or more", "recall", "--ratings", path, *arguments)


def test_lists_are_no_longer_than_there_are_items(tmp_path: Path, refused: Any) -> None:
    path = table_of(tmp_path / "few.csv", (1, 3, 5))
    _, bench, _ = split(RecallConfig(ratings=path), Meter())
    assert bench.k == (10,)
    refused("--k must be at most 20, the number of items, got 21", "recall", "--ratings", path, "--k", "21")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("newcomers", "content", "factors"),
    [
        pytest.param(0, 0.1, -0.02, id="known-well"),  # long pasts: the factors alone are as good
        pytest.param(5, 0.0, 0.0, id="newcomers"),
    ],
)
def test_on_real_ratings_the_blend_is_the_best(
    chatrec: Any, shared_data: Path, newcomers: int, content: float, factors: float
) -> None:
    """The low end of the blend's lead in recall, paired over people, is above each of these."""
    pytest.importorskip("implicit")
    options = ("--json", "--draws", "200", "--newcomers", newcomers)
    done = chatrec("recall", "--ratings", shared_data / "ml-latest-small", *options)
    assert done.code == 0, done.err
    rows = {row["route"]: row for row in json.loads(done.out)["rows"]}
    for k in (10, 50, 100):
        lead = f"blended lead, recall@{k}"
        assert rows["content only"][lead]["low"] > content
        assert rows["popularity"][lead]["low"] > content
        assert rows["collaborative only"][lead]["low"] > factors
