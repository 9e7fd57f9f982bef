"""Checks of settings: one wording for every number that is out of its range."""

from __future__ import annotations

from typing import Any

from chatrec_env.errors import ConfigError


def check_integers(owner: str, config: Any, **least: int) -> None:
    """See that fields of ``config`` are integers and not below the least they may be.

    Raises:
        ConfigError: Names the first field that is not, as ``owner.field``.
    """
    for name, low in least.items():
        value = getattr(config, name)
        if isinstance(value, bool) or not isinstance(value, int) or value < low:
            raise ConfigError(f"{owner}.{name} must be an integer >= {low}, got {value!r}.")


def check_numbers(owner: str, config: Any, **intervals: str) -> None:
    """See that fields of ``config`` are numbers within intervals like ``"[0, 1]"`` or ``"(0, inf)"``.

    Raises:
        ConfigError: Names the first field that is not, as ``owner.field``.
    """
    for name, interval in intervals.items():
        value = getattr(config, name)
        low, high = (float(end) for end in interval[1:-1].split(","))
        number = isinstance(value, int | float) and not isinstance(value, bool)
        closed = number and (value != low or interval[0] == "[") and (value != high or interval[-1] == "]")
        if not closed or not low <= value <= high:
            raise ConfigError(f"{owner}.{name} must be a number in {interval}, got {value!r}.")
