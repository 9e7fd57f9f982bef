"""When and where people come: a time of day and a device, which a system sees, and what they make people want."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chatrec_env.core.compiled import rule
from simulators.uniforms import pick

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog

Float = npt.NDArray[np.float64]

BELOW_ONE = float(np.nextafter(1.0, 0.0))


class Settings(NamedTuple):
    """Times of day and devices of a catalogue: cumulative shares, and the wishes that go with each.

    Both are independent of everything else and come by their declared shares. Each shapes the goal of some: with the
    scenario's chance ``settings``, independently for the two, a person takes on the wishes that go with it. So seeing
    them tells an agent something, and never all.
    """

    time_edges: Float  # (T,) upper ends of the shares, the last is 1; empty where none is declared
    time_wishes: npt.NDArray[np.int8]  # (T, V) +1 wanted, -1 avoided
    device_edges: Float  # (D,)
    device_wishes: npt.NDArray[np.int8]  # (D, V)


def settings_of(catalog: Catalog) -> Settings:
    """The settings a catalogue declares."""
    return Settings(
        time_edges=_edges(catalog.times),
        time_wishes=catalog.time_wishes,
        device_edges=_edges(catalog.devices),
        device_wishes=catalog.device_wishes,
    )


def _edges(entries: Sequence[Any]) -> Float:
    shares = np.array([entry.share for entry in entries], np.float64)
    return np.cumsum(shares) / sum(entry.share for entry in entries)


@rule
def peel(edges: Float, uniform: float) -> tuple[int, float]:
    """The interval of edges (E,) a uniform falls into, and its place in it: in [0, 1), uniform and independent."""
    which = pick(edges, uniform)
    lower = edges[which - 1] if which > 0 else 0.0
    width = edges[which] - lower
    place = (uniform - lower) / (width if width > 0 else 1.0)
    return which, min(max(place, 0.0), BELOW_ONE)


@rule
def draw_setting(
    settings: Settings,
    uniform: float,
    share: float,
    setting: npt.NDArray[np.int8],
    implied: npt.NDArray[np.int8],
) -> None:
    """A person's time of day and device from one uniform, and the wishes they bring.

    Args:
        settings: Of the catalogue.
        uniform: Decides all.
        share: Chance, of each of the two, that it moves the person.
        setting: (2,) filled in, -1 where none is declared.
        implied: (V,) filled in: +1 wanted, -1 avoided, 0 where the two disagree or nothing is said.
    """
    setting[:], implied[:] = -1, 0
    if len(settings.time_edges):
        setting[0], uniform = peel(settings.time_edges, uniform)
    if len(settings.device_edges):
        setting[1], uniform = peel(settings.device_edges, uniform)
    if share == 0:
        return
    moved = np.array([share, 1.0])
    for kind in range(2):
        if setting[kind] >= 0:
            unmoved, uniform = peel(moved, uniform)
            wishes = settings.time_wishes if kind == 0 else settings.device_wishes
            if unmoved == 0:
                for v in range(len(implied)):
                    implied[v] += wishes[setting[kind], v]
    for v in range(len(implied)):
        implied[v] = min(max(implied[v], -1), 1)
