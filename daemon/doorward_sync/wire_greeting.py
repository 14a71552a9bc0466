"""The first messages of both ends between values and the wire contract's."""

from doorward_api.v1 import uplink_pb2
from doorward_sync.batch_run import ProtocolError
from doorward_sync.clock_anchor import MOST_ANCHORS, ClockAnchor
from doorward_sync.event import LARGEST_SEQ
from doorward_sync.messages import HaveThrough, Hello, HelloAck, LaneStatus
from doorward_sync.wire_chunk import from_wire_place, to_wire_place
from doorward_sync.wire_event import from_wire_lane, from_wire_time, to_wire_lane, to_wire_time

LONGEST_DEVICE_ID = 128
"""Characters."""


def to_wire_hello(hello: Hello) -> uplink_pb2.Hello:
    """Hello as a message."""
    return uplink_pb2.Hello(
        min_protocol=hello.min_protocol,
        max_protocol=hello.max_protocol,
        device_id=hello.device_id,
        epoch=hello.epoch,
        lanes=[_to_wire_status(status) for status in hello.lanes],
        boot_id=hello.boot_id,
        boottime_ns=hello.boottime_ns,
        wall_time=to_wire_time(hello.wall_time_us),
        gallery_revision=hello.gallery_revision,
        config_revision=hello.config_revision,
        embedding_id=hello.embedding_id,
        version=hello.version,
        anchors=[to_wire_anchor(anchor) for anchor in hello.anchors],
        config_digest=hello.config_digest,
        takes_gallery_chunks=hello.takes_gallery_chunks,
        gallery_staged=to_wire_place(hello.gallery_staged),
        gallery_digest=hello.gallery_digest,
    )


def from_wire_hello(message: uplink_pb2.Hello) -> Hello:
    """Hello of a message.

    Raises:
        ProtocolError: a lane is not known, or there is no identity or epoch a store could hold.
    """
    if not 0 < len(message.device_id) <= LONGEST_DEVICE_ID or not 0 <= message.epoch <= LARGEST_SEQ:
        raise ProtocolError(f"Hello of {message.device_id[:LONGEST_DEVICE_ID]!r}, epoch {message.epoch}")
    return Hello(
        min_protocol=message.min_protocol,
        max_protocol=message.max_protocol,
        device_id=message.device_id,
        epoch=message.epoch,
        lanes=tuple(_from_wire_status(status) for status in message.lanes),
        boot_id=message.boot_id,
        boottime_ns=message.boottime_ns,
        wall_time_us=from_wire_time(message.wall_time),
        gallery_revision=message.gallery_revision,
        config_revision=message.config_revision,
        embedding_id=message.embedding_id,
        version=message.version,
        anchors=tuple(from_wire_anchor(anchor) for anchor in message.anchors[:MOST_ANCHORS]),
        config_digest=message.config_digest,
        takes_gallery_chunks=message.takes_gallery_chunks,
        gallery_staged=from_wire_place(message.gallery_staged) if message.HasField("gallery_staged") else None,
        gallery_digest=message.gallery_digest,
    )


def to_wire_anchor(anchor: ClockAnchor) -> uplink_pb2.ClockAnchor:
    """What is known of a clock, as a message."""
    message = uplink_pb2.ClockAnchor(
        boot_id=anchor.boot_id, boottime_ns=anchor.boottime_ns, time=to_wire_time(anchor.utc_us)
    )
    message.error.FromMicroseconds(anchor.error_us)
    return message


def from_wire_anchor(message: uplink_pb2.ClockAnchor) -> ClockAnchor:
    """What is known of a clock, of a message.

    Raises:
        ProtocolError: it belongs to no boot, or its error is negative.
    """
    # Not ToMicroseconds: it raises on spans that a hostile message may hold.
    error_us = message.error.seconds * 1_000_000 + message.error.nanos // 1000
    utc_us = from_wire_time(message.time)
    if not 0 < len(message.boot_id) <= LONGEST_DEVICE_ID or not 0 <= message.boottime_ns <= LARGEST_SEQ:
        raise ProtocolError("a clock's anchor belongs to no boot")
    if not 0 <= error_us <= LARGEST_SEQ or abs(utc_us) > LARGEST_SEQ:
        raise ProtocolError(f"a clock's anchor has time {utc_us} and error {error_us} us")
    return ClockAnchor(boot_id=message.boot_id, boottime_ns=message.boottime_ns, utc_us=utc_us, error_us=error_us)


def to_wire_hello_ack(ack: HelloAck) -> uplink_pb2.HelloAck:
    """HelloAck as a message."""
    have = [
        uplink_pb2.HaveThrough(lane=to_wire_lane(one.lane), through_seq=one.through_seq, chain_head=one.chain_head)
        for one in ack.have
    ]
    message = uplink_pb2.HelloAck(
        protocol=ack.protocol,
        session_id=ack.session_id,
        have=have,
        credit=ack.credit,
        centre_time=to_wire_time(ack.centre_time_us),
    )
    message.heartbeat_interval.FromSeconds(ack.heartbeat_interval_s)
    return message


def from_wire_hello_ack(message: uplink_pb2.HelloAck) -> HelloAck:
    """HelloAck of a message.

    Raises:
        ProtocolError: a lane is not known.
    """
    have = tuple(
        HaveThrough(lane=from_wire_lane(one.lane), through_seq=one.through_seq, chain_head=one.chain_head)
        for one in message.have
    )
    return HelloAck(
        protocol=message.protocol,
        session_id=message.session_id,
        have=have,
        credit=message.credit,
        centre_time_us=from_wire_time(message.centre_time),
        heartbeat_interval_s=message.heartbeat_interval.ToSeconds(),
    )


def _to_wire_status(status: LaneStatus) -> uplink_pb2.LaneState:
    return uplink_pb2.LaneState(
        lane=to_wire_lane(status.lane),
        first_retained_seq=status.first_retained_seq,
        last_seq=status.last_seq,
        acked_seq=status.acked_seq,
        chain_head_at_acked=status.chain_head_at_acked,
    )


def _from_wire_status(message: uplink_pb2.LaneState) -> LaneStatus:
    return LaneStatus(
        lane=from_wire_lane(message.lane),
        first_retained_seq=message.first_retained_seq,
        last_seq=message.last_seq,
        acked_seq=message.acked_seq,
        chain_head_at_acked=message.chain_head_at_acked,
    )
