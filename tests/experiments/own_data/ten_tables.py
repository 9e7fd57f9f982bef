"""Ten made-up tables as people have them: odd separators, encodings, numbers, lists, markup, repeated titles and ids.

Each is the bytes of a file, by its name. Made-up facts in our own words; nothing here is about real things.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence

N = 48
"""Items of a table."""


def rows_of(separator: str, header: Sequence[str], row: Callable[[int], Sequence[object]]) -> str:
    """The text of a table; cells that hold the separator or a quote are quoted."""

    def cell(value: object) -> str:
        text = str(value)
        quoted = separator in text or '"' in text or "\n" in text
        return '"' + text.replace('"', '""') + '"' if quoted else text

    lines = [header, *(row(i) for i in range(N))]
    return "\n".join(separator.join(map(cell, line)) for line in lines) + "\n"


def wines() -> bytes:
    """Semicolons, decimal commas, Latin-1 with accents."""

    def row(i: int) -> Sequence[object]:
        price = f"{6 + i * 1.35:.2f}".replace(".", ",")
        return (
            f"Château numéro {i}",
            ("rouge", "blanc", "rosé")[i % 3],
            price,
            f"{11 + i % 4},5",
            ("Médoc", "Béarn")[i % 2],
        )

    return rows_of(";", ("Nom", "Couleur", "Prix EUR", "Alcohol %", "Region"), row).encode("latin-1")


def podcasts() -> bytes:
    """Tabs, UTF-16 with its mark, topics as a Python list, numbers with k."""

    def row(i: int) -> Sequence[object]:
        topics = [("science", "history", "food", "law")[j % 4] for j in (i, i + 1 + i % 2)]
        return f"Voices of room {i}", topics, 12 + i * 2, f"{3 + i * 7}k", ("weekly", "daily")[i % 2]

    return rows_of(
        "\t", ("podcast_title", "topics", "length (min)", "listeners", "release_rhythm"), row
    ).encode("utf-16")


def board_games() -> bytes:
    """Bars between cells, gzip under a plain name, minimum ages and players, commas between mechanics."""

    def row(i: int) -> Sequence[object]:
        mechanics = ", ".join(("bluffing", "auction", "drafting", "dice")[j % 4] for j in (i, i + 1))
        return f"Game of {i} Towers", mechanics, 6 + i % 9, 1 + i % 3, 20 + 5 * (i % 20), 1 + (i * 7) % 10

    header = ("name", "mechanics", "min_age", "min_players", "minutes", "rating")
    return gzip.compress(rows_of("|", header, row).encode(), mtime=0)


def recipes() -> bytes:
    """A nameless first column, HTML in texts, courses that are nouns, tastes in a JSON list."""

    def row(i: int) -> Sequence[object]:
        about = f"<p>Stir &amp; serve <b>warm</b>.<br/>Batch {i}</p>"
        course = ("dessert", "soup", "main course")[i % 3]
        tastes = json.dumps([("sour", "sweet", "salty")[j % 3] for j in (i, i + 1)])
        return i, f"Bowl No. {i}", course, tastes, about, 90 + i * 11

    return rows_of(
        ",", ("", "recipe_name", "course", "taste", "description", "kcal per serving"), row
    ).encode()


def houses() -> bytes:
    """Prices with a sign and thousands, titles that repeat, ids with odd signs, places on a map."""

    def row(i: int) -> Sequence[object]:
        price = f"£{145_000 + i * 9_500:,}"
        return (
            *(f"#H/{i:03d}-ß", f"House in {('Elm Row', 'Mill Lane')[i % 2]}", price, 1 + i % 5),
            *(("detached", "terraced", "flat")[i % 3], f"{51 + i / 100:.4f}", "yes" if i % 2 else "no"),
        )

    header = ("listing_id", "title", "price", "bedrooms", "property type", "latitude", "garden")
    return rows_of(",", header, row).encode("utf-8-sig")


def jobs() -> bytes:
    """The date is not the title, titles repeat, pay in k, addresses, 13-digit numbers."""

    def row(i: int) -> Sequence[object]:
        return (
            f"2026-0{1 + i % 9}-{1 + i % 28:02d}",
            f"{('Welder', 'Cook', 'Tutor')[i % 3]} {'I' * (1 + i % 5)}",
            f"{28 + i}k",
            f"https://jobs.example/{i}",
            4_000_000_000_000 + i * 37,
            ("day", "night")[i % 2],
        )

    return rows_of(",", ("added", "job_title", "salary_usd", "link", "barcode", "shift"), row).encode()


def museums() -> bytes:
    """Money of another country in words, empty cells written in several ways, `sep=` in the first line."""

    def row(i: int) -> Sequence[object]:
        fee = "N/A" if i % 11 == 0 else f"{10 + i} riyal"
        return (
            f"Hall of {i} Lamps",
            ("art", "science", "-")[i % 3],
            fee,
            ("north", "south")[i % 2],
            1890 + i * 2,
        )

    return ("sep=;\n" + rows_of(";", ("museum", "kind", "entry_fee", "district", "year"), row)).encode(
        "cp1252"
    )


def perfumes() -> bytes:
    """Prices per bottle, braces around lists, `free_30` beside `free_60`, a mark before the text."""

    def row(i: int) -> Sequence[object]:
        notes = "{" + ",".join(("rose", "oud", "citrus", "musk")[j % 4] for j in (i, i + 2 + i % 2)) + "}"
        return (
            f"Vial {i}",
            notes,
            f"£{9 + i}.99 per bottle",
            3 + i % 7,
            5 + i % 9,
            ("women", "men", "all")[i % 3],
        )

    header = ("name", "accords", "price", "free_30", "free_60", "gender")
    return rows_of(",", header, row).encode("utf-8-sig")


def plants() -> bytes:
    """Headings that are no ASCII, semicolons within cells, heights in cm, a value that is also a title."""

    def row(i: int) -> Sequence[object]:
        light = "; ".join(("sun", "shade", "half shade")[j % 3] for j in {i, i + i % 2})
        return (
            ("Moss" if i == 5 else f"Herb {i}"),
            f"{8 + i * 3} cm",
            light,
            ("Moss", "Fern", "Tree")[i % 3],
            "A",
        )

    return rows_of("\t", ("Name", "Größe", "light", "Sorte", "größe_code"), row).encode()


def apps() -> bytes:
    """Installs with a plus, sizes in M, ratings out of five, one row with a byte of Latin-1 among hundreds."""

    def row(i: int) -> Sequence[object]:
        return (
            f"App {i}{' café' if i == 23 else ''}",
            ("Tools", "Games", "Books & Reference")[i % 3],
            f"{1 + i % 5}.{i % 10}" if i % 5 < 4 else "4.9",
            f"{(i + 1) * 1000:,}+",
            f"{3 + i % 30}M",
            ("Free", "Paid")[i % 2],
        )

    header = ("App", "Category", "Rating", "Installs", "Size", "Type")
    return rows_of(",", header, row).encode("latin-1")


TABLES: dict[str, bytes] = {
    "wines.csv": wines(),
    "podcasts.tsv": podcasts(),
    "board games.csv": board_games(),
    "recipes.csv": recipes(),
    "houses for sale.csv": houses(),
    "jobs.csv": jobs(),
    "museums.csv": museums(),
    "perfumes.csv": perfumes(),
    "plants.txt": plants(),
    "apps.csv": apps(),
}
