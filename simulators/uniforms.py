"""What a uniform stands for: an interval, or a standard normal. Rules of their own, for people are drawn with them.

numpy's search and scipy's quantiles give the same, and take a third of a second to load.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import inlined, rule

Float = npt.NDArray[np.float64]

ROOT_2_PI = 2.50662827463100050242
TAIL = 0.13533528323661269189
"""``exp(-2)``: below it, and as near to 1, lie the tails."""

# Numerators and denominators, highest order first. A denominator's first coefficient is a 1 that is not written.
CENTRE_P = (
    0.0, 0.0, 0.0, 0.0, -5.99633501014107895267e1, 9.80010754185999661536e1, -5.66762857469070293439e1,
    1.39312609387279679503e1, -1.23916583867381258016,
)  # fmt: skip
CENTRE_Q = (
    1.95448858338141759834, 4.67627912898881538453, 8.63602421390890590575e1, -2.25462687854119370527e2,
    2.00260212380060660359e2, -8.20372256168333339912e1, 1.59056225126211695515e1, -1.18331621121330003142,
)  # fmt: skip
NEAR_P = (
    4.05544892305962419923, 3.15251094599893866154e1, 5.71628192246421288162e1, 4.40805073893200834700e1,
    1.46849561928858024014e1, 2.18663306850790267539, -1.40256079171354495875e-1, -3.50424626827848203418e-2,
    -8.57456785154685413611e-4,
)  # fmt: skip
NEAR_Q = (
    1.57799883256466749731e1, 4.53907635128879210584e1, 4.13172038254672030440e1, 1.50425385692907503408e1,
    2.50464946208309415979, -1.42182922854787788574e-1, -3.80806407691578277194e-2, -9.33259480895457427372e-4,
)  # fmt: skip
FAR_P = (
    3.23774891776946035970, 6.91522889068984211695, 3.93881025292474443415, 1.33303460815807542389,
    2.01485389549179081538e-1, 1.23716634817820021358e-2, 3.01581553508235416007e-4, 2.65806974686737550832e-6,
    6.23974539184983293730e-9,
)  # fmt: skip
FAR_Q = (
    6.02427039364742014255, 3.67983563856160859403, 1.37702099489081330271, 2.16236993594496635890e-1,
    1.34204006088543189037e-2, 3.28014464682127739104e-4, 2.89247864745380683936e-6, 6.79019408009981274425e-9,
)  # fmt: skip


@rule
def pick(edges: Float, uniform: float) -> int:
    """The interval a uniform falls into; ``edges (K,)`` are the upper ends, ascending, the first begins at 0."""
    low, high = 0, len(edges) - 1
    while low < high:
        middle = (low + high) // 2
        if edges[middle] <= uniform:
            low = middle + 1
        else:
            high = middle
    return low


@inlined
def over(x: float, p: Any, q: Any, scale: float) -> Any:
    """``scale`` times the polynomial with coefficients ``p`` over that with ``q``, by Horner's scheme."""
    top = (((p[0] * x + p[1]) * x + p[2]) * x + p[3]) * x + p[4]
    top = (((top * x + p[5]) * x + p[6]) * x + p[7]) * x + p[8]
    bottom = (((x + q[0]) * x + q[1]) * x + q[2]) * x + q[3]
    bottom = (((bottom * x + q[4]) * x + q[5]) * x + q[6]) * x + q[7]
    return scale * top / bottom


@inlined
def near(uniform: float) -> float:
    """The quantile of a number in the centre, [``TAIL``, 1 - ``TAIL``]."""
    y = uniform - 0.5
    return (y + y * over(y * y, CENTRE_P, CENTRE_Q, y * y)) * ROOT_2_PI


@rule
def far(uniform: float) -> float:
    """The quantile of a number in a tail; -inf at 0, inf at 1."""
    upper = uniform > 0.5
    y = 1.0 - uniform if upper else uniform
    if y <= 0.0:
        return math.inf if upper else -math.inf
    x = math.sqrt(-2.0 * math.log(y))
    z = 1.0 / x
    error = over(z, NEAR_P, NEAR_Q, z) if x < 8.0 else over(z, FAR_P, FAR_Q, z)
    x = x - math.log(x) / x - error
    return x if upper else -x


@rule
def normals_of(uniforms: Float) -> Float:
    """The standard normal quantiles of numbers ``(N, D)`` in [0, 1]; -inf at 0, inf at 1.

    To the bit as ``scipy.special.ndtri``: rational approximations in the centre and in two stretches of the tails, with
    a relative error below 1e-15 (Moshier, Cephes Mathematical Library 2.8, 2000). All are taken to lie in the centre
    first, where three quarters do: without a branch, several at a time.
    """
    out = np.empty(uniforms.shape)
    for n in range(uniforms.shape[0]):
        for i in range(uniforms.shape[1]):
            out[n, i] = near(uniforms[n, i])
        for i in range(uniforms.shape[1]):
            if uniforms[n, i] <= TAIL or uniforms[n, i] > 1.0 - TAIL:
                out[n, i] = far(uniforms[n, i])
    return out
