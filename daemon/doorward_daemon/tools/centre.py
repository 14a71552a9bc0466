"""Measures the centre of a pack's embedding space over a folder of portraits."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.errors import InvalidInput
from doorward_daemon.packs.manifest import InstalledPack
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.lab import opened_runtime
from doorward_daemon.tools.photo_folder import bad_folder, photos_below
from doorward_daemon.tools.report import remark
from doorward_daemon.tools.survey import progress
from doorward_daemon.vision.alignment import Aligner
from doorward_daemon.vision.detection import Detector, open_detector
from doorward_daemon.vision.embedding import Embedder, open_embedder
from doorward_daemon.vision.picture import decode_picture

CENTRE_SHARE = 0.8
"""Share of the mean that is subtracted; packs/catalogue/starter.toml says why."""

_NUMBERS_PER_LINE = 8
_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class MeasuredCentre:
    """The centre of an embedding space."""

    values: tuple[float, ...]
    """What is subtracted from an L2-normalised embedding, rounded to six decimals."""
    n_images: int
    """Photos looked at."""
    n_faces: int
    """Photos in which a face was found; the largest one counts."""

    def as_toml(self) -> str:
        """The `centre` of a recipe in the catalogue."""
        texts = [f"{value:.{_DECIMALS}f}" for value in self.values]
        lines = [texts[start : start + _NUMBERS_PER_LINE] for start in range(0, len(texts), _NUMBERS_PER_LINE)]
        return "centre = [\n" + "".join(f"    {', '.join(line)},\n" for line in lines) + "]\n"


@dataclass(frozen=True, slots=True)
class _Eye:
    """What is needed to see a portrait, and nothing that judges it."""

    detector: Detector
    aligner: Aligner
    embedder: Embedder


def compute_centre(
    folder: Path, pack: InstalledPack, context: ToolContext, share: float = CENTRE_SHARE
) -> MeasuredCentre:
    """Averages the L2-normalised embeddings of all portraits in and below a folder, before any centring.

    Args:
        folder: portraits of many people.
        pack: an installed pack; its own centre is left aside.
        context: home and settings.
        share: of the mean that makes the centre, 0..1.

    Raises:
        InvalidInput: FIELD_INVALID, the folder cannot be read or shows no face.
        Conflict: PACK_MISSING.
        Fault: INFERENCE_FAILED.
    """
    photos = photos_below(folder)
    plain = replace(pack, manifest=replace(pack.manifest, centre=()))
    with opened_runtime(context) as runtime:
        eye = _Eye(
            open_detector(plain, runtime, context.judging.detection),
            Aligner(plain.manifest.alignment),
            open_embedder(plain, runtime),
        )
        seen = [_vector(eye, photo, context) for photo in progress(photos, "portraits")]
    vectors = [vector for vector in seen if vector is not None]
    if not vectors:
        raise bad_folder(folder, "shows no face")
    mean = np.mean(np.stack(vectors).astype(np.float64), axis=0) * share
    return MeasuredCentre(tuple(round(float(value), _DECIMALS) for value in mean), len(photos), len(vectors))


def _vector(eye: _Eye, photo: Path, context: ToolContext) -> NDArray[np.float32] | None:
    try:
        bgr_hwc = decode_picture(photo.read_bytes(), context.judging.picture).bgr_hwc
    except (InvalidInput, OSError) as error:
        remark(f"{photo}: {error}")
        return None
    faces = eye.detector.detect(bgr_hwc).largest_first()
    if not faces:
        remark(f"{photo}: no face found")
        return None
    return eye.embedder.embed(eye.aligner.align(bgr_hwc, faces[0].landmarks_px)).template.vector
