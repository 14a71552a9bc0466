"""Both machines of the uplink against loss, doubling, reordering, crashes and old images, and red twins of them."""

from collections import Counter
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from doorward_sync.admission import Admission, admit
from doorward_sync.centre_session import CentreSession
from doorward_sync.device_session import DeviceSession
from doorward_sync.fingerprint import event_digest
from doorward_sync.messages import Ack
from doorward_sync.outputs import AlarmKind, Send
from doorward_testing.sync_disks import LANES
from doorward_testing.sync_nodes import SyncParts
from doorward_testing.sync_world import LIMITS, SyncWorld

EXAMPLES = 150
DEVICES = st.sampled_from(["gate-0", "gate-0", "gate-1"])
PLACES = st.integers(0, 3)
FATES = st.sampled_from(["delivered", "delivered", "doubled", "lost"])
LANE_OF = st.sampled_from(LANES)


class SyncMachine(RuleBasedStateMachine):
    """Every rule is one fault or one step of normal life."""

    parts = SyncParts()
    seen: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.world = SyncWorld(2, self.parts)

    @rule(device=DEVICES, lane=LANE_OF, count=st.integers(1, 8))
    def emit(self, device, lane, count):
        for _ in range(count):
            self.world.emit(device, lane)

    @rule(device=DEVICES, lane=LANE_OF, count=st.integers(0, 4), rounds=st.integers(1, 8))
    def work(self, device, lane, count, rounds):
        """A while without faults, which may end in the middle of anything."""
        for _ in range(count):
            self.world.emit(device, lane)
        self.world.connect_if_cut(device)
        for _ in range(rounds):
            self.world.go_round(device)

    @rule(device=DEVICES, place=PLACES, fate=FATES)
    def to_centre(self, device, place, fate):
        """One message upwards: delivered, out of order where place is above 0, doubled, or lost."""
        if fate == "lost":
            self.world.drop(device, up=True, place=place)
        else:
            self.world.deliver_up(device, place, keep=fate == "doubled")

    @rule(device=DEVICES, place=PLACES, fate=FATES)
    def to_device(self, device, place, fate):
        """One message downwards."""
        if fate == "lost":
            self.world.drop(device, up=False, place=place)
        else:
            self.world.deliver_down(device, place, keep=fate == "doubled")

    @rule(device=DEVICES, place=PLACES)
    def deliver_late(self, device, place):
        self.world.deliver_late(device, place)

    @rule(count=st.integers(1, 3), answers=st.integers(0, 3))
    def disk_of_centre(self, count, answers):
        for _ in range(count):
            self.world.commit()
        for _ in range(answers):
            self.world.answer()

    @rule(seconds=st.sampled_from([1.0, 1.0, 1.0, 11.0, 30.0, 80.0]))
    def wait(self, seconds):
        self.world.wait(seconds)

    @rule(
        device=DEVICES, fault=st.sampled_from(["reconnect", "crash device", "crash centre", "save", "restore", "wipe"])
    )
    def fault(self, device, fault):
        steps = {
            "reconnect": lambda: self.world.connect(device),
            "crash device": lambda: self.world.crash_device(device),
            "crash centre": self.world.crash_centre,
            "save": lambda: self.world.save_device(device),
            "restore": lambda: self.world.restore_device(device),
            "wipe": lambda: self.world.wipe_device(device),
        }
        steps[fault]()

    @rule(restore=st.booleans())
    def image_of_centre(self, restore):
        (self.world.restore_centre if restore else self.world.save_centre)()

    @rule(device=DEVICES, lane=LANE_OF, keep=st.integers(0, 4))
    def purge(self, device, lane, keep):
        self.world.purge(device, lane, keep)

    @invariant()
    def nothing_is_lost_doubled_or_altered(self):
        self.world.oracle.check(LIMITS.credit)

    def teardown(self):
        acked = sum(rows.acked for node in self.world.devices.values() for rows in node.disk.lanes.values())
        self.seen.update({"steps": self.world.oracle.checks, "acked": acked})
        self.world.heal()
        self.world.oracle.check(LIMITS.credit)
        self.world.oracle.check_end()
        self.seen.update(self.world.oracle.alarms)


def _run(parts: SyncParts, *, examples: int, steps: int, phases=tuple(Phase)) -> Counter[str]:
    machine = type("Machine", (SyncMachine,), {"parts": parts, "seen": Counter()})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            phases=phases,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return machine.seen


def test_every_obligation_arrives_once_in_order_and_unaltered():
    seen = _run(SyncParts(), examples=EXAMPLES, steps=60)
    # A walk in which nothing gets through, or nothing goes wrong, proves nothing.
    assert seen["steps"] >= 2000
    assert seen["acked"] >= 500
    wrong = {AlarmKind.CENTRE_WENT_BACK, AlarmKind.CLONE_SUSPECTED, AlarmKind.HOLE, AlarmKind.GAP}
    assert {*wrong, AlarmKind.PROTOCOL_ERROR} <= set(seen)


class AcknowledgesBeforeTheCommit(CentreSession):
    """Breaks C1."""

    def _on_batch(self, batch):
        super()._on_batch(batch)
        if batch.events and not self.lanes[batch.lane].is_disputed:
            through = self.lanes[batch.lane].taken
            self._out.append(Send(Ack(session_id=self.session_id, lane=batch.lane, through_seq=through)))


class BelievesEverySession(DeviceSession):
    """Breaks D4."""

    def _is_of_this_session(self, session_id):
        return True


def _without_digests(have, batch, known, placed) -> Admission:
    """Breaks C3: "insert, do nothing on conflict", and no look at what was there."""
    same = {event.key.seq: event_digest(event) for event in batch.events if event.key.seq in known}
    return admit(have, batch, same, placed)


def _without_ids(have, batch, known, placed) -> Admission:
    """Stores an event again that comes back under another key."""
    return admit(have, batch, known, {})


def _with_gaps(have, batch, known, placed) -> Admission:
    """Breaks C2."""
    return admit(max(have, batch.events[0].key.seq - 1) if batch.events else have, batch, known, placed)


class TakesEverything(CentreSession):
    """Breaks C2: what does not follow is taken all the same."""

    def _open(self, loaded, now_s, wall_time_us):
        super()._open(loaded, now_s, wall_time_us)
        for lane in self.lanes.values():
            lane.taken = 10**6


RED_TWINS = {
    "acknowledges before the commit": (SyncParts(centre_session=AcknowledgesBeforeTheCommit), "C1: acknowledged"),
    "believes every session": (
        SyncParts(device_session=BelievesEverySession),
        "D4: acknowledged more than|C1: acknowledged",
    ),
    "compares no digests": (SyncParts(rule=_without_digests), "C1: acknowledged"),
    "counts without epochs": (SyncParts(has_epochs=False), "do not arrive|C1: acknowledged"),
    "knows no ids": (SyncParts(rule=_without_ids), "twice at the centre"),
    "accepts gaps": (SyncParts(centre_session=TakesEverything, rule=_with_gaps), "above a gap"),
}
"""A broken rule, and what the oracle says of it."""


@pytest.mark.parametrize("twin", RED_TWINS)
def test_a_broken_twin_is_caught(twin):
    parts, verdict = RED_TWINS[twin]
    with pytest.raises(AssertionError, match=verdict):
        _run(parts, examples=600, steps=60, phases=(Phase.generate,))
