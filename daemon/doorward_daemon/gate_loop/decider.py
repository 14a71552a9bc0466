"""Turns the evidence of a track into an identification that explains itself."""

from dataclasses import dataclass, replace

from doorward_daemon.gallery import SearchIndex
from doorward_daemon.gate_loop.track_record import TrackRecord
from doorward_daemon.identity import SubjectScore, similarity
from doorward_daemon.model.decision import Candidate, DecisionRule, Identification, JudgedFace, Outcome
from doorward_daemon.model.liveness import ChallengeFailure
from doorward_daemon.recognition.explainer import Findings, SearchedGallery
from doorward_daemon.recognition.pipeline import RecognitionParts
from doorward_daemon.recognition.stage_clock import StageClock

_CANDIDATES = 3
_REFUSED_BY_QUALITY = (DecisionRule.PRE_GATE, DecisionRule.MASK_POLICY)


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What stands around a track when it is decided about."""

    face_count: int
    """Faces in the frame."""
    clock: StageClock
    """Stage times of the frame that completed the evidence."""


class TrackDecider:
    """Decides about tracks. Thread-safe: the parts are, and nothing else is kept.

    Args:
        parts: judge, rule, gallery and explainer; the judge asks liveness as the door does.
    """

    def __init__(self, parts: RecognitionParts) -> None:
        self._parts = parts

    def identify(self, record: TrackRecord, scene: Scene) -> Identification | None:
        """Asks who a track with complete evidence is.

        Args:
            record: the track.
            scene: what stands around it.

        Returns:
            The decision; None where the looks contradict each other and evidence has to be gathered anew.

        Raises:
            Conflict: EMBEDDING_MISMATCH, the gallery belongs to another pack.
        """
        judged, template = _fused_face(record), record.evidence.fused()
        if template is None or judged is None:
            return None
        if record.evidence.is_refused_by_liveness():
            return self.refuse(record, scene, Outcome.SPOOF, DecisionRule.LIVENESS)
        parts, index = self._parts, self._parts.gallery.index()
        with scene.clock.stage("search"):
            ranked = index.search(template.vector, _CANDIDATES)
        with scene.clock.stage("decide"):
            decision = parts.rule.decide(ranked, index.size)
        candidates = tuple(self._candidate(score, decision.threshold, index) for score in ranked)
        searched = SearchedGallery(index.subjects, index.revision)
        frames = len(record.evidence.shots)
        return Identification(
            outcome=decision.outcome,
            match=next((one for one in candidates if one.subject_id == decision.subject_id), None),
            candidates=candidates[:_CANDIDATES],
            judged=judged,
            face_count=scene.face_count,
            explanation=parts.explainer.explain(
                decision.rule,
                decision,
                searched,
                scene.clock.times(),
                Findings.of(judged, candidates[0] if candidates else None, frames, record.follows_track),
            ),
            template=template,
        )

    def farewell(self, record: TrackRecord) -> Identification:
        """Says of a track that left undecided why: an attack, a challenge that was not done, or not good enough."""
        scene = Scene(1, StageClock())
        look = record.best_look
        if record.challenge is not None:
            record.challenge = record.challenge.fail(ChallengeFailure.FACE_LOST)
            return self.refuse(record, scene, Outcome.SPOOF, DecisionRule.LIVENESS)
        if record.evidence.best is not None and record.evidence.is_refused_by_liveness():
            return self.refuse(record, scene, Outcome.SPOOF, DecisionRule.LIVENESS)
        refused_by = None if look is None else look.refused_by
        rule = refused_by if refused_by in _REFUSED_BY_QUALITY else None
        if record.is_replaced:
            rule = DecisionRule.IDENTITY_CHANGED
        return self.refuse(record, scene, Outcome.LOW_QUALITY, rule or DecisionRule.GATE)

    def refuse(self, record: TrackRecord, scene: Scene, outcome: Outcome, rule: DecisionRule) -> Identification:
        """Writes a decision in which nothing was compared.

        Args:
            record: the track.
            scene: what stands around it.
            outcome: the outcome.
            rule: what gave it.
        """
        index = self._parts.gallery.index()
        decision = self._parts.rule.decide((), index.size)
        searched = SearchedGallery(index.subjects, index.revision)
        frames = max(1, record.frames_judged)
        judged = _fused_face(record) or JudgedFace(record.face)
        found = Findings.of(judged, frames_used=frames, follows_track=record.follows_track)
        explanation = self._parts.explainer.explain(rule, decision, searched, scene.clock.times(), found)
        return Identification(outcome, None, (), judged, scene.face_count, explanation)

    def _candidate(self, score: SubjectScore, threshold: float, index: SearchIndex) -> Candidate:
        return Candidate(
            subject_id=score.subject_id,
            display_name=index.name_of(score.subject_id),
            reference_id=score.reference_id,
            comparison_score=score.score,
            similarity=similarity(score.score, threshold, self._parts.similarity_slope),
        )


def _fused_face(record: TrackRecord) -> JudgedFace | None:
    """The best look with the liveness of all of them; without a good look the best of the others."""
    if (shot := record.evidence.best) is not None:
        challenge = None if record.challenge is None else record.challenge.result
        return replace(shot.judgement.judged, liveness=replace(record.evidence.liveness(), challenge=challenge))
    return None if record.best_look is None else record.best_look.judged
