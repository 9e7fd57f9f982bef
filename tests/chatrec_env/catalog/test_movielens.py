from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chatrec_env.catalog import Catalog, from_frame, from_movielens, load_catalog, to_frame
from chatrec_env.catalog.movielens.folder import split_title
from chatrec_env.errors import CatalogError


@pytest.fixture
def latest(tmp_path: Path) -> Path:
    (tmp_path / "movies.csv").write_text(
        "movieId,title,genres\n"
        "1,Toy Story (1995),Animation|Children|Comedy\n"
        '7,"City of Lost Children, The (Cité des enfants perdus, La) (1995)",Drama|Sci-Fi\n'
        "9,Emma (1996),Comedy|Romance\n"
        "12,Emma (1996),Romance\n"
        "20,Babylon 5,(no genres listed)\n",
        encoding="utf-8",
    )
    (tmp_path / "ratings.csv").write_text(
        "userId,movieId,rating,timestamp\n1,1,5.0,0\n2,1,4.0,0\n3,1,5.0,0\n1,7,1.0,0\n", encoding="utf-8"
    )
    return tmp_path


FLAGS_100K = {"Animation": 3, "Children's": 4, "Comedy": 5, "Drama": 8, "War": 17}


def line_100k(movie: int, title: str, *genres: str) -> str:
    flags = ["0"] * 19
    for genre in genres:
        flags[FLAGS_100K[genre]] = "1"
    return "|".join([str(movie), title, "01-Jan-1995", "", "http://example.org", *flags])


@pytest.fixture
def hundred_k(tmp_path: Path) -> Path:
    lines = [
        line_100k(1, "Toy Story (1995)", "Animation", "Children's", "Comedy"),
        line_100k(2, "Misérables, Les (1995)", "Drama"),
        "|".join(["267", "unknown", "", "", "", "1", *["0"] * 18]),
    ]
    (tmp_path / "u.item").write_bytes("\n".join(lines).encode("latin-1") + b"\n\n")
    (tmp_path / "u.data").write_text("1\t1\t5\t0\n2\t1\t3\t0\n1\t2\t4\t0\n", encoding="latin-1")
    return tmp_path


@pytest.fixture
def one_m(tmp_path: Path) -> Path:
    (tmp_path / "movies.dat").write_bytes(
        "1::Toy Story (1995)::Animation|Children's|Comedy\r\n"
        "73::Misérables, Les (1995)::Drama\r\n"
        "80::M (1931)::Crime\r\n".encode("latin-1")
    )
    (tmp_path / "ratings.dat").write_text("1::1::5::0\n2::1::4::0\n1::73::3::0\n")
    return tmp_path


@pytest.mark.parametrize(
    ("text", "title", "year"),
    [
        ("Toy Story (1995)", "Toy Story", "1995"),
        ("Matrix, The (1999) ", "The Matrix", "1999"),
        ("American in Paris, An (1951)", "An American in Paris", "1951"),
        ("Avventura, L' (1960)", "L'Avventura", "1960"),
        (
            "City of Lost Children, The (Cité des enfants perdus, La) (1995)",
            "The City of Lost Children",
            "1995",
        ),
        ("Seven (a.k.a. Se7en) (1995)", "Seven", "1995"),
        ("(500) Days of Summer (2009)", "(500) Days of Summer", "2009"),
        ("Birdman: Or (The Unexpected Virtue) (2014)", "Birdman: Or (The Unexpected Virtue)", "2014"),
        ("Fawlty Towers (1975-1979)", "Fawlty Towers", "1975"),
        ("2001: A Space Odyssey (1968)", "2001: A Space Odyssey", "1968"),
        ("Me, You, Them (2000)", "Me, You, Them", "2000"),
        ("Babylon 5", "Babylon 5", ""),
        ("(1995)", "", "1995"),
    ],
)
def test_split_title(text: str, title: str, year: str) -> None:
    assert split_title(text) == (title, year)


