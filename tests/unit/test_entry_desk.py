"""Decide, record, then the door, then what it did; a disk that does not answer, a restart and repeats change nothing of
that."""

import pytest

from doorward_daemon.access import AccessReason, DoorPolicy
from doorward_daemon.door import Doors, DoorSettings, SimulatedDoor
from doorward_daemon.entry import Entry, EntryDesk, OpenDoorRequest, PunchRequest
from doorward_daemon.errors import AlreadyExists, InvalidInput, NotFound
from doorward_daemon.model.decision import Outcome
from doorward_sync.payload import decode_payload
from doorward_testing.gate_site import HandClock, NotebookRecorder
from doorward_testing.gate_values import identification_of

OPEN = OpenDoorRequest(request_id="r-1", door_id="main", role="operator")


class Hall:
    """A door with a desk before it."""

    def __init__(self, policy: DoorPolicy | None = None, door: SimulatedDoor | None = None) -> None:
        self.clock, self.recorder = HandClock(), NotebookRecorder()
        self.door = door or SimulatedDoor(self.clock)
        self.doors = Doors([(DoorSettings(door_id="main", answer_ms=50), self.door)])
        self.desk = EntryDesk(self.recorder, self.doors, {"main": policy or DoorPolicy()}, self.clock)

    def entry(self, outcome: Outcome = Outcome.MATCHED, age_ms: float = 20.0) -> Entry:
        captured_ns = self.clock.now_ns - round(age_ms * 1e6)
        found = identification_of(outcome)
        return Entry(identification=found, door_id="main", camera_id="c", captured_mono_ns=captured_ns, track_id=7)

    def facts(self, place: int) -> dict[str, object]:
        payload = self.recorder.events[place].payload
        assert payload is not None
        return decode_payload(payload)


def test_the_record_comes_before_the_door_and_the_result_names_its_cause():
    seen: list[int] = []

    class WatchedDoor(SimulatedDoor):
        def pulse(self, duration_s: float) -> None:
            seen.append(len(hall.recorder.events))
            super().pulse(duration_s)

    hall = Hall(door=WatchedDoor())
    record = hall.desk.enter(hall.entry())
    assert seen == [1]
    assert record.door_opened
    assert hall.recorder.kinds() == ["access.granted", "door.opened"]
    assert hall.facts(1)["cause_seq"] == 1


def test_of_a_decision_that_came_too_late_the_record_says_that_the_deadline_decided():
    hall = Hall()
    hall.desk.enter(hall.entry(age_ms=5000.0))
    assert hall.facts(0).items() >= {"outcome": "STALE", "reason": "STALE", "rule": "DEADLINE"}.items()


def test_the_record_explains_itself():
    hall = Hall()
    hall.desk.enter(hall.entry())
    wanted = {
        "gates_passed", "quality_score", "quality_band", "comparison_score", "similarity", "threshold", "margin_needed",
        "margin_found", "frames_used", "liveness", "liveness_score", "liveness_policy", "mask_policy", "rule", "pack",
        "embedding_id", "models", "precision", "device", "runtime", "stage_times_ms", "target_fpir", "audit",
    }  # fmt: skip
    assert wanted <= hall.facts(0).keys()


def test_the_record_says_who_why_and_what_ran():
    hall = Hall()
    hall.desk.enter(hall.entry())
    facts = hall.facts(0)
    expected = {"door_id": "main", "camera_id": "c", "outcome": "MATCHED", "reason": "IDENTIFIED", "track_id": 7}
    expected |= {"subject_id": "subject-1", "frames_used": 2, "capture_age_ms": 20.0, "pack": "tests"}
    assert facts.items() >= expected.items()


def test_a_stranger_is_recorded_without_a_name_and_opens_nothing():
    hall = Hall()
    record = hall.desk.enter(hall.entry(Outcome.UNKNOWN))
    assert (record.door_opened, hall.door.pulses) == (False, 0)
    assert hall.recorder.kinds() == ["access.denied"]
    assert hall.facts(0)["subject_id"] is None


def test_a_stale_match_opens_nothing():
    hall = Hall()
    record = hall.desk.enter(hall.entry(age_ms=1001.0))
    assert (record.access.reason, hall.door.pulses) == (AccessReason.STALE, 0)
    assert hall.facts(0)["outcome"] == "STALE"


def test_after_the_lease_nobody_is_let_in_on_recognition_and_an_operator_still_opens():
    hall = Hall()
    over = [True]
    hall.desk = EntryDesk(hall.recorder, hall.doors, {"main": DoorPolicy()}, hall.clock, is_shut=lambda: over[0])
    assert hall.desk.enter(hall.entry()).access.reason is AccessReason.LEASE_ENDED
    assert hall.recorder.kinds() == ["access.denied"]
    # A stranger stays a stranger: only grants are taken away.
    assert hall.desk.enter(hall.entry(Outcome.UNKNOWN)).access.reason is AccessReason.UNKNOWN_PERSON
    assert hall.desk.open_door(OPEN).door_opened
    over[0] = False
    assert hall.desk.enter(hall.entry()).door_opened


