"""Devices and a centre over links that lose, double, reorder and delay, with an oracle outside all of them."""

import copy
from typing import TypeVar

from doorward_sync.centre_greeting import CentreGreeting
from doorward_sync.centre_io import CentreState
from doorward_sync.centre_storage import CommandMarked, LanesLoaded, MarkCommandSent, ReadGallery, StoreBatch
from doorward_sync.device_io import DeviceState
from doorward_sync.event import Lane
from doorward_sync.poison import StreamEnd
from doorward_sync.push_order import PushOrder
from doorward_sync.session_register import SessionRegister
from doorward_sync.stream_memory import StreamMemory
from doorward_testing.sync_disks import DeviceDisk
from doorward_testing.sync_down import check_down, check_down_end
from doorward_testing.sync_gallery import check_gallery_end
from doorward_testing.sync_nodes import DeviceNode, Stream, hello_of
from doorward_testing.sync_wiring import LIMITS, SyncWiring

_CALLS_EVERY = 4
"""Every so many streams go as single calls."""
MessageT = TypeVar("MessageT")


class SyncWorld(SyncWiring):
    """All of it. Every method is one step; `heal` ends the faults."""

    def emit(self, device_id: str, lane: Lane, poison: StreamEnd | None = None) -> None:
        """The device commits an event, then tells its session; a full disk promises nothing.

        Args:
            device_id: which.
            lane: where.
            poison: how the centre ends every stream that carries the event; None where it can take it.
        """
        node = self.devices[device_id]
        if node.disk.is_full:
            return
        event = node.disk.append(lane, f"{device_id}-{self._count()}")
        if poison is not None:
            self.poison[event.event_id] = poison
        self._promised(device_id, lane, event)

    def alarm(self, device_id: str, lane: Lane) -> None:
        """The device commits an alarm, which runs ahead where something stands before it."""
        node = self.devices[device_id]
        if node.disk.is_full:
            return
        event = node.disk.append(lane, f"{device_id}-{self._count()}")
        self._promised(device_id, lane, event)
        if node.session:
            self._device_did(node, node.session.alarmed(event))
        else:
            node.memory.hints.note(event)

    def evict(self, device_id: str, count: int) -> None:
        """Room is short: unacknowledged events of lane BULK go, and the ledger says so."""
        gone, declaration = self.devices[device_id].disk.evict(count, f"{device_id}-{self._count()}")
        self.oracle.evicted(gone)
        if declaration is not None:
            self._promised(device_id, Lane.LEDGER, declaration)

    def connect(self, device_id: str) -> None:
        """A new stream, whatever became of the old one: its end at the centre stays, half open."""
        node = self.devices[device_id]
        self._end_stream(node)
        greeting = CentreGreeting(
            session_id=f"s{self._count()}", device_id=device_id, gallery_revision=self.centre.gallery.revision
        )
        node.stream = Stream(device_id, self.parts.centre_session(greeting, LIMITS, self.now_s))
        if self.parts.has_device_faults and self._count() % _CALLS_EVERY == 0:
            node.stream.order = PushOrder()
            self.oracle.calls += 1
        node.session = self.parts.device_session(
            hello_of(device_id, node.disk, self.boottime_ns, node.down.mark(), node.gallery),
            (0, 0),
            LIMITS,
            self.now_s,
            node.memory,
        )
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
            number, message = _taken(stream.up, place, keep=keep)
            self._carry(stream, number, message)

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
            _, message = _taken(node.late_up, place)
            # A call names its stream: one that is over takes none.
            if node.stream.order is None:
                self._reach_centre(node.stream, message)

    def drop(self, device_id: str, *, up: bool, place: int) -> None:
        """One message is lost."""
        stream = self.devices[device_id].stream
        if stream and up and stream.up:
            _taken(stream.up, place)
            if stream.order is not None:
                self._break(stream, StreamEnd.BROKEN)
        elif stream and not up and stream.down:
            _taken(stream.down, place)

    def commit(self) -> None:
        """The centre's disk finishes one transaction."""
        if self.asked:
            stream, command = self.asked.popleft()
            if isinstance(command, StoreBatch):
                self.answered.append((stream, self.centre.store(command)))
            elif isinstance(command, MarkCommandSent):
                self.centre.down.mark(command.command_id)
                self.answered.append((stream, CommandMarked(command_id=command.command_id)))
            elif isinstance(command, ReadGallery):
                self.answered.append((stream, self.centre.gallery.read(command)))
            else:
                have, down = self.centre.have(command.device_id, command.epoch), self.centre.down
                commands = down.open_commands(command.device_id)
                mark = (self.centre.gallery.revision, self.centre.gallery.digest.value)
                loaded = LanesLoaded(have, down.configs.get(command.device_id), commands, mark)
                self.answered.append((stream, loaded))

    def answer(self) -> None:
        """The centre's machine hears of one transaction."""
        if self.answered:
            stream, result = self.answered.popleft()
            self._centre_did(stream, stream.centre.stored(result, self.now_s, self.centre_us))

    def wait(self, seconds: float) -> None:
        """Time goes on for everybody."""
        self.now_s += seconds
        for node in self.devices.values():
            if node.session:
                self._device_did(node, node.session.tick(self.now_s, self.boottime_ns, self.wall_us))
        for stream in list(self.streams.values()):
            self._centre_did(stream, stream.centre.tick(self.now_s, self.wall_us))

    def set_config(self, device_id: str, *, valid: bool) -> None:
        """An operator changes what a device is to have."""
        text = f"{'right' if valid else 'wrong'} {self._count()}"
        document = self.centre.down.set_config(device_id, text, self.devices[device_id].down.mark()[0])
        for stream in list(self.streams.values()):
            if stream.device_id == device_id:
                self._centre_did(stream, stream.centre.config_changed(document))

    def command(self, device_id: str, valid_s: float) -> None:
        """An operator tells a device to do something."""
        command_id = f"c{self._count()}"
        self.expires_us[command_id] = self.centre_us + round(valid_s * 1e6)
        pending = self.centre.down.give(device_id, command_id, self.expires_us[command_id])
        for stream in list(self.streams.values()):
            if stream.device_id == device_id:
                self._centre_did(stream, stream.centre.commanded(pending, self.centre_us))

    def change_gallery(self, subjects: tuple[int, ...], *, erase: bool) -> None:
        """Somebody makes, renames or erases subjects at the centre."""
        for number in subjects:
            self.centre.gallery.put(f"subject-{number}", f"name {self._count()}", erased=erase)
            self.galleries.states.add(self.centre.gallery.state)
        for stream in list(self.streams.values()):
            self._centre_did(stream, stream.centre.gallery_changed(self.centre.gallery.revision))

    def check_down(self) -> None:
        """What holds of configuration, commands and galleries after every step."""
        for device_id, node in self.devices.items():
            check_down(node.down)
            self.galleries.check(device_id, node.gallery)

    def check_down_end(self) -> None:
        """And once the faults have stopped."""
        for device_id, node in self.devices.items():
            check_down_end(device_id, node.down, self.centre.down)
            check_gallery_end(device_id, node.gallery, self.centre.gallery)

    def crash_device(self, device_id: str) -> None:
        """The process dies; the disk stays."""
        node = self.devices[device_id]
        self._end_stream(node)
        node.memory = StreamMemory()

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
        node.gallery = self.parts.gallery()
        self.centre_image = None
        self.oracle.disk_changed()

    def save_device(self, device_id: str) -> None:
        """An image of the disk."""
        node = self.devices[device_id]
        node.image = (copy.deepcopy(node.disk), node.gallery.copy())

    def restore_device(self, device_id: str) -> None:
        """The image comes back."""
        node = self.devices[device_id]
        if node.image:
            self.crash_device(device_id)
            node.disk, node.gallery = copy.deepcopy(node.image[0]), node.image[1].copy()
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
        # Two hours and a half: the brake of quarantine lets go after one.
        for _ in range(300):
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
        if node.gallery.revision() != self.centre.gallery.revision:
            return False
        return all(lane.is_ready and lane.unacknowledged == 0 for lane in session.lanes.values())


def _taken(messages: list[MessageT], place: int, *, keep: bool = False) -> MessageT:
    place %= len(messages)
    return messages[place] if keep else messages.pop(place)
