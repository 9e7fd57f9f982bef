"""What people take for true of the item on the table: that it is by the same people as another."""

from __future__ import annotations

import re

from agents.serving.talk import words
from chatrec_env.catalog import Catalog


def same_people(text: str, catalog: Catalog, item: int, other: int) -> str:
    """What is true where somebody says that two items have the same director; empty where nobody says so.

    Args:
        text: A sentence.
        catalog: What it is about.
        item: Row of the item on the table.
        other: Row of the item it is compared with.
    """
    if text.rstrip().endswith("?") or item < 0 or other < 0 or item == other:
        return ""
    for column, mine, theirs in zip(
        catalog.declaration.entities, catalog.credits[item], catalog.credits[other], strict=True
    ):
        if not re.search(
            rf"\b(?:same|by the same) {re.escape(column.removesuffix('s'))}s?\b", text, re.IGNORECASE
        ):
            continue
        if not mine or not theirs:
            return ""
        shared = [catalog.entity_names[one] for one in mine if one in theirs]
        if shared:
            return words.same_people(column, shared)
        both = [
            (catalog.titles[i], [catalog.entity_names[one] for one in some])
            for i, some in ((other, theirs), (item, mine))
        ]
        return words.other_people(column, both)
    return ""
