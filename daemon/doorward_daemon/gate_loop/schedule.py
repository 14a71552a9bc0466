"""When the detector looks at a whole frame."""

from typing import Protocol

from doorward_daemon.model.frame import Frame


class DetectionSchedule(Protocol):
    """Chooses the frames that are searched for faces; the others only carry the tracks on."""

    def is_due(self, frame: Frame, tracks: int) -> bool:
        """Whether this frame is to be searched.

        Args:
            frame: the frame, as taken from the slot.
            tracks: faces followed at the moment.
        """


class EveryFrame:
    """Searches every frame that is taken: what is not taken was dropped already."""

    def is_due(self, frame: Frame, tracks: int) -> bool:
        """Always."""
        del frame, tracks
        return True
