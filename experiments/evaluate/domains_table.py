"""The table of ``chatrec domains``: from every policy's returns in a domain to intervals and differences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from chatrec_env.catalog import Catalog
from experiments.evaluate.reproduce_table import TUNED, difference, interval
from experiments.evaluate.stats import Interval, mean_interval

if TYPE_CHECKING:
    from rich.table import Table

NAMES = {
    "random": "random",
    "popular": "most popular",
    "greedy": "greedy",
    "most_informative": "most informative question",
    TUNED: "ask-n-then-recommend (tuned)",
}
"""What tables call the heuristics."""

HEADINGS = (
    "domain",
    "items",
    "PPO",
    "best heuristic",
    "which",
    "PPO − best, person by person",
    "greedy",
    "random",
)


def make_row(
    items: Catalog, heuristics: dict[str, dict[str, Any]], learned: list[dict[str, Any]]
) -> dict[str, Any]:
    """One domain: PPO, the best heuristic, their difference, and what the others reach; plain JSON data.

    Args:
        items: The catalogue.
        heuristics: Name -> what met everybody; ``return`` lists the people of all training seeds, seed by seed.
        learned: PPO with each training seed and the people of that seed.
    """
    plain = {name: np.array(met["return"]) for name, met in heuristics.items()}
    best = max(plain, key=lambda name: float(plain[name].mean()))
    returns = [np.array(one["return"]) for one in learned]  # (people,) per seed
    ahead = np.concatenate(returns) - plain[best]
    ease = np.mean(list(plain.values()), axis=0)
    return {
        "domain": items.name,
        "items": items.n_items,
        "facets": items.n_facets,
        "values": items.n_values,
        "ppo": interval(returns, ease).to_dict(),
        "best": best,
        "best_return": mean_interval(plain[best]).to_dict(),
        "difference": difference(returns, plain[best]).to_dict(),
        "per_seed": [float(one.mean()) for one in np.split(ahead, len(learned))],
        "questions": float(np.mean([one["questions"] for one in learned])),
        "heuristics": {name: float(values.mean()) for name, values in plain.items()},
    }


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    ppo, best, ahead = (Interval.from_dict(row[key]) for key in ("ppo", "best_return", "difference"))
    return (
        row["domain"],
        f"{row['items']:,}",
        f"{ppo.mean:.2f} ± {ppo.half:.2f}",
        f"{best.mean:.2f} ± {best.half:.2f}",
        NAMES[row["best"]],
        f"{ahead.mean:+.2f} ± {ahead.half:.2f}",
        f"{row['heuristics']['greedy']:.2f}",
        f"{row['heuristics']['random']:.2f}",
    )


def to_markdown(table: dict[str, Any]) -> str:
    """The table as Markdown."""
    lines = ["| " + " | ".join(HEADINGS) + " |", "|---" * len(HEADINGS) + "|"]
    lines += ["| " + " | ".join(_cells(row)) + " |" for row in table["rows"]]
    return "\n".join(lines) + "\n"


def to_rich(table: dict[str, Any]) -> Table:
    """The table for a terminal."""
    from rich import box
    from rich.table import Table

    people = f"{table['people']:,} unseen people per training seed ({table['seeds']}); 95% intervals"
    title = f"[bold]Scenario {table['scenario']}, {table['turns']:,} turns of PPO a domain; {people}[/bold]"
    out = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left")
    for i, heading in enumerate(HEADINGS):
        out.add_column(heading, justify="left" if i in (0, 4) else "right")
    for row in table["rows"]:
        out.add_row(*_cells(row))
    return out
