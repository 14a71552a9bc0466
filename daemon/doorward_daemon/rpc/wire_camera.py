"""Cameras, what is seen in them, and streams of frames, as messages."""

from doorward_api.v1 import access_pb2, camera_pb2, decision_pb2, identify_stream_pb2, quality_pb2
from doorward_daemon.model.camera_view import CameraView, TrackView
from doorward_daemon.model.frame import Frame
from doorward_daemon.rpc.camera_entry import CameraEntry
from doorward_daemon.rpc.frame_answer import FrameAnswer, TrackDecision
from doorward_daemon.rpc.wire_decision import wire_identification
from doorward_daemon.rpc.wire_event import wire_event
from doorward_daemon.rpc.wire_face import wire_face
from doorward_daemon.rpc.wire_time import wire_enum, wire_timestamp


def wire_camera(entry: CameraEntry) -> camera_pb2.Camera:
    """A camera of this device."""
    status = entry.status
    return camera_pb2.Camera(
        camera_id=status.camera_id,
        door_id=entry.door_id,
        state=wire_enum(camera_pb2.CameraState.Value, "CAMERA_STATE_", status.state),
        problem=status.problem,
        frames=status.frames,
        dropped_frames=status.dropped_frames,
        reconnects=status.reconnects,
        frame_rate_hz=status.frames_per_s,
        width_px=status.width_px,
        height_px=status.height_px,
    )


def wire_view(view: CameraView, jpeg: bytes, skipped: int) -> camera_pb2.CameraView:
    """One frame of a camera.

    Args:
        view: the frame.
        jpeg: its picture; empty where nobody may see it.
        skipped: views this watcher missed.
    """
    return camera_pb2.CameraView(
        camera_id=view.camera_id,
        frame_number=view.frame_number,
        capture_time=wire_timestamp(view.captured_at),
        jpeg=jpeg,
        width_px=view.width_px,
        height_px=view.height_px,
        tracks=[_wire_track(track) for track in view.tracks],
        skipped_views=skipped,
    )


def wire_stream_view(frame: Frame, answer: FrameAnswer) -> identify_stream_pb2.StreamView:
    """What is seen in one frame of a client."""
    height_px, width_px = frame.bgr_hwc.shape[:2]
    return identify_stream_pb2.StreamView(
        frame_number=frame.number,
        width_px=width_px,
        height_px=height_px,
        tracks=[_wire_track(track) for track in answer.tracks],
    )


def wire_stream_decision(frame: Frame, decision: TrackDecision) -> identify_stream_pb2.StreamDecision:
    """Who somebody is."""
    message = identify_stream_pb2.StreamDecision(
        track_id=decision.track_id,
        frame_number=frame.number,
        identification=wire_identification(decision.identification),
        event=None if decision.event is None else wire_event(decision.event),
    )
    if (access := decision.access) is not None:
        granted, denied = access_pb2.ACCESS_DECISION_GRANTED, access_pb2.ACCESS_DECISION_DENIED
        message.access = granted if access.granted else denied
        message.access_reason = wire_enum(access_pb2.AccessReason.Value, "ACCESS_REASON_", access.reason)
    return message


def _wire_track(track: TrackView) -> camera_pb2.Track:
    message = camera_pb2.Track(
        track_id=track.track_id,
        face=wire_face(track.judged),
        guidance=[wire_enum(quality_pb2.Guidance.Value, "GUIDANCE_", step) for step in track.guidance],
        display_name=track.display_name,
        evidence=track.evidence,
    )
    if track.outcome is not None:
        message.outcome = wire_enum(decision_pb2.Outcome.Value, "OUTCOME_", track.outcome)
    return message
