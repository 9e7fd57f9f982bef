"""The reader's network: what is fitted in torch is what runs in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from chatrec_env.errors import ArtifactError
from chatrec_env.language.learned.network import Network, Shape
from experiments.language.reader_network import Network as Fitted
from experiments.language.reader_network import make_batch

SHAPE = Shape(states=24, width=16, layers=2, heads=4)


def fitted(seed: int) -> Fitted:
    """A network of random weights, as float16 would keep them."""
    torch.manual_seed(seed)
    net = Fitted(SHAPE).eval()
    for value in net.parameters():
        value.data = (value.data + 0.1 * torch.randn_like(value)).half().float()
    return net


def test_numpy_gives_what_torch_gives() -> None:
    members = [fitted(0), fitted(1)]
    rng = np.random.default_rng(0)
    lengths, after = (3, 21, 12), (0, 4, 2)
    states = [rng.normal(size=(n, 24)).astype(np.float32) for n in lengths]
    kinds = [rng.integers(0, 9, n) for n in lengths]
    begins = [(kind > 0).astype(np.int64) for kind in kinds]
    with torch.inference_mode():
        batch = make_batch(states, kinds, begins, after)  # padded: padding must change nothing
        given = [net(batch) for net in members]
    network = Network([net.arrays() for net in members], SHAPE)
    for i, n in enumerate(lengths):
        out = network(states[i], kinds[i], begins[i], after[i])
        for name in ("acts", "roles", "strengths", "other"):
            mean = sum(one[name][i] for one in given) / 2
            right = mean.numpy() if name == "acts" else mean[:n].numpy()
            np.testing.assert_allclose(getattr(out, name), right, atol=1e-4, err_msg=name)


def test_a_mention_is_seen_by_its_kind_alone() -> None:
    network = Network([fitted(0).arrays()], SHAPE)
    states = np.random.default_rng(0).normal(size=(4, 24)).astype(np.float32)
    other = states.copy()
    other[2] = 9
    kinds, begins = np.array([0, 0, 3, 0]), np.array([0, 0, 1, 0])
    first, second = network(states, kinds, begins, 0), network(other, kinds, begins, 0)
    np.testing.assert_array_equal(first.acts, second.acts)
    assert np.abs(first.acts - network(other, kinds * 0, begins, 0).acts).max() > 0.01


def test_wrong_weights_are_refused() -> None:
    arrays = fitted(0).arrays()
    del arrays["acts.bias"]
    with pytest.raises(ArtifactError, match="fit_reader"):
        Network([arrays], SHAPE)
    with pytest.raises(ArtifactError, match="heads of"):
        Network([fitted(0).arrays()], Shape(states=25, width=16))
