"""CentreService: the desk on the wire."""

from collections.abc import Awaitable
from typing import Any, TypeVar

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from doorward_api.v1 import centre_service_pb2, centre_service_pb2_grpc
from doorward_central.desk import Desk
from doorward_central.error import CentreError

Context = grpc.aio.ServicerContext[Any, Any]
Answer = TypeVar("Answer")
_CODES = {
    "CONFIG_INVALID": grpc.StatusCode.INVALID_ARGUMENT,
    "FIELD_INVALID": grpc.StatusCode.INVALID_ARGUMENT,
    "PAGE_TOKEN_INVALID": grpc.StatusCode.INVALID_ARGUMENT,
    "SUBJECT_EXISTS": grpc.StatusCode.ALREADY_EXISTS,
    "REQUEST_ID_REUSED": grpc.StatusCode.ALREADY_EXISTS,
    "SUBJECT_NOT_FOUND": grpc.StatusCode.NOT_FOUND,
    "NOT_READY": grpc.StatusCode.UNAVAILABLE,
    "STORAGE_FULL": grpc.StatusCode.RESOURCE_EXHAUSTED,
}


class CentreServicer(centre_service_pb2_grpc.CentreServiceServicer):
    """Serves operators.

    Args:
        desk: answers.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def ListStoredEvents(  # noqa: N802 - rpc names are PascalCase in the contract
        self, request: centre_service_pb2.ListStoredEventsRequest, context: Context
    ) -> centre_service_pb2.ListStoredEventsResponse:
        """A page of events."""
        return await _answered(self._desk.list_events(request), context)

    async def ListDevices(  # noqa: N802 - as above
        self, request: centre_service_pb2.ListDevicesRequest, context: Context
    ) -> centre_service_pb2.ListDevicesResponse:
        """A page of devices."""
        return await _answered(self._desk.list_devices(request), context)

    async def ListFleetSubjects(  # noqa: N802 - as above
        self, request: centre_service_pb2.ListFleetSubjectsRequest, context: Context
    ) -> centre_service_pb2.ListFleetSubjectsResponse:
        """A page of subjects."""
        return await _answered(self._desk.list_subjects(request), context)

    async def CreateFleetSubject(  # noqa: N802 - as above
        self, request: centre_service_pb2.CreateFleetSubjectRequest, context: Context
    ) -> centre_service_pb2.CreateFleetSubjectResponse:
        """Creates a subject."""
        return await _answered(self._desk.create_subject(request), context)

    async def EraseFleetSubject(  # noqa: N802 - as above
        self, request: centre_service_pb2.EraseFleetSubjectRequest, context: Context
    ) -> centre_service_pb2.EraseFleetSubjectResponse:
        """Erases a subject."""
        return await _answered(self._desk.erase_subject(request), context)

    async def SetDeviceConfig(  # noqa: N802 - as above
        self, request: centre_service_pb2.SetDeviceConfigRequest, context: Context
    ) -> centre_service_pb2.SetDeviceConfigResponse:
        """Sets a configuration."""
        return await _answered(self._desk.set_config(request), context)

    async def GetDeviceConfig(  # noqa: N802 - as above
        self, request: centre_service_pb2.GetDeviceConfigRequest, context: Context
    ) -> centre_service_pb2.GetDeviceConfigResponse:
        """A configuration."""
        return await _answered(self._desk.get_config(request), context)

    async def SetGroupConfig(  # noqa: N802 - as above
        self, request: centre_service_pb2.SetGroupConfigRequest, context: Context
    ) -> centre_service_pb2.SetGroupConfigResponse:
        """Sets the configuration of a group."""
        return await _answered(self._desk.set_group_config(request), context)

    async def GetGroupConfig(  # noqa: N802 - as above
        self, request: centre_service_pb2.GetGroupConfigRequest, context: Context
    ) -> centre_service_pb2.GetGroupConfigResponse:
        """The configuration of a group."""
        return await _answered(self._desk.get_group_config(request), context)

    async def SetDeviceGroup(  # noqa: N802 - as above
        self, request: centre_service_pb2.SetDeviceGroupRequest, context: Context
    ) -> centre_service_pb2.SetDeviceGroupResponse:
        """Puts a device into a group."""
        return await _answered(self._desk.set_device_group(request), context)

    async def SendCommand(  # noqa: N802 - as above
        self, request: centre_service_pb2.SendCommandRequest, context: Context
    ) -> centre_service_pb2.SendCommandResponse:
        """Gives a command."""
        return await _answered(self._desk.send_command(request), context)

    async def ListCommands(  # noqa: N802 - as above
        self, request: centre_service_pb2.ListCommandsRequest, context: Context
    ) -> centre_service_pb2.ListCommandsResponse:
        """A page of commands."""
        return await _answered(self._desk.list_commands(request), context)


async def _answered(answer: Awaitable[Answer], context: Context) -> Answer:
    try:
        return await answer
    except CentreError as error:
        await context.abort_with_status(rpc_status.to_status(status_of(error)))
        raise


def status_of(error: CentreError) -> status_pb2.Status:
    """An error as callers get it."""
    info = error_details_pb2.ErrorInfo(reason=error.reason, domain="doorward", metadata=error.metadata)
    packed = any_pb2.Any()
    packed.Pack(info)
    code = _CODES.get(error.reason, grpc.StatusCode.INTERNAL)
    return status_pb2.Status(code=code.value[0], message=error.message, details=[packed])
