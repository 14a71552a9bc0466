"""Processor time of this process, told apart by what its threads are there for."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

_TASKS = Path("/proc/self/task")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class ProcessorTime:
    """Used so far."""

    wall_s: float
    """Monotonic time, seconds."""
    process_s: float
    """Of all threads, seconds."""
    cameras_s: float
    """Of the threads that read and decode cameras, seconds."""

    def share_since(self, before: "ProcessorTime") -> dict[str, float]:
        """Parts of one core used since: of everything, and of the cameras among it."""
        wall_s = self.wall_s - before.wall_s
        return {
            "cpu_of_one_core": round((self.process_s - before.process_s) / wall_s, 4),
            "cameras_of_one_core": round((self.cameras_s - before.cameras_s) / wall_s, 4),
        }


def processor_time(camera_ids: frozenset[int]) -> ProcessorTime:
    """Reads it.

    Args:
        camera_ids: native identities of the threads of cameras.
    """
    return ProcessorTime(time.monotonic(), time.process_time(), sum(_thread_s(one) for one in camera_ids))


def _thread_s(native_id: int) -> float:
    # proc(5): the name may hold blanks and ends with the last bracket; utime and stime are fields 14 and 15.
    fields = (_TASKS / str(native_id) / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S
