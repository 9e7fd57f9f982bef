"""A wrong keyword is one error that says what came, what is known, and what was probably meant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from chatrec_env.core.rewards import RewardConfig
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.env import ChatRecEnv
from chatrec_env.envs.vector_env import ChatRecVectorEnv
from chatrec_env.errors import ChatRecError, ConfigError, UnknownKeywordError, UnknownNameError

UNKNOWN = {
    "catalog": ({"catalog": "movie"}, "movies", "movies"),
    "users": ({"users": "scriptd"}, "scripted", "scripted"),
    "scenario": ({"scenario": "nul"}, "null", "noisy, null, own_words"),
    "scenario-in-capitals": ({"scenario": "Full"}, "full", "drift, full, noisy"),
    "scenario-in-a-dict": ({"scenario": {"name": "ful"}}, "full", "drift, full, noisy"),
    "scenario-parameter": ({"scenario": {"satiaton": 1.0}}, "satiation", "satiation, satiation_decay"),
    "encoder": ({"encoder": "minilmm"}, "minilm", "minilm"),
    "talk": ({"talk": "csr"}, "crs", "chat, crs, plain"),
    "observation": ({"observation": "dictionary"}, "dict", "dict, flat, tabular"),
    "masked_actions": ({"masked_actions": "redirct"}, "redirect", "raise, redirect"),
    "rating_history": ({"rating_history": "wram"}, "warm", "cold, heavy, mixed, warm"),
    "collaborative-parameter": ({"collaborative": {"wieght": 1}}, "weight", "factors, weight"),
    "reward-term": ({"reward": {"ask_costs": 0.1}}, "ask_cost", "ask_cost, click, gamma"),
    "reward-shaping": ({"reward": {"shaping": "knowlege"}}, "knowledge", "engagement, knowledge, none"),
    "keyword": ({"max_turn": 3}, "max_turns", "masked_actions, max_turns, n_candidates"),
}
REFUSED = {
    "negative-cost": (
        {"reward": {"ask_cost": -0.1}},
        r"reward\.ask_cost is a charge and must be >= 0, got -0\.1",
    ),
    "cost-of-leaving": ({"reward": {"leave_cost": -1}}, r"reward\.leave_cost is a charge"),
    "cost-in-words": ({"reward": {"click": "one"}}, r"reward\.click must be a finite number, got 'one'"),
    "infinite-reward": ({"reward": {"click": float("inf")}}, r"reward\.click must be a finite number"),
    "discount": ({"reward": {"gamma": 1.5}}, r"reward\.gamma must be in \[0, 1\], got 1\.5"),
    "reward-is-a-number": ({"reward": 2}, "reward must be a dict of RewardConfig fields, got int"),
    "too-many-candidates": (
        {"n_candidates": 5000},
        r"n_candidates is 5000",
    ),
    "no-candidates": ({"n_candidates": 0}, "n_candidates must be a positive integer, got 0"),
    "half-a-candidate": ({"n_candidates": 2.5}, "n_candidates must be a positive integer, got 2.5"),
    "no-turns": ({"max_turns": 0}, r"max_turns must be an integer in \[1, 1000\], got 0"),
    "turns-in-words": ({"max_turns": "ten"}, r"max_turns must be an integer in \[1, 1000\], got 'ten'"),
    "true-turns": ({"max_turns": True}, r"max_turns must be an integer in \[1, 1000\], got True"),
    "catalog-is-a-number": ({"catalog": 3}, "catalog must be a string, got int"),
    "scenario-is-a-number": ({"scenario": 3}, "scenario must be a name or a dict, got int"),
    "talk-of-the-scenario": (
        {"scenario": {"name": "full", "talk": "crs"}},
        r"a keyword of the environment, not of its scenario.*Make it with talk='crs'",
    ),
    "no-encoder": ({"encoder": None}, "encoder must be a name or a dict, got NoneType"),
    "share": ({"scenario": {"knows": 1.5}}, r"scenario\.knows is a share"),
    "size": ({"scenario": {"satiation": -1.0}}, r"scenario\.satiation must be >= 0, got -1\.0"),
    "interests": (
        {"scenario": {"interests": 9}},
        r"scenario\.interests must be an integer in \[1, 4\]",
    ),
    "weight-in-words": ({"collaborative": "one"}, r"collaborative\.weight must be a number, got 'one'"),
    "weight-off-the-grid": ({"collaborative": 0.3}, r"must be a multiple of 1/16 in \[0, 64\], got 0\.3"),
    "meaning-in-words": ({"semantic": "one"}, r"semantic must be a number, got 'one'"),
    "meaning-off-the-grid": ({"semantic": 0.3}, r"semantic must be a multiple of 1/16 in \[0, 8\], got 0\.3"),
    "factors-of-nothing": (
        {"collaborative": {"weight": 1, "factors": "nowhere"}},
        "'nowhere', which is none of them",
    ),
    "reward-of-400-digits": ({"reward": {"click": 10**400}}, r"reward\.click must be a finite number"),
    "numpy-true-turns": ({"max_turns": np.True_}, r"max_turns must be an integer in \[1, 1000\], got True"),
    "limit-in-words": ({"max_episode_steps": "ten"}, r"max_turns must be an integer .* got 'ten'"),
    "limit-and-turns-in-words": (
        {"max_turns": "ten", "max_episode_steps": 3},
        r"max_turns must be an integer .* got 'ten'",
    ),
    "catalog-is-a-path-object": ({"catalog": Path("wines.csv")}, r"catalog must be a string, .* str\(path\)"),
    "numbered-parameter": ({"scenario": {"name": "full", 3: 1}}, "No scenario parameter '3'"),
    "not-json": ({"scenario": {"satiation": object()}}, "plain JSON data"),
}


def build(kwargs: dict[str, Any], vector: bool) -> Any:
    full = {"encoder": "hash", **kwargs}
    return ChatRecVectorEnv(2, **full) if vector else ChatRecEnv(**full)


@pytest.mark.parametrize("vector", [False, True], ids=["single", "vector"])
@pytest.mark.parametrize(("kwargs", "nearest", "known"), UNKNOWN.values(), ids=UNKNOWN)
def test_an_unknown_name_lists_the_known_and_the_nearest(
    kwargs: dict[str, Any], nearest: str, known: str, vector: bool
) -> None:
    with pytest.raises(ConfigError) as caught:
        build(kwargs, vector)
    message = str(caught.value)
    assert f"Did you mean {nearest!r}?" in message
    assert known in message
    assert "\n" not in message.strip()


@pytest.mark.parametrize("vector", [False, True], ids=["single", "vector"])
@pytest.mark.parametrize(("kwargs", "match"), REFUSED.values(), ids=REFUSED)
def test_a_value_out_of_range_says_which(kwargs: dict[str, Any], match: str, vector: bool) -> None:
    with pytest.raises(ConfigError, match=match):
        build(kwargs, vector)


@pytest.mark.parametrize("vector", [False, True], ids=["single", "vector"])
def test_an_unknown_keyword_is_told_in_pythons_words(vector: bool) -> None:
    kind = "ChatRecVectorEnv" if vector else "ChatRecEnv"
    words = (
        rf"{kind}.__init__\(\) got an unexpected keyword argument 'rendermode'. Did you mean 'render_mode'\?"
    )
    with pytest.raises(UnknownKeywordError, match=words):
        build({"rendermode": "ansi"}, vector)


def test_a_library_can_probe_which_keywords_there_are() -> None:
    """TorchRL's ``GymEnv`` makes the environment with a keyword and leaves it out if the error says so."""
    kwargs: dict[str, Any] = {"encoder": "hash", "frameskip": 4}
    with pytest.raises(TypeError) as caught:
        gym.make("ChatRec/Items-v0", **kwargs)
    assert isinstance(caught.value, UnknownKeywordError)
    assert "__init__() got an unexpected keyword argument 'frameskip'" in str(caught.value)


