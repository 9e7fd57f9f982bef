"""A short notation for parsed acts, so that a labelled sentence and its reading fit on one line."""

from __future__ import annotations

import pytest
from _pytest.mark.structures import ParameterSet

from chatrec_env.catalog import Catalog
from chatrec_env.language.acts import ParsedAct, UserAct

SIGNS = {1: "+", -1: "-", 0: ""}
# The polarity is part of the act's name here; anything else is worth showing.
POLARITY = {
    **dict.fromkeys((UserAct.WANT, UserAct.CHANGE_MIND, UserAct.LIKE_BUT, UserAct.LIKED_ITEM), 1),
    **dict.fromkeys((UserAct.AVOID, UserAct.TOO, UserAct.ENOUGH_OF, UserAct.DISLIKED_ITEM), -1),
}


def notate(catalog: Catalog, act: ParsedAct) -> str:
    """``want comedy``, ``relative era+ <Heat>``, ``entity- [Tom Cruise]``, ``dont_know genre``."""
    text = act.act.name.lower()
    if act.value >= 0:
        text += f" {catalog.value_names[act.value]}"
        assert act.facet == catalog.value_facet[act.value]
    elif act.facet >= 0:
        text += f" {catalog.facets[act.facet].name}{SIGNS[act.direction]}"
    if act.act == UserAct.ENTITY:
        text += SIGNS[act.polarity]
    else:
        assert act.polarity == POLARITY.get(act.act, 0), act
    if act.entity >= 0:
        text += f" [{catalog.entity_names[act.entity]}]"
    if act.context >= 0:
        text += f" {catalog.contexts[act.context].name}"
    if act.item >= 0:
        text += f" <{catalog.titles[act.item]}>"
    return text


def notate_all(catalog: Catalog, acts: tuple[ParsedAct, ...]) -> str:
    """The acts in order, separated by semicolons."""
    return "; ".join(notate(catalog, act) for act in acts)


def labelled(block: str) -> list[ParameterSet]:
    """Test cases from lines of ``sentence => notation``."""
    pairs = [line.split(" => ") for line in block.splitlines() if line]
    return [pytest.param(text, label, id=text) for text, label in pairs]
