"""Opens the inference library the settings name; the other one is never loaded."""

from pathlib import Path

from doorward_daemon.errors import ErrorReason, Fault
from doorward_daemon.inference.openvino_library import load_openvino
from doorward_daemon.inference.runtime import Runtime
from doorward_daemon.inference.settings import InferenceSettings


def open_runtime(settings: InferenceSettings, cache_folder: Path | None) -> Runtime:
    """Loads the library and finds the device.

    Args:
        settings: which library, device, precision, threads.
        cache_folder: where compiled models may be kept between starts; None keeps nothing.

    Raises:
        Conflict: CONFIG_INVALID, a device nobody knows.
        Fault: INFERENCE_FAILED, the library cannot be loaded.
    """
    try:
        return _open(settings, cache_folder)
    except ImportError as error:
        raise Fault(
            ErrorReason.INFERENCE_FAILED,
            f"inference.runtime: {settings.runtime} cannot be loaded: {error}; install doorward[daemon] again,"
            " or choose the other of openvino and onnxruntime",
            metadata={"runtime": settings.runtime},
        ) from error


def _open(settings: InferenceSettings, cache_folder: Path | None) -> Runtime:
    if settings.runtime == "openvino":
        load_openvino()
        from doorward_daemon.inference.openvino_runtime import open_openvino

        return open_openvino(settings, cache_folder)
    from doorward_daemon.inference.onnx_runtime import open_onnx_runtime

    return open_onnx_runtime(settings)
