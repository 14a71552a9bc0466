"""What an operator asks the centre for; the same in the serving process and on a store nobody serves."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Protocol

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from doorward_api.v1 import centre_service_pb2, centre_service_pb2_grpc
from doorward_central.error import CentreError
from doorward_central.event_store import EventStore
from doorward_central.fleet import Fleet

_DEADLINE_S = 30.0


class Desk(Protocol):
    """Answers operators. Every failure is a CentreError."""

    async def list_events(
        self, request: centre_service_pb2.ListStoredEventsRequest
    ) -> centre_service_pb2.ListStoredEventsResponse:
        """A page of events."""

    async def list_devices(
        self, request: centre_service_pb2.ListDevicesRequest
    ) -> centre_service_pb2.ListDevicesResponse:
        """A page of devices."""

    async def list_subjects(
        self, request: centre_service_pb2.ListFleetSubjectsRequest
    ) -> centre_service_pb2.ListFleetSubjectsResponse:
        """A page of subjects."""

    async def create_subject(
        self, request: centre_service_pb2.CreateFleetSubjectRequest
    ) -> centre_service_pb2.CreateFleetSubjectResponse:
        """Creates a subject."""

    async def erase_subject(
        self, request: centre_service_pb2.EraseFleetSubjectRequest
    ) -> centre_service_pb2.EraseFleetSubjectResponse:
        """Erases a subject."""

    async def set_config(
        self, request: centre_service_pb2.SetDeviceConfigRequest
    ) -> centre_service_pb2.SetDeviceConfigResponse:
        """Sets what configuration a device is to have."""

    async def get_config(
        self, request: centre_service_pb2.GetDeviceConfigRequest
    ) -> centre_service_pb2.GetDeviceConfigResponse:
        """What configuration a device is to have."""

    async def send_command(
        self, request: centre_service_pb2.SendCommandRequest
    ) -> centre_service_pb2.SendCommandResponse:
        """Gives a command to a device."""

    async def list_commands(
        self, request: centre_service_pb2.ListCommandsRequest
    ) -> centre_service_pb2.ListCommandsResponse:
        """A page of commands."""


class StoreDesk:
    """A Desk on a store.

    Args:
        store: what is asked.
        fleet: the live streams, which hear of changes; None where nobody serves.
    """

    def __init__(self, store: EventStore, fleet: Fleet | None = None) -> None:
        self._store = store
        self._fleet = fleet

    async def list_events(
        self, request: centre_service_pb2.ListStoredEventsRequest
    ) -> centre_service_pb2.ListStoredEventsResponse:
        """As Desk."""
        return await self._store.list_events(request)

    async def list_devices(
        self, request: centre_service_pb2.ListDevicesRequest
    ) -> centre_service_pb2.ListDevicesResponse:
        """As Desk."""
        page = await self._store.list_devices(request)
        for device in page.devices:
            device.connected = self._fleet is not None and self._fleet.is_connected(device.device_id)
        return page

    async def list_subjects(
        self, request: centre_service_pb2.ListFleetSubjectsRequest
    ) -> centre_service_pb2.ListFleetSubjectsResponse:
        """As Desk."""
        return await self._store.list_subjects(request)

    async def create_subject(
        self, request: centre_service_pb2.CreateFleetSubjectRequest
    ) -> centre_service_pb2.CreateFleetSubjectResponse:
        """As Desk."""
        subject = await self._store.create_subject(request)
        await self._tell()
        return centre_service_pb2.CreateFleetSubjectResponse(subject=subject)

    async def erase_subject(
        self, request: centre_service_pb2.EraseFleetSubjectRequest
    ) -> centre_service_pb2.EraseFleetSubjectResponse:
        """As Desk."""
        subject = await self._store.erase_subject(request)
        await self._tell()
        return centre_service_pb2.EraseFleetSubjectResponse(subject=subject)

    async def set_config(
        self, request: centre_service_pb2.SetDeviceConfigRequest
    ) -> centre_service_pb2.SetDeviceConfigResponse:
        """As Desk."""
        document = await self._store.set_config(request)
        if self._fleet is not None:
            self._fleet.config_changed(request.device_id, document)
        config = await self._store.show_config(request.device_id)
        return centre_service_pb2.SetDeviceConfigResponse(config=config)

    async def get_config(
        self, request: centre_service_pb2.GetDeviceConfigRequest
    ) -> centre_service_pb2.GetDeviceConfigResponse:
        """As Desk."""
        config = await self._store.show_config(request.device_id)
        return centre_service_pb2.GetDeviceConfigResponse(config=config)

    async def send_command(
        self, request: centre_service_pb2.SendCommandRequest
    ) -> centre_service_pb2.SendCommandResponse:
        """As Desk."""
        pending, shown = await self._store.give_command(request)
        if self._fleet is not None and pending is not None:
            self._fleet.commanded(request.device_id, pending)
        return centre_service_pb2.SendCommandResponse(command=shown)

    async def list_commands(
        self, request: centre_service_pb2.ListCommandsRequest
    ) -> centre_service_pb2.ListCommandsResponse:
        """As Desk."""
        return await self._store.list_commands(request)

    async def _tell(self) -> None:
        if self._fleet is not None:
            self._fleet.gallery_changed(await self._store.gallery_revision())


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
