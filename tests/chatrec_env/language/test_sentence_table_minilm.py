"""The question that recurs: is what the table holds what the model says of the sentence, bit for bit?"""

from __future__ import annotations

import numpy as np
import pytest

from chatrec_env.catalog import load_catalog
from chatrec_env.language import Grammar, Parser, SentenceTable
from chatrec_env.language.encoders import CachedEncoder, make_encoder
from chatrec_env.language.encoders.base import Encoder

FREE = [
    "something like Heat but newer, and not too long please",
    "no musicals",
    "…",
    "My sister and I want to laugh tonight, nothing scary. Maybe something from the nineties? " * 3,
]


@pytest.fixture(scope="module")
def model() -> Encoder:
    cached = make_encoder("minilm")
    assert isinstance(cached, CachedEncoder)
    return cached.encoder


def test_table_embeddings_are_the_encoder_s_bits(
    model: Encoder, tmp_path_factory: pytest.TempPathFactory
) -> None:
    catalog = load_catalog("movies")
    grammar, parser = Grammar(catalog), Parser(catalog)
    rng = np.random.default_rng(0)
    chosen = rng.choice(grammar.n_sentences, 28, replace=False)
    folder = tmp_path_factory.mktemp("vectors")
    alone: dict[str, bytes] = {}
    for _ in range(2):  # the second time all vectors come from the disk
        table = SentenceTable(grammar, parser, CachedEncoder(model, folder), capacity=100)
        free = table.intern(FREE)
        for part in np.split(rng.permutation(chosen), [1, 4, 13]):
            table.ensure(part)
        for sentence_id in [*chosen.tolist(), *free.tolist()]:
            text = table.text(sentence_id)
            if text not in alone:
                alone[text] = model.encode([text])[0].tobytes()
            assert table.embedding(sentence_id).tobytes() == alone[text], text
            assert table.arrays.embeddings[table.row(np.array([sentence_id]))[0]].tobytes() == alone[text], (
                text
            )
            if grammar.n_sentences <= sentence_id or grammar.speaker(sentence_id) == "user":
                assert table.acts(sentence_id) == parser.parse(text)
