"""What the judgement of a picture looks like to a person."""

from doorward_api.v1.decision_pb2 import (
    Candidate,
    DecisionRule,
    Explanation,
    Identification,
    Outcome,
    SideAdvice,
    Verification,
    VerificationOutcome,
    VerificationSide,
)
from doorward_api.v1.face_pb2 import Face
from doorward_api.v1.liveness_pb2 import (
    ChallengeFailure,
    ChallengeState,
    LivenessAssessment,
    LivenessReason,
    LivenessVerdict,
)
from doorward_api.v1.quality_pb2 import Guidance, QualityAssessment, QualityBand, QualityReason
from doorward_api.v1.recognition_service_pb2 import DetectResponse, ExtractResponse
from doorward_client.cli.clock import milliseconds
from doorward_client.cli.layout import card, sections, table
from doorward_client.words import Words

_Rows = list[tuple[str, str]]


def identification_text(result: Identification, words: Words) -> str:
    """Who it is, why, and what would help."""
    rows = [(words.label("outcome"), words.value(Outcome.DESCRIPTOR, result.outcome))]
    if result.HasField("match"):
        rows.append((words.label("subject"), _named(result.match)))
        rows += _scores(result.match, words)
    if result.HasField("face"):
        rows += _face_rows(result.face, words)
    rows.append((words.label("faces"), str(result.face_count)))
    if result.HasField("explanation"):
        rows += _explanation_rows(result.explanation, words)
    return sections(card(rows), _candidates(list(result.candidates), words))


def verification_text(result: Verification, words: Words) -> str:
    """Whether it is the same person, and why."""
    rows = [
        (words.label("outcome"), words.value(VerificationOutcome.DESCRIPTOR, result.outcome)),
        *_scores(result, words),
        (words.label("trusted"), words.label("yes" if result.trusted else "no")),
        (words.label("poor_sides"), words.values(VerificationSide.DESCRIPTOR, result.poor_sides)),
        (words.label("advice"), "; ".join(_advice(advice, words) for advice in result.advice if advice.guidance)),
    ]
    if result.HasField("reference_quality_score"):
        rows.append((words.label("reference_quality"), f"{result.reference_quality_score:.3f}"))
    if result.HasField("explanation"):
        rows += _explanation_rows(result.explanation, words)
    faces = []
    if result.HasField("probe_face"):
        faces.append(_side(VerificationSide.VERIFICATION_SIDE_PROBE, result.probe_face, words))
    if result.HasField("reference_face"):
        faces.append(_side(VerificationSide.VERIFICATION_SIDE_REFERENCE, result.reference_face, words))
    return sections(card(rows), *faces)


def detection_text(response: DetectResponse, words: Words) -> str:
    """The faces, one per line."""
    if not response.faces:
        return words.value(Outcome.DESCRIPTOR, Outcome.OUTCOME_NO_FACE)
    labels = ("face", "box", "score", "quality", "liveness", "why_not_better")
    rows = [
        (
            str(number),
            f"{face.box.left_px:.0f},{face.box.top_px:.0f} {face.box.right_px:.0f},{face.box.bottom_px:.0f}",
            f"{face.detection_score:.3f}" if face.HasField("detection_score") else "",
            _quality(face.quality, words),
            _liveness(face.liveness, words),
            words.values(QualityReason.DESCRIPTOR, face.quality.reasons),
        )
        for number, face in enumerate(response.faces, start=1)
    ]
    return table([words.label(label) for label in labels], rows)


def feature_text(response: ExtractResponse, words: Words) -> str:
    """What was computed, not the numbers themselves: they are for machines, and for nobody's screen."""
    return card(
        [
            (words.label("feature"), words.counted("numbers", len(response.feature))),
            (words.label("embedding"), response.embedding_id),
            (words.label("precision"), response.precision),
            *_face_rows(response.face, words),
            (words.label("picture_size"), f"{response.resolution.width_px} x {response.resolution.height_px}"),
            (words.label("face_area"), f"{100 * response.detected_face_area_ratio:.1f} %"),
            (words.label("faces"), str(response.face_count)),
        ]
    )


