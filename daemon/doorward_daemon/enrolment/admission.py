"""Whether a picture may become a reference of a subject, and if not, why."""

from dataclasses import dataclass

from doorward_daemon.enrolment.sample import EnrolmentSample
from doorward_daemon.enrolment.settings import FLOOR_QUALITY_SCORE, EnrolmentSettings
from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.gallery import SearchIndex
from doorward_daemon.model.decided_face import DecidedFace, DecisionKey
from doorward_daemon.model.decision import JudgedFace
from doorward_daemon.model.quality import QualityAssessment, QualityBand
from doorward_daemon.model.subject import ReferenceKind
from doorward_daemon.model.template import Template
from doorward_daemon.packs.manifest import Calibration


@dataclass(frozen=True, slots=True, eq=False)
class AdmittedFace:
    """A face that is good enough to be enrolled."""

    judged: JudgedFace
    """The face."""
    quality: QualityAssessment
    """Its quality."""
    template: Template
    """Its template."""


class Admission:
    """Checks pictures before they are enrolled. Thread-safe: holds no state.

    Args:
        calibration: of the pack that makes the templates.
        settings: what may be enrolled.
    """

    def __init__(self, calibration: Calibration, settings: EnrolmentSettings) -> None:
        self._calibration = calibration
        self._settings = settings

    def check_sample(self, sample: EnrolmentSample, *, allow_low_quality: bool) -> AdmittedFace:
        """Checks what the picture itself shows.

        Raises:
            Conflict: NO_FACE, MULTIPLE_FACES, QUALITY_TOO_LOW.
        """
        if sample.judged is None:
            raise Conflict(
                ErrorReason.NO_FACE, "the picture shows no face; send one that shows the subject alone, from the front"
            )
        self._check_alone(sample)
        quality = sample.judged.quality
        if quality is None or sample.embedding is None:
            raise _quality_too_low(quality, FLOOR_QUALITY_SCORE)
        self._check_quality(quality, allow_low_quality=allow_low_quality)
        return AdmittedFace(sample.judged, quality, sample.embedding.template)

    def check_decision(self, subject_id: str, decision: DecisionKey, face: DecidedFace) -> AdmittedFace:
        """Checks that a decision was about the subject; it passed the gate when it was taken.

        Raises:
            Conflict: DECISION_OF_ANOTHER, QUALITY_TOO_LOW.
        """
        if subject_id not in face.resembled:
            named = f"named {face.subject_id}" if face.subject_id else "named nobody"
            raise Conflict(
                ErrorReason.DECISION_OF_ANOTHER,
                f"decision {decision.seq} {named} and did not nearly name {subject_id}; there is nothing to rule out",
                metadata={"seq": str(decision.seq), "subject_id": face.subject_id},
            )
        quality = face.judged.quality
        if quality is None:
            raise _quality_too_low(quality, FLOOR_QUALITY_SCORE)
        return AdmittedFace(face.judged, quality, face.template)

    def check_room(self, subject_id: str, index: SearchIndex, kind: ReferenceKind = ReferenceKind.POSITIVE) -> None:
        """Checks that the subject may have one more reference of a kind.

        Raises:
            Conflict: TOO_MANY_REFERENCES.
        """
        negative = kind is ReferenceKind.NEGATIVE
        count = len(index.negatives_of(subject_id) if negative else index.references_of(subject_id))
        most = self._settings.max_negative_references if negative else self._settings.max_references
        if count >= most:
            what = '"not this person" references' if negative else "references"
            raise Conflict(
                ErrorReason.TOO_MANY_REFERENCES,
                f"subject {subject_id} has {count} {what}, and {most} are allowed; remove one first",
                metadata={"subject_id": subject_id, "max_references": str(most)},
            )

    def check_mistakable(self, subject_id: str, index: SearchIndex) -> None:
        """Checks that the subject can be mistaken for somebody: it has a reference that is searched.

        Raises:
            Conflict: SUBJECT_WITHOUT_REFERENCES.
        """
        if not index.holds(subject_id):
            raise Conflict(
                ErrorReason.SUBJECT_WITHOUT_REFERENCES,
                f"nobody can be mistaken for subject {subject_id}, who has no reference; enrol a picture first",
                metadata={"subject_id": subject_id},
            )

    def check_identity(self, subject_id: str, template: Template, index: SearchIndex) -> None:
        """Checks that the face is the subject's, as far as the gallery can tell.

        Raises:
            Conflict: SUBJECT_DUPLICATE, another subject looks the same; REFERENCE_OUTLIER, it resembles none of the
                subject's own references; EMBEDDING_MISMATCH.
        """
        vector = template.vector
        other = index.nearest_other(vector, subject_id)
        if other is not None and other.score >= self._calibration.duplicate_score:
            raise Conflict(
                ErrorReason.SUBJECT_DUPLICATE,
                f"the face looks like subject {other.subject_id}, who is enrolled already; add the picture to that "
                "subject, or allow the duplicate",
                metadata={"subject_id": other.subject_id},
            )
        if index.holds(subject_id) and index.score_of(subject_id, vector) < self._calibration.outlier_score:
            raise Conflict(
                ErrorReason.REFERENCE_OUTLIER,
                f"the face resembles none of the references of subject {subject_id}; check whose picture it is, or "
                "allow it",
                metadata={"subject_id": subject_id},
            )

    def _check_alone(self, sample: EnrolmentSample) -> None:
        largest, *others = sample.face_sizes_px or (0.0,)
        if any(size >= self._settings.second_face_ratio * largest for size in others):
            raise Conflict(
                ErrorReason.MULTIPLE_FACES,
                f"the picture shows {sample.face_count} faces of similar size; send one that shows the subject alone",
                metadata={"face_count": str(sample.face_count)},
            )

    def _check_quality(self, quality: QualityAssessment, *, allow_low_quality: bool) -> None:
        needed = FLOOR_QUALITY_SCORE if allow_low_quality else self._settings.min_quality_score
        # Written so that a score that is no number does not pass.
        if not quality.score >= needed or quality.band is QualityBand.REJECTED:
            raise _quality_too_low(quality, needed)


def _quality_too_low(quality: QualityAssessment | None, needed: float) -> Conflict:
    reasons = () if quality is None else tuple(reason.value for reason in quality.reasons)
    guidance = () if quality is None else tuple(guide.value for guide in quality.guidance)
    named = ", ".join(reasons) or "no reason was found out"
    return Conflict(
        ErrorReason.QUALITY_TOO_LOW,
        f"the picture is too poor to enrol (needed is a quality score of {needed:g}): {named}; take another one",
        metadata={"reasons": ",".join(reasons), "guidance": ",".join(guidance), "needed": f"{needed:g}"},
    )
