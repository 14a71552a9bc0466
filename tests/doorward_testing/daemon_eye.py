"""Looks at a running daemon over its operator's socket."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import grpc

from doorward_api.v1.camera_pb2 import Camera
from doorward_api.v1.camera_service_pb2 import ListCamerasRequest
from doorward_api.v1.camera_service_pb2_grpc import CameraServiceStub
from doorward_api.v1.device_service_pb2 import GetStatusRequest, GetStatusResponse
from doorward_api.v1.device_service_pb2_grpc import DeviceServiceStub
from doorward_api.v1.event_service_pb2 import ListEventsRequest
from doorward_api.v1.event_service_pb2_grpc import EventServiceStub

LONGEST_WAIT_S = 90.0
_ANSWER_S = 10.0


class DaemonEye:
    """An open connection to a daemon.

    Args:
        home: of the daemon.
    """

    def __init__(self, home: Path) -> None:
        self._channel = grpc.insecure_channel(f"unix:{home}/run/operator.sock")

    def __enter__(self) -> "DaemonEye":
        """Gives itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes the connection."""
        self._channel.close()

    def status(self) -> GetStatusResponse:
        """How the daemon is."""
        return DeviceServiceStub(self._channel).GetStatus(GetStatusRequest(), timeout=_ANSWER_S)

    def cameras(self) -> dict[str, Camera]:
        """The cameras by name."""
        found = CameraServiceStub(self._channel).ListCameras(ListCamerasRequest(), timeout=_ANSWER_S)
        return {camera.camera_id: camera for camera in found.cameras}

    def payloads(self, kind: str) -> list[dict[str, Any]]:
        """What the newest events of a kind say, oldest first."""
        found = EventServiceStub(self._channel).ListEvents(ListEventsRequest(kind=kind, newest=500), timeout=_ANSWER_S)
        return [json.loads(event.payload_json) for event in found.events]

    def wait_for(self, what: str, happened: Callable[[], object]) -> None:
        """Waits until something has happened.

        Args:
            what: for the message.
            happened: whether it has.

        Raises:
            AssertionError: it did not within LONGEST_WAIT_S.
        """
        deadline_s = time.monotonic() + LONGEST_WAIT_S
        while not happened():
            assert time.monotonic() < deadline_s, f"waited {LONGEST_WAIT_S} s in vain for {what}"
            time.sleep(0.1)
