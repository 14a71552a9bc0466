"""Commands of the centre on a device: on record before they are done, done once at most, never late."""

import json

import pytest

from doorward_daemon.access import DoorPolicy
from doorward_daemon.app.command_desk import CommandDesk, door_deed, restart_deed
from doorward_daemon.config.door import ConfiguredDoor
from doorward_daemon.door import open_doors
from doorward_daemon.entry import EntryDesk
from doorward_daemon.errors import ErrorReason, Fault, NotReady
from doorward_daemon.journal import JournalSettings, open_event_clock, open_journal
from doorward_sync.down_messages import CommandKind, CommandOutcome, DeviceCommand

OPEN = DeviceCommand(command_id="c1", kind=CommandKind.OPEN_DOOR, door_id="main")
LATE_NS = 10**9


@pytest.fixture
def journal(tmp_path):
    with open_journal(tmp_path, JournalSettings(), open_event_clock()) as journal:
        yield journal


class Clock:
    now_ns = 0

    def __call__(self) -> int:
        return self.now_ns


def desk_of(journal, deed, kind=CommandKind.OPEN_DOOR, clock=None):
    return CommandDesk(journal, {kind: deed}, clock or Clock())


def told(journal):
    return [(event.kind, json.loads(event.payload)) for event in reversed(journal.newest(20))]


def test_a_door_opens_once_however_often_the_command_comes_and_across_restarts(journal):
    with open_doors((ConfiguredDoor(door_id="main"),)) as doors:
        entries = EntryDesk(journal, doors, {"main": DoorPolicy()})
        results = [desk_of(journal, door_deed(entries)).carry_out(OPEN, LATE_NS) for _ in range(3)]
    assert {result.outcome for result in results} == {CommandOutcome.DONE}
    kinds = [kind for kind, _ in told(journal)]
    assert kinds.count("access.granted") == 1
    assert kinds.index("command.accepted") < kinds.index("access.granted") < kinds.index("command.finished")


def test_a_command_that_a_crash_cut_short_is_unknown_and_never_repeated(journal):
    done = []

    def dies(command):
        done.append(command)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk_of(journal, dies).carry_out(OPEN, LATE_NS)
    result = desk_of(journal, lambda command: done.append(command) or "").carry_out(OPEN, LATE_NS)
    assert (result.outcome, len(done)) == (CommandOutcome.UNKNOWN, 1)
    assert told(journal)[-1][1]["outcome"] == "unknown"


def test_an_expired_command_is_refused_and_on_record_whatever_the_wall_clock_says(journal):
    clock = Clock()
    clock.now_ns = LATE_NS
    done = []
    desk = desk_of(journal, done.append, clock=clock)
    assert desk.carry_out(OPEN, LATE_NS).outcome is CommandOutcome.EXPIRED
    clock.now_ns = 0
    assert desk.carry_out(OPEN, LATE_NS).outcome is CommandOutcome.EXPIRED
    assert done == []
    assert [kind for kind, _ in told(journal)] == ["command.finished"]


def test_a_command_whose_record_took_too_long_is_not_begun(journal):
    class Slow:
        looks = 0

        def __call__(self) -> int:
            self.looks += 1
            return 0 if self.looks == 1 else LATE_NS

    done = []
    assert desk_of(journal, done.append, clock=Slow()).carry_out(OPEN, LATE_NS).outcome is CommandOutcome.EXPIRED
    assert done == []


def test_nothing_is_done_that_could_not_be_put_on_record(journal, monkeypatch):
    done = []

    def full(draft: object, timeout_s: object = None):
        raise NotReady(ErrorReason.JOURNAL_SLOW, "the disk does not answer", retry_after_s=1.0)

    monkeypatch.setattr(journal, "append", full)
    with pytest.raises(NotReady):
        desk_of(journal, done.append).carry_out(OPEN, LATE_NS)
    assert done == []


def test_what_fails_and_what_the_device_cannot_do_is_said_as_that(journal):
    def broken(_):
        raise Fault(ErrorReason.DOOR_FAULT, "the lock does not answer")

    result = desk_of(journal, broken).carry_out(OPEN, LATE_NS)
    assert (result.outcome, "DOOR_FAULT" in result.detail) == (CommandOutcome.FAILED, True)
    other = DeviceCommand(command_id="c2", kind=CommandKind.RUN_SELF_TEST)
    assert desk_of(journal, broken).carry_out(other, LATE_NS).outcome is CommandOutcome.REFUSED


def test_a_restart_is_on_record_before_the_process_is_asked_to_end(journal):
    seen = []
    desk = desk_of(journal, restart_deed(lambda: seen.extend(told(journal))), CommandKind.RESTART)
    command = DeviceCommand(command_id="c3", kind=CommandKind.RESTART)
    assert desk.carry_out(command, LATE_NS).outcome is CommandOutcome.DONE
    assert [kind for kind, _ in seen] == ["command.accepted", "command.finished"]
    # The restarted daemon is asked again: it does not end again.
    seen.clear()
    assert desk.carry_out(command, LATE_NS).outcome is CommandOutcome.DONE
    assert seen == []