@pytest.mark.parametrize("vector", [False, True], ids=["single", "vector"])
def test_numpys_numbers_are_as_good_as_pythons(vector: bool) -> None:
    """A sweep over ``np.arange`` or a pandas column gives these."""
    numpys = {
        "max_turns": np.int64(5),
        "n_candidates": np.int32(3),
        "history_turns": np.array(4),
        "reward": {"click": np.float64(2), "ask_cost": np.float32(0.5)},
        "scenario": {"name": "full", "satiation": np.float32(1)},
        "collaborative": np.float32(0),
    }
    pythons = {
        "max_turns": 5,
        "n_candidates": 3,
        "history_turns": 4,
        "reward": {"click": 2.0, "ask_cost": 0.5},
        "scenario": {"name": "full", "satiation": 1.0},
    }
    env, twin = build(numpys, vector), build(pythons, vector)
    assert env.config.key() == twin.config.key()
    assert type(env.config.max_turns) is type(env.config.n_candidates) is int
    assert env.task is twin.task


@pytest.mark.parametrize(
    ("kwargs", "turns"),
    [
        pytest.param({"max_episode_steps": 5}, 5, id="alone"),
        pytest.param({"max_episode_steps": 30}, 30, id="more-than-the-default"),
        pytest.param({"max_episode_steps": None}, 20, id="none"),
        pytest.param({"max_episode_steps": 5, "max_turns": 7}, 5, id="the-smaller-of-both"),
        pytest.param({"max_episode_steps": np.int64(9), "max_turns": 7}, 7, id="turns-are-smaller"),
    ],
)
@pytest.mark.parametrize("vector", [False, True], ids=["single", "vector"])
def test_gymnasiums_name_of_the_turn_budget(kwargs: dict[str, Any], turns: int, vector: bool) -> None:
    assert build(kwargs, vector).config.max_turns == turns


