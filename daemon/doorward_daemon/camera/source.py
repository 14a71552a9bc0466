"""Where frames come from: the one thing every kind of camera has to be able to do."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class SourceLostError(Exception):
    """The source cannot be opened or has stopped giving frames; open it anew. The text says what was seen."""


class FrameSource(Protocol):
    """A camera, a file, a folder or a simulation. Used by one thread at a time."""

    @property
    def is_live(self) -> bool:
        """Whether it shows the present: only then a picture that never changes means a frozen camera."""

    def open(self) -> None:
        """Opens it.

        Raises:
            SourceLostError: it is not there, busy, or gives no picture.
        """

    def read(self) -> NDArray[np.uint8] | None:
        """Waits for the next frame, at the pace of the source.

        Returns:
            (H, W, 3) uint8, blue, green, red, owned by the caller; None at the end of a source that ends.

        Raises:
            SourceLostError: it stopped giving frames.
        """

    def close(self) -> None:
        """Closes it; harmless where it is not open."""
