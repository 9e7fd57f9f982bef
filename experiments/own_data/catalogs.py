"""``chatrec catalog``: check a table of items and its declaration, draft a declaration, list the built-in domains."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro

from chatrec_env.catalog import BUILT_IN, load_catalog
from chatrec_env.errors import CatalogError, ConfigError, UnknownNameError
from experiments.cli.options import OptionalPath
from experiments.cli.terminal import command_line

WRONG = 1
"""Exit code of a check that found something wrong."""

MOST_SHOWN = 30
"""Problems a terminal shows; ``--json`` has them all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CatalogConfig:
    """Check a table of items, draft a declaration for it, or list the built-in catalogues.

    `check FILE` says what was understood (facets, kinds, values, bins, how many items have them, columns that are not
    used) and everything that is wrong, row by row: file, line, column, what was expected, what came. Where the
    declaration (FILE with .json) is missing, it suggests one. `draft FILE` writes that first declaration beside the
    table, to be looked over and edited. FILE is a CSV or Parquet table, a MovieLens folder, or a built-in name.
    Exit code of check: 0 fine, 1 something is wrong, 2 there is nothing to check.

    Attributes:
        action: "list" the built-in catalogues, "check" a table, or "draft" a declaration.
        file: Which table.
        ratings: CSV of ratings (columns for the item and the rating) for draft: writes NAME-rated.csv, the table with
            how well known and how well liked each item is, and declares that.
        out: Where draft writes the declaration; default: beside the table, never over an existing file.
        json: Print as JSON.
    """

    action: Annotated[Literal["list", "check", "draft"], tyro.conf.Positional] = "list"
    file: Annotated[str, tyro.conf.Positional] = ""
    ratings: OptionalPath = None
    out: OptionalPath = None
    json: bool = False

    def __post_init__(self) -> None:
        if self.action != "list" and not self.file:
            raise ConfigError(f"Which table? Example: chatrec catalog {self.action} wines.csv")
        if self.action == "list" and self.file:
            raise ConfigError(f"chatrec catalog list takes no file, got {self.file!r}.")
        if self.ratings is not None and self.action != "draft":
            raise ConfigError(
                "--ratings belongs to chatrec catalog draft: it adds what ratings tell to the table."
            )
        if self.out is not None and self.action != "draft":
            raise ConfigError(
                "--out belongs to chatrec catalog draft: it is where the declaration is written."
            )


def catalog(config: CatalogConfig) -> int:
    """Run the command; returns its exit code."""
    if config.action == "list":
        return _list(config)
    return _check(config) if config.action == "check" else _draft(config)


def _list(config: CatalogConfig) -> int:
    from experiments.report.grid import Grid
    from experiments.report.study import show

    rows: list[dict[str, Any]] = []
    for name in BUILT_IN:
        found = load_catalog(name)
        facets = [facet.name for facet in found.facets]
        rows.append(
            {
                "name": name,
                "noun": found.noun,
                "items": found.n_items,
                "values": found.n_values,
                "contexts": [context.name for context in found.contexts],
                "facets": facets,
            }
        )
    out = Grid(("name", "one item", "items", "values", "facets"), text=(1, 4))
    for row in rows:
        out.add(row["name"], row["noun"], row["items"], row["values"], ", ".join(row["facets"]))
    show(rows, [out], json=config.json)
    return 0


def _place(name: str) -> Path:
    """The path of a table, built in or one's own.

    Raises:
        UnknownNameError: There is nothing of that name.
    """
    path = BUILT_IN.get(name, Path(name))
    if not path.exists():
        raise UnknownNameError("catalog", name, (*BUILT_IN, "TABLE.csv", "TABLE.parquet", "MOVIELENS_FOLDER"))
    return path


def _check(config: CatalogConfig) -> int:
    from experiments.cli.progress import Meter
    from experiments.cli.terminal import output, print_json
    from experiments.own_data.catalog_report import examine
    from experiments.own_data.catalog_show import show

    found = examine(_place(config.file), Meter())
    if config.json:
        print_json({**asdict(found), "ok": found.ok})
    else:
        show(found, output(), MOST_SHOWN)
    return 0 if found.ok else WRONG


def _draft(config: CatalogConfig) -> int:
    from experiments.cli.terminal import clean, output, print_json, say
    from experiments.own_data.catalog_report import draft_of
    from experiments.report.documents import write_atomic

    path = _place(config.file)
    if path.is_dir():
        raise CatalogError(
            f"{path}: expected a table, got a folder; a MovieLens folder needs no declaration."
        )
    if config.ratings is not None:
        from experiments.cli.progress import Meter
        from experiments.own_data.item_ratings import add_ratings

        path = add_ratings(path, config.ratings, Meter())
        say(f"Wrote {clean(path)}")
    place = config.out or path.with_suffix(".json")
    if place.exists():
        raise ConfigError(
            f"{place} exists already and is kept. Check it: {command_line('chatrec', 'catalog', 'check', path)}; "
            "or write elsewhere: --out OTHER.json"
        )
    draft = draft_of(path)
    write_atomic(place, draft.to_json())
    if config.json:
        print_json(
            {"file": place, "declaration": draft.declaration, "unused": draft.unused, "notes": draft.notes}
        )
        return 0
    say(f"Wrote {clean(place)}")
    facets = [f"{facet['name']} ({facet['kind']})" for facet in draft.declaration["facets"]]
    output().print(f"facets: {clean(', '.join(facets))}", soft_wrap=True)
    for column, reason in draft.unused.items():
        output().print(f"not used: {clean(column)}: {clean(reason)}", soft_wrap=True)
    for note in draft.notes:
        output().print(f"look at: {clean(note)}", soft_wrap=True)
    check = command_line("chatrec", "catalog", "check", path)
    output().print(f"Check it: [bold]{clean(check)}[/bold]", soft_wrap=True)
    return 0
