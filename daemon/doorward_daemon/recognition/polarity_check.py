"""Asks a pack's quality score which way it points before a gate believes it."""

import numpy as np

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.model.face import Face
from doorward_daemon.model.picture import Picture
from doorward_daemon.packs.manifest import PackManifest
from doorward_daemon.packs.remedy import way_to
from doorward_daemon.recognition.self_test import golden_picture
from doorward_daemon.vision.alignment import Aligner
from doorward_daemon.vision.degradation import Degradation, DegradationKind, spoil
from doorward_daemon.vision.embedding import Embedder
from doorward_daemon.vision.picture import PictureSettings, decode_picture

LEAST_LEAD = 0.2
"""The sharp face must score at least that much above both the blurred one and the noise."""

# The golden picture's face as YuNet finds it; other detectors differ by a pixel or two, which no score minds.
_BOX_PX = (82.7, 63.4, 172.2, 176.2)
_LANDMARKS_PX = ((104.2, 102.1), (151.0, 103.0), (124.0, 124.7), (102.7, 142.9), (143.5, 143.6))


def check_polarity(embedder: Embedder, manifest: PackManifest) -> None:
    """Compares the score of a sharp, aligned face with that of the same face far out of focus, and of noise.

    Args:
        embedder: of the pack; gives the score.
        manifest: of the pack; one without a quality score has nothing to check.

    Raises:
        Conflict: PACK_DAMAGED, the score does not rank the sharp face first: no gate may work with it.
        Fault: INFERENCE_FAILED.
    """
    if manifest.quality is None:
        return
    aligner = Aligner(manifest.alignment)
    sharp = decode_picture(golden_picture(), PictureSettings())
    face = Face(np.asarray(_BOX_PX, np.float32), np.asarray(_LANDMARKS_PX, np.float32), 1.0)
    grain = np.random.default_rng(0).integers(0, 256, sharp.bgr_hwc.shape).astype(np.uint8)
    pictures = (sharp, spoil(sharp, face, Degradation(DegradationKind.DEFOCUS, 1.0)), Picture(grain))
    scores = [embedder.embed(aligner.align(picture.bgr_hwc, face.landmarks_px)).native_score for picture in pictures]
    good, *bad = [float("nan") if score is None else score for score in scores]
    # Said this way round, NaN is refused as well.
    if not all(good >= score + LEAST_LEAD for score in bad):
        found = f"{good:.3f} for a sharp face, {bad[0]:.3f} for a blurred one, {bad[1]:.3f} for noise"
        raise Conflict(
            ErrorReason.PACK_DAMAGED,
            f"pack {manifest.name}: its quality score gives {found}; expected the sharp face {LEAST_LEAD} ahead. "
            f"No gate works with a score of the wrong polarity; {way_to(manifest.name)}",
            metadata={"file": manifest.quality.model, "expected": "a sharp face scores highest", "found": found},
        )
