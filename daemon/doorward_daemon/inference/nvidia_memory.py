"""Memory of an NVIDIA device, from its management library."""

import contextlib
import importlib
from typing import Any

from doorward_daemon.model.decision import DeviceMemory


def nvidia_memory(number: int) -> DeviceMemory | None:
    """Asks the driver; None where neither driver nor `nvidia-ml-py` (extra `cuda`) is there.

    Args:
        number: of the device, from 0.
    """
    try:
        library: Any = importlib.import_module("pynvml")
    except ImportError:
        return None
    with contextlib.suppress(library.NVMLError):
        library.nvmlInit()
        found = library.nvmlDeviceGetMemoryInfo(library.nvmlDeviceGetHandleByIndex(number))
        return DeviceMemory(int(found.used), int(found.total))
    return None
