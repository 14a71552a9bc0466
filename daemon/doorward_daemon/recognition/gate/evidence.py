"""Everything that is known of one face when it is judged."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from doorward_daemon.model.face import Face
from doorward_daemon.model.quality import QualityComponent
from doorward_daemon.model.template import Embedding
from doorward_daemon.vision.quality import ComponentName

_NAMES = {name.value: name for name in ComponentName}

# Without these there is no face to speak of.
_ESSENTIAL = (
    ComponentName.INTER_EYE_DISTANCE,
    ComponentName.HEAD_POSE_YAW,
    ComponentName.HEAD_POSE_PITCH,
    ComponentName.HEAD_POSE_ROLL,
)


@dataclass(frozen=True, slots=True)
class FaceEvidence:
    """Measured values of one face, all finite."""

    values: Mapping[ComponentName, float]
    """Native values of the components that could be assessed."""
    detection_score: float
    """Detection score, 0..1."""
    embedding_norm: float | None
    """Norm of the raw embedding; None before embedding."""
    native_score: float | None
    """The pack's own quality score; None before embedding and in packs without one."""
    mask_score: float | None = None
    """How likely a mask covers the lower face, 0..1; None before embedding and where the pack cannot tell."""
    cover_score: float | None = None
    """How likely something else covers the face, 0..1; None before embedding and where the pack cannot tell."""

    def value(self, name: ComponentName) -> float | None:
        """Native value of a component; None where it could not be assessed."""
        return self.values.get(name)

    @classmethod
    def collect(
        cls, components: Sequence[QualityComponent], face: Face, embedding: Embedding | None
    ) -> "FaceEvidence | None":
        """Gathers the evidence.

        Args:
            components: what was measured; unknown names are passed over.
            face: the face.
            embedding: None before embedding.

        Returns:
            None where the numbers make no face: not finite, or eyes and pose cannot be told.
        """
        # Keys of a string enum are found by their text: no member has to be made first.
        assessed = {
            _NAMES[item.name]: item.native_value for item in components if item.score >= 0 and item.name in _NAMES
        }
        told = _told_by(embedding)
        numbers = [*assessed.values(), face.score, *(number or 0.0 for number in told)]
        is_finite = all(math.isfinite(number) for number in numbers) and _is_finite(face)
        if not is_finite or any(name not in assessed for name in _ESSENTIAL):
            return None
        return cls(assessed, face.score, *told)


def _told_by(embedding: Embedding | None) -> tuple[float | None, ...]:
    if embedding is None:
        return None, None, None, None
    return embedding.norm, embedding.native_score, embedding.mask_score, embedding.cover_score


def _is_finite(face: Face) -> bool:
    return all(map(math.isfinite, face.xyxy_px.tolist() + face.landmarks_px.ravel().tolist()))
