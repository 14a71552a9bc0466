"""Answers about still pictures: which faces, what feature, whom (1:N), whether the same subject (1:1)."""

from dataclasses import dataclass

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.gallery import Gallery, SearchIndex, subject_not_found
from doorward_daemon.identity import OpenSetRule, SubjectScore, similarity
from doorward_daemon.model.decision import (
    Candidate,
    DecisionRule,
    Feature,
    Identification,
    JudgedFace,
    Outcome,
    Verification,
)
from doorward_daemon.model.picture import Picture
from doorward_daemon.model.template import Embedding
from doorward_daemon.recognition.explainer import Explainer, Findings, SearchedGallery
from doorward_daemon.recognition.face_judge import FaceJudge, Judgement
from doorward_daemon.recognition.stage_clock import StageClock
from doorward_daemon.recognition.verification import EnrolledSide, Sides, Verifier
from doorward_daemon.vision.detection import Detector
from doorward_daemon.vision.picture import PictureSettings, decode_picture

_REFUSED = {
    DecisionRule.PRE_GATE: Outcome.LOW_QUALITY,
    DecisionRule.GATE: Outcome.LOW_QUALITY,
    DecisionRule.MASK_POLICY: Outcome.LOW_QUALITY,
    DecisionRule.LIVENESS: Outcome.SPOOF,
}


@dataclass(frozen=True, slots=True, eq=False)
class RecognitionParts:
    """What recognition is made of; put together in one place, the composition root."""

    picture: PictureSettings
    """Limits in front of the decoder."""
    detector: Detector
    """Finds faces."""
    judge: FaceJudge
    """Judges one face."""
    rule: OpenSetRule
    """Decides who it is."""
    similarity_slope: float
    """Slope of the calibrated similarity."""
    explainer: Explainer
    """Writes explanations."""
    gallery: Gallery
    """Holds the references."""
    one_person_at_a_time: bool = False
    """Answers MULTIPLE_FACES where a second face of at least 0.6 of the largest one's size is seen."""


