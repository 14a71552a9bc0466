"""Listens to a gate: how old every decided frame was at each step on its way into the journal."""

import sys
import time
from dataclasses import dataclass, field

from doorward_daemon.entry import Recorder
from doorward_daemon.gate_loop import IdentifierParts, TrackDecision, TrackingIdentifier
from doorward_daemon.journal import EventDraft
from doorward_daemon.model.decision import Outcome
from doorward_daemon.model.frame import Frame
from doorward_daemon.tools.recorded_runtime import RecordedRuntime
from doorward_sync.event import Event

_COMPARED = (Outcome.MATCHED, Outcome.UNKNOWN, Outcome.AMBIGUOUS)


@dataclass(slots=True, eq=False)
class DecidedFrame:
    """One frame that carried one judged face and completed a decision; milliseconds."""

    frame: Frame
    """The frame."""
    outcome: Outcome
    """What was decided."""
    stages: dict[str, float]
    """Per stage, in order: from the wait in the slot to the commit."""
    models: dict[str, float]
    """Per model, all its calls in this frame, measured around the call."""
    judged_ns: int
    """Monotonic time at which the identifier gave the decision."""
    total_ms: float = 0.0
    """From the stamp of the capture until the decision was on disk; 0 while it is not."""


@dataclass(slots=True, eq=False)
class GateEar:
    """What was heard at one gate. Filled by the gate's thread; read when that has stopped."""

    decided: list[DecidedFrame] = field(default_factory=list)
    """The decided frames that count."""
    judged: int = 0
    """Frames that went through the loop and count."""
    counts_from_ns: int = 0
    """Frames captured before this monotonic time do not count: the models are cold."""
    counts_until_ns: int = sys.maxsize
    """Nor do those captured at or after this time."""
    _pending: DecidedFrame | None = None

    def counts(self, frame: Frame) -> bool:
        """Whether a frame was captured while it counted."""
        return self.counts_from_ns <= frame.captured_mono_ns < self.counts_until_ns

    def await_record(self, decided: DecidedFrame) -> None:
        """Takes a decision that goes to the journal now."""
        self._pending = decided

    def recorded(self, started_ns: int, ended_ns: int) -> None:
        """Is told that the record of the awaited decision is on disk."""
        decided, self._pending = self._pending, None
        if decided is None or not self.counts(decided.frame):
            return
        decided.stages["hand_over"] = (started_ns - decided.judged_ns) / 1e6
        decided.stages["record"] = (ended_ns - started_ns) / 1e6
        decided.total_ms = (ended_ns - decided.frame.captured_mono_ns) / 1e6
        self.decided.append(decided)


class NewcomerIdentifier(TrackingIdentifier):
    """Takes whoever it decided about for a newcomer in the next frame: every good frame goes the whole way.

    Args:
        parts: what judges and decides.
        runtime: tells how long models took.
        ear: is told what was decided.
    """

    def __init__(self, parts: IdentifierParts, runtime: RecordedRuntime, ear: GateEar) -> None:
        super().__init__(parts)
        self._runtime = runtime
        self._ear = ear
        self._has_decided = False

    def push(self, frame: Frame) -> tuple[TrackDecision, ...]:
        """Takes the next frame.

        Raises:
            Fault: INFERENCE_FAILED.
        """
        started_ns = time.monotonic_ns()
        if self._has_decided:
            super().__init__(self._parts)
        self._runtime.take_times()
        decisions = super().push(frame)
        ended_ns = time.monotonic_ns()
        self._has_decided = bool(decisions)
        self._ear.judged += self._ear.counts(frame)
        if len(decisions) == 1 and self.count.faces == 1 and decisions[0].identification.outcome in _COMPARED:
            stages = {"wait": (started_ns - frame.captured_mono_ns) / 1e6}
            stages |= {time.stage: time.duration_ms for time in self.count.times}
            outcome = decisions[0].identification.outcome
            self._ear.await_record(DecidedFrame(frame, outcome, stages, self._runtime.take_times(), ended_ns))
        return decisions


class ListeningRecorder:
    """Passes everything on to the journal and tells when decisions are on disk.

    Args:
        journal: writes.
        ear: is told.
    """

    def __init__(self, journal: Recorder, ear: GateEar) -> None:
        self._journal = journal
        self._ear = ear

    def append(self, draft: EventDraft, timeout_s: float | None = None) -> Event:
        """Records an event.

        Raises:
            NotReady: JOURNAL_SLOW.
            Overloaded: STORAGE_FULL.
            Fault: STORAGE_FAILED.
        """
        started_ns = time.monotonic_ns()
        event = self._journal.append(draft, timeout_s)
        if draft.kind.startswith("access."):
            self._ear.recorded(started_ns, time.monotonic_ns())
        return event

    def event_of(self, op_id: str) -> Event | None:
        """The event of an operation."""
        return self._journal.event_of(op_id)
