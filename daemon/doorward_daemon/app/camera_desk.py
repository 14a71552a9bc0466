"""The cameras as clients see them."""

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from doorward_daemon.app.gates import Gates
from doorward_daemon.camera import CameraSettings, CameraState
from doorward_daemon.errors import ErrorReason, NotFound, NotReady
from doorward_daemon.gate_loop import GateLoop, GateView
from doorward_daemon.gate_loop import TrackView as GateTrack
from doorward_daemon.model.camera_view import CameraView, TrackView
from doorward_daemon.model.decision import JudgedFace
from doorward_daemon.model.quality import QualityAssessment
from doorward_daemon.rpc.camera_entry import CameraEntry

_VIEW_WAIT_S = 0.5


class CameraDesk:
    """Shows cameras and what is seen in them. Thread-safe.

    Args:
        gates: the gates of the box.
        settings: of the cameras, in the order they are listed.
    """

    def __init__(self, gates: Gates, settings: Sequence[CameraSettings]) -> None:
        self._gates = gates
        self._door_of = {camera.camera_id: camera.door_id for camera in settings}

    def statuses(self) -> Sequence[CameraEntry]:
        """All cameras, in the order of the configuration."""
        return [
            CameraEntry(status, self._door_of.get(status.camera_id, "")) for status in self._gates.cameras.statuses()
        ]

    def snapshot(self, camera_id: str) -> CameraView:
        """The newest frame with what was last seen.

        Raises:
            NotFound: CAMERA_NOT_FOUND.
            NotReady: CAMERA_LOST, there is no frame to show.
        """
        latest = self._loop(camera_id).hub.latest
        state = self._gates.cameras[camera_id].status()
        if latest is None or state.state is not CameraState.STREAMING:
            raise NotReady(
                ErrorReason.CAMERA_LOST,
                f"camera {camera_id} gives no picture: {state.problem or state.state}",
                metadata={"camera_id": camera_id},
                retry_after_s=1.0,
            )
        return shown(latest)

    def watch(self, camera_id: str, callback: Callable[[CameraView], None]) -> Callable[[], None]:
        """Calls back with frames as they are judged, on a thread of its own: a slow watcher never holds up a gate.

        Raises:
            NotFound: CAMERA_NOT_FOUND.
            Overloaded: OVERLOADED, as many watch already as may.
        """
        loop, ended, place = self._loop(camera_id), threading.Event(), ExitStack()
        # Taken here and not on the thread: who finds no place is told so.
        watcher = place.enter_context(loop.hub.watch())

        def follow() -> None:
            with place:
                while not ended.is_set() and not watcher.is_closed:
                    view = watcher.take(_VIEW_WAIT_S)
                    if view is not None and not ended.is_set():
                        callback(shown(view))

        threading.Thread(target=follow, name=f"watch-{camera_id}", daemon=True).start()
        return ended.set

    def _loop(self, camera_id: str) -> GateLoop:
        if (loop := self._gates.loops.get(camera_id)) is None:
            known = ", ".join(self._gates.loops) or "none"
            raise NotFound(
                ErrorReason.CAMERA_NOT_FOUND,
                f"there is no camera {camera_id!r} that looks at a door; there are: {known}",
                metadata={"camera_id": camera_id},
            )
        return loop


def shown(view: GateView) -> CameraView:
    """A view of a gate as clients see it."""
    frame = view.frame
    return CameraView(
        camera_id=frame.camera_id,
        frame_number=frame.number,
        captured_at=frame.captured_at,
        width_px=int(frame.bgr_hwc.shape[1]),
        height_px=int(frame.bgr_hwc.shape[0]),
        tracks=tuple(shown_track(track) for track in view.tracks),
        encode=view.preview.jpeg,
    )


def shown_track(track: GateTrack) -> TrackView:
    """A track of a gate as clients see it."""
    quality = None
    if track.band is not None:
        quality = QualityAssessment(track.quality_score or 0.0, track.band, track.reasons, track.guidance, ())
    return TrackView(
        track_id=track.track_id,
        judged=JudgedFace(track.face, quality),
        guidance=track.guidance,
        outcome=track.outcome,
        display_name=track.display_name,
        evidence=track.evidence,
    )
