"""What an operator asks a centre for that serves: the desk behind its socket."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from doorward_api.v1 import centre_service_pb2, centre_service_pb2_grpc
from doorward_central.error import CentreError

_DEADLINE_S = 30.0


class RemoteDesk:
    """A Desk in the serving process.

    Args:
        stub: of its admin socket.
    """

    def __init__(self, stub: "centre_service_pb2_grpc.CentreServiceAsyncStub") -> None:
        self._stub = stub

    async def list_events(
        self, request: centre_service_pb2.ListStoredEventsRequest
    ) -> centre_service_pb2.ListStoredEventsResponse:
        """As Desk."""
        with _rebuilt_errors():
            return await self._stub.ListStoredEvents(request, timeout=_DEADLINE_S)

    async def list_devices(
        self, request: centre_service_pb2.ListDevicesRequest
    ) -> centre_service_pb2.ListDevicesResponse:
        """As Desk."""
        with _rebuilt_errors():
            return await self._stub.ListDevices(request, timeout=_DEADLINE_S)

    async def list_subjects(
        self, request: centre_service_pb2.ListFleetSubjectsRequest
    ) -> centre_service_pb2.ListFleetSubjectsResponse:
        """As Desk."""
        with _rebuilt_errors():
            return await self._stub.ListFleetSubjects(request, timeout=_DEADLINE_S)

    async def create_subject(
        self, request: centre_service_pb2.CreateFleetSubjectRequest
    ) -> centre_service_pb2.CreateFleetSubjectResponse:
        """As Desk."""
        with _rebuilt_errors():
            return await self._stub.CreateFleetSubject(request, timeout=_DEADLINE_S)

    async def erase_subject(
        self, request: centre_service_pb2.EraseFleetSubjectRequest
    ) -> centre_service_pb2.EraseFleetSubjectResponse:
        """As Desk."""
        with _rebuilt_errors():
            return await self._stub.EraseFleetSubject(request, timeout=_DEADLINE_S)

    async def set_config(
        self, request: centre_service_pb2.SetDeviceConfigRequest
    ) -> centre_service_pb2.SetDeviceConfigResponse:
        """As Desk."""
        with _rebuilt_errors():
            return await self._stub.SetDeviceConfig(request, timeout=_DEADLINE_S)

    async def get_config(
        self, request: centre_service_pb2.GetDeviceConfigRequest
    ) -> centre_service_pb2.GetDeviceConfigResponse:
        """As Desk."""
        with _rebuilt_errors():
            return await self._stub.GetDeviceConfig(request, timeout=_DEADLINE_S)

    async def set_group_config(
        self, request: centre_service_pb2.SetGroupConfigRequest
    ) -> centre_service_pb2.SetGroupConfigResponse:
        """As Desk."""
        with _rebuilt_errors():
            return await self._stub.SetGroupConfig(request, timeout=_DEADLINE_S)

    async def get_group_config(
        self, request: centre_service_pb2.GetGroupConfigRequest
    ) -> centre_service_pb2.GetGroupConfigResponse:
        """As Desk."""
        with _rebuilt_errors():
            return await self._stub.GetGroupConfig(request, timeout=_DEADLINE_S)

    async def set_device_group(
        self, request: centre_service_pb2.SetDeviceGroupRequest
    ) -> centre_service_pb2.SetDeviceGroupResponse:
        """As Desk."""
        with _rebuilt_errors():
            return await self._stub.SetDeviceGroup(request, timeout=_DEADLINE_S)

    async def send_command(
        self, request: centre_service_pb2.SendCommandRequest
    ) -> centre_service_pb2.SendCommandResponse:
        """As Desk."""
        with _rebuilt_errors():
            return await self._stub.SendCommand(request, timeout=_DEADLINE_S)

    async def list_commands(
        self, request: centre_service_pb2.ListCommandsRequest
    ) -> centre_service_pb2.ListCommandsResponse:
        """As Desk."""
        with _rebuilt_errors():
            return await self._stub.ListCommands(request, timeout=_DEADLINE_S)


@contextlib.asynccontextmanager
async def remote_desk(socket: Path) -> AsyncIterator[RemoteDesk]:
    """The desk behind an admin socket."""
    async with grpc.aio.insecure_channel(f"unix:{socket}") as channel:
        yield RemoteDesk(centre_service_pb2_grpc.CentreServiceStub(channel))


@contextlib.contextmanager
def _rebuilt_errors() -> Iterator[None]:
    try:
        yield
    except grpc.aio.AioRpcError as error:
        status = rpc_status.from_call(error)
        info = error_details_pb2.ErrorInfo()
        for detail in status.details if status is not None else ():
            if detail.Unpack(info):
                raise CentreError(info.reason, status.message, **dict(info.metadata)) from error
        found = f"the centre does not answer: {error.details()}; is it running?"
        raise CentreError("NOT_READY", found) from error
