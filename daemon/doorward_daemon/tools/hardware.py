"""The machine a figure was measured on."""

import os
import platform
from pathlib import Path


def hardware() -> dict[str, object]:
    """Processor and the cores this process may use; a figure without them says nothing."""
    return {"cpu": _processor(), "cores": usable_cores(), "machine": platform.machine()}


def usable_cores() -> int:
    """Cores this process may run on."""
    return len(os.sched_getaffinity(0))


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith(("model name", "Model"))]
    return names[0] if names else platform.processor() or "unknown"
