"""An event before it has its place in the journal."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from doorward_daemon.errors import ErrorReason, FieldProblem, InvalidInput
from doorward_daemon.journal.clock import EventClock
from doorward_daemon.journal.event_id import make_event_id
from doorward_sync.chain import SALT_BYTES
from doorward_sync.event import EventTime, Lane
from doorward_sync.payload import PayloadError, encode_payload

_KIND = re.compile(r"[a-z][a-z_]*(\.[a-z][a-z_]*)+")
_LONGEST_OP_ID = 200


@dataclass(frozen=True, slots=True)
class EventDraft:
    """What a caller wants to have recorded."""

    kind: str
    """What happened: lower case words with dots, e.g. `access.granted`."""
    payload: Mapping[str, Any]
    """Its facts, by stable keys; JSON values."""
    lane: Lane = Lane.LEDGER
    """BULK for what may be dropped when room runs out."""
    op_id: str | None = None
    """The operation it completes; recording the same operation again changes nothing."""


@dataclass(frozen=True, slots=True)
class StampedDraft:
    """A draft that was checked, encoded and given its time: all that needs no database."""

    kind: str
    """As drafted."""
    payload: bytes
    """Canonical JSON."""
    lane: Lane
    """As drafted."""
    op_id: str | None
    """As drafted."""
    event_id: str
    """UUIDv7."""
    time: EventTime
    """When."""
    salt: bytes
    """Of its payload."""


def stamp(draft: EventDraft, clock: EventClock) -> StampedDraft:
    """Checks a draft and gives it its time and identity.

    Args:
        draft: what happened.
        clock: says when.

    Raises:
        InvalidInput: FIELD_INVALID, the kind, the operation or the payload cannot be recorded.
    """
    if not _KIND.fullmatch(draft.kind):
        raise _invalid("kind", f"{draft.kind!r} is not lower case words with dots between, e.g. 'door.opened'")
    if draft.op_id is not None and not 0 < len(draft.op_id) <= _LONGEST_OP_ID:
        raise _invalid("op_id", f"it has {len(draft.op_id)} characters; 1 to {_LONGEST_OP_ID} are expected")
    try:
        payload = encode_payload(draft.payload)
    except PayloadError as error:
        raise _invalid("payload", str(error)) from error
    time = clock.now()
    return StampedDraft(
        kind=draft.kind,
        payload=payload,
        lane=draft.lane,
        op_id=draft.op_id,
        event_id=make_event_id(time.wall_time_us),
        time=time,
        salt=secrets.token_bytes(SALT_BYTES),
    )


def _invalid(field: str, problem: str) -> InvalidInput:
    problems = [FieldProblem(f"event.{field}", problem)]
    return InvalidInput(ErrorReason.FIELD_INVALID, f"event.{field}: {problem}", problems=problems)
