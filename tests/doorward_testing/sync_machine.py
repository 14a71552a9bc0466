"""Random walks of a fleet and its centre through every fault, each step checked by the oracle outside."""

from collections import Counter
from collections.abc import Callable
from typing import ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as with_seed
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from doorward_sync.event import Lane
from doorward_sync.poison import StreamEnd
from doorward_testing.sync_disks import LANES
from doorward_testing.sync_nodes import SyncParts
from doorward_testing.sync_wiring import LIMITS
from doorward_testing.sync_world import SyncWorld

DEVICES = st.sampled_from(["gate-0", "gate-0", "gate-1"])
PLACES = st.integers(0, 3)
FATES = st.sampled_from(["delivered", "delivered", "doubled", "lost"])
LANE_OF = st.sampled_from(LANES)
SUBJECTS = st.lists(st.integers(0, 9), min_size=1, max_size=6).map(tuple)
RARELY = st.sampled_from([False, False, True])
_MANY = 5


class SyncMachine(RuleBasedStateMachine):
    """Every rule is one fault or one step of normal life."""

    parts = SyncParts()
    seen: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.world = SyncWorld(2, self.parts)

    @rule(device=DEVICES, lane=LANE_OF, count=st.integers(1, 8))
    def emit(self, device: str, lane: Lane, count: int) -> None:
        """Some events; behind many of them an alarm, which may run ahead."""
        for _ in range(count - 1):
            self.world.emit(device, lane)
        (self.world.alarm if count >= _MANY else self.world.emit)(device, lane)

    @rule(device=DEVICES, lane=LANE_OF, count=st.integers(0, 4), rounds=st.integers(1, 8))
    def work(self, device: str, lane: Lane, count: int, rounds: int) -> None:
        """A while without faults, which may end in the middle of anything."""
        for _ in range(count):
            self.world.emit(device, lane)
        self.world.connect_if_cut(device)
        for _ in range(rounds):
            self.world.go_round(device)

    @rule(device=DEVICES, lane=LANE_OF, count=st.integers(1, 3), rounds=st.integers(4, 10))
    def go_back(self, device: str, lane: Lane, count: int, rounds: int) -> None:
        """An image of a device comes back after the centre got more from it: by chance alone that hardly happens."""
        self.world.save_device(device)
        self.work(device, lane, count, rounds)
        self.world.restore_device(device)

    @rule(device=DEVICES, place=PLACES, fate=FATES)
    def to_centre(self, device: str, place: int, fate: str) -> None:
        """One message upwards: delivered, out of order where place is above 0, doubled, or lost."""
        if fate == "lost":
            self.world.drop(device, up=True, place=place)
        else:
            self.world.deliver_up(device, place, keep=fate == "doubled")

    @rule(device=DEVICES, place=PLACES, fate=FATES)
    def to_device(self, device: str, place: int, fate: str) -> None:
        """One message downwards."""
        if fate == "lost":
            self.world.drop(device, up=False, place=place)
        else:
            self.world.deliver_down(device, place, keep=fate == "doubled")

    @rule(device=DEVICES, place=PLACES)
    def deliver_late(self, device: str, place: int) -> None:
        self.world.deliver_late(device, place)

    @rule(count=st.integers(1, 3), answers=st.integers(0, 3))
    def disk_of_centre(self, count: int, answers: int) -> None:
        for _ in range(count):
            self.world.commit()
        for _ in range(answers):
            self.world.answer()

    @rule(seconds=st.sampled_from([1.0, 1.0, 1.0, 11.0, 30.0, 80.0]))
    def wait(self, seconds: float) -> None:
        self.world.wait(seconds)

    @rule(
        device=DEVICES, fault=st.sampled_from(["reconnect", "crash device", "crash centre", "save", "restore", "wipe"])
    )
    def fault(self, device: str, fault: str) -> None:
        steps: dict[str, Callable[[], None]] = {
            "reconnect": lambda: self.world.connect(device),
            "crash device": lambda: self.world.crash_device(device),
            "crash centre": self.world.crash_centre,
            "save": lambda: self.world.save_device(device),
            "restore": lambda: self.world.restore_device(device),
            "wipe": lambda: self.world.wipe_device(device),
        }
        steps[fault]()

    @rule(device=DEVICES, valid=st.sampled_from([True, True, False]))
    def configure(self, device: str, valid: bool) -> None:
        self.world.set_config(device, valid=valid)

    @rule(device=DEVICES, valid_s=st.sampled_from([1.0, 30.0, 300.0]), dies=st.sampled_from([False, False, True]))
    def command(self, device: str, valid_s: float, dies: bool) -> None:
        """A command, of which the device may die between doing it and saying so."""
        self.world.devices[device].down.dies_of_next |= dies
        self.world.command(device, valid_s)

    @rule(restore=st.booleans())
    def image_of_centre(self, restore: bool) -> None:
        (self.world.restore_centre if restore else self.world.save_centre)()

    @rule(device=DEVICES, lane=LANE_OF, keep=st.integers(0, 4))
    def purge(self, device: str, lane: Lane, keep: int) -> None:
        self.world.purge(device, lane, keep)

    @invariant()
    def nothing_is_lost_doubled_or_altered(self) -> None:
        self.world.oracle.check(LIMITS.credit)
        self.world.check_down()

    def teardown(self) -> None:
        acked = sum(rows.acked for node in self.world.devices.values() for rows in node.disk.lanes.values())
        self.seen.update({"steps": self.world.oracle.checks, "acked": acked, "hints": self.world.oracle.hints})
        self.seen["calls"] += self.world.oracle.calls
        self.world.heal()
        self.world.oracle.check(LIMITS.credit)
        self.world.oracle.check_end()
        self.world.check_down()
        self.world.check_down_end()
        self.seen["staged"] += self.world.staged
        for node in self.world.devices.values():
            self.seen.update({"done": len(node.down.done), "configured": node.down.held.revision > 0})
            self.seen.update(result.outcome.value for result in node.down.finished.values())
        self.seen.update(self.world.oracle.alarms)
        self.seen["aside"] += sum(len(node.disk.aside_ids) for node in self.world.devices.values())


