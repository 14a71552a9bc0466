"""What a gate counts."""

from collections.abc import Iterable
from typing import Protocol


class GateMetrics(Protocol):
    """Figures of the gates of a box. Thread-safe; must be quick and never raise."""

    def count_frame(self, camera_id: str, faces: int) -> None:
        """One frame was judged.

        Args:
            camera_id: the camera.
            faces: faces found in it.
        """

    def count_unsearched(self, camera_id: str) -> None:
        """One frame was not searched for faces: nothing moved in it, and nobody is to be decided about."""

    def set_dropped_frames(self, camera_id: str, dropped: int) -> None:
        """Frames nobody took in time, since the camera was opened."""

    def count_tracks(self, camera_id: str, started: int, ended: int, split: int = 0) -> None:
        """Tracks began, ended, and were split because somebody else was found in their place."""

    def count_decision(self, camera_id: str, outcome: str, reason: str) -> None:
        """A decision was taken to the door; `reason` is the access reason."""

    def count_unrecorded_denial(self, camera_id: str) -> None:
        """A denial was not recorded because there were too many."""

    def count_gate_failure(self, camera_id: str) -> None:
        """A frame could not be judged."""

    def observe_stages(self, times_ms: Iterable[tuple[str, float]]) -> None:
        """Time per stage of one frame, (name, milliseconds)."""

    def observe_decision(self, camera_id: str, latency_ms: float) -> None:
        """From the capture of the frame that completed the evidence to the recorded decision, door command included."""


class SilentMetrics:
    """Counts nothing."""

    def count_frame(self, camera_id: str, faces: int) -> None:
        """Nothing."""

    def count_unsearched(self, camera_id: str) -> None:
        """Nothing."""

    def set_dropped_frames(self, camera_id: str, dropped: int) -> None:
        """Nothing."""

    def count_tracks(self, camera_id: str, started: int, ended: int, split: int = 0) -> None:
        """Nothing."""

    def count_decision(self, camera_id: str, outcome: str, reason: str) -> None:
        """Nothing."""

    def count_unrecorded_denial(self, camera_id: str) -> None:
        """Nothing."""

    def count_gate_failure(self, camera_id: str) -> None:
        """Nothing."""

    def observe_stages(self, times_ms: Iterable[tuple[str, float]]) -> None:
        """Nothing."""

    def observe_decision(self, camera_id: str, latency_ms: float) -> None:
        """Nothing."""
