"""Builds YuNet for pictures of any size from the file whose dimensions say 640 x 640."""

import onnx

from doorward_daemon.packs.build.builder import BuildRequest


def build_yunet(request: BuildRequest) -> None:
    """Rewrites the fixed sizes of the graph's input and outputs as symbols; no number of it changes.

    The graph itself works on every multiple of 32: its resizes have constant factors and its reshapes leave the number
    of cells open. ONNX Runtime refuses other sizes only because of what the file says about itself.
    """
    (source,) = request.sources.values()
    model = onnx.load(source)
    height, width = model.graph.input[0].type.tensor_type.shape.dim[2:]
    height.dim_param, width.dim_param = "height", "width"
    for output in model.graph.output:
        stride = int(output.name.rsplit("_", 1)[1])
        output.type.tensor_type.shape.dim[1].dim_param = f"cells_{stride}"
    # Sizes of inner values hold for 640 x 640 only; runtimes work them out again.
    del model.graph.value_info[:]
    onnx.save(model, request.target)
