"""How many cores this process may use."""

import os
from pathlib import Path

_TOPOLOGY = Path("/sys/devices/system/cpu")
_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def usable_cores(topology: Path = _TOPOLOGY, quota: Path = _QUOTA) -> int:
    """Counts the cores that can work for this process at once, at least 1.

    Two hardware threads of a core count once: they share the arithmetic units an inference is made of. A quota of the
    control group counts as well, because threads beyond it only take turns in being stopped.

    Args:
        topology: folder in which the kernel describes the processors.
        quota: file in which the control group states its quota.
    """
    cores = len({_siblings(topology, processor) for processor in os.sched_getaffinity(0)})
    return max(1, min(cores, _quota_cores(quota) or cores))


def _siblings(topology: Path, processor: int) -> str:
    try:
        return (topology / f"cpu{processor}" / "topology" / "thread_siblings_list").read_text(encoding="ascii")
    except OSError:
        return str(processor)


def _quota_cores(quota: Path) -> int | None:
    # Format: "<quota or max> <period>", both in microseconds (cgroup v2).
    try:
        allowed, period = quota.read_text(encoding="ascii").split()
        return max(1, int(allowed) // int(period))
    except (OSError, ValueError, ZeroDivisionError):
        return None
