"""Devices and a centre over links that lose, double, reorder and delay, with an oracle outside all of them."""

import copy
from collections import deque
from typing import TypeVar

from doorward_sync.centre_io import CentreOutput, CentreState, CentreStorageResult
from doorward_sync.centre_session import CentreGreeting
from doorward_sync.centre_storage import LanesLoaded, LoadLanes, StoreBatch
from doorward_sync.device_io import CentreMessage, DeviceMessage, DeviceOutput, DeviceState
from doorward_sync.device_session import DeviceSession
from doorward_sync.device_storage import (
    Acknowledge,
    EpochOpened,
    EventsRead,
    LaneRewound,
    OpenEpoch,
    ReadEvents,
    RecordHole,
    RewindTo,
)
from doorward_sync.event import Lane
from doorward_sync.limits import UplinkLimits
from doorward_sync.messages import Ack, Conflict, GoAwayReason, Rewind
from doorward_sync.outputs import Alarm, Close, Send
from doorward_sync.session_register import SessionRegister
from doorward_testing.sync_disks import CentreDisk, DeviceDisk
from doorward_testing.sync_nodes import DeviceNode, Stream, SyncParts, hello_of
from doorward_testing.sync_oracle import SyncOracle

MessageT = TypeVar("MessageT")
LIMITS = UplinkLimits(batch_events=3, credit=2)


