"""AttendanceService over the time sheet."""

from doorward_api.v1 import attendance_pb2, attendance_service_pb2_grpc
from doorward_api.v1 import attendance_service_pb2 as pb
from doorward_daemon.model.write_request import WriteRequest
from doorward_daemon.rpc.call import Context
from doorward_daemon.rpc.caller import CALLER
from doorward_daemon.rpc.fields import FieldChecks
from doorward_daemon.rpc.fingerprint import fingerprint_of
from doorward_daemon.rpc.health_board import HealthBoard
from doorward_daemon.rpc.ports import AttendanceDesk
from doorward_daemon.rpc.punch import PunchAsked, PunchDirection
from doorward_daemon.rpc.wire_decision import wire_identification
from doorward_daemon.rpc.wire_event import wire_event
from doorward_daemon.rpc.work_queue import WorkQueue

_DIRECTIONS = {
    attendance_pb2.PUNCH_DIRECTION_UNSPECIFIED: PunchDirection.UNSPECIFIED,
    attendance_pb2.PUNCH_DIRECTION_IN: PunchDirection.IN,
    attendance_pb2.PUNCH_DIRECTION_OUT: PunchDirection.OUT,
}


class AttendanceServicer(attendance_service_pb2_grpc.AttendanceServiceServicer):
    """Records who came and went.

    Args:
        desk: records it.
        recognition: line of the judging.
        board: says whether the pipeline is fit.
    """

    def __init__(self, desk: AttendanceDesk, recognition: WorkQueue, board: HealthBoard) -> None:
        self._desk = desk
        self._recognition = recognition
        self._board = board

    async def Punch(self, request: pb.PunchRequest, context: Context) -> pb.PunchResponse:
        """Identifies, and records where somebody is recognised."""
        checks = FieldChecks()
        checks.request_id(request.request_id)
        direction = _DIRECTIONS.get(request.direction)
        if direction is None:
            checks.add("direction", f"expected a known direction, found {request.direction}")
        checks.refuse_if_wrong()
        self._board.require_pipeline()
        punch = PunchAsked(
            write=WriteRequest(request.request_id, fingerprint_of(request)),
            content=request.picture.content,
            direction=direction or PunchDirection.UNSPECIFIED,
            role=CALLER.get().role.word,
        )
        found = await self._recognition.run(lambda: self._desk.punch(punch))
        return pb.PunchResponse(
            identification=wire_identification(found.identification),
            event=None if found.event is None else wire_event(found.event),
        )
