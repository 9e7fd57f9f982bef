"""How rules are compiled: once per machine, announced, and never fatal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
from numba.core import event

F = TypeVar("F", bound=Callable[..., Any])

ABOUT = "about 10 s"
"""How long compiling takes on an idle machine; with what was compiled kept on disk, nothing."""

REMEDY = "Set NUMBA_CACHE_DIR to a folder that can be written, and it is done once."


def rule(function: F) -> F:
    """Compile a function of the hot path with numba, and keep the result on disk.

    What it is given are numbers, arrays and records (``NamedTuple`` of these). ``NUMBA_DISABLE_JIT=1`` runs the same
    code in plain Python, to debug; ``NUMBA_BOUNDSCHECK=1`` checks every index. Where neither the package's folder nor
    the user's cache can be written, it is compiled anew in every process, and a line says what to do.
    """
    try:
        return cast(F, numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # numba found no folder to keep it in
        _announcement.kept = False
        return cast(F, numba.njit(nogil=True)(function))


class _Announcement(event.Listener):
    """Says once per process, before the first compilation of one of our rules, what happens and how long it takes."""

    kept = True
    made = False

    def on_start(self, found: event.Event) -> None:
        rule_module = found.data["dispatcher"].py_func.__module__
        if self.made or not rule_module.startswith(("chatrec_env", "simulators", "agents", "experiments")):
            return
        type(self).made = True
        where = "once" if self.kept else f"in every process, because it cannot be kept on disk. {REMEDY}"
        if sys.stderr is not None:
            print(
                f"Chat-Rec: compiling its rules for this machine, {ABOUT}, {where}",
                file=sys.stderr,
                flush=True,
            )

    def on_end(self, found: event.Event) -> None:
        """Nothing to say."""


_announcement = _Announcement()
if not numba.config.DISABLE_JIT:  # type: ignore[attr-defined]
    event.register("numba:compile", _announcement)  # type: ignore[no-untyped-call]
