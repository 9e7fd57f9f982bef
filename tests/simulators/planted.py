"""A small MovieLens folder rated by people whose tastes and habits are known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float64]
GENRES = ("Action", "Comedy", "Drama", "Horror", "Romance", "Sci-Fi")


@dataclass(frozen=True)
class Planted:
    """The folder and what was planted."""

    folder: Path
    bias: Float  # (U,) people's shift in stars
    taste: Float  # (U, 6) stars per genre
    quality: Float  # (I,) of the films, in order of their ids


def plant(folder: Path, people: int = 150, films: int = 80, each: int = 40, seed: int = 0) -> Planted:
    """Writes the folder. Action and Sci-Fi are liked together, Action and Romance by different people."""
    rng = np.random.default_rng(seed)
    carried = np.zeros((films, len(GENRES)))
    for film in range(films):
        carried[film, rng.choice(len(GENRES), 1 + film % 2, replace=False)] = 1
    common = rng.normal(0, 0.6, people)
    taste = rng.normal(0, 0.25, (people, len(GENRES)))
    taste[:, 0] += common
    taste[:, 5] += common
    taste[:, 4] -= common
    bias, quality = rng.normal(0, 0.5, people), rng.normal(0, 0.4, films)
    lines, chance = ["userId,movieId,rating,timestamp"], np.exp(-np.arange(films) / 40)
    for u in range(people):
        for t, film in enumerate(rng.choice(films, each, replace=False, p=chance / chance.sum())):
            felt = 3.4 + bias[u] + quality[film] + taste[u] @ carried[film] + rng.normal(0, 0.5)
            lines.append(f"{u + 1},{film + 1},{np.clip(np.rint(2 * felt) / 2, 0.5, 5)},{1_000_000_000 + t}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ratings.csv").write_text("\n".join(lines) + "\n")
    rows = [
        f"{film + 1},Film {film + 1} ({1980 + film % 20}),"
        + "|".join(genre for genre, has in zip(GENRES, carried[film], strict=True) if has)
        for film in range(films)
    ]
    (folder / "movies.csv").write_text("movieId,title,genres\n" + "\n".join(rows) + "\n")
    scary = [f"{u + 1},{film + 1},Scary,1" for u in range(8) for film in np.flatnonzero(carried[:, 3])[:3]]
    (folder / "tags.csv").write_text("userId,movieId,tag,timestamp\n" + "\n".join(scary) + "\n")
    return Planted(folder, bias, taste, quality)
