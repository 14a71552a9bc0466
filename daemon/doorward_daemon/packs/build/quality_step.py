"""The step of a build that adds the quality head to the embedder, or refuses a head that does not belong to it."""

import hashlib
from importlib import resources
from pathlib import Path

import onnx

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.packs.build.head_fusion import fuse_head
from doorward_daemon.packs.manifest import ModelEntry, Polarity, QualityOutput
from doorward_daemon.packs.quality_head import QualityHead, read_head


def add_quality(path: Path, model: ModelEntry, quality: QualityOutput, content: bytes | None = None) -> None:
    """Fuses the pack's head into its embedder and checks that the quality outputs are there; nothing for other models.

    Args:
        path: the built file of the model, changed in place.
        model: its entry.
        quality: the pack's quality output.
        content: of the head's file; None = the one that comes with this version.

    Raises:
        Conflict: PACK_DAMAGED, the head is not the one named, is made for another embedder, points the other way, does
            not fit the graph, or an output is missing.
    """
    if model.name != quality.model:
        return
    if quality.head:
        content = _bundled(quality.head) if content is None else content
        head = _checked(content, model, quality)
        graph = onnx.load(path, load_external_data=False)
        try:
            fuse_head(graph, head)
        except (ValueError, onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
            raise unfit(quality, str(error), f"a head that fits {model.name}") from error
        onnx.save(graph, path)
    _check_outputs(path, quality)


def unfit(quality: QualityOutput, found: str, expected: str) -> Conflict:
    """The error for a quality head that must not be used.

    Args:
        quality: names the head.
        found: what is wrong.
        expected: what would be right.
    """
    file = quality.head or quality.model
    return Conflict(
        ErrorReason.PACK_DAMAGED,
        f"quality head {file}: {found}, expected {expected}; install this version of doorward again and pull the pack",
        metadata={"file": file, "expected": expected, "found": found},
    )


def _bundled(name: str) -> bytes:
    file = resources.files("doorward_daemon.packs").joinpath("heads", name)
    return file.read_bytes() if file.is_file() else b""


def _checked(content: bytes, model: ModelEntry, quality: QualityOutput) -> QualityHead:
    digest = hashlib.sha256(content).hexdigest()
    if digest != quality.head_sha256:
        raise unfit(quality, f"sha256 {digest}", f"sha256 {quality.head_sha256}")
    try:
        head = read_head(content)
    except ValueError as error:
        raise unfit(quality, str(error), "a head of this version") from error
    if (head.embedder, head.embedder_sha256) != (model.name, model.source_sha256):
        found = f"made for {head.embedder} {head.embedder_sha256}"
        raise unfit(quality, found, f"made for {model.name} {model.source_sha256}")
    polarity = Polarity.HIGHER_IS_BETTER if head.higher_is_better else Polarity.LOWER_IS_BETTER
    if polarity is not quality.polarity:
        raise unfit(quality, f"polarity {polarity}", f"polarity {quality.polarity}")
    return head


def _check_outputs(path: Path, quality: QualityOutput) -> None:
    outputs = {value.name for value in onnx.load(path, load_external_data=False).graph.output}
    wanted = {quality.output, quality.mask_output, quality.cover_output} - {""}
    if not wanted <= outputs:
        raise unfit(quality, f"outputs {', '.join(sorted(outputs))}", f"outputs {', '.join(sorted(wanted))}")
