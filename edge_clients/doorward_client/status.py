"""Rebuilds the typed exception from what a failed call brought back."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2, status_pb2

from doorward_client.advice import unreachable_advice
from doorward_client.channel import REQUEST_ID_KEY
from doorward_client.errors import (
    DoorwardError,
    Fault,
    FieldProblem,
    InvalidInput,
    Overloaded,
    TimedOut,
    Unreachable,
)
from doorward_client.reason import KIND_OF_REASON, KIND_OF_STATUS
from doorward_client.target import Target

DOMAIN = "doorward"
LARGEST_REQUEST_BYTES = 9 * 1024 * 1024
"""What a daemon takes unless it is configured otherwise."""
_DETAILS_KEY = "grpc-status-details-bin"
# The daemon went away in the middle of a call, or was never there.
_GONE = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)


@dataclass(frozen=True, slots=True)
class _Details:
    info: error_details_pb2.ErrorInfo
    problems: tuple[FieldProblem, ...]
    retry_after_s: float | None


def rebuild_error(call: grpc.RpcError, target: Target, request_id: str, sent_bytes: int = 0) -> DoorwardError:
    """Turns a failed call into the exception of its reason; without a reason, of its status.

    Args:
        call: the error that gRPC raised, blocking or asyncio.
        target: where the call went, for the advice when nobody is there.
        request_id: what the call was named when it was sent; the name that came back counts.
        sent_bytes: size of the request, where it was one message.
    """
    carried = _carried(call)
    request_id = carried.get(REQUEST_ID_KEY, request_id.encode()).decode("ascii", "replace")
    details = _details(carried.get(_DETAILS_KEY, b""))
    if details is None:
        return _without_reason(call, target, request_id, sent_bytes)
    kind = KIND_OF_REASON.get(details.info.reason) or KIND_OF_STATUS.get(call.code(), Fault)
    return kind(
        details.info.reason,
        call.details() or details.info.reason,
        metadata=details.info.metadata,
        problems=details.problems,
        retry_after_s=details.retry_after_s,
        request_id=request_id,
    )


def check_size(request: Message, max_message_bytes: int) -> None:
    """Refuses a request that the channel would not carry, before it is sent.

    Raises:
        InvalidInput: MESSAGE_TOO_LARGE.
    """
    size = request.ByteSize()
    if size > max_message_bytes:
        raise InvalidInput(
            "MESSAGE_TOO_LARGE",
            f"the request has {size} bytes and a message may have {max_message_bytes}; send smaller pictures",
            metadata={"limit": str(max_message_bytes), "found": str(size)},
        )


def _carried(call: grpc.RpcError) -> dict[str, bytes]:
    # The stubs say otherwise: both kinds of error hand out pairs of key and value, or None where nothing came back.
    pairs = cast("Iterable[tuple[str, str | bytes]] | None", call.trailing_metadata()) or ()
    return {key: value.encode() if isinstance(value, str) else value for key, value in pairs}


def _without_reason(call: grpc.RpcError, target: Target, request_id: str, sent_bytes: int) -> DoorwardError:
    code, text, metadata = call.code(), call.details() or "", {"target": target.address}
    if code in _GONE:
        metadata["detail"] = text  # gRPC's own words: long, and about sockets rather than daemons
        return Unreachable("UNREACHABLE", unreachable_advice(target), metadata=metadata, request_id=request_id)
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        message = "no answer before the deadline; allow more time, and repeat a write with the same request_id"
        return TimedOut("DEADLINE_EXCEEDED", message, metadata=metadata, request_id=request_id)
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        return _exhausted(text, metadata, request_id, sent_bytes)
    kind = KIND_OF_STATUS.get(code, Fault)
    return kind(code.name, text or code.name, metadata=metadata, request_id=request_id)


def _exhausted(text: str, metadata: dict[str, str], request_id: str, sent_bytes: int) -> DoorwardError:
    # gRPC itself refuses what is too large for the daemon, and calls beyond what it takes on; it gives no reason.
    metadata["detail"] = text
    if sent_bytes > LARGEST_REQUEST_BYTES:
        metadata |= {"limit": str(LARGEST_REQUEST_BYTES), "found": str(sent_bytes)}
        message = f"the request has {sent_bytes} bytes, more than the daemon takes; send smaller pictures"
        return InvalidInput("MESSAGE_TOO_LARGE", message, metadata=metadata, request_id=request_id)
    message = "the daemon takes on no more calls now; ask less at once, and try again"
    return Overloaded("OVERLOADED", message, metadata=metadata, request_id=request_id)


def _details(raw: bytes) -> _Details | None:
    info, bad, retry = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest(), error_details_pb2.RetryInfo()
    try:
        for packed in status_pb2.Status.FromString(raw).details:
            # Unpack fills a message only where the type is the right one.
            for detail in (info, bad, retry):
                packed.Unpack(detail)
    except DecodeError:
        return None
    if info.domain != DOMAIN or not info.reason:
        return None
    problems = tuple(FieldProblem(wrong.field, wrong.description) for wrong in bad.field_violations)
    return _Details(info, problems, _retry_after_s(retry))


def _retry_after_s(retry: error_details_pb2.RetryInfo) -> float | None:
    if not retry.HasField("retry_delay"):
        return None
    return float(retry.retry_delay.seconds + retry.retry_delay.nanos / 1e9)
