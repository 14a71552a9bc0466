"""A real gRPC server whose answers a test writes down beforehand; it serves every rpc of the contract."""

import asyncio
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import grpc
import grpc.aio
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2, status_pb2

from doorward_api.v1 import (
    access_service_pb2,
    attendance_service_pb2,
    camera_service_pb2,
    device_service_pb2,
    event_service_pb2,
    gallery_service_pb2,
    recognition_service_pb2,
)
from doorward_client import Target

SERVICES: tuple[ServiceDescriptor, ...] = tuple(
    service
    for file in (
        recognition_service_pb2,
        gallery_service_pb2,
        device_service_pb2,
        event_service_pb2,
        camera_service_pb2,
        access_service_pb2,
        attendance_service_pb2,
    )
    for service in file.DESCRIPTOR.services_by_name.values()
)
"""The services of the contract."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is an error, with google.rpc.Status as the daemon sends it."""

    reason: str
    """ErrorInfo.reason; empty sends the bare status, as gRPC itself does."""
    code: grpc.StatusCode = grpc.StatusCode.FAILED_PRECONDITION
    """The status."""
    message: str = "the daemon says no"
    """Its text."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    """ErrorInfo.metadata."""
    problems: Mapping[str, str] = field(default_factory=dict)
    """BadRequest: what is wrong with which field."""
    retry_after_s: int | None = None
    """RetryInfo; None sends none."""
    domain: str = "doorward"
    """ErrorInfo.domain."""
    raw_details: bytes = b""
    """Sent instead of all of these where it is not empty."""


class Silence:
    """An answer that never comes."""


@dataclass(frozen=True, slots=True)
class Story:
    """The answer of a stream: responses, then what it ends with."""

    responses: tuple[Message, ...]
    """Told one after the other."""
    end: Refusal | Silence | None = None
    """How it ends; None ends it well."""


Answer = Story | Message | Refusal | Silence | Callable[[Any], Message | Refusal]
"""Of a stream: a Story, or one message, or an end."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it arrived."""

    rpc: str
    """Name of the rpc, e.g. "Identify"."""
    request: Any
    """The request message; typed by the contract's stubs where a test names it."""
    metadata: Mapping[str, str]
    """What came with it, text only."""


class ScriptedServer:
    """Serves on its own thread between `with` and its end.

    Args:
        socket: path of the Unix socket to listen on; None takes a free port on loopback.
    """

    def __init__(self, socket: Path | None) -> None:
        self.calls: list[Call] = []
        self.target = ""
        self._path = socket
        self._answers: defaultdict[str, deque[Answer]] = defaultdict(deque)
        self._arrived = threading.Condition()
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="scripted-server")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()

    def answer(self, rpc: str, *answers: Answer) -> None:
        """Writes down the next answers of an rpc; the last one is repeated for ever."""
        self._answers[rpc] = deque(answers)

    def requests(self, rpc: str) -> list[Any]:
        """The requests of an rpc in the order they arrived."""
        return [call.request for call in self.calls if call.rpc == rpc]

    def wait_for(self, rpc: str, timeout_s: float = 20.0) -> None:
        """Returns once a call of the rpc has arrived."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: bool(self.requests(rpc)), timeout_s), f"no call of {rpc}"

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._started.wait(20), "the scripted server did not start"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Drops all calls and closes the socket; doing it twice does no harm."""
        if self._thread.is_alive() and self._loop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        server = grpc.aio.server(options=[("grpc.max_receive_message_length", 9 * 1024 * 1024)])
        for service in SERVICES:
            methods = {method.name: self._handler(method) for method in service.methods}
            server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service.full_name, methods),))
        if self._path is None:
            self.target = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        else:
            self.target = f"unix:{self._path}"
            server.add_insecure_port(Target(self.target).uri)
        await server.start()
        self._started.set()
        await self._stop.wait()
        await server.stop(0)

    def _handler(self, method: MethodDescriptor) -> "grpc.RpcMethodHandler[Message, Message]":
        codec: Any = {
            "request_deserializer": GetMessageClass(method.input_type).FromString,
            "response_serializer": lambda message: message.SerializeToString(),
        }

        async def tell(
            requests: Any,  # noqa: ANN401 - a message or an iterator of them
            context: "grpc.aio.ServicerContext[Message, Message]",
        ) -> None:
            request = [each async for each in requests] if method.client_streaming else requests
            await self._tell(method, request, context)

        if method.client_streaming:
            return grpc.stream_stream_rpc_method_handler(tell, **codec)
        if method.server_streaming:
            return grpc.unary_stream_rpc_method_handler(tell, **codec)

        async def handle(request: Message, context: "grpc.aio.ServicerContext[Message, Message]") -> Message:
            return await self._respond(method, request, context)

        return grpc.unary_unary_rpc_method_handler(handle, **codec)

    async def _tell(
        self,
        method: MethodDescriptor,
        request: Any,  # noqa: ANN401 - a message or a list of them
        context: "grpc.aio.ServicerContext[Message, Message]",
    ) -> None:
        named = self._note(method, request, context)
        answer = self._next(method)
        story = answer if isinstance(answer, Story) else Story((answer,) if isinstance(answer, Message) else ())
        end = answer if isinstance(answer, Refusal | Silence) else story.end
        for response in story.responses:
            await context.write(response)
        if isinstance(end, Silence):
            await asyncio.Event().wait()
        if isinstance(end, Refusal):
            await context.abort(end.code, end.message, (*named, *_details(end)))

    async def _respond(
        self, method: MethodDescriptor, request: Message, context: "grpc.aio.ServicerContext[Message, Message]"
    ) -> Message:
        named = self._note(method, request, context)
        answer = self._next(method)
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, Silence):
            await asyncio.Event().wait()
        if isinstance(answer, Refusal):
            await context.abort(answer.code, answer.message, (*named, *_details(answer)))
        assert isinstance(answer, Message)
        return answer

    def _note(
        self,
        method: MethodDescriptor,
        request: Any,  # noqa: ANN401 - as above
        context: "grpc.aio.ServicerContext[Message, Message]",
    ) -> tuple[tuple[str, str], ...]:
        carried = {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
        with self._arrived:
            self.calls.append(Call(method.name, request, carried))
            self._arrived.notify_all()
        named = (("x-request-id", carried.get("x-request-id", "made-by-server")),)
        context.set_trailing_metadata(named)
        return named

    def _next(self, method: MethodDescriptor) -> Answer:
        answers = self._answers[method.name]
        if not answers:
            return GetMessageClass(method.output_type)()
        return answers.popleft() if len(answers) > 1 else answers[0]


def _details(refusal: Refusal) -> tuple[tuple[str, str | bytes], ...]:
    if not refusal.reason:
        return ()
    details: list[Message] = [
        error_details_pb2.ErrorInfo(reason=refusal.reason, domain=refusal.domain, metadata=dict(refusal.metadata))
    ]
    if refusal.problems:
        bad = error_details_pb2.BadRequest()
        for name, problem in refusal.problems.items():
            bad.field_violations.add(field=name, description=problem)
        details.append(bad)
    if refusal.retry_after_s is not None:
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.seconds = refusal.retry_after_s
        details.append(retry)
    status = status_pb2.Status(code=refusal.code.value[0], message=refusal.message)
    for detail in details:
        status.details.add().Pack(detail)
    return (("grpc-status-details-bin", refusal.raw_details or status.SerializeToString()),)
