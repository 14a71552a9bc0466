"""The end of every call: one line in the log, one count in the metrics."""

import logging
import time

import grpc

from doorward_daemon.errors import DoorwardError
from doorward_daemon.rpc.roles import METHOD_RULES, Work
from doorward_daemon.telemetry import Metrics

_ACCESS = logging.getLogger("doorward_daemon.rpc.access")


class CallRecord:
    """Follows one call from its arrival.

    Args:
        method: full name of the method, as called.
        metrics: where it is counted.
    """

    def __init__(self, method: str, metrics: Metrics) -> None:
        self._rule = METHOD_RULES.get(method)
        self._method = method if self._rule else "unknown"
        self._metrics = metrics
        self._started_ns = time.perf_counter_ns()
        self.role = ""

    def end(self, code: grpc.StatusCode, error: DoorwardError | None = None) -> None:
        """Writes the call down.

        Args:
            code: how it ended.
            error: why, for a call that was refused.
        """
        duration_s = (time.perf_counter_ns() - self._started_ns) / 1e9
        self._metrics.count_call(self._method, code.name, duration_s)
        if error is not None and error.reason.value.startswith("PICTURE_"):
            self._metrics.count_picture_refusal(error.reason.value)
        # Health checks come every few seconds for ever; they are of interest only to someone who looks for them.
        quiet = self._rule is not None and self._rule.work is Work.NONE and code is grpc.StatusCode.OK
        _ACCESS.log(
            logging.DEBUG if quiet else logging.INFO,
            "%s %s",
            self._method,
            code.name,
            extra={
                "method": self._method,
                "role": self.role,
                "code": code.name,
                "reason": error.reason.value if error else "",
                "duration_ms": round(duration_s * 1000, 3),
            },
        )
