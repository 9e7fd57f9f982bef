"""Reliability: whether simulators rank systems alike, whether bad ones frustrate them, and whose errors there are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from experiments.evaluate.stats import (
    Interval,
    mean_interval,
    paired_interval,
    sampled_interval,
    share_interval,
)
from experiments.simulator.agreement import spearman
from experiments.simulator.checking.dialogues import Dialogue
from experiments.simulator.checking.held import ERRORS as COUNTED
from experiments.simulator.checking.held import READER, SIMULATOR, SYSTEM, Held
from experiments.simulator.checking.manner import halves
from experiments.simulator.checking.rows import ERRORS, REAL, RELIABILITY, Row, row
from experiments.simulator.measures import means
from experiments.simulator.ranking import correlations, disagreements
from simulators.fidelity import resamples

DRAWS = 1_000
FEWEST = 10
"""Dialogues a real system needs to be called the best or the worst."""

RANKING, TREATED = "rank correlation of systems", "good and bad systems"
MEAN, ITSELF = "mean with the others", "with itself, other people"

PUBLISHED: Final = {"best": (0.50, 97), "worst": (0.90, 377)}
"""Frustrated real people, and of how many dialogues: CRSArena-Dial (Bernard et al., WSDM 2025), 474 dialogues with nine
systems. Its two best satisfy in about half of 97 dialogues; 82% of all end frustrated, so 90% with the other seven."""

Float = npt.NDArray[np.float64]
Found = Mapping[str, Mapping[str, Held]]


def returns_of(found: Found) -> Float:
    """Returns (simulators, systems, people)."""
    return np.stack([np.stack([held.columns["return"] for held in own.values()]) for own in found.values()])


def ranking_rows(found: Found, seed: int) -> list[Row]:
    """How each simulator's ranking of the systems agrees with the others', and with its own of other people."""
    simulators, systems = list(found), list(next(iter(found.values())))
    returns = returns_of(found)
    matrix = correlations(returns, seed)
    rows = []
    for other, told in zip(simulators, matrix, strict=True):
        cells = {
            s: None if r is None else Interval.from_dict(r) for s, r in zip(simulators, told, strict=True)
        }
        rows.append(row(RELIABILITY, RANKING, f"with {other}", "the same people", cells))
    mean = {}
    for s, told in zip(simulators, matrix, strict=True):
        known = [r["mean"] for r in told if r is not None and r["mean"] is not None]
        mean[s] = _bare(float(np.mean(known)) if known else math.nan, returns.shape[2])
    rows.append(row(RELIABILITY, RANKING, MEAN, "", mean))
    own = {s: with_itself(own, seed) for s, own in zip(simulators, returns, strict=True)}
    rows.append(row(RELIABILITY, RANKING, ITSELF, "two random halves of the people: the ceiling", own))
    pairs = disagreements(returns, simulators, systems)
    against = {
        s: _bare(sum(s in (*p["first"], *p["second"]) for p in pairs), returns.shape[2]) for s in simulators
    }
    n_pairs = len(systems) * (len(systems) - 1) // 2
    about = f"of {n_pairs} pairs of systems, those on which another simulator clearly prefers the other one"
    return [*rows, row(RELIABILITY, RANKING, "clear disagreements", about, against, 0)]


def _bare(value: float, n: int) -> Interval:
    return Interval(float(value), math.nan, math.nan, n)


def with_itself(returns: Float, seed: int) -> Interval:
    """Rank correlation of the systems as two random halves of the people rank them.

    Args:
        returns: (systems, people).
        seed: Of the halves.
    """
    first = halves(returns.shape[1], DRAWS, seed)
    one, other = first @ returns.T, (~first) @ returns.T
    drawn = spearman(one / first.sum(1, keepdims=True), other / (~first).sum(1, keepdims=True))
    drawn = drawn[np.isfinite(drawn)]
    return sampled_interval(float(drawn.mean()) if len(drawn) else math.nan, drawn, returns.shape[1] // 2)


def extremes(own: Mapping[str, Held]) -> tuple[str, str]:
    """The systems of the highest and the lowest mean return."""
    order = sorted(own, key=lambda name: float(own[name].columns["return"].mean()))
    return order[-1], order[0]


def real_extremes(real: Sequence[Dialogue]) -> dict[str, Interval]:
    """Frustrated real people with the system that frustrates fewest and with the one that frustrates most."""
    by: dict[str, list[bool]] = {}
    for dialogue in real:
        if dialogue.system and dialogue.frustrated is not None:
            by.setdefault(dialogue.system, []).append(dialogue.frustrated)
    shares = [share_interval(marks) for marks in by.values() if len(marks) >= FEWEST]
    if len(shares) < 2:
        return {end: share_interval(np.arange(n) < round(share * n)) for end, (share, n) in PUBLISHED.items()}
    return {"best": min(shares, key=lambda s: s.mean), "worst": max(shares, key=lambda s: s.mean)}


def treated_rows(found: Found, real: Sequence[Dialogue], seed: int) -> list[Row]:
    """Whether bad systems frustrate simulated people more than good ones, as they do real people."""
    ends = {s: dict(zip(("best", "worst"), extremes(own), strict=True)) for s, own in found.items()}
    known = real_extremes(real)
    rows = []
    for end in ("best", "worst"):
        cells = {s: share_interval(found[s][ends[s][end]].columns["frustrated"]) for s in found}
        about = "satisfaction below 0 at the end; real people: said so"
        rows.append(row(RELIABILITY, TREATED, f"frustrated by the {end}", about, {REAL: known[end], **cells}))
    gaps: dict[str, Interval] = {REAL: difference(known["worst"], known["best"])}
    for s, own in found.items():
        worst, best = (own[ends[s][end]].columns["frustrated"] for end in ("worst", "best"))
        gaps[s] = paired_interval(worst, best)
    rows.append(row(RELIABILITY, TREATED, "frustrated, worst less best", "", gaps))
    told = {
        "unhappy": ("left unhappy", "walked out with satisfaction below 0"),
        "satisfaction": ("satisfaction", "at the end, −1 to 1"),
        "complaints": ("complaints a turn", "not what was asked for, tired of questions, insults"),
    }
    for key, (name, about) in told.items():
        for end in ("best", "worst"):
            cells = {}
            for s, own in found.items():
                columns = own[ends[s][end]].columns
                if key == "unhappy":
                    cells[s] = share_interval(columns[key])
                elif key == "complaints":
                    cells[s] = rate(columns[key], columns["turns"], seed)
                else:
                    cells[s] = mean_interval(columns[key])
            rows.append(row(RELIABILITY, TREATED, f"{name}, {end}", about, cells))
    return rows


def rate(top: Float, below: Float, seed: int) -> Interval:
    """Sum over people by sum, with its bootstrap interval over people."""
    drawn = means(top, below, resamples(len(top), DRAWS, seed))
    return sampled_interval(float(drawn[0]), drawn[1:], len(top))


def difference(one: Interval, other: Interval) -> Interval:
    """Difference of two shares of different people: the square-and-add interval of Newcombe (1998)."""
    gap = one.mean - other.mean
    low = gap - math.hypot(one.mean - one.low, other.high - other.mean)
    high = gap + math.hypot(one.high - one.mean, other.mean - other.low)
    return Interval(gap, low, high, min(one.n, other.n))


def error_rows(found: Mapping[str, Held], seed: int) -> list[Row]:
    """Errors of the simulator, of the reader and of the system, and which of them unhappy people met.

    Args:
        found: What one system did to the people of each simulator.
        seed: Of the bootstrap over people.
    """
    rows = []
    parts = (
        ("of the simulator", SIMULATOR, "messages"),
        ("of the reader", READER, "messages"),
        ("of the system", SYSTEM, "turns"),
    )
    for part, own, below in parts:
        for name, about in own.items():
            cells = {s: rate(held.columns[name], held.columns[below], seed) for s, held in found.items()}
            rows.append(row(ERRORS, part, name, about, cells, 3))
    blamed = {s: blame(held) for s, held in found.items()}
    kinds = {
        "of the simulator alone": "what an evaluation would hold against the system",
        "of the system alone": "its reader included",
        "of both": "",
        "of neither": "",
    }
    for name, more in kinds.items():
        met = {s: shares[name] for s, shares in blamed.items() if shares is not None}
        rows.append(row(ERRORS, "people who left unhappy met errors", name, more, met))
    return rows


def blame(held: Held) -> dict[str, Interval] | None:
    """Shares of the people who left unhappy by whose errors they met, repetition aside; None if nobody left so."""
    columns = held.columns
    unhappy = columns["unhappy"] > 0
    if not unhappy.any():
        return None
    own = np.sum([columns[name] for name in SIMULATOR if name != "repeats"], axis=0)[unhappy] > 0
    system = np.sum([columns[name] for name in COUNTED if name not in SIMULATOR], axis=0)[unhappy] > 0
    kinds = {
        "of the simulator alone": own & ~system,
        "of the system alone": system & ~own,
        "of both": own & system,
        "of neither": ~own & ~system,
    }
    return {name: share_interval(hits) for name, hits in kinds.items()}


def realism_against_reliability(apart: Mapping[str, Any], rows: Sequence[Row]) -> dict[str, Any]:
    """Rank correlation, over simulators, of realism (1 less the AUC) with the mean agreement about systems.

    Args:
        apart: AUC of each simulator.
        rows: Rows of ``ranking_rows``.
    """
    (agree,) = (each["cells"] for each in rows if each["measure"] == MEAN)
    both = [s for s in apart if s in agree]
    rho = (
        spearman([-apart[s]["mean"] for s in both], [agree[s]["mean"] for s in both])
        if len(both) > 2
        else math.nan
    )
    return {"simulators": len(both), "spearman": float(rho)}
