"""What was promised and what arrived: a ledger outside the system under test."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Protocol

from doorward_sync.chain import commit_to_payload
from doorward_sync.device_session import DeviceSession
from doorward_sync.event import Event, Lane
from doorward_sync.fingerprint import content_digest
from doorward_sync.outputs import AlarmKind
from doorward_testing.sync_disks import CentreDisk, CentreRows, DeviceDisk


class Node(Protocol):
    """What the oracle looks at of a device."""

    disk: DeviceDisk
    session: DeviceSession | None


class SyncOracle:
    """Every id a caller was told is committed is an obligation, until a disk that held it was destroyed."""

    def __init__(self, devices: Mapping[str, Node], centre: Callable[[], CentreDisk]) -> None:
        self.checks = 0
        self.alarms: Counter[AlarmKind] = Counter()
        self.hints = self.calls = 0
        self._devices = devices
        self._centre = centre
        self._order: dict[tuple[str, Lane], list[str]] = {}
        self._digests: dict[str, bytes] = {}
        self._excused: set[str] = set()
        self._at_risk: set[str] = set()

    def promised(self, device_id: str, lane: Lane, event: Event) -> None:
        """A caller was told."""
        self._order.setdefault((device_id, lane), []).append(event.event_id)
        self._digests[event.event_id] = content_digest(event)

    def hinted(self, device_id: str, event: Event) -> None:
        """An alarm ran ahead of its queue: it says what was recorded, and counts for nothing else."""
        self.hints += 1
        assert event.event_id in self._order[(device_id, event.key.lane)], "a hint of what never happened"
        assert content_digest(event) == self._digests[event.event_id], "a hint of something else"

    def evicted(self, ids: list[str]) -> None:
        """A device gave up events of lane BULK and declared them."""
        self._excused |= set(ids)

    def forgotten(self) -> None:
        """A device purged what was acknowledged: only what an old image of the centre has lost may be gone now."""
        self._excused |= (set(self._digests) - self._kept()) & self._at_risk

    def centre_went_back(self, before: set[str]) -> None:
        """An old image of the centre is back; `before` are the ids it had."""
        self._at_risk |= before - self._centre().ids()
        self.disk_changed()

    def disk_changed(self) -> None:
        """A disk was wiped or put back: what is on no disk any more is excused."""
        self._excused |= set(self._digests) - self._kept()

    def check(self, credit: int) -> None:
        """What holds after every step."""
        self.checks += 1
        self._check_centre()
        lost = set(self._digests) - self._kept()
        assert lost <= self._excused, f"on no disk: {sorted(lost - self._excused)}"
        for device_id, node in self._devices.items():
            for rows in node.disk.lanes.values():
                assert rows.acked <= rows.last, "D4: acknowledged what was never written"
                acked = {event.event_id for seq, event in rows.rows.items() if seq <= rows.acked}
                assert acked - node.disk.aside_ids <= self._centre().ids() | self._at_risk, (
                    "C1: acknowledged, and not at the centre"
                )
                assert len(rows.rows) == rows.last - rows.first_retained + 1, "D5: a gap in the journal"
            bulk = node.disk.lanes[Lane.BULK]
            missing = set(range(max(bulk.acked, bulk.ever_acked) + 1, bulk.first_retained))
            assert missing <= node.disk.declared, "D6: evicted and not declared"
            for name, lane in node.session.lanes.items() if node.session else ():
                there = self._centre().lanes.get((device_id, node.disk.epoch, name), CentreRows()).have
                assert not lane.is_ready or lane.acked <= there, "D4: acknowledged more than the centre has"
                assert lane.under_way <= credit, "D3: more batches under way than credit"
                assert lane.acked <= lane.sent <= lane.last, "D4: sent less than acknowledged, or more than there is"

    def check_end(self) -> None:
        """What holds once the faults have stopped and everything has settled."""
        aside = set().union(*(node.disk.aside_ids for node in self._devices.values()))
        missing = set(self._digests) - self._excused - self._centre().ids() - aside
        assert not missing, f"promised and not at the centre: {sorted(missing)}"

    def _kept(self) -> set[str]:
        return self._centre().ids().union(*(node.disk.retained_ids() for node in self._devices.values()))

    def _check_centre(self) -> None:
        seen: set[str] = set()
        for (device_id, _, lane), rows in self._centre().lanes.items():
            held = set(rows.rows) | set(rows.moved)
            held |= {seq for hole in rows.holes for seq in range(hole.from_seq, hole.to_seq + 1)}
            assert held >= set(range(1, rows.have + 1)), "C1: have_through is above a gap"
            ids = [rows.rows[seq].event_id for seq in sorted(rows.rows)]
            assert not seen & set(ids), f"twice at the centre: {sorted(seen & set(ids))}"
            assert len(set(ids)) == len(ids), "twice at the centre in one lane"
            seen |= set(ids)
            place = {one: number for number, one in enumerate(self._order.get((device_id, lane), []))}
            assert [place[one] for one in ids] == sorted(place[one] for one in ids), "out of order"
            for event in rows.rows.values():
                assert content_digest(event) == self._digests[event.event_id], "altered on the way"
                assert event.payload is not None
                assert commit_to_payload(event.salt, event.payload) == event.payload_digest
