"""Checkpoint folders: whole or named, whatever happens to them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.baselines import Greedy, make_baseline, save_baseline
from agents.checkpoints import load_checkpoint, load_policy, save_checkpoint
from chatrec_env.catalog.loading import load_catalog
from chatrec_env.envs.config import EnvConfig
from chatrec_env.envs.task import make_task
from chatrec_env.errors import ArtifactError, ConfigError, UnknownNameError
from chatrec_env.retrieval.theme_files import pack_themes
from chatrec_env.retrieval.themes import Themes

ENV = EnvConfig(encoder="hash")
OLD = {"w": np.arange(6, dtype=np.float32).reshape(2, 3)}
NEW = {"w": np.full((2, 3), 7.0, np.float32)}
OLD_TRAINING = {"m": np.array([1, 2], np.int64)}
NEW_TRAINING = {"m": np.array([3, 4], np.int64)}


def write(folder: Path, tensors: Any = OLD, training: Any = OLD_TRAINING, **meta: Any) -> None:
    save_checkpoint(folder, kind="baseline", env=ENV, tensors=tensors, meta=meta, training=training)


def edit_header(folder: Path, **changes: Any) -> None:
    file = folder / "policy.json"
    header = json.loads(file.read_text()) | changes
    file.write_text(json.dumps({k: v for k, v in header.items() if v is not ...}))


def test_round_trip_keeps_bits_shapes_and_types(tmp_path: Path) -> None:
    tensors = {
        "matrix": np.arange(6, dtype=np.float32).reshape(2, 3).T,  # not contiguous
        "scalar": np.array(1.5),
        "flags": np.array([True, False]),
        "counts": np.array([2**62], np.int64),
        "empty": np.zeros((0, 3), np.float32),
    }
    save_checkpoint(
        tmp_path, kind="baseline", env=ENV, tensors=tensors, meta={"seed": 2**100, "x": [0.1, None]}
    )
    found = load_checkpoint(tmp_path)
    assert found.env == ENV
    assert found.meta == {"seed": 2**100, "x": [0.1, None]}
    assert found.training is None
    assert set(found.tensors) == set(tensors)
    for name, array in tensors.items():
        assert found.tensors[name].dtype == array.dtype
        assert found.tensors[name].shape == array.shape
        assert found.tensors[name].tobytes() == array.tobytes()


def test_other_files_of_the_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    write(tmp_path)
    write(tmp_path, NEW, None)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["notes.txt", "policy.json", "policy.safetensors"]
    assert load_checkpoint(tmp_path).training is None


@pytest.mark.parametrize("call", range(4), ids=["header", "first-file", "second-file", "not-at-all"])
def test_a_save_cut_short_leaves_the_old_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    write(tmp_path)
    replace, calls = os.replace, []

    def dies(*args: Any) -> None:
        calls.append(args)
        if len(calls) > call:
            raise KeyboardInterrupt
        replace(*args)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", dies)
        if call < 3:
            with pytest.raises(KeyboardInterrupt):
                write(tmp_path, NEW, NEW_TRAINING)
        else:
            write(tmp_path, NEW, NEW_TRAINING)
    expected = (OLD, OLD_TRAINING) if call == 0 else (NEW, NEW_TRAINING)
    found = load_checkpoint(tmp_path)
    assert found.training is not None
    assert found.tensors["w"].tolist() == expected[0]["w"].tolist()
    assert found.training["m"].tolist() == expected[1]["m"].tolist()
    # ... and the next save starts from there, even if it is cut short too.
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            write(tmp_path)
    assert load_checkpoint(tmp_path).tensors["w"].tolist() == expected[0]["w"].tolist()
    write(tmp_path)
    assert load_checkpoint(tmp_path).tensors["w"].tolist() == OLD["w"].tolist()
    assert not list(tmp_path.glob("*.new"))


def test_a_save_that_finishes_during_a_load_is_seen_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path)
    read = Path.read_bytes
    saved: list[bool] = []

    def read_slowly(file: Path) -> bytes:
        data = read(file)
        if file.name == "policy.json" and not saved:  # the header was read; now somebody saves
            saved.append(True)
            write(tmp_path, NEW, NEW_TRAINING)
        return data

    monkeypatch.setattr(Path, "read_bytes", read_slowly)
    assert load_checkpoint(tmp_path).tensors["w"].tolist() == NEW["w"].tolist()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-3])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        pytest.param(lambda f: (f / "policy.json").unlink(), r"policy\.json is missing", id="no-header"),
        pytest.param(lambda f: cut(f / "policy.json"), r"policy\.json is not JSON", id="cut-header"),
        pytest.param(lambda f: (f / "policy.json").write_text("[]"), r"policy\.json .* list", id="a-list"),
        pytest.param(
            lambda f: (f / "policy.json").write_bytes(b"\xff\xfe"), r"policy\.json is not JSON", id="not-text"
        ),
        pytest.param(
            lambda f: edit_header(f, format=2), r"policy\.json has format 2.* format 1", id="format"
        ),
        pytest.param(lambda f: edit_header(f, meta=...), r"'meta' should be dict.*nothing", id="no-meta"),
        pytest.param(
            lambda f: edit_header(f, kind="magic"), r"kind 'magic'\. Known: a2c, baseline, ", id="kind"
        ),
        pytest.param(lambda f: edit_header(f, sha256={}), r"'sha256' should name policy", id="no-digests"),
        pytest.param(
            lambda f: edit_header(f, sha256={"policy.safetensors": "0", "../x": "0"}),
            r"'sha256' should name policy",
            id="digest-of-a-stranger",
        ),
        pytest.param(
            lambda f: (f / "policy.safetensors").unlink(), r"policy\.safetensors is missing", id="no-tensors"
        ),
        pytest.param(
            lambda f: cut(f / "policy.safetensors"), r"policy\.safetensors is damaged", id="cut-tensors"
        ),
        pytest.param(
            lambda f: flip(f / "training.safetensors"), r"training\.safetensors is damaged", id="one-bit"
        ),
        pytest.param(
            lambda f: edit_header(f, catalog_digest="0" * 64), r"another catalog 'movies'", id="catalog"
        ),
        pytest.param(
            lambda f: edit_header(f, encoder_fingerprint="other"), r"another encoder 'hash'", id="encoder"
        ),
        pytest.param(
            lambda f: edit_header(f, env={"catalog": "moviez"}),
            r"policy\.json: its environment",
            id="unknown",
        ),
        pytest.param(
            lambda f: edit_header(f, env={"speed": 1}), r"keyword argument 'speed'", id="unknown-keyword"
        ),
    ],
)
def test_damage_is_named(tmp_path: Path, damage: Any, message: str) -> None:
    write(tmp_path)
    damage(tmp_path)
    with pytest.raises(ArtifactError, match=message):
        load_checkpoint(tmp_path)


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ArtifactError, match="No checkpoint in"):
        load_checkpoint(tmp_path / "file")


@pytest.mark.parametrize(
    ("name", "shape", "dtype", "message"),
    [
        pytest.param("v", (2, 3), np.float32, r"lacks the tensor 'v'; it has w", id="missing"),
        pytest.param("w", (3, 3), np.float32, r"of shape \(3, 3\).*is float32 of shape \(2, 3\)", id="shape"),
        pytest.param("w", (2, 3), np.float64, r"should be float64.*is float32", id="dtype"),
    ],
)
def test_a_tensor_must_be_what_the_agent_expects(
    tmp_path: Path, name: str, shape: tuple[int, ...], dtype: Any, message: str
) -> None:
    write(tmp_path)
    found = load_checkpoint(tmp_path)
    assert found.tensor("w", (2, 3), np.float32).tolist() == OLD["w"].tolist()
    with pytest.raises(ArtifactError, match=rf"policy\.safetensors.*{message}"):
        found.tensor(name, shape, dtype)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        pytest.param({"kind": "basline"}, UnknownNameError, "Did you mean 'baseline'", id="kind"),
        pytest.param({"meta": {"x": float("nan")}}, ConfigError, "plain JSON", id="nan"),
        pytest.param({"meta": {"x": np.zeros(1)}}, ConfigError, "plain JSON", id="array-in-meta"),
        pytest.param({"tensors": {"x": [1.0]}}, ConfigError, "'x' must be a numeric NumPy array", id="list"),
        pytest.param(
            {"tensors": {"x": np.array(["a"])}}, ConfigError, "numeric NumPy array, got <U1", id="text"
        ),
    ],
)
def test_what_cannot_be_saved_leaves_the_old_checkpoint(
    tmp_path: Path, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    good: dict[str, Any] = {"kind": "baseline", "env": ENV, "tensors": NEW, "meta": {}}
    write(tmp_path)
    with pytest.raises(error, match=message):
        save_checkpoint(tmp_path, **(good | arguments))
    assert load_checkpoint(tmp_path).tensors["w"].tolist() == OLD["w"].tolist()


def test_load_policy_reads_every_baseline(tmp_path: Path) -> None:
    policy = make_baseline("ask_then_recommend", ENV, questions=3, diversity=0.25, again_after=2, refused=0.5)
    save_baseline(tmp_path, policy, ENV)
    assert load_policy(tmp_path) == policy
    save_baseline(tmp_path, Greedy(), ENV)
    assert load_policy(tmp_path) == Greedy()


def test_a_baseline_of_unknown_settings_is_named(tmp_path: Path) -> None:
    write(tmp_path, {}, None, name="greedy", params={"depth": 3})
    with pytest.raises(ArtifactError, match=r"policy\.json does not describe a baseline.*'depth'"):
        load_policy(tmp_path)


def test_a_file_of_themes_travels_with_the_policy(tmp_path: Path) -> None:
    """What the environment was given is copied; where it lay is not needed any more."""
    films, own = load_catalog("movies"), tmp_path / "own.safetensors"
    themes = Themes(
        centres=np.eye(2, 64, dtype=np.float32),
        centre=np.zeros(64, np.float32),
        share=np.full(2, 0.5, np.float32),
        worth=np.ones((2, films.n_items), np.float32),
        catalog=films.digest,
        encoder="hash",
    )
    own.write_bytes(pack_themes(themes))
    env = EnvConfig(encoder="hash", semantic=1.0, themes=str(own))
    save_baseline(tmp_path / "greedy", Greedy(), env)
    own.unlink()
    found = load_checkpoint(tmp_path / "greedy").env
    assert found.themes == str(tmp_path / "greedy" / "themes.safetensors")
    assert make_task(found).manager.retriever.blend.themes.worth[1, 5] == 1
    (tmp_path / "greedy" / "themes.safetensors").write_bytes(b"")
    with pytest.raises(ArtifactError, match=r"themes\.safetensors"):
        load_checkpoint(tmp_path / "greedy")
