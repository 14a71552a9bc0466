"""What is known of one track: how often it was seen, its evidence, what was decided about it and when to look again."""

from dataclasses import dataclass

import numpy as np

from doorward_daemon.access import Challenge
from doorward_daemon.gate_loop.evidence import TrackEvidence
from doorward_daemon.model.decision import Identification, Outcome
from doorward_daemon.model.face import Face
from doorward_daemon.model.quality import Guidance, QualityBand, QualityReason
from doorward_daemon.model.template import Template
from doorward_daemon.recognition.face_judge import Judgement


@dataclass(slots=True, eq=False)
class TrackRecord:
    """One track. Used by one thread; times are monotonic nanoseconds."""

    track_id: int
    """The track."""
    face: Face
    """As it was seen last."""
    evidence: TrackEvidence
    """Since the track began, or since it was turned away."""
    frames_seen: int = 0
    """Frames it was found in."""
    frames_judged: int = 0
    """Frames its face was judged in."""
    is_in_frame: bool = True
    """Whether it was found in the newest frame."""
    last_look: Judgement | None = None
    """The newest judgement."""
    best_look: Judgement | None = None
    """The judgement of best quality, good or not; for the record of a face that left undecided."""
    last_template: Template | None = None
    """Of the newest good look that showed the track's person."""
    is_doubted: bool = False
    """Whether the newest good looks may show another person than the one who was recognised: the identity is not shown,
    and the gallery is asked anew."""
    other_ns: int | None = None
    """Since when all good looks show somebody else; None where the newest did not."""
    trusted_ns: int = 0
    """When a good look showed the track's person last, or, of a person who was not recognised, any person."""
    is_replaced: bool = False
    """Whether somebody else was found in its place."""
    follows_track: int = 0
    """The track in whose place it was found; 0 where it began by itself."""
    challenge: Challenge | None = None
    """What was asked of the person before the door opens; None where nothing was."""
    challenged_template: Template | None = None
    """Whom it was asked of: only looks at that person count."""
    asked: Guidance | None = None
    """What the person is asked to do at the moment, before anything that would better the picture."""
    decided: Identification | None = None
    """What was decided; the identity is bound to the track and goes with it."""
    outcome: Outcome | None = None
    """What came of it in the end: STALE where the decision came too late."""
    let_in: bool = False
    """Whether a door opened for it."""
    decided_before: bool = False
    """Whether anything was decided about it ever; such a track leaves without another record."""
    look_again_ns: int = 0
    """When the face is judged again, at the earliest."""
    retry_ns: int | None = None
    """When a person who was turned away is considered anew; None where the decision stands."""

    @property
    def is_gathering(self) -> bool:
        """Whether evidence is gathered: for a decision, or to settle a doubt."""
        return self.decided is None or self.is_doubted

    @property
    def known_templates(self) -> tuple[Template, ...]:
        """What is known of the track's person: the newest good look, and what was gathered, or decided by."""
        gathered = self.evidence.fused() if self.decided is None else self.decided.template
        return tuple(one for one in (self.last_template, gathered) if one is not None)

    @property
    def is_doubtful(self) -> bool:
        """Whether no look at it showed more than a thing that may be no face at all."""
        quality = None if self.best_look is None else self.best_look.judged.quality
        if quality is None or quality.band is not QualityBand.REJECTED:
            return False
        return quality.reasons[:1] == (QualityReason.DOUBTFUL_FACE,)

    def see(self, face: Face, *, is_abrupt: bool = False) -> None:
        """The track was found in a frame.

        Args:
            face: as it was found.
            is_abrupt: it was not where it was expected, or not there a frame ago: it is looked at at once.
        """
        self.face = face
        if is_abrupt:
            self.look_again_ns = 0
        self.frames_seen += 1
        self.is_in_frame = True

    def wants_look(self, now_ns: int) -> bool:
        """Whether the face is to be judged in this frame."""
        return self.decided is None or now_ns >= self.look_again_ns

    def is_settled(self, now_ns: int) -> bool:
        """Whether it was found where it was expected, and nothing is due: no judgement, no second consideration."""
        is_due = self.retry_ns is not None and now_ns >= self.retry_ns
        return self.is_in_frame and not self.wants_look(now_ns) and not is_due

    def look(self, judgement: Judgement, *, counts: bool = True) -> None:
        """Takes a judgement of its face; only a good one of an undecided track adds to the evidence.

        Args:
            judgement: of the newest frame.
            counts: False for a head that is turned because it was asked to.
        """
        self.frames_judged += 1
        self.last_look = judgement
        if self.best_look is None or _quality(judgement) >= _quality(self.best_look):
            self.best_look = judgement
        if self.is_gathering and counts:
            self.evidence.add(judgement)

    def shown_at(self, now_ns: int, longest_ns: int) -> Identification | None:
        """The decision, as long as it is clear that the person it was about still stands there.

        Args:
            now_ns: when.
            longest_ns: without a good look for longer, whatever hid the face, somebody else may stand there.
        """
        return None if self.is_doubted or now_ns - self.trusted_ns > longest_ns else self.decided

    def trust(self, template: Template, now_ns: int) -> None:
        """A good look, or the gallery, says that it is the track's person."""
        self.last_template, self.trusted_ns, self.other_ns = template, now_ns, None
        self.is_doubted = False

    def doubts(self, template: Template, same_score: float) -> bool:
        """Whether a doubtful look shows the same person as the doubtful ones before it, which are gathered.

        Args:
            template: of the look.
            same_score: comparison score from which it does.
        """
        gathered = self.evidence.fused() if self.is_doubted else None
        return gathered is not None and float(np.dot(gathered.vector, template.vector)) >= same_score

    def doubt(self, evidence: TrackEvidence) -> None:
        """A good look may show another person: gathers anew, while the decision stands."""
        self.is_doubted, self.evidence = True, evidence

    def decide(self, identification: Identification, now_ns: int, retry_ns: int | None) -> None:
        """Binds a decision to the track.

        Args:
            identification: the decision.
            now_ns: when.
            retry_ns: when the person is considered anew; None for a decision that stands as long as the track.
        """
        self.decided, self.outcome = identification, identification.outcome
        self.decided_before = True
        self.trusted_ns = now_ns
        self.asked = None
        self.retry_ns = retry_ns
        self.look_again_ns = now_ns

    def start_over(self, evidence: TrackEvidence) -> None:
        """Forgets the decision and gathers anew."""
        self.decided = self.outcome = self.retry_ns = None
        self.challenge = self.challenged_template = self.asked = None
        self.is_doubted = False
        self.evidence, self.other_ns = evidence, None


def _quality(judgement: Judgement) -> float:
    return 0.0 if judgement.judged.quality is None else judgement.judged.quality.score
