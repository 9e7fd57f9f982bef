"""What a subcommand of ``chatrec`` is."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_type_hints


@dataclass(frozen=True, slots=True)
class Command:
    """A subcommand.

    Attributes:
        run: What runs it, as ``"module:function"``; imported only when asked for, so that the others start fast. Takes
            its options, a frozen dataclass named by the type hint of its only argument; returns an exit code (or None).
        summary: One line for ``chatrec --help``.
        examples: Lines for its own ``--help``.
        extra: Optional dependencies it needs.
        formerly: Its name in the release before, which still works and says the new one.
    """

    run: str
    summary: str
    examples: tuple[str, ...]
    extra: str = ""
    formerly: str = ""

    def load(self) -> tuple[Callable[[Any], int | None], type[Any]]:
        """The function and the class of its options."""
        module, _, name = self.run.partition(":")
        function = getattr(importlib.import_module(module), name)
        hints = get_type_hints(function)
        return function, next(kind for argument, kind in hints.items() if argument != "return")
