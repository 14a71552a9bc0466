"""How the last starts ended: the third abnormal one within a minute makes the next one a safe one."""

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ABNORMAL_STARTS = 3
"""So many abnormal starts within WINDOW_S mean that starting as configured does not work on this box now."""
WINDOW_S = 60.0
_KEPT = 8


@dataclass(frozen=True, slots=True)
class StartRecord:
    """The record of starts in a data folder. A start is abnormal until finish() says otherwise.

    Times are of CLOCK_BOOTTIME with the boot's identity, so that a wall clock that jumps changes nothing.
    """

    path: Path
    """The file."""
    boottime_s: Callable[[], float] = lambda: time.clock_gettime(time.CLOCK_BOOTTIME)
    """Seconds since boot, suspend included."""
    boot_id: str = ""
    """Identity of the boot; starts of an earlier boot do not count."""

    def begin(self) -> bool:
        """Notes a start.

        Returns:
            Whether this start is to be a safe one.
        """
        now_s = self.boottime_s()
        recent = [at_s for at_s in self._abnormal() if 0.0 <= now_s - at_s <= WINDOW_S]
        self._write([*recent, now_s][-_KEPT:])
        return len(recent) >= ABNORMAL_STARTS - 1

    def finish(self) -> None:
        """Notes that this start ended, or settled, as it should: nothing counts any more."""
        self._write([])

    def _abnormal(self) -> list[float]:
        try:
            raw = json.loads(self.path.read_text(encoding="ascii"))
            if raw.get("boot_id") != self.boot_id:
                return []
            return [float(at_s) for at_s in raw["abnormal_starts_s"]]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            # A record that cannot be read must not keep a box from starting.
            return []

    def _write(self, abnormal_starts_s: list[float]) -> None:
        fresh = self.path.with_suffix(".new")
        text = json.dumps({"boot_id": self.boot_id, "abnormal_starts_s": abnormal_starts_s})
        try:
            with fresh.open("w", encoding="ascii") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.path)
        except OSError:
            # On a full disk the daemon starts without this guard rather than not at all.
            fresh.unlink(missing_ok=True)


def read_boot_id() -> str:
    """Identity of this boot, as the kernel names it; empty where it does not."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
