"""Golden conversations, kept as text: a change of behaviour shows as a diff that can be read.

``CHATREC_UPDATE_GOLDEN=1 pytest tests/chatrec_env/test_golden.py`` writes them anew; look at the diff.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from gymnasium.utils import seeding

from chatrec_env.core.kernel import State, Task, start_batch, step_batch
from chatrec_env.envs.rendering import conversation
from chatrec_env.shaping.entries import TERMS

GOLDEN = Path(__file__).parent / "golden"
CASES = [
    pytest.param(scenario, policy, seed, id=f"{scenario}-{policy}-{seed}")
    for scenario in ("full", "null")
    for policy, seeds in (("greedy", (1, 2)), ("asking", (1, 3)), ("strategies", (4,)))
    for seed in seeds
]


def greedy(task: Task, state: State) -> int:
    """The best candidate, every turn."""
    return task.actions.fallback


def asking(task: Task, state: State) -> int:
    """The most informative question in turns 0, 1 and 5, the best candidate otherwise."""
    if int(state.dialogue.turn[0]) not in (0, 1, 5):
        return task.actions.fallback
    facet = task.manager.catalog.facets[int(task.manager.beliefs.most_informative_facet(state.dialogue)[0])]
    return task.actions.names.index(f"ask:{facet.name}")


def strategies(task: Task, state: State) -> int:
    """Every strategy in turn, ``close`` last."""
    plan = ("ask", "exploit", "confirm", "diversify", "explore", "ask", "exploit", "close")
    return task.actions.names.index(plan[int(state.dialogue.turn[0])])


def page(task: Task, policy: Callable[[Task, State], int], seed: int) -> str:
    """One conversation: the action, what was said, and what it paid."""
    state = start_batch(task, seeding.np_random(seed)[0].random(task.n_draws)[None])
    lines = [f"person: {conversation(task, state, 0)[0][1]}"]
    while True:
        action, before = policy(task, state), len(conversation(task, state, 0))
        turn = step_batch(task, state, np.array([action]))
        lines.append(f"\n{int(state.dialogue.turn[0])}. {task.actions.names[action]}")
        lines += [f"{who}: {text}" for who, text in conversation(task, state, 0)[before:]]
        paid = ", ".join(f"{name} {turn.terms[name][0]:+.2f}" for name in TERMS if turn.terms[name][0])
        lines.append(f"({paid or 'nothing'})")
        if turn.terminated[0] or turn.truncated[0]:
            lines.append("The end." if turn.terminated[0] else "Out of turns.")
            return "\n".join(lines) + "\n"


@pytest.mark.parametrize(("scenario", "policy", "seed"), CASES)
def test_the_conversation_is_the_one_on_record(
    task_of: Callable[..., Task], scenario: str, policy: str, seed: int
) -> None:
    actions = "strategy" if policy == "strategies" else "items"
    task = task_of(scenario=scenario, actions=actions, max_turns=10)
    found = page(task, {"greedy": greedy, "asking": asking, "strategies": strategies}[policy], seed)
    file = GOLDEN / f"{scenario}-{policy}-{seed}.txt"
    if os.environ.get("CHATREC_UPDATE_GOLDEN") == "1":
        file.parent.mkdir(exist_ok=True)
        file.write_text(found, encoding="utf-8")
    assert found == file.read_text(encoding="utf-8"), (
        f"{file.name} differs. If the change is meant, bump the version of the ids and regenerate: "
        "CHATREC_UPDATE_GOLDEN=1 pytest tests/chatrec_env/test_golden.py"
    )


def test_nothing_on_record_is_stale() -> None:
    ids = {"-".join(str(part) for part in case.values) for case in CASES}
    assert {file.stem for file in GOLDEN.glob("*.txt")} == ids
