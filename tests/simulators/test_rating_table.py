"""Ratings of any table: columns found by their headings, any scale read as stars, and said."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from chatrec_env.catalog import load_catalog
from chatrec_env.errors import ChatRecError
from simulators.calibration.rating_columns import RatingColumns
from simulators.calibration.rating_table import RatingTable, read_rating_table

PEOPLE = 24


def table(
    header: str, ratings: tuple[str, ...], separator: str = ",", time: str = "", first: str = "u"
) -> str:
    """Each of 24 people rates three items of four: the stars go round."""
    rows = [header] if header else []
    for person in range(PEOPLE):
        for item in range(3):
            cells = [f"{first}{person}", f"i{(person + item) % 4}", ratings[(person + item) % len(ratings)]]
            rows.append(separator.join([*cells, *([time.format(person)] if time else [])]))
    return "\n".join(rows) + "\n"


def read(path: Path, text: str | bytes, **columns: Any) -> RatingTable:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_rating_table(path, RatingColumns(**columns))


@pytest.mark.parametrize(
    ("ratings", "stars", "said"),
    [
        pytest.param(("1", "3", "4.5"), {1.0, 3.0, 4.5}, "taken for stars", id="stars"),
        pytest.param(("1", "6", "10"), {0.5, 3.0, 5.0}, "a scale of 1 to 10 is read", id="ten"),
        pytest.param(("0", "50", "100"), {0.5, 3.0, 5.0}, "a scale of 0 to 100 is read", id="hundred"),
        pytest.param(("0", "1"), {0.5, 5.0}, "a scale of 0 to 1 is read", id="liked-or-not"),
        pytest.param(("-1", "0", "1"), {0.5, 3.0, 5.0}, "a scale of -1 to 1 is read", id="thumbs"),
        pytest.param(("2 stars", "4 stars"), {2.0, 4.0}, "taken for stars", id="with-their-unit"),
    ],
)
def test_a_scale_is_mapped_to_stars_and_said(
    tmp_path: Path, ratings: tuple[str, ...], stars: set[float], said: str
) -> None:
    found = read(tmp_path / "r.csv", table("user_id,wine,score", ratings))
    assert set(found.ratings.stars.tolist()) == stars
    assert any(said in note for note in found.notes)
    assert "Columns: user is 'user_id', item is 'wine', rating is 'score'." in found.notes
    assert (found.ratings.n_users, found.catalog.n_items) == (PEOPLE, 4)


def test_a_scale_can_be_given(tmp_path: Path) -> None:
    found = read(tmp_path / "r.csv", table("user,item,rating", ("1", "7")), scale=(1.0, 7.0))
    assert set(found.ratings.stars.tolist()) == {0.5, 5.0}


@pytest.mark.parametrize(
    "name_and_bytes",
    [
        pytest.param(("r.csv", table("user;item;rating", ("1,5", "4"), ";").encode()), id="semicolons"),
        pytest.param(
            ("r.tsv", table("user\titem\trating", ("1.5", "4"), "\t").encode("utf-16")), id="utf-16"
        ),
        pytest.param(
            ("r.csv.gz", gzip.compress(table("user,item,rating", ("1.5", "4")).encode())), id="gzip"
        ),
        pytest.param(
            ("u.data", table("", ("1.5", "4"), "\t", first="").replace("i", "").encode()), id="bare"
        ),
    ],
)
def test_formats_are_found_out(tmp_path: Path, name_and_bytes: tuple[str, bytes]) -> None:
    name, data = name_and_bytes
    assert set(read(tmp_path / name, data).ratings.stars.tolist()) == {1.5, 4.0}


def test_parquet(tmp_path: Path) -> None:
    frame = pd.DataFrame({"userId": [1.0 * (i % 30) for i in range(90)], "item": [i % 4 for i in range(90)]})
    frame["rating"] = [1 + i % 5 for i in range(90)]
    frame.to_parquet(tmp_path / "r.parquet")
    assert read_rating_table(tmp_path / "r.parquet", RatingColumns()).ratings.n_users == 30


@pytest.mark.parametrize(
    "time",
    [
        pytest.param("16000000{:02}", id="seconds"),
        pytest.param("16000000{:02}000", id="milliseconds"),
        pytest.param("16000000{:02}000000000", id="nanoseconds"),
        pytest.param("2020-09-13T12:26:{:02}Z", id="dates"),
    ],
)
def test_times_in_any_unit(tmp_path: Path, time: str) -> None:
    found = read(tmp_path / "r.csv", table("user,item,rating,created_at", ("1", "4"), time=time)).ratings
    assert found.timed
    assert found.years == (2020, 2020)


def test_items_of_a_catalogue_are_found_by_id_or_title(tmp_path: Path) -> None:
    movies = load_catalog("movies")
    text = table("person,film,stars", ("1", "4"))
    for item in range(3):
        text = text.replace(f"i{item},", f'"{movies.titles[item].upper()}",')
    (tmp_path / "r.csv").write_text(text)
    found = read_rating_table(tmp_path / "r.csv", RatingColumns(), movies)
    assert set(found.ratings.items.tolist()) == {0, 1, 2}
    assert any(
        "18 of 72 ratings are of items that are not in the catalogue, as 'i3'" in n for n in found.notes
    )


@pytest.mark.parametrize(
    ("text", "columns", "says"),
    [
        pytest.param("a,b,c\n1,x,2\n", {}, "say which it is: --user-column NAME", id="no-headings"),
        pytest.param(
            *("user,item,rating\nu,i,4\n", {"item": "thing"}, "has no column 'thing' (--item-column)"),
            id="no-such-column",
        ),
        pytest.param(
            table("user,item,rating", ("1", "many")),
            {},
            "row 2, column 'rating': expected a number",
            id="text",
        ),
        pytest.param(
            *("user,item,rating\nu,,4\n", {}, "row 1, column 'item': expected a filled cell"), id="no-item"
        ),
        pytest.param(
            *("user,item,rating,time\nu,i,4,1\nu,i,4\n", {}, "line 3, column 'time': expected 4 cells"),
            id="a-line-that-is-cut",
        ),
        pytest.param(table("user,item,rating", ("3",))[:200], {}, "expected ratings of 20 people", id="few"),
        pytest.param(
            *(
                table("user,item,rating", ("1", "9")),
                {"scale": (1.0, 5.0)},
                "does not hold the ratings, 1 to 9",
            ),
            id="another-scale",
        ),
        pytest.param(
            *(table("user,item,rating,time", ("1", "4"), time="soon"), {}, "expected a date, or seconds"),
            id="no-time",
        ),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path: Path, text: str, columns: dict[str, str], says: str) -> None:
    with pytest.raises(ChatRecError) as caught:
        read(tmp_path / "r.csv", text, **columns)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
