"""The entry desk on the real journal: what it recorded is there after a restart, and no door moves by itself."""

from pathlib import Path

from doorward_daemon.access import DoorPolicy
from doorward_daemon.door import Doors, DoorSettings, SimulatedDoor
from doorward_daemon.entry import Entry, EntryDesk, OpenDoorRequest, PunchRequest
from doorward_daemon.journal import Journal, JournalSettings, open_event_clock, open_journal
from doorward_sync.payload import decode_payload
from doorward_testing.gate_site import HandClock
from doorward_testing.gate_values import identification_of

OPEN = OpenDoorRequest(request_id="r-1", door_id="main", role="operator")
# The disk of a test machine may be slow; what a slow one does is tested elsewhere.
PATIENT = DoorPolicy(disk_wait_ms=5000)


def open_here(folder: Path) -> Journal:
    return open_journal(folder, JournalSettings(spare_disk_bytes=0), open_event_clock())


def hall(journal: Journal) -> tuple[EntryDesk, SimulatedDoor, Doors]:
    clock = HandClock()
    door = SimulatedDoor(clock)
    doors = Doors([(DoorSettings(door_id="main"), door)])
    return EntryDesk(journal, doors, {"main": PATIENT}, clock), door, doors


def test_an_entry_is_two_events_and_a_restart_moves_no_door(tmp_path: Path):
    with open_here(tmp_path) as journal:
        desk, door, doors = hall(journal)
        record = desk.enter(
            Entry(identification=identification_of(), door_id="main", camera_id="c", captured_mono_ns=1_000_000_000)
        )
        assert desk.open_door(OPEN).door_opened
        punch = desk.punch(PunchRequest(request_id="p", subject_id="subject-1"))
        doors.close()
    assert record.event is not None
    assert record.result is not None
    with open_here(tmp_path) as journal:
        desk, door, doors = hall(journal)
        assert desk.open_door(OPEN).repeated
        assert desk.punch(PunchRequest(request_id="p", subject_id="subject-1")).key == punch.key
        assert door.pulses == 0
        events = journal.newest(10)
        doors.close()
    kinds = [event.kind for event in reversed(events)]
    assert kinds == ["access.granted", "door.opened"] * 2 + ["attendance.punched"]
    assert record.result.payload is not None
    assert decode_payload(record.result.payload)["cause_seq"] == record.event.key.seq
