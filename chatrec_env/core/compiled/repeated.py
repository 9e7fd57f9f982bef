"""Rules that are called again and again with the same records."""

# numba's interior has no type hints.
# mypy: disable-error-code="no-untyped-call, attr-defined"

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from chatrec_env.core.borrowing import BorrowedRecord, borrowed, overwrite, write_down
from chatrec_env.core.compiled.rules import rule
from chatrec_env.core.compiled.tiers import FEW, Rule, runs_compiled
from chatrec_env.core.records import size

MOST_KNOWN = 256
"""Records that ``Repeated`` keeps."""

ROOM = 8192
"""Bytes that a record is thought to need to be written down."""


@rule
def _write(record: Any, address: int, room: int) -> int:
    """``write_down`` of a record: the number of its type, or minus the bytes it needs if ``room`` bytes are too few."""
    return write_down(record, address, room)


@rule
def renew(record: Any, blank: Any) -> None:
    """Overwrite every row of a record of (N, ...) arrays with the only one of another, whose arrays are (1, ...)."""
    record, blank = borrowed((record, blank))
    overwrite(record, blank)


class Held(int):
    """The address of a record that was written down for compiled rules, by which they find it.

    Attributes:
        record: The record; its arrays stay where they are.
        kind: Type of the record as rules borrow it.
        number: That of its kind: types are slow to look up by.
    """

    record: Any
    kind: BorrowedRecord
    number: int
    _place: Any

    @classmethod
    def of(cls, record: Any) -> Held:
        """Write a record down."""
        number, room = -ROOM, 0
        while number < 0:
            room = -number
            place = np.empty(room, np.uint8)
            address = place.__array_interface__["data"][0]
            number = _write(record, address, room)
        if number not in _kinds:
            made = (BorrowedRecord(kinds[0]) for kinds in _write.overloads)
            _kinds.update({kind.number: kind for kind in made})
        held = cls(address)
        held.record, held.kind, held.number, held._place = record, _kinds[number], number, place
        return held


_kinds: dict[int, BorrowedRecord] = {}


class Met(dict[int, Held]):
    """Records that rules have met, by their ``id``. Copied or pickled, it is a new one: addresses do not travel.

    Attributes:
        crowd: The ``id`` of the last one of many people.
    """

    crowd = 0

    def __reduce__(self) -> Any:
        return Met, ()

    def __deepcopy__(self, memo: dict[int, Any]) -> Met:
        return Met()


class Repeated:
    """Calls a rule again and again with records it has met: these are looked at and written down once.

    numba looks at every array of every record in every call, which for one conversation takes as long as the rule.

    Args:
        rule: The rule.
        lasting: How many of its first arguments are records that come again; the first is one of N conversations or
            people. Other records and arrays must always be of the same types, C-contiguous.
        met: Records that were met; several rules may share it.
    """

    def __init__(self, rule: Callable[..., Any], lasting: int = 1, met: Met | None = None) -> None:
        self._rule, self._lasting = rule, lasting
        self._met = Met() if met is None else met
        self._forms: dict[tuple[int, ...], Callable[..., Any]] = {}
        # The ids of the records of the last call; these records, which nothing else has the ids of while they are held;
        # the form for their types. One value: other threads call too.
        self._last: tuple[Any, list[Held], Callable[..., Any]] = None, [], rule

    def __call__(self, *arguments: Any) -> Any:
        """What the rule returns."""
        rule: Any = self._rule
        if type(rule) is not Rule and not runs_compiled(rule):
            return rule(*arguments)
        lasting = self._lasting
        records, others = arguments[:lasting], arguments[lasting:]
        ids, (last, held, form) = tuple(map(id, records)), self._last
        if ids != last:
            held = [self._meet(record, i == 0) for i, record in enumerate(records)]
            form = self._form_for(held, others)
            self._last = ids, held, form
        return form(*held, *others)

    def _form_for(self, held: list[Held], others: tuple[Any, ...]) -> Callable[..., Any]:
        kinds = tuple([each.number for each in held])
        form = self._forms.get(kinds)
        if form is None:
            rule: Any = self._rule
            types = *(each.kind for each in held), *map(numba.typeof, others)
            form = self._forms[kinds] = rule.compile(types)
        return form

    def _meet(self, record: Any, of_people: bool) -> Held:
        """A record as it was written down; of those of many people, which are large, only the last is kept."""
        met = self._met
        known = met.get(id(record))
        if known is not None and known.record is record:
            return known
        held = Held.of(record)
        if of_people and size(record) > FEW:
            met.pop(met.crowd, None)
            met.crowd = id(record)
        elif len(met) >= MOST_KNOWN:
            met.clear()
        met[id(record)] = held
        return held

    def __reduce__(self) -> Any:
        return Repeated, (self._rule, self._lasting)
