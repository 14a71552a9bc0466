"""Follows faces over frames and decides about each track once: the part that a gate and a client's stream share."""

from collections.abc import Sequence

from doorward_daemon.gate_loop.attention import attention_to
from doorward_daemon.gate_loop.challenger import ChallengeNeed, Challenger, Glance
from doorward_daemon.gate_loop.decider import Scene, TrackDecider
from doorward_daemon.gate_loop.evidence import LivenessNeed, TrackEvidence, worth_of
from doorward_daemon.gate_loop.frame_result import FrameCount, TrackDecision
from doorward_daemon.gate_loop.identifier_parts import IdentifierParts
from doorward_daemon.gate_loop.likeness import Likeness, likeness_of
from doorward_daemon.gate_loop.track_record import TrackRecord
from doorward_daemon.gate_loop.tracker import Movement, Tracker
from doorward_daemon.gate_loop.view import GateView, Preview, view_track
from doorward_daemon.model.decision import DecisionRule, Identification, Outcome
from doorward_daemon.model.face import Face
from doorward_daemon.model.frame import Frame
from doorward_daemon.model.liveness import ChallengeFailure, ChallengeState
from doorward_daemon.model.picture import Picture
from doorward_daemon.model.quality import Guidance
from doorward_daemon.recognition.face_judge import Judgement
from doorward_daemon.recognition.stage_clock import StageClock

_CROWD_SIZE = 0.6
"""DESIGN: a second face of at least 0.6 of the largest one's size stands in view."""


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
        self._split_count = 0
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
                same_score=parts.limits.asked_score,
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
        clock, self._split_count = StageClock(), 0
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
        self._count = FrameCount(len(faces), started, len(movement.ended), self._split_count, clock.times())
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
        tracks = tuple(view_track(record, record.shown_at(self._last_ns, self._longest_ns())) for record in records)
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
            self._records[sighting.track_id].see(sighting.face, is_abrupt=sighting.is_abrupt)
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
        record, decisions = self._check_person(record, judgement)
        glance = Glance(judgement, picture.height_px, now_ns)
        record.look(judgement, counts=record.is_doubted or self._challenger.watch(record, glance))
        record.look_again_ns = now_ns if record.is_doubted else self._recheck_ns()
        if record.is_gathering and record.evidence.is_complete() and self._may_decide(record):
            decisions += self._decide(record, glance, Scene(len(present), clock))
        return decisions

    def _may_decide(self, record: TrackRecord) -> bool:
        # One person at a time: who stands behind the nearest one waits for the turn, crowd or not.
        return not self._parts.policy.one_person_at_a_time or record.track_id == self._order[0]

    def _check_person(self, record: TrackRecord, judgement: Judgement) -> tuple[TrackRecord, list[TrackDecision]]:
        """The record a look belongs to: a new one where it shows somebody else; with what is said of the old one."""
        decisions: list[TrackDecision] = []
        if worth_of(judgement) <= 0.0 or judgement.embedding is None:
            return record, decisions
        template = judgement.embedding.template
        likeness = likeness_of(record, template, self._parts.limits)
        if likeness is Likeness.OTHER and not self._may_be_a_pose(record):
            record, decisions = self._split(record)
            likeness = Likeness.SAME
        if likeness is Likeness.SAME:
            record.trust(template, self._last_ns)
            return record, decisions
        record.other_ns = (record.other_ns or self._last_ns) if likeness is Likeness.OTHER else None
        # Once in doubt, every look is compared with those gathered since, whoever was decided about before: two persons
        # are never fused.
        is_asked = record.is_doubted or likeness is Likeness.OTHER or record.outcome is Outcome.MATCHED
        if not is_asked:
            record.trusted_ns = self._last_ns
        elif not record.doubts(template, self._parts.limits.same_score):
            record.doubt(self._new_evidence())
        return record, decisions

    def _may_be_a_pose(self, record: TrackRecord) -> bool:
        # Looks at who was decided about are far apart: a head that turned meanwhile is given a second one.
        recheck_ns = self._recheck_ns() - self._last_ns
        return record.decided is not None and (record.other_ns is None or self._last_ns - record.other_ns < recheck_ns)

    def _split(self, record: TrackRecord) -> tuple[TrackRecord, list[TrackDecision]]:
        if record.challenge is not None:
            record.challenge = record.challenge.fail(ChallengeFailure.SOMEBODY_ELSE)
        self._split_count += 1
        track_id = self._tracker.split(record.track_id)
        new = self._new_record(track_id, record.face)
        new.follows_track = record.track_id
        new.see(record.face)
        record.is_replaced = True
        self._order = tuple(track_id if known == record.track_id else known for known in self._order)
        decisions = self._close([record.track_id], self._last_ns)
        self._records[track_id] = new
        return new, decisions

    def _decide(self, record: TrackRecord, glance: Glance, scene: Scene) -> list[TrackDecision]:
        found = self._identify(record, scene)
        if record.is_doubted:
            return self._reconsider(record, found, glance, scene)
        if found is None:
            record.evidence = self._new_evidence()
            return []
        if found.outcome is Outcome.MATCHED and not self._challenger.is_settled(record, glance):
            return []
        if record.challenge is not None and record.challenge.state is ChallengeState.FAILED:
            found = self._decider.refuse(record, scene, Outcome.SPOOF, DecisionRule.LIVENESS)
        record.decide(found, self._last_ns, None if found.outcome is Outcome.MATCHED else self._retry_ns())
        record.look_again_ns = self._recheck_ns()
        return [TrackDecision(record.track_id, found, self._last_ns)]

    def _reconsider(
        self, record: TrackRecord, found: Identification | None, glance: Glance, scene: Scene
    ) -> list[TrackDecision]:
        """Asks anew who stands where somebody was recognised; a second decision is for a second person only."""
        match = None if found is None else found.match
        before = None if record.decided is None else record.decided.match
        if match is None:
            record.evidence, record.look_again_ns = self._new_evidence(), self._recheck_ns()
            return []
        if before is not None and match.subject_id == before.subject_id:
            if found is not None and found.template is not None:
                record.trust(found.template, self._last_ns)
            record.look_again_ns = self._recheck_ns()
            return []
        gathered = record.evidence
        record, decisions = self._split(record)
        record.evidence = gathered
        record.look(glance.judgement, counts=False)
        return decisions + self._decide(record, glance, scene)

    def _identify(self, record: TrackRecord, scene: Scene) -> Identification | None:
        if self._is_crowded:
            return self._decider.refuse(record, scene, Outcome.MULTIPLE_FACES, DecisionRule.ONE_PERSON_AT_A_TIME)
        return self._decider.identify(record, scene)

    def _longest_ns(self) -> int:
        # A look may come late by as much as lies between two.
        settings = self._parts.settings
        return round(max(settings.retry_after_s, 2.0 * settings.recheck_s) * 1e9)

    def _recheck_ns(self) -> int:
        return self._last_ns + round(self._parts.settings.recheck_s * 1e9)

    def _retry_ns(self) -> int:
        return self._last_ns + round(self._parts.settings.retry_after_s * 1e9)
