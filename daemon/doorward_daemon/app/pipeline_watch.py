"""Keeps an eye on the live pipeline: runs the self-test and tells whoever depends on it."""

import threading
from collections.abc import Callable

from doorward_daemon.model.self_test import SelfTestReport
from doorward_daemon.recognition.pipeline import Recogniser
from doorward_daemon.recognition.self_test import GoldenAnswer, run_self_test


class PipelineWatch:
    """Runs self-tests one at a time. Thread-safe.

    Args:
        recogniser: the live pipeline.
        expected: the known answer of its pack; None for a pack without one.
        tell: is told every report, on the thread that ran the test.
        distrust: is told what an accelerator got wrong; gives whether there was one, and it is not used any more.
    """

    def __init__(
        self,
        recogniser: Recogniser,
        expected: GoldenAnswer | None,
        tell: Callable[[SelfTestReport], None],
        distrust: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._recogniser = recogniser
        self._expected = expected
        self._tell = tell
        self._distrust = distrust
        self._one_at_a_time = threading.Lock()
        self._last: SelfTestReport | None = None

    @property
    def last_report(self) -> SelfTestReport | None:
        """The last report; None before the first."""
        return self._last

    def run(self) -> SelfTestReport:
        """Runs the self-test; an accelerator that fails it is left, and the test is run again without it."""
        with self._one_at_a_time:
            report = run_self_test(self._recogniser.extract, self._expected)
            if not report.passed and self._distrust(report.failure):
                report = run_self_test(self._recogniser.extract, self._expected)
            self._last = report
        self._tell(report)
        return report
