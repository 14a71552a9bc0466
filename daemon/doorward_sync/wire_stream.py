"""Everything that travels on the uplink's stream between values and messages: one function per direction and end."""

from doorward_api.v1 import uplink_pb2, uplink_service_pb2
from doorward_sync.batch_run import ProtocolError
from doorward_sync.chunk_messages import GalleryChunk, GalleryChunkResult
from doorward_sync.device_io import CentreMessage, DeviceMessage, DeviceResult, DownMessage
from doorward_sync.down_messages import CommandOrder, CommandResult, ConfigOffer, ConfigResult
from doorward_sync.gallery_messages import GalleryDelta, GalleryDeltaResult, LocalSubjects, LocalSubjectsAck
from doorward_sync.messages import (
    Ack,
    Batch,
    Conflict,
    Credit,
    GoAway,
    GoAwayReason,
    Heartbeat,
    Hello,
    HelloAck,
    Hint,
    Rewind,
)
from doorward_sync.wire_batch import from_wire_batch, to_wire_batch
from doorward_sync.wire_chunk import (
    from_wire_chunk,
    from_wire_chunk_result,
    to_wire_chunk,
    to_wire_chunk_result,
)
from doorward_sync.wire_down import (
    from_wire_command_result,
    from_wire_config_result,
    from_wire_offer,
    from_wire_order,
    to_wire_command_result,
    to_wire_config_result,
    to_wire_offer,
    to_wire_order,
)
from doorward_sync.wire_event import (
    from_wire_event,
    from_wire_lane,
    from_wire_time,
    to_wire_event,
    to_wire_lane,
    to_wire_time,
)
from doorward_sync.wire_gallery import (
    from_wire_delta,
    from_wire_delta_result,
    from_wire_local,
    to_wire_delta,
    to_wire_delta_result,
    to_wire_local,
)
from doorward_sync.wire_greeting import (
    from_wire_anchor,
    from_wire_hello,
    from_wire_hello_ack,
    to_wire_anchor,
    to_wire_hello,
    to_wire_hello_ack,
)

LARGEST_MESSAGE_BYTES = 64 * 1024 * 1024
"""To an end that takes no chunks: a snapshot of about 25,000 subjects with one reference of 512 numbers each."""
_REASONS = {
    GoAwayReason.TAKEN_OVER: uplink_pb2.GO_AWAY_REASON_TAKEN_OVER,
    GoAwayReason.SHUTTING_DOWN: uplink_pb2.GO_AWAY_REASON_SHUTTING_DOWN,
    GoAwayReason.OVERLOADED: uplink_pb2.GO_AWAY_REASON_OVERLOADED,
    GoAwayReason.PROTOCOL: uplink_pb2.GO_AWAY_REASON_PROTOCOL,
    GoAwayReason.STORAGE_FAILED: uplink_pb2.GO_AWAY_REASON_STORAGE_FAILED,
}
_REASON_OF = {number: reason for reason, number in _REASONS.items()}


def to_wire_request(message: DeviceMessage) -> uplink_service_pb2.ConnectRequest:
    """A message of the device."""
    match message:
        case Hello():
            return uplink_service_pb2.ConnectRequest(hello=to_wire_hello(message))
        case Batch():
            return uplink_service_pb2.ConnectRequest(batch=to_wire_batch(message))
        case Hint():
            return uplink_service_pb2.ConnectRequest(hint=uplink_pb2.Hint(event=to_wire_event(message.event)))
        case Heartbeat():
            return uplink_service_pb2.ConnectRequest(heartbeat=_to_wire_heartbeat(message))
        case GalleryDeltaResult() | GalleryChunkResult() | ConfigResult() | CommandResult():
            return _to_wire_result(message)
        case LocalSubjects():
            return uplink_service_pb2.ConnectRequest(local_subjects=to_wire_local(message))


def from_wire_request(request: uplink_service_pb2.ConnectRequest) -> DeviceMessage:
    """What a device said.

    Raises:
        ProtocolError: it is empty, unknown to this version, or makes no sense.
    """
    match request.WhichOneof("message"):
        case "hello":
            return from_wire_hello(request.hello)
        case "batch":
            return from_wire_batch(request.batch)
        case "hint":
            return Hint(from_wire_event(request.hint.event))
        case "heartbeat":
            return _from_wire_heartbeat(request.heartbeat)
        case "gallery_delta_result" | "gallery_chunk_result" | "config_result" | "command_result":
            return _from_wire_result(request)
        case "local_subjects":
            return from_wire_local(request.local_subjects)
    raise ProtocolError("an empty message, or one of a newer version")


def to_wire_response(message: CentreMessage) -> uplink_service_pb2.ConnectResponse:
    """A message of the centre."""
    response = uplink_service_pb2.ConnectResponse
    match message:
        case Ack() | Rewind() | Conflict():
            return _to_wire_answer(message)
        case HelloAck():
            return response(hello_ack=to_wire_hello_ack(message))
        case Credit():
            return response(credit=uplink_pb2.Credit(batches=message.batches))
        case Heartbeat():
            return response(heartbeat=_to_wire_heartbeat(message))
        case GoAway():
            return response(go_away=_to_wire_go_away(message))
        case GalleryDelta() | GalleryChunk() | LocalSubjectsAck() | ConfigOffer() | CommandOrder():
            return _to_wire_down(message)


