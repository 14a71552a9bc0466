"""Local changes of the gallery on their way to the centre: one message under way at a time."""

from doorward_sync.device_storage import AcknowledgeLocal, LocalChangesRead, ReadLocalChanges
from doorward_sync.gallery_messages import LocalSubjects
from doorward_sync.outputs import Send

SUBJECTS_PER_MESSAGE = 16
"""A subject with eight references of 512 numbers has 17 KB: a message stays below 300 KB."""


class DeviceGallery:
    """The watermark of local changes."""

    __slots__ = ("_is_reading", "acked", "last", "sent", "sent_s")

    def __init__(self, last_change: int, acked_change: int) -> None:
        self.last = last_change
        self.acked = acked_change
        self.sent = acked_change
        self.sent_s: float | None = None
        self._is_reading = False

    def next_read(self) -> ReadLocalChanges | None:
        """What to read next; None while nothing is to be sent, or something is under way."""
        if self._is_reading or self.sent_s is not None or self.acked >= self.last:
            return None
        self._is_reading = True
        return ReadLocalChanges(after_change=self.acked, limit=SUBJECTS_PER_MESSAGE)

    def changes_read(self, read: LocalChangesRead, now_s: float) -> list[Send[LocalSubjects]]:
        """Sends what was read. Changes may be missing between: a later one of the same subject replaces them."""
        self._is_reading = False
        if not read.subjects:
            self.last = self.acked
            return []
        self.sent = read.subjects[-1].change
        self.sent_s = now_s
        return [Send(LocalSubjects(subjects=read.subjects))]

    def acknowledged(self, through: int) -> list[AcknowledgeLocal]:
        """Counts a confirmation; one of something else is ignored: it would be sent again, nothing is lost."""
        if self.sent_s is None or not self.acked < through <= self.sent:
            return []
        self.acked = through
        self.sent_s = None
        return [AcknowledgeLocal(through_change=through)]
