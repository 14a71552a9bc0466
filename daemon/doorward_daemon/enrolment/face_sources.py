"""Where the faces of references come from: pictures, and decisions that were just taken."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from doorward_daemon.enrolment.sample import EnrolmentSample
from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.model.decided_face import DecidedFace, DecisionKey
from doorward_daemon.model.picture import Picture


class Decisions(Protocol):
    """Remembers the faces of the newest decisions. Thread-safe."""

    def recall(self, key: DecisionKey) -> DecidedFace:
        """The face a recorded decision was taken on.

        Raises:
            NotFound: EVENT_NOT_FOUND, there is no such decision.
            Conflict: DECISION_FORGOTTEN, its face is not remembered; EMBEDDING_MISMATCH, another pack decided.
            NotReady: JOURNAL_SLOW.
            Fault: STORAGE_FAILED.
        """


class NoDecisions:
    """Remembers nothing."""

    def recall(self, key: DecisionKey) -> DecidedFace:
        """Raises Conflict: DECISION_FORGOTTEN."""
        raise forgotten(key)


@dataclass(frozen=True, slots=True)
class FaceSources:
    """Where the faces of references come from."""

    judge: Callable[[Picture], EnrolmentSample]
    """Judges the largest face of a picture; called without any lock held."""
    decisions: Decisions = field(default_factory=NoDecisions)
    """Remembers the faces of decisions."""


def forgotten(key: DecisionKey) -> Conflict:
    """The error of a decision whose face is not remembered.

    Args:
        key: the decision.
    """
    return Conflict(
        ErrorReason.DECISION_FORGOTTEN,
        f"the face of decision {key.seq} is not remembered: it resembled nobody enough, is too long ago, or the daemon "
        "was started since; show a picture of the look-alike instead",
        metadata={"seq": str(key.seq)},
    )
