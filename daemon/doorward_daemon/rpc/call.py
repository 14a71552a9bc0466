"""One call on its way: request id, role, place in the line, message, servicer; every end is typed and logged."""

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import grpc
from google.protobuf.message import DecodeError
from grpc_status import rpc_status

from doorward_daemon.errors import DoorwardError, ErrorReason, Fault, FieldProblem, Forbidden, InvalidInput, Overloaded
from doorward_daemon.rpc.call_record import CallRecord
from doorward_daemon.rpc.caller import CALLER, REQUEST_ID_KEY, Caller, accept_request_id
from doorward_daemon.rpc.redaction import redact
from doorward_daemon.rpc.role_source import RoleSource
from doorward_daemon.rpc.roles import METHOD_RULES, MethodRule, Role, Work
from doorward_daemon.rpc.status import code_of, status_of
from doorward_daemon.rpc.stream_hall import StreamHall, StreamPlaces
from doorward_daemon.rpc.work_queue import WorkQueue
from doorward_daemon.telemetry import Metrics, request_in_hand

T = TypeVar("T")
Context = grpc.aio.ServicerContext[Any, Any]
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"  # generic in the stubs only

_LOG = logging.getLogger(__name__)
_TOO_LARGE = Overloaded(ErrorReason.MESSAGE_TOO_LARGE, "the message exceeds the limit")


@dataclass(frozen=True, slots=True)
class Gate:
    """What the calls of one listener are checked and counted with."""

    roles: RoleSource
    """Where the role of a call comes from."""
    queues: Mapping[Work, WorkQueue | StreamPlaces]
    """The lines calls wait in, by kind of work; a kind that is not here is answered at once."""
    metrics: Metrics
    """Where calls are counted."""
    first_message_timeout_s: float
    """Longest wait for a call's message, seconds."""
    streams: StreamHall
    """Where streams stay until the daemon stops."""


class GuardedCall:
    """Serves one call.

    Args:
        method: full name of the method as called; it need not exist.
        sent: the caller's text metadata.
        gate: what it is checked and counted with.
    """

    def __init__(self, method: str, sent: Mapping[str, str], gate: Gate) -> None:
        self._method = method
        self._rule = METHOD_RULES.get(method)
        self._authorization = sent.get("authorization")
        self._request_id = accept_request_id(sent.get(REQUEST_ID_KEY))
        self._gate = gate
        self._record = CallRecord(method, gate.metrics)

    async def serve_one(self, handler: Handler, requests: object, context: Context) -> object:
        """Serves a method with one response."""

        async def answer() -> object:
            if handler.request_streaming:
                response = await _as_async(handler.stream_unary)(requests, context)
            else:
                response = await _as_async(handler.unary_unary)(await self._read(context), context)
            redact(response, CALLER.get().role)
            return response

        return await self._run(context, answer)

    async def serve_many(self, handler: Handler, requests: object, context: Context) -> None:
        """Serves a method with a stream of responses; servicers of the contract yield them, to have them redacted."""
        behaviour: Any = handler.stream_stream if handler.request_streaming else handler.unary_stream

        async def answer() -> None:
            asked = requests if handler.request_streaming else await self._read(context)
            responses = behaviour(asked, context)
            if inspect.isawaitable(responses):  # grpc's own health service writes by itself
                await responses
                return
            async with self._gate.streams.stay() as stay, aclosing(responses):
                async for response in responses:
                    redact(response, CALLER.get().role)
                    await stay.write(context, response)

        await self._run(context, answer)

    async def serve_unknown(self, context: Context) -> None:
        """Answers a call of a method that does not exist."""

        async def answer() -> None:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, f"there is no method {self._method}")

        await self._run(context, answer)

    async def _run(self, context: Context, answer: Callable[[], Awaitable[T]]) -> T | None:
        with request_in_hand(self._request_id):
            try:
                await context.send_initial_metadata(self._trailer)
                context.set_trailing_metadata(self._trailer)
                with self._admitted(context.time_remaining()):
                    response = await answer()
            except asyncio.CancelledError:
                self._record.end(_why_lost(context))
                raise
            except grpc.aio.AbortError:  # a servicer of grpc's own has answered with a status of its own
                self._record.end(context.code())
                raise
            except grpc.aio.BaseError:  # the connection or the server is gone
                self._record.end(grpc.StatusCode.CANCELLED)
                raise
            except Exception as error:  # noqa: BLE001 - task boundary: whatever a servicer raises becomes a typed answer
                await self._refuse(context, self._typed(error))
                return None
            self._record.end(grpc.StatusCode.OK)
            return response

    @contextmanager
    def _admitted(self, remaining_s: float | None) -> Iterator[None]:
        role = self._gate.roles.role_of(self._authorization)
        self._record.role = role.word
        CALLER.set(Caller(role, self._request_id))
        if self._rule is not None and role < self._rule.role:
            raise _not_allowed(self._method, self._rule, role)
        queue = self._gate.queues.get(self._rule.work) if self._rule is not None else None
        with queue.place(remaining_s) if queue is not None else nullcontext():
            yield

    async def _read(self, context: Context) -> object:
        try:
            async with asyncio.timeout(self._gate.first_message_timeout_s):
                request: object = await context.read()
        except TimeoutError as error:
            raise _no_message(f"none arrived within {self._gate.first_message_timeout_s:g} s") from error
        except DecodeError as error:
            raise _no_message("the bytes are not of the method's request type") from error
        if request is grpc.aio.EOF:
            raise _no_message("the call ended without one")
        return request

    async def _refuse(self, context: Context, error: DoorwardError) -> None:
        status = rpc_status.to_status(status_of(error, self._request_id))
        try:
            await context.abort(status.code, status.details, (*status.trailing_metadata, *self._trailer))
        except grpc.aio.AbortError:
            self._record.end(code_of(error), error)
            raise
        except grpc.aio.InternalError:
            # gRPC had answered first: a message above the limit never reaches us, we see a call without one.
            self._record.end(code_of(_TOO_LARGE), _TOO_LARGE)

    def _typed(self, error: Exception) -> DoorwardError:
        if isinstance(error, DoorwardError):
            return error
        _LOG.error("%s failed unexpectedly", self._method, exc_info=error)
        return Fault(
            ErrorReason.INTERNAL, f"something unexpected happened; the device's log has it under {self._request_id}"
        )

    @property
    def _trailer(self) -> tuple[tuple[str, str], ...]:
        return ((REQUEST_ID_KEY, self._request_id),)


def _as_async(behaviour: Any) -> Callable[..., Awaitable[Any]]:  # noqa: ANN401 - the stubs know sync servicers only
    return behaviour  # type: ignore[no-any-return]


def _why_lost(context: Context) -> grpc.StatusCode:
    remaining_s: float | None = context.time_remaining()
    late = remaining_s is not None and remaining_s <= 0.0
    return grpc.StatusCode.DEADLINE_EXCEEDED if late else grpc.StatusCode.CANCELLED


def _not_allowed(method: str, rule: MethodRule, role: Role) -> Forbidden:
    return Forbidden(
        ErrorReason.ROLE_NOT_ALLOWED,
        f"{method} needs role {rule.role.word}, the caller has {role.word}; use the {rule.role.word} socket or token",
        metadata={"role": role.word, "required_role": rule.role.word},
    )


def _no_message(problem: str) -> InvalidInput:
    return InvalidInput(
        ErrorReason.FIELD_INVALID,
        f"the call needs one request message: {problem}",
        problems=[FieldProblem("", f"expected one request message; {problem}")],
    )
