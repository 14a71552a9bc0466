"""The device's end of one stream: a machine without sockets, clocks or storage."""

from doorward_sync.batch_run import ProtocolError
from doorward_sync.clock_anchor import anchor_of, better_anchor
from doorward_sync.device_down import DeviceDown
from doorward_sync.device_gallery import DeviceGallery
from doorward_sync.device_io import (
    CentreMessage,
    DeviceMessage,
    DeviceOutput,
    DeviceState,
    DeviceStorageResult,
)
from doorward_sync.device_lane import DeviceLane, JournalGapError
from doorward_sync.device_sending import DeviceSending
from doorward_sync.device_storage import (
    ChunkStaged,
    CommandCarriedOut,
    ConfigApplied,
    DeltaApplied,
    EpochOpened,
    EventsRead,
    LaneRewound,
    LocalChangesRead,
    NoteAnchor,
    Quarantined,
)
from doorward_sync.event import Event, Lane
from doorward_sync.heartbeat import HeartbeatWatch
from doorward_sync.limits import LARGEST_CREDIT, UplinkLimits
from doorward_sync.messages import (
    Ack,
    Conflict,
    Credit,
    GoAway,
    GoAwayReason,
    HaveThrough,
    Heartbeat,
    Hello,
    HelloAck,
    Hint,
    Rewind,
)
from doorward_sync.outputs import Alarm, AlarmKind, Close, CloseReason, Send
from doorward_sync.poison import StreamEnd
from doorward_sync.stream_memory import StreamMemory


