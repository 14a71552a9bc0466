"""Fits the weights of the component FineDetail: when is a face too blurred, or enlarged too much, to be compared."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward_daemon.vision.quality.fine_detail import RINGS, ring_powers
from doorward_daemon.vision.recapture import compress
from doorward_export.photographs import Photograph
from doorward_export.tapped import TappedPack

Pixels = NDArray[np.uint8]
FEWEST_PX = 26.0
"""Inter-eye distance a photo needs to lose something."""
_EYES_KEPT_PX = (5, 6, 7, 8, 9, 10, 12, 14, 18, 24)
_ENLARGEMENTS = {"linear": cv2.INTER_LINEAR, "cubic": cv2.INTER_CUBIC, "lanczos": cv2.INTER_LANCZOS4}
_LOST, _KEPT = 0.42, 0.52
"""Cosines to the clean photo below and above which the person was lost, was kept; between, nothing is learned."""
_RIDGE = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Detailed:
    """Copies of photos, one row each."""

    kind: tuple[str, ...]
    """What was done."""
    powers: NDArray[np.float64]
    """(N, RINGS) what the component sees."""
    cosine: NDArray[np.float64]
    """(N,) of the embedding to that of the clean photo."""

    def logits(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """(N,) value of the component with weights, the offset first."""
        return np.asarray(weights[0] + self.powers @ weights[1:], np.float64)


def copies_of(photo: Photograph, seed: int) -> Iterator[tuple[str, Pixels]]:
    """A photo as it is, a little and much blurred, and shrunk to a few pixels between the eyes and enlarged again."""
    clean, eyes_px = photo.bgr_hwc, eyes_of(photo)
    yield "clean", clean
    for quality in (60, 85):
        yield f"jpeg {quality}", compress(clean, quality)
    noise = np.random.default_rng(seed).normal(0.0, 8.0, clean.shape)
    yield "noise", np.clip(clean + noise, 0, 255).astype(np.uint8)
    for share in (0.02, 0.04, 0.06, 0.08):
        yield f"defocus {share:g}", np.asarray(cv2.GaussianBlur(clean, (0, 0), share * eyes_px), np.uint8)
    for kept_px in (kept_px for kept_px in _EYES_KEPT_PX if kept_px < eyes_px):
        scale = kept_px / eyes_px
        small = cv2.resize(clean, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        size = (400, round(400 * clean.shape[0] / clean.shape[1]))
        for way, interpolation in _ENLARGEMENTS.items():
            large = np.asarray(cv2.resize(small, size, interpolation=interpolation), np.uint8)
            yield f"{kept_px} px {way}", large
            if way != "lanczos":
                yield f"{kept_px} px {way} jpeg", compress(large, 85)


def eyes_of(photo: Photograph) -> float:
    """Inter-eye distance in pixels."""
    return float(np.linalg.norm(photo.face.landmarks_px[1] - photo.face.landmarks_px[0]))


def gather(pack: TappedPack, photos: Sequence[Photograph], seed: int) -> Detailed:
    """Looks at all copies of photos, as the pack finds the face in them anew."""
    kinds: list[str] = []
    powers, cosines = [], []
    for number, photo in enumerate(photos):
        crops = []
        for kind, copy in copies_of(photo, seed + number):
            face = pack.find(copy)
            if face is None:
                continue
            crops.append(pack.crop(copy, face.landmarks_px))
            kinds.append(kind)
        vectors = pack.read(crops).vectors
        cosines.append(vectors @ vectors[0])
        powers += [ring_powers(crop) for crop in crops]
    return Detailed(tuple(kinds), np.stack(powers), np.concatenate(cosines).astype(np.float64))


def fit(copies: Detailed) -> NDArray[np.float64]:
    """Weights of a ridge logistic regression, (1 + RINGS,), the offset first; values above 0 mean: person kept."""
    sure = (copies.cosine < _LOST) | (copies.cosine > _KEPT)
    wanted = (copies.cosine[sure] > _KEPT).astype(np.float64)
    mean, spread = copies.powers[sure].mean(axis=0), copies.powers[sure].std(axis=0) + 1e-9
    inputs = np.hstack([np.ones((len(wanted), 1)), (copies.powers[sure] - mean) / spread])
    weights = np.zeros(1 + RINGS)
    for _ in range(50):
        found = 1.0 / (1.0 + np.exp(-np.clip(inputs @ weights, -30.0, 30.0)))
        slope = inputs.T @ (found - wanted) + _RIDGE * weights
        curve = (inputs * (found * (1.0 - found))[:, None]).T @ inputs + _RIDGE * np.eye(len(weights))
        weights -= np.linalg.solve(curve, slope)
    plain = weights[1:] / spread
    return np.concatenate([[weights[0] - float(plain @ mean)], plain])
