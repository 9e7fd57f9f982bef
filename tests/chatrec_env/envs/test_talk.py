"""Environments in which people talk are as good citizens as those in which they do not."""

from __future__ import annotations

import copy
import hashlib
import pickle
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env as gymnasium_check
from gymnasium.vector import AutoresetMode
from stable_baselines3.common.env_checker import check_env as sb3_check

from chatrec_env import IDS
from chatrec_env.core.kernel import step_batch
from chatrec_env.core.observations import OBSERVATIONS, REMARKS, TALK_REMARKS
from chatrec_env.core.user_simulator import USER_SENTENCES
from chatrec_env.envs.env import ChatRecEnv
from chatrec_env.envs.vector_env import ChatRecVectorEnv
from chatrec_env.language.acts import SystemAct, UserAct
from chatrec_env.language.questions import ASKING
from tests.chatrec_env.envs.test_vector_env import EVERY_MODE, ends_alike, legal, same

EVERY_ID = pytest.mark.parametrize("name", IDS)
TALK: dict[str, Any] = {"encoder": "hash", "talk": "crs"}


@EVERY_ID
@pytest.mark.parametrize("observation", OBSERVATIONS)
def test_gymnasium_and_sb3_find_nothing_to_warn_about(name: str, observation: str) -> None:
    """Neither checker asks which actions are legal, and to answer mostly is not: masked ones become others."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        env = gym.make(name, **{**TALK, "observation": observation, "masked_actions": "redirect"})
        gymnasium_check(env.unwrapped)
        sb3_check(env.unwrapped, warn=True)
        sb3_check(env, warn=True)


@EVERY_MODE
@EVERY_ID
def test_native_vector_equals_sync(name: str, mode: AutoresetMode) -> None:
    assert ends_alike(name, 3, 40, mode, max_turns=5, **TALK) > 10


def test_batch_size_does_not_change_a_conversation() -> None:
    large, small = (ChatRecVectorEnv(n, autoreset_mode="same_step", **TALK) for n in (16, 1))
    (obs, info), (alone, _) = large.reset(seed=100), small.reset(seed=107)
    rng = np.random.default_rng(3)
    for _ in range(15):
        np.testing.assert_array_equal(obs[7], alone[0])
        actions = legal(info["action_mask"], rng)
        obs, reward, _, _, info = large.step(actions)
        alone, reward_alone, _, _, info_alone = small.step(actions[7:8])
        assert reward[7] == reward_alone[0]
        assert info["user_text"][7] == info_alone["user_text"][0]


PLAY = """
from tests.chatrec_env.envs.test_talk import digest
print(digest("ChatRec/Slate-v0", 5))
"""


def digest(name: str, seed: int) -> str:
    """SHA-256 of everything that six conversations return in 6 turns."""
    env: Any = gym.make_vec(name, num_envs=6, autoreset_mode="same_step", **TALK)
    found, rng = hashlib.sha256(), np.random.default_rng(seed)
    outs: list[Any] = list(env.reset(seed=seed))
    for _ in range(6):
        for out in outs:
            for value in out.values() if isinstance(out, dict) else (out,):
                raw = isinstance(value, np.ndarray) and value.dtype != object
                found.update(value.tobytes() if raw else repr(value).encode())
        outs = list(env.step(legal(env.action_masks(), rng, env.task.actions.sizes)))
    return found.hexdigest()


def test_the_same_seed_gives_the_same_bits_in_another_process() -> None:
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", PLAY]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == digest("ChatRec/Slate-v0", 5)


@EVERY_ID
def test_to_answer_is_legal_exactly_where_the_person_has_just_asked(name: str) -> None:
    """As read from what they said: in the mask, in the history block, and in the acts of their sentences."""
    env = ChatRecVectorEnv(
        40, actions=name.split("/")[1].split("-")[0].lower(), autoreset_mode="disabled", **TALK
    )
    task, rng, asked = env.task, np.random.default_rng(0), 0
    number = task.actions.names.index("answer")
    columns = task.layout.columns()
    shown = [columns.index(f"history/said: {act.name.lower()}") for act in TALK_REMARKS if act in ASKING]
    observation, _ = env.reset(seed=0)
    for _ in range(8):
        d = env.state.dialogue
        said = d.transcript[np.arange(40), d.turn, -USER_SENTENCES:].tolist()
        asks = [
            any(act.act in ASKING for i in row if i >= 0 for act in task.manager.table.acts(i))
            for row in said
        ]
        mask = task.actions.mask(d, task.manager.view(d))
        np.testing.assert_array_equal(mask[:, number], asks)
        np.testing.assert_array_equal(observation[:, shown].any(1), asks)
        asked += sum(asks)
        turn = step_batch(task, env.state, legal(mask, rng, task.actions.sizes))
        assert not turn.paid[turn.system.act == SystemAct.ANSWER][:, 2].any()  # to answer costs nothing
        observation, _ = task.layout.look(env.state.dialogue)
    assert asked > 20


def test_observations_stay_within_their_bounds_and_name_their_columns() -> None:
    env = ChatRecVectorEnv(24, autoreset_mode="same_step", **TALK)
    plain = ChatRecVectorEnv(1, autoreset_mode="same_step", encoder="hash")
    columns = env.task.layout.columns()
    more = [column for column in columns if column not in plain.task.layout.columns()]
    assert more == [f"history/said: {act.name.lower()}" for act in TALK_REMARKS]
    assert len({*REMARKS, *TALK_REMARKS}) == len(REMARKS) + len(TALK_REMARKS)
    rng = np.random.default_rng(1)
    observation, info = env.reset(seed=9)
    seen = np.zeros(observation.shape[1], np.bool_)
    for _ in range(40):
        assert observation in env.observation_space
        seen |= observation.any(0)
        observation, _, _, _, info = env.step(legal(info["action_mask"], rng))
    for act in (UserAct.ASK_FACT, UserAct.MISMATCH, UserAct.FIND_ITEM, UserAct.HELP):
        assert seen[columns.index(f"history/said: {act.name.lower()}")], act


def test_nothing_latent_is_told() -> None:
    """The info has the keys it has where people do not talk; what they are remains in ``reveal``."""
    talking, plain = (ChatRecEnv(encoder="hash", **more) for more in ({"talk": "crs"}, {}))
    assert list(talking.reset(seed=0)[1]) == list(plain.reset(seed=0)[1])
    assert talking.task.layout.width == plain.task.layout.width + len(TALK_REMARKS)
    first, _ = talking.reset(seed=3)
    people: Any = talking.state.people
    for name in ("desire", "satisfaction", "trust", "pending", "curious"):
        getattr(people, name)[:] = 0
    np.testing.assert_array_equal(talking.task.layout.look(talking.state.dialogue)[0][0], first)


def test_copies_go_on_as_the_original_would() -> None:
    env = ChatRecEnv(**TALK, masked_actions="redirect")
    _, info = env.reset(seed=4)
    for copied in (copy.deepcopy(env), pickle.loads(pickle.dumps(env))):
        ahead = copy.deepcopy(env)
        for number in (9, 8, 0, 9, 8):
            for a, b in zip(ahead.step(number), copied.step(number), strict=True):
                same(a, b, f"after action {number}")
    assert info["turn"] == 0