def from_wire_response(response: uplink_service_pb2.ConnectResponse) -> CentreMessage:
    """What a centre said.

    Raises:
        ProtocolError: it is empty, unknown to this version, or makes no sense.
    """
    match response.WhichOneof("message"):
        case "ack" | "rewind" | "conflict":
            return _from_wire_answer(response)
        case "hello_ack":
            return from_wire_hello_ack(response.hello_ack)
        case "credit":
            return Credit(batches=response.credit.batches)
        case "heartbeat":
            return _from_wire_heartbeat(response.heartbeat)
        case "go_away":
            return _from_wire_go_away(response.go_away)
        case "gallery_delta" | "gallery_chunk" | "local_subjects_ack" | "config_offer" | "command_order":
            return _from_wire_down(response)
    raise ProtocolError("an empty message, or one of a newer version")


def _to_wire_result(message: DeviceResult) -> uplink_service_pb2.ConnectRequest:
    request = uplink_service_pb2.ConnectRequest
    match message:
        case GalleryDeltaResult():
            return request(gallery_delta_result=to_wire_delta_result(message))
        case GalleryChunkResult():
            return request(gallery_chunk_result=to_wire_chunk_result(message))
        case ConfigResult():
            return request(config_result=to_wire_config_result(message))
        case CommandResult():
            return request(command_result=to_wire_command_result(message))


def _from_wire_result(request: uplink_service_pb2.ConnectRequest) -> DeviceResult:
    if request.HasField("gallery_delta_result"):
        return from_wire_delta_result(request.gallery_delta_result)
    if request.HasField("gallery_chunk_result"):
        return from_wire_chunk_result(request.gallery_chunk_result)
    if request.HasField("config_result"):
        return from_wire_config_result(request.config_result)
    return from_wire_command_result(request.command_result)


def _to_wire_down(message: DownMessage) -> uplink_service_pb2.ConnectResponse:
    response = uplink_service_pb2.ConnectResponse
    match message:
        case GalleryDelta():
            return response(gallery_delta=to_wire_delta(message))
        case GalleryChunk():
            return response(gallery_chunk=to_wire_chunk(message))
        case LocalSubjectsAck():
            through = uplink_pb2.LocalSubjectsAck(through_change=message.through_change)
            return response(local_subjects_ack=through)
        case ConfigOffer():
            return response(config_offer=to_wire_offer(message))
        case CommandOrder():
            return response(command_order=to_wire_order(message))


def _from_wire_down(response: uplink_service_pb2.ConnectResponse) -> DownMessage:
    if response.HasField("gallery_delta"):
        return from_wire_delta(response.gallery_delta)
    if response.HasField("gallery_chunk"):
        return from_wire_chunk(response.gallery_chunk)
    if response.HasField("local_subjects_ack"):
        return LocalSubjectsAck(through_change=response.local_subjects_ack.through_change)
    if response.HasField("config_offer"):
        return from_wire_offer(response.config_offer)
    return from_wire_order(response.command_order)


def _to_wire_answer(answer: Ack | Rewind | Conflict) -> uplink_service_pb2.ConnectResponse:
    response, lane = uplink_service_pb2.ConnectResponse, to_wire_lane(answer.lane)
    session = answer.session_id
    match answer:
        case Ack():
            return response(ack=uplink_pb2.Ack(session_id=session, lane=lane, through_seq=answer.through_seq))
        case Rewind():
            return response(rewind=uplink_pb2.Rewind(session_id=session, lane=lane, from_seq=answer.from_seq))
        case Conflict():
            return response(conflict=uplink_pb2.Conflict(session_id=session, lane=lane, seq=answer.seq))


def _from_wire_answer(response: uplink_service_pb2.ConnectResponse) -> Ack | Rewind | Conflict:
    if response.HasField("ack"):
        ack = response.ack
        return Ack(session_id=ack.session_id, lane=from_wire_lane(ack.lane), through_seq=ack.through_seq)
    if response.HasField("rewind"):
        back = response.rewind
        return Rewind(session_id=back.session_id, lane=from_wire_lane(back.lane), from_seq=back.from_seq)
    taken = response.conflict
    return Conflict(session_id=taken.session_id, lane=from_wire_lane(taken.lane), seq=taken.seq)


def _to_wire_heartbeat(message: Heartbeat) -> uplink_pb2.UplinkHeartbeat:
    return uplink_pb2.UplinkHeartbeat(
        boottime_ns=message.boottime_ns,
        wall_time=to_wire_time(message.wall_time_us),
        anchor=None if message.anchor is None else to_wire_anchor(message.anchor),
        is_storing=message.is_storing,
    )


def _from_wire_heartbeat(message: uplink_pb2.UplinkHeartbeat) -> Heartbeat:
    anchor = from_wire_anchor(message.anchor) if message.HasField("anchor") else None
    return Heartbeat(
        boottime_ns=message.boottime_ns,
        wall_time_us=from_wire_time(message.wall_time),
        anchor=anchor,
        is_storing=message.is_storing,
    )


def _to_wire_go_away(message: GoAway) -> uplink_pb2.GoAway:
    wire = uplink_pb2.GoAway(reason=_REASONS[message.reason])
    wire.reconnect_after_min.FromMilliseconds(message.reconnect_after_min_ms)
    wire.reconnect_after_max.FromMilliseconds(message.reconnect_after_max_ms)
    return wire


def _from_wire_go_away(message: uplink_pb2.GoAway) -> GoAway:
    # A reason of a newer centre still means what it says: go away. What was under way is not to blame for it.
    return GoAway(
        reason=_REASON_OF.get(message.reason, GoAwayReason.SHUTTING_DOWN),
        reconnect_after_min_ms=message.reconnect_after_min.ToMilliseconds(),
        reconnect_after_max_ms=message.reconnect_after_max.ToMilliseconds(),
    )