def _advice(advice: SideAdvice, words: Words) -> str:
    side = words.value(VerificationSide.DESCRIPTOR, advice.side)
    return f"{side}: {words.values(Guidance.DESCRIPTOR, advice.guidance)}"


def _side(side: VerificationSide.ValueType, face: Face, words: Words) -> str:
    return f"{words.value(VerificationSide.DESCRIPTOR, side)}\n{card(_face_rows(face, words))}"


def _named(candidate: Candidate) -> str:
    if not candidate.display_name:
        return candidate.subject_id
    return f"{candidate.display_name} ({candidate.subject_id})"


def _scores(scored: Candidate | Verification, words: Words) -> _Rows:
    rows = []
    if scored.HasField("comparison_score"):
        rows.append((words.label("score"), f"{scored.comparison_score:.3f}"))
    if scored.HasField("similarity"):
        rows.append((words.label("similarity"), f"{scored.similarity:.3f}"))
    return rows


def _face_rows(face: Face, words: Words) -> _Rows:
    return [
        (words.label("quality"), _quality(face.quality, words)),
        (words.label("why_not_better"), words.values(QualityReason.DESCRIPTOR, face.quality.reasons)),
        (words.label("advice"), words.values(Guidance.DESCRIPTOR, face.quality.guidance)),
        (words.label("liveness"), _liveness(face.liveness, words)),
    ]


def _quality(quality: QualityAssessment, words: Words) -> str:
    if not quality.band:
        return ""
    band = words.value(QualityBand.DESCRIPTOR, quality.band)
    return f"{quality.score:.3f} {band}" if quality.HasField("score") else band


def _liveness(liveness: LivenessAssessment, words: Words) -> str:
    if not liveness.verdict:
        return ""
    verdict = words.value(LivenessVerdict.DESCRIPTOR, liveness.verdict)
    parts = [f"{liveness.score:.3f} {verdict}" if liveness.HasField("score") else verdict]
    if liveness.reason:
        parts.append(words.value(LivenessReason.DESCRIPTOR, liveness.reason))
    if liveness.HasField("challenge"):
        state = words.value(ChallengeState.DESCRIPTOR, liveness.challenge.state)
        failure = liveness.challenge.failure
        why = f" ({words.value(ChallengeFailure.DESCRIPTOR, failure)})" if failure else ""
        parts.append(f"{words.label('challenge')} {state}{why}")
    return ", ".join(parts)


def _explanation_rows(explanation: Explanation, words: Words) -> _Rows:
    needed = words.label("needed")
    margin = f"{explanation.margin_found:.3f} ({needed} {explanation.margin_needed:.3f})"
    searched = words.label("searched").format(
        subjects=words.counted("counted_subjects", explanation.gallery_subjects), revision=explanation.gallery_revision
    )
    times = [f"{time.stage} {milliseconds(time.duration):.1f} ms" for time in explanation.stage_times]
    ran = (explanation.pack, explanation.runtime, explanation.actual_device, explanation.precision)
    return [
        (words.label("decided_by"), words.value(DecisionRule.DESCRIPTOR, explanation.rule)),
        (f"{words.label('score')} ({needed})", f"{explanation.threshold:.3f}"),
        (words.label("margin"), margin if explanation.HasField("margin_found") else ""),
        (words.label("gallery"), searched),
        (words.label("models"), " ".join(word for word in ran if word)),
        (words.label("time"), ", ".join(times)),
    ]


def _candidates(candidates: list[Candidate], words: Words) -> str:
    if not candidates:
        return ""
    labels = ("subject", "name", "score", "similarity")
    rows = [
        (
            candidate.subject_id,
            candidate.display_name,
            f"{candidate.comparison_score:.3f}" if candidate.HasField("comparison_score") else "",
            f"{candidate.similarity:.3f}" if candidate.HasField("similarity") else "",
        )
        for candidate in candidates
    ]
    return f"{words.label('candidates')}\n{table([words.label(label) for label in labels], rows)}"
