"""The lanes of one stream at the device: what is sent, what was answered, and what is not believed."""

from doorward_sync.batch_run import ProtocolError
from doorward_sync.device_io import DeviceOutput
from doorward_sync.device_lane import DeviceLane
from doorward_sync.device_storage import Acknowledge, EventsRead, OpenEpoch, Quarantine, RecordHole, RewindTo
from doorward_sync.event import Lane
from doorward_sync.limits import UplinkLimits
from doorward_sync.messages import Ack, Conflict, HaveThrough, LaneStatus, Rewind
from doorward_sync.outputs import Alarm, AlarmKind, Send
from doorward_sync.poison import STRIKE_WINDOW_S, StreamEnd, Verdict
from doorward_sync.stream_memory import StreamMemory


class DeviceSending:
    """Sends the lanes, compares what both ends have, and says when the journal has to leave its epoch.

    Args:
        statuses: the lanes, as Hello tells them.
        limits: sizes.
        memory: what is remembered of earlier streams.
        out: where outputs go, in order.
    """

    def __init__(
        self, statuses: tuple[LaneStatus, ...], limits: UplinkLimits, memory: StreamMemory, out: list[DeviceOutput]
    ) -> None:
        self.lanes = {status.lane: DeviceLane(status) for status in statuses}
        self.credit = limits.credit
        self.is_moving = False
        self.ignored = 0
        self._limits = limits
        self._poison = memory.poison
        self._pace = memory.pace
        self._out = out
        self._have: dict[Lane, HaveThrough] = {}

    def settle(self, status: LaneStatus, have: HaveThrough) -> None:
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

    def rewound(self, status: LaneStatus) -> None:
        """The watermark of a lane was lowered."""
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

    def answered(self, answer: Ack | Rewind | Conflict, now_s: float, silence_s: float) -> None:
        """The centre answered in this session.

        Args:
            answer: what it said.
            now_s: monotonic seconds.
            silence_s: silence after which the line counts as dead.

        Raises:
            ProtocolError: it cannot be an answer to what was sent.
        """
        if answer.lane not in self.lanes:
            self.ignored += 1
            return
        lane = self.lanes[answer.lane]
        if not lane.is_ready or self.is_moving:
            self.ignored += 1
        elif isinstance(answer, Ack):
            sent_s = lane.sent_s_of(answer.through_seq)
            if lane.take_ack(answer.through_seq):
                if sent_s is not None:
                    self._pace.answered(sent_s, now_s, silence_s)
                self._poison.acknowledged(answer.lane, answer.through_seq)
                self._out.append(Acknowledge(lane=answer.lane, through_seq=answer.through_seq))
        elif isinstance(answer, Rewind):
            lane.send_again(answer.from_seq)
            self._out.append(Alarm(kind=AlarmKind.GAP, detail=f"{answer.lane.name}: back to {answer.from_seq}"))
        elif lane.acked < answer.seq <= lane.sent:
            self._suspect(f"{answer.lane.name}: the centre has another event {answer.seq}")
            self._move()
        else:
            raise ProtocolError(f"Conflict at {answer.seq}, but {lane.acked + 1}..{lane.sent} are under way")

    def was_read(self, read: EventsRead, now_s: float) -> None:
        """Sends what was read.

        Raises:
            JournalGapError: the journal lacks events that were never acknowledged.
        """
        if self.is_moving:
            return
        is_alone = not any(lane.under_way for lane in self.lanes.values())
        batch = self.lanes[read.lane].batch_of(read, self._limits, self._pace.batch_bytes, now_s)
        if batch is None:
            return
        for hole in batch.holes:
            detail = f"{batch.lane.name}: {hole.from_seq}..{hole.to_seq}, {hole.reason}"
            self._out += [RecordHole(lane=batch.lane, hole=hole), Alarm(kind=AlarmKind.HOLE, detail=detail)]
        if is_alone:
            self._pace.sent_alone(now_s)
        self._out.append(Send(batch))

    def line_broke(self, now_s: float) -> None:
        """The connection is lost, or dead: what was under way may have been too much for the line."""
        if any(lane.under_way for lane in self.lanes.values()):
            self._pace.broke(now_s)

    def blame(self, end: StreamEnd, now_s: float) -> None:
        """Notes which batches were under way when the stream was ended (7.4)."""
        alone = sum(lane.under_way for lane in self.lanes.values()) == 1
        for name, lane in self.lanes.items():
            if (batch := lane.first_under_way(now_s - STRIKE_WINDOW_S)) is not None:
                self._poison.ended(name, batch, end, alone=alone)

    def set_aside(self, lane: Lane, now_s: float) -> None:
        """The first unacknowledged event of a lane is in quarantine."""
        self._poison.was_set_aside(lane, now_s)
        self.lanes[lane].is_held = False

    def oldest_sent_s(self) -> list[float]:
        """When the oldest batch under way of each lane was sent."""
        return [at_s for lane in self.lanes.values() if (at_s := lane.oldest_sent_s()) is not None]

    def pump(self, now_s: float) -> None:
        """Asks for what is to be sent next."""
        if self.is_moving:
            return
        for lane_name, lane in self.lanes.items():
            # The centre knows events this journal never wrote: all of ours are compared, the next would collide.
            if lane.is_ready and lane.unacknowledged == 0 and self._have[lane_name].through_seq > lane.last:
                self._move()
                return
            self._judge(lane_name, lane, now_s)
            if self._poison.is_suspicious and any(other.is_busy for other in self.lanes.values()):
                return
            most = self._poison.limit(lane_name, self._limits.batch_events)
            read = lane.next_read(lane_name, 1 if self._pace.is_single else self.credit, most)
            self._out += () if read is None else (read,)

    def _judge(self, name: Lane, lane: DeviceLane, now_s: float) -> None:
        """Sets the next event aside where it was found to be the one that ends streams."""
        if not lane.is_ready or lane.is_held or lane.under_way or lane.is_braked:
            return
        verdict, seq = self._poison.verdict(name, lane.sent, now_s)
        detail = f"{name.name}: event {seq} ends every stream it is sent on"
        if verdict is Verdict.SET_ASIDE:
            lane.is_held = True
            self._out.append(Quarantine(lane=name, seq=seq, reason="the centre cannot take it"))
            self._out.append(Alarm(kind=AlarmKind.POISON, detail=detail))
        elif verdict is Verdict.BRAKE:
            lane.is_braked = True
            self._out.append(Alarm(kind=AlarmKind.POISON_BRAKE, detail=detail))

    def _suspect(self, detail: str) -> None:
        self._out.append(Alarm(kind=AlarmKind.CLONE_SUSPECTED, detail=detail))

    def _move(self) -> None:
        if not self.is_moving:
            self.is_moving = True
            self._out.append(OpenEpoch())
