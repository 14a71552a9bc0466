"""What cameras, doors, events and the uplink look like to a person."""

import json
from collections.abc import Iterable

from doorward_api.v1.access_pb2 import Door, DoorState
from doorward_api.v1.camera_pb2 import Camera, CameraState, CameraView
from doorward_api.v1.decision_pb2 import Outcome
from doorward_api.v1.device_pb2 import UplinkState
from doorward_api.v1.device_service_pb2 import GetUplinkStatusResponse
from doorward_api.v1.event_pb2 import Event
from doorward_api.v1.event_service_pb2 import EventGap, EventGapReason
from doorward_api.v1.quality_pb2 import Guidance
from doorward_client.cli.clock import milliseconds, time_text
from doorward_client.cli.layout import card, printable, table
from doorward_client.words import Words

_TOLD_FIRST = ("outcome", "reason", "subject_id", "display_name", "door_id", "camera_id", "mode")
"""Facts of an event that stand in its line; the rest is for `--json`."""


def event_text(event: Event, words: Words) -> str:
    """One event on one line."""
    facts = json.loads(event.payload_json) if event.payload_json else {}
    shown = [str(facts[name]) for name in _TOLD_FIRST if facts.get(name)]
    line = (
        f"{event.seq:>8}  {time_text(event.wall_time)}  {event.kind:<20}  {words.label('list_separator').join(shown)}"
    )
    return printable(line.rstrip())


def gap_text(gap: EventGap, words: Words) -> str:
    """What is missing, on one line."""
    reason = words.value(EventGapReason.DESCRIPTOR, gap.reason)
    key = "missing" if gap.to_seq else "missing_from"
    return words.label(key).format(first=gap.from_seq, last=gap.to_seq, reason=reason)


def cameras_text(cameras: Iterable[Camera], words: Words) -> str:
    """The cameras, one per line."""
    labels = ("camera", "door", "state", "frame_rate", "picture_size", "frames", "dropped", "reconnects", "problem")
    rows = [
        (
            camera.camera_id,
            camera.door_id,
            words.value(CameraState.DESCRIPTOR, camera.state),
            f"{camera.frame_rate_hz:.1f}",
            f"{camera.width_px} x {camera.height_px}",
            str(camera.frames),
            str(camera.dropped_frames),
            str(camera.reconnects),
            camera.problem,
        )
        for camera in cameras
    ]
    return table([words.label(label) for label in labels], rows) if rows else words.label("none")


def doors_text(doors: Iterable[Door], words: Words) -> str:
    """The doors, one per line."""
    labels = ("door", "name", "state", "liveness_policy", "challenge", "mask_policy", "openings", "faults", "problem")
    rows = [
        (
            door.door_id,
            door.display_name,
            words.value(DoorState.DESCRIPTOR, door.state),
            door.liveness_policy,
            door.challenge_policy,
            door.mask_policy,
            str(door.openings),
            str(door.faults),
            door.problem,
        )
        for door in doors
    ]
    return table([words.label(label) for label in labels], rows) if rows else words.label("none")


def view_text(view: CameraView, file: str, words: Words) -> str:
    """One frame, and where its picture is."""
    labels = ("face", "outcome", "name", "advice")
    rows = [
        (
            str(track.track_id),
            words.value(Outcome.DESCRIPTOR, track.outcome) if track.outcome else "",
            track.display_name,
            words.values(Guidance.DESCRIPTOR, track.guidance),
        )
        for track in view.tracks
    ]
    about = card(
        [
            (words.label("camera"), view.camera_id),
            (words.label("when"), time_text(view.capture_time)),
            (words.label("picture_size"), f"{view.width_px} x {view.height_px}"),
            (words.label("detail"), words.label("saved").format(file=file)),
        ]
    )
    return f"{about}\n\n{table([words.label(label) for label in labels], rows)}" if rows else about


def uplink_text(status: GetUplinkStatusResponse, words: Words) -> str:
    """How the connection to the centre is."""
    age_s = milliseconds(status.oldest_unsent_age) / 1e3
    oldest = words.label("age_s").format(seconds=age_s) if status.HasField("oldest_unsent_age") else ""
    return card(
        [
            (words.label("state"), words.value(UplinkState.DESCRIPTOR, status.state)),
            (words.label("centre"), status.centre_address),
            (words.label("connected_since"), time_text(status.connected_time)),
            (words.label("unsent"), str(status.unsent_events)),
            (words.label("oldest_unsent"), oldest),
            (words.label("last_acknowledged"), str(status.last_acknowledged_seq)),
            (words.label("problem"), status.last_problem),
        ]
    )
