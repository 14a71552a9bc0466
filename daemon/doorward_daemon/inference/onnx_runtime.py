"""Networks on ONNX Runtime."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as library

from doorward_daemon.inference.device import wants_gpu
from doorward_daemon.inference.failure import inference_failure
from doorward_daemon.inference.model_input import ModelInput
from doorward_daemon.inference.processor import usable_cores
from doorward_daemon.inference.settings import InferenceSettings
from doorward_daemon.model.decision import DeviceTruth

# Every exception the library declares; they have no common base but Exception.
_FAILURES = (
    library.EPFail,
    library.Fail,
    library.InvalidArgument,
    library.InvalidGraph,
    library.InvalidProtobuf,
    library.NoModel,
    library.NoSuchFile,
    library.NotImplemented,
    library.RuntimeException,
    RuntimeError,
    ValueError,
)
_CPU = "CPUExecutionProvider"
_CUDA = "CUDAExecutionProvider"
# TensorFloat-32 would make f32 on NVIDIA hardware a name only.
_PROVIDER_OPTIONS = {_CPU: {}, _CUDA: {"use_tf32": "0"}}
_ERRORS_ONLY = 3


class OnnxRuntimeModel:
    """A network loaded by ONNX Runtime; thread-safe, as the library's sessions are.

    Args:
        session: the library's `InferenceSession`.
        model_input: what it takes.
    """

    def __init__(self, session: onnxruntime.InferenceSession, model_input: ModelInput) -> None:
        self._session = session
        self._outputs = tuple(output.name for output in session.get_outputs())
        self._input = model_input

    def infer(self, nchw: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Runs the network once; see CompiledModel."""
        tensor = self._input.check_tensor(nchw)
        try:
            found = self._session.run(self._outputs, {self._input.name: tensor})
        except _FAILURES as error:
            raise inference_failure(self._input.file, error) from error
        return dict(zip(self._outputs, found, strict=True))


class OnnxRuntime:
    """ONNX Runtime on one device; thread-safe.

    Args:
        providers: the library's names of the devices to try, in order.
        options: of every session.
        truth: what is known before the first network is loaded.
    """

    def __init__(self, providers: list[str], options: onnxruntime.SessionOptions, truth: DeviceTruth) -> None:
        self._providers = [(name, _PROVIDER_OPTIONS[name]) for name in providers]
        self._options = options
        self.truth = truth

    def compile(self, path: Path, *, input_name: str, shape: tuple[int | None, ...]) -> OnnxRuntimeModel:
        """Makes a network ready to run; see Runtime."""
        model_input = ModelInput(path, input_name, shape)
        try:
            session = onnxruntime.InferenceSession(path.read_bytes(), self._options, providers=self._providers)
        except (*_FAILURES, OSError) as error:
            raise inference_failure(path, error) from error
        model_input.check_graph({found.name: _sizes(found.shape) for found in session.get_inputs()})
        self._read_back(session.get_providers())
        return OnnxRuntimeModel(session, model_input)

    def close(self) -> None:
        """Keeps no handle; networks are given back with the last user of each."""

    def _read_back(self, providers: list[str]) -> None:
        actual = _device_of(providers[0])
        reason = self.truth.fallback_reason
        if actual != _device_of(self._providers[0][0]):
            reason = f"ONNX Runtime could not start {self._providers[0][0]}"
        self.truth = replace(self.truth, actual_device=actual, fallback_reason=reason)


def open_onnx_runtime(settings: InferenceSettings) -> OnnxRuntime:
    """Opens ONNX Runtime on the device the settings ask for, or on the CPU.

    Raises:
        Conflict: CONFIG_INVALID, a device nobody knows.
    """
    onnxruntime.disable_telemetry_events()
    providers, reason = [_CPU], ""
    if wants_gpu(settings.device):
        found = onnxruntime.get_available_providers()
        if _CUDA in found:
            providers = [_CUDA, _CPU]
        else:
            reason = f"this build of ONNX Runtime has no {_CUDA}, only {', '.join(found)}"
    truth = DeviceTruth(
        runtime="onnxruntime",
        runtime_version=onnxruntime.__version__,
        requested_device=settings.device,
        actual_device=_device_of(providers[0]),
        requested_precision=settings.precision,
        # The library computes in the types of the graph, and check_tensor admits f32 alone.
        actual_precision="f32",
        fallback_reason=reason,
    )
    return OnnxRuntime(providers, _options(settings), truth)


def _options(settings: InferenceSettings) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = settings.threads or usable_cores()
    options.inter_op_num_threads = 1
    # A pattern is kept per input size: 194 instead of 151 MB after 240 sizes of pictures, and no faster.
    options.enable_mem_pattern = False
    # Idle threads that spin take the cores from the other networks and from everything else on the box.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = _ERRORS_ONLY
    return options


def _device_of(provider: str) -> str:
    return "gpu" if provider == _CUDA else "cpu"


def _sizes(shape: list[int | str | None]) -> tuple[int | None, ...]:
    return tuple(size if isinstance(size, int) else None for size in shape)
