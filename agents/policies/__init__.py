"""Policies that come with the package, one folder for every built-in domain: ``chatrec chat`` and ``serve`` use them.

They are exports (``agents.export``) and nothing else: weights, a header, and a card that says how good they are.
``python -m experiments.train.shipped`` trains, checks and writes them.
"""

from __future__ import annotations

import shlex
from pathlib import Path

from chatrec_env.errors import ConfigError

PLACE = Path(__file__).parent
"""Where they lie."""


def shipped_catalogs() -> list[str]:
    """Names of the built-in catalogues that have a policy, sorted."""
    return sorted(folder.parent.name for folder in PLACE.glob("*/policy.json"))


def shipped_policy(catalog: str) -> Path:
    """The folder of the policy that comes with the package for a built-in catalogue.

    Raises:
        ConfigError: If there is none; says which there are, and how to train one.
    """
    if catalog not in shipped_catalogs():
        raise ConfigError(
            f"No policy for catalog {catalog!r} comes with the package; there are some for "
            f"{', '.join(shipped_catalogs()) or 'none'}. Train one (chatrec train --catalog {shlex.quote(catalog)} "
            "--out runs/mine) and name its folder, or name a heuristic such as ask_then_recommend."
        )
    return PLACE / catalog