def test_the_old_name_of_the_rating_history() -> None:
    """What is stored in checkpoints and run folders of earlier versions still loads."""
    with pytest.warns(DeprecationWarning, match="'past' is called 'rating_history' now"):
        old = EnvConfig.create({"past": "warm"})
    assert old == EnvConfig(rating_history="warm")
    assert "past" not in old.to_dict()


def test_a_missing_catalogue_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ChatRecError, match=r"books\.csv: expected a readable CSV file, got no such file"):
        build({"catalog": str(tmp_path / "books.csv")}, vector=False)


def test_nearest_names_are_only_suggested_when_near() -> None:
    assert "Did you mean" not in str(UnknownNameError("thing", "xyz", ["alpha", "beta"]))
    assert "Known: alpha, beta." in str(UnknownNameError("thing", "xyz", ["beta", "alpha"]))
    assert "Did you mean" not in str(UnknownNameError("scenario", None, ["context", "none"]))


def test_a_config_is_its_own_json() -> None:
    config = EnvConfig(
        scenario={"name": "null", "tells": 0.5}, reward=RewardConfig(ask_cost=0.2), max_turns=7
    )
    again = EnvConfig.create(json.loads(json.dumps(config.to_dict())))
    assert again == config
    assert again.key() == config.key()
    assert EnvConfig(max_turns=8).key() != EnvConfig(max_turns=7).key()


def test_what_the_caller_does_to_a_dict_later_changes_nothing() -> None:
    scenario = {"name": "full", "patience": 3.0}
    config = EnvConfig(scenario=scenario)
    key = config.key()
    scenario["patience"] = 9.0
    config.to_dict()["scenario"]["patience"] = 9.0
    assert config.key() == key


def test_weights_written_as_integers_are_the_same_weights() -> None:
    """``click=1`` made a term of integers, in the info of the single environment and in SyncVectorEnv's arrays."""
    config = EnvConfig.create({"encoder": "hash", "reward": {"click": 1, "ask_cost": 0}})
    assert (
        config.key() == EnvConfig.create({"encoder": "hash", "reward": {"click": 1.0, "ask_cost": 0.0}}).key()
    )
    env = gym.make("ChatRec/Items-v0", encoder="hash", reward={"click": 1, "ask_cost": 0})
    env.reset(seed=0)
    info = env.step(0)[-1]
    assert all(type(value) is float for name, value in info.items() if name.startswith("reward_"))


def test_configs_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        EnvConfig().max_turns = 3  # type: ignore[misc]
    with pytest.raises(TypeError):
        EnvConfig("items")  # type: ignore[call-arg]
