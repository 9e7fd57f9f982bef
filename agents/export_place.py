"""Where an export may be written: to a new place, or over an earlier export of the same policy; over nothing else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agents.checkpoints import BESIDE, HEADER, POLICY, read_header
from chatrec_env.envs.config import EnvConfig
from chatrec_env.errors import ArtifactError, ConfigError

SERVING = "serving"
"""The entry of ``meta`` that makes a checkpoint an export."""

NAMED = 3
"""Files of a folder that are named when it is refused."""

FACTORS_OF = "collaborative"
"""The one keyword of the environment in which an earlier export may differ: its factors travel with it."""


OWN = (HEADER, POLICY, *BESIDE)
"""Files of an export."""


def some(names: Sequence[str]) -> str:
    """The first few of the names, and how many more there are."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"


def foreign(folder: Path) -> list[str]:
    """Names of what lies beside the export in a folder, which it leaves alone."""
    return sorted({path.name for path in folder.iterdir()} - set(OWN))


def earlier_export(folder: Path, name: str, env: EnvConfig) -> dict[str, Any] | None:
    """The ``"serving"`` entry of the export of this policy that a folder holds; None if there is nothing there.

    What a write that was killed left behind counts as nothing; files beside an earlier export are left alone.

    Args:
        folder: Where an export is to be written.
        name: The policy's name.
        env: Where it was trained.

    Raises:
        ConfigError: The folder holds anything else, which the export would replace or be mixed with.
    """
    if not folder.exists():
        return None
    if not folder.is_dir():
        raise ConfigError(f"{folder} is a file. Expected a folder that is empty or does not exist yet.")
    remains = {f"{file}.new" for file in OWN}
    found = sorted({path.name for path in folder.iterdir()} - remains)
    if not found:
        return None
    holds = some(found)
    try:
        header = read_header(folder)
        serving = header["meta"].get(SERVING)
        if not isinstance(serving, dict):
            holds += ", a policy that was trained there and not exported"
        elif serving.get("name") != name:
            holds += f", an export of {serving.get('name')!r} and not of {name!r}"
        elif other := _differing(header["env"], env):
            holds += f", an export of {name!r} for {other}"
        else:
            return serving
    except ArtifactError:
        pass  # told with the files' names
    raise ConfigError(
        f"{folder} is not empty: it holds {holds}. Nothing was written. Name a folder that is empty, does not exist "
        "yet, or holds an earlier export of this policy."
    )


def _differing(known: dict[str, Any], env: EnvConfig) -> str:
    """The first keyword in which an environment differs from a known one, in words; empty if none does."""
    asked = json.loads(json.dumps(env.to_dict()))
    for keyword, value in known.items():
        if keyword != FACTORS_OF and keyword in asked and asked[keyword] != value:
            return f"{keyword}={value!r}, where this is for {asked[keyword]!r}"
    return ""
