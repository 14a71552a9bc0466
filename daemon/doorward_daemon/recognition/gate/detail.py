"""Which face must not be compared one to one though its score is fair: one without the detail its size promises."""

from doorward_daemon.model.quality import Guidance, QualityAssessment, QualityReason
from doorward_daemon.vision.quality import ComponentName

# Half a point of the log-odds on the safe side: of held-out people's clean photos none that the gate takes is below.
_LIMIT = -0.5
_ADVICE = (Guidance.HOLD_STILL, Guidance.COME_CLOSER)


def lacks_detail(quality: QualityAssessment) -> bool:
    """Whether what the face was made of is too little for a score to mean anything, match or not."""
    measured = next((one for one in quality.components if one.name == ComponentName.FINE_DETAIL.value), None)
    return measured is not None and measured.score >= 0 and measured.native_value < _LIMIT


def reasons_of(quality: QualityAssessment) -> tuple[QualityReason, ...]:
    """The reasons with the lacking detail among them, first where it is lacking."""
    if not lacks_detail(quality):
        return quality.reasons
    return (QualityReason.BLUR, *(reason for reason in quality.reasons if reason is not QualityReason.BLUR))


def guidance_of(quality: QualityAssessment) -> tuple[Guidance, ...]:
    """What would help, for those reasons."""
    if not lacks_detail(quality):
        return quality.guidance
    return (*_ADVICE, *(step for step in quality.guidance if step not in _ADVICE))
