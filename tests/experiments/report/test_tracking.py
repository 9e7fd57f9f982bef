"""``--track``: copies of a run's numbers in TensorBoard, Weights & Biases and MLflow, without a network."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import pytest

from chatrec_env.errors import MissingExtraError, UnknownNameError
from experiments.report.tracking import Tracker, tracking

EVALUATION = {
    "event": "evaluation",
    "agent": "PPO",
    "turns": 200,
    "return": {"mean": 1.5, "low": 1.0, "n": 9},
}
ROW = {
    "event": "row",
    "table": "table",
    "row": "greedy (tuned)",
    "values": {"return": {"mean": 2.0, "low": None}},
}


class Noted:
    """A tool that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[dict[str, float], int]] = []

    def log(self, values: Any, step: int) -> None:
        self.told.append((dict(values), step))

    def keep(self, files: Any) -> None: ...

    def close(self) -> None: ...


def test_what_a_tool_is_told() -> None:
    tool = Noted()
    tracker = Tracker(tool)
    tracker.note(EVALUATION)
    tracker.note(ROW)
    tracker.note({"event": "tuned", "best": [1, 2]})
    tracker.note({"event": "curve", "agent": "../runs//ppo:epsilon=0.3", "diagnostics": {"share": 0.5}})
    assert tool.told == [
        ({"evaluation/PPO/return/mean": 1.5, "evaluation/PPO/return/low": 1.0}, 200),
        ({"table/greedy _tuned_/return/mean": 2.0}, 0),
        ({"curve/.._runs_ppo_epsilon_0.3/diagnostics/share": 0.5}, 0),
    ]


@pytest.mark.parametrize("name", ["tensorboard", "wandb", "mlflow"])
def test_a_tool_that_is_not_installed_is_named_with_the_line_that_installs_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with (
        pytest.raises(MissingExtraError, match=rf'--track {name} needs.*pip install "chatrec\[{name}\]"'),
        tracking(name, tmp_path, "train", {}),
    ):
        pass


def test_names_of_tools(tmp_path: Path, refused: Any) -> None:
    with (
        pytest.raises(UnknownNameError, match="Did you mean 'mlflow'"),
        tracking("mlflo", tmp_path, "train", {}),
    ):
        pass
    with tracking("none", tmp_path, "train", {}) as tracker:
        assert tracker is None
    refused("Name one with --out", "compare", "greedy", "--track", "tensorboard")
    refused("Name one with --out", "ope", "log", "greedy", "--track", "tensorboard")
    refused("Did you mean 'wandb'", "eval-simulator", "--track", "wanb")
    refused("Did you mean 'wandb'", "sweep", "--over", "seed=0", "--track", "wanb")


def tell(name: str, folder: Path) -> None:
    folder.mkdir()
    (folder / "index.html").write_text("<p>page</p>")
    with tracking(name, folder, "train", {"turns": 400}) as tracker:
        assert tracker is not None
        tracker.note(EVALUATION)
        tracker.note({**EVALUATION, "turns": 400, "return": {"mean": 2.5}})
        tracker.note(ROW)
        tracker.note({**ROW, "row": "../runs/demo/policies/ppo"})
        tracker.keep(folder, ["index.html"])


def test_tensorboard_has_the_curve(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="pip install 'chatrec[tensorboard]'")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    tell("tensorboard", tmp_path / "run")
    found = EventAccumulator(str(tmp_path / "run" / "tensorboard"))
    found.Reload()
    points = [(e.step, e.value) for e in found.Scalars("evaluation/PPO/return/mean")]
    assert points == [(200, 1.5), (400, 2.5)]


@pytest.mark.filterwarnings("default")  # theirs
def test_mlflow_has_the_curve_the_options_and_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mlflow = pytest.importorskip("mlflow", reason="pip install 'chatrec[mlflow]'")
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    monkeypatch.chdir(tmp_path)
    mlflow.set_tracking_uri(uri)
    tell("mlflow", tmp_path / "run")
    client = mlflow.MlflowClient(uri)
    (run,) = client.search_runs(["0"])
    assert run.info.run_name == "run"
    history = client.get_metric_history(run.info.run_id, "evaluation/PPO/return/mean")
    assert [(m.step, m.value) for m in history] == [(200, 1.5), (400, 2.5)]
    assert {f.path for f in client.list_artifacts(run.info.run_id)} == {"config.json", "index.html"}


@pytest.mark.filterwarnings("default")  # theirs
def test_wandb_keeps_all_of_it_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("wandb", reason="pip install 'chatrec[wandb]'")
    monkeypatch.setenv("WANDB_MODE", "offline")
    tell("wandb", tmp_path / "run")
    (kept,) = (tmp_path / "run" / "wandb").glob("offline-run-*/*.wandb")
    until = time.monotonic() + 30  # a process of its own writes the file
    while b"table/greedy _tuned_/return/mean" not in kept.read_bytes():
        assert time.monotonic() < until
        time.sleep(0.1)
    assert b"evaluation/PPO/return/mean" in kept.read_bytes()
