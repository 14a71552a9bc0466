"""Whether an accelerator computes what the CPU computes, and which of them is faster."""

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.inference.model_input import ModelInput

Outputs = dict[str, NDArray[np.float32]]
Infer = Callable[[NDArray[np.float32]], Outputs]

# Both libraries agree to 1e-6 in f32, with bf16 to 1e-3; a device that lies is far off. The golden picture, whose
# tolerances are those of templates, comes after this.
_LEAST_COSINE = 0.995
_MOST_NORM_RATIO = 1.05
_FREE_SIDE_PX = 128
_RUNS = 3


def probe_of(model: ModelInput) -> NDArray[np.float32]:
    """An input that every position of a network reacts to: the same on every box."""
    sizes = [1 if place == 0 and size is None else size or _FREE_SIDE_PX for place, size in enumerate(model.shape)]
    return np.random.default_rng(7).uniform(-1.0, 1.0, sizes).astype(np.float32)


def disagreement(expected: Outputs, found: Outputs) -> str:
    """What is wrong with a device's answer; empty where nothing is.

    Args:
        expected: the CPU's answer.
        found: the device's.
    """
    if expected.keys() != found.keys():
        return f"outputs {sorted(found)}, expected {sorted(expected)}"
    for name, right in expected.items():
        if found[name].shape != right.shape:
            return f"{name} has shape {found[name].shape}, expected {right.shape}"
        a, b = right.ravel().astype(np.float64), found[name].ravel().astype(np.float64)
        lengths = float(np.linalg.norm(a)), float(np.linalg.norm(b))
        if not np.isfinite(lengths[1]):
            return f"{name} is not finite"
        if max(lengths) < 1e-6:
            continue
        cosine = float(a @ b) / max(lengths[0] * lengths[1], 1e-30)
        ratio = max(lengths) / max(min(lengths), 1e-30)
        if cosine < _LEAST_COSINE or ratio > _MOST_NORM_RATIO:
            return f"{name} differs from the CPU's: cosine {cosine:.4f}, lengths {lengths[1]:.4g} and {lengths[0]:.4g}"
    return ""


def fastest_ms(infer: Infer, nchw: NDArray[np.float32]) -> float:
    """Shortest of a few runs, milliseconds: on a busy box the shortest says most."""
    times = []
    for _ in range(_RUNS):
        started_ns = time.perf_counter_ns()
        infer(nchw)
        times.append(time.perf_counter_ns() - started_ns)
    return min(times) / 1e6
