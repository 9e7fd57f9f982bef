"""The reader's network: what is fitted in torch is what runs in NumPy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from chatrec_env.errors import ArtifactError
from chatrec_env.language.acts import UserAct
from chatrec_env.language.learned.network import KEPT, Heard, Network, Shape
from experiments.language.reader_network import Network as Fitted
from experiments.language.reader_network import make_batch

SHAPE = Shape(width=16, wide=24, layers=2, heads=4)


def fitted(seed: int) -> Fitted:
    """A network of random weights, as float16 would keep them."""
    torch.manual_seed(seed)
    net = Fitted(SHAPE).eval()
    for value in net.parameters():
        value.data = (value.data + 0.1 * torch.randn_like(value)).half().float()
    return net


def heard(n: int, seed: int) -> Heard:
    """A message of n tokens."""
    rng = np.random.default_rng(seed)
    kinds = rng.integers(0, 9, n)
    told = rng.integers(0, 2, len(UserAct)).astype(np.float32)
    signs = np.where(kinds > 0, rng.integers(0, 4, n), 0)
    return Heard(
        rng.normal(size=(n, 16)).astype(np.float32), kinds, (kinds > 0).astype(np.int64), signs, told
    )


def test_numpy_gives_what_torch_gives() -> None:
    net = fitted(0)
    messages, after = [heard(3, 0), heard(21, 1), heard(12, 2)], (0, 4, 2)
    with torch.inference_mode():
        given = net(make_batch(messages, after))  # padded: padding must change nothing
    network = Network(net.arrays(), SHAPE)
    for i, message in enumerate(messages):
        out = network(message, after[i])
        for name in ("acts", "roles", "strengths", "other"):
            right = given[name][i].numpy()
            right = right if name == "acts" else right[: len(message.kinds)]
            np.testing.assert_allclose(getattr(out, name), right, atol=1e-4, err_msg=name)


def test_the_layers_start_as_those_of_the_encoder() -> None:
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    sizes: dict[str, Any] = {
        "hidden_size": 16,
        "intermediate_size": 24,
        "num_attention_heads": 4,
        "num_hidden_layers": 3,
    }
    bert = BertModel(BertConfig(vocab_size=9, hidden_act="gelu_pytorch_tanh", **sizes)).eval()
    net = Fitted(SHAPE).eval()
    net.start_from({name: value.numpy() for name, value in bert.state_dict().items()}, 1)
    with torch.inference_mode():
        states = bert(torch.arange(9)[None], output_hidden_states=True).hidden_states
        h = states[1]
        for layer in net.layers:
            h = layer(h, torch.ones(1, 9, dtype=torch.bool))
    np.testing.assert_allclose(h.numpy(), states[3].numpy(), atol=1e-5)


def test_of_a_mention_its_kind_and_a_share_of_its_state_are_heard() -> None:
    network = Network(fitted(0).arrays(), SHAPE)
    none = np.zeros(4, np.int64)
    word = replace(heard(4, 0), kinds=none, begins=none, signs=none)
    mention = replace(word, kinds=np.array([0, 0, 3, 0]))
    vector = fitted(0).kind.weight.detach().numpy()
    states = word.states.copy()
    states[2] = KEPT * states[2] + vector[3] - vector[0]
    np.testing.assert_allclose(
        network(replace(word, states=states), 0).acts, network(mention, 0).acts, atol=1e-4
    )
    assert np.abs(network(word, 0).acts - network(mention, 0).acts).max() > 0.01


def test_wrong_weights_are_refused() -> None:
    arrays = fitted(0).arrays()
    del arrays["acts.bias"]
    with pytest.raises(ArtifactError, match="fit_reader"):
        Network(arrays, SHAPE)
    with pytest.raises(ArtifactError, match="network of"):
        Network(fitted(0).arrays(), Shape(width=20, wide=24, heads=4))
