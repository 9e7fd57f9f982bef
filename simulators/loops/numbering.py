"""From forms and arguments to sentence numbers."""

from __future__ import annotations

from typing import Any

from numba import njit


@njit(cache=True, nogil=True)
def number_sentences(
    codes: Any,
    args: Any,
    style: Any,
    typos: Any,
    draws: Any,
    edges: Any,
    variants: int,
    can_slip: Any,
    starts: Any,
    strides: Any,
    ids: Any,
) -> None:
    """Ids of the sentences of a turn; see ``simulators.scripted.talk.Script``.

    Args:
        codes: (N, P) forms, -1 where nothing is said.
        args: (N, P) their arguments.
        style: (N,) how the person talks.
        typos: (N,) whether their wishes carry slips.
        draws: (N,) uniforms the wording is drawn by.
        edges: (styles, variants - 1) cumulative chances of the wordings.
        variants: Wordings of a form.
        can_slip: (forms,) whether a form has wordings with slips, after the plain ones.
        starts: (forms,) id of argument 0, variant 0.
        strides: (forms,) ids per argument.
        ids: (N, P) int64, filled in.
    """
    for n in range(codes.shape[0]):
        wording = 0
        for e in range(edges.shape[1]):
            wording += draws[n] >= edges[style[n], e]
        wording = min(wording, variants - 1)
        for p in range(codes.shape[1]):
            code = codes[n, p]
            ids[n, p] = -1
            if code >= 0:
                variant = (wording ^ (p & 1)) + (variants if can_slip[code] and typos[n] else 0)
                ids[n, p] = args[n, p] * strides[code] + variant + starts[code]
