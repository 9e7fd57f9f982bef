"""The notions of a catalogue as compiled rules take them, and the phrases that go into the grammar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simulators.notions.files import Notion, load_notions

if TYPE_CHECKING:
    from chatrec_env.catalog import Catalog
    from simulators.scenarios.scenario import Scenario

GRID = 64.0
"""Utilities are multiples of one in so many, so that they are exact sums in any order."""


class Notions(NamedTuple):
    """What no facet holds, as the people of a scenario have it in mind. I items, T notions, P phrases."""

    carried: npt.NDArray[np.int16]  # (I, C) the item's notions, ascending, padded with -1
    phrases: npt.NDArray[np.int32]  # (T + 1,) the first phrase of each notion, then P
    worth: Any  # float32, utility of an item that has what they have in mind
    share: float  # of people who have something in mind
    opens: float  # chance to say it in the opening
    tells: float  # chance to say it at a later occasion


def notions_in_mind(catalog: Catalog, scenario: Scenario) -> tuple[Notion, ...]:
    """The notions that people of a scenario may have in mind: none where the share of such people is 0.

    Raises:
        ConfigError: The file of notions is missing or damaged.
    """
    return load_notions(catalog, scenario.notion_file) if scenario.notion_share > 0 else ()


def notions_of(catalog: Catalog, scenario: Scenario) -> Notions:
    """The notions of a catalogue as the people of a scenario have them in mind."""
    found = notions_in_mind(catalog, scenario)
    has = np.zeros((catalog.n_items, len(found)), np.bool_)
    for t, notion in enumerate(found):
        has[list(notion.items), t] = True
    carried = np.full((catalog.n_items, max(int(has.sum(1).max(initial=0)), 1)), -1, np.int16)
    for row, own in enumerate(has):
        carried[row, : own.sum()] = np.flatnonzero(own)
    counts = [len(notion.phrases(scenario.phrasing)) for notion in found]
    return Notions(
        carried=carried,
        phrases=np.cumsum([0, *counts]).astype(np.int32),
        worth=np.float32(np.rint(scenario.notions * GRID) / GRID),
        share=float(scenario.notion_share) if found else 0.0,
        opens=float(scenario.notion_opens),
        tells=float(scenario.notion_tells),
    )


def phrases_of(catalog: Catalog, scenario: Scenario) -> tuple[str, ...]:
    """The phrases that people of a scenario use, those of a notion together: the ``phrases`` of their ``Grammar``.

    Raises:
        ConfigError: The file of notions is missing or damaged.
    """
    found = notions_in_mind(catalog, scenario)
    return tuple(phrase for notion in found for phrase in notion.phrases(scenario.phrasing))
