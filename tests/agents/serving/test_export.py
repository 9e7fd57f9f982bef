"""An export holds what the service needs, and nothing damaged is served."""

from __future__ import annotations

import copy
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from agents import export as exporting
from agents.baselines import AskThenRecommend, save_baseline
from agents.checkpoints import load_checkpoint, load_policy, save_checkpoint
from agents.export import Export, export_policy, load_export
from agents.ppo.agent import PPOAgent
from agents.stochastic import Softness
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ArtifactError, ConfigError
from chatrec_env.language import Form
from tests.agents.serving.conftest import ENV, lively_agent


def test_files_and_contents(export_folder: Path, export: Export) -> None:
    assert sorted(p.name for p in export_folder.iterdir()) == ["policy.json", "policy.safetensors"]
    header = json.loads((export_folder / "policy.json").read_text())
    serving = header["meta"]["serving"]
    assert header["env"]["encoder"] == "hash"
    assert len(header["catalog_digest"]) == len(header["sha256"]["policy.safetensors"]) == 64
    assert header["encoder_fingerprint"] == export.task.manager.table.encoder.fingerprint
    assert serving["network"]["candidates"] == 12
    assert serving["actions"] == list(export.task.actions.names)
    assert serving["observation"]["width"] == export.task.layout.width
    assert len(serving["probe"]["logits"]) == 4
    assert (export.kind, export.name, export.policy) == ("ppo", "ppo", None)


def test_training_state_stays_behind(checkpoint_folder: Path, tmp_path: Path) -> None:
    checkpoint = load_checkpoint(checkpoint_folder)
    heavy = tmp_path / "heavy"
    save_checkpoint(
        heavy,
        kind="ppo",
        env=checkpoint.env,
        tensors=checkpoint.tensors,
        meta=checkpoint.meta,
        training={"turns": np.array(3)},
    )
    out = export_policy(heavy, tmp_path / "out")
    assert (heavy / "training.safetensors").is_file()
    assert not (out / "training.safetensors").exists()


def test_a_policy_is_not_exported_onto_itself(checkpoint_folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in checkpoint_folder.iterdir()}
    with pytest.raises(ConfigError, match="Name another folder"):
        export_policy(checkpoint_folder, checkpoint_folder / ".." / checkpoint_folder.name)
    assert {path.name: path.read_bytes() for path in checkpoint_folder.iterdir()} == before


