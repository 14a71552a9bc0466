"""The last look at a built model before it is installed."""

from pathlib import Path

import onnx

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.packs.manifest import ModelEntry


def check_graph(path: Path, model: ModelEntry) -> None:
    """Checks that a built file is a whole ONNX model with the input and the outputs its entry names.

    Args:
        path: the file.
        model: its entry.

    Raises:
        Conflict: PACK_DAMAGED, it is not.
    """
    try:
        onnx.checker.check_model(str(path), full_check=True)
    except (OSError, ValueError, onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise _unfit(model, f"no valid graph: {error}", "a valid ONNX graph") from error
    built = onnx.load(path, load_external_data=False)
    if any(tensor.external_data for tensor in built.graph.initializer):
        raise _unfit(model, "weights in another file", "all weights within")
    weights = {tensor.name for tensor in built.graph.initializer}
    inputs = [value.name for value in built.graph.input if value.name not in weights]
    outputs = [value.name for value in built.graph.output]
    if inputs != [model.input.name] or not set(model.outputs) <= set(outputs):
        raise _unfit(
            model,
            f"input {', '.join(inputs)} and outputs {', '.join(outputs)}",
            f"input {model.input.name} and outputs {', '.join(model.outputs)}",
        )


def _unfit(model: ModelEntry, found: str, expected: str) -> Conflict:
    return Conflict(
        ErrorReason.PACK_DAMAGED,
        f"model {model.name} was built with {found}, expected {expected}; its sources or this version are at fault",
        metadata={"file": model.file, "expected": expected, "found": found},
    )
