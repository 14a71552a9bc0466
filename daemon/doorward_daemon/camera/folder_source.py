"""A folder of pictures as a camera: for trials and for cameras that drop files."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward_daemon.camera.pace import Pace
from doorward_daemon.camera.source import SourceLostError

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})


class FolderSource:
    """The pictures of a folder by name, at a steady rate.

    Args:
        folder: the folder.
        frames_per_s: pictures per second.
        loops: whether it starts again at the end.
    """

    is_live = False

    def __init__(self, folder: Path, frames_per_s: float, *, loops: bool) -> None:
        self._folder = folder
        self._loops = loops
        self._pace = Pace(frames_per_s)
        self._paths: list[Path] = []
        self._next = 0

    def open(self) -> None:
        """Lists the folder.

        Raises:
            SourceLostError: it is not there or holds no picture.
        """
        if not self._folder.is_dir():
            raise SourceLostError(f"{self._folder} is no folder")
        self._paths = sorted(path for path in self._folder.iterdir() if path.suffix.lower() in SUFFIXES)
        self._next = 0
        if not self._paths:
            raise SourceLostError(f"{self._folder} holds no picture ({', '.join(sorted(SUFFIXES))})")

    def read(self) -> NDArray[np.uint8] | None:
        """Waits until the next picture is due; None at the end of a folder that does not loop.

        Raises:
            SourceLostError: none of the pictures that are left can be read.
        """
        self._pace.wait()
        for _ in range(len(self._paths)):
            if self._next >= len(self._paths):
                if not self._loops:
                    return None
                self._next = 0
            path = self._paths[self._next]
            self._next += 1
            bgr_hwc = cv2.imread(str(path), cv2.IMREAD_COLOR)
            if bgr_hwc is not None:
                return np.asarray(bgr_hwc, np.uint8)
        raise SourceLostError(f"{self._folder} holds no picture that can be read")

    def close(self) -> None:
        """Nothing stays open between pictures."""
