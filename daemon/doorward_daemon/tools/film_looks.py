"""Shows a film to a gate and keeps what each good look at each track was, and where tracks were split."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.camera.demonstration import SCENES, DemonstrationSource
from doorward_daemon.camera.opencv_source import VideoFileSource
from doorward_daemon.camera.source import FrameSource, SourceLostError
from doorward_daemon.errors import ErrorReason, InvalidInput
from doorward_daemon.gate_loop import IdentifierParts, TrackDecision, TrackingIdentifier
from doorward_daemon.gate_loop.evidence import worth_of
from doorward_daemon.gate_loop.track_record import TrackRecord
from doorward_daemon.model.frame import Frame
from doorward_daemon.recognition.face_judge import Judgement

DEMONSTRATION = "demo"
"""Name of one round of the demonstration camera, in place of a file."""
FRAMES_PER_S = 30
"""At which films are shown, whatever they were taken at."""
_FRAME_NS = 1_000_000_000 // FRAMES_PER_S


@dataclass(frozen=True, slots=True, eq=False)
class FilmLook:
    """One good look."""

    track_id: int
    """The track it was counted for."""
    frame: int
    """The frame, from 0."""
    vector: NDArray[np.float32]
    """(D,) float32, its template."""


@dataclass(slots=True, eq=False)
class FilmLooks:
    """What a gate saw in a film."""

    frames: int = 0
    """Frames of the film."""
    tracks: int = 0
    """Tracks that began, those that were split off included."""
    splits: list[int] = field(default_factory=list)
    """Frames in which somebody else was found in the place of a track."""
    looks: list[FilmLook] = field(default_factory=list)
    """Good looks, in order."""

    def scores_apart(self, frames: int) -> NDArray[np.float64]:
        """Comparison scores of looks at one track that are so many frames apart, (N,) float64."""
        seen = {(look.track_id, look.frame): look.vector for look in self.looks}
        pairs = [(vector, seen.get((track, frame + frames))) for (track, frame), vector in seen.items()]
        return np.asarray([float(first @ second) for first, second in pairs if second is not None], np.float64)


class _Listener(TrackingIdentifier):
    """Keeps the good looks, with the track each of them was counted for."""

    def __init__(self, parts: IdentifierParts) -> None:
        super().__init__(parts)
        self.looks: list[FilmLook] = []
        self.frame = 0

    def _check_person(self, record: TrackRecord, judgement: Judgement) -> tuple[TrackRecord, list[TrackDecision]]:
        record, decisions = super()._check_person(record, judgement)
        if worth_of(judgement) > 0.0 and judgement.embedding is not None:
            self.looks.append(FilmLook(record.track_id, self.frame, judgement.embedding.template.vector))
        return record, decisions


def watch_film(film: str, parts: IdentifierParts, recheck_s: float) -> FilmLooks:
    """Shows a film to a gate of its own.

    Args:
        film: a video file, or DEMONSTRATION.
        parts: what the gate judges with.
        recheck_s: how often who was decided about is looked at, seconds.

    Raises:
        InvalidInput: FIELD_INVALID, there is no such film.
        Fault: INFERENCE_FAILED.
    """
    listener = _Listener(replace(parts, settings=replace(parts.settings, recheck_s=recheck_s)))
    found = FilmLooks(looks=listener.looks)
    for number, bgr_hwc in enumerate(_frames_of(film)):
        listener.frame = number
        listener.push(Frame("film", number, bgr_hwc, (number + 1) * _FRAME_NS, datetime.now(UTC)))
        found.frames = number + 1
        found.tracks += listener.count.started + listener.count.split
        found.splits += [number] * listener.count.split
    return found


def _frames_of(film: str) -> Iterator[NDArray[np.uint8]]:
    is_round = film == DEMONSTRATION
    source: FrameSource = DemonstrationSource(0, paced=False) if is_round else VideoFileSource(Path(film), loops=False)
    left = sum(scene.frames for scene in SCENES) if is_round else sys.maxsize
    try:
        source.open()
    except SourceLostError as lost:
        raise InvalidInput(ErrorReason.FIELD_INVALID, f"--film: {lost}") from lost
    try:
        while left > 0 and (bgr_hwc := source.read()) is not None:
            yield bgr_hwc
            left -= 1
    finally:
        source.close()
