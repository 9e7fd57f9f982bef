"""A first declaration, guessed from a table: what becomes what, and that a catalogue can be built of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatrec_env.catalog import from_csv
from chatrec_env.catalog.draft.audit import read_rows
from chatrec_env.catalog.draft.draft import Draft, draft_declaration
from chatrec_env.errors import CatalogError

TASTES = ("dry", "fruity", "oaky", "crisp", "sweet")


def wines(separator: str = "; ") -> str:
    """Sixty wines as a newcomer would export them."""
    rows = ["Name,Colour,Winery,Taste,Price EUR,ABV,Vintage,Rating,Votes,Vegan,Comment,Shelf"]
    for i in range(60):
        tastes = separator.join(TASTES[j] for j in sorted({i % 5, (i * 3 + 1) % 5}))
        colour = ("red", "white", "pink")[i % 3] if i != 7 else ""
        rows.append(
            f'Bottle number {i},{colour},House {i % 29},"{tastes}",{4 + i * 0.9:.2f},{11 + i % 5}.5,{1998 + i % 25},'
            f"{2.5 + i % 6 * 0.4:.1f},{i * 13 + 1},{('yes', 'no')[i % 2]},Comment {i} is unlike all others,A"
        )
    return "\n".join(rows) + "\n"


def draft(path: Path, text: str) -> Draft:
    path.write_text(text, encoding="utf-8")
    table, problems = read_rows(path)
    assert table is not None
    assert not problems
    return draft_declaration(table, path.stem)


def test_what_becomes_what(tmp_path: Path) -> None:
    made = draft(tmp_path / "wines.csv", wines())
    told = made.declaration
    assert (told["noun"], told["noun_plural"], told["separator"]) == ("wine", "wines", ";")
    assert told["columns"] == {
        **{"title": "Name", "year": "Vintage", "popularity": "Votes", "acclaim": "Rating"},
    }
    assert told["acclaim_range"] == [1.0, 5.0]
    assert told["entities"] == ["Winery"]
    assert told["optional"] == ["Colour"]
    kinds = {facet["name"]: facet["kind"] for facet in told["facets"]}
    assert kinds == {
        "taste": "multi",
        "colour": "single",
        "price": "numeric",
        "abv": "numeric",
        "era": "numeric",
    }
    assert [facet["weight"] for facet in told["facets"]] == [1.0, 0.5, 0.5, 0.5, 0.5]
    price = next(facet for facet in told["facets"] if facet["name"] == "price")
    assert (price["unit"], price["more"], price["less"]) == ("euros", "more expensive", "cheaper")
    assert set(made.unused) == {"Vegan", "Comment", "Shelf"}
    assert "yes or no" in made.unused["Vegan"]


@pytest.mark.parametrize("separator", ["|", "; ", ", ", "/"])
def test_a_catalogue_can_be_built_of_it(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "wines.csv"
    path.with_suffix(".json").write_text(draft(path, wines(separator)).to_json(), encoding="utf-8")
    catalog = from_csv(path)
    assert catalog.n_items == 60
    assert set(catalog.facets[0].values) == set(TASTES)
    price = catalog.facet_index("price")
    shares = catalog.values[:, catalog.facet_slices[price]].mean(0)
    assert shares.min() > 0.2  # three bins of about a third each


def test_two_columns_of_the_same_kind_do_not_share_their_words(tmp_path: Path) -> None:
    rows = [f"Hike {i},{i % 7 + 1},{i % 11 + 2}" for i in range(40)]
    made = draft(tmp_path / "hikes.csv", "\n".join(["name,duration hours,time up", *rows]) + "\n")
    words = [facet["more"] for facet in made.declaration["facets"]]
    assert len(set(words)) == len(words) == 2


def test_an_id_is_used_where_titles_repeat(tmp_path: Path) -> None:
    rows = [f"{i},Mug {i // 2},{('blue', 'green')[i % 2]}" for i in range(20)]
    made = draft(tmp_path / "mugs.csv", "\n".join(["sku,name,colour", *rows]) + "\n")
    assert made.declaration["columns"] == {"title": "name", "id": "sku"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("a,b\n1,2\n3,4\n", "expected a column that names the items", id="no-title"),
        pytest.param("name,b\nx,yes\ny,no\n", "to make a facet of", id="no-facet"),
        pytest.param("name,b\n", "expected rows below the header line, got none", id="no-rows"),
    ],
)
def test_a_table_that_nothing_can_be_made_of(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(CatalogError, match=says):
        draft(tmp_path / "t.csv", text)


def test_what_is_wrong_with_a_column_is_told(tmp_path: Path) -> None:
    rows = [
        f'{i},Game {i},{("RPG", "N/A", "puzzle")[i % 3]},{i * 7 if i else "many"},"{i + 20},000"'
        for i in range(40)
    ]
    made = draft(tmp_path / "movies.csv", "\n".join(["id,name,kind,hours,salary", *rows]) + "\n")
    assert (made.declaration["noun"], made.declaration["noun_plural"]) == ("movie", "movies")
    assert made.unused == {
        "id": "the titles tell the rows apart already",
        "hours": "1 of 40 cells are no numbers, the first 'many': correct them",
    }
    assert made.declaration["missing"] == ["N/A"]
    assert made.notes == [
        "taken for empty cells: 'N/A'",
        "salary: '20,000' is read as 20000",
        "salary: no currency is known, give one as the unit; any money that people name is read as it one for one: "
        "change or remove its unit_words",
    ]


def test_each_column_has_its_own_separator(tmp_path: Path) -> None:
    rows = [
        f'Play {i},{"a|b" if i % 2 else "a"},"{"x, y" if i % 3 else "y"}",'
        f'{"Ann Lee; Bo Ray" if i % 4 else "Cy Moss"},"Lee, Ann"'
        for i in range(24)
    ]
    path = tmp_path / "plays.csv"
    made = draft(path, "\n".join(["title,mood,theme,cast,author", *rows]) + "\n")
    assert made.declaration["separators"] == {"theme": ",", "cast": ";"}
    path.with_suffix(".json").write_text(made.to_json(), encoding="utf-8")
    catalog = from_csv(path)
    assert [facet.values for facet in catalog.facets] == [("a", "b"), ("y", "x")]
    assert catalog.entity_names == ("Ann Lee", "Bo Ray", "Cy Moss", "Lee, Ann")


@pytest.mark.parametrize(
    "form",
    [
        pytest.param('Bar {0},"{0},00 €",{1},{2}', id="commas"),
        pytest.param("Bar {0};{0},00;{1};{2}", id="semicolons"),
    ],
)
def test_each_column_has_its_own_decimal_sign(tmp_path: Path, form: str) -> None:
    header = "Name;Price;Stars;Kind".replace(";", form[7])
    rows = [form.format(i, i % 10 * 0.5, ("Bar", "Sweet")[i % 2]) for i in range(30)]
    path = tmp_path / "bars.csv"
    made = draft(path, "\n".join([header, *rows]) + "\n")
    told = made.declaration
    kinds = {facet["name"]: facet["kind"] for facet in told["facets"]}
    assert kinds == {"kind": "single", "price": "numeric"}
    assert told["columns"]["acclaim"] == "Stars"
    usual = told.get("decimal", ".")
    assert {column: told["decimals"].get(column, usual) for column in ("Price", "Stars")} == {
        **{"Price": ",", "Stars": "."}
    }
    catalog = from_csv(path, made.declaration)
    assert catalog.numbers[3, 1] == 3.0
    assert catalog.declaration.to_dict()["decimals"] == told["decimals"]


def test_numbers_between_commas_are_a_list_and_no_amounts(tmp_path: Path) -> None:
    rows = [f'Game {i},"{i % 3 + 1},{i % 3 + 2}",{i}.5' for i in range(30)]
    told = draft(tmp_path / "games.csv", "\n".join(["Name,Players,Price", *rows]) + "\n").declaration
    assert {facet["name"]: facet["kind"] for facet in told["facets"]} == {
        "player": "multi",
        "price": "numeric",
    }


@pytest.mark.parametrize(
    ("heading", "phrase"),
    [
        pytest.param("Players", "a game with 1-3 players", id="counted"),
        pytest.param("Age group", "a game with an age group of 1-3", id="named"),
        pytest.param("Team size", "a game with a team size of 1-3", id="a-quality"),
    ],
)
def test_ranges_are_no_qualities(tmp_path: Path, heading: str, phrase: str) -> None:
    path = tmp_path / "games.csv"
    rows = [f"Game {i},{('1-3', '2-4', '8-10', '11+')[i % 4]}" for i in range(24)]
    catalog = from_csv(path, draft(path, "\n".join([f"Name,{heading}", *rows]) + "\n").declaration)
    assert catalog.value_phrases[catalog.value_names.index("1-3")] == phrase


def test_a_word_without_a_singular_names_no_item(tmp_path: Path) -> None:
    told = draft(tmp_path / "summer-clothes.csv", wines()).declaration
    assert (told["noun"], told["noun_plural"]) == ("item", "items")


def test_a_tenth_of_the_prices_may_be_far_out(tmp_path: Path) -> None:
    prices = ("$9.99", "$15.00", "$24.50", "$30.00", "$45.00", "$1,299.00")
    rows = [f'Thing {i},{("red", "blue")[i % 2]},"{prices[i % 6]}"' for i in range(60)]
    made = draft(tmp_path / "gadgets.csv", "\n".join(["name,colour,price", *rows]) + "\n")
    (price,) = (facet for facet in made.declaration["facets"] if facet["name"] == "price")
    assert (price["kind"], price["bins"]) == ("numeric", [None, 20, 30, None])


def test_commas_of_thousands_part_no_list(tmp_path: Path) -> None:
    prices = ("£4.50 per tin", "£12 per tin", "£1,050.00 per tin", "free")
    rows = [f'Tea {i},{("green", "black")[i % 2]},"{prices[i % 4]}"' for i in range(60)]
    made = draft(tmp_path / "teas.csv", "\n".join(["name,kind,price", *rows]) + "\n")
    assert made.unused["price"] == "15 of 60 cells are no numbers, the first 'free': correct them"


def test_a_column_of_lists_is_no_sentence(tmp_path: Path) -> None:
    notes = ("rose; oud", "musk; rose", "oud; musk; amber")
    rows = [f"Scent {i},{notes[i % 3]},{('day', 'night')[i % 2]}" for i in range(60)]
    made = draft(tmp_path / "perfumes.csv", "\n".join(["name,notes,time", *rows]) + "\n")
    assert {facet["name"]: facet["kind"] for facet in made.declaration["facets"]}["note"] == "multi"
    text = [f"{row},It is the scent of day {i}." for i, row in enumerate(rows)]
    made = draft(tmp_path / "scents.csv", "\n".join(["name,notes,time,about", *text]) + "\n")
    assert made.said["sentence"] == "about"


def test_what_numbers_are_counted_in_is_read_off_the_heading(tmp_path: Path) -> None:
    rows = [f"Scent {i},{('day', 'night')[i % 2]},{100 + i},{5 + i % 20}" for i in range(60)]
    made = draft(tmp_path / "perfumes.csv", "\n".join(["name,time,Price (SAR),max_kg", *rows]) + "\n")
    facets = {facet["name"]: facet for facet in made.declaration["facets"]}
    assert facets["price"]["unit"] == "riyals"
    assert facets["price"]["unit_words"]["sar"] == 1.0
    assert facets["maximum weight"]["unit"] == "kg"
