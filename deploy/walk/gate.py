"""The gate half of the walk: waits until the astronaut is let in and the centre has the record."""

import json
import time
from dataclasses import dataclass
from typing import Any

from stage import Stage

from doorward_client import DoorwardClient

_LOOK_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Passage:
    """One decision of the gate, from the camera to the centre."""

    seq: int
    """Sequence number of the event, ledger lane."""
    payload: dict[str, Any]
    """What was recorded."""
    acknowledged: bool
    """Whether the centre has it."""

    def document(self) -> dict[str, Any]:
        """The JSON document of `make smoke`."""
        keys = (
            "outcome",
            "subject_id",
            "quality_score",
            "comparison_score",
            "similarity",
            "pack",
            "runtime",
            "precision",
        )
        return {
            "decision": "GRANTED",
            **{key: self.payload.get(key) for key in keys},
            "event_seq": self.seq,
            "acknowledged": self.acknowledged,
            "frame_to_decision_ms": self.payload.get("capture_age_ms"),
        }


def wait_for_passage(stage: Stage, subject_id: str, within_s: float) -> Passage:
    """Waits until the gate lets a subject in and the centre has acknowledged the record.

    Args:
        stage: on which daemon and centre stand.
        subject_id: who is waited for.
        within_s: longest wait for both together.

    Raises:
        RuntimeError: it did not happen in time.
    """
    deadline = time.monotonic() + within_s
    with DoorwardClient(f"unix:{stage.home}/run/operator.sock") as client:
        seq, payload = _granted(client, subject_id, deadline)
        while time.monotonic() < deadline:
            if client.get_uplink_status().last_acknowledged_seq >= seq and _is_at_centre(stage, seq):
                return Passage(seq, payload, acknowledged=True)
            time.sleep(_LOOK_EVERY_S)
    raise RuntimeError(f"the centre has not acknowledged event {seq} within {within_s:.0f} s")


def _granted(client: DoorwardClient, subject_id: str, deadline: float) -> tuple[int, dict[str, Any]]:
    while time.monotonic() < deadline:
        for event in client.list_events(kind="access.granted"):
            payload = json.loads(event.payload_json)
            if payload.get("subject_id") == subject_id:
                return event.seq, payload
        time.sleep(_LOOK_EVERY_S)
    raise RuntimeError(f"the gate has not let {subject_id} in; see the page or `doorward events list` for what it saw")


def _is_at_centre(stage: Stage, seq: int) -> bool:
    listed = stage.run("doorward-central", "--home", str(stage.home / "centre"), "events", "--kind", "access", "--json")
    return any(event["seq"] == seq for event in json.loads(listed)["events"])
