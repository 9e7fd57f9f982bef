"""Notions as they are written down: a JSON file a catalogue, checked against its items.

``{"a lost cause": {"items": ["Heat", "The Fly (1986)"], "say": ["..."], "held_out": ["..."]}}``: the items that have
the notion, by title (with the year in brackets where two items share it), and two sets of phrases that mean it.
Phrases are what one wants ("lawyers arguing in front of a jury"); the wordings of the language go around them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatrec_env.catalog.loading import BUILT_IN, load_catalog
from chatrec_env.errors import ConfigError, suggestion

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

DATA = Path(__file__).parent / "data"
PARTS = ("items", "say", "held_out")
FEWEST, LONGEST = 2, 120
"""Phrases of a set, at least (people say it again in other words), and characters of a phrase, at most."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Notion:
    """Something to want that no facet holds.

    Attributes:
        name: What it is called here; people never say that.
        items: Rows of the items that have it, ascending.
        say: Phrases that mean it.
        held_out: Further ones, for evaluating what was fitted to people who use the others.
    """

    name: str
    items: tuple[int, ...]
    say: tuple[str, ...]
    held_out: tuple[str, ...]

    def phrases(self, phrasing: str) -> tuple[str, ...]:
        """Those of ``"say"``, of ``"held_out"``, or of both (``"all"``)."""
        return self.say + self.held_out if phrasing == "all" else getattr(self, phrasing)


def load_notions(catalog: Catalog, path: str = "") -> tuple[Notion, ...]:
    """The notions of a catalogue; none where there are none.

    Args:
        catalog: The items.
        path: A file as this module describes; empty for the one that comes with a built-in catalogue.

    Raises:
        ConfigError: There is no such file, or what it says is not as described, or not about these items.
    """
    file = Path(path) if path else DATA / f"{catalog.name}.json"
    if not path and (catalog.name not in BUILT_IN or load_catalog(catalog.name) != catalog):
        return ()
    if not file.is_file():
        if not path:
            return ()
        raise ConfigError(f"scenario.notion_file must be the path of a JSON file of notions, got {path!r}.")
    stat = file.stat()
    return _read(catalog, file.absolute(), (stat.st_mtime_ns, stat.st_size))


@lru_cache(maxsize=16)
def _read(catalog: Catalog, file: Path, signature: tuple[int, int]) -> tuple[Notion, ...]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{file}: expected a JSON file of notions, got {error}.") from error
    if not isinstance(document, dict) or not document:
        raise ConfigError(f"{file}: expected an object of notions by name, got {type(document).__name__}.")
    rows = _rows(catalog)
    return tuple(_notion(f"{file}, {name!r}", name, parts, rows) for name, parts in document.items())


def _rows(catalog: Catalog) -> dict[str, list[int]]:
    """Rows of the items by title, and by title with the year in brackets."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, (title, year) in enumerate(zip(catalog.titles, catalog.years.tolist(), strict=True)):
        rows[title].append(row)
        rows[f"{title} ({year})"].append(row)
    return dict(rows)


def _notion(where: str, name: str, parts: Any, rows: dict[str, list[int]]) -> Notion:
    if not isinstance(parts, dict) or set(parts) != set(PARTS):
        got = ", ".join(map(repr, parts)) if isinstance(parts, dict) else repr(parts)
        raise ConfigError(f"{where}: expected an object with {', '.join(PARTS)}, got {got}.")
    for part in PARTS:
        texts, least = parts[part], 1 if part == "items" else FEWEST
        if not isinstance(texts, list) or not all(isinstance(t, str) and t.strip() for t in texts):
            raise ConfigError(f"{where}: {part} must be a list of texts, got {texts!r}.")
        if len(texts) < least or len(set(texts)) < len(texts):
            raise ConfigError(f"{where}: {part} must be {least} or more different texts, got {texts!r}.")
    for phrase in parts["say"] + parts["held_out"]:
        if len(phrase) > LONGEST or phrase != phrase.strip() or phrase[-1] in ".!?":
            raise ConfigError(
                f"{where}: a phrase must have at most {LONGEST} characters and no full stop or blank at its ends, "
                f"got {phrase!r}."
            )
    both = set(parts["say"]) & set(parts["held_out"])
    if both:
        raise ConfigError(
            f"{where}: say and held_out must share no phrase, so that one half stays unseen; "
            f"both have {sorted(both)}."
        )
    found = sorted(_row(where, title, rows) for title in parts["items"])
    return Notion(name=name, items=tuple(found), say=tuple(parts["say"]), held_out=tuple(parts["held_out"]))


def _row(where: str, title: str, rows: dict[str, list[int]]) -> int:
    found = rows.get(title, [])
    if len(found) == 1:
        return found[0]
    if found:
        dated = [key for key, own in rows.items() if len(own) == 1 and own[0] in found]
        raise ConfigError(f"{where}: two items are called {title!r}; write {' or '.join(map(repr, dated))}.")
    near = suggestion(title, rows).partition(" Known:")[0]
    raise ConfigError(f"{where}: the catalogue has no item {title!r}.{near}")
