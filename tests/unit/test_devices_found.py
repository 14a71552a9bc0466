"""Which devices a library is asked for, whatever this machine has."""

import re
import tomllib
from pathlib import Path

import pytest

from doorward_daemon.errors import Conflict
from doorward_daemon.inference import InferenceSettings
from doorward_daemon.inference.device_request import DeviceRequest, read_device
from doorward_daemon.inference.onnx_runtime import find_accelerators, providers_for

CPU_BUILD = ["AzureExecutionProvider", "CPUExecutionProvider"]
CUDA_BUILD = ["CUDAExecutionProvider", "CPUExecutionProvider"]
TENSORRT_BUILD = ["TensorrtExecutionProvider", *CUDA_BUILD]
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("auto", DeviceRequest("auto")),
        ("CPU", DeviceRequest("cpu")),
        ("gpu", DeviceRequest("gpu")),
        ("gpu:1", DeviceRequest("gpu", 1)),
        ("npu", DeviceRequest("npu")),
        ("cuda:0", DeviceRequest("cuda", 0)),
    ],
)
def test_a_device_is_a_kind_and_maybe_a_number(text: str, request_: DeviceRequest):
    assert read_device(InferenceSettings(device=text)) == request_


@pytest.mark.parametrize(
    "text", ["", "tpu", "cpu:1", "auto:0", "npu:3", "cuda:", "cuda:-1", "cuda:x", "gpu 1", "gpu:1000"]
)
def test_anything_else_is_a_mistake_in_the_configuration(text: str):
    with pytest.raises(Conflict, match=re.escape(f"found {text!r}")):
        read_device(InferenceSettings(device=text))


@pytest.mark.parametrize("kind", ["auto", "gpu", "cuda"])
def test_a_cuda_build_is_asked_for_cuda(kind: str):
    assert find_accelerators(DeviceRequest(kind), CUDA_BUILD).devices == ("cuda:0",)
    assert find_accelerators(DeviceRequest("cuda", 2), CUDA_BUILD).devices == ("cuda:2",)


def test_what_is_missing_is_said_where_it_was_asked_for():
    assert find_accelerators(DeviceRequest("auto"), CPU_BUILD).missing == ""
    assert find_accelerators(DeviceRequest("cpu"), CUDA_BUILD).devices == ()
    assert "install doorward[cuda]" in find_accelerators(DeviceRequest("cuda"), CPU_BUILD).missing
    assert "no provider for NPU" in find_accelerators(DeviceRequest("npu"), CUDA_BUILD).missing


def test_full_precision_is_asked_of_every_provider():
    providers = dict(providers_for("cuda:1", TENSORRT_BUILD, Path("/cache")))
    assert list(providers) == ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"]
    assert providers["CUDAExecutionProvider"] == {"device_id": "1", "use_tf32": "0"}
    assert providers["TensorrtExecutionProvider"]["trt_fp16_enable"] == "0"
    assert providers["TensorrtExecutionProvider"]["trt_engine_cache_path"] == "/cache/tensorrt"
    assert "TensorrtExecutionProvider" not in dict(providers_for("cuda:0", CUDA_BUILD, None))
    assert providers_for("cpu", CUDA_BUILD, None) == [("CPUExecutionProvider", {})]


def test_the_extra_for_nvidia_is_the_daemons_with_another_build_of_one_library():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    theirs = {line for line in extras["cuda"] if not line.startswith(("onnxruntime-gpu", "nvidia-ml-py"))}
    assert theirs == {line for line in extras["daemon"] if not line.startswith("onnxruntime>")}
