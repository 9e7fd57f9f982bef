"""Encoders by name, and the hashing encoder."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest

from chatrec_env.errors import ArtifactError, ConfigError, UnknownNameError
from chatrec_env.language.encoders import Encoder, HashingEncoder, make_encoder

SENTENCES = [
    "a funny film",
    "something dark, please",
    "nothing too scary!",
    "",
    "  ",
    "é",
    "日本の映画",
    "why?",
    "a " * 3000,
    "\ud800 broken",
]


def test_hash_vectors_have_unit_length_and_the_width_of_the_name() -> None:
    for name, dim in (("hash", 64), ("hash-8", 8), ("hash-128", 128)):
        encoder = make_encoder(name)
        vectors = encoder.encode(SENTENCES)
        assert (encoder.name, encoder.dim) == (name, dim)
        assert vectors.shape == (len(SENTENCES), dim)
        assert vectors.dtype == np.dtype(np.float32)
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_hash_64_is_the_plain_name() -> None:
    assert HashingEncoder(64).fingerprint == HashingEncoder().fingerprint
    assert HashingEncoder(64).name == "hash"


def test_hash_of_no_sentences_has_no_rows() -> None:
    assert HashingEncoder().encode([]).shape == (0, 64)


def test_a_text_has_the_same_bits_whatever_else_is_in_the_call() -> None:
    together = HashingEncoder().encode(SENTENCES)
    alone = np.concatenate([HashingEncoder().encode([text]) for text in SENTENCES])
    backwards = HashingEncoder().encode(SENTENCES[::-1])[::-1]
    np.testing.assert_array_equal(together, alone)
    np.testing.assert_array_equal(together, backwards)


def test_hash_reads_words_not_case_nor_blanks() -> None:
    a, b, c = HashingEncoder().encode(["A Funny  FILM", "a funny film", "a grim war story"])
    np.testing.assert_array_equal(a, b)
    assert a @ b > 0.99 > 0.5 > a @ c


def test_hash_puts_related_words_near() -> None:
    thriller, thrillers, romance = HashingEncoder(512).encode(["thriller", "thrillers", "romance"])
    assert thriller @ thrillers > 0.5 > thriller @ romance


def test_hash_worked_by_hand() -> None:
    # One word of one letter has the features "=x" (weight 2) and the piece "<x>" (weight 1).
    expected = np.zeros(64)
    for feature, weight in (("=x", 2), ("<x>", 1)):
        code = zlib.crc32(feature.encode())
        expected[(code >> 1) % 64] += weight if code & 1 else -weight
    expected /= np.sqrt(np.sum(expected**2))
    np.testing.assert_array_equal(HashingEncoder().encode(["X"])[0], expected.astype(np.float32))


def test_hash_bits_are_the_same_in_another_process(repo: Path) -> None:
    program = (
        "from chatrec_env.language.encoders.hashing import HashingEncoder;"
        "print(HashingEncoder().encode(['a funny film', 'why?']).tobytes().hex())"
    )
    other = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "7"},
        cwd=repo,
    )
    assert other.stdout.strip() == HashingEncoder().encode(["a funny film", "why?"]).tobytes().hex()


def test_hash_forgets_words_past_its_bound_and_stays_right(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = HashingEncoder().encode(["one two three four five", "one six"])
    monkeypatch.setattr("chatrec_env.language.encoders.hashing.MAX_WORDS", 3)
    encoder = HashingEncoder()
    np.testing.assert_array_equal(encoder.encode(["one two three four five", "one six"]), expected)
    assert len(encoder._words) <= 3


@pytest.mark.parametrize("dim", [0, 7, 12, 8192, True, 64.0, "64"])
def test_hash_refuses_a_width_out_of_range(dim: int) -> None:
    with pytest.raises(ConfigError, match=r"multiple of 8 in \[8, 4096\], got"):
        HashingEncoder(dim)


def test_hash_copies_are_itself_or_equal() -> None:
    encoder = HashingEncoder(128)
    again = pickle.loads(pickle.dumps(encoder))
    assert copy.deepcopy(encoder) is encoder
    assert again.fingerprint == encoder.fingerprint
    np.testing.assert_array_equal(again.encode(SENTENCES), encoder.encode(SENTENCES))


def test_a_name_is_built_once_in_a_process() -> None:
    assert make_encoder("hash") is make_encoder("hash")
    assert isinstance(make_encoder("hash"), Encoder)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        pytest.param("minilmm", "minilm", id="typo"),
        pytest.param("hash-", "hash", id="no-width"),
        pytest.param("hub:", "hub:REPOSITORY", id="no-repository"),
        pytest.param("minilm:", "minilm", id="no-folder"),
    ],
)
def test_an_unknown_name_lists_what_is_known(name: str, nearest: str) -> None:
    with pytest.raises(
        UnknownNameError, match="Known: causal:FOLDER, endpoint:MODEL, hash, hash-DIM, hub"
    ) as caught:
        make_encoder(name)
    assert f"Did you mean {nearest!r}?" in str(caught.value)


def test_a_name_must_be_text() -> None:
    with pytest.raises(UnknownNameError, match="No encoder 3"):
        make_encoder(3)  # type: ignore[arg-type]


def test_a_hash_width_out_of_range_is_named() -> None:
    with pytest.raises(ConfigError, match="got 7"):
        make_encoder("hash-7")


def test_a_missing_model_folder_says_what_belongs_there(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"missing: config\.json, model\.safetensors, tokenizer\.json"):
        make_encoder(f"minilm:{tmp_path}")