def test_latest_layout(latest: Path) -> None:
    catalog = from_movielens(latest)
    assert catalog.titles == ("Toy Story", "The City of Lost Children", "Emma", "Emma", "Babylon 5")
    assert catalog.ids == ("1", "7", "9", "12", "20")
    assert catalog.years.tolist() == [1995, 1995, 1996, 1996, 0]
    assert catalog.facets[0].values == ("Comedy", "Romance", "Animation", "Children", "Drama", "Sci-Fi")
    assert catalog.facets[1].values == ("1990s",)
    assert catalog.values.tolist() == [
        [1, 0, 1, 1, 0, 0, 1],
        [0, 0, 0, 0, 1, 1, 1],
        [1, 1, 0, 0, 0, 0, 1],
        [0, 1, 0, 0, 0, 0, 1],
        [0, 0, 0, 0, 0, 0, 0],
    ]
    assert catalog.item_index("emma") == 2
    assert catalog.sentences[0] == "A comedy from 1995; also an animated film and a children's film."
    assert catalog.sentences[4] == "A film."
    assert catalog.value_phrases[5:] == ("a science fiction film", "a film from the 1990s")


def test_popularity_and_acclaim_by_hand(latest: Path) -> None:
    catalog = from_movielens(latest)
    # Counts 3, 1, 0: log 4 / log 4 = 1; log 2 / log 4 = 1/2; 0.
    assert catalog.popularity.tolist() == [1, 0.5, 0, 0, 0]
    # Mean of all: 15/4 = 3.75. Toy Story (14 + 37.5)/13 - 3.75 = 0.2115 -> 3.38/16 -> 3/16.
    # The second: (1 + 37.5)/11 - 3.75 = -0.25 -> -4/16. No rating: 0.
    assert catalog.acclaim.tolist() == [0.1875, -0.25, 0, 0, 0]


def test_contexts_keep_the_genres_there_are(latest: Path) -> None:
    kids = from_movielens(latest).contexts[1]
    assert (kids.wants, kids.avoids) == (("genre:Children",), ())


def test_tags_enter_the_factors(latest: Path) -> None:
    before = from_movielens(latest)
    tags = "".join(f"1,{movie},dreamlike,0\n" for movie in (1, 7, 20))
    (latest / "tags.csv").write_text("userId,movieId,tag,timestamp\n" + tags)
    after = from_movielens(latest)
    assert (after.factors != before.factors).any()
    np.testing.assert_array_equal(after.values, before.values)


def test_100k_layout(hundred_k: Path) -> None:
    catalog = load_catalog(f"movielens:{hundred_k}")
    assert catalog.titles == ("Toy Story", "Les Misérables", "unknown")
    assert catalog.years.tolist() == [1995, 1995, 0]
    assert catalog.facets[0].values == ("Animation", "Children's", "Comedy", "Drama")
    # Counts 2, 1, 0: log 2 / log 3 = 0.63 -> 10/16.
    assert catalog.popularity.tolist() == [1, 0.625, 0]
    assert catalog.acclaim.tolist() == [0, 0, 0]


def test_1m_layout(one_m: Path) -> None:
    catalog = load_catalog(one_m)
    assert catalog.titles == ("Toy Story", "Les Misérables", "M")
    assert catalog.facets[1].values == ("1930s", "1940s", "1950s", "1960s", "1970s", "1980s", "1990s")
    assert catalog.values[2, catalog.value_index("era", "1930s")] == 1
    assert catalog.popularity.tolist() == [1, 0.625, 0]
    # Mean 4: Toy Story (9 + 40)/12 - 4 = 1/12 -> 1.33/16; the other (3 + 40)/11 - 4 = -1/11 -> -1.45/16.
    assert catalog.acclaim.tolist() == [0.0625, -0.0625, 0]


