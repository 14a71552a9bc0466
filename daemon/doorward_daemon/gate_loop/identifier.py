"""Follows faces over frames and decides about each track once: the part that a gate and a client's stream share."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from doorward_daemon.access import DoorPolicy
from doorward_daemon.gate_loop.attention import attention_to
from doorward_daemon.gate_loop.challenger import ChallengeNeed, Challenger, Glance
from doorward_daemon.gate_loop.decider import Scene, TrackDecider
from doorward_daemon.gate_loop.evidence import LivenessNeed, TrackEvidence, is_same_person, worth_of
from doorward_daemon.gate_loop.schedule import DetectionSchedule, EveryFrame
from doorward_daemon.gate_loop.settings import GateLoopSettings
from doorward_daemon.gate_loop.track_record import TrackRecord
from doorward_daemon.gate_loop.tracker import Movement, Tracker
from doorward_daemon.gate_loop.view import GateView, Preview, view_track
from doorward_daemon.model.decision import DecisionRule, Identification, Outcome, StageTime
from doorward_daemon.model.face import Face
from doorward_daemon.model.frame import Frame
from doorward_daemon.model.liveness import ChallengeFailure, ChallengeState
from doorward_daemon.model.picture import Picture
from doorward_daemon.model.quality import Guidance
from doorward_daemon.recognition.face_judge import Judgement
from doorward_daemon.recognition.pipeline import RecognitionParts
from doorward_daemon.recognition.stage_clock import StageClock
from doorward_daemon.vision.liveness import LivenessSettings

_CROWD_SIZE = 0.6
"""DESIGN: a second face of at least 0.6 of the largest one's size stands in view."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class IdentifierParts:
    """What judges and decides."""

    recognition: RecognitionParts
    """Detector, judge, rule, gallery, explainer; the judge asks liveness as `policy` does."""
    policy: DoorPolicy
    """Of the door, or of the client."""
    settings: GateLoopSettings
    """How faces are followed and evidence is gathered."""
    liveness: LivenessSettings
    """Where the verdicts on liveness begin."""
    switch_score: float
    """Comparison score below which two looks cannot show one person, for a track that was decided about."""
    gathering_score: float
    """The same while evidence is gathered, where a second person's looks would lend the first one theirs."""
    schedule: DetectionSchedule = field(default_factory=EveryFrame)
    """Which frames are searched."""
    chance: random.Random = field(default_factory=random.SystemRandom)
    """Draws what challenges ask."""


@dataclass(frozen=True, slots=True, eq=False)
class TrackDecision:
    """What was decided about a track."""

    track_id: int
    """The track."""
    identification: Identification
    """The decision."""
    captured_mono_ns: int
    """Capture of the frame that completed the evidence; of the last frame for a track that left."""


@dataclass(frozen=True, slots=True)
class FrameCount:
    """What one frame held and changed, for figures."""

    faces: int = 0
    """Faces found."""
    started: int = 0
    """Tracks that began."""
    ended: int = 0
    """Tracks that ended."""
    times: tuple[StageTime, ...] = ()
    """Time per stage."""
    is_searched: bool = True
    """Whether it was searched for faces; nothing moved in the others."""


