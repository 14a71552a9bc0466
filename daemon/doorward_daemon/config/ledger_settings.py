"""What a daemon that only keeps the record is told: the sections of the rooms it opens, and of no others."""

from dataclasses import dataclass, field

from doorward_daemon.config.door import ConfiguredDoor
from doorward_daemon.http.settings import HttpSettings
from doorward_daemon.journal import JournalSettings
from doorward_daemon.rpc.settings import RpcSettings
from doorward_daemon.telemetry.log import LogSettings
from doorward_daemon.uplink import UplinkSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class DaemonSettings:
    """What the daemon is for."""

    ledger_only: bool = False
    """Keeps the record, opens doors for operators, talks to the centre; no models or cameras: `serve --ledger-only`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerSettings:
    """Each field as in Settings; kept apart because the settings of the other rooms bring their libraries along."""

    doors: tuple[ConfiguredDoor, ...] = ()
    """The doors."""
    journal: JournalSettings = field(default_factory=JournalSettings)
    """How the record is kept."""
    uplink: UplinkSettings = field(default_factory=UplinkSettings)
    """Where the centre is."""
    rpc: RpcSettings = field(default_factory=RpcSettings)
    """How clients are served."""
    http: HttpSettings = field(default_factory=HttpSettings)
    """Health and metrics."""
    log: LogSettings = field(default_factory=LogSettings)
    """Where and how much is logged."""
