"""The bare operations of BERT against the library's own call."""

from __future__ import annotations

import pytest
import torch

from chatrec_env.language.encoders import weights
from chatrec_env.language.encoders.bert_torch import layers_of
from chatrec_env.language.encoders.transformers_models import load_model


@pytest.mark.parametrize(("n", "length", "real"), [(1, 8, 8), (2, 20, 13), (8, 32, 5)])
def test_bits_of_every_layer_are_those_of_the_library(n: int, length: int, real: int) -> None:
    model = load_model(weights.find_minilm())
    ids = torch.randint(1_000, 20_000, (n, length), generator=torch.Generator().manual_seed(n))
    mask = (torch.arange(length) < real).expand(n, length)[:, None, None, :]
    with torch.inference_mode():
        ours = layers_of(model)(ids, mask)
        theirs = model(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
    assert len(ours) == len(theirs) == 7
    assert all(torch.equal(one, other) for one, other in zip(ours, theirs, strict=True))
