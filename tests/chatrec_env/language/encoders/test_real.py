"""The encoders with real models behind them: the default causal model, and an embeddings server; skip where absent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import gymnasium as gym
import numpy as np
import platformdirs
import pytest

import chatrec_env  # noqa: F401
from chatrec_env.errors import ArtifactError
from chatrec_env.language.encoders import CachedEncoder, Exchange, make_encoder
from chatrec_env.language.encoders.causal import CausalEncoder
from simulators.llm.backends import weights

pytestmark = pytest.mark.long

TALK: list[Exchange] = [
    ("", "Hello, I'd like to watch a thriller tonight."),
    ("Which mood are you after?", "Something dark, but nothing too long."),
    ("How about Heat? It is a crime film with a dark mood.", "I've seen it."),
    ("Then try Alien. It fits what you said: dark.", "Not my thing. More like Heat, but newer."),
]


@pytest.fixture(autouse=True)
def users_own_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests have a cache of their own; models are looked for where the user keeps them."""
    monkeypatch.setenv("CHATREC_MODELS", str(Path(platformdirs.user_cache_dir("chatrec")) / "models"))


@pytest.fixture
def smollm2() -> CausalEncoder:
    try:
        encoder = make_encoder("smollm2")
    except ArtifactError as error:
        pytest.skip(str(error))
    assert isinstance(encoder, CausalEncoder)
    return encoder


def test_reading_by_turns_equals_one_pass(smollm2: CausalEncoder) -> None:
    smollm2.forget()
    by_turns = [smollm2.encode_transcripts([TALK[:end]])[0, 0] for end in range(1, 5)]
    read = smollm2.reading
    assert read.reused > read.new > 0
    assert (smollm2.width, smollm2.dim) == (576, 0)
    for end, vector in enumerate(by_turns, 1):
        np.testing.assert_allclose(vector, smollm2.encode_at_once(TALK[:end]), atol=2e-6)
        smollm2.forget()
        again = smollm2.encode_transcripts([[("", "Hi.")], TALK[:end]])[1, 0]
        assert again.tobytes() == vector.tobytes()


def test_its_vectors_tell_wishes_apart(smollm2: CausalEncoder) -> None:
    """A wish is nearer to the same wish in other words than to another wish in those words."""
    wishes = ("a dark thriller", "a light comedy")
    texts = [words.format(wish) for wish in wishes for words in ("I want {}.", "I'd love {}.")]
    dark, dark_again, light, light_again = smollm2.encode_transcripts([[("", t)] for t in texts])[:, 0]
    assert dark @ dark_again > dark @ light_again
    assert light @ light_again > light @ dark_again


def test_an_environment_on_it_repeats(smollm2: CausalEncoder) -> None:
    one = gym.make_vec("ChatRec/Items-v0", num_envs=2, encoder="smollm2", max_turns=3)
    other = gym.make("ChatRec/Items-v0", encoder="smollm2", max_turns=3)
    (a, _), (b, _) = one.reset(seed=4), other.reset(seed=5)  # the second conversation is seeded with 4 + 1
    for action in (0, 9):
        np.testing.assert_array_equal(a[1], b)
        a, b = one.step(np.array([action, action]))[0], other.step(action)[0]
    np.testing.assert_array_equal(a[1], b)


@pytest.fixture
def embeddings_server() -> Iterator[str]:
    """llama.cpp's own server, giving the mean of the causal model's states."""
    xllamacpp = pytest.importorskip("xllamacpp")
    try:
        file = weights.require_gguf()
    except ArtifactError as error:
        pytest.skip(str(error))
    params = xllamacpp.CommonParams()
    params.model.path, params.n_ctx, params.n_parallel, params.verbosity = str(file), 2048, 1, 0
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.embedding = True
    params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    server = xllamacpp.Server(params)
    yield f"{server.listening_address}/v1"
    del server  # frees the model


def test_a_real_embeddings_server(embeddings_server: str) -> None:
    told = {"name": "endpoint", "model": "smollm2", "url": embeddings_server, "batch": 3}
    encoder = make_encoder(told)
    assert isinstance(encoder, CachedEncoder)
    texts = [f"I liked film number {i}." for i in range(8)]
    vectors = encoder.encode(texts)
    assert (encoder.dim, vectors.shape) == (576, (8, 576))
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert encoder.path.is_file()
    np.testing.assert_array_equal(encoder.encode(texts[::-1]), vectors[::-1])
    observation, _ = gym.make("ChatRec/Items-v0", encoder=told).reset(seed=0)
    assert np.abs(observation[:576]).max() > 0
