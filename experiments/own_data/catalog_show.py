"""What ``chatrec catalog check`` found out, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from experiments.own_data.catalog_report import Examined

VALUES_SHOWN = 12
"""Values of a facet that are named."""


def show(found: Examined, console: Console, most: int) -> None:
    """Prints what was found out."""
    from experiments.cli.terminal import clean

    def line(text: str) -> None:
        console.print(text, soft_wrap=True)

    told = found.understood
    if "facets" in told:
        line(
            f"[bold]{clean(told['name'])}[/bold]: {told['items']:,} items, each a {clean(told['noun'])}; "
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
    for problem in found.problems[:most]:
        line(f"[bold red]wrong:[/bold red] {clean(problem)}")
    if len(found.problems) > most:
        line(f"... and {len(found.problems) - most:,} more; --json has them all")
    n = len(found.problems)
    line(
        "[green]Nothing is wrong.[/green]" if found.ok else f"{n:,} thing{'s are' if n > 1 else ' is'} wrong."
    )


def _show_facet(facet: dict[str, Any], line: Any) -> None:
    from experiments.cli.terminal import clean

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
