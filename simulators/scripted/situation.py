"""When and where people come: a time of day and a device, which a system sees, and what they make people want."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog


class Settings:
    """Draws the time of day and the device of people who come to one catalogue.

    Both are independent of everything else and come by their declared shares. Each shapes the goal of some: with
    chance ``share``, independently for the two, a person takes on the wishes that go with it. So seeing them tells
    an agent something, and never all.

    Args:
        catalog: Declares ``times`` and ``devices``; a kind that is not declared is -1.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._kinds = tuple(
            (np.cumsum([e.share for e in entries]) / sum(e.share for e in entries), wishes)
            if entries
            else None
            for entries, wishes in (
                (catalog.times, catalog.time_wishes),
                (catalog.devices, catalog.device_wishes),
            )
        )
        self._n_values = catalog.n_values

    def draw(
        self, uniform: npt.NDArray[np.float64], share: float
    ) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8] | None]:
        """Settings ``(N, 2)`` from one uniform each, ``(N,)``, and the wishes they bring, ``(N, V)`` in {-1, 0, 1}.

        None stands for no wishes at all, as where ``share``, of people whom a setting moves, is 0.

        One uniform is enough: where it falls within its interval is uniform again, and independent of which
        interval that was. Where the two disagree on a value, nothing is wanted.
        """
        setting = np.full((len(uniform), 2), -1, np.int8)
        declared = [(column, kind) for column, kind in enumerate(self._kinds) if kind is not None]
        for column, (edges, _) in declared:
            setting[:, column], uniform = peeled(uniform, edges)
        if share == 0:
            return setting, None
        implied = np.zeros((len(uniform), self._n_values), np.int8)
        for column, (_, wishes) in declared:
            unmoved, uniform = peeled(uniform, np.array([share, 1.0]))
            implied += wishes[setting[:, column]] * (unmoved == 0)[:, None]
        return setting, np.sign(implied)


def peeled(
    uniform: npt.NDArray[np.float64], edges: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """The interval each uniform falls into, ``(N,)``, and its place within, in [0, 1).

    Args:
        uniform: (N,) in [0, 1).
        edges: (K,) upper ends of the intervals, ascending; the last is 1. The first begins at 0.
    """
    which = np.minimum(np.searchsorted(edges, uniform, side="right"), len(edges) - 1)
    lower = np.concatenate([[0.0], edges[:-1]])[which]
    width = edges[which] - lower
    return which, np.clip((uniform - lower) / np.where(width > 0, width, 1.0), 0.0, np.nextafter(1.0, 0.0))
