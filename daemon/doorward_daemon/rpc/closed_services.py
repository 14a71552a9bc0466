"""Services that stay closed while the daemon runs without what they need: every method is refused by type."""

from collections.abc import Callable
from typing import Any

import grpc

from doorward_api.v1 import (
    access_service_pb2,
    attendance_service_pb2,
    camera_service_pb2,
    gallery_service_pb2,
    recognition_service_pb2,
)
from doorward_daemon.errors import ErrorReason, NotReady
from doorward_daemon.rpc.call import Context, Handler

_RETRY_AFTER_S = 5.0
_SERVICES = {
    service.name: service
    for module in (
        recognition_service_pb2,
        gallery_service_pb2,
        camera_service_pb2,
        access_service_pb2,
        attendance_service_pb2,
    )
    for service in module.DESCRIPTOR.services_by_name.values()
}
_MAKERS: dict[tuple[bool, bool], Callable[..., Handler]] = {
    (False, False): grpc.unary_unary_rpc_method_handler,
    (False, True): grpc.unary_stream_rpc_method_handler,
    (True, False): grpc.stream_unary_rpc_method_handler,
    (True, True): grpc.stream_stream_rpc_method_handler,
}


def closed_service(name: str, why: str) -> grpc.GenericRpcHandler:
    """Answers every method of a service with NOT_READY; a client that tries again later may find it open.

    A method that merely were not there would tell clients that this device is too old for them.

    Args:
        name: of the service, without its package.
        why: one sentence for the person who reads the refusal.
    """

    async def refuse(request: object, context: Context) -> object:
        del request, context
        raise NotReady(ErrorReason.NOT_READY, why, retry_after_s=_RETRY_AFTER_S)

    service = _SERVICES[name]
    handlers = {method.name: _handler(method, refuse) for method in service.methods}
    return grpc.method_handlers_generic_handler(service.full_name, handlers)


def _handler(method: Any, refuse: Callable[..., Any]) -> Handler:  # noqa: ANN401 - descriptors of protobuf have no public type
    from google.protobuf.message_factory import GetMessageClass

    make = _MAKERS[method.client_streaming, method.server_streaming]
    return make(
        refuse,
        request_deserializer=GetMessageClass(method.input_type).FromString,
        response_serializer=GetMessageClass(method.output_type).SerializeToString,
    )
