"""Networks on OpenVINO."""

import hashlib
import io
import logging
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import openvino

from doorward_daemon.inference.crowd import Crowd
from doorward_daemon.inference.device_library import DevicesFound
from doorward_daemon.inference.device_request import CPU, DeviceRequest
from doorward_daemon.inference.failure import inference_failure
from doorward_daemon.inference.model_input import ModelInput
from doorward_daemon.inference.openvino_model import OpenVinoModel
from doorward_daemon.inference.processor import usable_cores
from doorward_daemon.inference.sealed_cache import SealedCache
from doorward_daemon.inference.settings import InferenceSettings
from doorward_daemon.model.decision import DeviceMemory, DeviceTruth

# Kernels kept for sizes met before, per kind of kernel. A detector meets a new size with every still picture: with the
# library's own 5000 the process grew from 162 to 674 MB over 300 sizes; with 120 it stays at 243 MB, and two sizes in
# turn, a camera's, still find their kernels (YuNet has 53 convolutions): 14.2 ms of processor time at 960x544 against
# 15.9 ms with none kept.
_KERNEL_CACHE = {"CPU_RUNTIME_CACHE_CAPACITY": "120"}

# The library's words for ours.
_NAMES = {"bfloat16": "bf16", "float16": "f16"}
# The compiled network and the names of its outputs, in its order.
_Compiled = tuple[openvino.CompiledModel, tuple[str, ...]]
_Options = dict[str, Any]
_STOP_WITHIN_S = 10.0

_LOG = logging.getLogger(__name__)


class OpenVinoRuntime:
    """OpenVINO on one device; thread-safe.

    Args:
        core: the library's `Core`.
        device: the library's name of the device, e.g. `CPU`.
        options: properties every network is compiled with.
        cache: networks compiled by earlier starts; None keeps nothing.
        truth: what is known before the first network is compiled.
        shared_options: properties for several callers at once; None where there is nothing to share.
    """

    def __init__(
        self,
        core: openvino.Core,
        device: str,
        options: _Options,
        cache: SealedCache | None,
        truth: DeviceTruth,
        shared_options: _Options | None = None,
    ) -> None:
        self._core = core
        self._device = device
        self._options = options
        self._cache = cache
        self._shared_options = shared_options
        self._hardware = f"{openvino.__version__} {core.get_property(device, 'FULL_DEVICE_NAME')}"
        self._crowd = Crowd(self._prepare_for_several) if shared_options else None
        self._models: list[OpenVinoModel] = []
        self._preparing: threading.Thread | None = None
        self._stopping = threading.Event()
        self.truth = truth

    def compile(self, path: Path, *, input_name: str, shape: tuple[int | None, ...]) -> OpenVinoModel:
        """Makes a network ready to run; see Runtime."""
        model_input = ModelInput(path, input_name, shape)
        try:
            compiled, outputs = self._opened(model_input, self._options)
            self._read_back(compiled)
        except (RuntimeError, OSError) as error:
            raise inference_failure(path, error) from error
        model = OpenVinoModel(compiled, outputs, model_input, self._crowd)
        self._models.append(model)
        return model

    def close(self) -> None:
        """Ends what is being prepared; networks are given back with the last user of each."""
        self._stopping.set()
        if self._preparing is not None:
            self._preparing.join(_STOP_WITHIN_S)
        self._models.clear()

    def _prepare_for_several(self) -> None:
        self._preparing = threading.Thread(target=self._prepare, name="models-for-several", daemon=True)
        self._preparing.start()

    def _prepare(self) -> None:
        options = self._shared_options or {}
        for model in tuple(self._models):
            if self._stopping.is_set():
                return
            try:
                model.prepare_for_several(lambda model_input: self._opened(model_input, options)[0])
            except (RuntimeError, OSError) as error:
                # It goes on as it is, only slower.
                _LOG.warning("a network cannot be compiled for several callers: %s", " ".join(str(error).split()))
        _LOG.info("networks are compiled for several callers at once", extra={"networks": len(self._models)})

    def _opened(self, model_input: ModelInput, options: _Options) -> _Compiled:
        content = model_input.file.read_bytes()
        key = self._key(content, model_input, options)
        return self._imported(key, options) or self._compiled(content, model_input, options, key)

    def _imported(self, key: str, options: _Options) -> _Compiled | None:
        blob = self._cache.load(key) if self._cache else None
        if blob is None:
            return None
        try:
            compiled = self._core.import_model(io.BytesIO(blob), self._device, options)
        except RuntimeError:
            # Intact, yet not for this library or processor after all; compiling anew replaces it.
            return None
        return compiled, tuple(output.any_name for output in compiled.outputs)

    def _compiled(self, content: bytes, model_input: ModelInput, options: _Options, key: str) -> _Compiled:
        graph = self._core.read_model(content)
        model_input.check_graph({found.any_name: _sizes(found.partial_shape) for found in graph.inputs})
        graph.reshape([-1 if size is None else size for size in model_input.shape])
        # The compiled network knows its outputs by further, inner names as well; these are the file's.
        outputs = tuple(output.any_name for output in graph.outputs)
        compiled = self._core.compile_model(graph, self._device, options)
        if self._cache:
            exported = io.BytesIO()
            compiled.export_model(exported)
            self._cache.store(key, exported.getvalue())
        return compiled, outputs

    def _key(self, content: bytes, model_input: ModelInput, options: _Options) -> str:
        compiled_for = f"{self._hardware} {sorted(options.items())} {model_input.name} {model_input.shape} "
        digest = hashlib.sha256(compiled_for.encode())
        digest.update(content)
        return digest.hexdigest()[:32]

    def _read_back(self, compiled: openvino.CompiledModel) -> None:
        found = compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name()
        precision = _precision(self.truth.requested_precision, _NAMES.get(found, found))
        device = ",".join(compiled.get_property("EXECUTION_DEVICES")).lower()
        reason = self.truth.fallback_reason
        if precision != self.truth.actual_precision and not reason:
            reason = f"the device computes in {precision}"
        self.truth = replace(self.truth, actual_device=device, actual_precision=precision, fallback_reason=reason)