class SyncWorld:
    """All of it. Every method is one step; `heal` ends the faults."""

    def __init__(self, devices: int, parts: SyncParts) -> None:
        self.parts = parts
        self.now_s = 0.0
        self._counter = 0
        self.devices = {f"gate-{number}": DeviceNode(DeviceDisk(self._new_epoch())) for number in range(devices)}
        self.centre = CentreDisk(parts.rule)
        self.centre_image: CentreDisk | None = None
        self.streams: dict[str, Stream] = {}
        self.register = SessionRegister()
        self.asked: deque[tuple[Stream, LoadLanes | StoreBatch]] = deque()
        self.answered: deque[tuple[Stream, CentreStorageResult]] = deque()
        self.oracle = SyncOracle(self.devices, lambda: self.centre)

    def emit(self, device_id: str, lane: Lane) -> None:
        """The device commits an event, then tells its session."""
        node = self.devices[device_id]
        event = node.disk.append(lane, f"{device_id}-{self._count()}")
        self.oracle.promised(device_id, lane, event)
        if node.session:
            self._device_did(node, node.session.appended(lane, event.key.seq))

    def connect(self, device_id: str) -> None:
        """A new stream, whatever became of the old one: its end at the centre stays, half open."""
        node = self.devices[device_id]
        self._end_stream(node)
        greeting = CentreGreeting(session_id=f"s{self._count()}", device_id=device_id, gallery_revision=0)
        node.stream = Stream(device_id, self.parts.centre_session(greeting, LIMITS, self.now_s))
        node.session = self.parts.device_session(hello_of(device_id, node.disk), (0, 0), LIMITS, self.now_s)
        self.streams[greeting.session_id] = node.stream
        self._device_did(node, node.session.start())

    def connect_if_cut(self, device_id: str) -> None:
        """A new stream where there is none, or where the centre has ended it."""
        stream = self.devices[device_id].stream
        if stream is None or (stream.centre.state is CentreState.CLOSED and not stream.down):
            self.connect(device_id)

    def go_round(self, device_id: str) -> None:
        """One message up, one transaction, one message down."""
        self.deliver_up(device_id, 0)
        self.commit()
        self.answer()
        self.deliver_down(device_id, 0)

    def deliver_up(self, device_id: str, place: int, *, keep: bool = False) -> None:
        """One message reaches the centre; `keep` doubles it, a place above 0 reorders."""
        stream = self.devices[device_id].stream
        if stream and stream.up:
            self._reach_centre(stream, _taken(stream.up, place, keep=keep))

    def deliver_down(self, device_id: str, place: int, *, keep: bool = False) -> None:
        """One message reaches the device."""
        node = self.devices[device_id]
        if node.stream and node.stream.down and node.session:
            self._reach_device(node, _taken(node.stream.down, place, keep=keep))

    def deliver_late(self, device_id: str, place: int) -> None:
        """An answer of any session, or a message of a stream that is over, reaches the newest one."""
        node = self.devices[device_id]
        if node.answers and node.session:
            self._reach_device(node, node.answers[place % len(node.answers)])
        if node.late_up and node.stream:
            self._reach_centre(node.stream, _taken(node.late_up, place))

    def drop(self, device_id: str, *, up: bool, place: int) -> None:
        """One message is lost."""
        stream = self.devices[device_id].stream
        if stream and up and stream.up:
            _taken(stream.up, place)
        elif stream and not up and stream.down:
            _taken(stream.down, place)

    def commit(self) -> None:
        """The centre's disk finishes one transaction."""
        if self.asked:
            stream, command = self.asked.popleft()
            if isinstance(command, StoreBatch):
                self.answered.append((stream, self.centre.store(command)))
            else:
                self.answered.append((stream, LanesLoaded(self.centre.have(command.device_id, command.epoch))))

    def answer(self) -> None:
        """The centre's machine hears of one transaction."""
        if self.answered:
            stream, result = self.answered.popleft()
            self._centre_did(stream, stream.centre.stored(result, self.now_s, 0))

    def wait(self, seconds: float) -> None:
        """Time goes on for everybody."""
        self.now_s += seconds
        for node in self.devices.values():
            if node.session:
                self._device_did(node, node.session.tick(self.now_s, 0, 0))
        for stream in list(self.streams.values()):
            self._centre_did(stream, stream.centre.tick(self.now_s, 0))

    def crash_device(self, device_id: str) -> None:
        """The process dies; the disk stays."""
        self._end_stream(self.devices[device_id])

    def crash_centre(self) -> None:
        """The process dies with everything that was not committed."""
        self.asked.clear()
        self.answered.clear()
        for stream in self.streams.values():
            stream.centre.state = CentreState.CLOSED
        self.streams.clear()
        self.register = SessionRegister()
        for node in self.devices.values():
            self._end_stream(node)

    def purge(self, device_id: str, lane: Lane, keep: int) -> None:
        """The device forgets acknowledged events."""
        self.devices[device_id].disk.purge(lane, keep)
        self.oracle.forgotten()

    def wipe_device(self, device_id: str) -> None:
        """A new disk."""
        self.crash_device(device_id)
        node = self.devices[device_id]
        node.disk, node.image = DeviceDisk(self._new_epoch()), None
        self.centre_image = None
        self.oracle.disk_changed()

    def save_device(self, device_id: str) -> None:
        """An image of the disk."""
        self.devices[device_id].image = copy.deepcopy(self.devices[device_id].disk)

    def restore_device(self, device_id: str) -> None:
        """The image comes back."""
        node = self.devices[device_id]
        if node.image:
            self.crash_device(device_id)
            node.disk = copy.deepcopy(node.image)
            self.oracle.disk_changed()

    def save_centre(self) -> None:
        """A backup of the centre."""
        self.centre_image = copy.deepcopy(self.centre)

    def restore_centre(self) -> None:
        """The backup comes back."""
        if self.centre_image:
            self.crash_centre()
            before, self.centre = self.centre.ids(), copy.deepcopy(self.centre_image)
            self.oracle.centre_went_back(before)

    def heal(self) -> None:
        """The faults stop: connects, delivers in order, and waits where nothing moves."""
        for node in self.devices.values():
            node.late_up.clear()
        for device_id in self.devices:
            self.connect(device_id)
        for _ in range(60):
            self._settle()
            if all(self._is_done(node) for node in self.devices.values()):
                return
            self.wait(30.0)
            for device_id, node in self.devices.items():
                if node.session is None:
                    self.connect(device_id)
        raise AssertionError("the obligations do not arrive although the faults have stopped")

    def _settle(self) -> None:
        for _ in range(2000):
            moved = bool(self.asked or self.answered)
            for device_id, node in self.devices.items():
                moved = moved or bool(node.stream and (node.stream.up or node.stream.down))
                self.go_round(device_id)
            if not moved:
                return
        raise AssertionError("messages go round for ever")

    def _is_done(self, node: DeviceNode) -> bool:
        session = node.session
        if session is None or session.state is not DeviceState.OPEN:
            return False
        return all(lane.is_ready and lane.unacknowledged == 0 for lane in session.lanes.values())

    def _reach_centre(self, stream: Stream, message: DeviceMessage) -> None:
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

    def _centre_did(self, stream: Stream, outputs: list[CentreOutput]) -> None:
        for output in outputs:
            match output:
                case Send():
                    stream.down.append(output.message)
                    if isinstance(output.message, Ack | Rewind | Conflict):
                        self.devices[stream.device_id].answers.append(output.message)
                case LoadLanes() | StoreBatch():
                    self.asked.append((stream, output))
                case Close():
                    self.register.leave(stream.device_id, stream.centre.session_id)
                    self.streams.pop(stream.centre.session_id, None)
                case Alarm():
                    self.oracle.alarms[output.kind] += 1
                case _:
                    raise AssertionError(f"nobody asked for {output}")

    def _device_did(self, node: DeviceNode, outputs: list[DeviceOutput]) -> None:
        todo = deque(outputs)
        while todo:
            output = todo.popleft()
            if isinstance(output, Send) and node.stream:
                node.stream.up.append(output.message)
            elif isinstance(output, Close):
                self._end_stream(node)
            elif node.session:
                todo.extend(self._device_storage(node, node.session, output))

    def _device_storage(self, node: DeviceNode, session: DeviceSession, command: DeviceOutput) -> list[DeviceOutput]:
        match command:
            case ReadEvents():
                read = EventsRead(lane=command.lane, after_seq=command.after_seq, events=node.disk.read(command))
                return session.stored(read, self.now_s)
            case Acknowledge() | RewindTo():
                node.disk.lanes[command.lane].acked = command.through_seq
                if isinstance(command, RewindTo):
                    return session.stored(LaneRewound(status=node.disk.status(command.lane)), self.now_s)
            case OpenEpoch():
                node.disk.open_epoch(self._new_epoch())
                self.centre_image = None
                return session.stored(EpochOpened(), self.now_s)
            case Alarm():
                self.oracle.alarms[command.kind] += 1
            case RecordHole():
                pass
            case _:
                raise AssertionError(f"nobody asked for {command}")
        return []

    def _end_stream(self, node: DeviceNode) -> None:
        if node.stream:
            node.late_up += node.stream.up
        node.session = node.stream = None

    def _count(self) -> int:
        self._counter += 1
        return self._counter

    def _new_epoch(self) -> int:
        return 1000 + self._count() if self.parts.has_epochs else 1000


def _taken(messages: list[MessageT], place: int, *, keep: bool = False) -> MessageT:
    place %= len(messages)
    return messages[place] if keep else messages.pop(place)
