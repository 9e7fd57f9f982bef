"""Rules in two tiers: compiled, or in plain Python until their compiled forms are there."""

# numba's interior has no type hints.
# mypy: disable-error-code="no-untyped-call, misc"

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib import import_module
from types import FunctionType
from typing import Any

import numpy as np
from numba.core import types
from numba.core.registry import CPUDispatcher

FEW = 8
"""Conversations side by side up to which plain Python will do for a while."""

HEAVY = "calibration"
"""Package whose rules go over data sets: they are always compiled."""


class Rule(CPUDispatcher):
    """A compiled rule; what rules hand each other is told by type alone.

    numba compiles a rule anew for each constant that it is called with, which says nothing here.
    """

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """How another rule calls it with arguments of these types."""
        kws = {name: types.unliteral(kind) for name, kind in kws.items()}
        return super().get_call_template(tuple(types.unliteral(kind) for kind in args), kws)

    def __reduce__(self) -> Any:
        if "<locals>" in self.py_func.__qualname__:
            return super().__reduce__()
        return _named, (self.py_func.__module__, self.py_func.__qualname__)


def _named(module: str, name: str) -> Any:
    return getattr(import_module(module), name)


class Interpreted(Rule):
    """A rule that runs in plain Python, and so do the rules that it calls.

    These are called by copies of the functions that name each other instead of rules. A call therefore ends as it
    began, also if other threads change over meanwhile.
    """

    def __call__(self, *arguments: Any) -> Any:
        """What the rule returns; as soon as compiled forms are there, theirs."""
        if _tier.is_over():
            compile_now()
            return self(*arguments)
        with np.errstate(all="ignore"):
            return _twin(self.py_func)(*arguments)


class _Tier:
    """Which one the rules of this process are in."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.interpreted = False
        self.is_over: Callable[[], bool] = lambda: True
        self.twins: dict[Any, FunctionType] = {}
        self.globals: dict[int, _TwinGlobals] = {}
        self.lock = threading.RLock()


_tier = _Tier()


def _is_heavy(rule: Any) -> bool:
    return HEAVY in rule.py_func.__module__.split(".")


def enlist(compiled: Any) -> None:
    """Let a dispatcher be a rule of the present tier."""
    with _tier.lock:
        interpreted = _tier.interpreted and not _is_heavy(compiled)
        compiled.__class__ = Interpreted if interpreted else Rule
        _tier.rules.append(compiled)


def interpret(is_over: Callable[[], bool]) -> None:
    """Run all rules in plain Python until ``is_over``, which is asked at each call of a rule."""
    with _tier.lock:
        _tier.is_over, _tier.interpreted = is_over, True
        for each in _tier.rules:
            if not _is_heavy(each):
                each.__class__ = Interpreted


def compile_now() -> None:
    """Run all rules compiled from now on; what is not on disk is compiled when it is called."""
    with _tier.lock:
        _tier.interpreted = False
        for each in _tier.rules:
            each.__class__ = Rule


def compile_for(n: int) -> None:
    """Run all rules compiled from now on if n conversations are too many for plain Python."""
    if n > FEW and _tier.interpreted:
        compile_now()


def runs_compiled(rule: Any) -> bool:
    """Whether a rule runs compiled now; changes over if it is time."""
    if _tier.interpreted and _tier.is_over():
        compile_now()
    return type(rule) is Rule


def is_interpreted() -> bool:
    """Whether rules run in plain Python now, until they are compiled."""
    return _tier.interpreted


def used_rules() -> list[Rule]:
    """The rules that have compiled forms in this process."""
    return [each for each in _tier.rules if each.overloads]


def _twin(function: Any) -> FunctionType:
    found = _tier.twins.get(function)
    if found is None:
        names = _tier.globals.setdefault(id(function.__globals__), _TwinGlobals(function.__globals__))
        found = _tier.twins[function] = FunctionType(
            function.__code__, names, function.__name__, function.__defaults__, function.__closure__
        )
    return found


class _TwinGlobals(dict[str, Any]):
    """The globals of a module, looked up when they are named, with twins in the place of rules."""

    def __init__(self, names: dict[str, Any]) -> None:
        self._names = names

    def __missing__(self, name: str) -> Any:
        value = self._names[name]
        self[name] = value = _twin(value.py_func) if isinstance(value, Rule) else value
        return value
