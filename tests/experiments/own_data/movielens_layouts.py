"""Small made-up MovieLens folders in the exact layouts the real ones come in."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from chatrec_env.catalog.movielens.folder import GENRES_100K

LAYOUTS = ("100k", "1m", "10m", "20m", "25m", "32m", "latest")
ODD = (
    "City of Lost Children, The (Cité des enfants perdus, La) (1995)",
    '"Great Performances" Cats (1998)',
    "Diplomatic Immunity (2009– )",
    "Death Note: Desu nôto (2006–2007)",
    "Big Bang Theory, The (2007-)",
    "2001: A Space Odyssey (1968)",
    "Babylon 5",
    "Seven (a.k.a. Se7en) (1995)",
    "千と千尋の神隠し (2001)",
)


def write_layout(folder: Path, layout: str, people: int = 40, films: int = 45, each: int = 30) -> Path:
    """Writes the folder; of the ``films`` the last three are rated by nobody."""
    rng = np.random.default_rng(3)
    old = layout in ("100k", "1m")
    genres = [g for g in GENRES_100K if g != "unknown"] if old else ["IMAX", "Children", *GENRES_100K[5:]]
    carried = [list(rng.choice(genres[:6], 1 + film % 3, replace=False)) for film in range(films)]
    titles = [f"Film {film} ({1931 + 2 * film % 70})" for film in range(films)]
    odd = [t for t in ODD if layout != "100k" or t.encode("latin-1", "ignore").decode("latin-1") == t]
    if layout == "1m":
        odd = [t for t in odd if "–" not in t and t.isprintable() and max(map(ord, t)) < 256]
    titles[: len(odd)] = odd
    step = 1 if old else 6_509  # ids of the large folders are sparse: up to 292,857
    ids = [1 + film * step for film in range(films)]
    felt = 3.5 + rng.normal(0, 0.4, people)[:, None] + rng.normal(0, 0.6, films)
    rows = []
    for u in range(people):
        for t, film in enumerate(rng.choice(films - 3, each, replace=False)):
            stars = np.clip(np.rint(2 * (felt[u, film] + rng.normal(0, 0.7))) / 2, 0.5, 5)
            rows.append((u + 1, ids[film], max(1, int(stars)) if old else stars, 881_250_949 + 50 * t))
    folder.mkdir(parents=True)
    if layout == "100k":
        _hundred_k(folder, [rows[i] for i in rng.permutation(len(rows))], titles, carried, people)
    elif layout in ("1m", "10m"):
        encoding = "latin-1" if layout == "1m" else "utf-8"
        lines = [f"{i}::{t}::{'|'.join(g)}" for i, t, g in zip(ids, titles, carried, strict=True)]
        if layout == "10m":
            lines[-1] = f"{ids[-1]}::Pull My Daisy (1958)::(no genres listed)"
            _lines(folder / "tags.dat", [f"{u}::{ids[5]}::dark hero::1215184630" for u in range(1, 12)])
        else:
            _lines(folder / "users.dat", [f"{u + 1}::F::25::10::48067" for u in range(people)])
        _lines(folder / "movies.dat", lines, encoding)
        _lines(folder / "ratings.dat", [f"{u}::{m}::{s:g}::{t}" for u, m, s, t in rows])
    else:
        _csv(folder, layout, rows, ids, titles, carried)
    return folder


def _hundred_k(
    folder: Path, rows: list[tuple[int, int, float, int]], titles: list[str], carried: list[list[str]], n: int
) -> None:
    lines = []
    for film, (title, genres) in enumerate(zip(titles, carried, strict=True), 1):
        flags = ["1" if genre in genres else "0" for genre in GENRES_100K]
        address = "http://us.imdb.com/M/title-exact?" + title.replace(" ", "%20")
        lines.append("|".join([str(film), title, "01-Jan-1995", "", address, *flags]))
    lines[-1] = f"{len(titles)}|unknown||||1{'|0' * 18}"
    _lines(folder / "u.item", [*lines, ""], "latin-1")
    _lines(folder / "u.genre", [*(f"{genre}|{g}" for g, genre in enumerate(GENRES_100K)), ""])
    _lines(folder / "u.user", [f"{u + 1}|24|M|technician|85711" for u in range(n)])
    _lines(folder / "u.data", [f"{u}\t{m}\t{s:g}\t{t}" for u, m, s, t in rows])


def _csv(
    folder: Path,
    layout: str,
    rows: list[tuple[int, int, float, int]],
    ids: list[int],
    titles: list[str],
    carried: list[list[str]],
) -> None:
    end = "\r\n" if layout in ("20m", "latest") else "\n"
    quoted = [f'"{t.replace(chr(34), chr(34) * 2)}"' if "," in t or '"' in t else t for t in titles]
    films = [f"{i},{t},{'|'.join(g)}" for i, t, g in zip(ids, quoted, carried, strict=True)]
    films[6] = f"{ids[6]},{quoted[6]},(no genres listed)"
    _lines(folder / "movies.csv", ["movieId,title,genres", *films], end=end)
    given = [f"{u},{m},{float(s)},{t}" for u, m, s, t in rows]
    _lines(folder / "ratings.csv", ["userId,movieId,rating,timestamp", *given], end=end)
    links = [f"{i},0114709,{'' if i == ids[3] else 862}" for i in ids]
    _lines(folder / "links.csv", ["movieId,imdbId,tmdbId", *links], end=end)
    if layout != "latest":
        tags = [f'{u},{ids[5]},"so, ""dark""",1139045764' for u in range(1, 12)]
        _lines(folder / "tags.csv", ["userId,movieId,tag,timestamp", *tags], end=end)
    if layout in ("20m", "25m"):
        _lines(folder / "genome-tags.csv", ["tagId,tag", "1,007"], end=end)
        _lines(folder / "genome-scores.csv", ["movieId,tagId,relevance", f"{ids[0]},1,0.025"], end=end)


def _lines(path: Path, lines: list[str], encoding: str = "utf-8", end: str = "\n") -> None:
    path.write_bytes((end.join(lines) + end).encode(encoding))
