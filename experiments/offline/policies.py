"""Policies as commands name them, softened or not, what identifies them in a log, and which of them a study judges."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from agents import registry
from agents.base import Policy
from agents.checkpoints import HEADER
from agents.stochastic import EpsilonGreedy, Softmax
from chatrec_env.envs.config import EnvConfig
from chatrec_env.errors import ConfigError, UnknownNameError, suggestion
from experiments.cli.options import parse_settings
from experiments.report.runlog import POLICIES, RUN

SOFT = ("epsilon", "temperature")
"""Settings of a name that soften the policy; all others are the heuristic's own."""


NEAR: dict[str, tuple[tuple[str, str], ...]] = {
    "strategy": (
        ("greedy:epsilon=0.5", "greedy:epsilon=0.3"),
        ("ask_then_recommend:questions=1,epsilon=0.5", "ask_then_recommend:questions=1,epsilon=0.3"),
        ("most_informative:epsilon=0.4", "most_informative:epsilon=0.55"),
    ),
    "items": (
        ("greedy:epsilon=0.5", "greedy:epsilon=0.3"),
        ("ask_then_recommend:questions=1,epsilon=0.5", "ask_then_recommend:questions=1,epsilon=0.3"),
        ("greedy:temperature=1,epsilon=0.2", "greedy:temperature=0.5,epsilon=0.2"),
    ),
}
"""Pairs of the policy logged and the policy judged that do much the same, by action set."""

FAR = ("greedy:epsilon=0.3", "ask_then_recommend:questions=3,epsilon=0.1")
"""A pair that does not: what is to be flagged."""

RANKED: dict[str, tuple[str, ...]] = {
    "strategy": (
        "random",
        "greedy:epsilon=0.1",
        "greedy:epsilon=0.3",
        "greedy:epsilon=0.6",
        "ask_then_recommend:questions=1,epsilon=0.2",
        "ask_then_recommend:questions=2,epsilon=0.2",
        "ask_then_recommend:questions=3,epsilon=0.2",
        "ask_then_recommend:questions=2,epsilon=0.5",
        "most_informative:epsilon=0.2",
        "ask_then_recommend:questions=0,epsilon=0.2",
    ),
    "items": (
        "random",
        "greedy:epsilon=0.1",
        "greedy:epsilon=0.3",
        "greedy:epsilon=0.6",
        "ask_then_recommend:questions=1,epsilon=0.2",
        "ask_then_recommend:questions=2,epsilon=0.2",
        "ask_then_recommend:questions=3,epsilon=0.2",
        "popular:epsilon=0.2",
        "most_informative:epsilon=0.2",
        "greedy:temperature=0.4,epsilon=0.2",
    ),
}
"""Ten policies that are ranked from one log, by action set."""

RANK_LOG = "ask_then_recommend:questions=1,epsilon=0.6"
"""Whose log that is."""


@dataclass(frozen=True, slots=True)
class Named:
    """A policy under the name a command gave it.

    Attributes:
        name: As given, ``"greedy:epsilon=0.3"``.
        policy: Who decides.
        version: Digest of what it is: its class and settings, or the checksums of its checkpoint, and the softening.
        env: Where it was trained; None if it was not.
    """

    name: str
    policy: Policy
    version: str
    env: EnvConfig | None


def named_policy(name: str, env: EnvConfig) -> Named:
    """The policy of a name: a heuristic or a policy folder, after a colon its settings.

    ``"random"``, ``"greedy:epsilon=0.3"``, ``"ask_then_recommend:questions=2,epsilon=0.2"``,
    ``"runs/demo/policies/ppo:temperature=1"``. Temperature comes first, then epsilon.

    Args:
        name: The name.
        env: Where heuristics act.

    Raises:
        UnknownNameError: There is no such heuristic, folder or setting.
        ConfigError: A setting is out of range.
        ArtifactError: The folder is damaged.
    """
    what, _, told = name.partition(":")
    pairs = tuple(part for part in told.split(",") if part)
    settings = parse_settings(pairs, f"{what}:", f"{what}:epsilon=0.3")
    try:
        policy, identity, trained, soft = _made(what, settings, env)
    except UnknownNameError:  # says itself what is not known
        raise
    except ConfigError as error:
        raise ConfigError(f"{name}: {error}") from error
    text = json.dumps({**identity, **soft, "chatrec": metadata.version("chatrec")}, sort_keys=True)
    return Named(name, policy, hashlib.sha256(text.encode()).hexdigest(), trained)


def _made(
    what: str, settings: dict[str, Any], env: EnvConfig
) -> tuple[Policy, dict[str, Any], EnvConfig | None, dict[str, float]]:
    """The policy, softened; what identifies it, where it was trained, and how it is softened."""
    soft = {key: _number(settings.pop(key), key) for key in SOFT if key in settings}
    policy: Policy
    trained: EnvConfig | None = None
    if Path(what).is_dir():
        policy, identity, trained = _from_folder(Path(what), settings)
    elif what in registry.names(registry.BASELINE):
        from agents.baselines import make_baseline

        policy = make_baseline(what, env, **settings)
        identity = {"name": what, "params": asdict(policy)}
    else:
        raise UnknownNameError("policy", what, [*registry.names(registry.BASELINE), "POLICY_FOLDER"])
    if "temperature" in soft:
        policy = Softmax(policy, soft["temperature"])
    if "epsilon" in soft:
        policy = EpsilonGreedy(policy, soft["epsilon"])
    return policy, identity, trained, soft


def names_policy(name: str) -> bool:
    """Whether there is a policy of this name, whatever its settings."""
    what = name.partition(":")[0]
    return what in registry.names(registry.BASELINE) or (Path(what) / HEADER).is_file()


def what_else(name: str) -> str:
    """What a name is that is no log and no policy, in a sentence."""
    path = Path(name)
    if path.is_dir():
        if (path / RUN).is_file():
            return f"{name} is a run folder; policies of a run are in {path / POLICIES}."
        return (
            f"{name} is {'a folder without a log or a policy' if any(path.iterdir()) else 'an empty folder'}."
        )
    if path.is_file():
        return f"{name} is {'no file of sessions' if path.stat().st_size else 'an empty file'}."
    known = suggestion(name.partition(":")[0], registry.names(registry.BASELINE))
    return f"{name} is neither a log nor a policy: there is no such file, folder or heuristic.{known}"


def _from_folder(folder: Path, settings: dict[str, Any]) -> tuple[Policy, dict[str, Any], EnvConfig]:
    from agents.checkpoints import load_checkpoint, load_policy, read_header

    if settings:
        raise UnknownNameError("setting of a saved policy", next(iter(settings)), SOFT)
    return load_policy(folder), {"checkpoint": read_header(folder)["sha256"]}, load_checkpoint(folder).env


def _number(value: Any, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError(f"{key} must be a number, got {value!r}. Example: greedy:{key}=0.3")
    return float(value)
