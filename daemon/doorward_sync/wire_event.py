"""Events between values and the wire contract's messages, for both ends."""

from google.protobuf.timestamp_pb2 import Timestamp

from doorward_api.v1 import event_pb2
from doorward_sync.batch_run import ProtocolError
from doorward_sync.event import LARGEST_SEQ, ClockState, Event, EventKey, EventTime, Lane

_LANES = {Lane.LEDGER: event_pb2.EVENT_LANE_LEDGER, Lane.BULK: event_pb2.EVENT_LANE_BULK}
_LANE_OF = {number: lane for lane, number in _LANES.items()}
_CLOCKS = {
    ClockState.UNSET: event_pb2.CLOCK_STATE_UNSET,
    ClockState.FLOOR: event_pb2.CLOCK_STATE_FLOOR,
    ClockState.SYNCED: event_pb2.CLOCK_STATE_SYNCED,
}
_CLOCK_OF = {number: state for state, number in _CLOCKS.items()}
_DIGEST_BYTES = 32


def to_wire_lane(lane: Lane) -> event_pb2.EventLane.ValueType:
    """A lane as a message has it."""
    return _LANES[lane]


def from_wire_lane(number: int) -> Lane:
    """A lane of a message.

    Raises:
        ProtocolError: this version knows no such lane.
    """
    lane = _LANE_OF.get(event_pb2.EventLane.ValueType(number))
    if lane is None:
        raise ProtocolError(f"lane {number} is not known")
    return lane


def to_wire_clock(state: ClockState) -> event_pb2.ClockState.ValueType:
    """A clock's state as a message has it."""
    return _CLOCKS[state]


def to_wire_time(time_us: int) -> Timestamp:
    """Microseconds since 1970 UTC as a message."""
    stamp = Timestamp()
    stamp.FromMicroseconds(time_us)
    return stamp


def from_wire_time(stamp: Timestamp) -> int:
    """Microseconds since 1970 UTC of a message."""
    return stamp.seconds * 1_000_000 + stamp.nanos // 1000


def to_wire_event(event: Event) -> event_pb2.Event:
    """A recorded event, whole."""
    return event_pb2.Event(
        epoch=event.key.epoch,
        lane=_LANES[event.key.lane],
        seq=event.key.seq,
        event_id=event.event_id,
        kind=event.kind,
        boot_id=event.time.boot_id,
        boottime_ns=event.time.boottime_ns,
        wall_time=to_wire_time(event.time.wall_time_us),
        clock_state=_CLOCKS[event.time.clock_state],
        payload_json="" if event.payload is None else event.payload.decode("utf-8"),
        salt=event.salt,
        payload_digest=event.payload_digest,
        chain_hash=event.chain_hash,
    )


def from_wire_event(message: event_pb2.Event) -> Event:
    """An event as its device recorded it; the payload is not looked into.

    Raises:
        ProtocolError: a field cannot be an event's.
    """
    clock = _CLOCK_OF.get(message.clock_state)
    if clock is None:
        raise ProtocolError(f"event {message.seq}: clock state {message.clock_state} is not known")
    if not 0 <= message.epoch <= LARGEST_SEQ or message.boottime_ns < 0:
        raise ProtocolError(f"event {message.seq}: epoch {message.epoch} or boot time out of range")
    if len(message.payload_digest) != _DIGEST_BYTES or not message.event_id:
        raise ProtocolError(f"event {message.seq}: no digest, or no id")
    return Event(
        key=EventKey(epoch=message.epoch, lane=from_wire_lane(message.lane), seq=message.seq),
        event_id=message.event_id,
        kind=message.kind,
        time=EventTime(
            boot_id=message.boot_id,
            boottime_ns=message.boottime_ns,
            wall_time_us=from_wire_time(message.wall_time),
            clock_state=clock,
        ),
        payload=message.payload_json.encode() or None,
        salt=message.salt,
        payload_digest=message.payload_digest,
        chain_hash=message.chain_hash,
    )
