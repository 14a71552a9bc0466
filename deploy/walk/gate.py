"""The gate half of the walk: waits until the astronaut is let in and the centre has the record."""

import json
import time
from dataclasses import dataclass
from typing import Any

from stage import Stage

from doorward_api.v1.event_pb2 import Event
from doorward_client import DoorwardClient

_LOOK_EVERY_S = 0.1
_NEWEST = 50


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
        event, payload = _granted(client, subject_id, deadline)
        while time.monotonic() < deadline:
            if client.get_uplink_status().last_acknowledged_seq >= event.seq and _is_at_centre(stage, event.event_id):
                return Passage(event.seq, payload, acknowledged=True)
            time.sleep(_LOOK_EVERY_S)
    raise RuntimeError(f"the centre has not acknowledged event {event.seq} within {within_s:.0f} s")


def _granted(client: DoorwardClient, subject_id: str, deadline: float) -> tuple[Event, dict[str, Any]]:
    # On a home that was used before, the passages of other days are on record, too.
    started_seq = max((event.seq for event in client.list_events(kind="device.started", newest=1)), default=0)
    while time.monotonic() < deadline:
        for event in client.list_events(kind="access.granted", newest=_NEWEST):
            payload = json.loads(event.payload_json)
            if event.seq > started_seq and payload.get("subject_id") == subject_id:
                return event, payload
        time.sleep(_LOOK_EVERY_S)
    raise RuntimeError(f"the gate has not let {subject_id} in; see the page or `doorward events list` for what it saw")


def _is_at_centre(stage: Stage, event_id: str) -> bool:
    listed = stage.run(
        "doorward-central", "--home", str(stage.home / "centre"), "events", "--newest", str(_NEWEST), "--json"
    )
    return any(event["event_id"] == event_id for event in json.loads(listed)["events"])
