"""Logs: what is drawn can be drawn again, what was seen can be seen again, on disk and off it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from agents.baselines import make_baseline
from agents.stochastic import EpsilonGreedy, propensity
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ArtifactError, ConfigError, NotResetError
from experiments.cli.progress import Meter
from experiments.evaluate.rollout import people_seeds, run
from experiments.offline.estimates import samples, watched, watching
from experiments.offline.files import check_sentences, read_log, write_log, write_minari
from experiments.offline.logged_env import LoggedVectorEnv, record_env
from experiments.offline.logs import Log, decisions, drawn_again, record
from experiments.offline.policies import named_policy

ENVS = {
    "items": EnvConfig(encoder="hash", max_turns=4, rating_history="mixed"),
    "strategy": EnvConfig(encoder="hash", max_turns=4, actions="strategy"),
    "slate": EnvConfig(encoder="hash", max_turns=4, actions="slate", slate_size=3),
    "context": EnvConfig(encoder="none", max_turns=4, scenario="context"),
}
SOFT = EpsilonGreedy(make_baseline("ask_then_recommend", questions=1), 0.5)
TARGET = EpsilonGreedy(make_baseline("greedy"), 0.7)
QUIET = Meter(quiet=True)


def meta_of(env: EnvConfig) -> dict[str, Any]:
    digest = make_task(env).manager.catalog.digest
    return {"env": env.to_dict(), "policy": SOFT.name, "version": "1", "catalog": digest, "seed": 0}


def logged(env: EnvConfig, n: int = 30) -> Log:
    return record(make_task(env), SOFT, people_seeds("log", 0, n), meta_of(env), QUIET)


@pytest.mark.parametrize("name", ENVS)
def test_every_choice_is_drawn_again_and_every_state_seen_again(name: str) -> None:
    env = ENVS[name]
    task, log = make_task(env), logged(env)
    assert np.array_equal(drawn_again(task, log), log.turns["action"])
    assert np.array_equal(
        propensity(task, log.turns["chances"], log.turns["action"]), log.turns["propensity"]
    )
    seen = np.zeros(len(log.turns["turn"]), np.bool_)
    for rows, decision in decisions(task, log, batch=7):
        seen[rows] = True
        assert np.array_equal(decision.mask, log.turns["mask"][rows])
        assert np.array_equal(SOFT.chances(decision), log.turns["chances"][rows])
    assert seen.all()


def test_what_is_logged_is_what_the_evaluation_holds() -> None:
    env = ENVS["items"]
    log = logged(env)
    episodes = run(make_task(env), SOFT, people_seeds("log", 0, 30))
    assert log.returns == pytest.approx(episodes.ret)
    assert log.people["turns"].tolist() == episodes.turns.tolist()
    assert log.turns["terms"].sum(axis=1) == pytest.approx(log.turns["reward"])


def test_notes_taken_while_logging_and_afterwards_are_the_same() -> None:
    env = ENVS["strategy"]
    task, seeds = make_task(env), people_seeds("log", 0, 20)
    during = record(task, SOFT, seeds, meta_of(env), QUIET, watch=watching([TARGET]))
    after = watched(task, logged(env, 20), [TARGET])
    assert during.turns.keys() == after.turns.keys()
    for name, values in during.turns.items():
        assert np.array_equal(values, after.turns[name]), name
    (sample,) = samples(task, after, [TARGET], ["target"])
    assert sample.rho.shape == sample.r.shape == (20, 4)
    assert (sample.rho[after.people["turns"] < 4, 3] == 1).all()  # after a conversation's end


def test_a_policy_the_log_cannot_judge_is_refused() -> None:
    env = ENVS["strategy"]
    task = make_task(env)
    log = record(task, make_baseline("greedy"), people_seeds("log", 0, 5), meta_of(env), QUIET)
    with pytest.raises(ConfigError, match="never takes"):
        samples(task, watched(task, log, [TARGET]), [TARGET], ["target"])


def test_conversations_can_be_picked() -> None:
    log = logged(ENVS["items"])
    some = log.select(np.array([7, 2]))
    assert some.people["seed"].tolist() == log.people["seed"][[7, 2]].tolist()
    assert some.returns == pytest.approx(log.returns[[7, 2]])
    assert some.turns["conversation"].tolist() == sorted(some.turns["conversation"].tolist())


@pytest.mark.parametrize("name", ["items", "slate"])
def test_a_log_on_disk_is_the_same(name: str, tmp_path: Path) -> None:
    task, log = make_task(ENVS[name]), logged(ENVS[name])
    write_log(tmp_path, task, log)
    again = read_log(tmp_path)
    assert again.meta == log.meta
    for mine, other in ((log.people, again.people), (log.turns, again.turns)):
        assert mine.keys() == other.keys()
        for key, values in mine.items():
            assert np.array_equal(values, other[key]), key
            assert values.dtype == other[key].dtype, key
    check_sentences(task, again, tmp_path)


def test_words_stand_beside_the_numbers(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    env = ENVS["items"]
    write_log(tmp_path, make_task(env), logged(env))
    turns = pq.read_table(tmp_path / "turns.parquet").to_pydict()
    assert all(isinstance(text, str) for text in turns["said_text"])
    assert len(set(turns["heard_text"])) > 10


def test_damage_and_other_catalogues_are_named(tmp_path: Path) -> None:
    env = ENVS["strategy"]
    task, log = make_task(env), logged(env, 5)
    write_log(tmp_path, task, log)
    file = tmp_path / "turns.parquet"
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    with pytest.raises(ArtifactError, match="changed after it was written"):
        read_log(tmp_path)
    file.unlink()
    with pytest.raises(ArtifactError, match="missing"):
        read_log(tmp_path)
    with pytest.raises(ArtifactError, match="of a catalogue with digest other"):
        next(decisions(task, replace(log, meta={**log.meta, "catalog": "other"})))
    log.turns["candidates"][:] += 1
    with pytest.raises(ArtifactError, match="another course"):
        list(decisions(task, log))


def test_a_log_is_a_minari_dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    minari = pytest.importorskip("minari")
    env = EnvConfig(encoder="hash", max_turns=3, actions="slate", slate_size=2)
    task = make_task(env)
    log = record(task, SOFT, people_seeds("log", 0, 3), meta_of(env), QUIET)
    name = write_minari(tmp_path, task, log, env, QUIET)
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path / "minari"))
    dataset = minari.load_dataset(name)
    assert dataset.total_episodes == 3
    for i, episode in enumerate(dataset.iterate_episodes()):
        rows = log.turns["conversation"] == i
        assert np.array_equal(episode.actions, log.turns["action"][rows])
        assert episode.rewards.tolist() == log.turns["reward"][rows].tolist()
        assert len(episode.observations) == rows.sum() + 1
        assert np.array_equal(episode.infos["chances"][:-1], log.turns["chances"][rows])
    # The environment it names gives the same first observation.
    again = dataset.recover_environment()
    assert np.array_equal(again.reset(seed=int(log.people["seed"][0]))[0], dataset[0].observations[0])


@pytest.mark.parametrize("mode", ["next_step", "disabled"])
def test_a_vector_environment_is_logged_as_it_runs(mode: str) -> None:
    env = gym.make_vec(
        "ChatRec/Slate-v0", num_envs=4, encoder="hash", max_turns=3, info="numbers", autoreset_mode=mode
    )
    log = record_env(env, SOFT, 10, {"policy": SOFT.name})
    task = env.unwrapped.task  # type: ignore[attr-defined]
    assert len(log) == 12
    assert np.array_equal(drawn_again(task, log), log.turns["action"])
    for rows, decision in decisions(task, log):
        assert np.array_equal(SOFT.chances(decision), log.turns["chances"][rows])
    assert log.turns["terms"].sum(axis=1) == pytest.approx(log.turns["reward"])
    shown = log.turns["shown"][log.turns["click"] >= 0]
    assert (shown >= 0).any(axis=1).all()


def test_a_logged_environment_takes_only_what_it_drew() -> None:
    env = LoggedVectorEnv(gym.make_vec("ChatRec/Strategy-v0", num_envs=2, encoder="none", max_turns=3))
    env.reset(seed=0)
    with pytest.raises(NotResetError, match="draw"):
        env.step(np.zeros(2, np.int64))
    actions = env.draw(np.tile([0.5, 0.0, 0.5, 0.0, 0.0, 0.0], (2, 1)))
    with pytest.raises(ConfigError, match="got others"):
        env.step(actions + 1)
    with pytest.raises(ConfigError, match="finished 0 conversations, asked for 1"):
        env.log({}, each=1)
    with pytest.raises(ConfigError, match="autoreset_mode"):
        LoggedVectorEnv(
            gym.make_vec("ChatRec/Strategy-v0", num_envs=2, encoder="none", autoreset_mode="same_step")
        )


def test_policies_by_name(tmp_path: Path) -> None:
    from agents.baselines import save_baseline

    env = ENVS["strategy"]
    one = named_policy("ask_then_recommend:questions=3,epsilon=0.2", env)
    assert one.policy == EpsilonGreedy(make_baseline("ask_then_recommend", questions=3), 0.2)
    assert one.version != named_policy("ask_then_recommend:questions=2,epsilon=0.2", env).version
    assert one.version != named_policy("ask_then_recommend:questions=3,epsilon=0.3", env).version
    save_baseline(tmp_path, make_baseline("ask_then_recommend", questions=3), env)
    saved = named_policy(f"{tmp_path}:epsilon=0.2", env)
    assert (saved.policy, saved.env) == (one.policy, env)
    with pytest.raises(ConfigError, match="epsilon must be a number"):
        named_policy("greedy:epsilon=much", env)
    with pytest.raises(ConfigError, match="No policy 'nobody'"):
        named_policy("nobody", env)
    with pytest.raises(ConfigError, match="questions"):
        named_policy(f"{tmp_path}:questions=1", env)
