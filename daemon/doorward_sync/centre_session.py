"""The centre's end of one stream: a machine without sockets, clocks or storage."""

from doorward_sync.batch_run import ProtocolError, run_of
from doorward_sync.centre_down import CentreDown
from doorward_sync.centre_gallery import CentreGallery, gallery_for
from doorward_sync.centre_greeting import RECONNECT_RANGES_MS, CentreGreeting
from doorward_sync.centre_io import CentreOutput, CentreState, CentreStorageResult
from doorward_sync.centre_lane import CentreLane
from doorward_sync.centre_storage import (
    BatchStored,
    CommandMarked,
    GalleryRead,
    LanesLoaded,
    LoadLanes,
    LocalSubjectsStored,
    PendingCommand,
    StoreAnchor,
    StoreBatch,
    StoreFailed,
    StoreHint,
    StoreLocalSubjects,
)
from doorward_sync.chunk_messages import GalleryChunkResult
from doorward_sync.device_io import CentreMessage, DeviceMessage, DeviceResult
from doorward_sync.down_messages import CommandResult, ConfigDocument, ConfigResult
from doorward_sync.gallery_messages import GalleryDeltaResult, LocalSubjects, LocalSubjectsAck
from doorward_sync.heartbeat import HeartbeatWatch
from doorward_sync.limits import LARGEST_CREDIT, PROTOCOL, UplinkLimits
from doorward_sync.messages import (
    Ack,
    Batch,
    Conflict,
    Credit,
    GoAway,
    GoAwayReason,
    Heartbeat,
    Hello,
    HelloAck,
    Hint,
    Rewind,
)
from doorward_sync.outputs import Alarm, AlarmKind, Close, CloseReason, Send


