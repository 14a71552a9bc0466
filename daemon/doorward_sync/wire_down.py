"""Configuration and commands between values and the wire contract's, for both ends."""

from doorward_api.v1 import device_command_pb2, device_config_pb2
from doorward_sync.batch_run import ProtocolError
from doorward_sync.down_messages import (
    LARGEST_CONFIG_BYTES,
    LONGEST_COMMAND_ID,
    LONGEST_VALIDITY_MS,
    CommandKind,
    CommandOrder,
    CommandOutcome,
    CommandResult,
    ConfigDocument,
    ConfigOffer,
    ConfigResult,
    DeviceCommand,
)
from doorward_sync.wire_event import from_wire_time, to_wire_time

LONGEST_DETAIL = 4000
"""Characters of a problem or a detail; the rest is cut off."""
_DIGEST_BYTES = 32
_LONGEST_DOOR_ID = 64
_KINDS = {
    CommandKind.OPEN_DOOR: device_command_pb2.COMMAND_KIND_OPEN_DOOR,
    CommandKind.RUN_SELF_TEST: device_command_pb2.COMMAND_KIND_RUN_SELF_TEST,
    CommandKind.RESTART: device_command_pb2.COMMAND_KIND_RESTART,
}
_KIND_OF = {number: kind for kind, number in _KINDS.items()}
_OUTCOMES = {
    CommandOutcome.DONE: device_command_pb2.COMMAND_OUTCOME_DONE,
    CommandOutcome.FAILED: device_command_pb2.COMMAND_OUTCOME_FAILED,
    CommandOutcome.EXPIRED: device_command_pb2.COMMAND_OUTCOME_EXPIRED,
    CommandOutcome.REFUSED: device_command_pb2.COMMAND_OUTCOME_REFUSED,
    CommandOutcome.UNKNOWN: device_command_pb2.COMMAND_OUTCOME_UNKNOWN,
}
_OUTCOME_OF = {number: outcome for outcome, number in _OUTCOMES.items()}


def to_wire_kind(kind: CommandKind) -> "device_command_pb2.CommandKind.ValueType":
    """What is to be done, as a number of the contract."""
    return _KINDS[kind]


def from_wire_kind(number: int) -> CommandKind:
    """What is to be done.

    Raises:
        ProtocolError: this version knows no such command.
    """
    if number not in _KIND_OF:
        raise ProtocolError(f"command of kind {number}, which this version does not know")
    return _KIND_OF[number]  # type: ignore[index]


def to_wire_outcome(outcome: CommandOutcome) -> "device_command_pb2.CommandOutcome.ValueType":
    """What became of a command, as a number of the contract."""
    return _OUTCOMES[outcome]


def to_wire_offer(offer: ConfigOffer) -> device_config_pb2.ConfigOffer:
    """An offer as a message."""
    document = offer.document
    return device_config_pb2.ConfigOffer(
        session_id=offer.session_id, revision=document.revision, document_toml=document.text
    )


def from_wire_offer(message: device_config_pb2.ConfigOffer) -> ConfigOffer:
    """An offer of a message.

    Raises:
        ProtocolError: it is too large, or has no revision.
    """
    size = len(message.document_toml.encode())
    if message.revision < 1 or size > LARGEST_CONFIG_BYTES:
        raise ProtocolError(f"configuration {message.revision} of {size} bytes; at most {LARGEST_CONFIG_BYTES}")
    document = ConfigDocument(revision=message.revision, text=message.document_toml)
    return ConfigOffer(session_id=message.session_id, document=document)


def to_wire_config_result(result: ConfigResult) -> device_config_pb2.ConfigResult:
    """How a configuration was taken, as a message."""
    return device_config_pb2.ConfigResult(
        offered_revision=result.offered_revision,
        revision=result.revision,
        digest=result.digest,
        problem=result.problem[:LONGEST_DETAIL],
        restart_sections=result.restart_sections,
    )


def from_wire_config_result(message: device_config_pb2.ConfigResult) -> ConfigResult:
    """How a configuration was taken, of a message.

    Raises:
        ProtocolError: it names no revision, or a digest that is none.
    """
    if message.offered_revision < 1 or message.revision < 0 or len(message.digest) not in (0, _DIGEST_BYTES):
        raise ProtocolError(f"an answer to configuration {message.offered_revision} that makes no sense")
    return ConfigResult(
        offered_revision=message.offered_revision,
        revision=message.revision,
        digest=message.digest,
        problem=message.problem[:LONGEST_DETAIL],
        restart_sections=tuple(message.restart_sections[:100]),
    )


def to_wire_order(order: CommandOrder) -> device_command_pb2.CommandOrder:
    """A command as a message."""
    command = order.command
    message = device_command_pb2.CommandOrder(
        session_id=order.session_id,
        command_id=command.command_id,
        kind=_KINDS[command.kind],
        door_id=command.door_id,
        expire_time=to_wire_time(order.expire_time_us),
    )
    message.valid_for.FromMilliseconds(order.valid_for_ms)
    return message


def from_wire_order(message: device_command_pb2.CommandOrder) -> CommandOrder:
    """A command of a message.

    Raises:
        ProtocolError: it has no identity, is of no kind that this version knows, or is valid for longer than an hour.
    """
    valid_for_ms = message.valid_for.ToMilliseconds()
    if not 0 < len(message.command_id) <= LONGEST_COMMAND_ID or len(message.door_id) > _LONGEST_DOOR_ID:
        raise ProtocolError(f"command {message.command_id[:LONGEST_COMMAND_ID]!r} has no identity, or too long a one")
    if not 0 <= valid_for_ms <= LONGEST_VALIDITY_MS:
        raise ProtocolError(f"command {message.command_id} is valid for {valid_for_ms} ms; at most an hour is")
    command = DeviceCommand(command_id=message.command_id, kind=from_wire_kind(message.kind), door_id=message.door_id)
    return CommandOrder(
        session_id=message.session_id,
        command=command,
        expire_time_us=from_wire_time(message.expire_time),
        valid_for_ms=valid_for_ms,
    )


def to_wire_command_result(result: CommandResult) -> device_command_pb2.CommandResult:
    """What became of a command, as a message."""
    return device_command_pb2.CommandResult(
        command_id=result.command_id, outcome=_OUTCOMES[result.outcome], detail=result.detail[:LONGEST_DETAIL]
    )


def from_wire_command_result(message: device_command_pb2.CommandResult) -> CommandResult:
    """What became of a command, of a message.

    Raises:
        ProtocolError: it says nothing this version understands.
    """
    if message.outcome not in _OUTCOME_OF:
        raise ProtocolError(f"command {message.command_id[:LONGEST_COMMAND_ID]!r}: outcome {message.outcome}")
    return CommandResult(
        command_id=message.command_id,
        outcome=_OUTCOME_OF[message.outcome],
        detail=message.detail[:LONGEST_DETAIL],
    )
