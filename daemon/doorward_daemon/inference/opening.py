"""Opens the inference library the settings name; the other one is never loaded."""

from pathlib import Path

from doorward_daemon.errors import ErrorReason, Fault
from doorward_daemon.inference.device_library import DeviceLibrary
from doorward_daemon.inference.device_marks import DeviceMarks
from doorward_daemon.inference.device_runtime import DeviceRuntime
from doorward_daemon.inference.openvino_library import load_openvino
from doorward_daemon.inference.settings import InferenceSettings

_MARKS = "devices.json"


def open_runtime(settings: InferenceSettings, cache_folder: Path | None) -> DeviceRuntime:
    """Loads the library and finds the devices; the CPU is ready at once, accelerators when they are tended to.

    Args:
        settings: which library, device, precision, threads.
        cache_folder: where compiled models and what is known of devices are kept between starts; None keeps nothing.

    Raises:
        Conflict: CONFIG_INVALID, a device nobody knows; DEVICE_UNAVAILABLE, a strict wish for one that is not here.
        Fault: INFERENCE_FAILED, the library cannot be loaded.
    """
    try:
        library = _open_library(settings, cache_folder)
    except ImportError as error:
        raise Fault(
            ErrorReason.INFERENCE_FAILED,
            f"inference.runtime: {settings.runtime} cannot be loaded: {error}; install doorward[daemon] again,"
            " or choose the other of openvino and onnxruntime",
            metadata={"runtime": settings.runtime},
        ) from error
    return DeviceRuntime(library, settings, DeviceMarks(None if cache_folder is None else cache_folder / _MARKS))


def _open_library(settings: InferenceSettings, cache_folder: Path | None) -> DeviceLibrary:
    if settings.runtime == "openvino":
        load_openvino()
        from doorward_daemon.inference.openvino_runtime import OpenVinoLibrary

        return OpenVinoLibrary(settings, cache_folder)
    from doorward_daemon.inference.onnx_runtime import OnnxRuntimeLibrary

    return OnnxRuntimeLibrary(settings, cache_folder)
