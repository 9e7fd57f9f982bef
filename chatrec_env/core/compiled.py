"""How rules are compiled: once per machine, announced, and never fatal."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import event

F = TypeVar("F", bound=Callable[..., Any])

ABOUT = "about a minute"
"""How long compiling takes on an idle machine; with what was compiled kept on disk, nothing."""

ROOT = Path(__file__).parents[2]
MOST_KNOWN = 256
"""Records that ``Repeated`` keeps."""

OURS = ("chatrec_env", "simulators", "agents", "experiments")


def rule(function: F) -> F:
    """Compile a function of the hot path with numba, and keep the result on disk.

    What it is given are numbers, arrays and records (``NamedTuple`` of these). ``NUMBA_DISABLE_JIT=1`` runs the same
    code in plain Python, to debug; ``NUMBA_BOUNDSCHECK=1`` checks every index. Where neither the package's folder nor
    the user's cache can be written, it is compiled anew in every process, and a line says what to do.
    """
    try:
        compiled = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:  # numba found no folder to keep it in
        _announcement.kept = False
        compiled = numba.njit(nogil=True, error_model="numpy")(function)
    else:
        if hasattr(compiled, "_cache"):
            _keep_carefully(compiled._cache)
    return cast(F, compiled)


class Repeated:
    """Calls a rule again and again with records it has met: the types of their arrays are looked at once.

    numba looks at the type of every array in every call, which for one conversation takes as long as the rule. The
    first argument is the record that differs from call to call (and comes again, as long as it is used); the other
    records must be the same in every call, and other arrays always of the same type, C-contiguous.
    """

    def __init__(self, rule: Callable[..., Any]) -> None:
        self._rule = rule
        self._known: dict[int, Any] = {}
        self._kinds, self._direct = 0, cast(Callable[..., Any] | None, None)

    def __call__(self, record: Any, *others: Any) -> Any:
        """What the rule returns."""
        known = self._known
        if known.get(id(record)) is record and self._direct is not None:
            return self._direct(record, *others)
        result = self._rule(record, *others)
        kinds = getattr(self._rule, "overloads", {})
        if (
            len(kinds) != self._kinds
        ):  # of one kind of arguments there is no doubt which compiled form is meant
            self._kinds = len(kinds)
            self._direct = next(iter(kinds.values())).entry_point if len(kinds) == 1 else None
        if len(known) >= MOST_KNOWN:
            known.clear()
        known[id(record)] = record
        return result

    def __reduce__(self) -> Any:
        return Repeated, (self._rule,)


@functools.cache
def sources() -> str:
    """What the rules' source files are now: changes with any of them, since compiled rules contain one another."""
    files = sorted(path for name in ("chatrec_env", "simulators") for path in (ROOT / name).rglob("*.py"))
    stats = [(str(path.relative_to(ROOT)), path.stat()) for path in files]
    return hashlib.sha256(repr([(name, s.st_mtime_ns, s.st_size) for name, s in stats]).encode()).hexdigest()


def _keep_carefully(cache: Any) -> None:
    """What cannot be read from disk (of other source files, damaged) or written to it is compiled anew."""
    load, save = cache.load_overload, cache.save_overload
    cache._cache_file._version += f" {sources()}"

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
