"""Makes the source a configuration names, and runs all cameras of a box."""

from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from doorward_daemon.camera.backoff import Backoff
from doorward_daemon.camera.demonstration import DemonstrationSource
from doorward_daemon.camera.folder_source import FolderSource
from doorward_daemon.camera.opencv_source import DeviceSource, StreamSource, VideoFileSource
from doorward_daemon.camera.settings import CameraSettings
from doorward_daemon.camera.source import FrameSource
from doorward_daemon.camera.thread import CameraLimits, CameraStatus, CameraThread

DEMONSTRATION = "demo"
"""Name of the generated camera."""
_STOP_TIMEOUT_S = 3.0
_BACKOFF = Backoff(base_s=1.0, cap_s=30.0)


def make_source(settings: CameraSettings) -> FrameSource:
    """Makes the source of a camera; nothing is opened yet.

    Args:
        settings: of the camera.
    """
    named = settings.source
    if named == DEMONSTRATION:
        return DemonstrationSource(settings.seed)
    if "://" in named:
        return StreamSource(named)
    path = Path(named)
    if named.startswith("/dev/"):
        return DeviceSource(path, settings.width_px, settings.height_px)
    if path.is_dir():
        return FolderSource(path, settings.frames_per_s, loops=settings.loops)
    return VideoFileSource(path, loops=settings.loops)


class Cameras:
    """All cameras of a box; each has a thread of its own and never waits for another.

    Args:
        settings: of each camera, in the order they are listed.
    """

    def __init__(self, settings: Sequence[CameraSettings]) -> None:
        self._threads = {
            one.camera_id: CameraThread(
                one.camera_id,
                _maker(one),
                CameraLimits(stall_s=one.stall_s, freeze_s=one.freeze_s, backoff=_BACKOFF),
                seed=index,
            )
            for index, one in enumerate(settings)
        }

    def __enter__(self) -> "Cameras":
        """Starts all threads; cameras that are not there are waited for in the background."""
        for thread in self._threads.values():
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops all threads."""
        for thread in self._threads.values():
            thread.stop(_STOP_TIMEOUT_S)

    def __getitem__(self, camera_id: str) -> CameraThread:
        """One camera.

        Raises:
            KeyError: there is none of that name.
        """
        return self._threads[camera_id]

    def __len__(self) -> int:
        return len(self._threads)

    def statuses(self) -> tuple[CameraStatus, ...]:
        """How every camera is, in the order of the configuration."""
        return tuple(thread.status() for thread in self._threads.values())


def _maker(settings: CameraSettings) -> Callable[[], FrameSource]:
    return lambda: make_source(settings)