class SharedGalleries(SyncMachine):
    """The same with a gallery that changes at the centre."""

    @rule(subjects=SUBJECTS, erase=RARELY, device=DEVICES, rounds=st.integers(0, 8), doubled=RARELY)
    def change_gallery(self, subjects: tuple[int, ...], erase: bool, device: str, rounds: int, doubled: bool) -> None:
        """Several subjects at once need several chunks, which may come twice; the rounds may end in the middle."""
        self.world.connect_if_cut(device)
        self.world.change_gallery(subjects, erase=erase)
        for _ in range(rounds):
            if doubled:
                self.world.deliver_down(device, 0, keep=True)
            self.world.go_round(device)

    @rule(device=DEVICES)
    def erase_at_device(self, device: str) -> None:
        """What is kept aside may hold who is erased: it goes."""
        self.world.devices[device].gallery.chunks = []


class FaultyDevices(SharedGalleries):
    """The same with full disks, evictions, events that the centre dies of, and clocks that jump."""

    @rule(device=DEVICES, lane=LANE_OF, end=st.sampled_from([StreamEnd.BROKEN, StreamEnd.REFUSED]))
    def emit_poison(self, device: str, lane: Lane, end: StreamEnd) -> None:
        """An event that the centre dies of; two at most, the brake of quarantine has tests of its own."""
        if len(self.world.poison) < 2:
            self.world.emit(device, lane, end)
            self.seen["poison"] += 1

    @rule(device=DEVICES, count=st.integers(1, 4))
    def evict(self, device: str, count: int) -> None:
        self.world.evict(device, count)

    @rule(device=DEVICES, full=st.booleans())
    def disk_of_device(self, device: str, full: bool) -> None:
        self.world.devices[device].disk.is_full = full

    @rule(jump_us=st.sampled_from([-(10**15), -1, 1, 10**16]))
    def wall_clock_jumps(self, jump_us: int) -> None:
        self.world.wall_us += jump_us


def run_machine(
    parts: SyncParts, *, examples: int, steps: int, phases: tuple[Phase, ...] = tuple(Phase), seed: int | None = None
) -> Counter[str]:
    """Walks at random and checks the oracle after every step.

    Args:
        parts: the machines under test.
        examples: walks.
        steps: in each walk, at most.
        phases: of hypothesis.
        seed: None walks the same way every time.

    Returns:
        How much of what was seen.

    Raises:
        AssertionError: an invariant does not hold; the shortest walk that shows it is printed.
    """
    seen: Counter[str] = Counter()
    without_faults = SharedGalleries if parts.has_gallery else SyncMachine
    base = FaultyDevices if parts.has_device_faults else without_faults
    machine = type("Machine", (base,), {"parts": parts, "seen": seen})
    run_state_machine_as_test(
        machine if seed is None else with_seed(seed)(machine),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=seed is None,
            database=None,
            phases=phases,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return seen
