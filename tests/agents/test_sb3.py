"""The adapter gives stable-baselines3 what it expects, and the masked policy obeys the mask."""

from __future__ import annotations

import warnings
from dataclasses import replace
from functools import partial
from importlib.resources import files
from io import StringIO
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sb3_contrib import MaskablePPO
from sb3_contrib.common.maskable.utils import get_action_masks, is_masking_supported

from agents.ppo.network import START_CURIOSITY, RankerNetwork, make_network
from agents.ppo.sb3 import RankerPolicy, SB3VecEnv
from chatrec_env.core.columns import CANDIDATE_COLUMNS
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.envs.vector_env import ChatRecVectorEnv
from chatrec_env.errors import ConfigError

SHORT = EnvConfig(encoder="hash", max_turns=4)


def legal(env: SB3VecEnv, rng: np.random.Generator) -> Any:
    return np.array([rng.choice(np.flatnonzero(row)) for row in get_action_masks(env)])


@pytest.fixture(params=["flat", "dict", "tabular"])
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_adapter_is_the_vector_environment(form: str) -> None:
    """Same observations, rewards and ends; last observations and truncation where SB3 looks for them."""
    config = EnvConfig(encoder="hash", max_turns=4, observation=form)
    ours = SB3VecEnv(config, 6)
    native = ChatRecVectorEnv(6, autoreset_mode="same_step", **config.to_dict())
    assert ours.seed(3) == [3, 4, 5, 6, 7, 8]
    np.testing.assert_equal(ours.reset(), native.reset(seed=3)[0])
    rng, ends = np.random.default_rng(0), {True: 0, False: 0}
    totals, lengths = np.zeros(6), np.zeros(6, int)
    for _ in range(30):
        actions = legal(ours, rng)
        observations, rewards, dones, infos = ours.step(actions)
        expected, reward, terminated, truncated, info = native.step(actions)
        np.testing.assert_equal(observations, expected)
        np.testing.assert_array_equal(rewards, reward.astype(np.float32))
        np.testing.assert_array_equal(dones, terminated | truncated)
        np.testing.assert_array_equal(ours.venv.action_masks(), info["action_mask"].astype(bool))
        totals, lengths = totals + reward, lengths + 1
        for i, done in enumerate(dones):
            if not done:
                assert infos[i] == {}
                continue
            np.testing.assert_equal(infos[i]["terminal_observation"], info["final_obs"][i])
            assert infos[i]["TimeLimit.truncated"] is bool(truncated[i])
            assert infos[i]["is_success"] is bool(info["final_info"]["is_success"][i])
            assert infos[i]["episode"]["r"] == pytest.approx(totals[i])
            assert infos[i]["episode"]["l"] == lengths[i]
            totals[i], lengths[i] = 0, 0
            ends[bool(truncated[i])] += 1
    assert min(ends.values()) > 0
    assert rewards.dtype == np.float32


def test_the_seed_is_used_once() -> None:
    env = SB3VecEnv(SHORT, 2)
    env.seed(7)
    first = env.reset()
    assert (env.reset() != first).any()
    env.seed(7)
    np.testing.assert_array_equal(env.reset(), first)
    env.close()


def test_masks_reach_the_learner(three_films: str) -> None:
    env = SB3VecEnv(replace(SHORT, catalog=three_films, n_candidates=3), 3)
    env.seed(1)  # nobody of these leaves at once
    env.reset()
    assert is_masking_supported(env)
    env.step(np.array([0, 8, 9]))
    masks = get_action_masks(env)
    assert masks.shape == (3, 11)
    assert np.argwhere(~masks).tolist() == [[1, 10], [2, 10]]  # two films are left where one was shown
    assert [m.tolist() for m in env.env_method("action_masks", indices=[2])] == [masks[2].tolist()]
    assert env.get_attr("render_mode") == [None] * 3
    assert env.env_is_wrapped(object, indices=0) == [False]  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="Pass it as a keyword"):
        env.set_attr("max_turns", 3)


def model_of(config: EnvConfig, num_envs: int, **kwargs: Any) -> MaskablePPO:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        torch.manual_seed(0)
        network = partial(make_network, make_task(config), hidden=16, item=4, speech=4)
        return MaskablePPO(
            RankerPolicy,
            SB3VecEnv(config, num_envs),
            policy_kwargs={"network": network},
            device="cpu",
            **kwargs,
        )


