"""What earlier starts found out about the accelerators of this box, on disk."""

import json
import logging
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

ABNORMAL_ENDS = 2
"""So many processes that ended while a device was in use, and it is taken for the cause."""
FIRST_REST_S = 600.0
"""A lost device is left alone so long, seconds; twice as long after every further loss, a day at most."""
_LONGEST_REST_S = 86_400.0

_log = logging.getLogger(__name__)


class MarkState(StrEnum):
    """How far a device has come."""

    TRYING = "trying"
    USING = "using"
    IDLE = "idle"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class DeviceMark:
    """One device as it was left."""

    state: MarkState
    """What was done with it."""
    marked_s: float
    """When, seconds since boot."""
    abnormal_ends: int = 0
    """Processes that ended while it was tried or used, and losses."""
    reason: str = ""
    """Why it is lost."""


class DeviceMarks:
    """Remembers over restarts that a device was being tried, so that the one that ends the process is not tried again.

    Kept in the cache folder: deleting it, or booting the box, gives every device another chance.

    Args:
        path: the file; None remembers nothing.
        boottime_s: seconds since boot, suspend included: a wall clock that jumps changes nothing.
        boot_id: identity of the boot; None asks the kernel.
    """

    def __init__(
        self,
        path: Path | None,
        boottime_s: Callable[[], float] = lambda: time.clock_gettime(time.CLOCK_BOOTTIME),
        boot_id: str | None = None,
    ) -> None:
        self._path = path
        self._boottime_s = boottime_s
        self._boot_id = _read_boot_id() if boot_id is None else boot_id
        found = self._read()
        self._marks = {device: self._after_end(device, mark) for device, mark in found.items()}
        if self._marks != found:
            self._write()

    def refusal(self, device: str) -> str:
        """Why a device is not to be tried now; empty where it may be."""
        mark = self._marks.get(device)
        if mark is None or mark.state is not MarkState.LOST:
            return ""
        rest_s = min(_LONGEST_REST_S, FIRST_REST_S * 2.0 ** max(0, mark.abnormal_ends - 1))
        left_s = mark.marked_s + rest_s - self._boottime_s()
        return f"{mark.reason}; not tried again for {left_s:.0f} s or before a reboot" if left_s > 0.0 else ""

    def set(self, device: str, state: MarkState) -> None:
        """Notes that a device is tried, used, or put down; on disk before it returns."""
        known = self._marks.get(device)
        self._put(device, DeviceMark(state, self._boottime_s(), known.abnormal_ends if known else 0))

    def lose(self, device: str, reason: str) -> None:
        """Notes that a device is not to be tried for a while."""
        known = self._marks.get(device)
        ends = known.abnormal_ends if known else 0
        self._put(device, DeviceMark(MarkState.LOST, self._boottime_s(), ends + 1, reason))

    def _after_end(self, device: str, mark: DeviceMark) -> DeviceMark:
        if mark.state not in (MarkState.TRYING, MarkState.USING):
            return mark
        # Nobody put it down: the process ended in the middle of it.
        ends, doing = mark.abnormal_ends + 1, "was being tried" if mark.state is MarkState.TRYING else "was in use"
        if mark.state is MarkState.USING and ends < ABNORMAL_ENDS:
            return DeviceMark(MarkState.IDLE, self._boottime_s(), ends)
        reason = f"{device} {doing} when the process ended"
        _log.error("device left alone", extra={"device": device, "reason": reason})
        return DeviceMark(MarkState.LOST, self._boottime_s(), ends, reason)

    def _read(self) -> dict[str, DeviceMark]:
        if self._path is None:
            return {}
        try:
            raw = json.loads(self._path.read_text(encoding="utf-8"))
            if raw["boot_id"] != self._boot_id:
                return {}
            return TypeAdapter(dict[str, DeviceMark]).validate_python(raw["devices"])
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, ValidationError) as error:
            _log.warning("what is known of the devices cannot be read: %s", error)
            return {}

    def _put(self, device: str, mark: DeviceMark) -> None:
        self._marks[device] = mark
        self._write()

    def _write(self) -> None:
        if self._path is None:
            return
        text = json.dumps(
            {"boot_id": self._boot_id, "devices": {name: asdict(one) for name, one in self._marks.items()}}
        )
        fresh = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with fresh.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                # The next thing may end the process, or the box.
                os.fsync(file.fileno())
            fresh.replace(self._path)
        except OSError as error:
            _log.warning("device marks not kept, a crash will not be remembered: %s", error)


def _read_boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
