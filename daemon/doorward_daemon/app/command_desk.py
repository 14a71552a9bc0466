"""Commands of the centre: on record before they are done, done once at most, and never late."""

import time
from collections.abc import Callable, Mapping

from doorward_daemon.entry import EntryDesk, OpenDoorRequest
from doorward_daemon.errors import DoorwardError
from doorward_daemon.journal import EventDraft, Journal
from doorward_daemon.model.self_test import SelfTestReport
from doorward_sync.command_rule import without_doing
from doorward_sync.down_messages import CommandKind, CommandOutcome, CommandResult, DeviceCommand
from doorward_sync.event import Event
from doorward_sync.payload import decode_payload

_RESTARTS = "the daemon ends, and its supervisor starts it again"
Deed = Callable[[DeviceCommand], str]
"""Does a command and tells what came of it; raises DoorwardError where it failed."""


class CommandDesk:
    """A CommandPort on the journal. For one thread.

    `command.accepted` is on disk before anything is done, `command.finished` after it. A command with the first and
    without the second was cut short: when the centre asks, it counts as unknown and is not repeated.

    Args:
        journal: the record.
        deeds: what this device can do.
        boottime_ns: nanoseconds since boot, suspend included.
    """

    def __init__(
        self,
        journal: Journal,
        deeds: Mapping[CommandKind, Deed],
        boottime_ns: Callable[[], int] = lambda: time.clock_gettime_ns(time.CLOCK_BOOTTIME),
    ) -> None:
        self._journal = journal
        self._deeds = dict(deeds)
        self._boottime_ns = boottime_ns

    def carry_out(self, command: DeviceCommand, deadline_boottime_ns: int) -> CommandResult:
        """As CommandPort.

        Raises:
            DoorwardError: the record cannot be read or written; nothing was done.
        """
        if (finished := self._journal.event_of(_finished_op(command.command_id))) is not None:
            facts = _facts(finished)
            return CommandResult(
                command_id=command.command_id,
                outcome=CommandOutcome(str(facts["outcome"])),
                detail=str(facts["detail"]),
            )
        deed = self._deeds.get(command.kind)
        instead = without_doing(
            was_accepted=self._journal.holds(_accepted_op(command.command_id)),
            is_late=self._is_late(deadline_boottime_ns),
            can_do=deed is not None,
        )
        if instead is not None or deed is None:
            return self._finish(command.command_id, *(instead or (CommandOutcome.REFUSED, "")))
        payload = {"command_id": command.command_id, "command": command.kind.value, "door_id": command.door_id}
        self._journal.append(EventDraft("command.accepted", payload, op_id=_accepted_op(command.command_id)))
        if self._is_late(deadline_boottime_ns):
            return self._finish(command.command_id, CommandOutcome.EXPIRED, "the disk took too long; nothing was done")
        if command.kind is CommandKind.RESTART:
            # On record first: once asked, the process may end at any moment.
            finished_now = self._finish(command.command_id, CommandOutcome.DONE, _RESTARTS)
            deed(command)
            return finished_now
        try:
            outcome, detail = CommandOutcome.DONE, deed(command)
        except DoorwardError as error:
            outcome, detail = CommandOutcome.FAILED, f"{error.reason.value}: {error.message}"
        return self._finish(command.command_id, outcome, detail)

    def _is_late(self, deadline_boottime_ns: int) -> bool:
        return self._boottime_ns() >= deadline_boottime_ns

    def _finish(self, command_id: str, outcome: CommandOutcome, detail: str) -> CommandResult:
        payload = {"command_id": command_id, "outcome": outcome.value, "detail": detail}
        self._journal.append(EventDraft("command.finished", payload, op_id=_finished_op(command_id)))
        return CommandResult(command_id=command_id, outcome=outcome, detail=detail)


def door_deed(entries: EntryDesk) -> Deed:
    """Opens doors as an operator would: recorded, then commanded."""

    def open_door(command: DeviceCommand) -> str:
        asked = OpenDoorRequest(
            request_id=command.command_id, door_id=command.door_id, role="centre", note="a command of the centre"
        )
        record = entries.open_door(asked)
        return f"door {command.door_id} {'opened' if record.door_opened else 'did not open'}"

    return open_door


def self_test_deed(run_self_test: Callable[[], SelfTestReport]) -> Deed:
    """Runs the self-test."""

    def run(_: DeviceCommand) -> str:
        failed = [check.name for check in run_self_test().checks if not check.passed]
        return f"failed: {', '.join(failed)}" if failed else "passed"

    return run


def restart_deed(restart: Callable[[], None]) -> Deed:
    """Asks the process to end; it ends after the answer is on record."""

    def ask(_: DeviceCommand) -> str:
        restart()
        return _RESTARTS

    return ask


def _facts(event: Event) -> Mapping[str, object]:
    facts = decode_payload(event.payload) if event.payload is not None else {}
    return facts if isinstance(facts, Mapping) else {}


def _accepted_op(command_id: str) -> str:
    return f"command:{command_id}"


def _finished_op(command_id: str) -> str:
    return f"command-result:{command_id}"
