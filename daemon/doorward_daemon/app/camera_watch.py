"""Tells what became of the cameras, also between two looks."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from doorward_daemon.camera import CameraState, CameraStatus

_WELL = (CameraState.STREAMING, CameraState.CONNECTING, CameraState.ENDED)


class CameraChange(NamedTuple):
    """A camera was lost, or came back."""

    camera_id: str
    """The camera."""
    state: str
    """STREAMING, or how it was lost."""
    problem: str
    """What was seen when it was lost."""


class CameraWatch:
    """Compares what the cameras say now with what they said at the last look.

    A loss between two looks is told all the same: a camera that was gone for half a second every minute has a loose
    plug, and a record that shows nothing of it sends nobody to look.
    """

    def __init__(self) -> None:
        self._before: dict[str, tuple[bool, int]] = {}

    def problems(self, statuses: Iterable[CameraStatus]) -> Mapping[str, str]:
        """What is wrong with each camera now; empty where nothing is."""
        return {status.camera_id: _problem(status) for status in statuses}

    def changes(self, statuses: Iterable[CameraStatus]) -> list[CameraChange]:
        """What happened since the last look, in its order; several losses between two looks are told as one."""
        return [change for status in statuses for change in self._changes_of(status)]

    def _changes_of(self, status: CameraStatus) -> Iterator[CameraChange]:
        was_lost, returns = self._before.get(status.camera_id, (False, 0))
        is_lost = status.state not in _WELL
        self._before[status.camera_id] = is_lost, status.returns
        if status.returns > returns:
            if not was_lost:
                missed = CameraState.LOST if status.last_problem else CameraState.STALLED
                yield CameraChange(status.camera_id, missed.value, status.last_problem)
            yield CameraChange(status.camera_id, CameraState.STREAMING.value, "")
        if is_lost and (not was_lost or status.returns > returns):
            yield CameraChange(status.camera_id, status.state.value, status.problem)


def _problem(status: CameraStatus) -> str:
    if status.state in _WELL:
        return ""
    return f"camera {status.camera_id}: {status.problem or status.state.value.lower()}"
