"""``chatrec catalog``: check a table of items and its declaration, draft a declaration, list the built-in domains."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import tyro

from chatrec_env.catalog import BUILT_IN, load_catalog
from chatrec_env.catalog.readers import beside
from chatrec_env.errors import CatalogError, ConfigError, UnknownNameError
from chatrec_env.language.word_forms import get_word_forms
from experiments.cli.options import OptionalPath
from experiments.cli.progress import Meter
from experiments.cli.terminal import clean, command_line, output, pasted, print_json, say
from experiments.report.documents import write_atomic
from experiments.report.grid import Grid
from experiments.report.study import show

if TYPE_CHECKING:
    from rich.console import Console

    from experiments.own_data.catalog_report import Examined

WRONG = 1
"""Exit code of a check that found something wrong."""

MOST_SHOWN = 30
"""Problems a terminal shows; ``--json`` has them all."""

VALUES_SHOWN = 12
"""Values of a facet that are named."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CatalogConfig:
    """Check a table of items, draft a declaration for it, or list the built-in catalogues.

    `check FILE` says what was understood (facets, kinds, values, bins, how many items have them, columns that are not
    used) and everything that is wrong, row by row: file, line, column, what was expected, what came. Where the
    declaration (FILE with .json) is missing, it suggests one. `draft FILE` writes that first declaration beside the
    table, to be looked over and edited. FILE is a text table of any separator and encoding, packed with gzip or not, a
    Parquet table, a MovieLens folder, or a built-in name.
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
    file: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="TABLE")] = ""
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
    from experiments.own_data.catalog_report import examine

    found = examine(_place(config.file), Meter())
    if config.json:
        print_json({**asdict(found), "ok": found.ok})
    else:
        _show(found, output())
    return 0 if found.ok else WRONG


def _draft(config: CatalogConfig) -> int:
    from experiments.own_data.catalog_report import draft_of

    path = _place(config.file)
    if path.is_dir():
        raise CatalogError(
            f"{path}: expected a table, got a folder; a MovieLens folder needs no declaration."
        )
    if config.ratings is not None:
        from experiments.own_data.item_ratings import add_ratings

        path = add_ratings(path, config.ratings, Meter())
        say(f"Wrote {clean(path)}")
    place = config.out or beside(path, ".json")
    if place.exists():
        raise ConfigError(
            f"{place} exists already and is kept. Check it: {command_line('chatrec', 'catalog', 'check', path)}; "
            "or write elsewhere: --out OTHER.json"
        )
    draft = draft_of(path)
    write_atomic(place, draft.to_json())
    if config.json:
        print_json(
            {
                **{"file": place, "rows": draft.rows, "declaration": draft.declaration, "said": draft.said},
                **{"unused": draft.unused, "notes": draft.notes},
            }
        )
        return 0
    say(f"Wrote {clean(place)}")
    for key, taken in {"items": f"{draft.rows:,} rows", **draft.said}.items():
        output().print(f"{key}: {clean(taken)}", soft_wrap=True)
    facets = [f"{facet['name']} ({facet['kind']})" for facet in draft.declaration["facets"]]
    output().print(f"facets: {clean(', '.join(facets))}", soft_wrap=True)
    for column, reason in draft.unused.items():
        output().print(f"not used: {clean(column)}: {clean(reason)}", soft_wrap=True)
    for note in draft.notes:
        output().print(f"look at: {clean(note)}", soft_wrap=True)
    output().print(f"Check it: {pasted('catalog', 'check', path)}", soft_wrap=True)
    return 0


def _show(found: Examined, console: Console) -> None:
    def line(text: str) -> None:
        console.print(text, soft_wrap=True)

    told = found.understood
    if "facets" in told:
        one = get_word_forms().with_article(clean(told["noun"]))
        line(
            f"[bold]{clean(told['name'])}[/bold]: {told['items']:,} items, each {one}; "
            f"{told['years']:,} with a year; {told['names']:,} names; {len(told['contexts'])} contexts"
        )
        for facet in told["facets"]:
            _show_facet(facet, line)
    elif told:
        line(f"{told['rows']:,} rows, columns: {clean(', '.join(told['columns']))}")
    unused = [column for column, use in told.get("columns", {}).items() if not use]
    if unused:
        line(f"\ncolumns not used: {clean(', '.join(unused))}")
    if found.suggestion is not None:
        facets = ", ".join(f"{facet['name']} ({facet['kind']})" for facet in found.suggestion["facets"])
        line(f"\nsuggested facets: {clean(facets)}")
    for warning in found.warnings:
        line(f"[yellow]look at:[/yellow] {clean(warning)}")
    for problem in found.problems[:MOST_SHOWN]:
        line(f"[bold red]wrong:[/bold red] {clean(problem)}")
    if len(found.problems) > MOST_SHOWN:
        line(f"... and {len(found.problems) - MOST_SHOWN:,} more; --json has them all")
    n = len(found.problems)
    line(
        "[green]Nothing is wrong.[/green]" if found.ok else f"{n:,} thing{'s are' if n > 1 else ' is'} wrong."
    )


def _show_facet(facet: dict[str, Any], line: Any) -> None:
    values = list(facet["values"].items())
    if "bins" not in facet:
        values.sort(key=lambda item: -item[1])
    shown = ", ".join(f"{value} {count}" for value, count in values[:VALUES_SHOWN])
    more = f", ... ({len(values)} values)" if len(values) > VALUES_SHOWN else ""
    kind = facet["kind"]
    if "bins" in facet:
        low, high = facet["range"]
        kind += f", {low:g} to {high:g} {facet['unit']}".rstrip()
    asked = "" if facet["askable"] else ", never asked about"
    line(
        f"\n[bold]{clean(facet['name'])}[/bold] ({clean(kind)}, column {clean(facet['column'])}, "
        f"weight {facet['weight']:g}, {facet['coverage']:.0%} of the items{asked})"
    )
    line(f"  {clean(shown + more)}")
    line(f"  {clean(facet['question'])} | {clean(facet['wish'])} | {clean(facet['critique'])}")
