"""What everything that is read from a declaration shares: checks, and the way back into plain data."""

from __future__ import annotations

import math
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, ClassVar, NoReturn

from chatrec_env.errors import MismatchError

PLACEHOLDERS = frozenset({"value", "noun", "noun_plural"})


class FrozenDict(dict[str, Any]):
    """A read-only, hashable, picklable dict, so that frozen dataclasses are frozen inside too."""

    def _refuse(self, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError("A catalogue declaration is read-only; build a changed copy instead.")

    __setitem__ = __delitem__ = clear = pop = popitem = setdefault = update = _refuse
    __ior__ = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(sorted(self.items())))

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenDict, (dict(self),)

    def __copy__(self) -> FrozenDict:
        return self

    def __deepcopy__(self, memo: object) -> FrozenDict:
        return self


class Declared:
    """Base of the frozen dataclasses that a declaration is made of."""

    __slots__ = ()
    later: ClassVar[tuple[str, ...]] = ()
    """Fields that stand in plain data only where they say something: catalogues of before keep their digests."""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON data, with null for infinite numbers; read back, it gives an equal object."""
        assert is_dataclass(self)
        entries = {spec.name: getattr(self, spec.name) for spec in fields(self)}
        return {name: _plain(entry) for name, entry in entries.items() if entry or name not in self.later}


def _plain(entry: Any) -> Any:
    if isinstance(entry, Declared):
        return entry.to_dict()
    if isinstance(entry, tuple):
        return [_plain(part) for part in entry]
    if isinstance(entry, FrozenDict):
        return {key: _plain(part) for key, part in entry.items()}
    return None if isinstance(entry, float) and math.isinf(entry) else entry


def fail(where: str, expected: str, came: object) -> NoReturn:
    """Raises the one error of a bad declaration.

    Raises:
        MismatchError: Always.
    """
    raise MismatchError("", expected, repr(came), field=where)


def reason(error: OSError) -> str:
    """Why a file cannot be read, for the middle of a sentence: ``"no such file or directory"``."""
    told = error.strerror or str(error)
    return told[:1].lower() + told[1:]


def check_text(where: str, text: object, *, empty: bool = False) -> None:
    """Refuses what is not a text, or is blank unless ``empty``."""
    if not isinstance(text, str) or not (empty or text.strip()):
        fail(where, "a text" if empty else "a non-empty text", text)


def check_texts(where: str, texts: Any) -> tuple[str, ...]:
    """A list of non-empty texts as a tuple."""
    if isinstance(texts, str) or not isinstance(texts, Iterable):
        fail(where, "a list of texts", texts)
    out = tuple(texts)
    for text in out:
        check_text(where, text)
    return out


def check_template(where: str, template: Any) -> None:
    """Refuses a template with fields other than value, noun and noun_plural."""
    check_text(where, template)
    try:
        names = {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
    except ValueError:
        names = {""}
    if not names <= PLACEHOLDERS:
        fail(where, "a template with no fields but {value}, {noun} and {noun_plural}", template)


def check_number(where: str, number: Any, expected: str) -> float:
    """A finite number as a float."""
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not abs(number) < 1e12:
        fail(where, expected, number)
    return float(number)


def check_range(where: str, entry: Any) -> tuple[float, float]:
    """Two numbers, the lowest and the highest."""
    expected = "two numbers, [lowest, highest]"
    if not isinstance(entry, (list, tuple)) or len(entry) != 2:
        fail(where, expected, entry)
    low, high = (check_number(where, number, expected) for number in entry)
    if low >= high:
        fail(where, expected, entry)
    return low, high


def check_by_column(where: str, texts: Any, columns: Sequence[str]) -> FrozenDict:
    """Non-empty texts by declared column."""
    if not isinstance(texts, Mapping) or not set(texts) <= set(columns):
        fail(where, "an object with declared columns as keys", texts)
    for column, text in texts.items():
        check_text(f"{where}.{column}", text)
    return FrozenDict(texts)
