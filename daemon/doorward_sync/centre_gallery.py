"""The gallery on its way down to one device: one delta under way at a time."""

from doorward_sync.centre_storage import GalleryRead, ReadGallery
from doorward_sync.gallery_messages import GalleryDelta, GalleryDeltaResult
from doorward_sync.outputs import Alarm, AlarmKind, Send

LARGEST_DISAGREEMENTS = 3
"""Snapshots that did not help; the next change of the gallery tries again."""


class CentreGallery:
    """What a device has of the gallery, and what it is to get."""

    __slots__ = ("_disagreements", "_is_reading", "_needs_snapshot", "device_revision", "revision", "sent_s")

    def __init__(self, device_revision: int, revision: int) -> None:
        self.device_revision = device_revision
        self.revision = revision
        self.sent_s: float | None = None
        self._needs_snapshot = False
        self._is_reading = False
        self._disagreements = 0

    def changed(self, revision: int) -> None:
        """The gallery of the centre has a new revision."""
        self.revision = revision
        self._disagreements = 0

    def next_read(self) -> ReadGallery | None:
        """What to read next; None while the device is up to date, or something is under way."""
        if self._is_reading or self.sent_s is not None or self._disagreements >= LARGEST_DISAGREEMENTS:
            return None
        if self.device_revision == self.revision and not self._needs_snapshot:
            return None
        self._is_reading = True
        return ReadGallery(from_revision=self.device_revision, snapshot=self._needs_snapshot)

    def was_read(self, read: GalleryRead, now_s: float) -> list[Send[GalleryDelta]]:
        """Sends what was read."""
        self._is_reading = False
        if read.delta is None:
            self.device_revision = self.revision
            return []
        self.sent_s = now_s
        return [Send(read.delta)]

    def taken(self, result: GalleryDeltaResult) -> list[Alarm]:
        """Counts how the device took it: it is up to date, behind, or in need of a snapshot."""
        if self.sent_s is None:
            return []
        self.sent_s = None
        self.device_revision = result.revision
        if result.digest_agreed and not result.problem:
            self._needs_snapshot = False
            self._disagreements = 0
            return []
        self._needs_snapshot = not result.digest_agreed
        self._disagreements += 1
        detail = f"device at revision {result.revision}: {result.problem or 'the digest disagrees'}"
        return [Alarm(kind=AlarmKind.GALLERY_DISAGREES, detail=detail)]
