from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.checkpoints import load_checkpoint, turns_trained
from agents.tabular.agent import TabularAgent
from chatrec_env.core.rewards import RewardConfig
from chatrec_env.envs.config import EnvConfig
from chatrec_env.errors import ArtifactError, UnknownNameError
from experiments.cli.options import EnvOptions, parse_settings, typed
from experiments.cli.progress import Meter
from experiments.report.runlog import Run
from experiments.train.learning import Training, train_agent

ENV = EnvConfig(actions="strategy", observation="tabular", encoder="hash")
SHORT = {"parallel": 25}
SMALL_PPO = {
    "num_envs": 8,
    "batch_size": 64,
    "n_epochs": 1,
    "warm_start": 0,
    "check_people": 0,
    "network": {"hidden": 8},
}
QUICK = ("--encoder", "hash", "--curve-people", 4)


@pytest.fixture
def training() -> Training:
    return Training(agent="q_learning", env=ENV, turns=600, settings=SHORT, curve_people=4)


def new_run(folder: Path, training: Training) -> Run:
    return Run.create(folder, kind="train", config=training.to_dict(), seeds={"train": 0})


def table_of(run: Run, agent: str = "q_learning") -> Any:
    return load_checkpoint(run.policy_folder(agent)).tensors["values"]


def test_a_training_is_json_and_back(training: Training) -> None:
    assert Training.from_dict(json.loads(json.dumps(training.to_dict())), "run.json") == training


@pytest.mark.parametrize(
    "broken",
    [{}, {"env": {"catalogue": "x"}}, {"env": {}, "agent": "td3", "turns": 3}, {"env": {}, "turns": 1}],
)
def test_a_broken_training_is_named(broken: dict[str, Any]) -> None:
    with pytest.raises(ArtifactError, match=r"runs/x/run\.json does not describe a training"):
        Training.from_dict(broken, "runs/x/run.json")


def test_settings_reach_the_agent(training: Training) -> None:
    config = replace(training, settings={"gamma": 0.5, "parallel": 10}).hyperparameters()
    assert (config.algorithm, config.gamma, config.parallel, config.decay_turns) == (
        "q_learning",
        0.5,
        10,
        450,
    )
    ppo = replace(training, agent="ppo", settings={"gamma": 0.5, "network": {"hidden": 8}}).hyperparameters()
    assert (ppo.turns, ppo.gamma, ppo.network) == (600, 0.5, {"hidden": 8})
    with pytest.raises(UnknownNameError, match="gama"):
        replace(training, settings={"gama": 1}).hyperparameters()


def test_settings_on_the_command_line() -> None:
    given = ("learning_rate=0.1", 'network={"hidden": 8}', "rate_schedule=linear", "text=a=b")
    assert parse_settings(given) == {
        "learning_rate": 0.1,
        "network": {"hidden": 8},
        "rate_schedule": "linear",
        "text": "a=b",
    }


def test_options_name_an_environment() -> None:
    options = EnvOptions(scenario='{"name": "null", "patience": 2}', reward='{"ask_cost": 0.5}', max_turns=7)
    env = options.config(encoder="hash")
    assert (env.scenario, env.max_turns, env.reward.ask_cost) == ({"name": "null", "patience": 2}, 7, 0.5)


def test_the_curve_is_of_people_apart(training: Training, tmp_path: Path) -> None:
    run = new_run(tmp_path / "run", training)
    train_agent(training, run, Meter(quiet=True))
    points = run.metrics("evaluation")
    assert [p["turns"] for p in points] == [*range(25, 600, 50), 600]
    assert all(p["agent"] == "Q-learning" and p["return"]["n"] == 4 for p in points)
    assert len(run.metrics("training")) == 24


class Stop:
    """A meter-like trap: interrupts a training at its n-th evaluation."""

    def __init__(self, after: int) -> None:
        self.left = after

    def __call__(self, *arguments: Any) -> Any:
        from experiments.evaluate.evaluate import meet_people

        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return meet_people(*arguments)


