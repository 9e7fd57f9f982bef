from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from chatrec_env.errors import ArtifactError, ConfigError
from experiments.report.documents import jsonable, read_document, write_document
from experiments.report.runlog import METRICS, RUN, Run, new_folder, package_versions


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.create(tmp_path / "run", kind="train", config={"agent": "ppo"}, seeds={"train": 3})


def test_what_is_written_is_read_again(run: Run) -> None:
    run.log("progress", turns=np.int64(500), ret=np.float64(1.5), unknown=float("nan"))
    run.done("train")
    run.mark("finished")
    again = Run.open(run.folder)
    assert again == run
    assert again.metrics() == [{"event": "progress", "turns": 500, "ret": 1.5, "unknown": None}]
    assert again.metrics("other") == []
    assert (again.status, again.finished) == ("finished", ["train"])
    assert again.versions["numpy"] == np.__version__


def test_each_record_is_on_disk_at_once(run: Run) -> None:
    run.log("a")
    run.log("b", n=1)
    assert (run.folder / METRICS).read_text() == '{"event": "a"}\n{"event": "b", "n": 1}\n'


def test_a_used_folder_is_not_overwritten(run: Run) -> None:
    with pytest.raises(ConfigError, match=r"not empty.*--resume"):
        Run.create(run.folder, kind="train", config={}, seeds={})


def test_a_line_cut_off_by_a_kill_is_dropped(run: Run) -> None:
    run.log("a")
    with (run.folder / METRICS).open("a") as file:
        file.write('{"event": "b", "tu')
    again = Run.open(run.folder)
    again.log("c")
    assert [r["event"] for r in again.metrics()] == ["a", "c"]


@pytest.mark.parametrize(
    ("file", "content", "says"),
    [
        pytest.param(RUN, None, "expected a file run.json", id="missing"),
        pytest.param(RUN, "{", "run.json is damaged: expected JSON", id="torn"),
        pytest.param(RUN, '{"format": 99}', "expected a JSON object of format 1, got 99", id="other-format"),
        pytest.param(RUN, "[]", "got 'list'", id="no-object"),
        pytest.param(METRICS, 'a\n{"event": "b"}\n', "metrics.jsonl, line 1 is damaged", id="bad-line"),
        pytest.param(METRICS, '{"event": "b"}\n7\n', "metrics.jsonl, line 2 is damaged", id="no-record"),
    ],
)
def test_a_damaged_run_is_named(run: Run, file: str, content: str | None, says: str) -> None:
    path = run.folder / file
    if content is None:
        path.unlink()
    else:
        path.write_text(content)
    with pytest.raises(ArtifactError, match=says):
        Run.open(run.folder)


def test_a_changed_number_is_noticed(run: Run) -> None:
    path = run.folder / RUN
    document = json.loads(path.read_text())
    document["seeds"]["train"] = 4
    path.write_text(json.dumps(document))
    with pytest.raises(ArtifactError, match="does not match its checksum"):
        Run.open(run.folder)


def test_a_signed_document_with_wrong_types_is_damaged(run: Run) -> None:
    write_document(run.folder / RUN, {"format": 1, "kind": 3})
    with pytest.raises(ArtifactError, match="expected 'kind' to be a str, got 3"):
        Run.open(run.folder)


def test_no_folder_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="no such folder"):
        Run.open(tmp_path / "nowhere")


def test_an_interrupted_write_leaves_the_old_document(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("experiments.report.documents.os.replace", stop)
    with pytest.raises(KeyboardInterrupt):
        run.mark("finished")
    monkeypatch.undo()
    assert Run.open(run.folder).status == "running"
    assert [p.name for p in run.folder.iterdir()] == [RUN]


def test_folders_are_numbered_when_taken(tmp_path: Path) -> None:
    assert new_folder(tmp_path, "demo") == tmp_path / "demo"
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo-2").mkdir()
    assert new_folder(tmp_path, "demo") == tmp_path / "demo-3"


def test_policies_are_listed(run: Run) -> None:
    for name in ("ppo", "greedy", ".half-written"):
        run.policy_folder(name).mkdir(parents=True)
    assert run.policies() == ["greedy", "ppo"]


def test_documents_are_strict_json(tmp_path: Path) -> None:
    path = tmp_path / "table.json"
    write_document(path, {"format": 1, "mean": float("inf"), "rows": np.arange(2), "at": tmp_path})
    assert read_document(path) == {"format": 1, "mean": None, "rows": [0, 1], "at": str(tmp_path)}
    assert jsonable({1: (np.float32(0.5),)}) == {"1": [0.5]}


def test_versions_name_what_can_change_the_numbers() -> None:
    assert {"python", "chatrec", "torch", "transformers", "onnx", "onnxruntime"} <= set(package_versions())


def test_a_record_that_does_not_say_how_far_an_agent_is_is_named(tmp_path: Path) -> None:
    run = Run.create(tmp_path / "run", kind="train", config={}, seeds={})
    run.log("training", agent="PPO", turns=3)
    run.log("training", agent="PPO", turns="x")
    with pytest.raises(ArtifactError, match="line 2 is damaged: expected an 'agent' and its 'turns'"):
        run.metrics()


def test_json_that_is_nested_too_deeply_is_damage(tmp_path: Path) -> None:
    run = Run.create(tmp_path / "run", kind="train", config={}, seeds={})
    (run.folder / "run.json").write_text("[" * 100_000)
    with pytest.raises(ArtifactError, match=r"run\.json is damaged"):
        Run.open(run.folder)
