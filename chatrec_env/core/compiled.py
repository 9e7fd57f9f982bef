"""How rules are compiled: once per machine, announced, and never fatal."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
from numba.core import event

F = TypeVar("F", bound=Callable[..., Any])

ABOUT = "about 10 s"
"""How long compiling takes on an idle machine; with what was compiled kept on disk, nothing."""

OURS = ("chatrec_env", "simulators", "agents", "experiments")


def rule(function: F) -> F:
    """Compile a function of the hot path with numba, and keep the result on disk.

    What it is given are numbers, arrays and records (``NamedTuple`` of these). ``NUMBA_DISABLE_JIT=1`` runs the same
    code in plain Python, to debug; ``NUMBA_BOUNDSCHECK=1`` checks every index. Where neither the package's folder nor
    the user's cache can be written, it is compiled anew in every process, and a line says what to do.
    """
    try:
        compiled = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # numba found no folder to keep it in
        _announcement.kept = False
        compiled = numba.njit(nogil=True)(function)
    else:
        if hasattr(compiled, "_cache"):
            _keep_carefully(compiled._cache)
    return cast(F, compiled)


def _keep_carefully(cache: Any) -> None:
    """What cannot be read from disk (of another version of the code, damaged) or written to it is compiled anew."""
    load, save = cache.load_overload, cache.save_overload

    def load_overload(*which: Any) -> Any:
        try:
            return load(*which)
        except Exception:
            with contextlib.suppress(OSError):
                cache.flush()
            return None

    def save_overload(*what: Any) -> None:
        try:
            save(*what)
        except OSError:
            _announcement.kept = False

    cache.load_overload, cache.save_overload = load_overload, save_overload


class _Announcement(event.Listener):
    """Says once per process, before the first compilation of one of our rules, what happens and how long it takes."""

    kept = True
    made = False

    def on_start(self, found: event.Event) -> None:
        rule_module = found.data["dispatcher"].py_func.__module__
        if self.made or sys.stderr is None or not rule_module.startswith(OURS):
            return
        self.made = True
        often = "once"
        if not self.kept:
            often = (
                "in every process: no folder to keep it in can be written. Set NUMBA_CACHE_DIR to one that can, and "
                "it is done once"
            )
        print(
            f"Chat-Rec: compiling its rules for this machine, {ABOUT}, {often}.", file=sys.stderr, flush=True
        )

    def on_end(self, found: event.Event) -> None:
        """Nothing to say."""


_announcement = _Announcement()
if not numba.config.DISABLE_JIT:  # type: ignore[attr-defined]
    event.register("numba:compile", _announcement)  # type: ignore[no-untyped-call]
