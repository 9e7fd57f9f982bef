"""The exception tree: every error says what was expected, what came and what to do."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

_STANDS_FOR = re.compile("[A-Z]{3}")
"""How a known name begins that stands for others: ``TABLE.csv``, ``RUN_FOLDER``; ``hub:REPOSITORY`` is a hint."""


class ChatRecError(Exception):
    """Base class of every error this project raises on purpose."""


class ConfigError(ChatRecError, ValueError):
    """A keyword or configuration value is outside its domain."""


def suggestion(name: object, known: Iterable[str]) -> str:
    """``" Did you mean 'x'? Known: x, y."``, the first part only where a known name is near."""
    known = sorted(known)
    lower = {k.lower(): k for k in known if not _STANDS_FOR.match(k)}
    asked = name.lower() if isinstance(name, str) else ""
    # No name is meant by a path that is not there.
    near = [] if "/" in asked else difflib.get_close_matches(asked, lower, n=1, cutoff=0.4)
    hint = f" Did you mean {lower[near[0]]!r}?" if near else ""
    return f"{hint} Known: {', '.join(known) or 'none'}."


class UnknownKeywordError(ConfigError, TypeError):
    """A constructor has no keyword of that name; worded as Python's own error, which other libraries look for."""


class UnknownNameError(ConfigError):
    """A name (catalogue, users, scenario, encoder, ...) is not registered.

    Args:
        kind: What the name stands for, e.g. ``"catalog"``.
        name: The name that came.
        known: The registered names.
    """

    def __init__(self, kind: str, name: object, known: Iterable[str]) -> None:
        self.kind, self.name, self.known = kind, name, sorted(known)
        super().__init__(f"No {kind} {name!r}.{suggestion(name, self.known)}")

    def __reduce__(self) -> tuple[type, tuple[str, object, list[str]]]:
        return type(self), (self.kind, self.name, self.known)


class CatalogError(ChatRecError, ValueError):
    """A catalogue file or table is not what its facet declaration promises."""


class MismatchError(CatalogError):
    """What a file, a table or a declaration holds is not what was expected there.

    Args:
        source: The file, or what else the table is called; empty for a declaration that is in no file.
        expected: What was expected.
        came: What came.
        line: Line of the file or row of the table; 0 where it is no single one.
        column: Column of the table; empty where it is no single one.
        unit: What ``line`` counts: ``"line"`` or ``"row"``.
        field: Field of the declaration, or another place within the source; may be empty.
    """

    def __init__(
        self,
        source: object,
        expected: str,
        came: str,
        line: int = 0,
        column: str = "",
        unit: str = "line",
        field: str = "",
    ) -> None:
        self.source, self.expected, self.came = str(source), expected, came
        self.line, self.column, self.unit, self.field = line, column, unit, field
        row = f"{unit} {line}" if line else ""
        places = (self.source, row, f"column {column!r}" if column else "", field)
        where = ", ".join(place for place in places if place)
        super().__init__(f"{where}: expected {expected}, got {came}.")

    def __reduce__(self) -> tuple[type, tuple[str | int, ...]]:
        names = ("source", "expected", "came", "line", "column", "unit", "field")
        return type(self), tuple(getattr(self, name) for name in names)


class IllegalActionError(ChatRecError, ValueError):
    """An action is outside the action space or masked this turn."""


class NotResetError(ChatRecError, RuntimeError):
    """``step`` or ``render`` was called before ``reset``, or after the episode ended."""


class ConcurrentUseError(ChatRecError, RuntimeError):
    """``reset`` or ``step`` was called while another call of the same environment was still running."""


class UnknownAttributeError(ChatRecError, AttributeError):
    """The conversations of a vector environment have no attribute of that name."""


class ArtifactError(ChatRecError, RuntimeError):
    """A file this project wrote or downloaded (run, policy, cache, weights) is missing or damaged."""


class MissingExtraError(ChatRecError, ImportError):
    """An optional dependency is absent; the message carries the line that installs it."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        self.args_for_pickle = (package, extra, purpose)
        super().__init__(f'{purpose} needs {package!r}. Install it with: pip install "chatrec[{extra}]"')

    def __reduce__(self) -> tuple[type, tuple[str, str, str]]:
        return type(self), self.args_for_pickle
