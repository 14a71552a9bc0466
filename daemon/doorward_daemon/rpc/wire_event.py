"""Events of the journal, as messages."""

from doorward_api.v1 import event_pb2
from doorward_sync.event import ClockState, Event, Lane

_LANES = {Lane.LEDGER: event_pb2.EVENT_LANE_LEDGER, Lane.BULK: event_pb2.EVENT_LANE_BULK}
_CLOCKS = {
    ClockState.UNSET: event_pb2.CLOCK_STATE_UNSET,
    ClockState.FLOOR: event_pb2.CLOCK_STATE_FLOOR,
    ClockState.SYNCED: event_pb2.CLOCK_STATE_SYNCED,
}


def wire_event(event: Event) -> event_pb2.Event:
    """A recorded event, whole."""
    message = event_pb2.Event(
        epoch=event.key.epoch,
        lane=_LANES[event.key.lane],
        seq=event.key.seq,
        event_id=event.event_id,
        kind=event.kind,
        boot_id=event.time.boot_id,
        boottime_ns=event.time.boottime_ns,
        clock_state=_CLOCKS[event.time.clock_state],
        payload_json="" if event.payload is None else event.payload.decode("utf-8"),
        salt=event.salt,
        payload_digest=event.payload_digest,
        chain_hash=event.chain_hash,
    )
    message.wall_time.FromMicroseconds(event.time.wall_time_us)
    return message
