"""AccessService over the doors."""

from doorward_api.v1 import access_service_pb2 as pb
from doorward_api.v1 import access_service_pb2_grpc
from doorward_daemon.model.write_request import WriteRequest
from doorward_daemon.rpc.call import Context
from doorward_daemon.rpc.caller import CALLER
from doorward_daemon.rpc.door import DoorOpening
from doorward_daemon.rpc.fields import FieldChecks
from doorward_daemon.rpc.fingerprint import fingerprint_of
from doorward_daemon.rpc.page_token import cut_page
from doorward_daemon.rpc.ports import AccessDesk
from doorward_daemon.rpc.wire_door import wire_door
from doorward_daemon.rpc.wire_event import wire_event
from doorward_daemon.rpc.work_queue import WorkQueue

_MOST_DOORS = 100
_SHORTEST_S = 0.1
_LONGEST_S = 60.0


class AccessServicer(access_service_pb2_grpc.AccessServiceServicer):
    """Shows and opens the doors.

    Args:
        desk: knows them.
        doors: line of the commands, which wait for the disk and for locks.
    """

    def __init__(self, desk: AccessDesk, doors: WorkQueue) -> None:
        self._desk = desk
        self._doors = doors

    async def ListDoors(self, request: pb.ListDoorsRequest, context: Context) -> pb.ListDoorsResponse:
        """The doors, in the order of the configuration."""
        checks = FieldChecks()
        page_size = checks.count("page_size", request.page_size, most=_MOST_DOORS, default=_MOST_DOORS)
        checks.refuse_if_wrong()
        page, token = cut_page("doors", self._desk.doors(), lambda door: door.door_id, page_size, request.page_token)
        return pb.ListDoorsResponse(doors=[wire_door(door) for door in page], next_page_token=token)

    async def OpenDoor(self, request: pb.OpenDoorRequest, context: Context) -> pb.OpenDoorResponse:
        """Opens a door for a moment."""
        checks = FieldChecks()
        checks.request_id(request.request_id)
        checks.identity("door_id", request.door_id)
        checks.display_name("note", request.note)
        duration_s = _duration_s(request)
        if duration_s is not None:
            checks.number("duration", duration_s, least=_SHORTEST_S, most=_LONGEST_S)
        checks.refuse_if_wrong()
        opening = DoorOpening(
            write=WriteRequest(request.request_id, fingerprint_of(request)),
            door_id=request.door_id,
            duration_s=duration_s,
            role=CALLER.get().role.word,
            note=request.note,
        )
        opened = await self._doors.run(lambda: self._desk.open_door(opening))
        return pb.OpenDoorResponse(door=wire_door(opened.door), event=wire_event(opened.event))


def _duration_s(request: pb.OpenDoorRequest) -> float | None:
    if not request.HasField("duration"):
        return None
    # Not ToTimedelta: it raises on spans that a hostile message may hold.
    return request.duration.seconds + request.duration.nanos / 1e9
