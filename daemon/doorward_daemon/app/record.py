"""What the daemon itself records: that it started, stopped, tested itself, and what became of its cameras."""

import logging
from collections.abc import Mapping
from typing import Any, Literal

from doorward_daemon.errors import DoorwardError
from doorward_daemon.journal import EventDraft, Journal
from doorward_daemon.model.decision import DeviceTruth
from doorward_daemon.model.self_test import SelfTestReport

_LOG = logging.getLogger(__name__)
_WAIT_S = 2.0
Mode = Literal["normal", "safe", "ledger_only"]
"""How the daemon was started."""


class DeviceRecord:
    """Appends the device's own events; a journal that does not answer costs a line in the log, not the daemon.

    Args:
        journal: where to.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def started(self, version: str, pack: str, device: str, mode: Mode = "normal") -> None:
        """The daemon serves."""
        self._append("device.started", {"version": version, "pack": pack, "device": device, "mode": mode})

    def stopped(self) -> None:
        """The daemon has begun to stop, as it was asked to."""
        self._append("device.stopped", {})

    def self_tested(self, report: SelfTestReport) -> None:
        """A self-test has run."""
        failed = [check.name for check in report.checks if not check.passed]
        self._append("device.self_tested", {"passed": report.passed, "failed_checks": failed})

    def camera_changed(self, camera_id: str, state: str, problem: str) -> None:
        """A camera was lost or came back."""
        kind = "camera.restored" if state == "STREAMING" else "camera.lost"
        self._append(kind, {"camera_id": camera_id, "state": state, "problem": problem})

    def lease_changed(self, *, is_over: bool, silent_h: float) -> None:
        """The centre has been silent for longer than the lease of the gallery, or is back."""
        self._append("lease.ended" if is_over else "lease.renewed", {"silent_h": round(silent_h, 1)})

    def device_changed(self, truth: DeviceTruth) -> None:
        """The models run on another device than before, or for another reason."""
        payload = {
            "requested_device": truth.requested_device,
            "actual_device": truth.actual_device,
            "fallback_reason": truth.fallback_reason,
        }
        self._append("device.moved", payload)

    def _append(self, kind: str, payload: Mapping[str, Any]) -> None:
        try:
            self._journal.append(EventDraft(kind, payload), timeout_s=_WAIT_S)
        except DoorwardError as error:
            _LOG.error("not recorded", extra={"kind": kind, "reason": error.reason})
