"""What the centre counts and writes down of its streams."""

import logging
from collections import Counter

from doorward_sync.outputs import AlarmKind

_LOG = logging.getLogger(__name__)


class Counters:
    """Numbers since start. For one event loop."""

    def __init__(self) -> None:
        self.alarms: Counter[AlarmKind] = Counter()
        """By kind."""
        self.streams = 0
        """That began."""
        self.hints = 0
        """Alarms that ran ahead of their device's queue."""

    def alarm(self, kind: AlarmKind, detail: str) -> None:
        """Counts an alarm and writes it down."""
        self.alarms[kind] += 1
        _LOG.warning("%s: %s", kind.value, detail)
