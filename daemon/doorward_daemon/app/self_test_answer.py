"""Carries self-test reports from the thread that ran the test to health, metrics and the state of the daemon."""

import asyncio
import logging

from doorward_daemon.app.lifecycle import Lifecycle
from doorward_daemon.model.self_test import SelfTestReport
from doorward_daemon.rpc import PIPELINE, RpcServer
from doorward_daemon.telemetry import Metrics

_LOG = logging.getLogger(__name__)


class SelfTestAnswer:
    """Carries the reports of self-tests from the thread that ran them to the health service on the event loop."""

    def __init__(self, lifecycle: Lifecycle, metrics: Metrics) -> None:
        self._lifecycle = lifecycle
        self._metrics = metrics
        self._loop = asyncio.get_running_loop()
        self._server: RpcServer | None = None
        self._telling: set[asyncio.Task[None]] = set()

    def connect(self, server: RpcServer) -> None:
        """From now on reports reach health."""
        self._server = server

    def tell(self, report: SelfTestReport) -> None:
        """Takes a report, on any thread."""
        self._metrics.set_self_test(passed=report.passed)
        for check in report.checks:
            if not check.passed:
                _LOG.error("self-test failed", extra={"check": check.name, "detail": check.detail})
        self._loop.call_soon_threadsafe(self._accept, report)

    async def settle(self) -> None:
        """Waits until every report taken so far has reached health."""
        await asyncio.sleep(0)
        await asyncio.gather(*self._telling)

    def _accept(self, report: SelfTestReport) -> None:
        self._lifecycle.report("self_test", "" if report.passed else f"the self-test fails: {report.failure}")
        if self._server is not None:
            task = self._loop.create_task(self._server.health.set(PIPELINE, serving=report.passed))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)
