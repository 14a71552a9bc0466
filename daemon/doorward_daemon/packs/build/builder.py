"""What a builder is given and what it leaves: one ONNX file per model, made from checked source files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.packs.manifest import ModelEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRequest:
    """One model to build."""

    model: ModelEntry
    """What the catalogue says of it: names of input and outputs, layout, kind."""
    sources: Mapping[str, Path]
    """Source files by the names in the model's `made_from`, each already checked against its sha256.

    All lie in one folder under those names; a member of an archive is already taken out of it. Read only.
    """
    target: Path
    """Where the ONNX file is to be written; its folder exists, the file does not."""


ModelBuilder = Callable[[BuildRequest], None]
"""Writes `request.target` from `request.sources`; deterministic, without network, raises `wrong_source` on doubt.

The pull checks what was built (onnx.checker, names of the graph's input and outputs) and hashes it.
"""

# Builders are named as text and imported when they run: the daemon never loads onnx only to open a pack.
BUILDERS: Mapping[str, str] = MappingProxyType(
    {
        "copy": "doorward_daemon.packs.build.verbatim:build_verbatim",
        "yunet": "doorward_daemon.packs.build.yunet:build_yunet",
        "mobilefacenet": "doorward_daemon.packs.build.mobilefacenet:build_mobilefacenet",
        "minifasnet": "doorward_daemon.packs.build.minifasnet:build_minifasnet",
        "mtcnn_pnet": "doorward_daemon.packs.build.mtcnn:build_mtcnn_pnet",
        "mtcnn_rnet": "doorward_daemon.packs.build.mtcnn:build_mtcnn_rnet",
        "mtcnn_onet": "doorward_daemon.packs.build.mtcnn:build_mtcnn_onet",
        "dlib_resnet": "doorward_daemon.packs.build.dlib_resnet:build_dlib_resnet",
    }
)
"""Name of a builder in the catalogue -> module:function."""


def builder_of(name: str) -> ModelBuilder:
    """Imports a builder.

    Args:
        name: as in the catalogue's `builder`.

    Raises:
        KeyError: no builder has that name; the catalogue and this table disagree.
    """
    module, function = BUILDERS[name].split(":")
    builder: ModelBuilder = getattr(import_module(module), function)
    return builder


def wrong_source(request: BuildRequest, file: str, found: str, expected: str) -> Conflict:
    """The error of a builder whose source is not what it must be, although its hash was right.

    Args:
        request: the model being built.
        file: name of the source file.
        found: what is in it.
        expected: what should be.
    """
    return Conflict(
        ErrorReason.PACK_DAMAGED,
        f"model {request.model.name}: {file} holds {found}, expected {expected}; "
        "it cannot be built, pull the pack from another source",
        metadata={"file": file, "expected": expected, "found": found},
    )
