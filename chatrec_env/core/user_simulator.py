"""The contract between the task and whoever plays the person."""

from __future__ import annotations

import importlib
import re
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from chatrec_env.errors import ConfigError, UnknownNameError

if TYPE_CHECKING:
    from pathlib import Path

    from chatrec_env.catalog import Catalog
    from chatrec_env.core.rating_history import RatingHistory, RatingHistoryPlan
    from chatrec_env.language import SentenceTable

USER_SENTENCES = 4
"""Sentences a person's turn can hold; unused places are -1."""

USERS: dict[str, str] = {
    "llm": "simulators.factories:llm",
    "scripted": "simulators.factories:scripted",
}
"""User simulators by name: ``"module:factory"``, imported when first asked for. A factory takes the catalogue, the
sentence table, the scenario and the simulator's own options, and returns a ``UserModel``. ``register_users`` adds
one's own."""

PHRASES: dict[str, str] = dict.fromkeys(USERS, "simulators.factories:phrases")
"""What people of a simulator say in words of their own, by the simulator's name: ``"module:function"``. The function
takes the catalogue, the scenario and the simulator's own options, and returns texts; see ``Form.NOTION``."""

REAL_LOG = "simulators.logs:ratings_log"
"""Who reads the ratings of a folder: ``"module:function"``, imported when first asked for."""


class SystemTurn(NamedTuple):
    """What the system did this turn, as the person perceives it. N conversations, slates of S items."""

    act: npt.NDArray[np.int8]  # (N,) SystemAct
    facet: npt.NDArray[np.int16]  # (N,) facet asked about, -1 otherwise
    value: npt.NDArray[np.int16]  # (N,) value to confirm, -1 otherwise
    slate: npt.NDArray[np.int32]  # (N, S) items shown, -1 where none
    reason: npt.NDArray[np.int16]  # (N,) value the explanation of the first item names, -1 if it names none
    sentences: npt.NDArray[np.int64]  # (N, S + 2) sentence ids, -1 where none: opener, the items, explanation


class UserTurn(NamedTuple):
    """How the person answered."""

    click: npt.NDArray[np.int8]  # (N,) position of the clicked item in the slate, -1 if none
    stars: npt.NDArray[np.int8]  # (N,) rating 1-5 of the clicked item, 0 if none
    leave: npt.NDArray[np.bool_]  # (N,) whether they walk out after this
    sentences: npt.NDArray[np.int64]  # (N, 4) sentence ids, -1 where none


def new_user_turn(n: int) -> UserTurn:
    """A turn of N people to be filled in."""
    sentences = np.empty((n, USER_SENTENCES), np.int64)
    return UserTurn(np.empty(n, np.int8), np.empty(n, np.int8), np.empty(n, np.bool_), sentences)


class UserSimulator(Protocol):
    """A population of people. Owns no randomness: every draw comes in as a uniform in [0, 1)."""

    name: str
    profile_draws: int
    """Uniforms one person's profile is made from."""
    turn_draws: int
    """Uniforms one turn of one person uses."""
    deterministic: bool
    """Whether the same draws always give the same behaviour."""

    def start(self, draws: npt.NDArray[np.float64]) -> tuple[Any, npt.NDArray[np.int64]]:
        """People from ``draws (N, profile_draws)`` and their opening sentences ``(N, 4)``."""

    def respond(self, people: Any, system: SystemTurn, draws: npt.NDArray[np.float64]) -> UserTurn:
        """One turn of every person; ``draws (N, turn_draws)``. Advances ``people`` in place."""

    def reveal(self, people: Any) -> dict[str, npt.NDArray[Any]]:
        """Latent state by name, for evaluators and planners only."""


RENAMED = {"past": "rating_history", "setting": "situational_context"}
"""Methods of users under their earlier and their present names."""

CONTRACT = ("name", "profile_draws", "turn_draws", "deterministic", "start", "respond", "reveal")
"""What ``UserModel`` asks for, by name."""


