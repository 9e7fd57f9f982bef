"""A population of people fitted to real ratings: figures of all, none of anybody; one readable JSON file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from chatrec_env.errors import ArtifactError, UnknownNameError

FORMAT, KIND = 1, "chatrec population"
_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, kw_only=True, slots=True)
class Habit:
    """One component of the mixture of rating habits: a Gaussian over shift and log stretch.

    Attributes:
        name: What sets it apart: ``generous`` or ``harsh``, ``narrow`` or ``erratic``; else ``middling``.
        share: Of the people.
        shift: Mean shift of the appeal of everything, in logits; above 0 is generous.
        shift_sd: Its standard deviation.
        log_stretch: Mean log of how far the noise of rating is stretched; below 0 is narrow.
        log_stretch_sd: Its standard deviation.
        correlation: Of the two.
    """

    name: str
    share: float
    shift: float
    shift_sd: float
    log_stretch: float
    log_stretch_sd: float
    correlation: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Population:
    """People fitted to ratings. Unit of utility: a logit of the rating model (``stars_per_logit``).

    Attributes:
        name: What it is called.
        provenance: Data, counts, command and version it was made with; its held-out check.
        stars_per_logit: Stars of the felt mean that a logit is worth.
        cuts: Logits between 1|2|3|4|5 stars (half stars rounded up) for appeal and shift 0.
        histogram: Shares of 1 to 5 stars the cuts were set to meet.
        acclaim: Utility of acclaim (-1 to 1).
        popularity: Utility of popularity (0 to 1).
        appeal: Mean and standard deviation of the appeal of what people rate.
        habits: Mixture of rating habits.
        activity: ``slope`` of the shift per unit of log(1 + ratings), ``mean`` and ``sd`` of that, and ``rating_mean``,
            its mean over ratings instead of people.
        values: Facet values tastes are known for, as ``"facet:value"``.
        also: Other words for them, by value.
        centre: Mean of each (weighted) value over what is rated.
        mean: Mean taste per unit of weighted value.
        loadings: One row a value: the covariance of tastes is ``loadings loadings' + diag(own ** 2)``.
        own: Standard deviation of each taste apart from the others.
        factors: Standard deviation of a person's tastes over latent factors, for an item of unit length.
        exposure: How people come by items: exponents of ``popularity`` and ``appeal``, and ``ratings``, quantiles of
            ratings per person.
        words: What words (tags) go with: facet values of the items, tastes of the people, mean stars beyond the item's.
    """

    name: str
    provenance: dict[str, Any]
    stars_per_logit: float
    cuts: tuple[float, ...]
    histogram: tuple[float, ...]
    acclaim: float
    popularity: float
    appeal: dict[str, float]
    habits: tuple[Habit, ...]
    activity: dict[str, float]
    values: tuple[str, ...]
    also: dict[str, list[str]]
    centre: tuple[float, ...]
    mean: tuple[float, ...]
    loadings: tuple[tuple[float, ...], ...]
    own: tuple[float, ...]
    factors: float
    exposure: dict[str, Any]
    words: tuple[dict[str, Any], ...] = ()

    def to_json(self) -> str:
        """The preset as readable JSON, a value, habit or word a line."""
        document = {"format": FORMAT, "kind": KIND, **asdict(self)}
        document["tastes"] = [
            {
                "value": v,
                "also": self.also.get(v, []),
                "centre": c,
                "mean": m,
                "own": o,
                "loadings": list(row),
            }
            for v, c, m, o, row in zip(
                self.values, self.centre, self.mean, self.own, self.loadings, strict=True
            )
        ]
        for key in ("values", "also", "centre", "mean", "own", "loadings"):
            del document[key]
        lines = []
        for key, entry in document.items():
            if isinstance(entry, (list, tuple)) and entry and isinstance(entry[0], dict):
                rows = ",\n".join(f"    {_short(row)}" for row in entry)
                lines.append(f"  {json.dumps(key)}: [\n{rows}\n  ]")
            elif key == "provenance":
                text = json.dumps(entry, indent=2, ensure_ascii=False).replace("\n", "\n  ")
                lines.append(f'  "provenance": {text}')
            else:
                lines.append(f"  {json.dumps(key)}: {_short(entry)}")
        return "{\n" + ",\n".join(lines) + "\n}\n"

    @classmethod
    def from_dict(cls, document: Any, source: str) -> Population:
        """From parsed JSON.

        Raises:
            ArtifactError: It is not a population, or not whole.
        """
        if not isinstance(document, dict) or document.get("kind") != KIND or document.get("format") != FORMAT:
            raise ArtifactError(
                f"{source}: expected a population as chatrec calibrate writes, format {FORMAT}."
            )
        try:
            tastes = document["tastes"]
            parts = {key: entry for key, entry in document.items() if key not in ("format", "kind", "tastes")}
            parts |= {
                "values": tuple(str(t["value"]) for t in tastes),
                "also": {t["value"]: [str(word) for word in t["also"]] for t in tastes if t["also"]},
                "loadings": tuple(_numbers(t["loadings"]) for t in tastes),
                **{key: _numbers([t[key] for t in tastes]) for key in ("centre", "mean", "own")},
                "habits": tuple(Habit(**habit) for habit in document["habits"]),
                "cuts": _numbers(document["cuts"]),
                "histogram": _numbers(document["histogram"]),
                "words": tuple(document["words"]),
            }
            made = cls(**parts)
            if len(made.cuts) != 4 or not made.habits or any(np.diff(made.cuts) < 0):
                raise ValueError("four ascending cuts and a habit")
            if len({len(row) for row in made.loadings}) > 1:
                raise ValueError("loadings of one length")
            for name in ("stars_per_logit", "acclaim", "popularity", "factors"):
                _numbers([getattr(made, name)])
            _numbers([made.appeal["mean"], made.appeal["sd"]])
            _numbers([made.activity[key] for key in ("slope", "mean", "sd", "rating_mean")])
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(
                f"{source} is damaged: expected a whole population, got {error}. Make it again with chatrec calibrate."
            ) from error
        return made


def built_in() -> list[str]:
    """Names of the populations that come with the package."""
    return sorted(path.stem for path in _DATA.glob("*.json"))


def load_population(name_or_path: str) -> Population:
    """A population by the name of one that comes with the package, or from a file of ``chatrec calibrate``.

    The same unchanged file gives the same object again.

    Raises:
        UnknownNameError: It is neither.
        ArtifactError: The file is damaged.
    """
    path = Path(name_or_path)
    if name_or_path in built_in():
        path = _DATA / f"{name_or_path}.json"
    elif not path.is_file():
        raise UnknownNameError("population", name_or_path, [*built_in(), "FILE.json"])
    stat = path.stat()
    return _read_population(path.absolute(), stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=16)
def _read_population(path: Path, modified: int, size: int) -> Population:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ArtifactError(f"{path} is damaged: expected JSON, got {error}.") from error
    return Population.from_dict(document, str(path))


def _numbers(values: Sequence[Any]) -> tuple[float, ...]:
    if any(isinstance(v, bool) or not isinstance(v, (int, float)) or not abs(v) < 1e6 for v in values):
        raise ValueError(f"a value that is no number: {values!r}")
    return tuple(float(v) for v in values)


def _short(entry: Any) -> str:
    return json.dumps(entry, ensure_ascii=False)
