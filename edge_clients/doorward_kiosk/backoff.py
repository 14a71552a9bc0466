"""How long to wait before the daemon is asked again."""

import random

from doorward_client.errors import DoorwardError
from doorward_kiosk.settings import KioskSettings

UNSERVED = "UNIMPLEMENTED"
"""Reason of a method that the daemon does not serve."""


class Backoff:
    """Doubles with every failure, starts anew with every success.

    Args:
        settings: first and longest wait.
    """

    def __init__(self, settings: KioskSettings) -> None:
        self._settings = settings
        self._failures = 0

    def reset(self) -> None:
        """The daemon answered."""
        self._failures = 0

    def wait_s(self, error: DoorwardError) -> float:
        """Seconds to wait after a failure, drawn from the upper half so that followers do not march in step."""
        if error.reason == UNSERVED:
            return self._settings.absent_rpc_retry_s
        longest: float = min(self._settings.retry_s * 2**self._failures, self._settings.max_retry_s)
        self._failures = min(self._failures + 1, 16)
        return random.uniform(longest / 2, longest)
