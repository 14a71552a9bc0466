"""What goes into an enrolment and what comes out of it."""

from dataclasses import dataclass

from doorward_daemon.model.decision import JudgedFace
from doorward_daemon.model.subject import Reference, Subject
from doorward_daemon.model.template import Embedding


@dataclass(frozen=True, slots=True, eq=False)
class EnrolmentSample:
    """The largest face of a picture, judged and embedded."""

    judged: JudgedFace | None
    """The face; None for a picture without one."""
    embedding: Embedding | None
    """Its embedding; None where it was refused before."""
    face_sizes_px: tuple[float, ...]
    """Width of every face found, the largest face first, in pixels."""

    @property
    def face_count(self) -> int:
        """Faces found."""
        return len(self.face_sizes_px)


@dataclass(frozen=True, slots=True, eq=False)
class EnrolmentResult:
    """A reference that was enrolled."""

    reference: Reference
    """The reference as stored."""
    judged: JudgedFace
    """The face it was taken from."""
    subject: Subject
    """The subject with it."""
