"""Messages of the contract as the documents that the page shows."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from doorward_api.v1.camera_pb2 import CameraView, Track
from doorward_api.v1.event_pb2 import Event
from doorward_client.document import document_of
from doorward_client.errors import DoorwardError

DECISIONS = ("access.granted", "access.denied", "attendance.punched")
"""Kinds of events that the page lists."""
_SHOWN = (
    "door_id",
    "camera_id",
    "outcome",
    "reason",
    "subject_id",
    "display_name",
    "quality_score",
    "comparison_score",
    "similarity",
    "liveness",
    "guidance",
    "rule",
    "role",
    "mode",
)


def view_document(view: CameraView) -> dict[str, Any]:
    """A frame with its picture, so that boxes and picture always belong together."""
    return {
        "camera_id": view.camera_id,
        "frame_number": view.frame_number,
        "width_px": view.width_px,
        "height_px": view.height_px,
        "jpeg": base64.b64encode(view.jpeg).decode("ascii"),
        "tracks": [_track_document(track) for track in view.tracks],
        "skipped_views": view.skipped_views,
    }


def event_document(event: Event) -> dict[str, Any]:
    """A decision with what the page says about it; a payload that cannot be read is left out, not an error."""
    facts = _facts_of(event.payload_json)
    return {
        "epoch": str(event.epoch),  # 63 bits: more than a number of JavaScript holds
        "seq": event.seq,
        "kind": event.kind,
        "time": event.wall_time.ToJsonString(),
        **{name: facts[name] for name in _SHOWN if facts.get(name) is not None},
    }


def problem_document(error: DoorwardError) -> dict[str, Any]:
    """Why something is not known."""
    return {"reason": error.reason, "message": error.message}


def _track_document(track: Track) -> dict[str, Any]:
    whole = document_of(track)
    face = whole.get("face", {})
    box = track.face.box
    return {
        "track_id": track.track_id,
        "box": [box.left_px, box.top_px, box.right_px, box.bottom_px],
        "guidance": whole["guidance"],
        "outcome": whole["outcome"],
        "display_name": track.display_name,
        "evidence": track.evidence,
        "band": face.get("quality", {}).get("band", "UNSPECIFIED"),
        "reasons": face.get("quality", {}).get("reasons", []),
    }


def _facts_of(payload_json: str) -> Mapping[str, Any]:
    try:
        facts = json.loads(payload_json or "{}")
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}
