"""Builds the three stages of MTCNN from their weight files."""

from collections.abc import Callable

import onnx

from doorward_daemon.packs.build.builder import BuildRequest
from doorward_daemon.packs.build.mtcnn_graph import Arrays, onet, pnet, rnet
from doorward_daemon.packs.build.mtcnn_weights import stored_arrays


def build_mtcnn_pnet(request: BuildRequest) -> None:
    """Builds the proposal network.

    Raises:
        Conflict: PACK_DAMAGED, the source is not its weight file.
    """
    _build(request, pnet)


def build_mtcnn_rnet(request: BuildRequest) -> None:
    """Builds the refinement network.

    Raises:
        Conflict: PACK_DAMAGED, the source is not its weight file.
    """
    _build(request, rnet)


def build_mtcnn_onet(request: BuildRequest) -> None:
    """Builds the output network.

    Raises:
        Conflict: PACK_DAMAGED, the source is not its weight file.
    """
    _build(request, onet)


def _build(request: BuildRequest, network: Callable[[Arrays], onnx.ModelProto]) -> None:
    (source,) = request.sources.values()
    model = network(stored_arrays(source.read_bytes()))
    request.target.write_bytes(model.SerializeToString(deterministic=True))