class OpenVinoLibrary:
    """Finds and opens the devices OpenVINO drives.

    Args:
        settings: precision and threads.
        cache_folder: where compiled networks are kept between starts; None keeps nothing.
    """

    def __init__(self, settings: InferenceSettings, cache_folder: Path | None) -> None:
        self._core = openvino.Core()
        self._settings = settings
        self._cache = SealedCache(cache_folder / "openvino") if cache_folder else None

    def accelerators(self, request: DeviceRequest) -> DevicesFound:
        """The devices to try before the CPU, best first; see DeviceLibrary."""
        found = self._core.available_devices
        if request.kind == "cuda":
            return DevicesFound(missing="OpenVINO drives no NVIDIA device; set inference.runtime to onnxruntime")
        kinds = {"auto": ("gpu", "npu"), CPU: ()}.get(request.kind, (request.kind,))
        # Several of a kind are called GPU.0, GPU.1; a single one GPU.
        devices = tuple(
            name.lower()
            for kind in kinds
            for name in sorted(found)
            if name.split(".")[0].lower() == kind and request.number in (None, _number_of(name))
        )
        if devices or request.kind in ("auto", CPU):
            return DevicesFound(devices)
        return DevicesFound(missing=f"OpenVINO finds no {request.kind.upper()} here, only {', '.join(found)}")

    def open(self, device: str) -> OpenVinoRuntime:
        """Opens one device.

        Raises:
            RuntimeError: its driver refuses.
        """
        settings = self._settings
        able = self._core.get_property(device.upper(), "OPTIMIZATION_CAPABILITIES")
        hint = "bf16" if settings.precision != "f32" and "BF16" in able else "f32"
        is_missing = settings.precision == "bf16" and hint == "f32"
        truth = DeviceTruth(
            runtime="openvino",
            runtime_version=openvino.__version__.split("-")[0],
            requested_device=settings.device,
            actual_device=device,
            requested_precision=settings.precision,
            actual_precision=_precision(settings.precision, hint),
            fallback_reason=f"the {device} has no bf16, it computes in f32" if is_missing else "",
        )
        name = device.upper()
        options = _options(self._core, name, settings, hint)
        return OpenVinoRuntime(self._core, name, options, self._cache, truth, _shared(options))

    def memory(self, device: str) -> DeviceMemory | None:
        """Memory of a device; None where it is not told."""
        if not device.startswith("gpu"):
            return None
        try:
            total = self._core.get_property(device.upper(), "GPU_DEVICE_TOTAL_MEM_SIZE")
            kinds = self._core.get_property(device.upper(), "GPU_MEMORY_STATISTICS")
        except RuntimeError:
            return None
        return DeviceMemory(int(sum(kinds.values())), int(total))


def _number_of(name: str) -> int:
    return int(name.partition(".")[2] or 0)


def _precision(requested: str, hint: str) -> str:
    # The quantised networks bring their own types; the others, and what lies between, are computed as hinted.
    return f"int8/{hint}" if requested == "int8" else hint


def _options(core: openvino.Core, device: str, settings: InferenceSettings, hint: str) -> _Options:
    # The hint is not a default: without it the library picks bf16 on processors that have it, which moves landmarks by
    # up to 0.74 px and makes templates of two boxes differ.
    options: _Options = {"INFERENCE_PRECISION_HINT": hint, "PERFORMANCE_HINT": "LATENCY"}
    if device != "CPU":
        return options
    options["INFERENCE_NUM_THREADS"] = settings.threads or usable_cores()
    # Cameras, clients and the journal share these cores; a thread tied to a busy one waits for it.
    options["ENABLE_CPU_PINNING"] = False
    return options | _kernel_cache(core)


def _shared(options: _Options) -> _Options | None:
    """The same for several callers: two threads each, and one each where there are only two cores."""
    threads = int(options.get("INFERENCE_NUM_THREADS", 1))
    if threads < 2:
        return None
    return {**options, "PERFORMANCE_HINT": "THROUGHPUT", "NUM_STREAMS": str(max(2, threads // 2))}


def _kernel_cache(core: openvino.Core) -> _Options:
    try:
        core.set_property("CPU", _KERNEL_CACHE)
    except RuntimeError:
        # An inner setting of the library: a version without it costs memory, not answers.
        return {}
    return _KERNEL_CACHE


def _sizes(shape: openvino.PartialShape) -> tuple[int | None, ...]:
    return tuple(size.get_length() if size.is_static else None for size in shape)
