"""Watches the device the models run on: admits accelerators by the golden picture, tells and records every move."""

import logging
import os
from collections.abc import Callable

from doorward_daemon.app.exposed_figures import running
from doorward_daemon.app.lifecycle import Lifecycle
from doorward_daemon.app.record import DeviceRecord
from doorward_daemon.app.rooms import Rooms
from doorward_daemon.errors import ExitCode
from doorward_daemon.telemetry import Metrics

_LOG = logging.getLogger(__name__)


class DeviceWatch:
    """Looks at the runtime once a second, on the event loop.

    Args:
        rooms: the opened rooms.
        metrics: states device, precision and reason.
        record: where a move is recorded; called on the thread that looks.
        lifecycle: is told what does not work.
    """

    def __init__(self, rooms: Rooms, metrics: Metrics, record: DeviceRecord, lifecycle: Lifecycle) -> None:
        self._rooms = rooms
        self._metrics = metrics
        self._record = record
        self._lifecycle = lifecycle
        self._told = rooms.runtime.truth

    def end_if_hung(self) -> None:
        """Ends the process where an inference hangs on the CPU: nothing inside the process can take the thread back.

        Whatever is on record is on disk; the supervisor starts the daemon again.
        """
        hangs_for_s = self._rooms.runtime.cpu_watch.hangs_for_s
        if hangs_for_s is not None:
            _LOG.critical("an inference hangs on the CPU, the process ends", extra={"hangs_for_s": hangs_for_s})
            logging.shutdown()
            os._exit(ExitCode.INTERNAL)

    def look(self) -> Callable[[], None] | None:
        """Tells status and metrics where the models run now.

        Returns:
            What records a move, to be called on a thread that may wait for the disk; None where nothing moved.
        """
        runtime = self._rooms.runtime
        truth = runtime.truth
        self._lifecycle.report("device", truth.fallback_reason if runtime.is_failing else "", vital=False)
        if truth == self._told:
            return None
        self._told = truth
        self._metrics.set_runtime(running(self._rooms))
        _LOG.warning("models moved", extra={"device": truth.actual_device, "reason": truth.fallback_reason})
        return lambda: self._record.device_changed(truth)