def test_a_movielens_catalogue_survives_the_way_through_a_frame(latest: Path) -> None:
    catalog = from_movielens(latest)
    frame = to_frame(catalog)
    again = from_frame(frame, catalog.declaration)
    assert frame["movie id"].tolist() == ["1", "7", "9", "12", "20"]
    assert again.ids == catalog.ids
    np.testing.assert_array_equal(again.values, catalog.values)
    np.testing.assert_array_equal(again.acclaim, catalog.acclaim)


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        pytest.param(
            *("movies.csv", "movieId,", "id,"),
            r"movies\.csv, line 1, column 'movieId': expected the header",
            id="header",
        ),
        pytest.param(
            *("movies.csv", "9,Emma (1996),Comedy|Romance", "9,Emma (1996)"),
            r"line 4, column 'title': expected 3 cells \(movieId, title, genres\), got 2",
            id="cells",
        ),
        pytest.param(
            "movies.csv", "12,Emma", "9,Emma", "line 5, column 'movie id': expected an id of its own", id="id"
        ),
        pytest.param(
            "movies.csv", "Toy Story (1995)", "(1995)", "line 2, column 'title': expected a fill", id="title"
        ),
        pytest.param(
            "ratings.csv", "1,4.0", "1,6.0", "line 3, column 'rating': expected a number from 0.5", id="high"
        ),
        pytest.param(
            "ratings.csv", "1,4.0", "1,four", "line 3, column 'rating': .* got 'four'", id="rating-a-text"
        ),
        pytest.param(
            "ratings.csv",
            "1,7,1.0",
            "1,8,1.0",
            r"line 5, column 'movieId': expected a film of movies\.csv, got '8'",
            id="stray",
        ),
    ],
)
def test_a_bad_latest_folder(latest: Path, name: str, old: str, new: str, says: str) -> None:
    path = latest / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(CatalogError, match=says) as caught:
        from_movielens(latest)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        pytest.param("movies.csv", b"", r"movies\.csv, line 1: expected a header line", id="empty-films"),
        pytest.param("movies.csv", b"movieId,title,genres\n", "at least one row", id="header-only"),
        pytest.param("ratings.csv", b"", r"ratings\.csv, line 1: expected a header line", id="empty-ratings"),
        pytest.param(
            "movies.csv",
            "movieId,title,genres\n1,né,War\n2,ré,War\n3,".encode() + b"\xe9,War\n",
            "line 4, column 'title'.*0xe9",
            id="one-damaged-byte-in-UTF-8",
        ),
    ],
)
def test_a_broken_latest_file(latest: Path, name: str, content: bytes, says: str) -> None:
    (latest / name).write_bytes(content)
    with pytest.raises(CatalogError, match=says):
        from_movielens(latest)


def test_bad_100k_and_1m_lines(hundred_k: Path, one_m: Path) -> None:
    one_m.joinpath("movies.dat").write_bytes(b"1::Toy Story (1995)\n")
    items = hundred_k / "u.item"
    good = items.read_bytes()
    items.write_bytes(good.replace(b"|0|0|0|1|1|1|", b"|0|0|0|1|1|7|"))
    with pytest.raises(CatalogError, match=r"u\.item, line 1, column 'Comedy': expected 0 or 1, got '7'"):
        from_movielens(hundred_k)
    items.write_bytes(good + b"3|Four Rooms\n")
    with pytest.raises(CatalogError, match=r"u\.item, line 5, column 'title': expected 24 cells"):
        from_movielens(hundred_k)
    items.unlink()
    with pytest.raises(CatalogError, match=r"movies\.dat, line 1, column 'title': expected 3 cells"):
        from_movielens(one_m)


def test_without_any_year_there_is_no_era(one_m: Path) -> None:
    one_m.joinpath("movies.dat").write_bytes(b"1::Toy Story::Comedy\n73::Heat::Crime\n")
    assert [facet.name for facet in from_movielens(one_m).facets] == ["genre"]


@pytest.fixture(scope="module")
def small(shared_data: Path) -> Catalog:
    return load_catalog(f"movielens:{shared_data / 'ml-latest-small'}")


def test_latest_small(small: Catalog) -> None:
    assert small.n_items == 9742
    assert small.name == "ml-latest-small"
    assert len(small.facets[0].values) == 19
    assert small.facets[1].values[-1] == "2010s"
    item = small.item_index("The Shawshank Redemption", 1994)
    assert small.acclaim[item] == small.acclaim.max() == 0.875
    assert small.popularity[small.item_index("Forrest Gump")] == 1  # 329 ratings, the most
    assert (small.popularity >= 0.75).sum() == 302
    assert (small.years == 0).sum() == 12


def test_latest_small_lies_on_the_grids(small: Catalog) -> None:
    for array, step in ((small.factors, 64), (small.popularity, 16), (small.acclaim, 16)):
        scaled = array.astype(np.float64) * step
        np.testing.assert_array_equal(scaled, np.round(scaled))


def test_latest_small_neighbours_share_genres(small: Catalog) -> None:
    genres = small.values[:, small.facet_slices[0]]
    item = small.item_index("Toy Story")
    nearest = np.argsort(-(small.factors @ small.factors[item]), kind="stable")[1:11]
    assert (genres[nearest] @ genres[item] >= 2).all()
