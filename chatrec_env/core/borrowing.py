"""Records as compiled rules hold them: lent by the caller, so that nobody counts who uses their arrays.

numba counts the users of an array whenever a field of a record is read or a record is handed on. That costs more than
most rules do, and a record of forty arrays that is handed on field by field takes long to compile. ``borrowed`` turns
the records a rule is given into pointers, and their arrays into arrays without owners. A record that is written down
once (``write_down``) reaches a rule as a pointer from the start.
"""

# numba's interface for extensions has no type hints.
# mypy: disable-error-code="no-untyped-call, untyped-decorator, attr-defined, override, arg-type, var-annotated"

from __future__ import annotations

import hashlib
from typing import Any

from numba.core import cgutils, types
from numba.core.imputils import lower_getattr_generic
from numba.core.typing.templates import AttributeTemplate
from numba.extending import (
    NativeValue,
    box,
    infer_getattr,
    lower_builtin,
    models,
    register_model,
    type_callable,
    unbox,
)

from chatrec_env.core.records import put


class Borrowed(types.Array):
    """The type of an array whose users a compiled rule does not count, and of its rows and slices."""

    def copy(self, dtype: Any = None, ndim: Any = None, layout: Any = None, readonly: Any = None) -> Any:
        """The type of a part of it (where a number of axes is given), or else of a new array like it."""
        kind = super().copy(dtype, ndim, layout, readonly)
        return kind if ndim is None else _lend(kind)


@register_model(Borrowed)
class _BorrowedModel(models.ArrayModel):
    """Laid out as any array, with nothing in it that is counted."""

    def inner_models(self) -> list[Any]:
        """None of the kind that is counted."""
        return []

    def traverse(self, builder: Any) -> list[Any]:
        """Nothing to count."""
        return []


class BorrowedRecord(types.Type):
    """The type of a pointer to a record, of which a compiled rule reads the fields it needs."""

    def __init__(self, record: Any) -> None:
        self.record = record
        name = hashlib.sha256(record.name.encode()).hexdigest()[:12]
        self.number = int(name, 16)
        super().__init__(f"Borrowed{record.instance_class.__name__}_{name}")


@register_model(BorrowedRecord)
class _BorrowedRecordModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, manager.lookup(kind.record).get_value_type().as_pointer())


@infer_getattr
class _BorrowedFields(AttributeTemplate):
    key = BorrowedRecord

    def generic_resolve(self, kind: Any, name: str) -> Any:
        """The type of a field."""
        fields = dict(zip(kind.record.fields, kind.record.types, strict=True))
        return _lend(fields[name]) if name in fields else None


@lower_getattr_generic(BorrowedRecord)
def _read_field(context: Any, builder: Any, kind: Any, pointer: Any, name: str) -> Any:
    index = kind.record.fields.index(name)
    place = cgutils.gep_inbounds(builder, pointer, 0, index)
    inner = kind.record.types[index]
    if isinstance(inner, types.BaseNamedTuple):
        return place
    return _lent(context, builder, inner, builder.load(place))


@box(Borrowed)
def _return(kind: Any, value: Any, machinery: Any) -> Any:
    raise TypeError(
        "A rule cannot return an array that it borrowed: return a copy, or fill one in that it is given."
    )


def _lend(kind: Any) -> Any:
    """The type of what is lent, of the type of an array or a record, or of a tuple of these."""
    if isinstance(kind, types.Array):
        # A name of its own: numba tells types that are made from others, such as iterators, apart by name.
        told = f"Borrowed({kind.name})".replace("Borrowed(Borrowed", "Borrowed")
        return Borrowed(kind.dtype, kind.ndim, kind.layout, not kind.mutable, told, kind.aligned)
    if isinstance(kind, types.BaseNamedTuple):
        return BorrowedRecord(kind)
    if isinstance(kind, types.BaseTuple):
        return types.BaseTuple.from_types([_lend(inner) for inner in kind])
    return kind


