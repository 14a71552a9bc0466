"""How devices and their centre hang together in a simulated world: who hears what, and what disks answer."""

from collections import deque

from doorward_sync.batch_run import ProtocolError
from doorward_sync.centre_io import CentreOutput, CentreState, CentreStorageResult
from doorward_sync.centre_storage import (
    LoadLanes,
    MarkCommandSent,
    ReadGallery,
    StoreAnchor,
    StoreBatch,
    StoreCommandResult,
    StoreConfigResult,
    StoreHint,
)
from doorward_sync.device_io import CentreMessage, DeviceMessage, DeviceOutput
from doorward_sync.device_session import DeviceSession
from doorward_sync.device_storage import (
    Acknowledge,
    ApplyConfig,
    CarryOut,
    ChunkStaged,
    CommandCarriedOut,
    ConfigApplied,
    EpochOpened,
    EventsRead,
    LaneRewound,
    NoteAnchor,
    OpenEpoch,
    Quarantine,
    Quarantined,
    ReadEvents,
    RecordHole,
    RewindTo,
    StageChunk,
)
from doorward_sync.event import Event, Lane
from doorward_sync.limits import UplinkLimits
from doorward_sync.messages import Ack, Batch, Conflict, GoAwayReason, Rewind
from doorward_sync.outputs import Alarm, Close, Send
from doorward_sync.poison import StreamEnd
from doorward_sync.session_register import SessionRegister
from doorward_sync.stream_memory import StreamMemory
from doorward_testing.sync_disks import CentreDisk, DeviceDisk
from doorward_testing.sync_down import CENTRE_BEGAN_US
from doorward_testing.sync_gallery import GalleryHistory
from doorward_testing.sync_nodes import DeviceNode, Stream, SyncParts
from doorward_testing.sync_oracle import SyncOracle

LIMITS = UplinkLimits(batch_events=3, credit=2, gallery_chunk_bytes=200)
"""Two subjects of this world fill a chunk."""


