"""Opens the inference library the settings name; the other one is never loaded."""

from pathlib import Path

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
    if settings.runtime == "openvino":
        from doorward_daemon.inference.openvino_runtime import open_openvino

        return open_openvino(settings, cache_folder)
    from doorward_daemon.inference.onnx_runtime import open_onnx_runtime

    return open_onnx_runtime(settings)