class TrackingIdentifier:
    """Takes frames of one camera, one at a time, in one thread; all times are capture times.

    Args:
        parts: what judges and decides.
    """

    def __init__(self, parts: IdentifierParts) -> None:
        self._parts = parts
        self._tracker = Tracker(parts.settings.track)
        self._decider = TrackDecider(parts.recognition)
        self._records: dict[int, TrackRecord] = {}
        self._order: tuple[int, ...] = ()
        self._last_ns = 0
        self._is_crowded = False
        self._need = LivenessNeed(
            policy=parts.policy.liveness,
            thresholds=parts.liveness,
            frames=parts.settings.liveness_frames,
            patience_frames=parts.settings.liveness_patience_frames,
        )
        self._challenger = Challenger(
            ChallengeNeed(
                policy=parts.policy.challenge,
                settings=parts.settings.challenge,
                same_score=parts.gathering_score,
                chance=parts.chance,
            )
        )
        self._count = FrameCount()
        # Kept here until they are handed out: a frame that fails later on must not swallow who left before it.
        self._undelivered: list[TrackDecision] = []

    @property
    def count(self) -> FrameCount:
        """What the newest frame held and changed."""
        return self._count

    def push(self, frame: Frame) -> tuple[TrackDecision, ...]:
        """Takes the next frame.

        Args:
            frame: the frame.

        Returns:
            What was decided with it; mostly nothing.

        Raises:
            Fault: INFERENCE_FAILED.
            Conflict: EMBEDDING_MISMATCH.
        """
        now_ns = max(self._last_ns, frame.captured_mono_ns)
        if not self._parts.schedule.is_due(frame, attention_to(self._records.values(), now_ns)):
            self._count = FrameCount(is_searched=False)
            return self._deliver()
        clock = StageClock()
        with clock.stage("detect"):
            faces = self._parts.recognition.detector.detect(frame.bgr_hwc).largest_first()
        with clock.stage("track"):
            movement = self._tracker.see(faces, now_ns)
        self._undelivered += self._close(movement.ended, self._last_ns)
        started = self._open(movement)
        self._last_ns = now_ns
        self._is_crowded = self._parts.policy.one_person_at_a_time and self._sees_crowd()
        picture = Picture(frame.bgr_hwc)
        for track_id in self._order[: self._parts.settings.max_judged_faces]:
            self._undelivered += self._consider(self._records[track_id], picture, clock)
        self._count = FrameCount(len(faces), started, len(movement.ended), clock.times())
        return self._deliver()

    def idle(self, now_ns: int) -> tuple[TrackDecision, ...]:
        """Gives up old tracks while no frame comes.

        Args:
            now_ns: now, on the clock of the capture times.
        """
        ended = self._tracker.let_go(now_ns)
        self._undelivered += self._close(ended, self._last_ns)
        self._order = tuple(track_id for track_id in self._order if track_id in self._records)
        self._count = FrameCount(ended=len(ended))
        return self._deliver()

    def let_in(self, track_id: int) -> None:
        """Notes that a door opened for a track; one that has left is passed over."""
        if (record := self._records.get(track_id)) is not None:
            record.let_in = True

    def take_back(self, track_id: int, outcome: Outcome) -> None:
        """Notes that a decision came to nothing (too late, or no record): the person is looked at again after a while.

        Args:
            track_id: the track; one that has left is passed over.
            outcome: what is shown until then.
        """
        if (record := self._records.get(track_id)) is not None and record.decided is not None:
            record.outcome = outcome
            record.retry_ns = self._retry_ns()

    def view(self, frame: Frame) -> GateView:
        """What the frame that was pushed last shows.

        Args:
            frame: that frame.
        """
        # Ordered anew: one that was judged for the first time in this frame may have turned out to be no face.
        records = sorted((self._records[track_id] for track_id in self._order), key=lambda record: record.is_doubtful)
        tracks = tuple(view_track(record) for record in records)
        guidance = tracks[0].guidance if tracks else ()
        if self._is_crowded:
            guidance = (Guidance.ONE_PERSON_AT_A_TIME,)
        return GateView(frame, Preview(frame), tracks, guidance, self._is_crowded)

    def _deliver(self) -> tuple[TrackDecision, ...]:
        decisions, self._undelivered = tuple(self._undelivered), []
        return decisions

    def _open(self, movement: Movement) -> int:
        """Begins and continues records; gives the number that began."""
        for record in self._records.values():
            record.is_in_frame = False
        for sighting in movement.seen:
            if sighting.track_id not in self._records:
                self._records[sighting.track_id] = self._new_record(sighting.track_id, sighting.face)
            self._records[sighting.track_id].see(sighting.face)
        # A blurred wall that the detector takes for a huge face must not hide the person before it.
        ranked = sorted(movement.seen, key=lambda sighting: self._records[sighting.track_id].is_doubtful)
        self._order = tuple(sighting.track_id for sighting in ranked)
        return sum(sighting.is_new for sighting in movement.seen)

    def _new_record(self, track_id: int, face: Face) -> TrackRecord:
        return TrackRecord(track_id, face, self._new_evidence())

    def _new_evidence(self) -> TrackEvidence:
        return TrackEvidence(self._need, self._parts.settings.max_shots)

    def _close(self, track_ids: Sequence[int], seen_ns: int) -> list[TrackDecision]:
        # A thing that may be no face is put on record only where no face was there that it may belong to.
        has_faces = any(not record.is_doubtful for record in self._records.values())
        records = [self._records.pop(track_id) for track_id in track_ids]
        return [
            TrackDecision(record.track_id, self._decider.farewell(record), seen_ns)
            for record in records
            if self._deserves_record(record) and not (has_faces and record.is_doubtful)
        ]

    def _deserves_record(self, record: TrackRecord) -> bool:
        return not record.decided_before and record.frames_seen >= self._parts.settings.min_frames_on_record

    def _sees_crowd(self) -> bool:
        # A person the detector missed in this very frame still stands there; one seen in a single frame may be none.
        present = [record for record in self._records.values() if record.is_in_frame or record.frames_seen > 1]
        widths = sorted((record.face.width_px for record in present if not record.is_doubtful), reverse=True)
        return len(widths) > 1 and widths[1] >= _CROWD_SIZE * widths[0]

    def _consider(self, record: TrackRecord, picture: Picture, clock: StageClock) -> list[TrackDecision]:
        now_ns = self._last_ns
        if record.retry_ns is not None and now_ns >= record.retry_ns:
            record.start_over(self._new_evidence())
        if not record.wants_look(now_ns):
            return []
        present = [self._records[track_id] for track_id in self._order]
        others = [other.face for other in present if other is not record and not other.is_doubtful]
        judgement = self._parts.recognition.judge.judge(picture, record.face, others, clock)
        decisions: list[TrackDecision] = []
        if self._is_somebody_else(record, judgement):
            record, decisions = self._split(record)
        glance = Glance(judgement, picture.height_px, now_ns)
        record.look(judgement, counts=self._challenger.watch(record, glance))
        record.look_again_ns = now_ns + round(self._parts.settings.recheck_s * 1e9)
        if worth_of(judgement) > 0.0 and judgement.embedding is not None:
            record.last_template = judgement.embedding.template
        if record.is_gathering and record.evidence.is_complete() and self._may_decide(record):
            decisions += self._decide(record, glance, Scene(len(present), clock))
        return decisions

    def _may_decide(self, record: TrackRecord) -> bool:
        # One person at a time: who stands behind the nearest one waits for the turn, crowd or not.
        return not self._parts.policy.one_person_at_a_time or record.track_id == self._order[0]

    def _is_somebody_else(self, record: TrackRecord, judgement: Judgement) -> bool:
        if record.last_template is None or judgement.embedding is None or worth_of(judgement) <= 0.0:
            return False
        limit = self._parts.gathering_score if record.is_gathering else self._parts.switch_score
        return not is_same_person(record.last_template, judgement.embedding.template, limit)

    def _split(self, record: TrackRecord) -> tuple[TrackRecord, list[TrackDecision]]:
        if record.challenge is not None:
            record.challenge = record.challenge.fail(ChallengeFailure.SOMEBODY_ELSE)
        track_id = self._tracker.split(record.track_id)
        new = self._new_record(track_id, record.face)
        new.see(record.face)
        self._order = tuple(track_id if known == record.track_id else known for known in self._order)
        decisions = self._close([record.track_id], self._last_ns)
        self._records[track_id] = new
        return new, decisions

    def _decide(self, record: TrackRecord, glance: Glance, scene: Scene) -> list[TrackDecision]:
        found = self._identify(record, scene)
        if found is None:
            record.evidence = self._new_evidence()
            return []
        if found.outcome is Outcome.MATCHED and not self._challenger.is_settled(record, glance):
            return []
        if record.challenge is not None and record.challenge.state is ChallengeState.FAILED:
            found = self._decider.refuse(record, scene, Outcome.SPOOF, DecisionRule.LIVENESS)
        record.decide(found, self._last_ns, None if found.outcome is Outcome.MATCHED else self._retry_ns())
        record.look_again_ns = self._last_ns + round(self._parts.settings.recheck_s * 1e9)
        return [TrackDecision(record.track_id, found, self._last_ns)]

    def _identify(self, record: TrackRecord, scene: Scene) -> Identification | None:
        if self._is_crowded:
            return self._decider.refuse(record, scene, Outcome.MULTIPLE_FACES, DecisionRule.ONE_PERSON_AT_A_TIME)
        return self._decider.identify(record, scene)

    def _retry_ns(self) -> int:
        return self._last_ns + round(self._parts.settings.retry_after_s * 1e9)
