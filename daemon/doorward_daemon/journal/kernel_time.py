"""What the Linux kernel knows about its clocks: the boot, the time since it, whether the wall clock is disciplined."""

import ctypes
import time
from dataclasses import dataclass
from pathlib import Path

_BOOT_ID_FILE = Path("/proc/sys/kernel/random/boot_id")
_ASK_EVERY_NS = 1_000_000_000
_STA_UNSYNC = 0x0040
_TIME_ERROR = 5
# struct timex of Linux is 208 bytes on 64-bit and smaller on 32-bit systems; the call only reads it with modes = 0.
_TIMEX_BYTES = 256
# Before `status` lie modes (padded), offset, freq, maxerror and esterror, each as wide as a long (<sys/timex.h>).
_STATUS_OFFSET = 5 * ctypes.sizeof(ctypes.c_long)


@dataclass(frozen=True, slots=True)
class ClockReading:
    """The clocks at one moment."""

    boottime_ns: int
    """CLOCK_BOOTTIME, nanoseconds since boot, suspend included."""
    wall_time_us: int
    """Wall clock, microseconds since 1970 UTC."""
    synchronised: bool
    """Whether something (NTP, PTP, GPS) disciplines the wall clock."""


def read_boot_id() -> str:
    """Identity of this boot as the kernel names it; empty where it does not say."""
    try:
        return _BOOT_ID_FILE.read_text(encoding="ascii").strip()
    except OSError:
        return ""


class KernelClock:
    """Reads the clocks of the machine."""

    def __init__(self) -> None:
        library = ctypes.CDLL(None, use_errno=True)
        self._adjtimex = getattr(library, "adjtimex", None)
        self._synchronised = False
        self._ask_again_ns = 0

    def __call__(self) -> ClockReading:
        """The clocks now."""
        boottime_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        if boottime_ns >= self._ask_again_ns:
            self._synchronised = self._is_synchronised()
            self._ask_again_ns = boottime_ns + _ASK_EVERY_NS
        return ClockReading(
            boottime_ns=boottime_ns, wall_time_us=time.time_ns() // 1000, synchronised=self._synchronised
        )

    def _is_synchronised(self) -> bool:
        if self._adjtimex is None:
            return False
        timex = ctypes.create_string_buffer(_TIMEX_BYTES)
        state = self._adjtimex(timex)
        if state in (-1, _TIME_ERROR):
            return False
        status = ctypes.c_int.from_buffer(timex, _STATUS_OFFSET).value
        return not status & _STA_UNSYNC
