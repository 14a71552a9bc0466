"""Which frames are searched for faces."""

from typing import Protocol

from doorward_daemon.gate_loop.attention import Attention
from doorward_daemon.gate_loop.settings import SearchSettings
from doorward_daemon.model.frame import Frame
from doorward_daemon.vision.motion import MotionGauge


class DetectionSchedule(Protocol):
    """Chooses the frames that are searched for faces; the others only carry the tracks on."""

    def is_due(self, frame: Frame, attention: Attention) -> bool:
        """Whether this frame is to be searched.

        Args:
            frame: the frame, as taken from the slot.
            attention: how closely the gate has to look.
        """


class EveryFrame:
    """Searches every frame that is taken: what is not taken was dropped already."""

    def is_due(self, frame: Frame, attention: Attention) -> bool:
        """Always."""
        del frame, attention
        return True


class WhereNeeded:
    """Searches where somebody is to be decided about or something moves, and now and then where nothing does.

    Somebody who moves is seen in the same frame as by a gate that searches each one; somebody who stands as still as
    the wall, before the camera was opened, within `still_every_s`. A frame is compared with the last one that was
    searched, so that what moves slowly is noticed, too. Used by one thread.

    Args:
        settings: how often.
    """

    def __init__(self, settings: SearchSettings) -> None:
        self._every_ns = {
            Attention.NOBODY: round(settings.still_every_s * 1e9),
            Attention.SETTLED: round(settings.settled_every_s * 1e9),
            Attention.GATHERING: 0,
        }
        self._gauge = MotionGauge(settings.motion_levels)
        self._searched_ns: int | None = None

    def is_due(self, frame: Frame, attention: Attention) -> bool:
        """Whether this frame is to be searched."""
        # Measured even where the answer is known: the frame that is searched is the one to compare with.
        moved = self._gauge.sees_change(frame.bgr_hwc)
        now_ns, every_ns = frame.captured_mono_ns, self._every_ns[attention]
        if not (moved or self._searched_ns is None or now_ns - self._searched_ns >= every_ns):
            return False
        self._searched_ns = now_ns
        self._gauge.keep()
        return True
