"""Doors answer or are in fault within their time, and one that hangs costs no other door anything."""

import threading
import time

import pytest

from doorward_daemon.access import DoorState
from doorward_daemon.door import Doors, DoorSettings, SimulatedDoor, open_doors
from doorward_daemon.errors import ErrorReason, Fault, NotFound
from doorward_testing.gate_site import HandClock

QUICK = DoorSettings(door_id="quick", answer_ms=50)


class LateDoor(SimulatedDoor):
    """A door whose lock moves only when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.moves = threading.Event()
        self.relocked = threading.Event()

    def pulse(self, duration_s: float) -> None:
        self.moves.wait(10.0)
        super().pulse(duration_s)

    def lock(self) -> None:
        super().lock()
        self.relocked.set()


def test_the_simulated_door_unlocks_for_its_time():
    clock = HandClock()
    door = SimulatedDoor(clock)
    door.pulse(3.0)
    assert door.state() is DoorState.UNLOCKED
    clock.pass_s(3.0)
    assert (door.state(), door.pulses) == (DoorState.LOCKED, 1)


def test_doors_are_opened_by_name_and_locked_at_the_end():
    clock = HandClock()
    with open_doors([DoorSettings(door_id="a"), DoorSettings(door_id="b")], clock) as doors:
        doors.open("b", 3.0)
        states = [doors.status(door_id).state for door_id in doors.ids]
        assert states == [DoorState.LOCKED, DoorState.UNLOCKED]
    assert doors.status("b").state is DoorState.LOCKED


def test_a_door_that_is_not_there_is_named_with_those_that_are():
    with open_doors([DoorSettings(door_id="main")]) as doors, pytest.raises(NotFound) as raised:
        doors.open("back", 1.0)
    assert raised.value.reason is ErrorReason.DOOR_NOT_FOUND
    assert "main" in raised.value.message


def test_a_door_that_refuses_is_in_fault_until_it_obeys():
    door = SimulatedDoor(refuses=True)
    doors = Doors([(QUICK, door)])
    with pytest.raises(Fault) as raised:
        doors.open("quick", 1.0)
    assert raised.value.reason is ErrorReason.DOOR_FAULT
    assert (doors.status("quick").state, doors.status("quick").faults) == (DoorState.FAULT, 1)
    doors.close()


def test_a_door_that_hangs_is_in_fault_in_time_and_its_neighbour_opens():
    hanging, working = SimulatedDoor(answers=False), SimulatedDoor()
    doors = Doors([(QUICK, hanging), (DoorSettings(door_id="works"), working)])
    began = time.monotonic()
    for _ in range(2):
        with pytest.raises(Fault):
            doors.open("quick", 1.0)
    assert time.monotonic() - began < 2.0
    doors.open("works", 1.0)
    assert doors.status("quick").state is DoorState.FAULT
    assert doors.status("works").state is DoorState.UNLOCKED
    doors.close()


def test_a_door_that_opens_too_late_is_locked_at_once():
    door = LateDoor()
    doors = Doors([(QUICK, door)])
    with pytest.raises(Fault):
        doors.open("quick", 60.0)
    door.moves.set()
    assert door.relocked.wait(10.0)
    assert (door.state(), door.pulses) == (DoorState.LOCKED, 1)
    assert doors.status("quick").openings == 0
    doors.close()
