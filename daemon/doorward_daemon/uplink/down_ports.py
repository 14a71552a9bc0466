"""What the uplink needs for configuration and commands; app wires it. Called on the uplink's own thread."""

from typing import Protocol

from doorward_sync.down_messages import (
    CommandOutcome,
    CommandResult,
    ConfigDocument,
    ConfigResult,
    DeviceCommand,
)


class ConfigPort(Protocol):
    """The configuration as the uplink sees it. Thread-safe; failures are DoorwardErrors."""

    def mark(self) -> tuple[int, bytes]:
        """Revision and digest of the configuration the centre gave this device; 0 and nothing before the first."""

    def apply(self, document: ConfigDocument) -> ConfigResult:
        """Checks it whole and keeps it, or keeps what is there; either way there is an event of it."""


class CommandPort(Protocol):
    """Commands as the uplink sees them. Failures of the record are DoorwardErrors; nothing was done then."""

    def carry_out(self, command: DeviceCommand, deadline_boottime_ns: int) -> CommandResult:
        """Puts it on record, then does it, once at most; what is on record already is answered from there."""


class AbsentConfig:
    """The ConfigPort of a device that takes none."""

    def mark(self) -> tuple[int, bytes]:
        """As ConfigPort."""
        return 0, b""

    def apply(self, document: ConfigDocument) -> ConfigResult:
        """As ConfigPort."""
        problem = "this device takes no configuration from the centre"
        return ConfigResult(offered_revision=document.revision, revision=0, digest=b"", problem=problem)


class AbsentCommands:
    """The CommandPort of a device that takes none."""

    def carry_out(self, command: DeviceCommand, deadline_boottime_ns: int) -> CommandResult:
        """As CommandPort."""
        detail = "this device takes no commands from the centre"
        return CommandResult(command_id=command.command_id, outcome=CommandOutcome.REFUSED, detail=detail)
