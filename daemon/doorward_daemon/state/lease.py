"""The lease of a gallery: how long a box goes on letting people in without having heard of its centre."""

import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

_KEEP_EVERY_S = 60.0


class Lease:
    """Counts the time without a sign of the centre, in time since boot, over restarts. Thread-safe.

    The wall clock is not asked: whoever can set it could end a lease, or make it last for ever. Time for which the box
    was without power is not counted, because nothing on it can tell how long that was.

    Args:
        path: where it is kept.
        term_s: how long the silence may last, seconds; 0 for ever.
        boot_id: identity of the boot.
        boottime_s: seconds since boot, suspend included.
    """

    def __init__(
        self,
        path: Path,
        term_s: float,
        boot_id: str,
        boottime_s: Callable[[], float] = lambda: time.clock_gettime(time.CLOCK_BOOTTIME),
    ) -> None:
        self._path = path
        self._term_s = term_s
        self._boot_id = boot_id
        self._boottime_s = boottime_s
        self._lock = threading.Lock()
        self._silent_before_s, self._since_s = self._read()
        self._kept_s = self._boottime_s()

    @property
    def is_over(self) -> bool:
        """Whether the centre has been silent for longer than the lease."""
        return 0.0 < self._term_s < self.silent_s

    @property
    def silent_s(self) -> float:
        """Seconds since the last sign of the centre, as far as this box was on."""
        with self._lock:
            return self._silent_before_s + max(0.0, self._boottime_s() - self._since_s)

    def look(self, *, heard: bool) -> None:
        """To be called every second or so: notes a sign of the centre, or keeps the silence on disk now and then.

        Args:
            heard: whether the centre is there.
        """
        now_s = self._boottime_s()
        if heard:
            with self._lock:
                was_silent_s = self._silent_before_s
                self._silent_before_s, self._since_s = 0.0, now_s
            if was_silent_s <= 0.0 and now_s - self._kept_s < _KEEP_EVERY_S:
                return
        elif now_s - self._kept_s < _KEEP_EVERY_S:
            return
        self._kept_s = now_s
        self._write(self.silent_s, now_s)

    def _read(self) -> tuple[float, float]:
        now_s = self._boottime_s()
        try:
            raw = json.loads(self._path.read_text(encoding="ascii"))
            silent_s, at_s = float(raw["silent_s"]), float(raw["at_s"])
            same_boot = raw["boot_id"] == self._boot_id and at_s <= now_s
        except (OSError, ValueError, KeyError, TypeError):
            # The first start, or a record that cannot be read: the term begins now.
            return 0.0, now_s
        # In another boot the silence goes on from its beginning.
        return max(0.0, silent_s), at_s if same_boot else 0.0

    def _write(self, silent_s: float, at_s: float) -> None:
        if self._term_s <= 0.0:
            return
        fresh = self._path.with_suffix(".new")
        text = json.dumps({"boot_id": self._boot_id, "silent_s": silent_s, "at_s": at_s})
        try:
            with fresh.open("w", encoding="ascii") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
        except OSError:
            # A full disk costs a minute of the count at the next start, not the box.
            fresh.unlink(missing_ok=True)
