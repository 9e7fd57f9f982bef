"""Memory of reading and calibrating, in a process of its own, so that 10 million ratings stay below 2 GiB."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

REPO = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(),
    reason="needs Linux's peak of resident memory, /proc/self/status",
)

PEAK = """
import sys
from pathlib import Path

def peak():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) * 1024

def forget():
    Path("/proc/self/clear_refs").write_text("5")
"""

READ = (
    PEAK
    + """
from chatrec_env.catalog import load_catalog
from simulators.ratings import read_ratings

for folder in sys.argv[1:]:
    forget()
    before = peak()
    ratings = read_ratings(folder, load_catalog(folder))
    print(len(ratings), peak() - before)
    del ratings
"""
)

CALIBRATE = (
    PEAK
    + """
import experiments.calibrate.calibrate as calibrate
import experiments.calibrate.baselines as baselines
from experiments.cli.main import main

# The settings tried do not change the memory, only the time.
calibrate.MF_GRID = baselines.MF_GRID = ((20, 0.1),)
calibrate.ALS_GRID = baselines.ALS_GRID = ((16, 1.0),)
for n, folder in enumerate(sys.argv[1:]):
    forget()
    before = peak()
    fast = "--rounds 2 --factors 8 --draws 20 --splits 2 --people 1000000".split()
    assert main(["calibrate", "--ratings", folder, "--out", f"{folder}/run", *fast]) == 0
    print(n, peak() - before)
"""
)


def write(folder: Path, people: int, each: int, films: int) -> Path:
    """A folder of ``people * each`` ratings, popular films more often."""
    import pyarrow as pa
    from pyarrow import csv

    rng = np.random.default_rng(0)
    folder.mkdir()
    rows = [f"{i},Film {i} ({1950 + i % 60}),{('Drama', 'Comedy', 'War')[i % 3]}" for i in range(films)]
    (folder / "movies.csv").write_text("movieId,title,genres\n" + "\n".join(rows) + "\n")
    weight = 1 / (20.0 + np.arange(films))
    shown = rng.choice(films, (people, 2 * each), p=weight / weight.sum())
    shown = np.concatenate([np.unique(row)[rng.permutation(len(np.unique(row)))][:each] for row in shown])
    n = len(shown)
    stars = np.clip(np.rint(2 * (3.5 + rng.normal(0, 1, n))) / 2, 0.5, 5)
    users = np.repeat(np.arange(people), -(-n // people))[:n]
    columns = {"userId": users, "movieId": shown, "rating": stars, "timestamp": 10**9 + np.arange(n)}
    csv.write_csv(pa.table(columns), folder / "ratings.csv")
    return folder


def measured(script: str, *folders: Path) -> list[tuple[int, int]]:
    """What the script printed for each folder."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(REPO), "MPLBACKEND": "Agg"}
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, folders)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [line.split() for line in done.stdout.splitlines()]
    return [(int(a), int(b)) for a, b in (line for line in lines if len(line) == 2 and line[1].isdigit())]


def test_reading_takes_little_memory_a_rating(tmp_path: Path) -> None:
    small, large = write(tmp_path / "small", 200, 50, 1500), write(tmp_path / "large", 4000, 150, 1500)
    (_, _), (n, more) = measured(READ, small, large)
    assert n > 500_000
    assert more / n < 150  # 1.5 GB for ten million


@pytest.mark.long
def test_calibrating_takes_little_memory_a_rating(tmp_path: Path) -> None:
    pytest.importorskip("implicit")
    small, large = write(tmp_path / "small", 200, 50, 1500), write(tmp_path / "large", 8000, 125, 1500)
    (_, _), (_, more) = measured(CALIBRATE, small, large)
    n = (large / "ratings.csv").read_bytes().count(b"\n") - 1
    assert n > 900_000
    assert more / n < 160  # with half a gigabyte for the libraries, 2 GiB for ten million
