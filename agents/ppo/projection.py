"""A fixed projection of the conversation, through which the network learns; folded into its weights afterwards.

The conversation block has hundreds of columns, most of which hardly vary. Learning 48 principal components instead
costs a fraction of the time, and the network that comes out has the usual shape: two linear maps in a row are
one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from agents.ppo.network import RankerNetwork
from agents.serving.ranker import SPEECH_SCALE, NetworkShape

SPREAD = 0.5
"""Standard deviation of a projected column as the speech layer meets it, times ``SPEECH_SCALE``."""

FLAT = 1e-6
"""Variance below which a direction counts as constant."""

Float = npt.NDArray[np.float32]


def product(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """``a @ b`` by torch: with as many threads as training allows it, where NumPy's bits depend on the machine's."""
    return np.asarray((torch.from_numpy(a) @ torch.from_numpy(b)).numpy())


@dataclass(frozen=True, slots=True)
class Projection:
    """``x -> (x - mean) @ matrix`` on the conversation block; the other columns stay, and all of them where C is 0.

    Attributes:
        mean: (C,) float32.
        matrix: (C, P) float32.
    """

    mean: Float
    matrix: Float

    def __call__(self, observation: Float) -> Float:
        """Observations ``(N, width)`` with P columns in place of the first C."""
        columns = len(self.mean)
        if not columns:
            return observation
        narrow = product(observation[:, :columns] - self.mean, self.matrix)
        return np.concatenate([narrow, observation[:, columns:]], axis=1)

    def fold(self, narrow: RankerNetwork, shape: NetworkShape) -> RankerNetwork:
        """The network of the given shape that does on observations what ``narrow`` does on projected ones.

        Torch's generator stays as it is: who looks at a training must not change it.
        """
        weights = {name: value.clone() for name, value in narrow.state_dict().items()}
        with torch.random.fork_rng(devices=[]):
            whole = RankerNetwork(shape)
        if not len(self.mean):
            whole.load_state_dict(weights)
            return whole.eval()
        matrix, mean = torch.from_numpy(self.matrix), torch.from_numpy(self.mean)
        speech = weights["speech.weight"] @ matrix.T
        weights["speech.bias"] -= float(SPEECH_SCALE) * (speech @ mean)
        weights["speech.weight"] = speech
        whole.load_state_dict(weights)
        return whole.eval()

    def narrow(self, shape: NetworkShape) -> NetworkShape:
        """The shape of the network that learns."""
        return replace(shape, conversation=self.matrix.shape[1]) if len(self.mean) else shape


def fit_projection(conversation: Float, columns: int) -> Projection:
    """The principal components of the conversation block, each scaled to ``SPREAD``.

    Args:
        conversation: (n, C) rows that were seen.
        columns: P, at most; fewer where fewer directions vary. 0: the block stays as it is.
    """
    if not columns:
        return Projection(np.zeros(0, np.float32), np.zeros((0, 0), np.float32))
    rows = conversation.astype(np.float64)
    mean = rows.mean(0)
    centred = rows - mean
    spread = torch.from_numpy(product(centred.T, centred) / len(rows))
    variance, directions = (part.numpy() for part in torch.linalg.eigh(spread))
    kept = [i for i in np.argsort(-variance, kind="stable")[:columns] if variance[i] > FLAT]
    chosen = directions[:, kept] if kept else directions[:, -1:]
    signs = np.sign(chosen[np.abs(chosen).argmax(0), np.arange(chosen.shape[1])])
    scale = (
        SPREAD / float(SPEECH_SCALE) / np.sqrt(np.maximum(variance[kept] if kept else variance[-1:], FLAT))
    )
    # In the order in which it is read back: products of other layouts differ in the last bits.
    matrix = np.ascontiguousarray(chosen * signs * scale, np.float32)
    return Projection(mean.astype(np.float32), matrix)
