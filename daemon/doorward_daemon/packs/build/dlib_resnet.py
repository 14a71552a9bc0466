"""Builds dlib's face recognition network from its `.dat` file."""

from doorward_daemon.packs.build.builder import BuildRequest
from doorward_daemon.packs.build.dlib_graph import dlib_network


def build_dlib_resnet(request: BuildRequest) -> None:
    """Reads the layers of the source file and writes them as an ONNX graph.

    Raises:
        Conflict: PACK_DAMAGED, the file does not hold the network known.
    """
    (source,) = request.sources.values()
    request.target.write_bytes(dlib_network(source.read_bytes()).SerializeToString(deterministic=True))
