"""What the wall clock of an event is worth."""

from doorward_daemon.journal import EventClock, open_event_clock
from doorward_daemon.journal.event_id import make_event_id
from doorward_sync.event import ClockState
from doorward_testing.journals import DAY_US, LEAST_FLOOR_US, JournalSite, SetClock, draft


def clock_over(reading: SetClock, boot_id: str = "boot-1") -> EventClock:
    return EventClock(reading, boot_id, LEAST_FLOOR_US)


def test_a_clock_before_the_build_is_not_set_whatever_it_claims():
    reading = SetClock(wall_time_us=LEAST_FLOOR_US - 1, synchronised=True)
    time = clock_over(reading).now()
    assert (time.clock_state, time.wall_time_us) == (ClockState.UNSET, LEAST_FLOOR_US - 1)


def test_a_clock_that_falls_behind_what_was_seen_is_not_set():
    reading = SetClock()
    clock = clock_over(reading)
    assert clock.now().clock_state is ClockState.FLOOR
    reading.wall_time_us -= 1
    assert clock.now().clock_state is ClockState.UNSET
    assert clock.floor_us == reading.wall_time_us + 1


def test_a_synchronised_clock_puts_a_wrong_floor_right():
    reading = SetClock()
    right_us = reading.wall_time_us
    clock = clock_over(reading)
    reading.wall_time_us += 3650 * DAY_US
    assert clock.now().clock_state is ClockState.FLOOR
    reading.wall_time_us = right_us
    assert clock.now().clock_state is ClockState.UNSET
    reading.synchronised = True
    assert clock.now().clock_state is ClockState.SYNCED
    reading.synchronised = False
    reading.wall_time_us += 1
    assert clock.now().clock_state is ClockState.FLOOR


def test_the_floor_outlives_a_restart(tmp_path):
    site = JournalSite(tmp_path)
    with site.open() as journal:
        journal.append(draft(1))
    site.reading.wall_time_us -= DAY_US // 2
    with site.open() as journal:
        assert journal.append(draft(2)).time.clock_state is ClockState.UNSET


def test_jumps_of_the_clock_change_no_order(tmp_path):
    site = JournalSite(tmp_path)
    with site.open() as journal:
        for jump in (0, 3650 * DAY_US, -4000 * DAY_US, 30 * DAY_US):
            site.reading.wall_time_us += jump
            journal.append(draft(jump // DAY_US))
        assert [event.key.seq for event in journal.newest(9)] == [4, 3, 2, 1]
        assert journal.verify() is None


def test_age_is_measured_without_the_wall_clock_within_one_boot():
    reading = SetClock()
    clock = clock_over(reading)
    time = clock.now()
    reading.wall_time_us = 0
    reading.boottime_ns += 5_000_000_000
    assert round(clock.age_s(time)) == 5


def test_age_over_a_reboot_needs_clocks_that_are_set():
    reading = SetClock()
    before = clock_over(reading).now()
    reading.wall_time_us += 60_000_000
    after = clock_over(reading, "boot-2")
    assert round(after.age_s(before)) == 60
    reading.wall_time_us = 0
    assert after.age_s(before) is None


def test_the_machines_own_clock_tells_boot_and_time():
    clock = open_event_clock()
    first, second = clock.now(), clock.now()
    assert len(first.boot_id) == 36
    assert first.boottime_ns < second.boottime_ns
    assert second.clock_state in ClockState


def test_identities_sort_by_their_time():
    early, late = make_event_id(1_000_000_000_000), make_event_id(2_000_000_000_000)
    assert early < late
    assert early[14] == late[14] == "7"
    assert len({make_event_id(0) for _ in range(1000)}) == 1000
