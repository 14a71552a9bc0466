"""Messages as JSON documents: the contract's names, enum values without prefix, 64-bit integers as numbers."""

from collections.abc import Callable
from typing import Any, cast

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

_INTEGERS_64 = frozenset(
    {
        FieldDescriptor.TYPE_INT64,
        FieldDescriptor.TYPE_UINT64,
        FieldDescriptor.TYPE_SINT64,
        FieldDescriptor.TYPE_FIXED64,
        FieldDescriptor.TYPE_SFIXED64,
    }
)


def document_of(message: Message) -> dict[str, Any]:
    """The message as `json.dumps` takes it.

    Fields have their names of the proto files and are there also at their default values; an absent message or
    `optional` field is left out. Timestamps are RFC 3339, durations seconds as text ("1.500s"), bytes base64, as
    protobuf's own JSON has them.
    """
    document: dict[str, Any] = json_format.MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    return _settle(cast(Descriptor, message.DESCRIPTOR), document)


def code_of(enum: EnumDescriptor, number: int) -> str:
    """Name of an enum value without its prefix, "MATCHED"; its number where this version does not know it."""
    value = enum.values_by_number.get(number)
    return str(number) if value is None else _without_prefix(enum, value.name)


def _settle(kind: Descriptor, document: dict[str, Any]) -> dict[str, Any]:
    for field in kind.fields:
        settle = _settler_of(field)
        if settle is not None and field.name in document:
            document[field.name] = _settle_value(field, document[field.name], settle)
    return document


def _settle_value(field: FieldDescriptor, value: Any, settle: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - JSON values
    if not field.is_repeated:
        return settle(value)
    if isinstance(value, dict):  # a map, whose values are meant
        return {key: settle(item) for key, item in value.items()}
    return [settle(item) for item in value]


def _settler_of(field: FieldDescriptor) -> Callable[[Any], Any] | None:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return _settler_of(field.message_type.fields_by_name["value"])
    if field.enum_type is not None:
        enum = field.enum_type
        return lambda name: _without_prefix(enum, name) if isinstance(name, str) else name
    if field.type in _INTEGERS_64:
        return int
    if field.message_type is None or field.message_type.full_name.startswith("google.protobuf."):
        return None  # plain values, and those whose JSON protobuf fixes: timestamps, durations
    nested = field.message_type
    return lambda document: _settle(nested, document)


def _without_prefix(enum: EnumDescriptor, name: str) -> str:
    # The contract's style test keeps every zero value at <PREFIX>_UNSPECIFIED.
    return name.removeprefix(enum.values_by_number[0].name.removesuffix("UNSPECIFIED"))