def _lent(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    """The value of the type that ``_lend`` gives."""
    if isinstance(kind, types.BaseNamedTuple):
        return cgutils.alloca_once_value(builder, value)
    if isinstance(kind, types.BaseTuple):
        parts = [_lent(context, builder, k, builder.extract_value(value, i)) for i, k in enumerate(kind)]
        return context.make_tuple(builder, _lend(kind), parts)
    return value


def borrowed(records: Any) -> Any:
    """Lends a rule the records and arrays it is given: one of them, or a tuple of them.

    What a rule is given stays alive until it returns. Arrays that a rule makes itself or returns are not to be
    borrowed. In plain Python nothing is to be done.
    """
    return records


@type_callable(borrowed)
def _type_borrowed(context: Any) -> Any:
    return _lend


@lower_builtin(borrowed, types.Any)
def _lower_borrowed(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    return _lent(context, builder, signature.args[0], arguments[0])


@unbox(BorrowedRecord)
def _point(kind: Any, address: Any, machinery: Any) -> Any:
    """A record that was written down is given by its address, a Python integer."""
    found = machinery.pyapi.long_as_voidptr(address)
    pointer = machinery.builder.bitcast(found, machinery.context.get_value_type(kind))
    return NativeValue(pointer, is_error=machinery.pyapi.c_api_error())


def write_down(record: Any, address: int, room: int) -> int:
    """Write a record to memory as ``borrowed`` lends it; for compiled rules alone.

    Args:
        record: Its arrays are pointed to, not copied: whoever keeps what is written keeps the record too.
        address: Where to.
        room: Bytes there.

    Returns:
        ``BorrowedRecord.number`` of its type; or, negative, the bytes it needs, where they are more than ``room``.
    """
    raise NotImplementedError


@type_callable(write_down)
def _type_written(context: Any) -> Any:
    return lambda record, address, room: types.int64


@lower_builtin(write_down, types.BaseNamedTuple, types.Integer, types.Integer)
def _lower_written(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    kind, (record, address, room) = signature.args[0], arguments
    record = _without_owners(context, builder, kind, record)
    size = context.get_constant(types.int64, context.get_abi_sizeof(record.type))
    fits = builder.icmp_signed(">=", room, size)
    with builder.if_then(fits):
        builder.store(record, builder.inttoptr(address, record.type.as_pointer()))
    number = context.get_constant(types.int64, BorrowedRecord(kind).number)
    return builder.select(fits, number, builder.neg(size))


def overwrite(record: Any, other: Any) -> None:
    """Overwrite every row of a borrowed record with the only one of another."""
    put(record, slice(None), other)


@type_callable(overwrite)
def _type_overwritten(context: Any) -> Any:
    return lambda record, other: types.none


@lower_builtin(overwrite, BorrowedRecord, BorrowedRecord)
def _lower_overwritten(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    _copy_row(context, builder, signature.args[0].record, *arguments)
    return context.get_dummy_value()


def _copy_row(context: Any, builder: Any, kind: Any, record: Any, other: Any) -> None:
    for i, inner in enumerate(kind.types):
        places = [cgutils.gep_inbounds(builder, pointer, 0, i) for pointer in (record, other)]
        if isinstance(inner, types.BaseNamedTuple):
            _copy_row(context, builder, inner, *places)
            continue
        to, row = (context.make_array(inner)(context, builder, builder.load(place)) for place in places)
        size = builder.mul(row.nitems, row.itemsize)
        with cgutils.for_range(builder, builder.extract_value(to.shape, 0)) as loop:
            start = cgutils.pointer_add(builder, to.data, builder.mul(loop.index, size))
            cgutils.raw_memcpy(builder, start, row.data, size, 1)


def _without_owners(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    """The value with nobody named as owner of its arrays: who is named lives no longer than a call."""
    if isinstance(kind, types.Array):
        array = context.make_array(kind)(context, builder, value)
        array.meminfo, array.parent = (
            cgutils.get_null_value(part.type) for part in (array.meminfo, array.parent)
        )
        return array._getvalue()
    if isinstance(kind, types.BaseTuple):
        for i, inner in enumerate(kind.types):
            part = _without_owners(context, builder, inner, builder.extract_value(value, i))
            value = builder.insert_value(value, part, i)
    return value
