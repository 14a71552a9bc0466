"""When an event happened, and what the wall clock that says so is worth."""

from collections.abc import Callable
from datetime import UTC, datetime

from doorward_daemon.journal.kernel_time import ClockReading, KernelClock, read_boot_id
from doorward_sync.event import ClockState, EventTime

BUILT_AT = datetime(2026, 11, 1, tzinfo=UTC)
"""No device runs this version before; a clock that says so stands wrong. To be raised with every release."""
_BUILT_AT_US = int(BUILT_AT.timestamp()) * 1_000_000


class EventClock:
    """Stamps events. Thread-safe. The wall clock is written down, never trusted to order anything.

    The floor is the highest wall time ever seen. A clock below it is worth nothing, unless the kernel says that it is
    synchronised: then the floor was wrong (a jump into the future) and comes down to it, though never below the build.

    Args:
        read: reads the clocks.
        boot_id: identity of this boot.
        least_floor_us: the build time, microseconds since 1970 UTC.
    """

    def __init__(self, read: Callable[[], ClockReading], boot_id: str, least_floor_us: int = _BUILT_AT_US) -> None:
        self._read = read
        self._boot_id = boot_id
        self._least_floor_us = least_floor_us
        self._floor_us = least_floor_us

    @property
    def floor_us(self) -> int:
        """Wall time below which the clock is known to be wrong, microseconds since 1970 UTC."""
        return self._floor_us

    def remember_floor(self, floor_us: int) -> None:
        """Takes over what an earlier run had seen.

        Args:
            floor_us: microseconds since 1970 UTC.
        """
        self._floor_us = max(self._floor_us, floor_us)

    def now(self) -> EventTime:
        """The time of an event that happens now."""
        reading = self._read()
        state = self._state_of(reading)
        if state is not ClockState.UNSET:
            self._floor_us = reading.wall_time_us
        return EventTime(
            boot_id=self._boot_id,
            boottime_ns=reading.boottime_ns,
            wall_time_us=reading.wall_time_us,
            clock_state=state,
        )

    def age_s(self, time: EventTime) -> float | None:
        """How long ago an event happened, seconds; None where no clock can tell.

        Args:
            time: its time.
        """
        now = self.now()
        if now.boot_id == time.boot_id:
            return max(0.0, (now.boottime_ns - time.boottime_ns) / 1e9)
        if ClockState.UNSET in (now.clock_state, time.clock_state):
            return None
        return max(0.0, (now.wall_time_us - time.wall_time_us) / 1e6)

    def _state_of(self, reading: ClockReading) -> ClockState:
        if reading.wall_time_us < self._least_floor_us:
            return ClockState.UNSET
        if reading.synchronised:
            return ClockState.SYNCED
        return ClockState.UNSET if reading.wall_time_us < self._floor_us else ClockState.FLOOR


def open_event_clock() -> EventClock:
    """The clock of this machine."""
    return EventClock(KernelClock(), read_boot_id())
