"""Contexts: situations a person may mention, and the wishes that come with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chatrec_env.catalog.checks import check_text, check_texts, fail


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """A situation a person may mention, and the wishes that come with it.

    Attributes:
        name: Identifier, e.g. ``"kids"``.
        phrase: A full clause: ``"We're watching with the kids"``.
        wants: ``"facet:value"`` of each value wanted then.
        avoids: ``"facet:value"`` of each value unwanted then.
        synonyms: Other surface forms the parser reads as this context.

    Raises:
        CatalogError: A field is outside its domain.
    """

    name: str
    phrase: str
    wants: tuple[str, ...] = ()
    avoids: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_text("context, name", self.name)
        where = f"context {self.name!r}"
        check_text(f"{where}, phrase", self.phrase)
        for name in ("wants", "avoids", "synonyms"):
            object.__setattr__(self, name, check_texts(f"{where}, {name}", getattr(self, name)))
        for wish in (*self.wants, *self.avoids):
            if ":" not in wish:
                fail(f"{where}, wants and avoids", "'facet:value'", wish)
            if wish in self.wants and wish in self.avoids:
                fail(f"{where}, wants and avoids", "no value in both", wish)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON data; ``Context(**context.to_dict())`` is equal to ``context``."""
        return {
            "name": self.name,
            "phrase": self.phrase,
            "wants": list(self.wants),
            "avoids": list(self.avoids),
            "synonyms": list(self.synonyms),
        }
