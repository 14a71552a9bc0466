"""What speaks against an accelerator before it is used: its precision, its answers, its speed."""

from collections.abc import Mapping
from functools import partial

from doorward_daemon.inference.device_comparison import disagreement, fastest_ms, probe_of
from doorward_daemon.inference.device_lane import DeviceLane
from doorward_daemon.inference.device_request import CPU
from doorward_daemon.inference.model_input import ModelInput
from doorward_daemon.inference.runtime import CompiledModel
from doorward_daemon.model.decision import DeviceTruth

WRONG = "answers wrongly"
"""How the problem of a device begins that must not be used again."""


def found_against(
    lane: DeviceLane, cpu: DeviceTruth, models: Mapping[ModelInput, CompiledModel], by_speed: bool
) -> str:
    """Compares a prepared accelerator with the CPU, network by network.

    Args:
        lane: the accelerator.
        cpu: what the CPU computes in.
        models: every network, as the CPU runs it.
        by_speed: whether it has to be faster as well.

    Returns:
        What speaks against it; empty where nothing does.

    Raises:
        TimeoutError, DoorwardError: it does not answer.
    """
    return (
        _precision_problem(lane, cpu)
        or _answer_problem(lane, models)
        or (_speed_problem(lane, models) if by_speed else "")
    )


def _precision_problem(lane: DeviceLane, cpu: DeviceTruth) -> str:
    truth = cpu if lane.runtime is None else lane.runtime.truth
    if truth.actual_device == CPU:
        return f"cannot be used: {truth.fallback_reason}"
    # Templates of two precisions are two kinds of templates: a box must not change kind in the middle of a day.
    wanted = cpu.actual_precision
    return "" if truth.actual_precision == wanted else f"computes in {truth.actual_precision}, {wanted} is wanted"


def _answer_problem(lane: DeviceLane, models: Mapping[ModelInput, CompiledModel]) -> str:
    for model, on_cpu in models.items():
        probe = probe_of(model)
        wrong = disagreement(on_cpu.infer(probe), lane.infer(model, probe))
        if wrong:
            return f"{WRONG}: {model.file.name}: {wrong}"
    return ""


def _speed_problem(lane: DeviceLane, models: Mapping[ModelInput, CompiledModel]) -> str:
    cpu_ms = device_ms = 0.0
    for model, on_cpu in models.items():
        probe = probe_of(model)
        cpu_ms += fastest_ms(on_cpu.infer, probe)
        device_ms += fastest_ms(partial(lane.infer, model), probe)
    if device_ms < cpu_ms or not models:
        return ""
    return f"no faster than the CPU here: {device_ms:.1f} ms against {cpu_ms:.1f} ms for all networks"
