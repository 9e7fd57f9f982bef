"""Settings to try, as the command line names them: ``NAME=A,B,C``, several of which give every combination."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from chatrec_env.errors import ConfigError, UnknownNameError
from experiments.cli.options import EnvOptions

ENVIRONMENT = tuple(f.name for f in fields(EnvOptions) if f.name != "given")
LEARNED = ("seed", "turns")
"""Settings of training: a heuristic has none of them, nor hyperparameters."""
HYPERPARAMETER = "set."
MOST_CELLS = 10_000


def split_values(text: str) -> list[str]:
    """Split a text at its commas, but for those inside brackets and quotes."""
    parts, depth, quoted, start = [], 0, False, 0
    for i, letter in enumerate(text):
        quoted ^= letter == '"'
        if not quoted:
            depth += (letter in "{[") - (letter in "}]")
            if letter == "," and depth == 0:
                parts.append(text[start:i])
                start = i + 1
    return [part.strip() for part in (*parts, text[start:])]


def parse_axis(pair: str, option: str) -> tuple[str, list[str]]:
    """``"scenario=full,null"`` as a name and its values.

    Raises:
        ConfigError: If it is not like that, or names a value twice.
        UnknownNameError: If there is no such setting.
    """
    name, equals, text = pair.partition("=")
    name = name.strip().replace("-", "_")
    values = split_values(text)
    if not equals or not all(values):
        raise ConfigError(f"{option} expects NAME=A,B,C, got {pair!r}. Example: {option} scenario=full,null")
    if name not in (*ENVIRONMENT, "agent", *LEARNED) and not name.startswith(HYPERPARAMETER):
        raise UnknownNameError("setting", name, ["agent", *LEARNED, *ENVIRONMENT, f"{HYPERPARAMETER}NAME"])
    if len(set(values)) < len(values):
        raise ConfigError(f"{option} {pair}: a value is named twice.")
    return name, values


def axes_of(over: tuple[str, ...], fixed: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Every setting with its values; those held come first, with one.

    Args:
        over: Settings to try, as ``NAME=A,B,C``.
        fixed: Settings that are held, as ``NAME=A``.

    Raises:
        ConfigError: If a setting is named twice, or the combinations are too many.
    """
    axes: dict[str, list[str]] = {}
    for option, pairs in (("--with", fixed), ("--over", over)):
        for pair in pairs:
            name, values = parse_axis(pair, option)
            if name in axes:
                raise ConfigError(
                    f"{option} names {name} twice. Give all its values at once: --over {name}=A,B"
                )
            if option == "--with" and len(values) > 1:
                raise ConfigError(f"--with holds one value, got {pair!r}. Use --over {pair}")
            axes[name] = values
    cells = int(np.prod([len(values) for values in axes.values()]))
    if cells > MOST_CELLS:
        raise ConfigError(f"{cells:,} combinations are more than {MOST_CELLS:,}. Try fewer values.")
    return axes


def is_trained(name: str) -> bool:
    """Whether a setting is one of training alone."""
    return name in LEARNED or name.startswith(HYPERPARAMETER)