def test_a_door_that_does_not_answer_leaves_a_fault_on_record():
    hall = Hall(door=SimulatedDoor(answers=False))
    record = hall.desk.enter(hall.entry())
    assert not record.door_opened
    assert hall.recorder.kinds() == ["access.granted", "door.fault"]
    assert "did not answer" in str(hall.facts(1)["problem"])
    hall.doors.close()


@pytest.mark.parametrize("disk", ["slow", "broken"])
def test_without_its_disk_a_secure_door_stays_shut_and_says_so_first_when_the_disk_is_back(disk: str):
    hall = Hall(DoorPolicy(on_slow_disk="fail_secure"))
    hall.recorder.disk = disk
    record = hall.desk.enter(hall.entry())
    assert (record.event, record.door_opened, hall.door.pulses) == (None, False, 0)
    hall.recorder.come_back()
    hall.desk.enter(hall.entry(Outcome.UNKNOWN))
    assert hall.recorder.kinds() == ["access.granted", "door.fault", "access.denied"]
    assert "stayed shut" in str(hall.facts(1)["problem"])
    assert hall.facts(1)["cause_seq"] == 1


@pytest.mark.parametrize("disk", ["slow", "broken"])
def test_without_its_disk_an_open_and_count_door_opens_once_and_counts_first_when_the_disk_is_back(disk: str):
    hall = Hall(DoorPolicy(on_slow_disk="open_and_count"))
    hall.recorder.disk = disk
    assert hall.desk.enter(hall.entry()).door_opened
    hall.recorder.come_back()
    assert hall.desk.settle()
    assert (hall.recorder.kinds(), hall.door.pulses) == (["access.granted", "door.opened"], 1)
    assert hall.facts(1)["recorded_late"] is True


def test_a_denial_without_a_disk_is_not_lost():
    hall = Hall()
    hall.recorder.disk = "broken"
    hall.desk.enter(hall.entry(Outcome.UNKNOWN))
    assert (hall.desk.settle(), hall.desk.owed.count) == (False, 1)
    hall.recorder.come_back()
    assert hall.desk.settle()
    assert hall.recorder.kinds() == ["access.denied"]


def test_an_operator_opens_a_door_once_per_request():
    hall = Hall()
    first, again = hall.desk.open_door(OPEN), hall.desk.open_door(OPEN)
    assert (first.door_opened, again.door_opened, again.repeated) == (True, False, True)
    assert (hall.door.pulses, again.event) == (1, first.event)
    assert hall.facts(0)["reason"] == "OPERATOR"


def test_a_repeat_opens_nothing_while_the_first_one_waits_for_the_disk():
    hall = Hall(DoorPolicy(on_slow_disk="open_and_count"))
    hall.recorder.disk = "broken"
    hall.desk.open_door(OPEN)
    assert hall.desk.open_door(OPEN).repeated
    assert hall.door.pulses == 1


def test_a_repeat_after_a_restart_opens_nothing():
    before = Hall()
    before.desk.open_door(OPEN)
    after = Hall()
    desk = EntryDesk(before.recorder, after.doors, {"main": DoorPolicy()}, after.clock)
    assert desk.settle()
    assert desk.open_door(OPEN).repeated
    assert after.door.pulses == 0


def test_a_request_id_is_good_for_one_request():
    hall = Hall()
    hall.desk.punch(PunchRequest(request_id="p", subject_id="a"))
    with pytest.raises(AlreadyExists):
        hall.desk.punch(PunchRequest(request_id="p", subject_id="b"))


def test_a_punch_is_recorded_once_per_request():
    hall = Hall()
    punch = PunchRequest(request_id="p", subject_id="a", mode="out")
    assert hall.desk.punch(punch) == hall.desk.punch(punch)
    assert hall.recorder.kinds() == ["attendance.punched"]
    assert hall.door.pulses == 0


def test_bad_requests_are_refused_before_anything_happens():
    hall = Hall()
    with pytest.raises(InvalidInput):
        hall.desk.open_door(OpenDoorRequest(request_id="", door_id="main", role="operator"))
    with pytest.raises(NotFound):
        hall.desk.open_door(OpenDoorRequest(request_id="r", door_id="back", role="operator"))
    with pytest.raises(InvalidInput):
        hall.desk.punch(PunchRequest(request_id="r", subject_id="x" * 65))
    assert hall.recorder.events == []


@pytest.mark.parametrize("duration_s", [0.0, 60.5, float("nan")])
def test_a_door_is_not_opened_for_a_time_that_makes_no_sense(duration_s):
    hall = Hall()
    with pytest.raises(InvalidInput):
        hall.desk.open_door(OpenDoorRequest(request_id="r-9", door_id="main", role="operator", duration_s=duration_s))
