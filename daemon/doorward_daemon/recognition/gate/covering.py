"""Masks and other covers: whether one is seen, and what the mask policy makes of it."""

from doorward_daemon.model.quality import MaskPolicy, QualityBand, QualityComponent, QualityReason
from doorward_daemon.recognition.gate.evidence import FaceEvidence
from doorward_daemon.recognition.gate.settings import GateSettings

_BELOW_HIGH = 0.001
"""How far below band high a masked face stays where the policy is soft; small, but not lost in four decimals."""


def find_covering(evidence: FaceEvidence, settings: GateSettings) -> QualityReason | None:
    """MASK or FACE_COVERED, the likelier one: a person can take off one thing at a time.

    Args:
        evidence: what is known; a pack that cannot tell says nothing.
        settings: from which likelihood it is believed.
    """
    mask, cover = evidence.mask_score or 0.0, evidence.cover_score or 0.0
    is_masked = evidence.mask_score is not None and mask >= settings.mask_from
    is_covered = evidence.cover_score is not None and cover >= settings.cover_from
    if is_masked and (mask >= cover or not is_covered):
        return QualityReason.MASK
    return QualityReason.FACE_COVERED if is_covered else None


def capped(score: float, covering: QualityReason | None, settings: GateSettings) -> float:
    """The quality score as the mask policy leaves it.

    Args:
        score: the quality score, 0..1.
        covering: what covers the face.
        settings: bands and policy.
    """
    if covering is not QualityReason.MASK or settings.mask is MaskPolicy.OFF:
        return score
    if settings.mask is MaskPolicy.HARD:
        # As with what the pre-gate refuses: the number must not look like a band above.
        return min(score, settings.low_from / 2)
    return min(score, max(0.0, settings.high_from - _BELOW_HIGH))


def is_spoken_of(covering: QualityReason, band: QualityBand, settings: GateSettings) -> bool:
    """Whether the person is told to uncover: not where masks are worn and the face is good enough all the same.

    Args:
        covering: what covers the face.
        band: band of the face.
        settings: the policy.
    """
    is_allowed = covering is QualityReason.MASK and settings.mask is MaskPolicy.OFF
    return not (is_allowed and band in (QualityBand.HIGH, QualityBand.MEDIUM))


def covering_components(evidence: FaceEvidence) -> tuple[QualityComponent, ...]:
    """MouthOcclusionPrevention and FaceOcclusionPrevention, where the pack can tell.

    The native value is how likely a cover is, not the share of pixels that ISO/IEC 29794-5 measures: hence the
    algorithm ids. The mapping is the standard's, 100 * (1 - x).

    Args:
        evidence: what is known.
    """
    told = (
        ("MouthOcclusionPrevention", "doorward.mask_likelihood.1", evidence.mask_score),
        ("FaceOcclusionPrevention", "doorward.cover_likelihood.1", evidence.cover_score),
    )
    return tuple(
        QualityComponent(name, algorithm_id, likelihood, min(100, max(0, round(100 * (1.0 - likelihood)))))
        for name, algorithm_id, likelihood in told
        if likelihood is not None
    )
