"""MovieLens folders as other programs leave them: ids, titles, times and columns in other forms than GroupLens's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from chatrec_env.catalog import Catalog, from_movielens
from chatrec_env.catalog.movielens.folder import split_title
from chatrec_env.errors import CatalogError
from simulators.ratings import Ratings, read_ratings

FILMS = "movieId,title,genres\n1,Ash (1995),Drama|War\n2,Elm (1996),Drama\n"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., tuple[Catalog, Ratings]]:
    """Writes a folder of 20 people who rate both films, and reads it."""

    def made(
        films: str = FILMS,
        row: str = "{user},{film},4.0,{time}",
        header: str = "userId,movieId,rating,timestamp",
        cut: int = 0,
    ) -> tuple[Catalog, Ratings]:
        (tmp_path / "movies.csv").write_text(films, encoding="utf-8")
        lines = [
            row.format(user=user, film=film, time=1_600_000_000 + user)
            for user in range(1, 21)
            for film in (1, 2)
        ]
        text = "\n".join([header, *lines]) + "\n"
        (tmp_path / "ratings.csv").write_text(text[: len(text) - cut], encoding="utf-8")
        return from_movielens(tmp_path), read_ratings(tmp_path, from_movielens(tmp_path))

    return made


@pytest.mark.parametrize(
    "row",
    [
        pytest.param("-{user},{film},4.0,{time}", id="negative"),
        pytest.param("{user}.0,{film}.0,4.0,{time}", id="written-as-a-decimal"),
        pytest.param("92233720368547{user:05},{film},4.0,{time}", id="beyond-2-to-the-53rd"),
    ],
)
def test_ids_are_ids_however_they_are_written(
    write: Callable[..., tuple[Catalog, Ratings]], row: str
) -> None:
    _, ratings = write(row=row)
    assert (ratings.n_users, len(ratings)) == (20, 40)
    assert len({*ratings.keys.tolist()}) == 20


def test_ids_of_films_may_be_decimals_and_negative(write: Callable[..., tuple[Catalog, Ratings]]) -> None:
    films = FILMS.replace("\n1,", "\n-1.0,").replace("\n2,", "\n-2,")
    catalog, ratings = write(films, "{user},-{film},4.0,{time}")
    assert catalog.ids == ("-1", "-2")
    assert len(ratings) == 40


def test_the_bound_of_ids_is_named(write: Callable[..., tuple[Catalog, Ratings]]) -> None:
    says = "line 2, column 'userId': expected a whole number that 64 bits hold, got '99999999999999999991'"
    with pytest.raises(CatalogError, match=says):
        write(row="9999999999999999999{user},{film},4.0,{time}")


@pytest.mark.parametrize(
    ("text", "title", "year"),
    [
        pytest.param("Ash (1995) (V)", "Ash", "1995", id="video"),
        pytest.param("Ash (1995) (TV)", "Ash", "1995", id="television"),
        pytest.param("Ash ((1995))", "Ash", "1995", id="doubled-bracket"),
        pytest.param("Ash (1995) (1995)", "Ash", "1995", id="doubled-year"),
        pytest.param("Ash (1995/II)", "Ash", "1995", id="second-of-the-year"),
        pytest.param("Ash (V)", "Ash (V)", "", id="no-year"),
    ],
)
def test_a_title_keeps_its_year(text: str, title: str, year: str) -> None:
    found = split_title(text)
    assert found[1] == year
    assert found[0] == title or not year


@pytest.mark.parametrize(
    ("zeros", "unit"), [("", "seconds"), ("000", "milliseconds"), ("000000000", "nanoseconds")]
)
def test_the_unit_of_times_is_noticed(
    write: Callable[..., tuple[Catalog, Ratings]], zeros: str, unit: str
) -> None:
    _, ratings = write(row="{user},{film},4.0,{time}" + zeros)
    assert (ratings.years, ratings.counted_in) == ((2020, 2020), unit)


@pytest.mark.parametrize(
    ("cut", "says"),
    [
        pytest.param(",1600000020\n", r"line 41, .*expected 4 cells .*got 3", id="before-the-comma"),
        pytest.param("1600000020\n", r"expected a whole last line, got '20,2,4.0,'", id="after-the-comma"),
    ],
)
def test_a_line_cut_after_its_rating_is_refused(
    write: Callable[..., tuple[Catalog, Ratings]], cut: str, says: str
) -> None:
    with pytest.raises(CatalogError, match=says):
        write(cut=len(cut))


def test_genres_may_be_a_list_as_python_writes_it(write: Callable[..., tuple[Catalog, Ratings]]) -> None:
    catalog, _ = write(FILMS.replace("Drama|War", "\"['Drama', 'War']\""))
    assert catalog.facets[0].values == ("Drama", "War")


def test_columns_go_by_name_in_both_files(write: Callable[..., tuple[Catalog, Ratings]]) -> None:
    films = "imdb,genres,title,movieid\ntt1,Drama,Ash (1995),1\ntt2,War,Elm (1996),2\n"
    catalog, ratings = write(films, "{time},4.0,{film},{user}", "timestamp,rating,movieId,userId")
    assert catalog.titles == ("Ash", "Elm")
    assert len(ratings) == 40
