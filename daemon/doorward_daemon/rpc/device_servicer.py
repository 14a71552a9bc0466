"""DeviceService over the device desk."""

from doorward_api.v1 import device_service_pb2 as pb
from doorward_api.v1 import device_service_pb2_grpc
from doorward_daemon.rpc.call import Context
from doorward_daemon.rpc.caller import CALLER
from doorward_daemon.rpc.fields import FieldChecks
from doorward_daemon.rpc.page_token import page_after, read_page_token
from doorward_daemon.rpc.ports import DeviceDesk, UplinkReads
from doorward_daemon.rpc.uplink_status import NO_UPLINK
from doorward_daemon.rpc.wire_device import wire_pack, wire_report, wire_status, wire_uplink
from doorward_daemon.rpc.work_queue import WorkQueue

API_VERSION = "doorward_api.v1"
"""Version of the contract."""

_MOST_PACKS = 100


class DeviceServicer(device_service_pb2_grpc.DeviceServiceServicer):
    """Tells what the device is and how it is.

    Args:
        desk: knows it.
        records: line of the quick questions.
        recognition: line of the self-test, which runs models.
        max_message_bytes: largest message accepted, told to clients.
        uplink: knows the connection to the centre; None for a device without one.
    """

    def __init__(
        self,
        desk: DeviceDesk,
        records: WorkQueue,
        recognition: WorkQueue,
        max_message_bytes: int,
        uplink: UplinkReads | None = None,
    ) -> None:
        self._desk = desk
        self._records = records
        self._recognition = recognition
        self._max_message_bytes = max_message_bytes
        self._uplink = uplink

    async def GetStatus(self, request: pb.GetStatusRequest, context: Context) -> pb.GetStatusResponse:
        """How the device is."""
        return wire_status(await self._records.run(self._desk.status))

    async def GetInfo(self, request: pb.GetInfoRequest, context: Context) -> pb.GetInfoResponse:
        """What the device is."""
        info = await self._records.run(self._desk.info)
        return pb.GetInfoResponse(
            device_id=info.device_id,
            version=info.version,
            api_version=API_VERSION,
            role=CALLER.get().role.word,
            max_picture_bytes=info.max_picture_bytes,
            max_picture_pixels=info.max_picture_pixels,
            max_message_bytes=self._max_message_bytes,
            max_faces=info.max_faces,
            picture_formats=info.picture_formats,
        )

    async def ListPacks(self, request: pb.ListPacksRequest, context: Context) -> pb.ListPacksResponse:
        """The packs this version knows, by name."""
        checks = FieldChecks()
        page_size = checks.count("page_size", request.page_size, most=_MOST_PACKS, default=_MOST_PACKS)
        checks.refuse_if_wrong()
        after = read_page_token("packs", request.page_token)
        packs = sorted(await self._records.run(self._desk.packs), key=lambda entry: entry.manifest.name)
        rest = [entry for entry in packs if entry.manifest.name > after]
        page = rest[:page_size]
        return pb.ListPacksResponse(
            packs=[wire_pack(entry) for entry in page],
            next_page_token=page_after("packs", page[-1].manifest.name) if len(rest) > page_size else "",
        )

    async def RunSelfTest(self, request: pb.RunSelfTestRequest, context: Context) -> pb.RunSelfTestResponse:
        """Sends the golden picture through the live pipeline."""
        return pb.RunSelfTestResponse(report=wire_report(await self._recognition.run(self._desk.run_self_test)))

    async def GetUplinkStatus(self, request: pb.GetUplinkStatusRequest, context: Context) -> pb.GetUplinkStatusResponse:
        """How the connection to the centre is."""
        return wire_uplink(NO_UPLINK if self._uplink is None else self._uplink.status())
