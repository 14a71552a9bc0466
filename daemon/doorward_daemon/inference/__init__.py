"""Runs networks: one interface over OpenVINO and ONNX Runtime, and the truth about where and how they ran."""

from doorward_daemon.inference.device_runtime import DeviceRuntime
from doorward_daemon.inference.opening import open_runtime
from doorward_daemon.inference.runtime import CompiledModel, Runtime
from doorward_daemon.inference.settings import InferenceSettings

__all__ = ["CompiledModel", "DeviceRuntime", "InferenceSettings", "Runtime", "open_runtime"]
