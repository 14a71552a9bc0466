"""Devices, streams and video files through OpenCV."""

import os
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward_daemon.camera.pace import Pace
from doorward_daemon.camera.source import SourceLostError

_OPEN_TIMEOUT_MS = 5000
_READ_TIMEOUT_MS = 4000
"""Below the five seconds within which a stalled camera must be noticed."""


class DeviceSource:
    """A V4L2 device such as /dev/video0.

    Args:
        device: path of the device.
        width_px: wanted width; the driver may give another.
        height_px: wanted height.
    """

    is_live = True

    def __init__(self, device: Path, width_px: int, height_px: int) -> None:
        self._device = device
        self._size_px = (width_px, height_px)
        self._capture: cv2.VideoCapture | None = None

    def open(self) -> None:
        """Opens the device.

        Raises:
            SourceLostError: it is not there, not readable, or busy.
        """
        if not self._device.exists():
            raise SourceLostError(f"{self._device} is not there; is the camera plugged in?")
        if not os.access(self._device, os.R_OK | os.W_OK):
            raise SourceLostError(f"{self._device} may not be opened; add the daemon's user to the group video")
        capture = cv2.VideoCapture(str(self._device), cv2.CAP_V4L2)
        if not capture.isOpened():
            raise SourceLostError(f"{self._device} cannot be opened; another program may be using it")
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._size_px[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._size_px[1])
        # One buffer: with more, the driver hands out pictures that are several frames old.
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self._capture = capture

    def read(self) -> NDArray[np.uint8] | None:
        """Waits for the next frame.

        Raises:
            SourceLostError: the device stopped giving frames.
        """
        return _read(self._capture, str(self._device))

    def close(self) -> None:
        """Closes the device."""
        _release(self._capture)
        self._capture = None


class StreamSource:
    """An RTSP or HTTP stream.

    Args:
        url: its address; credentials in it are never logged.
    """

    is_live = True

    def __init__(self, url: str) -> None:
        self._url = url
        self._capture: cv2.VideoCapture | None = None

    def open(self) -> None:
        """Connects.

        Raises:
            SourceLostError: nobody answers, or there is no video.
        """
        limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _OPEN_TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, _READ_TIMEOUT_MS]
        capture = cv2.VideoCapture(self._url, cv2.CAP_FFMPEG, limits)
        if not capture.isOpened():
            raise SourceLostError(f"{without_credentials(self._url)} cannot be opened; does it play elsewhere?")
        self._capture = capture

    def read(self) -> NDArray[np.uint8] | None:
        """Waits for the next frame.

        Raises:
            SourceLostError: the stream stopped.
        """
        return _read(self._capture, without_credentials(self._url))

    def close(self) -> None:
        """Disconnects."""
        _release(self._capture)
        self._capture = None


class VideoFileSource:
    """A video file at its own frame rate.

    Args:
        path: the file.
        loops: whether it starts again at its end.
    """

    is_live = False

    def __init__(self, path: Path, *, loops: bool) -> None:
        self._path = path
        self._loops = loops
        self._capture: cv2.VideoCapture | None = None
        self._pace = Pace(30.0)

    def open(self) -> None:
        """Opens the file.

        Raises:
            SourceLostError: it is not there or no video.
        """
        if not self._path.is_file():
            raise SourceLostError(f"{self._path} is not there")
        capture = cv2.VideoCapture(str(self._path), cv2.CAP_FFMPEG)
        if not capture.isOpened():
            raise SourceLostError(f"{self._path} is no video that can be read")
        rate = capture.get(cv2.CAP_PROP_FPS)
        self._pace = Pace(rate if 1.0 <= rate <= 240.0 else 30.0)
        self._capture = capture

    def read(self) -> NDArray[np.uint8] | None:
        """Waits until the next frame is due; None at the end of a file that does not loop.

        Raises:
            SourceLostError: it is not open, or holds no frame at all.
        """
        if self._capture is None:
            raise SourceLostError(f"{self._path} is not open")
        self._pace.wait()
        found, bgr_hwc = self._capture.read()
        if found:
            return np.asarray(bgr_hwc, np.uint8)
        if not self._loops:
            return None
        self._capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
        return _read(self._capture, str(self._path))

    def close(self) -> None:
        """Closes the file."""
        _release(self._capture)
        self._capture = None


def without_credentials(url: str) -> str:
    """An address as it may be logged: user name and password left out."""
    scheme, separator, rest = url.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}" if separator else url


def _read(capture: cv2.VideoCapture | None, name: str) -> NDArray[np.uint8]:
    if capture is None:
        raise SourceLostError(f"{name} is not open")
    found, bgr_hwc = capture.read()
    if not found or bgr_hwc is None:
        raise SourceLostError(f"{name} stopped giving frames")
    return np.asarray(bgr_hwc, np.uint8)


def _release(capture: cv2.VideoCapture | None) -> None:
    if capture is not None:
        capture.release()