def test_an_interrupted_training_goes_on_to_the_same_bits(
    training: Training, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = new_run(tmp_path / "whole", training)
    train_agent(training, whole, Meter(quiet=True))
    parts = new_run(tmp_path / "parts", training)
    with monkeypatch.context() as patch:
        patch.setattr("experiments.train.learning.meet_people", Stop(after=7))
        with pytest.raises(KeyboardInterrupt):
            train_agent(training, parts, Meter(quiet=True))
    assert parts.policies() == ["q_learning"]
    train_agent(training, parts, Meter(quiet=True), resume=True)
    assert np.array_equal(table_of(parts), table_of(whole))
    points = [p["turns"] for p in parts.metrics("evaluation")]
    assert len(points) == len(set(points))
    assert points[-1] == 600


def test_a_killed_training_goes_on_from_its_last_checkpoint(
    training: Training, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from experiments.evaluate.evaluate import meet_people

    whole, left = new_run(tmp_path / "whole", training), tmp_path / "left"
    evaluations = iter(range(100))

    def meet(*arguments: Any) -> Any:
        if next(evaluations) == 7:  # what is on disk in the middle of a training, with no time to clean up
            shutil.copytree(whole.folder, left)
        return meet_people(*arguments)

    monkeypatch.setattr("experiments.train.learning.meet_people", meet)
    train_agent(training, whole, Meter(quiet=True))
    killed = Run.open(left)
    assert TabularAgent.load(killed.policy_folder("q_learning")).turns == 300  # every fourth of 24 records
    train_agent(training, killed, Meter(quiet=True), resume=True)
    assert np.array_equal(table_of(killed), table_of(whole))


def test_train_and_resume_from_the_command_line(chatrec: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ("train", "--agent", "sarsa", "--turns", 500, "--set", "parallel=25", *QUICK)
    with monkeypatch.context() as patch:
        patch.setattr("experiments.train.learning.meet_people", Stop(after=3))
        stopped = chatrec(*arguments)
    assert stopped.code == 130
    assert "chatrec train --resume runs/sarsa-strategy-full-s0" in stopped.err
    assert Run.open(Path("runs/sarsa-strategy-full-s0")).status == "interrupted"
    done = chatrec("train", "--resume", "runs/sarsa-strategy-full-s0", "--json")
    told = json.loads(done.out)
    assert (done.code, told["evaluation"]["turns"], told["training"]["agent"]) == (0, 500, "sarsa")
    run = Run.open(Path("runs/sarsa-strategy-full-s0"))
    assert (run.status, run.finished) == ("finished", ["sarsa"])
    assert (run.folder / "curves.png").exists()
    further = chatrec("train", "--resume", run.folder, "--turns", 750)
    assert further.code == 0
    assert "SARSA after 750 turns" in further.out
    assert f"chatrec watch {run.folder}" in further.out


def test_a_run_whose_checkpoint_is_gone_does_not_begin_anew_unsaid(chatrec: Any) -> None:
    quick = (*QUICK, "--set", "parallel=25", "--out", "run")
    assert chatrec("train", "--agent", "sarsa", "--turns", 100, *quick).code == 0
    shutil.rmtree("run/policies")
    before = Path("run/run.json").read_bytes()
    for _ in range(2):
        done = chatrec("train", "--resume", "run", "--turns", 200)
        assert done.code == 2
        assert "run/policies/sarsa/policy.json is missing: SARSA was trained for 100 turns" in done.err
        assert Path("run/run.json").read_bytes() == before
    run = Run.open(Path("run"))
    run.finished.clear()
    run.mark("running")  # as a process that was killed before it kept its first checkpoint leaves it
    done = chatrec("train", "--resume", "run", "--turns", 200)
    assert (done.code, "SARSA kept no checkpoint before it was stopped: it begins anew." in done.err) == (
        0,
        True,
    )


def test_a_demo_run_is_not_resumed_as_a_training(chatrec: Any, finished: Any) -> None:
    done = chatrec("train", "--resume", finished.folder)
    assert done.code == 2
    assert "is a 'demo' run" in done.err


def test_ppo_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    training = Training(
        agent="ppo", env=EnvConfig(encoder="hash"), turns=512, settings=SMALL_PPO, curve_people=3
    )
    run = new_run(tmp_path / "run", training)
    with monkeypatch.context() as patch:
        patch.setattr("experiments.train.learning.meet_people", Stop(after=2))
        with pytest.raises(KeyboardInterrupt):
            train_agent(training, run, Meter(quiet=True))
    # Two evaluations came through, after the first two updates; the third was interrupted.
    updates = [r["turns"] for r in run.metrics("training")]
    assert int(load_checkpoint(run.policy_folder("ppo")).training["turns"]) == updates[2]  # type: ignore[index]
    train_agent(training, run, Meter(quiet=True), resume=True)
    updates = [r["turns"] for r in run.metrics("training")]
    assert updates == sorted(set(updates))
    evaluated = [p["turns"] for p in run.metrics("evaluation")]
    assert evaluated == [turns for turns in updates if turns != updates[2]]


@pytest.mark.parametrize(
    ("agent", "observation", "settings"),
    [
        pytest.param("ppo", "flat", SMALL_PPO, id="ppo"),
        pytest.param("q_learning", "tabular", {"parallel": 64}, id="q_learning"),
    ],
)
def test_a_finished_run_goes_on_with_true_counts(
    chatrec: Any, tmp_path: Path, agent: str, observation: str, settings: dict[str, Any]
) -> None:
    """Whole updates: somewhat more than the 250 turns that were asked for are taken."""
    env = EnvConfig(encoder="hash", observation=observation)
    training = Training(agent=agent, env=env, turns=250, settings=settings, curve_people=3)
    run = new_run(tmp_path / "run", training)
    train_agent(training, run, Meter(quiet=True))
    taken = turns_trained(run.policy_folder(agent))
    assert 250 < taken < 400

    def counts() -> tuple[int, list[int], int]:
        evaluated = [p["turns"] for p in run.metrics("evaluation")]
        return Run.open(run.folder).config["turns"], evaluated[-2:], turns_trained(run.policy_folder(agent))

    before = counts()
    assert before[0] == 250
    assert before[1][-1] == taken
    fewer = chatrec("train", "--resume", run.folder, "--turns", 10)
    assert fewer.code == 2
    assert f"has had {taken} already, got 10" in fewer.err
    assert counts() == before
    same = chatrec("train", "--resume", run.folder, "--turns", 250)
    assert (same.code, counts()) == (0, before)
    assert f"after {taken} turns" in same.out
    more = chatrec("train", "--resume", run.folder, "--turns", 400)
    asked, evaluated, trained = counts()
    assert (more.code, f"after {trained} turns" in more.out) == (0, True)
    assert (asked, evaluated[-1]) == (400, trained)
    assert 400 <= trained < 600
    recorded = [r["turns"] for r in run.metrics("training")]
    assert recorded == sorted(set(recorded))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(("--seed", 3), "--seed 3 cannot be given beside --resume", id="seed"),
        pytest.param(("--agent", "ppo"), "--agent ppo cannot", id="the-default-is-given-too"),
        pytest.param(("--max-turns", 9), "--max-turns 9 cannot", id="environment"),
        pytest.param(("--env", "ChatRec/Slate-v0"), "--env ChatRec/Slate-v0 cannot", id="other-actions"),
        pytest.param(("--agent", "slate_q"), "--agent slate_q cannot", id="agent-of-other-actions"),
        pytest.param(("--set", "gamma=0.5"), "--set gamma=0.5 cannot", id="hyperparameter"),
        pytest.param(("--curve-people=9",), "was started with --curve-people 4.", id="with-an-equals-sign"),
        pytest.param(("--out", "elsewhere"), "--out elsewhere cannot", id="folder"),
    ],
)
def test_other_options_beside_resume_are_refused(
    chatrec: Any, training: Training, tmp_path: Path, options: tuple[Any, ...], message: str
) -> None:
    run = new_run(tmp_path / "a run", training)
    done = chatrec("train", "--resume", run.folder, *options)
    assert done.code == 2
    assert message in done.err
    assert f"chatrec train --resume '{run.folder}'" in done.err
    assert Run.open(run.folder).config == run.config


def test_the_runs_own_options_may_be_repeated(chatrec: Any, training: Training, tmp_path: Path) -> None:
    run = new_run(tmp_path / "run", training)
    own = ("--agent", "q_learning", "--env", "ChatRec/Strategy-v0", "--encoder", "hash", "--seed", 0)
    assert chatrec("train", "--resume", run.folder, *own, "--set", "parallel=25").code == 0


@pytest.mark.parametrize(
    ("name", "value", "typed_so"),
    [
        pytest.param(
            "set",
            {"gamma": 0.5, "network": {"hidden": 8}},
            """--set gamma=0.5 'network={"hidden": 8}'""",
            id="settings",
        ),
        pytest.param("set", {}, "no --set", id="no-settings"),
        pytest.param("scenario", {"name": "null"}, """--scenario '{"name": "null"}'""", id="json"),
        pytest.param("reward", RewardConfig(ask_cost=0.5), """--reward '{"ask_cost": 0.5}'""", id="reward"),
        pytest.param("reward", RewardConfig(), "no --reward", id="the-usual-reward"),
        pytest.param("max_turns", 9, "--max-turns 9", id="number"),
        pytest.param("fast", True, "--fast", id="flag"),
        pytest.param("fast", False, "no --fast", id="no-flag"),
        pytest.param("out", Path("my runs"), "--out 'my runs'", id="path"),
    ],
)
def test_options_are_told_as_they_are_typed(name: str, value: Any, typed_so: str) -> None:
    assert typed(name, value) == typed_so


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(("--seed", 7), "--seed 7 cannot be given beside --resume", id="seed"),
        pytest.param(("--out", "elsewhere"), "--out elsewhere cannot", id="folder"),
    ],
)
def test_a_demo_run_refuses_other_options_too(
    chatrec: Any, finished: Any, options: tuple[Any, ...], message: str
) -> None:
    done = chatrec("demo", "--resume", finished.folder, *options)
    assert (done.code, message in done.err) == (2, True)
