"""What recognition asks of a face before it names a subject."""

from dataclasses import dataclass

from doorward_daemon.model.liveness import LivenessPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionSettings:
    """Policy for still pictures; doors bring their own."""

    liveness: LivenessPolicy = LivenessPolicy.PREFERRED
    """required: only LIVE passes; preferred: SPOOF is refused; off: not asked."""
    one_person_at_a_time: bool = False
    """Refuse with MULTIPLE_FACES where a second face of at least 0.6 of the largest one's size is seen."""
    self_test_at_start: bool = True
    """Send the golden picture through the pipeline before serving; `doorward.pipeline` serves only if it passes."""
