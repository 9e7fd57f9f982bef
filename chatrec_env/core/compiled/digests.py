"""What a compiled rule depends on, as a digest: its code, the constants it names, and the rules it calls.

A rule that was compiled contains its constants and the rules it calls. What was kept on disk is therefore found by the
contents of all these, whatever file they stand in and whenever it was changed.
"""

from __future__ import annotations

import enum
import functools
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[3]
PACKAGES = ("chatrec_env", "simulators")
"""The packages with rules."""

_digests: dict[FunctionType, str] = {}


def digest(function: Any) -> str:
    """The digest of a rule's Python function, kept for the process."""
    found = _digests.get(function)
    if found is None:
        found = _digests[function] = _Reading().of_function(function)
    return found


class _Reading:
    """One reading of a function and of all that it calls; knows what it is inside of."""

    def __init__(self, inside: tuple[FunctionType, ...] = ()) -> None:
        self._inside = inside

    def of_function(self, function: FunctionType) -> str:
        if function in self._inside:  # rules that call each other in a circle
            return all_sources()
        reading = _Reading((*self._inside, function))
        cells = [cell.cell_contents for cell in function.__closure__ or ()]
        parts = [
            function.__module__,
            function.__qualname__,
            *_code(function.__code__, function.__doc__),
            *(reading.of_value(value) for value in (function.__defaults__, function.__kwdefaults__, *cells)),
        ]
        for name in sorted(set(_names(function.__code__))):
            if name in function.__globals__:
                parts += [name, reading.of_value(function.__globals__[name])]
        return _hash(*parts)

    def of_value(self, value: Any) -> str:
        """Of what a rule names; what is of an unknown kind counts as the file that its kind is from."""
        if value is None or isinstance(value, bool | int | float | complex | str | bytes | np.generic):
            return f"{_kind(value)} {value!r}"
        if isinstance(value, np.ndarray) and not value.dtype.hasobject:
            return _hash(repr((value.dtype.descr, value.shape, value.flags.c_contiguous)), value.tobytes())
        if isinstance(value, tuple | list):
            return _hash(_kind(value), *self.of_fields(type(value)), *map(self.of_value, value))
        if isinstance(value, type) and issubclass(value, tuple) and hasattr(value, "_fields"):
            return _hash(_name(value), *self.of_fields(value))
        if isinstance(value, type) and issubclass(value, enum.Enum):
            return _hash(_name(value), *(f"{m.name} {self.of_value(m.value)}" for m in value))
        py_func = getattr(value, "py_func", None)
        if isinstance(py_func, FunctionType):
            if py_func not in _digests:
                _digests[py_func] = self.of_function(py_func)
            return _digests[py_func]
        if isinstance(value, ModuleType):
            return f"module {value.__name__} {_contents_of(value.__name__)}"
        if isinstance(value, type | FunctionType):
            return f"{_name(value)} {_contents_of(value.__module__)}"
        told = repr(value)
        if " at 0x" in told:  # nothing but where it is: its value can come from anywhere
            return f"{_kind(value)} {all_sources()}"
        return f"{_kind(value)} {told} {_contents_of(type(value).__module__)}"

    def of_fields(self, kind: type) -> Iterator[str]:
        """Of the fields of a record and their defaults; nothing of another tuple."""
        defaults = getattr(kind, "_field_defaults", {})
        for name in getattr(kind, "_fields", ()):
            yield f"{name} {self.of_value(defaults.get(name))}"


def _code(code: CodeType, doc: str | None = None) -> Iterator[str | bytes]:
    """What is done by it; not where it stands, nor what is said about it."""
    yield code.co_code
    yield getattr(code, "co_exceptiontable", b"")
    yield repr((code.co_names, code.co_varnames, code.co_freevars, code.co_argcount, code.co_kwonlyargcount))
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _code(constant)
        elif isinstance(constant, frozenset):
            yield repr(sorted(map(repr, constant)))
        elif constant is None or constant != doc:
            yield f"{_kind(constant)} {constant!r}"


def _names(code: CodeType) -> Iterator[str]:
    """Names of globals; of attributes too, which only makes the digest depend on more."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _contents_of(module: str) -> str:
    """A digest of a module's file, of ours; other packages are taken to be what numba knows of them."""
    if module.split(".")[0] in sys.stdlib_module_names or module.startswith(("numpy", "numba")):
        return ""
    file = getattr(sys.modules.get(module), "__file__", None)
    return _contents(file) if file else all_sources()


@functools.cache
def _contents(file: str) -> str:
    try:
        return _hash(Path(file).read_bytes())
    except OSError:
        return all_sources()


@functools.cache
def all_sources() -> str:
    """A digest of all source files that have rules: for what cannot be told apart further."""
    files = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
    return _hash(*(part for path in files for part in (str(path.relative_to(ROOT)), path.read_bytes())))


def _kind(value: Any) -> str:
    return _name(type(value))


def _name(kind: Any) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _hash(*parts: str | bytes) -> str:
    total = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "little") + data)
    return total.hexdigest()