@dataclass(frozen=True, slots=True, eq=False)
class DetectedFaces:
    """The faces of a picture, judged."""

    faces: tuple[JudgedFace, ...]
    """Largest first."""
    width_px: int
    """Width of the picture."""
    height_px: int
    """Height of the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class SubjectSample:
    """The largest face of a picture, judged and embedded whatever the gates say; None where there is none."""

    judgement: Judgement | None
    """The face; None for a picture without one."""
    face_sizes_px: tuple[float, ...]
    """Width of every face found, largest face first, in pixels."""


class Recogniser:
    """Judges still pictures. Thread-safe: the parts are, and nothing else is kept."""

    def __init__(self, parts: RecognitionParts) -> None:
        self._parts = parts
        self._verifier = Verifier(parts.rule, parts.similarity_slope, parts.explainer)

    def detect(self, content: bytes) -> DetectedFaces:
        """Finds and judges all faces of an encoded picture.

        Raises:
            InvalidInput: a PICTURE_ reason.
        """
        clock = StageClock()
        picture = self._decode(content, clock)
        faces = self._parts.detector.detect(picture.bgr_hwc).largest_first()
        judged = [
            self._parts.judge.judge(picture, face, [other for other in faces if other is not face], clock).judged
            for face in faces
        ]
        return DetectedFaces(tuple(judged), picture.width_px, picture.height_px)

    def extract(self, content: bytes) -> Feature:
        """Computes the feature of the largest face, whatever its quality.

        Raises:
            InvalidInput: a PICTURE_ reason.
            Conflict: NO_FACE.
        """
        picture = self._decode(content, StageClock())
        sample = self.sample(picture)
        if sample.judgement is None:
            raise Conflict(
                ErrorReason.NO_FACE,
                "the picture shows no face; send one in which a face is at least 20 pixels wide",
            )
        template = _embedding_of(sample.judgement).template
        return Feature(
            judged=sample.judgement.judged,
            vector=tuple(float(number) for number in template.vector),
            embedding_id=template.embedding_id,
            precision=template.precision,
            width_px=picture.width_px,
            height_px=picture.height_px,
            face_count=len(sample.face_sizes_px),
        )

    def sample(self, picture: Picture, clock: StageClock | None = None) -> SubjectSample:
        """Judges and embeds the largest face of a picture, for enrolment, verification and extraction."""
        clock = clock or StageClock()
        with clock.stage("detect"):
            faces = self._parts.detector.detect(picture.bgr_hwc).largest_first()
        sizes = tuple(face.width_px for face in faces)
        if not faces:
            return SubjectSample(None, sizes)
        return SubjectSample(self._parts.judge.judge(picture, faces[0], faces[1:], clock, embed_always=True), sizes)

    def identify(self, content: bytes, max_candidates: int = 3) -> Identification:
        """Asks whom an encoded picture shows.

        Args:
            content: JPEG, PNG, WebP or BMP bytes.
            max_candidates: candidates wanted, 0..10.

        Raises:
            InvalidInput: a PICTURE_ reason.
        """
        clock = StageClock()
        return self.identify_picture(self._decode(content, clock), max_candidates, clock)

    def gallery_revision(self) -> int:
        """Revision of the gallery that a search would be made in now; every change raises it."""
        return self._parts.gallery.index().revision

    def identify_picture(self, picture: Picture, max_candidates: int, clock: StageClock) -> Identification:
        """Asks whom a decoded picture shows; `clock` collects the stage times."""
        parts = self._parts
        with clock.stage("detect"):
            faces = parts.detector.detect(picture.bgr_hwc).largest_first()
        if not faces:
            return self._refuse(Outcome.NO_FACE, DecisionRule.NO_FACE_FOUND, None, 0, clock)
        if parts.one_person_at_a_time and _crowded([face.width_px for face in faces]):
            judged = JudgedFace(faces[0])
            return self._refuse(Outcome.MULTIPLE_FACES, DecisionRule.ONE_PERSON_AT_A_TIME, judged, len(faces), clock)
        judgement = parts.judge.judge(picture, faces[0], faces[1:], clock)
        if judgement.refused_by is not None:
            outcome = _REFUSED[judgement.refused_by]
            return self._refuse(outcome, judgement.refused_by, judgement.judged, len(faces), clock)
        return self._search(judgement, len(faces), max_candidates, clock)

    def verify(self, probe: bytes, reference: bytes | None, subject_id: str | None) -> Verification:
        """Asks whether a picture shows the same subject as another picture or an enrolled subject.

        Exactly one of `reference` and `subject_id` is given.

        Raises:
            InvalidInput: a PICTURE_ reason.
            NotFound: SUBJECT_NOT_FOUND.
            Conflict: SUBJECT_WITHOUT_REFERENCES.
        """
        clock = StageClock()
        index = self._parts.gallery.index()
        enrolled = None if subject_id is None else self._enrolled(subject_id, index)
        sides = Sides(
            probe=self.sample(self._decode(probe, clock), clock).judgement,
            other=None if reference is None else self.sample(self._decode(reference, clock), clock).judgement,
            enrolled=enrolled,
        )
        return self._verifier.decide(sides, SearchedGallery(index.subjects, index.revision), clock.times())

    def _decode(self, content: bytes, clock: StageClock) -> Picture:
        with clock.stage("decode"):
            return decode_picture(content, self._parts.picture)

    def _search(self, judgement: Judgement, count: int, max_candidates: int, clock: StageClock) -> Identification:
        parts = self._parts
        index, template = parts.gallery.index(), _embedding_of(judgement).template
        with clock.stage("search"):
            # Two at least: the margin needs the best other subject even where no candidate was asked for.
            ranked = index.search(template.vector, max(2, max_candidates))
        with clock.stage("decide"):
            decision = parts.rule.decide(ranked, index.size)
        candidates = tuple(self._candidate(score, decision.threshold, index) for score in ranked)
        searched = SearchedGallery(index.subjects, index.revision)
        return Identification(
            outcome=decision.outcome,
            match=next((one for one in candidates if one.subject_id == decision.subject_id), None),
            candidates=candidates[:max_candidates],
            judged=judgement.judged,
            face_count=count,
            explanation=parts.explainer.explain(
                decision.rule,
                decision,
                searched,
                clock.times(),
                Findings.of(judgement.judged, candidates[0] if candidates else None),
            ),
            template=template,
        )

    def _refuse(
        self, outcome: Outcome, rule: DecisionRule, judged: JudgedFace | None, count: int, clock: StageClock
    ) -> Identification:
        index = self._parts.gallery.index()
        decision = self._parts.rule.decide((), index.size)
        searched = SearchedGallery(index.subjects, index.revision)
        explanation = self._parts.explainer.explain(rule, decision, searched, clock.times(), Findings.of(judged))
        return Identification(outcome, None, (), judged, count, explanation)

    def _candidate(self, score: SubjectScore, threshold: float, index: SearchIndex) -> Candidate:
        return Candidate(
            subject_id=score.subject_id,
            display_name=index.name_of(score.subject_id),
            reference_id=score.reference_id,
            comparison_score=score.score,
            similarity=similarity(score.score, threshold, self._parts.similarity_slope),
        )

    def _enrolled(self, subject_id: str, index: SearchIndex) -> EnrolledSide:
        # Of the snapshot alone: the database may be busy for long with a gallery that comes into force.
        if subject_id not in index.names:
            raise subject_not_found(subject_id)
        if not index.holds(subject_id):
            raise Conflict(
                ErrorReason.SUBJECT_WITHOUT_REFERENCES,
                f"subject {subject_id} has no reference of this pack to compare with; enrol a picture first",
                metadata={"subject_id": subject_id},
            )
        return EnrolledSide(subject_id, index, index.best_quality_of(subject_id))


def _crowded(widths_px: list[float]) -> bool:
    # DESIGN: a second face of at least 0.6 of the largest one's size stands in view.
    return len(widths_px) > 1 and widths_px[1] >= 0.6 * widths_px[0]


def _embedding_of(judgement: Judgement) -> Embedding:
    if judgement.embedding is None:
        raise ValueError("the face was judged without an embedding")
    return judgement.embedding