class SyncWiring:
    """The state of the world, and how outputs of the machines are carried out."""

    def __init__(self, devices: int, parts: SyncParts) -> None:
        self.parts = parts
        self.now_s = 0.0
        self._counter = 0
        self.devices = {
            f"gate-{number}": DeviceNode(DeviceDisk(self._new_epoch()), gallery=parts.gallery())
            for number in range(devices)
        }
        self.centre = CentreDisk(parts.rule)
        self.centre_image: CentreDisk | None = None
        self.streams: dict[str, Stream] = {}
        self.register = SessionRegister()
        self.asked: deque[tuple[Stream, LoadLanes | StoreBatch | MarkCommandSent | ReadGallery]] = deque()
        self.answered: deque[tuple[Stream, CentreStorageResult]] = deque()
        self.oracle = SyncOracle(self.devices, lambda: self.centre)
        self.poison: dict[str, StreamEnd] = {}
        self.galleries = GalleryHistory()
        self.staged = 0
        self.wall_us = 0
        self.expires_us: dict[str, int] = {}
        for node in self.devices.values():
            node.down.rule, node.down.checks = parts.command_rule, parts.checks_config

    def _promised(self, device_id: str, lane: Lane, event: Event) -> None:
        node = self.devices[device_id]
        self.oracle.promised(device_id, lane, event)
        if node.session:
            self._device_did(node, node.session.appended(lane, event.key.seq))

    def _carry(self, stream: Stream, number: int, message: DeviceMessage) -> None:
        """A message arrives: on a stream as it comes, as a call in its turn and once, or the stream is lost."""
        try:
            if stream.order is None or stream.order.take(number):
                self._reach_centre(stream, message)
        except ProtocolError:
            self._break(stream, StreamEnd.BROKEN)

    def _reach_centre(self, stream: Stream, message: DeviceMessage) -> None:
        if isinstance(message, Batch) and (end := self._dies_of(message)) is not None:
            self._break(stream, end)
            return
        had_hello = stream.centre.hello is not None
        outputs = stream.centre.received(message, self.now_s)
        hello = stream.centre.hello
        if hello and not had_hello:
            entered = self.register.enter(hello.device_id, stream.centre.session_id, "address", self.now_s)
            older = self.streams.get(entered.older or "")
            if older:
                self._centre_did(older, older.centre.end(GoAwayReason.TAKEN_OVER))
        self._centre_did(stream, outputs)

    def _reach_device(self, node: DeviceNode, message: CentreMessage) -> None:
        if node.session:
            self._device_did(node, node.session.received(message, self.now_s))

    def _dies_of(self, batch: Batch) -> StreamEnd | None:
        return next((self.poison[one.event_id] for one in batch.events if one.event_id in self.poison), None)

    def _break(self, stream: Stream, end: StreamEnd) -> None:
        """The centre's end of a stream dies of what it was sent."""
        stream.centre.state = CentreState.CLOSED
        self.register.leave(stream.device_id, stream.centre.session_id)
        self.streams.pop(stream.centre.session_id, None)
        node = self.devices[stream.device_id]
        if node.stream is stream and node.session:
            self._device_did(node, node.session.ended(end, "the centre died of it", self.now_s))

    def _centre_did(self, stream: Stream, outputs: list[CentreOutput]) -> None:
        for output in outputs:
            match output:
                case Send():
                    stream.down.append(output.message)
                    if isinstance(output.message, Ack | Rewind | Conflict):
                        self.devices[stream.device_id].answers.append(output.message)
                case LoadLanes() | StoreBatch() | MarkCommandSent() | ReadGallery():
                    self.asked.append((stream, output))
                case Close():
                    self.register.leave(stream.device_id, stream.centre.session_id)
                    self.streams.pop(stream.centre.session_id, None)
                case Alarm():
                    self.oracle.alarms[output.kind] += 1
                case StoreHint() | StoreAnchor() | StoreConfigResult() | StoreCommandResult():
                    self._note(output)
                case _:
                    raise AssertionError(f"nobody asked for {output}")

    def _note(self, note: StoreHint | StoreAnchor | StoreConfigResult | StoreCommandResult) -> None:
        # What the centre knows of clocks orders nothing and is owed to nobody.
        if isinstance(note, StoreHint):
            self.oracle.hinted(note.device_id, note.event)
        elif isinstance(note, StoreCommandResult):
            self.centre.down.answered(note.result)

    def _device_did(self, node: DeviceNode, outputs: list[DeviceOutput]) -> None:
        todo = deque(outputs)
        while todo:
            output = todo.popleft()
            if isinstance(output, Send) and node.stream:
                node.stream.send(output.message)
            elif isinstance(output, Alarm):
                self.oracle.alarms[output.kind] += 1
            elif isinstance(output, Close):
                self._end_stream(node)
            elif node.session:
                todo.extend(self._device_storage(node, node.session, output))

    def _device_storage(self, node: DeviceNode, session: DeviceSession, command: DeviceOutput) -> list[DeviceOutput]:
        match command:
            case ReadEvents():
                aside = frozenset(node.disk.aside[command.lane])
                events = node.disk.read(command)
                read = EventsRead(lane=command.lane, after_seq=command.after_seq, events=events, quarantined=aside)
                return session.stored(read, self.now_s)
            case Acknowledge() | RewindTo():
                rows = node.disk.lanes[command.lane]
                rows.acked, rows.ever_acked = command.through_seq, max(rows.ever_acked, command.through_seq)
                if isinstance(command, RewindTo):
                    return session.stored(LaneRewound(status=node.disk.status(command.lane)), self.now_s)
            case Quarantine():
                node.disk.put_aside(command.lane, command.seq)
                return session.stored(Quarantined(lane=command.lane), self.now_s)
            case OpenEpoch():
                node.disk.open_epoch(self._new_epoch())
                self.centre_image = None
                return session.stored(EpochOpened(), self.now_s)
            case ApplyConfig() | CarryOut() | StageChunk():
                return self._take_down(node, session, command)
            case RecordHole() | NoteAnchor():
                pass
            case _:
                raise AssertionError(f"nobody asked for {command}")
        return []

    def _take_down(
        self, node: DeviceNode, session: DeviceSession, asked: ApplyConfig | CarryOut | StageChunk
    ) -> list[DeviceOutput]:
        if isinstance(asked, StageChunk):
            self.staged += asked.chunk.number > 1
            return session.stored(ChunkStaged(node.gallery.take_chunk(asked.chunk)), self.now_s)
        if isinstance(asked, ApplyConfig):
            return session.stored(ConfigApplied(node.down.apply(asked.document)), self.now_s)
        is_over = self.centre_us >= self.expires_us[asked.command.command_id]
        result = node.down.carry_out(asked, self.boottime_ns, is_over)
        if result is not None:
            return session.stored(CommandCarriedOut(result), self.now_s)
        self._end_stream(node)
        node.memory = StreamMemory()
        return []

    @property
    def boottime_ns(self) -> int:
        """Nanoseconds since boot, of every device."""
        return round(self.now_s * 1e9)

    @property
    def centre_us(self) -> int:
        """The centre's clock."""
        return CENTRE_BEGAN_US + round(self.now_s * 1e6)

    def _end_stream(self, node: DeviceNode) -> None:
        if node.stream:
            node.late_up += node.stream.up
        node.session = node.stream = None

    def _count(self) -> int:
        self._counter += 1
        return self._counter

    def _new_epoch(self) -> int:
        return 1000 + self._count() if self.parts.has_epochs else 1000
