"""What a watcher of a camera is shown: a frame, its tracks, what the person can do, what was decided."""

import io
import threading
from dataclasses import dataclass

from PIL import Image

from doorward_daemon.gate_loop.track_record import TrackRecord
from doorward_daemon.model.decision import Identification, Outcome
from doorward_daemon.model.face import Face
from doorward_daemon.model.frame import Frame
from doorward_daemon.model.quality import Guidance, QualityBand, QualityReason

_JPEG_QUALITY = 80
_TOWARDS = (Guidance.COME_CLOSER, Guidance.STEP_BACK)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class TrackView:
    """One face of a view."""

    track_id: int
    """The track."""
    face: Face
    """Where it is, in pixels of the frame."""
    band: QualityBand | None
    """Band of the newest look; None where it was not judged yet."""
    quality_score: float | None
    """Its quality, 0..1."""
    reasons: tuple[QualityReason, ...]
    """Why it is not better, most important first."""
    guidance: tuple[Guidance, ...]
    """What the person can do, most helpful first; empty for one that was let in."""
    evidence: float
    """0..1; at 1 there is enough to decide who it is."""
    outcome: Outcome | None
    """What was decided; None while it is not."""
    let_in: bool
    """Whether a door opened for it; a match alone opens none."""
    subject_id: str
    """Who it is, for MATCHED; else empty."""
    display_name: str
    """Its name, for MATCHED; else empty."""


class Preview:
    """A frame as JPEG, encoded once and only when somebody wants it. Thread-safe.

    Args:
        frame: the frame.
    """

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._lock = threading.Lock()
        self._content: bytes | None = None

    def jpeg(self) -> bytes:
        """The frame, encoded; takes some milliseconds the first time."""
        with self._lock:
            if self._content is None:
                encoded = io.BytesIO()
                rgb_hwc = self._frame.bgr_hwc[:, :, ::-1]
                Image.fromarray(rgb_hwc).save(encoded, "JPEG", quality=_JPEG_QUALITY)
                self._content = encoded.getvalue()
            return self._content


@dataclass(frozen=True, slots=True, eq=False)
class GateView:
    """What one frame showed."""

    frame: Frame
    """The frame."""
    preview: Preview
    """The same as JPEG, on demand, shared by all watchers."""
    tracks: tuple[TrackView, ...]
    """Faces in this frame, largest first; those that may be no faces at all come last."""
    guidance: tuple[Guidance, ...]
    """What the nearest person can do now, most helpful first."""
    is_crowded: bool
    """Whether the door waits because more than one person stands before it."""

    @property
    def outcome(self) -> Outcome | None:
        """What was decided about the nearest person; None while nothing is."""
        return self.tracks[0].outcome if self.tracks else None


def view_track(record: TrackRecord, shown: Identification | None) -> TrackView:
    """Shows a track.

    Args:
        record: the track.
        shown: what was decided, where it is clear that the person still stands there.
    """
    look = record.last_look
    quality = None if look is None else look.judged.quality
    # Who may have been replaced is shown as somebody who is not decided about.
    is_clear = shown is not None
    outcome = record.outcome if is_clear else None
    match = shown.match if shown is not None and outcome is Outcome.MATCHED else None
    return TrackView(
        track_id=record.track_id,
        face=record.face,
        band=None if quality is None else quality.band,
        quality_score=None if quality is None else quality.score,
        reasons=() if quality is None else quality.reasons,
        guidance=() if match is not None else _guidance(record, () if quality is None else quality.guidance),
        evidence=min(1.0, record.evidence.amount) if record.is_gathering else 1.0,
        outcome=outcome,
        let_in=record.let_in and is_clear,
        subject_id="" if match is None else match.subject_id,
        display_name="" if match is None else match.display_name,
    )


def _guidance(record: TrackRecord, of_quality: tuple[Guidance, ...]) -> tuple[Guidance, ...]:
    """What the person can do: what a challenge asks and nothing else, else room for liveness, else a better picture."""
    if record.asked is not None:
        return (record.asked,)
    if record.is_gathering and record.evidence.needs_distance:
        return tuple(dict.fromkeys((Guidance.STEP_BACK, *(step for step in of_quality if step not in _TOWARDS))))
    return of_quality
