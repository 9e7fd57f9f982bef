"""The reader's network: what it hears of a message, and that padding and company change nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from chatrec_env.errors import ArtifactError
from chatrec_env.language.acts import UserAct
from chatrec_env.language.learned import network as reader
from chatrec_env.language.learned.heard import Heard, Logits, Shape
from chatrec_env.language.learned.network import KEPT
from experiments.language.reader_network import Network, make_batch

SHAPE = Shape(width=16, wide=24, layers=2, heads=4)


def fitted(seed: int) -> Network:
    """A network of random weights, as float16 would keep them."""
    torch.manual_seed(seed)
    net = Network(SHAPE).eval()
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


def test_padding_and_company_change_nothing() -> None:
    net, messages, after = fitted(0), [heard(3, 0), heard(21, 1), heard(12, 2)], (0, 4, 2)
    together = net.say(make_batch(messages, after, length=24))
    for i, message in enumerate(messages):
        alone = net.say(make_batch([message], after[i : i + 1]))
        for one, all_ in zip(alone, together, strict=True):
            assert len(all_) == 3
            right = one[0] if one.ndim == 2 and one.shape[1] > 21 else one[0][: len(message.kinds)]
            np.testing.assert_allclose(all_[i][: len(right)], right, atol=1e-5)


def test_it_is_read_with_as_it_was_fitted() -> None:
    """By another library, and each message by itself."""
    net = fitted(0)
    reading = reader.Network(net.arrays(), SHAPE)
    for n, after in ((1, 0), (3, 4), (21, 2)):
        message = heard(n, n)
        theirs = net.say(make_batch([message], [after]))
        ours = reading.say(message, after)
        for name, expected in zip(Logits.__slots__, theirs, strict=True):
            np.testing.assert_allclose(getattr(ours, name), expected[0], atol=1e-5)


def test_weights_of_another_network_are_not_read_with() -> None:
    arrays = fitted(0).arrays()
    with pytest.raises(ArtifactError, match="network of"):
        reader.Network(arrays, Shape(width=20, wide=24, heads=4))
    del arrays["acts.bias"]
    with pytest.raises(ArtifactError, match="fit_reader"):
        reader.Network(arrays, SHAPE)


def test_the_same_weights_are_read_back() -> None:
    net, batch = fitted(0), make_batch([heard(5, 0)], [1])
    again = Network.of(net.arrays(), SHAPE)
    for one, other in zip(net.say(batch), again.say(batch), strict=True):
        np.testing.assert_array_equal(one, other)


def test_of_a_mention_its_kind_and_a_share_of_its_state_are_heard() -> None:
    net, none = fitted(0), np.zeros(4, np.int64)
    word = replace(heard(4, 0), kinds=none, begins=none, signs=none)
    mention = replace(word, kinds=np.array([0, 0, 3, 0]))
    vector = net.kind.weight.detach().numpy()
    states = word.states.copy()
    states[2] = KEPT * states[2] + vector[3] - vector[0]

    def acts(one: Heard) -> np.ndarray:
        return net.say(make_batch([one], [0]))[0]

    np.testing.assert_allclose(acts(replace(word, states=states)), acts(mention), atol=1e-4)
    assert np.abs(acts(word) - acts(mention)).max() > 0.01


def test_wrong_weights_are_refused() -> None:
    arrays = fitted(0).arrays()
    del arrays["acts.bias"]
    with pytest.raises(ArtifactError, match="fit_reader"):
        Network.of(arrays, SHAPE)
    with pytest.raises(ArtifactError, match="network of"):
        Network.of(fitted(0).arrays(), Shape(width=20, wide=24, heads=4))
