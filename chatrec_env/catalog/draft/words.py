"""What column names usually mean, and the wording of such facets: words for a first declaration."""

from __future__ import annotations

from typing import Final, NamedTuple

_ROLES: Final = {
    "title": "title, name, product, item, product name, item name, song, book, course, place, titel, titre, titulo, "
    "título, titolo, nom, nombre, naam",
    "year": "year, released, release year, published, publication year, vintage, year published, jahr, année",
    "sentence": "sentence, description, summary, about, overview, plot, note, notes, blurb, text, beschreibung",
    "popularity": "popularity, votes, sales, fame, ratings count, num ratings, reviews, plays, downloads, installs, "
    "rating count, vote count, review count, number of reviews, visitors, listeners, users rated",
    "acclaim": "acclaim, rating, score, stars, average rating, points, avg rating, review score, user rating, "
    "rating average, average score, avg score, bewertung",
    "id": "id, sku, isbn, asin, uid, item id, product id, code, uuid, ean, upc, gtin, barcode, key, slug, number, nr",
}
ROLES: Final = {role: tuple(names.split(", ")) for role, names in _ROLES.items()}
"""Column names that stand for a standard column, the likeliest first."""

LAST_WORDS: Final = {
    "title": frozenset(("title", "name")),
    "id": frozenset(("id", "sku", "isbn", "uuid", "key")),
}
"""Last words of longer column names that stand for a standard column: ``"course title"``, ``"wine_id"``."""

NOT_NOUNS: Final = frozenset(
    (
        *("common", "full", "short", "display", "original", "official", "scientific", "english", "latin"),
        *("user", "first", "last", "nick", "file", "list"),
    )
)
"""Words before "name" or "title" that say which one, not of what."""

CODES: Final = frozenset(
    (
        *("barcode", "ean", "upc", "gtin", "isbn", "asin", "phone", "tel", "telephone", "fax"),
        *("zip", "postcode", "postal", "plz"),
    )
)
PLACES: Final = frozenset(("lat", "latitude", "lon", "lng", "long", "longitude"))
"""Words of columns of numbers that nobody has wishes about."""

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


_MONEY: Final = Scale(("cheap", "mid-priced", "expensive"), "more expensive", "cheaper")
_PAY: Final = Scale(("low-paid", "medium-paid", "well-paid"), "better paid", "worse paid")
_LENGTH: Final = Scale(("short", "medium-length", "long"), "longer", "shorter")
SCALES: Final[dict[str, Scale]] = {
    **dict.fromkeys(
        ("price", "cost", "fee", "rent", "budget", "fare", "prix", "preis", "precio", "prezzo"), _MONEY
    ),
    **dict.fromkeys(("salary", "wage", "pay", "income"), _PAY),
    **dict.fromkeys(
        ("length", "duration", "runtime", "time", "minutes", "hours", "weeks", "days", "seconds"), _LENGTH
    ),
    "runtime": _LENGTH._replace(unit="minutes"),
    **dict.fromkeys(("pages",), _LENGTH._replace(unit="pages")),
    **dict.fromkeys(("weight",), Scale(("light", "medium-weight", "heavy"), "heavier", "lighter")),
    **dict.fromkeys(("size", "area"), Scale(("small", "medium-sized", "big"), "bigger", "smaller")),
    **dict.fromkeys(
        ("distance", "flight"), Scale(("near", "not too far", "far away"), "further away", "closer")
    ),
    **dict.fromkeys(
        ("tempo", "bpm", "speed", "beats"), Scale(("slow", "medium-paced", "fast"), "faster", "slower")
    ),
    **dict.fromkeys(
        ("abv", "alcohol", "strength"), Scale(("weak", "medium-strong", "strong"), "stronger", "weaker")
    ),
}
"""By a word in the name of the column."""

PAID: Final = frozenset((_MONEY.more, _PAY.more))
"""Comparatives of scales of money."""

COINS: Final = dict.fromkeys(("euros", "dollars", "pounds", "bucks", "euro", "dollar", "pound"), 1.0)
"""What people say for money where a table does not tell which it is."""


class Wording(NamedTuple):
    """Templates of a facet's wishes and critiques."""

    phrase: str
    plural: str
    critique: str


PLAIN: Final = Wording("a {value} {noun}", "{value} {noun_plural}", "too {value}")
"""Of qualities: "something dry", "too dry"."""

SORTS: Final = PLAIN._replace(critique="too much on the {value} side")
"""Of what may be a quality or a thing: "a dessert recipe", not "something dessert"."""

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
    **dict.fromkeys(
        (
            "colour",
            "color",
            "mood",
            "style",
            "taste",
            "size",
            "finish",
            "texture",
            "body",
            "effort",
            "difficulty",
        ),
        PLAIN,
    ),
}
"""By the facet's name; all others are worded as ``SORTS``."""
