"""One stream of frames of a client: the newest is judged, what is found out is told."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass

from doorward_api.v1 import recognition_service_pb2 as pb
from doorward_daemon.model.frame import Frame
from doorward_daemon.model.picture import Picture
from doorward_daemon.rpc.client_frame import read_frame
from doorward_daemon.rpc.fields import FieldChecks
from doorward_daemon.rpc.frame_answer import FrameAnswer
from doorward_daemon.rpc.frame_intake import CapturedFrame, FrameIntake, Requests
from doorward_daemon.rpc.health_board import HealthBoard
from doorward_daemon.rpc.ports import FrameJudge, FrameSession
from doorward_daemon.rpc.settings import RpcSettings
from doorward_daemon.rpc.wire_camera import wire_stream_decision, wire_stream_view
from doorward_daemon.rpc.work_queue import WorkQueue
from doorward_daemon.telemetry import Metrics


@dataclass(frozen=True, slots=True)
class StreamParts:
    """What streams of frames are judged with."""

    judge: FrameJudge
    """Opens sessions."""
    decode: Callable[[bytes], Picture]
    """Decodes a picture within its limits."""
    queue: WorkQueue
    """Line of the judging."""
    board: HealthBoard
    """Says whether the pipeline is fit."""
    metrics: Metrics
    """Where outcomes are counted."""
    settings: RpcSettings
    """Waits."""


async def judge_stream(parts: StreamParts, requests: Requests) -> AsyncGenerator[pb.IdentifyStreamResponse, None]:
    """Serves one stream until the client ends it.

    Raises:
        InvalidInput: FIELD_INVALID, PICTURE_...
        NotFound: DOOR_NOT_FOUND.
        NotReady: NOT_READY.
        Overloaded: OVERLOADED.
    """
    intake = FrameIntake(requests)
    wanted = await intake.settings(parts.settings.first_message_timeout_s)
    checks = FieldChecks()
    checks.identity("settings.door_id", wanted.door_id, optional=True)
    checks.refuse_if_wrong()
    parts.board.require_pipeline()
    sitting = _Sitting(parts.judge.open(wanted.door_id))
    pump = asyncio.create_task(intake.pump())
    try:
        while (frame := await intake.take(parts.settings.heartbeat_s)) is not None or not intake.ended:
            if frame is None:
                response = pb.IdentifyStreamResponse(skipped_frames=intake.skipped)
                response.heartbeat.SetInParent()
                yield response
                continue
            async for response in _judged(parts, sitting, frame):
                response.skipped_frames = intake.skipped
                yield response
    finally:
        pump.cancel()
        sitting.close()
        with suppress(asyncio.CancelledError):
            await pump


async def _judged(
    parts: StreamParts, sitting: "_Sitting", captured: CapturedFrame
) -> AsyncGenerator[pb.IdentifyStreamResponse, None]:
    message, captured_ns = captured
    parts.board.require_pipeline()

    def judge() -> tuple[Frame, FrameAnswer]:
        frame = read_frame(message, captured_ns, parts.decode)
        return frame, sitting.push(frame)

    frame, answer = await parts.queue.run(judge)
    for decision in answer.decisions:
        found = decision.identification
        parts.metrics.count_identification(found.outcome, found.explanation.rule)
        yield pb.IdentifyStreamResponse(decision=wire_stream_decision(frame, decision))
    yield pb.IdentifyStreamResponse(view=wire_stream_view(frame, answer))


class _Sitting:
    """A session that is closed once, and never while it judges: a call may end while a thread still works for it."""

    def __init__(self, session: FrameSession) -> None:
        self._session = session
        self._busy = threading.Lock()
        self._ending = False
        self._closed = False

    def push(self, frame: Frame) -> FrameAnswer:
        try:
            with self._busy:
                return self._session.push(frame)
        finally:
            if self._ending:
                self.close()

    def close(self) -> None:
        self._ending = True
        if not self._busy.acquire(blocking=False):
            return  # the thread that judges closes it
        try:
            if not self._closed:
                self._closed = True
                self._session.close()
        finally:
            self._busy.release()
