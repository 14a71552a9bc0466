"""What comes down to a device: chunks, configuration and commands of another session, or once more, change nothing."""

from collections.abc import Sequence

from doorward_sync.chunk_messages import ChunkProblem, GalleryChunk
from doorward_sync.clock_anchor import ClockAnchor
from doorward_sync.device_gallery import DeviceGallery
from doorward_sync.device_io import DownMessage, DownStored
from doorward_sync.device_storage import AcknowledgeLocal, ApplyConfig, ApplyDelta, CarryOut, ChunkStaged, StageChunk
from doorward_sync.down_messages import CommandOrder
from doorward_sync.gallery_messages import GalleryDelta, LocalSubjectsAck
from doorward_sync.messages import Heartbeat
from doorward_sync.outputs import Alarm, AlarmKind


class DeviceDown:
    """What came down in one session.

    Args:
        gallery: local changes, which the centre confirms.
    """

    __slots__ = ("_gallery", "_offered", "_storing", "ignored")

    def __init__(self, gallery: DeviceGallery) -> None:
        self.ignored = 0
        self._gallery = gallery
        self._offered = 0
        self._storing = 0

    def received(
        self, message: DownMessage, session_id: str, boottime_ns: int, anchor: ClockAnchor | None
    ) -> Sequence[ApplyDelta | StageChunk | AcknowledgeLocal | ApplyConfig | CarryOut]:
        """Asks for what a message wants.

        Args:
            message: of the centre.
            session_id: of this session.
            boottime_ns: of the device, at receipt.
            anchor: what is known of its clock; None while it knows nothing.
        """
        asked = self._asked(message, session_id, boottime_ns, anchor)
        self._storing += sum(not isinstance(one, AcknowledgeLocal) for one in asked)
        return asked

    def stored(self, stored: DownStored) -> list[Alarm]:
        """Takes what storage answered; what an operator should hear of it: a part of the gallery that was not taken."""
        self._storing -= 1
        if not isinstance(stored, ChunkStaged) or stored.result.problem in (None, ChunkProblem.NO_GALLERY):
            return []
        detail = f"{stored.result.problem}: {stored.result.detail}"
        return [Alarm(kind=AlarmKind.GALLERY_REFUSED, detail=detail)]

    def heartbeat(self, boottime_ns: int, wall_time_us: int, anchor: ClockAnchor | None) -> Heartbeat:
        """A sign of life, which says whether storage is at work on what came down."""
        is_storing = self._storing > 0
        return Heartbeat(boottime_ns=boottime_ns, wall_time_us=wall_time_us, anchor=anchor, is_storing=is_storing)

    def _asked(
        self, message: DownMessage, session_id: str, boottime_ns: int, anchor: ClockAnchor | None
    ) -> Sequence[ApplyDelta | StageChunk | AcknowledgeLocal | ApplyConfig | CarryOut]:
        if isinstance(message, GalleryDelta):
            return [ApplyDelta(message)]
        if isinstance(message, LocalSubjectsAck):
            return self._gallery.acknowledged(message.through_change)
        if message.session_id != session_id:
            self.ignored += 1
            return []
        if isinstance(message, GalleryChunk):
            return [StageChunk(message)]
        if isinstance(message, CommandOrder):
            return [CarryOut(command=message.command, deadline_boottime_ns=deadline_ns(message, boottime_ns, anchor))]
        if message.document.revision <= self._offered:
            # Doubled or out of order: within a session the centre's revisions only rise.
            self.ignored += 1
            return []
        self._offered = message.document.revision
        return [ApplyConfig(message.document)]


def deadline_ns(order: CommandOrder, boottime_ns: int, anchor: ClockAnchor | None) -> int:
    """Until when a command may be begun, nanoseconds since boot; the device's wall clock is not asked.

    The validity counts from receipt; where the centre's clock is known, the time it was on its way counts as well, and
    what is not known of that clock counts against the command.

    Args:
        order: the command.
        boottime_ns: of the device, at receipt.
        anchor: as for DeviceDown.received.
    """
    from_receipt_ns = boottime_ns + order.valid_for_ms * 1_000_000
    if anchor is None:
        return from_receipt_ns
    by_centre_ns = anchor.boottime_ns + (order.expire_time_us - anchor.utc_us - anchor.error_us) * 1000
    return min(from_receipt_ns, by_centre_ns)
