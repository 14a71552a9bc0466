"""Builds MobileFaceNet for any number of crops at once."""

import numpy as np
import onnx
from onnx import numpy_helper

from doorward_daemon.packs.build.builder import BuildRequest, wrong_source

# Shape given to the last Reshape: 0 keeps the number of crops, where upstream fixed it to 1.
_UPSTREAM_SHAPE = [1, -1]
_OPEN_SHAPE = np.array([0, -1], np.int64)


def build_mobilefacenet(request: BuildRequest) -> None:
    """Opens the first dimension of input and output, and of the one Reshape in between; no weight changes.

    Raises:
        Conflict: PACK_DAMAGED, the graph is not the one known.
    """
    ((name, source),) = request.sources.items()
    model = onnx.load(source, load_external_data=False)
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "crops"
    reshapes = [node for node in model.graph.node if node.op_type == "Reshape"]
    if len(reshapes) != 1:
        raise wrong_source(request, name, f"{len(reshapes)} Reshape nodes", "one")
    constant = next(node for node in model.graph.node if reshapes[0].input[1] in node.output)
    shape = numpy_helper.to_array(constant.attribute[0].t)
    if shape.tolist() != _UPSTREAM_SHAPE:
        raise wrong_source(request, name, f"a Reshape to {shape.tolist()}", f"to {_UPSTREAM_SHAPE}")
    constant.attribute[0].t.CopyFrom(numpy_helper.from_array(_OPEN_SHAPE))
    onnx.save(model, request.target)
