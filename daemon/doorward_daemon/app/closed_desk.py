"""What stands in for the rooms that stay closed in safe mode: every request is refused by type."""

from collections.abc import Callable
from typing import NoReturn

from doorward_daemon.errors import ErrorReason, NotReady
from doorward_daemon.gallery.write_request import WriteRequest
from doorward_daemon.model.camera_view import CameraView
from doorward_daemon.model.picture import Picture
from doorward_daemon.rpc.door import DoorOpening
from doorward_daemon.rpc.punch import PunchAsked

_RETRY_AFTER_S = 5.0


class ClosedDesk:
    """Recognition, gallery, enrolment, cameras, doors and time sheet of a box that runs none of them. Thread-safe.

    Every method raises NotReady NOT_READY; a client that tries again later finds the rooms open.

    Args:
        why: one sentence for the person who reads the refusal.
    """

    def __init__(self, why: str) -> None:
        self._why = why

    def decode(self, content: bytes) -> NoReturn:
        """Pictures are not looked at."""
        self._refuse()

    def detect(self, content: bytes) -> NoReturn:
        """No models."""
        self._refuse()

    def extract(self, content: bytes) -> NoReturn:
        """No models."""
        self._refuse()

    def verify(self, probe: bytes, reference: bytes | None, subject_id: str | None) -> NoReturn:
        """No models."""
        self._refuse()

    def identify(self, content: bytes, max_candidates: int) -> NoReturn:
        """No models."""
        self._refuse()

    def subject(self, subject_id: str) -> NoReturn:
        """The gallery is closed."""
        self._refuse()

    def subjects(self, page_size: int, page_token: str) -> NoReturn:
        """The gallery is closed."""
        self._refuse()

    def create_subject(self, request: WriteRequest, subject_id: str, display_name: str) -> NoReturn:
        """The gallery is closed."""
        self._refuse()

    def update_subject(self, request: WriteRequest, subject_id: str, display_name: str) -> NoReturn:
        """The gallery is closed."""
        self._refuse()

    def erase_subject(self, request: WriteRequest, subject_id: str) -> NoReturn:
        """The gallery is closed; the caller is told, so that no erasure is taken for done."""
        self._refuse()

    def add_reference(
        self,
        request: WriteRequest,
        subject_id: str,
        picture: Picture,
        *,
        allow_low_quality: bool,
        allow_duplicate: bool,
    ) -> NoReturn:
        """The gallery is closed."""
        self._refuse()

    def remove_reference(self, request: WriteRequest, subject_id: str, reference_id: str) -> NoReturn:
        """The gallery is closed."""
        self._refuse()

    def statuses(self) -> NoReturn:
        """No cameras."""
        self._refuse()

    def snapshot(self, camera_id: str) -> NoReturn:
        """No cameras."""
        self._refuse()

    def watch(self, camera_id: str, callback: Callable[[CameraView], None]) -> NoReturn:
        """No cameras."""
        self._refuse()

    def doors(self) -> NoReturn:
        """The doors are not driven: they stay as their locks are without a command."""
        self._refuse()

    def open_door(self, opening: DoorOpening) -> NoReturn:
        """The doors are not driven."""
        self._refuse()

    def punch(self, punch: PunchAsked) -> NoReturn:
        """No models."""
        self._refuse()

    def open(self, door_id: str) -> NoReturn:
        """No streams of frames."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise NotReady(ErrorReason.NOT_READY, self._why, retry_after_s=_RETRY_AFTER_S)
