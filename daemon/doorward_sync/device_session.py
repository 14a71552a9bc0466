"""The device's end of one stream: a machine without sockets, clocks or storage."""

from collections.abc import Iterable

from doorward_sync.batch_run import ProtocolError
from doorward_sync.device_gallery import DeviceGallery
from doorward_sync.device_io import (
    CentreMessage,
    DeviceMessage,
    DeviceOutput,
    DeviceState,
    DeviceStorageResult,
)
from doorward_sync.device_lane import DeviceLane, JournalGapError
from doorward_sync.device_storage import (
    Acknowledge,
    ApplyDelta,
    DeltaApplied,
    EpochOpened,
    EventsRead,
    LaneRewound,
    LocalChangesRead,
    OpenEpoch,
    ReadEvents,
    ReadLocalChanges,
    RecordHole,
    RewindTo,
)
from doorward_sync.event import Lane
from doorward_sync.gallery_messages import GalleryDelta, LocalSubjectsAck
from doorward_sync.heartbeat import HeartbeatWatch
from doorward_sync.limits import LARGEST_CREDIT, UplinkLimits
from doorward_sync.messages import (
    Ack,
    Conflict,
    Credit,
    GoAway,
    HaveThrough,
    Heartbeat,
    Hello,
    HelloAck,
    LaneStatus,
    Rewind,
)
from doorward_sync.outputs import Alarm, AlarmKind, Close, CloseReason, Send