class DeviceSession:
    """One stream of a device, from Hello to Close.

    Give it inputs, carry out what it returns in order, in one thread. A new stream gets a new session. Storage may
    answer at any time, in order of asking.
    """

    def __init__(
        self,
        hello: Hello,
        local_changes: tuple[int, int],
        limits: UplinkLimits,
        now_s: float,
        memory: StreamMemory | None = None,
    ) -> None:
        """Takes the state the stream starts from.

        Args:
            hello: what will be said; its lanes are where sending starts.
            local_changes: last local change of the gallery, and the last one the centre confirmed.
            limits: sizes and time limits.
            now_s: monotonic seconds.
            memory: what is remembered of earlier streams; None remembers nothing.
        """
        self.state = DeviceState.GREETING
        self.opened_s: float | None = None
        self._ignored = 0
        self._hello = hello
        self._limits = limits
        self._started_s = now_s
        self._session_id = ""
        self._watch = HeartbeatWatch(limits.heartbeat_interval_s, limits.missed_heartbeats, now_s)
        self._out: list[DeviceOutput] = []
        self.gallery = DeviceGallery(*local_changes)
        self._down = DeviceDown(self.gallery)
        memory = memory or StreamMemory()
        self._poison = memory.poison
        self._hints = memory.hints
        self._sending = DeviceSending(hello.lanes, limits, memory, self._out)
        self._now_s = now_s
        self._asked = (hello.boottime_ns, now_s)
        self._anchor = next((one for one in hello.anchors if one.boot_id == hello.boot_id), None)

    @property
    def lanes(self) -> dict[Lane, DeviceLane]:
        """The lanes and how far they are."""
        return self._sending.lanes

    @property
    def ignored(self) -> int:
        """Messages that meant nothing here: of another session, or too late."""
        return self._ignored + self._sending.ignored + self._down.ignored

    def start(self) -> list[DeviceOutput]:
        """The first message."""
        return [Send(self._hello)]

    def received(self, message: CentreMessage, now_s: float) -> list[DeviceOutput]:
        """A message of the centre."""
        if self.state is DeviceState.CLOSED:
            return []
        self._now_s = now_s
        self._watch.heard(now_s)
        try:
            self._receive(message, now_s)
        except ProtocolError as error:
            self._out.append(Alarm(kind=AlarmKind.PROTOCOL_ERROR, detail=str(error)))
            self._close(CloseReason.PROTOCOL, str(error))
        return self._flush()

    def stored(self, result: DeviceStorageResult, now_s: float) -> list[DeviceOutput]:
        """An answer of storage."""
        if self.state is DeviceState.CLOSED:
            return []
        match result:
            case EventsRead():
                self._was_read(result, now_s)
            case LaneRewound():
                self._sending.rewound(result.status)
            case Quarantined():
                self._sending.set_aside(result.lane, now_s)
            case EpochOpened():
                self._poison.forget()
                self._hints.forget()
                self._close(CloseReason.NEW_EPOCH, reconnect_s=(0.0, 0.0))
            case DeltaApplied() | ChunkStaged() | ConfigApplied() | CommandCarriedOut():
                self._out += self._down.stored(result)
                self._send(result.result)
            case LocalChangesRead():
                self._out += self.gallery.changes_read(result, now_s)
        return self._flush()

    def ended(self, end: StreamEnd, detail: str, now_s: float) -> list[DeviceOutput]:
        """The other end ended the stream, or the connection broke."""
        if self.state is DeviceState.CLOSED:
            return []
        self._sending.blame(end, now_s)
        if end is StreamEnd.BROKEN:
            self._sending.line_broke(now_s)
        self._close(CloseReason.BROKEN, detail)
        return self._flush()

    def appended(self, lane: Lane, last_seq: int) -> list[DeviceOutput]:
        """The journal has committed events up to last_seq."""
        if self.state is DeviceState.CLOSED or lane not in self.lanes:
            return []
        self.lanes[lane].last = max(self.lanes[lane].last, last_seq)
        return self._flush()

    def alarmed(self, event: Event) -> list[DeviceOutput]:
        """The journal has committed an alarm, of which `appended` has told: where it has to wait, it runs ahead."""
        if self._hints.note(event) and self.state is DeviceState.OPEN:
            self._hint({event.event_id})
        return self._flush()

    def locally_changed(self, last_change: int) -> list[DeviceOutput]:
        """The gallery was changed at the device, up to this change."""
        self.gallery.last = max(self.gallery.last, last_change)
        return self._flush()

    def tick(self, now_s: float, boottime_ns: int, wall_time_us: int) -> list[DeviceOutput]:
        """Time went on; call it once a second or so."""
        if self.state is DeviceState.CLOSED:
            return []
        self._now_s = now_s
        if self.state is DeviceState.GREETING:
            if now_s - self._started_s >= self._limits.greeting_timeout_s:
                self._close(CloseReason.GREETING_LATE)
        elif self._watch.is_gone(now_s):
            self._sending.line_broke(now_s)
            self._close(CloseReason.SILENT)
        elif self._is_answer_late(now_s):
            self._sending.line_broke(now_s)
            self._close(CloseReason.ANSWER_LATE)
        elif self._watch.is_due(now_s):
            self._asked = (boottime_ns, now_s)
            self._send(self._down.heartbeat(boottime_ns, wall_time_us, self._anchor))
        return self._flush()

    def _receive(self, message: CentreMessage, now_s: float) -> None:
        if self.state is DeviceState.GREETING:
            self._greet(message, now_s)
            return
        match message:
            case Ack() | Rewind() | Conflict():
                self._answered(message)
            case Credit():
                self._sending.credit = min(max(message.batches, 1), LARGEST_CREDIT)
            case GoAway():
                self._go_away(message)
            case Heartbeat():
                self._on_heartbeat(message, now_s)
            case HelloAck():
                raise ProtocolError("a second HelloAck")
            case _:
                # The clock since boot, from when it was last read: what was slept since then the anchor knows.
                boottime_ns = self._asked[0] + round((now_s - self._asked[1]) * 1e9)
                self._out += self._down.received(message, self._session_id, boottime_ns, self._anchor)

    def _greet(self, message: CentreMessage, now_s: float) -> None:
        if isinstance(message, GoAway):
            self._go_away(message)
        elif not isinstance(message, HelloAck):
            # A late message of an earlier stream, or nonsense: the greeting's time limit ends it.
            self._ignored += 1
        else:
            self._open(message, now_s)

    def _open(self, ack: HelloAck, now_s: float) -> None:
        if not self._hello.min_protocol <= ack.protocol <= self._hello.max_protocol:
            raise ProtocolError(f"the centre chose protocol {ack.protocol}")
        self.state = DeviceState.OPEN
        self.opened_s = now_s
        self._session_id = ack.session_id
        self._compare_clocks(ack.centre_time_us, now_s)
        self._sending.credit = min(max(ack.credit, 1), LARGEST_CREDIT)
        self._watch = HeartbeatWatch(max(ack.heartbeat_interval_s, 1), self._limits.missed_heartbeats, now_s)
        have = {one.lane: one for one in ack.have}
        for status in self._hello.lanes:
            nothing = HaveThrough(lane=status.lane, through_seq=0, chain_head=b"")
            self._sending.settle(status, have.get(status.lane, nothing))
        self._hint(None)

    def _hint(self, only: set[str] | None) -> None:
        waiting = self._hints.ahead(self._hello.epoch, {name: lane.acked for name, lane in self.lanes.items()})
        self._out += [Send(Hint(event)) for event in waiting if only is None or event.event_id in only]

    def _on_heartbeat(self, message: Heartbeat, now_s: float) -> None:
        # Only the answer to the last one tells how long it was on its way.
        if message.boottime_ns == self._asked[0]:
            self._compare_clocks(message.wall_time_us, now_s)

    def _compare_clocks(self, centre_time_us: int, now_s: float) -> None:
        sent_boottime_ns, sent_s = self._asked
        if not self._hello.boot_id or centre_time_us <= 0:
            return
        found = anchor_of(self._hello.boot_id, sent_boottime_ns, now_s - sent_s, centre_time_us)
        if better_anchor(self._anchor, found):
            self._anchor = found
            self._out.append(NoteAnchor(found))

    def _answered(self, answer: Ack | Rewind | Conflict) -> None:
        if not self._is_of_this_session(answer.session_id) or self.state is not DeviceState.OPEN:
            self._ignored += 1
        else:
            silence_s = min(self._watch.silence_s, self._limits.answer_timeout_s)
            self._sending.answered(answer, self._now_s, silence_s)
            if isinstance(answer, Ack):
                self._hints.acknowledged(self._hello.epoch, answer.lane, answer.through_seq)

    def _was_read(self, read: EventsRead, now_s: float) -> None:
        if self.state is not DeviceState.OPEN:
            return
        try:
            self._sending.was_read(read, now_s)
        except JournalGapError as error:
            self._out.append(Alarm(kind=AlarmKind.HOLE, detail=str(error)))
            self._close(CloseReason.JOURNAL_GAP, str(error))

    def _is_answer_late(self, now_s: float) -> bool:
        sent_s = self._sending.oldest_sent_s() + ([] if self.gallery.sent_s is None else [self.gallery.sent_s])
        return any(now_s - at_s >= self._limits.answer_timeout_s for at_s in sent_s)

    def _is_of_this_session(self, session_id: str) -> bool:
        return session_id == self._session_id

    def _go_away(self, message: GoAway) -> None:
        if message.reason is GoAwayReason.PROTOCOL:
            self._sending.blame(StreamEnd.REFUSED, self._now_s)
        range_s = (message.reconnect_after_min_ms / 1000, message.reconnect_after_max_ms / 1000)
        self._close(CloseReason.SENT_AWAY, message.reason, range_s)

    def _send(self, message: DeviceMessage) -> None:
        self._out.append(Send(message))

    def _close(self, reason: CloseReason, detail: str = "", reconnect_s: tuple[float, float] | None = None) -> None:
        self.state = DeviceState.CLOSED
        self._out.append(Close(reason=reason, detail=detail, reconnect_s=reconnect_s))

    def _flush(self) -> list[DeviceOutput]:
        if self.state is DeviceState.OPEN:
            self._sending.pump(self._now_s)
            if self._sending.is_moving:
                self.state = DeviceState.MOVING
            elif (read := self.gallery.next_read()) is not None:
                self._out.append(read)
        done = list(self._out)
        self._out.clear()
        return done
