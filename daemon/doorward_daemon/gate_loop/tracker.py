"""Follows faces from frame to frame by overlap and motion; knows places, not persons."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from doorward_daemon.gate_loop.box_motion import BoxMotion, are_neighbours, overlap
from doorward_daemon.gate_loop.settings import TrackSettings
from doorward_daemon.model.face import Face

# A face that walks or nods stays above this from frame to frame; one that is exchanged mostly does not.
_STEADY_IOU = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """A track in a frame."""

    track_id: int
    """1, 2, 3, ... since the tracker was made; never used again."""
    face: Face
    """The face as it was seen last."""
    is_new: bool
    """Whether the track began with this frame."""
    is_abrupt: bool = False
    """Whether the face is elsewhere than it was expected, or was missed before: somebody else may stand there now."""


@dataclass(frozen=True, slots=True, eq=False)
class Movement:
    """What one frame changed."""

    seen: tuple[Sighting, ...]
    """The tracks of this frame, largest face first."""
    ended: tuple[int, ...]
    """The tracks that are given up."""


@dataclass(slots=True, eq=False)
class _Track:
    track_id: int
    face: Face
    motion: BoxMotion
    missed: int = 0


class Tracker:
    """Follows faces. Used by one thread; time comes with the frames, so that a recording gives the same tracks again.

    Args:
        settings: when a face is the same and when it has left.
    """

    def __init__(self, settings: TrackSettings) -> None:
        self._settings = settings
        self._tracks: list[_Track] = []
        self._next_id = 1

    def see(self, faces: Sequence[Face], mono_ns: int) -> Movement:
        """Takes the faces of the next frame.

        Args:
            faces: in any order.
            mono_ns: when it was captured.
        """
        ended = self._drop(mono_ns, self._has_long_left)
        matched = self._match(faces, mono_ns)
        for track in self._tracks:
            track.missed += 1
        seen = [self._follow(matched.get(place), face, mono_ns) for place, face in enumerate(faces)]
        ended += self._drop(mono_ns, self._has_left)
        return Movement(tuple(sorted(seen, key=lambda sighting: -sighting.face.area_px)), ended)

    def let_go(self, mono_ns: int) -> tuple[int, ...]:
        """Gives up the tracks that were not seen for long, where no frame comes.

        Args:
            mono_ns: now.
        """
        return self._drop(mono_ns, self._has_long_left)

    def split(self, track_id: int) -> int:
        """Puts a new track in the place of one that turned out to be somebody else.

        Returns:
            The new track; the old one is given up.
        """
        track = next(track for track in self._tracks if track.track_id == track_id)
        track.track_id = self._new_id()
        return track.track_id

    def _new_id(self) -> int:
        self._next_id += 1
        return self._next_id - 1

    def _match(self, faces: Sequence[Face], mono_ns: int) -> dict[int, _Track]:
        """Place of a face to its track: the best overlaps first, then neighbours among what is left."""
        expected = {track.track_id: track.motion.expected_at(mono_ns) for track in self._tracks}
        pairs = [
            (overlap(expected[track.track_id], face.xyxy_px), place, track)
            for place, face in enumerate(faces)
            for track in self._tracks
        ]
        overlapping = [pair for pair in pairs if pair[0] >= self._settings.min_iou]
        near = [pair for pair in pairs if are_neighbours(expected[pair[2].track_id], faces[pair[1]].xyxy_px)]
        matched: dict[int, _Track] = {}
        taken: set[int] = set()
        for candidates in (overlapping, near):
            for _, place, track in sorted(candidates, key=lambda pair: -pair[0]):
                if place not in matched and track.track_id not in taken:
                    matched[place] = track
                    taken.add(track.track_id)
        return matched

    def _follow(self, track: _Track | None, face: Face, mono_ns: int) -> Sighting:
        if track is None:
            track = _Track(self._new_id(), face, BoxMotion.at_rest(face.xyxy_px, mono_ns))
            self._tracks.append(track)
            return Sighting(track.track_id, face, is_new=True)
        # This frame was counted as missed before it was searched.
        was_missed = track.missed > 1
        is_abrupt = was_missed or overlap(track.motion.expected_at(mono_ns), face.xyxy_px) < _STEADY_IOU
        track.motion = track.motion.seen(face.xyxy_px, mono_ns)
        track.face, track.missed = face, 0
        return Sighting(track.track_id, face, is_new=False, is_abrupt=is_abrupt)

    def _drop(self, mono_ns: int, has_left: Callable[[_Track, int], bool]) -> tuple[int, ...]:
        ended = tuple(track.track_id for track in self._tracks if has_left(track, mono_ns))
        self._tracks = [track for track in self._tracks if track.track_id not in ended]
        return ended

    def _has_left(self, track: _Track, mono_ns: int) -> bool:
        gap_s = (mono_ns - track.motion.mono_ns) / 1e9
        return track.missed >= self._settings.max_missed_frames and gap_s > self._settings.max_gap_s

    def _has_long_left(self, track: _Track, mono_ns: int) -> bool:
        return (mono_ns - track.motion.mono_ns) / 1e9 > self._settings.longest_gap_s
