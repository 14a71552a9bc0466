"""What an operator asks the centre for; the same in the serving process and on a store nobody serves."""

from typing import Protocol

from doorward_api.v1 import centre_service_pb2
from doorward_central.event_store import EventStore
from doorward_central.fleet import Fleet
from doorward_central.group_rows import Changed


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

    async def set_group_config(
        self, request: centre_service_pb2.SetGroupConfigRequest
    ) -> centre_service_pb2.SetGroupConfigResponse:
        """Sets what configuration the devices of a group share."""

    async def get_group_config(
        self, request: centre_service_pb2.GetGroupConfigRequest
    ) -> centre_service_pb2.GetGroupConfigResponse:
        """What configuration the devices of a group share."""

    async def set_device_group(
        self, request: centre_service_pb2.SetDeviceGroupRequest
    ) -> centre_service_pb2.SetDeviceGroupResponse:
        """Puts a device into a group."""

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
        self._tell_configs(((request.device_id, document),))
        config = await self._store.show_config(request.device_id)
        return centre_service_pb2.SetDeviceConfigResponse(config=config)

    async def get_config(
        self, request: centre_service_pb2.GetDeviceConfigRequest
    ) -> centre_service_pb2.GetDeviceConfigResponse:
        """As Desk."""
        config = await self._store.show_config(request.device_id)
        return centre_service_pb2.GetDeviceConfigResponse(config=config)

    async def set_group_config(
        self, request: centre_service_pb2.SetGroupConfigRequest
    ) -> centre_service_pb2.SetGroupConfigResponse:
        """As Desk."""
        self._tell_configs(await self._store.set_group_config(request))
        config = await self._store.show_group(request.group)
        return centre_service_pb2.SetGroupConfigResponse(config=config)

    async def get_group_config(
        self, request: centre_service_pb2.GetGroupConfigRequest
    ) -> centre_service_pb2.GetGroupConfigResponse:
        """As Desk."""
        config = await self._store.show_group(request.group)
        return centre_service_pb2.GetGroupConfigResponse(config=config)

    async def set_device_group(
        self, request: centre_service_pb2.SetDeviceGroupRequest
    ) -> centre_service_pb2.SetDeviceGroupResponse:
        """As Desk."""
        self._tell_configs(await self._store.set_device_group(request))
        config = await self._store.show_config(request.device_id)
        return centre_service_pb2.SetDeviceGroupResponse(config=config)

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

    def _tell_configs(self, changed: Changed) -> None:
        if self._fleet is not None:
            for device_id, document in changed:
                self._fleet.config_changed(device_id, document)

    async def _tell(self) -> None:
        if self._fleet is not None:
            self._fleet.gallery_changed(await self._store.gallery_revision())