@runtime_checkable
class Appraisable(Protocol):
    """Users who can be asked what items are worth to them now; for evaluators and planners only."""

    def utility(self, people: Any, items: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
        """Utilities ``(N, S)`` of ``items (N, S)`` (>= 0)."""


@runtime_checkable
class Renewable(Protocol):
    """Users whose people make room for others without new arrays."""

    def renew(self, people: Any, draws: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """Other people in the place of ``people``, as ``start`` makes them; their opening sentences, (N, 4)."""


@runtime_checkable
class Situated(Protocol):
    """Users who come at some time of day, with some device: a system sees both without being told."""

    def situational_context(self, people: Any) -> npt.NDArray[np.int8]:
        """Indices into ``catalog.times`` and ``catalog.devices``, ``(N, 2)``; -1 where not known."""


@runtime_checkable
class Experienced(Protocol):
    """Users who did something before they came; a system sees what they rated, nothing else of it."""

    profile_draws: int

    def crowd(self, draws: npt.NDArray[np.float64]) -> Any:
        """People from ``draws (N, profile_draws)`` who say nothing: whose ratings make a log."""

    def rating_history(
        self, people: Any, plan: RatingHistoryPlan, draws: npt.NDArray[np.float64]
    ) -> RatingHistory:
        """What they rated, from ``draws (N, plan.draws)``; leaves ``people`` as they are."""


@runtime_checkable
class MeteredUsers(Protocol):
    """Users that cost something, and tell what: the counts go into the info."""

    def meter(self, people: Any) -> dict[str, npt.NDArray[Any]]:
        """What each conversation has taken so far, ``(N,)`` each, by info key."""

    def usage(self) -> dict[str, int | float]:
        """What this process has taken so far, by name; for the run log."""


def register_users(name: str, factory: str) -> None:
    """Let ``users=name`` (or ``users={"name": name, ...}``) of any environment mean a simulator of one's own.

    Register in the module that holds it: ``gymnasium.make("my_people:ChatRec/Items-v0", users="mine")`` imports that
    module first, in the processes of ``AsyncVectorEnv`` too.

    Args:
        name: What the keyword says.
        factory: ``"module:function"``; the function takes ``(catalog, table, scenario, options)`` and returns a
            ``UserModel``.

    Raises:
        ConfigError: The factory is not written like that, or the name is taken by another one.
    """
    if not isinstance(factory, str) or not re.fullmatch(r"[\w.]+:\w+", factory):
        raise ConfigError(f'The factory of users {name!r} must be "module:function", got {factory!r}.')
    if not isinstance(name, str) or not name or USERS.get(name, factory) != factory:
        raise ConfigError(f"Users need a name of their own, got {name!r}; taken: {', '.join(sorted(USERS))}.")
    USERS[name] = factory


def own_phrases(users: str | dict[str, Any], catalog: Catalog, scenario: Any) -> tuple[str, ...]:
    """What people say in words of their own: the ``phrases`` of their ``Grammar``; none of users who have none.

    Args:
        users: As of ``make_users``.
        catalog: The items.
        scenario: Name of a scenario, or a dict of changes.
    """
    options = dict(users) if isinstance(users, dict) else {"name": users}
    found = PHRASES.get(options.pop("name", ""))
    if found is None:
        return ()
    module, _, function = found.partition(":")
    phrases: tuple[str, ...] = getattr(importlib.import_module(module), function)(catalog, scenario, options)
    return phrases


def make_users(
    users: str | dict[str, Any], catalog: Catalog, table: SentenceTable, scenario: Any
) -> UserSimulator:
    """Build a user simulator.

    Args:
        users: Its registered name, or a dict with ``"name"`` and its options.
        catalog: The items.
        table: The sentences; what people say in their own words is interned there.
        scenario: Name of a scenario, or a dict of changes.

    Raises:
        UnknownNameError: If no simulator of that name is registered.
        ConfigError: If the one registered cannot be imported, or is no ``UserModel``.
    """
    options = dict(users) if isinstance(users, dict) else {"name": users}
    name = options.pop("name", None)
    if not isinstance(name, str) or name not in USERS:
        raise UnknownNameError("users", name, USERS)
    module, _, function = USERS[name].partition(":")
    try:
        factory = getattr(importlib.import_module(module), function)
    except (ModuleNotFoundError, AttributeError) as error:
        if isinstance(error, ModuleNotFoundError) and error.name != module:
            raise  # something the module itself needs
        raise ConfigError(
            f'Users {name!r} are registered as {USERS[name]!r}, expected "module:function" that can be imported: '
            f"{error}."
        ) from error
    made: UserSimulator = factory(catalog, table, scenario, options)
    lacking = [part for part in CONTRACT if not hasattr(made, part)]
    if lacking:
        raise ConfigError(
            f"Users {name!r}: {USERS[name]} must return a UserModel (chatrec_env.core.user_simulator), got a "
            f"{type(made).__name__} without {', '.join(lacking)}."
        )
    for old, new in RENAMED.items():
        if hasattr(made, old) and not hasattr(made, new):
            warnings.warn(
                f"Users {name!r}: {type(made).__name__}.{old} is called {new} now; {old} goes in the next release.",
                DeprecationWarning,
                stacklevel=2,
            )
            setattr(made, new, getattr(made, old))
    return made


def real_log(
    folder: Path, catalog: Catalog
) -> tuple[tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.float32]], str]:
    """Person, item and stars ``(n,)`` of the ratings in a MovieLens folder, and what to call them.

    Raises:
        CatalogError: The ratings are damaged, or of other items than the catalogue's.
    """
    module, function = REAL_LOG.split(":")
    found: Any = getattr(importlib.import_module(module), function)(folder, catalog)
    return found[0], found[1]
