"""What rewards are made of, by name, and how one's own terms and potentials get a name."""

from __future__ import annotations

import re
import warnings
from typing import NamedTuple

from chatrec_env.errors import ConfigError

TERMS = ("click", "rating", "ask", "leave", "shaping")
"""Terms that every reward has, in the order they are summed; further terms follow, by name."""

NONE = "none"
"""The name of no shaping."""


class Payment(NamedTuple):
    """A further reward term: a function, and what it may look at.

    Attributes:
        function: ``"module:function"``, imported when first asked for; takes a ``Happened``, returns ``(N,)`` float64.
        about: What is paid for, in a few words.
        oracle: Whether it looks at the person's latent state, which no deployed system could.
    """

    function: str
    about: str
    oracle: bool = False


_TERMS, _POTENTIALS = "chatrec_env.shaping.terms", "chatrec_env.shaping.potentials"

PAYMENTS: dict[str, Payment] = {
    "turn": Payment(f"{_TERMS}:turn", "every turn"),
    "question": Payment(f"{_TERMS}:question", "a question or a confirmation"),
    "at_end": Payment(f"{_TERMS}:at_end", "all clicks and ratings at once, when the conversation ends"),
    "delight": Payment(f"{_TERMS}:delight", "an accepted item rated 5"),
    "agreement": Payment(f"{_TERMS}:agreement", "words of agreement, thanks or praise"),
    "diversity": Payment(f"{_TERMS}:diversity", "items unlike those shown before"),
    "curiosity": Payment(f"{_TERMS}:curiosity", "information gained about tastes, in nats"),
    "retention": Payment(f"{_TERMS}:retention", "every turn after which the person is still there"),
    "true_satisfaction": Payment(f"{_TERMS}:true_satisfaction", "the person's own satisfaction", True),
}
"""Further reward terms by name; ``register_reward_term`` adds one's own."""

POTENTIALS: dict[str, str] = {
    name: f"{_POTENTIALS}:{name}"
    for name in ("knowledge", "engagement", "earned", "belief_entropy", "satisfaction", "best_candidate")
}
"""Potentials of shaping by name: ``"module:function"`` of a ``Potential``; ``register_potential`` adds one's own."""


def register_reward_term(
    name: str, function: str, about: str, *, oracle: bool = False, privileged: bool | None = None
) -> None:
    """Let ``reward={"terms": {name: weight}}`` of any environment pay what a function of one's own says.

    Register in the module that holds it, and import that module in every process that makes environments:
    ``gymnasium.make("my_rewards:ChatRec/Items-v0", ...)`` does so, ``chatrec shaping --modules my_rewards`` too.

    Args:
        name: What the keyword says; infos hold the term as ``reward_NAME``.
        function: ``"module:function"``; takes a ``Happened``, returns ``(N,)`` float64.
        about: What is paid for, in a few words.
        oracle: Whether it calls ``reveal``. All others are refused what no deployed system could know.
        privileged: What ``oracle`` was called; goes in the next release.

    Raises:
        ConfigError: The function is not written like that, or the name is taken by another one.
    """
    _check_entry("reward term", name, function, {n: known.function for n, known in PAYMENTS.items()}, TERMS)
    if privileged is not None:
        warnings.warn(
            "The keyword 'privileged' of register_reward_term is called 'oracle' now; 'privileged' goes in the next "
            "release.",
            DeprecationWarning,
            stacklevel=2,
        )
    PAYMENTS[name] = Payment(function, about, oracle or bool(privileged))


def register_potential(name: str, function: str) -> None:
    """Let ``reward={"shaping": name}`` of any environment mean a potential of one's own.

    Args:
        name: What the keyword says.
        function: ``"module:function"`` of a ``Potential``; imported as that of ``register_reward_term``.

    Raises:
        ConfigError: The function is not written like that, or the name is taken by another one.
    """
    _check_entry("potential", name, function, POTENTIALS, (NONE,))
    POTENTIALS[name] = function


def _check_entry(
    kind: str, name: str, function: str, known: dict[str, str], reserved: tuple[str, ...]
) -> None:
    if not isinstance(function, str) or not re.fullmatch(r"[\w.]+:\w+", function):
        raise ConfigError(f'The function of {kind} {name!r} must be "module:function", got {function!r}.')
    if not isinstance(name, str) or not re.fullmatch(r"\w+", name) or name in reserved:
        raise ConfigError(f"A {kind} needs a name of letters, digits and _ of its own, got {name!r}.")
    if known.get(name, function) != function:
        raise ConfigError(f"There is another {kind} called {name!r}: {known[name]}. Choose another name.")
