"""What became of the cameras is told whole, also where nobody looked in time."""

import pytest

from doorward_daemon.app.camera_watch import CameraWatch
from doorward_daemon.camera import CameraState, CameraStatus


def _status(state: CameraState, returns: int = 0, problem: str = "", last: str = "") -> CameraStatus:
    return CameraStatus("gate", state, problem, 1, 0, 0, 0.0, 640, 480, returns, last or problem)


WELL = _status(CameraState.STREAMING)
LOST = _status(CameraState.LOST, problem="unplugged")


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        ([WELL, WELL], []),
        ([WELL, LOST, LOST], ["LOST"]),
        ([WELL, LOST, _status(CameraState.STREAMING, 1, last="unplugged")], ["LOST", "STREAMING"]),
        ([WELL, _status(CameraState.STREAMING, 1, last="unplugged")], ["LOST", "STREAMING"]),
        ([WELL, _status(CameraState.STREAMING, 1)], ["STALLED", "STREAMING"]),
        ([LOST, _status(CameraState.LOST, 1, "unplugged")], ["LOST", "STREAMING", "LOST"]),
        ([WELL, _status(CameraState.FROZEN, 2, "frozen")], ["LOST", "STREAMING", "FROZEN"]),
        ([_status(CameraState.CONNECTING), _status(CameraState.ENDED)], []),
    ],
)
def test_each_loss_and_each_return_is_told_once_and_in_its_order(looks: list[CameraStatus], told: list[str]):
    watch = CameraWatch()
    assert [change.state for look in looks for change in watch.changes([look])] == told


def test_what_is_wrong_is_said_in_words_and_ends_with_the_fault():
    watch = CameraWatch()
    assert watch.problems([LOST]) == {"gate": "camera gate: unplugged"}
    assert watch.problems([_status(CameraState.STALLED)]) == {"gate": "camera gate: stalled"}
    assert watch.problems([WELL]) == {"gate": ""}
