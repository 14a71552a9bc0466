"""Times of the stages of one decision."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from doorward_daemon.model.decision import StageTime


class StageClock:
    """Collects how long each stage took, in the order they ran; used by one thread."""

    def __init__(self) -> None:
        self._times_ms: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measures the body; a stage that runs several times is summed.

        Args:
            name: one of the stage names of the wire contract.
        """
        started_ns = time.perf_counter_ns()
        try:
            yield
        finally:
            spent_ms = (time.perf_counter_ns() - started_ns) / 1e6
            self._times_ms[name] = self._times_ms.get(name, 0.0) + spent_ms

    def times(self) -> tuple[StageTime, ...]:
        """What was measured so far."""
        return tuple(StageTime(name, duration_ms) for name, duration_ms in self._times_ms.items())
