"""The environments: single and vector, their keywords, registration and rendering."""

from __future__ import annotations

import gymnasium as gym

IDS = {"ChatRec/Items-v0": "items", "ChatRec/Strategy-v0": "strategy", "ChatRec/Slate-v0": "slate"}
"""Environment ids and the action set of each."""


def register_envs() -> None:
    """Register every id, by string entry points, unless it is registered already.

    A spawned worker process has not imported this package: it needs the id with the module before it,
    ``"chatrec_env:ChatRec/Items-v0"``, or reports that the namespace ``ChatRec`` is not found.
    """
    for name, actions in IDS.items():
        if name not in gym.registry:
            gym.register(
                id=name,
                entry_point="chatrec_env.envs.env:ChatRecEnv",
                vector_entry_point="chatrec_env.envs.vector_env:ChatRecVectorEnv",
                kwargs={"actions": actions},
            )
