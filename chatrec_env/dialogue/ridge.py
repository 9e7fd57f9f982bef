"""Ridge regression of many people at once: each person's weights, given the features of what they rated."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float64]

CHUNK = 64
"""People solved together, so that their features fit into the processor's cache."""


def solve_people(features: Float, weight: Float, pull: Float, precision: Float) -> tuple[Float, Float]:
    """``(precision + sum_l w_l f_l f_l')^-1 sum_l b_l f_l`` of each person, and that inverse.

    With ``w = 1 / noise`` and ``b = target / noise`` it is the posterior of a Bayesian linear regression (Bishop,
    2006, section 3.3). A person's result does not depend on whom they are solved with.

    Args:
        features: (N, L, C); rows that stand for nothing are 0.
        weight: (N, L) w, >= 0.
        pull: (N, L) b.
        precision: (C, C) of the prior, whose mean is 0.

    Returns:
        Mean (N, C) and covariance (N, C, C), symmetric to the bit.
    """
    square = np.matmul((features * weight[:, :, None]).transpose(0, 2, 1), features)
    square += square.transpose(0, 2, 1).copy()
    covariance = np.linalg.inv(precision + 0.5 * square)
    covariance = 0.5 * (covariance + covariance.transpose(0, 2, 1))
    towards = (features * pull[:, :, None]).sum(1)
    return (covariance * towards[:, None, :]).sum(-1), covariance
