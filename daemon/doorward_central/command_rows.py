"""Commands in the database: who is told what until when, whether it was sent, and what became of it."""

from typing import Any

import apsw

from doorward_api.v1 import centre_service_pb2, device_command_pb2
from doorward_central.config_rows import check_device_id
from doorward_central.error import CentreError, field_invalid
from doorward_central.listing import make_token, page_size, read_token
from doorward_sync.batch_run import ProtocolError
from doorward_sync.centre_storage import PendingCommand, StoreCommandResult
from doorward_sync.down_messages import LONGEST_VALIDITY_MS, CommandKind, CommandOutcome, DeviceCommand
from doorward_sync.wire_down import from_wire_kind, to_wire_kind, to_wire_outcome
from doorward_sync.wire_event import to_wire_time

MOST_OPEN = 100
"""Commands without an answer that are given to one stream: the newest ones."""
_DEFAULT_VALIDITY_MS = 30_000
_SHORTEST_VALIDITY_MS = 1_000
_LONGEST_ID = 64
_COLUMNS = (
    "command_id, device_id, kind, door_id, created_us, expires_us, sent, outcome, detail, answered_us, ordinal,"
    " valid_for_ms"
)


def open_commands(connection: apsw.Connection, device_id: str, now_us: int) -> tuple[PendingCommand, ...]:
    """Commands of a device that no answer is known of, oldest first; those that expired unsent are over."""
    rows = connection.execute(
        "SELECT command_id, kind, door_id, expires_us, sent FROM commands WHERE device_id = ? AND outcome IS NULL"
        " AND (sent OR expires_us > ?) ORDER BY ordinal DESC LIMIT ?",
        (device_id, now_us, MOST_OPEN),
    ).fetchall()
    return tuple(
        PendingCommand(
            command=DeviceCommand(command_id=row[0], kind=CommandKind(row[1]), door_id=row[2]),
            expire_time_us=row[3],
            was_sent=bool(row[4]),
        )
        for row in reversed(rows)
    )


def give_command(
    connection: apsw.Connection, request: centre_service_pb2.SendCommandRequest, now_us: int
) -> PendingCommand | None:
    """Stores a command.

    Returns:
        The command; None where the same request was stored before.

    Raises:
        CentreError: FIELD_INVALID, REQUEST_ID_REUSED.
    """
    command, valid_for_ms = _checked(request)
    asked = (request.device_id, command.kind.value, command.door_id, valid_for_ms)
    before = connection.execute(
        "SELECT device_id, kind, door_id, valid_for_ms FROM commands WHERE command_id = ?", (command.command_id,)
    ).fetchone()
    if before is not None and before != asked:
        found = f"request_id {command.command_id} was used for another command; make a fresh one"
        raise CentreError("REQUEST_ID_REUSED", found, request_id=command.command_id)
    if before is not None:
        return None
    expires_us = now_us + valid_for_ms * 1000
    connection.execute(
        "INSERT INTO commands (command_id, device_id, kind, door_id, valid_for_ms, created_us, expires_us)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (command.command_id, *asked, now_us, expires_us),
    )
    return PendingCommand(command=command, expire_time_us=expires_us)


def mark_sent(connection: apsw.Connection, command_id: str) -> None:
    """Notes that a command is about to be sent."""
    connection.execute("UPDATE commands SET sent = 1 WHERE command_id = ?", (command_id,))


def note_outcome(connection: apsw.Connection, command: StoreCommandResult, now_us: int) -> None:
    """Notes what became of a command; the first answer counts."""
    result = command.result
    connection.execute(
        "UPDATE commands SET outcome = ?, detail = ?, answered_us = ?"
        " WHERE command_id = ? AND device_id = ? AND outcome IS NULL",
        (result.outcome.value, result.detail, now_us, result.command_id, command.device_id),
    )


def show_command(connection: apsw.Connection, command_id: str, now_us: int) -> device_command_pb2.StoredCommand:
    """A command that is stored."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM commands WHERE command_id = ?", (command_id,)).fetchone()
    return _shown(row, now_us)


def list_commands(
    connection: apsw.Connection, request: centre_service_pb2.ListCommandsRequest, now_us: int
) -> centre_service_pb2.ListCommandsResponse:
    """A page of commands, newest first.

    Raises:
        CentreError: FIELD_INVALID, PAGE_TOKEN_INVALID.
    """
    size = page_size(request.page_size)
    before = read_token(request.page_token) or str(2**62)
    if not before.isascii() or not before.isdigit():
        raise CentreError("PAGE_TOKEN_INVALID", "page_token: none that this centre made; begin with the first page")
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM commands WHERE ordinal < ?1 AND (?2 = '' OR device_id = ?2)"
        " ORDER BY ordinal DESC LIMIT ?3",
        (int(before), request.device_id, size + 1),
    ).fetchall()
    token = make_token(str(rows[size - 1][10])) if len(rows) > size else ""
    shown = [_shown(row, now_us) for row in rows[:size]]
    return centre_service_pb2.ListCommandsResponse(commands=shown, next_page_token=token)


def _checked(request: centre_service_pb2.SendCommandRequest) -> tuple[DeviceCommand, int]:
    check_device_id(request.device_id)
    if not 1 <= len(request.request_id) <= _LONGEST_ID:
        raise field_invalid("request_id", f"it has {len(request.request_id)} characters; 1..{_LONGEST_ID} are expected")
    try:
        kind = from_wire_kind(request.kind)
    except ProtocolError as error:
        raise field_invalid("kind", f"{error}; expected OPEN_DOOR, RUN_SELF_TEST or RESTART") from error
    needs_door = kind is CommandKind.OPEN_DOOR
    if needs_door != bool(request.door_id) or len(request.door_id) > _LONGEST_ID:
        raise field_invalid("door_id", f"found {request.door_id[:80]!r}; OPEN_DOOR alone needs one, 1..{_LONGEST_ID}")
    valid_for_ms = request.valid_for.ToMilliseconds() if request.HasField("valid_for") else _DEFAULT_VALIDITY_MS
    if not _SHORTEST_VALIDITY_MS <= valid_for_ms <= LONGEST_VALIDITY_MS:
        raise field_invalid("valid_for", f"found {valid_for_ms / 1000} s; expected 1 s..1 h")
    return DeviceCommand(command_id=request.request_id, kind=kind, door_id=request.door_id), valid_for_ms


def _shown(row: Any, now_us: int) -> device_command_pb2.StoredCommand:  # noqa: ANN401 - a row of SQLite
    outcome = None if row[7] is None else CommandOutcome(row[7])
    detail = row[8]
    if outcome is None and not row[6] and row[5] <= now_us:
        outcome, detail = CommandOutcome.EXPIRED, "the device did not come in time; it was not sent"
    return device_command_pb2.StoredCommand(
        command_id=row[0],
        device_id=row[1],
        kind=to_wire_kind(CommandKind(row[2])),
        door_id=row[3],
        create_time=to_wire_time(row[4]),
        expire_time=to_wire_time(row[5]),
        sent=bool(row[6]),
        outcome=device_command_pb2.COMMAND_OUTCOME_UNSPECIFIED if outcome is None else to_wire_outcome(outcome),
        detail=detail,
        answer_time=None if row[9] is None else to_wire_time(row[9]),
    )
