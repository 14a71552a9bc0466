"""Networks on ONNX Runtime."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as library

from doorward_daemon.inference.device_library import DevicesFound
from doorward_daemon.inference.device_request import CPU, DeviceRequest
from doorward_daemon.inference.failure import inference_failure
from doorward_daemon.inference.model_input import ModelInput
from doorward_daemon.inference.nvidia_memory import nvidia_memory
from doorward_daemon.inference.processor import usable_cores
from doorward_daemon.inference.settings import InferenceSettings
from doorward_daemon.model.decision import DeviceMemory, DeviceTruth

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
_TENSORRT = "TensorrtExecutionProvider"
# What a provider is tried with: its name for the library and its options.
Provider = tuple[str, dict[str, str]]
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
        providers: the library's names of the providers to try, in order, each with its options.
        options: of every session.
        truth: what is known before the first network is loaded.
    """

    def __init__(self, providers: list[Provider], options: onnxruntime.SessionOptions, truth: DeviceTruth) -> None:
        self._providers = providers
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
        # The library falls back in silence: what it runs on is what it says afterwards.
        if self.truth.actual_device != CPU and providers[0] == _CPU:
            reason = f"ONNX Runtime could not start {self._providers[0][0]}"
            self.truth = replace(self.truth, actual_device=CPU, fallback_reason=reason)


class OnnxRuntimeLibrary:
    """Finds and opens the devices ONNX Runtime drives.

    Args:
        settings: precision and threads.
        cache_folder: where TensorRT keeps its engines between starts; None keeps nothing.
    """

    def __init__(self, settings: InferenceSettings, cache_folder: Path | None) -> None:
        onnxruntime.disable_telemetry_events()
        self._settings = settings
        self._cache_folder = cache_folder

    def accelerators(self, request: DeviceRequest) -> DevicesFound:
        """The devices to try before the CPU, best first; see DeviceLibrary."""
        return find_accelerators(request, onnxruntime.get_available_providers())

    def open(self, device: str) -> OnnxRuntime:
        """Opens one device; whether it is there shows when the first network is loaded."""
        settings = self._settings
        truth = DeviceTruth(
            runtime="onnxruntime",
            runtime_version=onnxruntime.__version__,
            requested_device=settings.device,
            actual_device=device,
            requested_precision=settings.precision,
            # The library computes in the types of the graph: f32, and int8 where the graph is quantised.
            actual_precision="int8/f32" if settings.precision == "int8" else "f32",
            fallback_reason="ONNX Runtime has no bf16, it computes in f32" if settings.precision == "bf16" else "",
        )
        providers = providers_for(device, onnxruntime.get_available_providers(), self._cache_folder)
        return OnnxRuntime(providers, _options(settings), truth)

    def memory(self, device: str) -> DeviceMemory | None:
        """Memory of a device; None where it is not told."""
        return nvidia_memory(int(device.partition(":")[2])) if device.startswith("cuda") else None


def find_accelerators(request: DeviceRequest, available: list[str]) -> DevicesFound:
    """The devices that a build of ONNX Runtime with these providers can be asked for.

    Args:
        request: what the operator asks for; gpu means cuda here.
        available: the providers in the build.
    """
    if request.kind == CPU:
        return DevicesFound()
    wants_cuda = request.kind in ("auto", "gpu", "cuda")
    if wants_cuda and _CUDA in available:
        return DevicesFound((f"cuda:{request.number or 0}",))
    if request.is_auto:
        return DevicesFound()
    needed = f"{_CUDA}; install doorward[cuda]" if wants_cuda else f"provider for {request.kind.upper()}"
    return DevicesFound(missing=f"this build of ONNX Runtime, with {', '.join(available)}, has no {needed}")


def providers_for(device: str, available: list[str], cache_folder: Path | None) -> list[Provider]:
    """The providers that run a device, in the order in which they are given each part of a network.

    Args:
        device: cpu or cuda:N.
        available: the providers in the build.
        cache_folder: where TensorRT may keep its engines; None keeps nothing.
    """
    if device == CPU:
        return [(_CPU, {})]
    number = device.partition(":")[2]
    # TensorFloat-32 would make f32 on NVIDIA hardware a name only.
    providers: list[Provider] = [(_CUDA, {"device_id": number, "use_tf32": "0"}), (_CPU, {})]
    if _TENSORRT in available:
        options = {"device_id": number, "trt_fp16_enable": "0"}
        if cache_folder is not None:
            options |= {"trt_engine_cache_enable": "1", "trt_engine_cache_path": str(cache_folder / "tensorrt")}
        providers.insert(0, (_TENSORRT, options))
    return providers


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


def _sizes(shape: list[int | str | None]) -> tuple[int | None, ...]:
    return tuple(size if isinstance(size, int) else None for size in shape)
