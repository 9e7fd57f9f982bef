"""Exponential and logarithm of float32, to the same bits on every machine, in a batch and alone.

A library's own differ in the last bit between processors. These are the rational approximations that NumPy takes where
the processor has fused multiply-add (minimax polynomials; range reduction by Cody and Waite, 1980). There they equal
``numpy.exp`` and ``numpy.log`` to the bit. The error is below 4 units in the last place.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chatrec_env.core.compiled import rule

EXP_P = (9.999999999980870924916e-01, 7.257664613233124478488e-01, 2.473615434895520810817e-01)
EXP_P_HIGH = (5.114512081637298353406e-02, 6.757896990527504603057e-03, 5.082762527590693718096e-04)
EXP_Q = (1.0, -2.742335390411667452936e-01, 2.159509375685829852307e-02)
"""Coefficients of numerator (low, then high orders) and denominator, by ascending order."""

LOG_P = (0.0, 9.999999999999998702752e-01, 2.112677543073053063722e00)
LOG_P_HIGH = (1.480000633576506585156e00, 3.808837741388407920751e-01, 2.589979117907922693523e-02)
LOG_Q = (1.0, 2.612677543073109236779e00, 2.453006071784736363091e00)
LOG_Q_HIGH = (9.864942958519418960339e-01, 1.546476374983906719538e-01, 5.875095403124574342950e-03)

LOG2_E, LN_2 = (
    np.float32(1.442695040888963407359924681001892137),
    np.float32(0.693147180559945309417232121458176568),
)
LN_2_HIGH, LN_2_LOW = np.float32(-6.93145752e-1), np.float32(-1.42860677e-6)
ROOT_HALF = np.float32(0.707106781186547524400844362104849039)
LEAST, GREATEST = np.float32(-87), np.float32(88)
"""Results are normal numbers: ``e ** -87`` to ``e ** 88``."""


@rule
def fused(a: np.float32, b: np.float32, c: np.float32) -> Any:
    """``a * b + c`` of float32, rounded once (the product is exact in float64)."""
    return np.float32(np.float64(a) * np.float64(b) + np.float64(c))


@rule
def cubic_pair(x: np.float32, low: Any, high: Any) -> Any:
    """``low[0] + low[1] x + ... + high[2] x^5`` by Horner's scheme in float32."""
    total = fused(np.float32(high[2]), x, np.float32(high[1]))
    total = fused(total, x, np.float32(high[0]))
    total = fused(total, x, np.float32(low[2]))
    total = fused(total, x, np.float32(low[1]))
    return fused(total, x, np.float32(low[0]))


@rule
def exp32(x: np.float32) -> Any:
    """``e ** x`` of a float32: ``2 ** k P(r) / Q(r)`` with ``x = k ln 2 + r``; outside [-87, 88], as at its ends."""
    x = min(max(np.float32(x), LEAST), GREATEST)
    k = np.float32(np.rint(np.float32(x * LOG2_E)))
    r = fused(k, LN_2_LOW, fused(k, LN_2_HIGH, x))
    below = fused(fused(np.float32(EXP_Q[2]), r, np.float32(EXP_Q[1])), r, np.float32(EXP_Q[0]))
    scale = np.int32((np.int32(k) + np.int32(127)) << np.int32(23)).view(np.float32)
    return np.float32(np.float32(cubic_pair(r, EXP_P, EXP_P_HIGH) / below) * scale)


@rule
def log32(x: np.float32) -> Any:
    """Natural logarithm of a positive normal float32: ``e ln 2 + P(m - 1) / Q(m - 1)`` with ``x = 2 ** e m``."""
    bits = np.float32(x).view(np.int32)
    m = np.int32((bits & np.int32(0x007FFFFF)) | np.int32(126 << 23)).view(np.float32)  # in [1/2, 1)
    small = m <= ROOT_HALF
    r = np.float32(np.float32(m + m if small else m) - np.float32(1))
    e = np.float32(np.int32(bits >> np.int32(23)) - np.int32(127 if small else 126))
    return fused(e, LN_2, np.float32(cubic_pair(r, LOG_P, LOG_P_HIGH) / cubic_pair(r, LOG_Q, LOG_Q_HIGH)))
