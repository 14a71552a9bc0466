"""Configuration and commands in a simulated world: what disks keep of them, and what must hold whatever happens."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from doorward_sync.centre_storage import PendingCommand
from doorward_sync.command_rule import without_doing
from doorward_sync.device_storage import CarryOut
from doorward_sync.down_messages import (
    CommandKind,
    CommandOutcome,
    CommandResult,
    ConfigDocument,
    ConfigResult,
    DeviceCommand,
)

Rule = Callable[..., tuple[CommandOutcome, str] | None]
CENTRE_BEGAN_US = 1_000_000
"""The centre's clock when a walk begins."""


def is_valid(document: ConfigDocument) -> bool:
    """Whether a device of this world can run with it."""
    return not document.text.startswith("wrong")


@dataclass(slots=True)
class DeviceDownDisk:
    """What a device keeps. Not part of the images that are put back: a device with an old disk may do a command again
    while that is valid, an hour at most, and nothing on it can know better."""

    rule: Rule = without_doing
    checks: bool = True
    held: ConfigDocument = field(default_factory=lambda: ConfigDocument(revision=0, text=""))
    accepted: set[str] = field(default_factory=set)
    finished: dict[str, CommandResult] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    """Every time something was done, told by who watched the door."""
    late: list[str] = field(default_factory=list)
    """Those of them that were done after their time."""
    dies_of_next: bool = False
    """The process ends between doing and recording."""

    def mark(self) -> tuple[int, bytes]:
        """As Hello tells it."""
        return self.held.revision, self.held.digest if self.held.revision else b""

    def apply(self, document: ConfigDocument) -> ConfigResult:
        """Takes a configuration that is valid."""
        problem = "" if is_valid(document) or not self.checks else "it is wrong"
        if not problem:
            self.held = document
        revision, digest = self.mark()
        return ConfigResult(offered_revision=document.revision, revision=revision, digest=digest, problem=problem)

    def carry_out(self, asked: CarryOut, now_ns: int, is_over: bool) -> CommandResult | None:
        """Does a command once at most.

        Args:
            asked: what, and until when.
            now_ns: since boot.
            is_over: whether it has expired, as only who stands outside knows.

        Returns:
            What became of it; None where the process died of it.
        """
        command_id = asked.command.command_id
        if (known := self.finished.get(command_id)) is not None:
            return known
        is_late = now_ns >= asked.deadline_boottime_ns
        instead = self.rule(was_accepted=command_id in self.accepted, is_late=is_late, can_do=True)
        if instead is None:
            self.accepted.add(command_id)
            self.done.append(command_id)
            self.late += [command_id] if is_over else []
            if self.dies_of_next:
                self.dies_of_next = False
                return None
        outcome, detail = instead or (CommandOutcome.DONE, "")
        self.finished[command_id] = CommandResult(command_id=command_id, outcome=outcome, detail=detail)
        return self.finished[command_id]


@dataclass(slots=True)
class CentreDownDisk:
    """What the centre keeps; part of its images."""

    configs: dict[str, ConfigDocument] = field(default_factory=dict)
    commands: dict[str, PendingCommand] = field(default_factory=dict)
    """Without an answer, by id."""
    owner: dict[str, str] = field(default_factory=dict)
    """Device by command."""

    def set_config(self, device_id: str, text: str, told: int) -> ConfigDocument:
        """A new revision, above what the device ever told."""
        held = self.configs.get(device_id)
        revision = max(0 if held is None else held.revision, told) + 1
        self.configs[device_id] = ConfigDocument(revision=revision, text=text)
        return self.configs[device_id]

    def give(self, device_id: str, command_id: str, expires_us: int) -> PendingCommand:
        """A new command."""
        command = DeviceCommand(command_id=command_id, kind=CommandKind.RUN_SELF_TEST)
        self.commands[command_id] = PendingCommand(command=command, expire_time_us=expires_us)
        self.owner[command_id] = device_id
        return self.commands[command_id]

    def open_commands(self, device_id: str) -> tuple[PendingCommand, ...]:
        """Commands of a device without an answer."""
        return tuple(one for name, one in self.commands.items() if self.owner[name] == device_id)

    def mark(self, command_id: str) -> None:
        """It is about to be sent."""
        if command_id in self.commands:
            self.commands[command_id] = replace(self.commands[command_id], was_sent=True)

    def answered(self, result: CommandResult) -> None:
        """The first answer counts."""
        self.commands.pop(result.command_id, None)


def check_down(disk: DeviceDownDisk) -> None:
    """What holds after every step."""
    assert is_valid(disk.held), f"a configuration is in force that never validated: {disk.held}"
    assert len(disk.done) == len(set(disk.done)), f"done twice: {disk.done}"
    assert not disk.late, f"done after their time: {disk.late}"


def check_down_end(device_id: str, disk: DeviceDownDisk, centre: CentreDownDisk) -> None:
    """What holds once the faults have stopped and everything has settled."""
    wanted = centre.configs.get(device_id)
    if wanted is not None and is_valid(wanted):
        assert disk.held == wanted, f"{device_id} is to have {wanted} and has {disk.held}"
    unanswered = [one for one in centre.open_commands(device_id) if one.was_sent]
    assert not unanswered, f"{device_id} was never heard about {unanswered}"
