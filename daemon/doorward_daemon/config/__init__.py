"""The configuration: one TOML file and environment overrides become frozen settings, or a list of all problems.

`Settings` is imported when it is asked for: it brings the libraries of all rooms, and a daemon that only keeps the
record (LedgerSettings) is to be there within half a second.
"""

from typing import TYPE_CHECKING, Any

from doorward_daemon.config.environment import Environment
from doorward_daemon.config.ledger_settings import LedgerSettings
from doorward_daemon.config.load import load_ledger_settings, load_settings, read_environment, wants_ledger_only

if TYPE_CHECKING:
    from doorward_daemon.config.settings import Settings

__all__ = [
    "Environment",
    "LedgerSettings",
    "Settings",
    "load_ledger_settings",
    "load_settings",
    "read_environment",
    "wants_ledger_only",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - the protocol of modules (PEP 562)
    """Imports Settings at its first use."""
    if name != "Settings":
        raise AttributeError(f"module {__name__} has no attribute {name}")
    from doorward_daemon.config.settings import Settings

    return Settings
