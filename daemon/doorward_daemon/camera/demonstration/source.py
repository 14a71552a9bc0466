"""The demonstration as a camera."""

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.camera.demonstration.figure import load_figures
from doorward_daemon.camera.demonstration.painter import Painter
from doorward_daemon.camera.demonstration.scene import FRAMES_PER_S
from doorward_daemon.camera.pace import Pace
from doorward_daemon.camera.source import SourceLostError


class DemonstrationSource:
    """A generated 640x480 camera at 30 frames per second.

    Args:
        seed: of everything that is by chance.
        paced: False gives frames as fast as they are asked for, for tests.
    """

    is_live = True

    def __init__(self, seed: int = 0, *, paced: bool = True) -> None:
        self._seed = seed
        self._pace = Pace(FRAMES_PER_S) if paced else None
        self._painter: Painter | None = None
        self._next = 0

    def open(self) -> None:
        """Loads the pictures.

        Raises:
            SourceLostError: they are not installed.
        """
        self._painter = Painter(load_figures(), self._seed)
        self._next = 0

    def read(self) -> NDArray[np.uint8] | None:
        """Waits until the next frame is due and paints it; never ends.

        Raises:
            SourceLostError: it is not open.
        """
        if self._painter is None:
            raise SourceLostError("the demonstration is not open")
        if self._pace is not None:
            self._pace.wait()
        frame = self._painter.paint(self._next)
        self._next += 1
        return frame

    def close(self) -> None:
        """Lets the pictures go."""
        self._painter = None