@pytest.fixture(scope="module")
def more_films(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The built-in films and sequels to 300 of them."""
    folder, data = tmp_path_factory.mktemp("catalog"), files("chatrec_env.catalog") / "data"
    table = pd.read_csv(StringIO((data / "movies.csv").read_text(encoding="utf-8")), dtype=str)
    sequels = table.head(300).assign(title="The Return of " + table["title"])
    if "id" in table:
        sequels["id"] = sequels["id"] + "-2"
    pd.concat([table, sequels]).to_csv(folder / "more.csv", index=False)
    (folder / "more.json").write_text((data / "movies.json").read_text(encoding="utf-8"), encoding="utf-8")
    return str(folder / "more.csv")


def test_masking_works_beyond_a_thousand_actions(more_films: str) -> None:
    """Rounding in masked softmaxes has broken learners with this many actions before."""
    config = EnvConfig(encoder="hash", max_turns=2, catalog=more_films, n_candidates=1200)
    model = model_of(config, 2, n_steps=4, batch_size=8, n_epochs=1, seed=0)
    env = model.get_env()
    assert isinstance(env, SB3VecEnv)
    n = make_task(config).actions.n
    assert n == 1208
    observation = torch.from_numpy(np.repeat(env.reset(), 2, axis=0))
    masks = np.zeros((4, n), bool)
    masks[0, n - 1], masks[1, [3, 500]], masks[2, 100:], masks[3] = True, True, True, True
    p = model.policy.get_distribution(observation, masks).distribution.probs.detach().numpy()  # type: ignore[union-attr]
    np.testing.assert_allclose(p.sum(1), 1.0, atol=1e-5)
    assert (p[~masks] == 0).all()
    assert p[0, n - 1] == 1.0
    for _ in range(20):
        actions, _, log_p = model.policy(observation, action_masks=masks)
        assert masks[np.arange(4), actions.numpy()].all()
        assert torch.isfinite(log_p).all()
    model.learn(8)


def test_the_ranker_does_not_care_for_places() -> None:
    """Moving candidates moves their logits; questions stay. The best candidate keeps its place, since the trunk
    looks at it in particular."""
    task = make_task(SHORT)
    torch.manual_seed(0)
    network = make_network(task)
    with torch.no_grad():
        for head in (network.free, network.item_out):
            torch.nn.init.normal_(head.weight)
    env = ChatRecVectorEnv(5, **SHORT.to_dict())
    flat, _ = env.reset(seed=0)
    order = np.array([0, 7, 3, 11, 1, 10, 2, 9, 4, 8, 5, 6])
    part = task.layout.slices["candidates"]
    moved = flat.copy()
    runs = flat[:, part].reshape(5, 12, len(CANDIDATE_COLUMNS))
    moved[:, part] = runs[:, order].reshape(5, -1)
    with torch.inference_mode():
        logits = network(torch.from_numpy(flat))
        logits_2 = network(torch.from_numpy(moved))
    np.testing.assert_allclose(logits_2[:, 8:], logits[:, 8:][:, order], atol=1e-4)
    np.testing.assert_allclose(logits_2[:, :8], logits[:, :8], atol=1e-4)


def test_learning_begins_at_the_retrievers_order() -> None:
    """A fresh network's likeliest suggestion is a best-scored candidate, and questions are tried more often yet."""
    network = make_network(make_task(SHORT))
    assert isinstance(network, RankerNetwork)
    flat, _ = ChatRecVectorEnv(8, **SHORT.to_dict()).reset(seed=1)
    with torch.inference_mode():
        logits = network(torch.from_numpy(flat)).numpy()
    gaps = flat[:, make_task(SHORT).layout.slices["candidates"]].reshape(8, 12, -1)[
        :, :, CANDIDATE_COLUMNS.index("gap")
    ]
    place = logits[:, 8:].argmax(1)
    np.testing.assert_allclose(logits[:, :8], START_CURIOSITY, atol=0.1)
    assert (logits[:, 8:] < START_CURIOSITY).all()
    assert (gaps[np.arange(8), place] == 0).all()


@pytest.mark.parametrize("actions", ["items", "strategy"])
def test_the_shape_fits_the_task(actions: str) -> None:
    task = make_task(EnvConfig(encoder="hash", actions=actions, n_candidates=3))
    network = make_network(task)
    assert network.shape.width == task.layout.width
    assert network.shape.n_actions == task.actions.n
    assert network(torch.zeros(2, task.layout.width)).shape == (2, task.actions.n)
    with pytest.raises(ConfigError, match=r"network\.hidden must be an integer >= 0"):
        make_network(task, hidden=-1)


def test_arrays_by_name_are_handed_out_one_dict_each() -> None:
    """``env_method("reveal")`` was a KeyError: rows were looked up among the names."""
    venv = SB3VecEnv(EnvConfig(encoder="hash"), 3)
    venv.reset()
    latent = venv.venv.reveal()
    rows = venv.env_method("reveal", indices=[2, 0])
    for row, place in zip(rows, (2, 0), strict=True):
        assert set(row) == set(latent)
        np.testing.assert_array_equal(row["utility"], latent["utility"][place])
