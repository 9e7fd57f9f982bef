"""How rules are compiled: once per machine, announced, and never fatal."""

# numba's interior has no type hints.
# mypy: disable-error-code="no-untyped-call, attr-defined"

from __future__ import annotations

import hashlib
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import event, types
from numba.core.caching import FunctionCache
from numba.core.registry import CPUDispatcher
from numba.core.runtime import rtsys
from numba.core.serialize import dumps

from chatrec_env.core.borrowing import BorrowedRecord
from chatrec_env.core.compiled.digests import digest
from chatrec_env.core.compiled.tiers import enlist

F = TypeVar("F", bound=Callable[..., Any])

ABOUT = "about a minute"
"""How long compiling takes on an idle machine; with what was compiled kept on disk, nothing."""

OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
OURS = ("chatrec_env", "simulators", "agents", "experiments")


def rule(function: F) -> F:
    """Compile a function of the hot path with numba, and keep the result on disk.

    What it is given are numbers, arrays and records (``NamedTuple`` of these). ``NUMBA_DISABLE_JIT=1`` runs the same
    code in plain Python, to debug; ``NUMBA_BOUNDSCHECK=1`` checks every index. Where neither the package's folder nor
    the user's cache can be written, it is compiled anew in every process, and a line says what to do.
    """
    return _compile(function)


def inlined(function: F) -> F:
    """Compile a short rule into those that call it often: to hand many arrays on takes longer than its lines."""
    return _compile(function, forceinline=True)


def _compile(function: F, **options: Any) -> F:
    compiled = numba.njit(**OPTIONS, **options)(function)
    if isinstance(compiled, CPUDispatcher):
        enlist(compiled)
        try:
            compiled._cache = Kept(function)
        except RuntimeError:  # numba found no folder to keep it in
            _announcement.kept = False
    return cast(F, compiled)


class Kept(FunctionCache):
    """Compiled forms of a rule on disk: a file each, named by what was compiled and by what it was compiled from.

    What cannot be read (missing, of other contents, damaged) or written is compiled anew. numba's own cache goes by the
    contents of the rule's file alone, and reads an index that processes may write at once.
    """

    def load_overload(self, signature: Any, target: Any) -> Any:
        """The compiled form, None if it is not here.

        numba would get ready to compile first, which takes a third of a second and is not needed to load.
        """
        rtsys.initialize(target)
        return self._load_overload(signature, target)

    def _load_overload(self, signature: Any, target: Any) -> Any:
        try:
            kept = pickle.loads(self._file(signature, target.codegen()).read_bytes())
            result = self._impl.rebuild(target, kept)
        except Exception:
            return None
        return result if result.signature.args == _arguments(signature) else None

    def _save_overload(self, signature: Any, result: Any) -> None:
        if not self._impl.check_cachable(result):
            return
        file = self._file(signature, result.codegen)
        half = file.with_suffix(f".{os.getpid()}")
        try:
            self._impl.locator.ensure_cache_path()
            half.write_bytes(dumps(self._impl.reduce(result)))
            half.replace(file)
            for old in file.parent.glob(f"{file.name.rsplit('-', 1)[0]}-*{file.suffix}"):
                if old != file:
                    old.unlink(missing_ok=True)
        except OSError:
            _announcement.kept = False
            half.unlink(missing_ok=True)

    def _file(self, signature: Any, codegen: Any) -> Path:
        """Where this form is kept: rule, then what for, then what from."""
        arguments = _arguments(signature)
        meant = repr(([str(kind) for kind in arguments], settings_of(codegen)))
        made_of = repr((digest(self._py_func), [record._fields for record in _records(arguments)]))
        rule = f"{self._py_func.__module__.rsplit('.', 1)[-1]}.{self._py_func.__qualname__}"
        names = (hashlib.sha256(part.encode()).hexdigest()[:16] for part in (meant, made_of))
        return Path(self._cache_path) / f"{rule.replace('<locals>.', '')}-{'-'.join(names)}.rule"


def settings_of(codegen: Any) -> str:
    """What forms depend on besides rules: versions, processor, and how they are compiled."""
    versions = numba.__version__, sys.version_info[:2]
    return repr((versions, codegen.magic_tuple(), numba.config.BOUNDSCHECK, numba.config.OPT, OPTIONS))


def _arguments(signature: Any) -> tuple[Any, ...]:
    return tuple(getattr(signature, "args", signature))


def _records(kinds: Any) -> Iterator[Any]:
    """The classes of the records in a signature, and of the records in these: their names do not tell their fields."""
    for kind in kinds:
        if isinstance(kind, BorrowedRecord):
            yield from _records([kind.record])
        elif isinstance(kind, types.BaseTuple):
            yield from [kind.instance_class] if isinstance(kind, types.BaseNamedTuple) else []
            yield from _records(kind)


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
if not numba.config.DISABLE_JIT:
    event.register("numba:compile", _announcement)
