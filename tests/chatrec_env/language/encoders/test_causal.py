"""A decoder that reads the whole transcript: what it remembers saves work and changes nothing."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import SyncVectorEnv

import chatrec_env  # noqa: F401
from chatrec_env.envs.vector_env import ChatRecVectorEnv
from chatrec_env.errors import ArtifactError, ChatRecError, ConfigError
from chatrec_env.language.encoders import Exchange, make_encoder, reads_transcripts
from chatrec_env.language.encoders.causal import NEUTRAL, CausalConfig, CausalEncoder
from chatrec_env.language.encoders.prefixes import Prefix, PrefixStore, window_starts

TALK: list[Exchange] = [
    ("", "Hello, I want a film."),
    ("Which genre?", "Something dark. Nothing too long."),
    ("How about Heat? It is a crime film.", "I've seen it."),
    ("Then Alien.", "Yes, thanks!"),
]


@pytest.fixture(scope="module", params=["llama", "gpt2"])
def folder(request: pytest.FixtureRequest, tiny_decoder: Callable[[str], Path]) -> Path:
    return tiny_decoder(request.param)


@pytest.fixture(scope="module")
def llama(tiny_decoder: Callable[[str], Path]) -> Path:
    return tiny_decoder("llama")


def encoder_of(folder: Path, **options: Any) -> CausalEncoder:
    return CausalEncoder("causal", folder, CausalConfig(model=str(folder), **options))


def at_once(encoder: CausalEncoder, turns: list[Exchange]) -> Any:
    """The vector by one pass over all tokens, in plain steps."""
    import torch
    from tokenizers import Tokenizer
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(encoder.folder).base_model.eval()
    tokenizer = Tokenizer.from_file(str(encoder.folder / "tokenizer.json"))

    def raw(part: Any) -> Any:
        script = "".join(
            (f"Assistant: {system}\n" if system else "") + f"User: {person}\n" for system, person in part
        )
        with torch.inference_mode():
            ids = torch.tensor([[1, *tokenizer.encode(script).ids]])
            states = model(input_ids=ids, use_cache=False).last_hidden_state[0].numpy()
        return states[-1] if encoder.config.pool == "last" else states[1:].mean(0)

    vector = raw(turns) - np.mean([raw([turn]) for turn in NEUTRAL], axis=0)
    return vector / np.linalg.norm(vector)


@pytest.mark.parametrize("pool", ["mean", "last"])
def test_reading_turn_by_turn_equals_reading_at_once(folder: Path, pool: str) -> None:
    encoder = encoder_of(folder, pool=pool)
    for end in range(1, 4):
        got = encoder.encode_transcripts([TALK[:end]])
        assert (got.shape, got.dtype) == ((1, 1, 32), np.dtype(np.float32))
        np.testing.assert_allclose(got[0, 0], at_once(encoder, TALK[:end]), atol=2e-5)
        np.testing.assert_allclose(got[0, 0], encoder.encode_at_once(TALK[:end]), atol=2e-5)


def test_only_new_tokens_are_read(llama: Path) -> None:
    encoder = encoder_of(llama)
    encoder.encode_transcripts([TALK[:3]])
    before = encoder.reading.new
    encoder.encode_transcripts([TALK])
    script = "Assistant: Then Alien.\nUser: Yes, thanks!\n"
    assert encoder.reading.new - before == len(script)  # this tokenizer takes one token a byte
    assert encoder.reading.reused == before
    encoder.encode_transcripts([TALK] * 5)  # known: nothing is read at all
    assert encoder.reading.new - before == len(script)


def test_neighbours_memory_and_order_change_no_bit(llama: Path) -> None:
    others: list[list[Exchange]] = [[("", f"film {i}"), ("And?", "short " * i)] for i in range(5)]
    alone = encoder_of(llama).encode_transcripts([TALK])[0]
    grown = encoder_of(llama)
    for end in range(1, 5):
        grown.encode_transcripts([TALK[:end], *others[:end]])
    forgetful = encoder_of(llama, memory_mb=1)
    forgetful._store.budget = 0
    for end in (1, 4):
        forgetful.encode_transcripts([*others, TALK[:end]])
    assert len(forgetful._store) == 0
    for encoder in (grown, forgetful):
        assert encoder.encode_transcripts([*others, TALK])[-1].tobytes() == alone.tobytes()


def test_what_is_forgotten_is_read_again(llama: Path) -> None:
    encoder = encoder_of(llama)
    first = encoder.encode_transcripts([TALK])
    read = encoder.reading.new
    assert encoder.remembered > 0
    encoder.forget()
    assert encoder.remembered == 0
    np.testing.assert_array_equal(encoder.encode_transcripts([TALK]), first)
    assert encoder.reading.new == read


def test_the_last_turns_are_the_vectors_as_they_were(llama: Path) -> None:
    encoder = encoder_of(llama)
    sequence = encoder.encode_transcripts([TALK[:2], TALK], last=3)
    assert sequence.shape == (2, 3, 32)
    assert not sequence[0, 0].any()
    for n, ends in enumerate([(1, 2), (2, 3, 4)]):
        for place, end in enumerate(ends, 3 - len(ends)):
            expected = encoder_of(llama).encode_transcripts([TALK[:end]])[0, 0]
            np.testing.assert_array_equal(sequence[n, place], expected)
    assert encoder.encode_transcripts([], last=2).shape == (0, 2, 32)
    assert not encoder.encode_transcripts([[]]).any()
    assert encoder.encode(["as sentences, nothing"]).shape == (1, 0)


@pytest.mark.parametrize(
    ("lengths", "window", "starts"),
    [
        pytest.param([3, 3, 3], 10, [0, 0, 0], id="fits"),
        pytest.param([3, 3, 3, 3], 10, [0, 0, 0, 3], id="one-too-many"),
        pytest.param([5, 5, 1, 4, 1, 1], 10, [0, 0, 2, 2, 2, 2], id="half-is-left"),
        pytest.param([5, 5, 5], 10, [0, 0, 2], id="long-turns"),
        pytest.param([], 10, [], id="empty"),
    ],
)
def test_where_long_transcripts_begin(lengths: list[int], window: int, starts: list[int]) -> None:
    assert window_starts(lengths, window) == starts


def test_a_long_transcript_is_read_from_a_later_turn(llama: Path) -> None:
    encoder = encoder_of(llama, max_tokens=120)
    long = [*TALK, *TALK, ("Once more?", "word " * 100)]
    got = encoder.encode_transcripts([long])[0, 0]
    assert np.linalg.norm(got) == pytest.approx(1, abs=1e-5)
    assert got.tobytes() == encoder_of(llama, max_tokens=120).encode_transcripts([long])[0, 0].tobytes()
    last = encoder_of(llama, max_tokens=120).encode_transcripts([[long[-1]]])[0, 0]
    np.testing.assert_array_equal(got, last)  # of which only the end fits


def prefix(size: int) -> Prefix:
    return Prefix(past=None, tokens=1, total=np.zeros(1), final=np.zeros(1), nbytes=size)


def test_what_was_continued_goes_first(caplog: pytest.LogCaptureFixture) -> None:
    store = PrefixStore(30)
    for key in (b"a", b"b", b"c"):
        store.put(key, prefix(10))
    with caplog.at_level(logging.WARNING):
        store.put(b"b2", prefix(10), continued=b"b")
        assert store.get(b"b") is None
        assert store.get(b"a") is not None  # older, but its conversation has not moved on
        assert caplog.records == []
        store.put(b"d", prefix(10))
    assert store.get(b"c") is None
    assert (len(store), store.nbytes) == (3, 30)
    assert "memory_mb" in caplog.text
    store.put(b"huge", prefix(31))
    assert store.get(b"huge") is None


def test_memory_stays_within_its_budget(llama: Path) -> None:
    encoder = encoder_of(llama)
    encoder._store.budget = 200_000
    for i in range(20):
        talks: list[list[Exchange]] = [[(f"{n} {t}", "yes " * 9) for t in range(i + 1)] for n in range(3)]
        encoder.encode_transcripts(talks)
        kept = encoder._store._kept.values()
        layers = [layer for one in kept for layer in one.past.layers]
        held = sum(layer.keys.nbytes + layer.values.nbytes for layer in layers)
        assert held == encoder._store.nbytes <= 200_000


def options(folder: Path, **more: Any) -> dict[str, Any]:
    return {"encoder": {"name": "causal", "model": str(folder)}, "max_turns": 4, **more}


@pytest.mark.parametrize("conversation", ["recency", "sequence"])
def test_native_vector_equals_sync(llama: Path, conversation: str) -> None:
    kwargs = options(llama, conversation=conversation, history_turns=3)
    native = gym.make_vec("ChatRec/Items-v0", num_envs=3, autoreset_mode="same_step", **kwargs)
    sync = SyncVectorEnv(
        [partial(gym.make, "ChatRec/Items-v0", **kwargs) for _ in range(3)],
        autoreset_mode=native.metadata["autoreset_mode"],
    )
    (a, info), (b, _) = native.reset(seed=7), sync.reset(seed=7)
    rng, ends = np.random.default_rng(1), 0
    for _ in range(12):
        np.testing.assert_array_equal(a, b)
        actions = np.array([rng.choice(np.flatnonzero(m)) for m in info["action_mask"]])
        a, _, terminated, truncated, info = native.step(actions)
        b, _, _, _, info_b = sync.step(actions)
        for i in np.flatnonzero(terminated | truncated):
            ends += 1
            np.testing.assert_array_equal(info["final_obs"][i], info_b["final_obs"][i])
    assert ends > 3


def test_the_block_is_the_transcript(llama: Path) -> None:
    env = ChatRecVectorEnv(2, **options(llama, observation="dict", conversation="sequence", history_turns=2))
    observation, _ = env.reset(seed=1)
    assert observation["conversation_mask"].tolist() == [[0, 1], [0, 1]]
    observation, *_, info = env.step(np.array([0, 9]))
    opening = [env.task.manager.table.texts(env.state.dialogue.transcript[:, 0, 3:])[i] for i in (0, 1)]
    for i in range(2):
        turns = [("", opening[i]), (info["system_text"][i], info["user_text"][i])]
        expected = encoder_of(llama).encode_transcripts([turns], last=2)[0]
        np.testing.assert_array_equal(observation["conversation"][i], expected)
    assert observation["conversation_mask"].tolist() == [[1, 1], [1, 1]]
    assert observation["history"].shape == (2, 40)


def test_the_environment_on_it(llama: Path) -> None:
    env = gym.make("ChatRec/Items-v0", masked_actions="redirect", **options(llama)).unwrapped
    check_env(env)
    observation, _ = env.reset(seed=3)
    layout = env.task.layout  # type: ignore[attr-defined]
    assert layout.slices["conversation"] == slice(0, 32)
    assert layout.columns()[31:33] == ["conversation/transcript:31", "history/clicks / 10"]
    assert np.linalg.norm(observation[:32]) == pytest.approx(1, abs=1e-5)
    copies = copy.deepcopy(env), pickle.loads(pickle.dumps(env))
    expected = env.step(np.int64(9))[0]
    for other in copies:
        np.testing.assert_array_equal(other.step(np.int64(9))[0], expected)
    assert env.spec is None or json.loads(env.spec.to_json())


def test_names_and_fingerprints(llama: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    by_name = make_encoder(f"causal:{llama}")
    assert reads_transcripts(by_name)
    assert not reads_transcripts(make_encoder("hash"))
    assert (by_name.width, by_name.dim) == (32, 0)
    assert encoder_of(llama).fingerprint == by_name.fingerprint != encoder_of(llama, pool="last").fingerprint
    monkeypatch.setenv("CHATREC_MODELS", str(tmp_path))
    with pytest.raises(ArtifactError, match="chatrec models get smollm2"):
        make_encoder("smollm2")
    shutil.copytree(llama, tmp_path / "smollm2")
    weights = tmp_path / "smollm2" / "model.safetensors"
    note = {"weights": "w", "bytes": weights.stat().st_size}
    (weights.parent / "origin.json").write_text(json.dumps(note))
    assert make_encoder({"name": "smollm2", "pool": "last"}).name == "smollm2"


@pytest.mark.parametrize(
    ("encoder", "match"),
    [
        pytest.param("causal:", "needs a model folder", id="no-folder"),
        pytest.param("causal:nowhere", "is no model folder", id="nowhere"),
        pytest.param({"name": "causal", "model": "x", "pool": "first"}, "Known: last, mean", id="pool"),
        pytest.param({"name": "causal", "model": "x", "memory_mb": 0}, r"encoder\.memory_mb", id="memory"),
        pytest.param({"name": "causal", "model": "x", "max_tokens": 3}, r"encoder\.max_tokens", id="window"),
        pytest.param({"name": "causal", "modle": "x"}, "Did you mean 'model'", id="option"),
        pytest.param({"name": "causal:x", "model": "y"}, "names its model already", id="twice"),
    ],
)
def test_wrong_options_are_refused(encoder: Any, match: str) -> None:
    with pytest.raises((ConfigError, ChatRecError), match=match):
        make_encoder(encoder)


def test_a_model_that_is_no_decoder_is_refused(llama: Path, tmp_path: Path) -> None:
    import torch
    from transformers import BertConfig, BertModel

    shutil.copy(llama / "tokenizer.json", tmp_path)
    torch.manual_seed(0)
    config = BertConfig(
        hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, vocab_size=300
    )
    BertModel(config).save_pretrained(tmp_path)
    with pytest.raises(ArtifactError, match="decoder"):
        encoder_of(tmp_path).encode_transcripts([TALK])
