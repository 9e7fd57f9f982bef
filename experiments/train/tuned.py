"""Tuned hyperparameters in a file: by environment id and learner, plain JSON to read, edit and share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chatrec_env.errors import ArtifactError
from experiments.report.documents import write_atomic

Tuned = dict[str, dict[str, dict[str, Any]]]
"""``{environment id: {learner: {"settings": {...}, ...}}}``; beside the settings stands where they are from."""


def read_tuned(file: Path) -> Tuned:
    """All that a file holds.

    Raises:
        ArtifactError: If it is missing, or not of the form.
    """
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ArtifactError(
            f"{file} cannot be read: {error}. Make one with: chatrec tune --agent LEARNER"
        ) from error
    per_env = list(held.values()) if isinstance(held, dict) else []
    per_env = list(held.values()) if isinstance(held, dict) else [held]
    entries = [one for own in per_env for one in (own.values() if isinstance(own, dict) else [own])]
    if not all(isinstance(one, dict) and isinstance(one.get("settings"), dict) for one in entries):
        raise ArtifactError(
            f'{file} should hold {{"ChatRec/Items-v0": {{"ppo": {{"settings": {{...}}}}}}}}. Make one '
            "with: chatrec tune --agent LEARNER"
        )
    return dict(held)


def tuned_settings(file: Path, env_id: str, agent: str) -> dict[str, Any]:
    """The settings of a learner in an environment.

    Raises:
        ArtifactError: If the file has none for the two; names what it has.
    """
    held = read_tuned(file)
    found = held.get(env_id, {}).get(agent)
    if found is None:
        known = ", ".join(f"{name} in {env}" for env, own in held.items() for name in own) or "nothing"
        raise ArtifactError(f"{file} holds {known}, expected {agent} in {env_id}.")
    return dict(found["settings"])


def keep_tuned(file: Path, env_id: str, agent: str, entry: dict[str, Any]) -> None:
    """Write an entry into a file, beside those that are there."""
    held = read_tuned(file) if file.exists() else {}
    held.setdefault(env_id, {})[agent] = entry
    write_atomic(file, json.dumps(held, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
