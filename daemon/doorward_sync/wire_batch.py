"""Batches between values and the wire contract's messages."""

from doorward_api.v1 import uplink_pb2
from doorward_sync.batch_run import ProtocolError
from doorward_sync.messages import Batch, Hole, HoleReason
from doorward_sync.wire_event import from_wire_event, from_wire_lane, to_wire_event, to_wire_lane

_REASONS = {
    HoleReason.PURGED_AFTER_ACK: uplink_pb2.HOLE_REASON_PURGED_AFTER_ACK,
    HoleReason.EVICTED: uplink_pb2.HOLE_REASON_EVICTED,
    HoleReason.QUARANTINED: uplink_pb2.HOLE_REASON_QUARANTINED,
}
_REASON_OF = {number: reason for reason, number in _REASONS.items()}


def to_wire_batch(batch: Batch) -> uplink_pb2.Batch:
    """A batch as a message."""
    holes = [
        uplink_pb2.Hole(from_seq=hole.from_seq, to_seq=hole.to_seq, reason=_REASONS[hole.reason])
        for hole in batch.holes
    ]
    events = [to_wire_event(event) for event in batch.events]
    return uplink_pb2.Batch(lane=to_wire_lane(batch.lane), events=events, holes=holes)


def from_wire_batch(message: uplink_pb2.Batch) -> Batch:
    """A batch of a message.

    Raises:
        ProtocolError: a field of an event or hole makes no sense.
    """
    return Batch(
        lane=from_wire_lane(message.lane),
        events=tuple(from_wire_event(event) for event in message.events),
        holes=tuple(_from_wire_hole(hole) for hole in message.holes),
    )


def _from_wire_hole(message: uplink_pb2.Hole) -> Hole:
    reason = _REASON_OF.get(message.reason)
    if reason is None:
        raise ProtocolError(f"reason {message.reason} of a hole is not known")
    return Hole(from_seq=message.from_seq, to_seq=message.to_seq, reason=reason)