@pytest.mark.parametrize(
    ("files", "holds"),
    [
        pytest.param(("notes.txt",), "it holds notes.txt. Nothing was written", id="foreign"),
        pytest.param(("a", "b", "c", "d", "e"), "it holds a, b, c and 2 more.", id="many"),
        pytest.param(("policy.json",), "it holds policy.json. Nothing", id="same-name-other-contents"),
    ],
)
def test_nothing_foreign_is_replaced(
    checkpoint_folder: Path, tmp_path: Path, files: tuple[str, ...], holds: str
) -> None:
    for name in files:
        (tmp_path / name).write_text("mine")
    with pytest.raises(ConfigError, match=holds):
        export_policy(checkpoint_folder, tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == dict.fromkeys(files, "mine")


def test_other_policies_are_not_replaced(checkpoint_folder: Path, tmp_path: Path) -> None:
    places = {name: tmp_path / name for name in ("trained", "other", "music")}
    shutil.copytree(checkpoint_folder, places["trained"])
    for name, env in (("other", ENV), ("music", replace(ENV, catalog="music"))):
        saved = tmp_path / f"{name}-saved"
        if name == "other":
            save_baseline(saved, AskThenRecommend(questions=1, diversity=0.0), env)
        else:
            lively_agent(env).save(saved)
        export_policy(saved, places[name])
    says = {
        "trained": "a policy that was trained there and not exported",
        "other": "an export of 'ask_then_recommend' and not of 'ppo'",
        "music": "an export of 'ppo' for catalog='music', where this is for 'movies'",
    }
    for name, place in places.items():
        before = {path.name: path.read_bytes() for path in place.iterdir()}
        with pytest.raises(ConfigError, match=says[name]):
            export_policy(checkpoint_folder, place)
        assert {path.name: path.read_bytes() for path in place.iterdir()} == before


def test_renewing_keeps_how_it_is_softened_and_what_lies_beside(
    checkpoint_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "policy.safetensors.new").write_bytes(b"what a killed export left")
    export_policy(checkpoint_folder, tmp_path, explore=0.05)
    (tmp_path / "README.md").write_text("mine")
    for asked, kept in (
        ({}, Softness(explore=0.05)),
        ({"temperature": 0.5}, Softness(explore=0.05, temperature=0.5)),
        ({"explore": 0.0}, Softness(temperature=0.5)),
    ):
        assert load_export(export_policy(checkpoint_folder, tmp_path, **asked)).softness == kept
    assert (tmp_path / "README.md").read_text() == "mine"


def test_an_export_is_a_checkpoint_too(export_folder: Path) -> None:
    assert load_policy(export_folder).name == "ppo"


def test_exporting_twice_gives_the_same_bytes(
    checkpoint_folder: Path, export_folder: Path, tmp_path: Path
) -> None:
    again = export_policy(checkpoint_folder, tmp_path / "again")
    for name in ("policy.json", "policy.safetensors"):
        assert (again / name).read_bytes() == (export_folder / name).read_bytes()


def test_a_baseline_is_served_by_its_own_act(asking_export: Export) -> None:
    assert asking_export.ranker is None
    assert asking_export.policy is not None
    assert asking_export.name == "ask_then_recommend"


def test_a_policy_that_reads_words_brings_the_encodings_of_what_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that did not train it does not run the model for the system's own sentences."""
    env = EnvConfig(catalog="courses", encoder="minilm")
    lively_agent(env).save(tmp_path / "checkpoint")
    table = make_task(env).manager.table
    few = table.grammar.ids(Form.S_ITEM, np.arange(5), 0).astype(np.int64)
    digest = np.zeros(32, np.uint8)
    monkeypatch.setattr(exporting, "_system_texts", lambda task, hears: (few, digest))
    out = export_policy(tmp_path / "checkpoint", tmp_path / "out")
    kept = load_file(out / "sentences.safetensors")["vectors"]
    assert kept.shape == (5, 384)
    np.testing.assert_array_equal(kept, table.encoder.encode([table.text(int(i)) for i in few]))

    came: list[Any] = []
    monkeypatch.setattr(exporting, "know", lambda task, sentences, hears: came.append(sentences["vectors"]))
    assert load_export(out).hears
    np.testing.assert_array_equal(came, [kept])


def test_a_policy_that_reads_no_words_brings_those_of_its_items(three_films: str, tmp_path: Path) -> None:
    """The service compares with them, whatever the policy reads."""
    env = EnvConfig(encoder="minilm", catalog=three_films, n_candidates=3)
    save_baseline(tmp_path / "checkpoint", AskThenRecommend(questions=1, diversity=0.0), env)
    out = export_policy(tmp_path / "checkpoint", tmp_path / "out")
    kept = load_file(out / "sentences.safetensors")["vectors"]
    export = load_export(out)
    table = export.task.manager.table
    rows = table.row(table.grammar.ids(Form.S_ITEM, np.arange(3), 0))
    assert not export.hears
    assert table.arrays.ready[rows].all()
    np.testing.assert_array_equal(table.arrays.embeddings[rows], kept)


def test_encodings_of_other_wordings_are_left_alone(reading_export: Export) -> None:
    task = reading_export.task
    before = task.manager.table.arrays.ready.copy()
    ids, digest = exporting._system_texts(task, hears=True)
    exporting.know(task, {"vectors": np.ones((len(ids), 384), np.float32), "digest": digest ^ 1}, hears=True)
    np.testing.assert_array_equal(task.manager.table.arrays.ready, before)


def test_heuristics_and_networks_without_weight_on_words_do_not_hear(
    asking_export: Export, agent: PPOAgent, tmp_path: Path
) -> None:
    deaf = copy.deepcopy(agent)
    with torch.no_grad():
        deaf.network.speech.weight.zero_()
    deaf.save(tmp_path / "deaf")
    assert not asking_export.hears
    assert not load_export(export_policy(tmp_path / "deaf", tmp_path / "out")).hears


def test_a_checkpoint_is_not_served(checkpoint_folder: Path) -> None:
    with pytest.raises(
        ArtifactError, match=r"is a checkpoint, not an export\. Make one with: chatrec export"
    ):
        load_export(checkpoint_folder)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        pytest.param(("meta", "serving", "actions"), ["ask:genre"], "the actions it was", id="actions"),
        pytest.param(
            ("meta", "serving", "observation", "columns"), "0" * 64, "the observation", id="columns"
        ),
        pytest.param(("meta", "serving", "network"), None, "A network shape has", id="shape"),
        pytest.param(("meta", "serving", "network", "hidden"), 47, "trunk_1.weight", id="hidden"),
        pytest.param(("meta", "serving", "probe"), None, "the probe is missing", id="probe"),
        pytest.param(("meta", "serving", "probe", "seed"), 1, "answers differ by", id="answers"),
        pytest.param(("format",), 99, "reads format", id="checkpoint"),
    ],
)
def test_a_changed_header_is_refused(
    export_folder: Path, tmp_path: Path, path: tuple[str, ...], value: Any, message: str
) -> None:
    folder = Path(shutil.copytree(export_folder, tmp_path / "export"))
    header = json.loads((folder / "policy.json").read_text())
    place = header
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    (folder / "policy.json").write_text(json.dumps(header))
    with pytest.raises(ArtifactError, match=message):
        load_export(folder)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="No checkpoint in"):
        export_policy(tmp_path / "nowhere", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_damaged_factors_are_not_served(tmp_path: Path) -> None:
    pytest.importorskip("implicit")
    env = EnvConfig(encoder="hash", collaborative=1.0)
    save_baseline(tmp_path / "checkpoint", AskThenRecommend(questions=1, diversity=0.0), env)
    out = export_policy(tmp_path / "checkpoint", tmp_path / "out")
    file = out / "factors.safetensors"
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(ArtifactError, match=r"factors\.safetensors is damaged"):
        load_export(out)
    file.unlink()
    with pytest.raises(ArtifactError, match=r"factors\.safetensors is missing"):
        load_export(out)


def test_factors_stay_behind_where_the_next_policy_has_none(tmp_path: Path) -> None:
    pytest.importorskip("implicit")
    policy = AskThenRecommend(questions=1, diversity=0.0)
    save_baseline(tmp_path / "checkpoint", policy, EnvConfig(encoder="hash", collaborative=1.0))
    assert (tmp_path / "checkpoint" / "factors.safetensors").is_file()
    save_baseline(tmp_path / "checkpoint", policy, EnvConfig(encoder="hash"))
    assert not (tmp_path / "checkpoint" / "factors.safetensors").exists()
