"""What column names usually mean, and the wording of such facets: words for a first declaration."""

from __future__ import annotations

from typing import Final, NamedTuple

_ROLES: Final = {
    "title": "title, name, product, item, product name, item name, song, book, course, place",
    "year": "year, released, release year, published, publication year, vintage",
    "sentence": "sentence, description, summary, about, overview, plot, note, notes, blurb, text",
    "popularity": "popularity, votes, sales, fame, ratings count, num ratings, reviews, plays",
    "acclaim": "acclaim, rating, score, stars, average rating, points, avg rating, review score",
    "id": "id, sku, isbn, asin, uid, item id, product id, code",
}
ROLES: Final = {role: tuple(names.split(", ")) for role, names in _ROLES.items()}
"""Column names that stand for a standard column, the likeliest first."""

_PEOPLE: Final = """
author authors artist artists director directors cast actor actors lead leads instructor
instructors teacher teachers composer composers maker winery brewery cook chef narrator
performer performers singer designer developer manufacturer
"""
PEOPLE: Final = frozenset(_PEOPLE.split())
"""Column names that hold names of people and the like."""


class Scale(NamedTuple):
    """The words for numbers of a kind."""

    labels: tuple[str, str, str]  # low, middle and high
    more: str  # the comparative for a higher number
    less: str  # the comparative for a lower number
    unit: str = ""  # the unit, where the name of the column does not say


SCALES: Final[dict[str, Scale]] = {
    **dict.fromkeys(
        ("price", "cost", "fee", "rent", "budget"),
        Scale(("cheap", "mid-priced", "expensive"), "more expensive", "cheaper", "euros"),
    ),
    **dict.fromkeys(
        ("length", "duration", "runtime", "time", "minutes", "hours", "weeks", "days", "seconds"),
        Scale(("short", "medium-length", "long"), "longer", "shorter"),
    ),
    **dict.fromkeys(("pages",), Scale(("short", "medium-length", "long"), "longer", "shorter", "pages")),
    **dict.fromkeys(("weight",), Scale(("light", "medium-weight", "heavy"), "heavier", "lighter")),
    **dict.fromkeys(("size", "area"), Scale(("small", "medium-sized", "big"), "bigger", "smaller")),
    **dict.fromkeys(
        ("distance", "flight"), Scale(("near", "not too far", "far away"), "further away", "closer")
    ),
    **dict.fromkeys(("tempo", "bpm", "speed"), Scale(("slow", "medium-paced", "fast"), "faster", "slower")),
    **dict.fromkeys(
        ("abv", "alcohol", "strength"), Scale(("weak", "medium-strong", "strong"), "stronger", "weaker")
    ),
}
"""By a word in the name of the column."""

UNITS: Final[dict[str, str]] = {
    **dict.fromkeys(("eur", "euro", "euros"), "euros"),
    **dict.fromkeys(("usd", "dollar", "dollars"), "dollars"),
    **dict.fromkeys(("gbp", "pound", "pounds"), "pounds"),
    **dict.fromkeys(("min", "mins", "minute", "minutes", "runtime"), "minutes"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "hours"),
    **dict.fromkeys(("sec", "secs", "second", "seconds"), "seconds"),
    **{word: word for word in ("days", "weeks", "pages", "kg", "km", "kcal", "bpm", "grams")},
    "calories": "kcal",
    "g": "grams",
}
"""By a word in the name of the column."""


class Wording(NamedTuple):
    """Templates of a facet's wishes and critiques."""

    phrase: str
    plural: str
    critique: str


PLAIN: Final = Wording("a {value} {noun}", "{value} {noun_plural}", "too {value}")
WORDINGS: Final[dict[str, Wording]] = {
    **dict.fromkeys(
        ("genre", "category", "kind", "type", "department"),
        Wording("a {value} {noun}", "{value} {noun_plural}", "too much {value}"),
    ),
    **dict.fromkeys(
        ("theme", "topic", "subject", "tag", "keyword"),
        Wording("a {noun} about {value}", "{noun_plural} about {value}", "too much about {value}"),
    ),
    **dict.fromkeys(
        ("ingredient", "feature", "amenity", "flavour", "flavor", "grape", "colour", "color", "material"),
        Wording("a {noun} with {value}", "{noun_plural} with {value}", "too much {value}"),
    ),
    **dict.fromkeys(
        ("country", "origin", "region", "city", "brand", "place", "label", "publisher"),
        Wording("a {noun} from {value}", "{noun_plural} from {value}", "too much {value}"),
    ),
    **dict.fromkeys(
        ("language",), Wording("a {noun} in {value}", "{noun_plural} in {value}", "too much {value}")
    ),
    **dict.fromkeys(
        ("audience", "occasion", "age", "use", "activity"),
        Wording("a {noun} for {value}", "{noun_plural} for {value}", "too much for {value}"),
    ),
    **dict.fromkeys(("colour", "color", "mood", "style", "taste"), PLAIN),
}
"""By the facet's name; all others are worded as ``PLAIN``."""
