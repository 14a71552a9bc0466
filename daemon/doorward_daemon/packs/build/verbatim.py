"""Installs an upstream ONNX file as it is."""

from shutil import copyfile

from doorward_daemon.packs.build.builder import BuildRequest


def build_verbatim(request: BuildRequest) -> None:
    """Copies the model's only source file."""
    (source,) = request.sources.values()
    copyfile(source, request.target)
