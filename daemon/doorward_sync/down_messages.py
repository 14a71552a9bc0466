"""The messages of the uplink that bring configuration and commands down, and what a device answers, as values."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

LARGEST_CONFIG_BYTES = 64 * 1024
"""UTF-8 bytes of a configuration from the centre; the reference of all settings has half of it."""
LONGEST_VALIDITY_MS = 3_600_000
"""A command may wait for its device for an hour: what is older was meant for another situation."""
LONGEST_COMMAND_ID = 64
"""Characters."""


class CommandKind(StrEnum):
    """What a device can be told to do."""

    OPEN_DOOR = "open_door"
    """Open a door as an operator would."""
    RUN_SELF_TEST = "run_self_test"
    """Send the golden picture through the live pipeline."""
    RESTART = "restart"
    """End the process; its supervisor starts it again, with the configuration it has by then."""


class CommandOutcome(StrEnum):
    """What became of a command."""

    DONE = "done"
    """It was carried out."""
    FAILED = "failed"
    """It was tried; the detail says what went wrong."""
    EXPIRED = "expired"
    """It came too late; nothing was done."""
    REFUSED = "refused"
    """This device cannot do it; nothing was done."""
    UNKNOWN = "unknown"
    """It was accepted, then the device ended: it may have been carried out, and is not repeated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigDocument:
    """Configuration that the centre holds for a device."""

    revision: int
    """Raised with every change at the centre; 0 stands for none."""
    text: str
    """TOML, the sections of config_keys.py only; laid over the device's own file."""

    @property
    def digest(self) -> bytes:
        """SHA-256 of the text, 32 bytes: a centre that was restored gives the same revision to another text."""
        return hashlib.sha256(self.text.encode()).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigOffer:
    """The centre's configuration for this device; answered by ConfigResult."""

    session_id: str
    """Session it belongs to."""
    document: ConfigDocument
    """The whole of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigResult:
    """How a configuration was taken."""

    offered_revision: int
    """The revision that was offered."""
    revision: int
    """The revision the device has now: the offered one, or the one it keeps."""
    digest: bytes
    """Digest of that; empty with revision 0."""
    problem: str = ""
    """Why the offered one was refused; empty where it was taken."""
    restart_sections: tuple[str, ...] = ()
    """Sections that take effect at the next start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCommand:
    """What a device is told to do."""

    command_id: str
    """1..64 characters, unique; a device carries out each once at most."""
    kind: CommandKind
    """What."""
    door_id: str = ""
    """Which door, for OPEN_DOOR."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandOrder:
    """A command on its way; answered by CommandResult. Sent again after a reconnect until it is answered."""

    session_id: str
    """Session it belongs to."""
    command: DeviceCommand
    """The command."""
    expire_time_us: int
    """When it expires by the centre's clock, microseconds since 1970 UTC."""
    valid_for_ms: int
    """What was left of its validity at sending; 0 only asks what became of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandResult:
    """What became of a command; also an event of the ledger."""

    command_id: str
    """The command."""
    outcome: CommandOutcome
    """What."""
    detail: str = ""
    """For a person."""
