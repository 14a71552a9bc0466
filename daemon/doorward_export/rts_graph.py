"""Writes RTS as one ONNX graph with embedding and score, and proves that both runtimes compute what torch computes."""

import warnings
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.inference import InferenceSettings, open_runtime
from doorward_export.rts_network import SIDE_PX, RtsNetwork

INPUT, OUTPUTS = "input", ("embedding", "score")
_OPSET = 17
# Measured with random weights: ONNX Runtime 3.6e-7, OpenVINO 2.9e-7 on the embedding, 6e-8 on the score.
_MOST_DIFFERENCE = 1e-4
_RUNTIMES = ("openvino", "onnxruntime")


def save_graph(network: RtsNetwork, path: Path) -> None:
    """Writes the network with any number of pictures at once."""
    free = {name: {0: "n"} for name in (INPUT, *OUTPUTS)}
    with warnings.catch_warnings():
        # The exporter by tracing is said to be old; it needs no further package and the graph runs equally fast.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (torch.zeros(1, 3, SIDE_PX, SIDE_PX),),
            str(path),
            input_names=[INPUT],
            output_names=list(OUTPUTS),
            dynamic_axes=free,
            opset_version=_OPSET,
            dynamo=False,
        )


def check_parity(network: RtsNetwork, path: Path) -> dict[str, float]:
    """Runs the graph in both runtimes beside torch.

    Returns:
        Largest difference by runtime.

    Raises:
        Conflict: PACK_DAMAGED, a runtime computes something else.
    """
    probes = np.random.default_rng(11).uniform(-1.0, 1.0, (2, 3, SIDE_PX, SIDE_PX)).astype(np.float32)
    with torch.no_grad():
        expected = [output.numpy() for output in network(torch.from_numpy(probes))]
    differences = {name: _difference(name, path, probes, expected) for name in _RUNTIMES}
    wrong = {name: found for name, found in differences.items() if not found <= _MOST_DIFFERENCE}
    if wrong:
        raise Conflict(
            ErrorReason.PACK_DAMAGED,
            f"the exported graph differs from torch: {wrong}, at most {_MOST_DIFFERENCE} is allowed; use the versions "
            "of torch and onnx that the extra `export` names",
            metadata={"file": path.name},
        )
    return differences


def _difference(
    runtime_name: str, path: Path, probes: NDArray[np.float32], expected: list[NDArray[np.float32]]
) -> float:
    settings = InferenceSettings(runtime="openvino" if runtime_name == "openvino" else "onnxruntime")
    runtime = open_runtime(settings, None)
    try:
        model = runtime.compile(path, input_name=INPUT, shape=(None, 3, SIDE_PX, SIDE_PX))
        found = model.infer(probes)
    finally:
        runtime.close()
    # The score has no upper bound: its difference counts relative to itself.
    pairs = [(found[name], right) for name, right in zip(OUTPUTS, expected, strict=True)]
    return max(float(np.max(np.abs(one - right) / np.maximum(1.0, np.abs(right)))) for one, right in pairs)
