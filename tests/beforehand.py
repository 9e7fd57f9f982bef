"""Compiles the rules that most tests need, once, while the type checker runs: see ``make test``.

The test processes would otherwise begin by compiling the same rules, each on its own.
"""

from __future__ import annotations

from typing import Any

from chatrec_env import IDS
from chatrec_env.envs.env import ChatRecEnv
from chatrec_env.envs.first_start import compile_first
from chatrec_env.envs.vector_env import ChatRecVectorEnv

PEOPLE, TURNS = 12, 12


def play(actions: str) -> None:
    """Some turns of many conversations and of one: together they go through the rules of a conversation."""
    settings: dict[str, Any] = {"actions": actions, "encoder": "hash", "masked_actions": "redirect"}
    for env in (ChatRecVectorEnv(PEOPLE, autoreset_mode="same_step", **settings), ChatRecEnv(**settings)):
        env.action_space.seed(0)
        env.reset(seed=0)
        for _ in range(TURNS):
            _, _, ended, cut, _ = env.step(env.action_space.sample())
            if isinstance(env, ChatRecEnv) and (ended or cut):
                env.reset()


if __name__ == "__main__":
    compile_first()
    for name in IDS:
        play(name.split("/")[1].split("-")[0].lower())
