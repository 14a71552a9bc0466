"""Streams of frames that clients bring, judged as a gate judges its camera's."""

import time
from dataclasses import replace

from doorward_daemon.access import DoorPolicy
from doorward_daemon.app.camera_desk import shown
from doorward_daemon.app.gates import Gates, Judging
from doorward_daemon.entry import Entry
from doorward_daemon.gate_loop import EveryFrame, GateLoopSettings, TrackingIdentifier, open_gate_parts
from doorward_daemon.gate_loop import TrackDecision as GateDecision
from doorward_daemon.model.frame import Frame
from doorward_daemon.model.liveness import LivenessPolicy
from doorward_daemon.rpc.frame_answer import FrameAnswer, TrackDecision


class FrameJudge:
    """Opens sessions for clients. Thread-safe.

    Args:
        gates: the gates of the box.
        judging: what judges.
        settings: how faces are followed.
        liveness: asked of streams without a door.
    """

    def __init__(self, gates: Gates, judging: Judging, settings: GateLoopSettings, liveness: LivenessPolicy) -> None:
        self._gates = gates
        self._judging = judging
        self._settings = settings
        self._liveness = liveness

    def open(self, door_id: str) -> "FrameSession":
        """Begins a stream; an empty door judges only.

        Raises:
            NotFound: DOOR_NOT_FOUND.
        """
        judging = self._judging
        mask = judging.models.judging.gate.mask
        policy = self._gates.desk.policy_of(door_id) if door_id else DoorPolicy(liveness=self._liveness, mask=mask)
        parts = open_gate_parts(judging.models, judging.gallery, judging.rule, policy, self._settings)
        # A client that sends a frame wants to hear of that frame.
        parts = replace(parts, schedule=EveryFrame())
        return FrameSession(self._gates, TrackingIdentifier(parts), door_id)


class FrameSession:
    """One stream; used by one call at a time.

    Args:
        gates: the gates of the box.
        identifier: follows its faces.
        door_id: the door its decisions go to; empty for none.
    """

    def __init__(self, gates: Gates, identifier: TrackingIdentifier, door_id: str) -> None:
        self._gates = gates
        self._identifier = identifier
        self._door_id = door_id

    def push(self, frame: Frame) -> FrameAnswer:
        """Judges the next frame.

        Raises:
            Fault: INFERENCE_FAILED, STORAGE_FAILED.
        """
        decisions = tuple(self._decide(decision) for decision in self._identifier.push(frame))
        return FrameAnswer(shown(self._identifier.view(frame)).tracks, decisions)

    def close(self) -> None:
        """The stream has ended; whoever is still in view has left."""
        for decision in self._identifier.idle(time.monotonic_ns()):
            self._decide(decision)

    def _decide(self, decision: GateDecision) -> TrackDecision:
        if not self._door_id:
            return TrackDecision(decision.track_id, decision.identification)
        record = self._gates.desk.enter(
            Entry(
                identification=decision.identification,
                door_id=self._door_id,
                camera_id="",
                captured_mono_ns=decision.captured_mono_ns,
                track_id=decision.track_id,
            )
        )
        return TrackDecision(decision.track_id, decision.identification, record.access, record.event)
