"""Contexts a person may mention, settings a system can see, and the wishes that come with them."""

from __future__ import annotations

from dataclasses import dataclass

from chatrec_env.catalog.checks import Declared, check_number, check_text, check_texts, fail


@dataclass(frozen=True, kw_only=True, slots=True)
class Context(Declared):
    """A situation a person may mention, and the wishes that come with it.

    Raises:
        CatalogError: A field is outside its domain.
    """

    name: str  # identifier, e.g. `"kids"`
    phrase: str  # a full clause: `"We're watching with the kids"`
    wants: tuple[str, ...] = ()  # `"facet:value"` of each value wanted then
    avoids: tuple[str, ...] = ()  # `"facet:value"` of each value unwanted then
    synonyms: tuple[str, ...] = ()  # other surface forms the parser reads as this context

    def __post_init__(self) -> None:
        where = _check_wishes("context", self)
        check_text(f"{where}, phrase", self.phrase)
        object.__setattr__(self, "synonyms", check_texts(f"{where}, synonyms", self.synonyms))


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting(Declared):
    """A time of day or a device: part of the situation that the system observes without being told.

    Raises:
        CatalogError: A field is outside its domain.
    """

    name: str  # what it is called, e.g. `"evening"` or `"phone"`
    share: float = 1.0  # how many conversations are held in it, relative to the others of its kind; > 0
    wants: tuple[str, ...] = ()  # `"facet:value"` of each value likelier wanted then
    avoids: tuple[str, ...] = ()  # `"facet:value"` of each value likelier unwanted then

    def __post_init__(self) -> None:
        where = _check_wishes("setting", self)
        share = check_number(f"{where}, share", self.share, "a number above 0")
        if share <= 0:
            fail(f"{where}, share", "a number above 0", self.share)
        object.__setattr__(self, "share", share)


def _check_wishes(kind: str, entry: Context | Setting) -> str:
    """Each wish is ``"facet:value"``, and none is on both sides; returns what errors call the entry."""
    check_text(f"{kind}, name", entry.name)
    where = f"{kind} {entry.name!r}"
    for name in ("wants", "avoids"):
        object.__setattr__(entry, name, check_texts(f"{where}, {name}", getattr(entry, name)))
    for wish in (*entry.wants, *entry.avoids):
        if ":" not in wish:
            fail(f"{where}, wants and avoids", "'facet:value'", wish)
        if wish in entry.wants and wish in entry.avoids:
            fail(f"{where}, wants and avoids", "no value in both", wish)
    return where
