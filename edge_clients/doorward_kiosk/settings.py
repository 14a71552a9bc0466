"""What an operator can set about the page."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class KioskSettings:
    """Where the page is served and how eagerly it follows the daemon."""

    host: Literal["127.0.0.1", "::1"] = "127.0.0.1"
    """Loopback only: there is no login here, and faces are shown."""
    port: int = 8323
    """Port, 0..65535; 0 takes any that is free."""
    max_views_hz: float = 10.0
    """Pictures per second and camera at most, 0..30."""
    max_watchers: int = 8
    """Browsers that are served at once, 1..64; more are asked to come back."""
    poll_s: float = 1.0
    """Seconds between two questions about doors, cameras, uplink and status while somebody watches."""
    idle_poll_s: float = 5.0
    """The same while nobody watches."""
    retry_s: float = 0.5
    """Seconds before the first new attempt when the daemon is gone; they double up to `max_retry_s`."""
    max_retry_s: float = 2.0
    """Longest wait between two attempts, seconds."""
    absent_rpc_retry_s: float = 10.0
    """Seconds before a daemon that does not serve a method is asked for it again."""
    heartbeat_s: float = 5.0
    """Longest silence towards a browser, seconds."""