class DeviceSession:
    """One stream of a device, from Hello to Close.

    Give it inputs, carry out what it returns in order, in one thread. A new stream gets a new session. Storage may
    answer at any time, in order of asking.
    """

    def __init__(self, hello: Hello, local_changes: tuple[int, int], limits: UplinkLimits, now_s: float) -> None:
        """Takes the state the stream starts from.

        Args:
            hello: what will be said; its lanes are where sending starts.
            local_changes: last local change of the gallery, and the last one the centre confirmed.
            limits: sizes and time limits.
            now_s: monotonic seconds.
        """
        self.state = DeviceState.GREETING
        self.opened_s: float | None = None
        self.ignored = 0
        self._hello = hello
        self._limits = limits
        self._credit = limits.credit
        self._started_s = now_s
        self._session_id = ""
        self._have: dict[Lane, HaveThrough] = {}
        self._watch = HeartbeatWatch(limits.heartbeat_interval_s, limits.missed_heartbeats, now_s)
        self._out: list[DeviceOutput] = []
        self.lanes = {status.lane: DeviceLane(status) for status in hello.lanes}
        self.gallery = DeviceGallery(*local_changes)

    def start(self) -> list[DeviceOutput]:
        """The first message."""
        return [Send(self._hello)]

    def received(self, message: CentreMessage, now_s: float) -> list[DeviceOutput]:
        """A message of the centre."""
        if self.state is DeviceState.CLOSED:
            return []
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
                self._on_read(result, now_s)
            case LaneRewound():
                self._on_rewound(result.status)
            case EpochOpened():
                self._close(CloseReason.NEW_EPOCH, reconnect_s=(0.0, 0.0))
            case DeltaApplied():
                self._send(result.result)
            case LocalChangesRead():
                self._out += self.gallery.changes_read(result, now_s)
        return self._flush()

    def appended(self, lane: Lane, last_seq: int) -> list[DeviceOutput]:
        """The journal has committed events up to last_seq."""
        if self.state is DeviceState.CLOSED or lane not in self.lanes:
            return []
        self.lanes[lane].last = max(self.lanes[lane].last, last_seq)
        return self._flush()

    def locally_changed(self, last_change: int) -> list[DeviceOutput]:
        """The gallery was changed at the device, up to this change."""
        self.gallery.last = max(self.gallery.last, last_change)
        return self._flush()

    def tick(self, now_s: float, boottime_ns: int, wall_time_us: int) -> list[DeviceOutput]:
        """Time went on; call it once a second or so."""
        if self.state is DeviceState.CLOSED:
            return []
        if self.state is DeviceState.GREETING:
            if now_s - self._started_s >= self._limits.greeting_timeout_s:
                self._close(CloseReason.GREETING_LATE)
        elif self._watch.is_gone(now_s):
            self._close(CloseReason.SILENT)
        elif self._is_answer_late(now_s):
            self._close(CloseReason.ANSWER_LATE)
        elif self._watch.is_due(now_s):
            self._send(Heartbeat(boottime_ns=boottime_ns, wall_time_us=wall_time_us))
        return self._flush()

    def _receive(self, message: CentreMessage, now_s: float) -> None:
        if self.state is DeviceState.GREETING:
            self._greet(message, now_s)
            return
        match message:
            case Ack() | Rewind() | Conflict():
                self._on_answer(message)
            case Credit():
                self._credit = min(max(message.batches, 1), LARGEST_CREDIT)
            case GoAway():
                self._go_away(message)
            case GalleryDelta():
                self._out.append(ApplyDelta(message))
            case LocalSubjectsAck():
                self._out += self.gallery.acknowledged(message.through_change)
            case HelloAck():
                raise ProtocolError("a second HelloAck")

    def _greet(self, message: CentreMessage, now_s: float) -> None:
        if isinstance(message, GoAway):
            self._go_away(message)
        elif not isinstance(message, HelloAck):
            # A late message of an earlier stream, or nonsense: the greeting's time limit ends it.
            self.ignored += 1
        else:
            self._open(message, now_s)

    def _open(self, ack: HelloAck, now_s: float) -> None:
        if not self._hello.min_protocol <= ack.protocol <= self._hello.max_protocol:
            raise ProtocolError(f"the centre chose protocol {ack.protocol}")
        self.state = DeviceState.OPEN
        self.opened_s = now_s
        self._session_id = ack.session_id
        self._credit = min(max(ack.credit, 1), LARGEST_CREDIT)
        self._watch = HeartbeatWatch(max(ack.heartbeat_interval_s, 1), self._limits.missed_heartbeats, now_s)
        have = {one.lane: one for one in ack.have}
        for status in self._hello.lanes:
            nothing = HaveThrough(lane=status.lane, through_seq=0, chain_head=b"")
            self._settle(status, have.get(status.lane, nothing))

    def _settle(self, status: LaneStatus, have: HaveThrough) -> None:
        """Compares what the centre has of a lane with what it is believed to have."""
        self._have[status.lane] = have
        if have.through_seq < status.acked_seq:
            detail = f"{status.lane.name}: has {have.through_seq}, acknowledged {status.acked_seq}"
            self._out.append(Alarm(kind=AlarmKind.CENTRE_WENT_BACK, detail=detail))
            self._out.append(RewindTo(lane=status.lane, through_seq=have.through_seq))
            return
        if have.through_seq > status.last_seq:
            # What is unacknowledged may be among it: it is sent again and compared before the epoch is left.
            self._suspect(f"{status.lane.name}: the centre has {have.through_seq}, the journal {status.last_seq}")
        self._compare_heads(status)

    def _on_rewound(self, status: LaneStatus) -> None:
        self.lanes[status.lane].restart(status)
        self._compare_heads(status)

    def _compare_heads(self, status: LaneStatus) -> None:
        """Where the chains differ at the watermark, goes back as far as it can and lets the centre find where."""
        have, lane = self._have[status.lane], self.lanes[status.lane]
        same_place = have.through_seq == status.acked_seq and have.chain_head and status.chain_head_at_acked
        if not same_place or have.chain_head == status.chain_head_at_acked:
            lane.is_ready = True
            return
        self._suspect(f"{status.lane.name}: the chains differ at {have.through_seq}")
        if status.first_retained_seq > status.acked_seq:
            self._move()
            return
        self._out.append(RewindTo(lane=status.lane, through_seq=status.first_retained_seq - 1))

    def _on_answer(self, answer: Ack | Rewind | Conflict) -> None:
        if not self._is_of_this_session(answer.session_id) or answer.lane not in self.lanes:
            self.ignored += 1
            return
        lane = self.lanes[answer.lane]
        if not lane.is_ready or self.state is not DeviceState.OPEN:
            self.ignored += 1
        elif isinstance(answer, Ack):
            if lane.take_ack(answer.through_seq):
                self._out.append(Acknowledge(lane=answer.lane, through_seq=answer.through_seq))
        elif isinstance(answer, Rewind):
            lane.send_again(answer.from_seq)
            self._out.append(Alarm(kind=AlarmKind.GAP, detail=f"{answer.lane.name}: back to {answer.from_seq}"))
        elif lane.acked < answer.seq <= lane.sent:
            self._suspect(f"{answer.lane.name}: the centre has another event {answer.seq}")
            self._move()
        else:
            raise ProtocolError(f"Conflict at {answer.seq}, but {lane.acked + 1}..{lane.sent} are under way")

    def _is_of_this_session(self, session_id: str) -> bool:
        return session_id == self._session_id

    def _on_read(self, read: EventsRead, now_s: float) -> None:
        if self.state is not DeviceState.OPEN:
            return
        try:
            batch = self.lanes[read.lane].batch_of(read, self._limits, now_s)
        except JournalGapError as error:
            self._out.append(Alarm(kind=AlarmKind.HOLE, detail=str(error)))
            self._close(CloseReason.JOURNAL_GAP, str(error))
            return
        if batch is None:
            return
        for hole in batch.holes:
            detail = f"{batch.lane.name}: {hole.from_seq}..{hole.to_seq}, {hole.reason}"
            self._out += [RecordHole(lane=batch.lane, hole=hole), Alarm(kind=AlarmKind.HOLE, detail=detail)]
        self._send(batch)

    def _go_away(self, message: GoAway) -> None:
        range_s = (message.reconnect_after_min_ms / 1000, message.reconnect_after_max_ms / 1000)
        self._close(CloseReason.SENT_AWAY, message.reason, range_s)

    def _is_answer_late(self, now_s: float) -> bool:
        sent = [lane.oldest_sent_s() for lane in self.lanes.values()] + [self.gallery.sent_s]
        return any(at_s is not None and now_s - at_s >= self._limits.answer_timeout_s for at_s in sent)

    def _suspect(self, detail: str) -> None:
        self._out.append(Alarm(kind=AlarmKind.CLONE_SUSPECTED, detail=detail))

    def _move(self) -> None:
        if self.state is DeviceState.OPEN:
            self.state = DeviceState.MOVING
            self._out.append(OpenEpoch())

    def _send(self, message: DeviceMessage) -> None:
        self._out.append(Send(message))

    def _close(self, reason: CloseReason, detail: str = "", reconnect_s: tuple[float, float] | None = None) -> None:
        self.state = DeviceState.CLOSED
        self._out.append(Close(reason=reason, detail=detail, reconnect_s=reconnect_s))

    def _flush(self) -> list[DeviceOutput]:
        if self.state is DeviceState.OPEN:
            self._pump()
        done, self._out = self._out, []
        return done

    def _pump(self) -> None:
        for lane_name, lane in self.lanes.items():
            # The centre knows events this journal never wrote: all of ours are compared, the next would collide.
            if lane.is_ready and lane.unacknowledged == 0 and self._have[lane_name].through_seq > lane.last:
                self._move()
                return
            read = lane.next_read(lane_name, self._credit, self._limits)
            self._out += _some(read)
        self._out += _some(self.gallery.next_read())


def _some(command: ReadEvents | ReadLocalChanges | None) -> Iterable[ReadEvents | ReadLocalChanges]:
    return () if command is None else (command,)
