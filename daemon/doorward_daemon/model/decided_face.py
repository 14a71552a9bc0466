"""The face a recorded decision was about, as it is remembered for a few minutes."""

from __future__ import annotations

from dataclasses import dataclass

from doorward_daemon.model.decision import JudgedFace
from doorward_daemon.model.template import Template


@dataclass(frozen=True, slots=True)
class DecisionKey:
    """Which recorded decision: an event of the ledger lane."""

    seq: int
    """Its number in the ledger lane, 1, 2, 3, ..."""
    epoch: int = 0
    """Epoch of the journal; 0 means the present one."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class DecidedFace:
    """A face that was named, or nearly named, by a decision."""

    judged: JudgedFace
    """The best look at it."""
    template: Template
    """What was compared: of a still picture, or fused from the best looks."""
    subject_id: str
    """The subject it was named as; empty where it was nearly named only."""
    resembled: frozenset[str]
    """Subjects whose comparison score reached the threshold or came within the margin of it; the named one, too."""

    def __post_init__(self) -> None:
        """Raises ValueError where the named subject is not among those it resembles."""
        if self.subject_id and self.subject_id not in self.resembled:
            raise ValueError(f"resembled: expected the named subject {self.subject_id} in it, found {self.resembled}")