class CentreSession:
    """One stream of one device, from Hello to Close. Inputs and outputs as in DeviceSession."""

    def __init__(self, greeting: CentreGreeting, limits: UplinkLimits, now_s: float) -> None:
        self.state = CentreState.WAITING
        self.hello: Hello | None = None
        self.lanes: dict[int, CentreLane] = {}
        self._greeting = greeting
        self._limits = limits
        self._credit = limits.credit
        self._started_s = self._now_s = now_s
        self._watch = HeartbeatWatch(limits.heartbeat_interval_s, limits.missed_heartbeats, now_s)
        self._gallery = CentreGallery(0, 0)
        self._down = CentreDown(greeting.session_id, "", (0, b""))
        self._out: list[CentreOutput] = []

    @property
    def session_id(self) -> str:
        """Identity of the session."""
        return self._greeting.session_id

    def received(self, message: DeviceMessage, now_s: float, wall_time_us: int = 0) -> list[CentreOutput]:
        """A message of the device. Once it has set `hello`, ask the register who else is live (session_register.py).

        Args:
            message: the message.
            now_s: monotonic seconds.
            wall_time_us: the centre's clock, microseconds since 1970 UTC; 0 tells it to nobody.
        """
        if self.state is CentreState.CLOSED:
            return []
        self._now_s = now_s
        self._watch.heard(now_s, is_storing=isinstance(message, Heartbeat) and message.is_storing)
        try:
            if self.state is CentreState.OPEN:
                self._receive(message, wall_time_us)
            else:
                self._take_hello(message)
        except ProtocolError as error:
            self._out.append(Alarm(kind=AlarmKind.PROTOCOL_ERROR, detail=str(error)))
            self._away(GoAwayReason.PROTOCOL, CloseReason.PROTOCOL, str(error))
        return self._flush()

    def stored(self, result: CentreStorageResult, now_s: float, wall_time_us: int) -> list[CentreOutput]:
        """An answer of storage."""
        if self.state is CentreState.CLOSED:
            return []
        self._now_s = now_s
        match result:
            case LanesLoaded():
                self._open(result, now_s, wall_time_us)
            case BatchStored():
                self._on_stored(result)
            case StoreFailed():
                self._away(GoAwayReason.STORAGE_FAILED, CloseReason.STORAGE_FAILED, result.detail)
            case GalleryRead():
                self._out += self._gallery.was_read(result, now_s)
            case LocalSubjectsStored():
                self._send(LocalSubjectsAck(through_change=result.through_change))
            case CommandMarked():
                self._out += self._down.marked(result, wall_time_us)
        return self._flush()

    def gallery_changed(self, revision: int) -> list[CentreOutput]:
        """The centre's gallery has a new revision."""
        self._gallery.changed(revision)
        return self._flush()

    def config_changed(self, document: ConfigDocument) -> list[CentreOutput]:
        """The centre holds another configuration for this device."""
        self._down.wants(document)
        return self._flush()

    def commanded(self, pending: PendingCommand, wall_time_us: int) -> list[CentreOutput]:
        """The centre has a command for this device; before Hello nobody knows which one it is."""
        if self.state in (CentreState.LOADING, CentreState.OPEN):
            self._out += self._down.commanded(pending, wall_time_us)
        return self._flush()

    def grant(self, batches: int) -> list[CentreOutput]:
        """Changes the credit."""
        self._credit = min(max(batches, 1), LARGEST_CREDIT)
        if self.state is CentreState.OPEN:
            self._send(Credit(batches=self._credit))
        return self._flush()

    def tick(self, now_s: float, wall_time_us: int) -> list[CentreOutput]:
        """Time went on; call it once a second or so."""
        if self.state is CentreState.CLOSED:
            return []
        self._now_s = now_s
        if self.state is CentreState.WAITING and now_s - self._started_s >= self._limits.greeting_timeout_s:
            self._close(CloseReason.GREETING_LATE)
        elif self._watch.is_gone(now_s):
            self._close(CloseReason.SILENT)
        elif self._is_answer_late(now_s):
            self._close(CloseReason.ANSWER_LATE)
        elif self.state is CentreState.OPEN and self._watch.is_due(now_s):
            self._send(Heartbeat(boottime_ns=0, wall_time_us=wall_time_us))
        return self._flush()

    def end(self, reason: GoAwayReason) -> list[CentreOutput]:
        """Ends the stream from outside: taken over, shutting down, overloaded."""
        if self.state is CentreState.CLOSED:
            return []
        taken_over = reason is GoAwayReason.TAKEN_OVER
        self._away(reason, CloseReason.TAKEN_OVER if taken_over else CloseReason.STOPPED)
        return self._flush()

    def _take_hello(self, message: DeviceMessage) -> None:
        if self.state is not CentreState.WAITING or not isinstance(message, Hello):
            raise ProtocolError(f"{type(message).__name__} before HelloAck")
        if not message.min_protocol <= PROTOCOL <= message.max_protocol:
            raise ProtocolError(f"the device speaks {message.min_protocol}..{message.max_protocol}, not {PROTOCOL}")
        if self._greeting.device_id not in ("", message.device_id):
            raise ProtocolError(f"{self._greeting.device_id} says it is {message.device_id}")
        self.hello = message
        self.state = CentreState.LOADING
        has = (message.config_revision, message.config_digest)
        self._down = CentreDown(self.session_id, message.device_id, has)
        self._out.append(LoadLanes(device_id=message.device_id, epoch=message.epoch))

    def _open(self, loaded: LanesLoaded, now_s: float, wall_time_us: int) -> None:
        if self.hello is None or self.state is not CentreState.LOADING:
            return
        self.state = CentreState.OPEN
        self._watch.heard(now_s)
        have = {one.lane: one.through_seq for one in loaded.have}
        # The device sends again from what it knows to be acknowledged; nothing above is taken for compared.
        self.lanes = {
            status.lane: CentreLane(min(have.get(status.lane, 0), status.acked_seq)) for status in self.hello.lanes
        }
        revision = max(self._greeting.gallery_revision, self._gallery.revision)
        self._gallery = gallery_for(self.hello, self.session_id, self._limits, revision, loaded.gallery)
        self._send(
            HelloAck(
                protocol=PROTOCOL,
                session_id=self.session_id,
                have=loaded.have,
                credit=self._credit,
                centre_time_us=wall_time_us,
                heartbeat_interval_s=self._limits.heartbeat_interval_s,
            )
        )
        self._down.wants(loaded.config)
        for pending in loaded.commands:
            self._out += self._down.commanded(pending, wall_time_us)

    def _receive(self, message: DeviceMessage, wall_time_us: int) -> None:
        match message:
            case Hello():
                raise ProtocolError("a second Hello")
            case Batch():
                self._on_batch(message)
            case Hint():
                self._on_hint(message)
            case Heartbeat():
                self._on_heartbeat(message, wall_time_us)
            case GalleryDeltaResult() | GalleryChunkResult() | ConfigResult() | CommandResult():
                self._on_result(message)
            case LocalSubjects():
                self._on_local(message)

    def _is_answer_late(self, now_s: float) -> bool:
        sent_s = (self._gallery.sent_s, self._down.sent_s)
        return any(self._watch.is_late(at_s, self._limits.answer_timeout_s, now_s) for at_s in sent_s)

    def _on_batch(self, batch: Batch) -> None:
        hello = self._greeted()
        lane = self.lanes.get(batch.lane)
        if lane is None:
            raise ProtocolError(f"lane {batch.lane} was not in Hello")
        first, last = run_of(batch, hello.epoch, self._limits)
        if lane.is_disputed:
            return
        back_to = lane.take(first, last, LARGEST_CREDIT)
        if back_to is None:
            self._out.append(StoreBatch(device_id=hello.device_id, epoch=hello.epoch, batch=batch))
        elif back_to:
            self._rewind(batch, back_to, first)

    def _on_hint(self, hint: Hint) -> None:
        hello = self._greeted()
        if hint.event.key.epoch != hello.epoch:
            raise ProtocolError(f"a hint of epoch {hint.event.key.epoch}, not of {hello.epoch}")
        self._out.append(StoreHint(device_id=hello.device_id, event=hint.event))

    def _rewind(self, batch: Batch, back_to: int, first: int) -> None:
        detail = f"{self._greeted().device_id} {batch.lane.name}: expected {back_to}, found {first}"
        self._out.append(Alarm(kind=AlarmKind.GAP, detail=detail))
        self._send(Rewind(session_id=self.session_id, lane=batch.lane, from_seq=back_to))

    def _on_stored(self, stored: BatchStored) -> None:
        lane = self.lanes[stored.lane]
        lane.pending -= 1
        if lane.is_disputed:
            return
        if stored.missing_from is not None:
            # What was in storage at Hello is gone: nothing this session believes holds any more.
            self._away(GoAwayReason.STORAGE_FAILED, CloseReason.STORAGE_FAILED, "storage went back")
            return
        self._send(Ack(session_id=self.session_id, lane=stored.lane, through_seq=stored.confirmed_through))
        if stored.conflict_seq is not None:
            lane.is_disputed = True
            detail = f"{self._greeted().device_id} {stored.lane.name}: another event {stored.conflict_seq}"
            self._out.append(Alarm(kind=AlarmKind.CLONE_SUSPECTED, detail=detail))
            self._send(Conflict(session_id=self.session_id, lane=stored.lane, seq=stored.conflict_seq))

    def _on_result(self, message: DeviceResult) -> None:
        match message:
            case GalleryDeltaResult():
                self._out += self._gallery.taken(message)
            case GalleryChunkResult():
                self._out += self._gallery.chunk_taken(message, self._now_s)
            case ConfigResult():
                self._out += self._down.configured(message)
            case CommandResult():
                self._out += self._down.answered(message)

    def _on_heartbeat(self, message: Heartbeat, wall_time_us: int) -> None:
        if wall_time_us:
            # At once: what passes between question and answer is what the device cannot know of its clock.
            self._send(Heartbeat(boottime_ns=message.boottime_ns, wall_time_us=wall_time_us))
        if message.anchor is not None:
            self._out.append(StoreAnchor(device_id=self._greeted().device_id, anchor=message.anchor))

    def _on_local(self, message: LocalSubjects) -> None:
        if not message.subjects:
            raise ProtocolError("LocalSubjects is empty")
        self._out.append(StoreLocalSubjects(device_id=self._greeted().device_id, subjects=message.subjects))

    def _greeted(self) -> Hello:
        if self.hello is None:
            raise ProtocolError("no Hello yet")
        return self.hello

    def _away(self, reason: GoAwayReason, close: CloseReason, detail: str = "") -> None:
        low, high = RECONNECT_RANGES_MS[reason]
        self._send(GoAway(reason=reason, reconnect_after_min_ms=low, reconnect_after_max_ms=high))
        self._close(close, detail)

    def _send(self, message: CentreMessage) -> None:
        self._out.append(Send(message))

    def _close(self, reason: CloseReason, detail: str = "") -> None:
        self.state = CentreState.CLOSED
        self._out.append(Close(reason=reason, detail=detail))

    def _flush(self) -> list[CentreOutput]:
        if self.state is CentreState.OPEN:
            read = self._gallery.next_read(self._now_s)
            self._out += [read] if read is not None else []
            self._out += self._down.pump(self._now_s)
        done, self._out = self._out, []
        return done
