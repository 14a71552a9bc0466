"""Figures of the gates and the journal for Prometheus."""

from collections.abc import Callable, Iterable
from functools import partial

from prometheus_client import Counter, Gauge, Histogram

from doorward_daemon.telemetry.metrics import Metrics

# One frame at 30 fps is 0.033 s; a decision later than a second opens nothing.
_LATENCY_BUCKETS_S = (0.01, 0.02, 0.033, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0, 2.0)
_COMMIT_BUCKETS_S = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.25, 1.0)


class GateFigures:
    """Counts what cameras, gates and the journal do; fits the protocol the gates ask for. Thread-safe.

    Args:
        metrics: whose registry the figures go into, and which counts stages.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        registry = metrics.registry
        camera = ["camera"]
        self._frames = Counter("doorward_frames", "Frames judged.", camera, registry=registry)
        self._unsearched = Counter(
            "doorward_frames_unsearched",
            "Frames not searched for faces: nothing moved in them and nobody was to be decided about.",
            camera,
            registry=registry,
        )
        self._dropped = Gauge("doorward_frames_dropped", "Frames nobody took in time.", camera, registry=registry)
        self._faces = Counter("doorward_faces", "Faces found in frames.", camera, registry=registry)
        self._tracks = Counter("doorward_tracks", "Tracks by change.", ["camera", "change"], registry=registry)
        self._decisions = Counter(
            "doorward_decisions", "Decisions taken to a door.", ["camera", "outcome", "reason"], registry=registry
        )
        self._unrecorded = Counter(
            "doorward_unrecorded_denials", "Denials too many to be recorded one by one.", camera, registry=registry
        )
        self._failures = Counter(
            "doorward_gate_failures", "Frames that could not be judged.", camera, registry=registry
        )
        self._latency_s = Histogram(
            "doorward_decision_latency_seconds",
            "From the capture that completed the evidence to the recorded decision, door command included.",
            camera,
            buckets=_LATENCY_BUCKETS_S,
            registry=registry,
        )
        self._commit_s = Histogram(
            "doorward_journal_commit_seconds", "Time of a commit.", buckets=_COMMIT_BUCKETS_S, registry=registry
        )
        self._events = Counter("doorward_journal_events", "Events recorded.", registry=registry)

    def count_frame(self, camera_id: str, faces: int) -> None:
        """One frame was judged."""
        self._frames.labels(camera_id).inc()
        self._faces.labels(camera_id).inc(faces)

    def count_unsearched(self, camera_id: str) -> None:
        """One frame was not searched."""
        self._unsearched.labels(camera_id).inc()

    def set_dropped_frames(self, camera_id: str, dropped: int) -> None:
        """Frames nobody took in time, since the camera was opened."""
        self._dropped.labels(camera_id).set(dropped)

    def count_tracks(self, camera_id: str, started: int, ended: int, split: int = 0) -> None:
        """Tracks began, ended, and were split because somebody else was found in their place."""
        self._tracks.labels(camera_id, "started").inc(started)
        self._tracks.labels(camera_id, "ended").inc(ended)
        self._tracks.labels(camera_id, "split").inc(split)

    def count_decision(self, camera_id: str, outcome: str, reason: str) -> None:
        """A decision was taken to the door."""
        self._decisions.labels(camera_id, outcome, reason).inc()

    def count_unrecorded_denial(self, camera_id: str) -> None:
        """A denial was not recorded because there were too many."""
        self._unrecorded.labels(camera_id).inc()

    def count_gate_failure(self, camera_id: str) -> None:
        """A frame could not be judged."""
        self._failures.labels(camera_id).inc()

    def observe_stages(self, times_ms: Iterable[tuple[str, float]]) -> None:
        """Time per stage of one frame, (name, milliseconds)."""
        self._metrics.observe_stages(times_ms)

    def observe_decision(self, camera_id: str, latency_ms: float) -> None:
        """Time of one decision, milliseconds."""
        self._latency_s.labels(camera_id).observe(latency_ms / 1000.0)

    def observe_commit(self, duration_s: float, events: int) -> None:
        """One commit of the journal: its time and how many events it held."""
        self._commit_s.observe(duration_s)
        self._events.inc(events)

    def watch_cameras(self, cameras: Callable[[], Iterable[tuple[str, str, float, int]]]) -> None:
        """Reads how the cameras are whenever figures are asked for: (camera, state, frames per second, reconnects)."""
        names = {name for name, *_ in cameras()}
        for title, text, column in (
            ("doorward_camera_streaming", "1 while the camera gives frames, else 0.", 0),
            ("doorward_camera_frames_per_second", "Frames per second over the last seconds.", 1),
            ("doorward_camera_reconnects", "Times the camera was opened again.", 2),
        ):
            gauge = Gauge(title, text, ["camera"], registry=self._metrics.registry)
            for name in names:
                gauge.labels(name).set_function(_reading(cameras, name, column))

    def watch_doors(self, door_ids: Iterable[str], read: Callable[[str], tuple[int, int]]) -> None:
        """Reads (openings, faults) of each door whenever figures are asked for."""
        for title, text, column in (
            ("doorward_door_openings", "Times the door was opened since the daemon started.", 0),
            ("doorward_door_faults", "Commands the door did not answer since the daemon started.", 1),
        ):
            gauge = Gauge(title, text, ["door"], registry=self._metrics.registry)
            for door_id in door_ids:
                gauge.labels(door_id).set_function(partial(_column, read, door_id, column))

    def watch_uplink(self, is_connected: Callable[[], bool]) -> None:
        """Reads whether the centre has greeted whenever figures are asked for."""
        gauge = Gauge("doorward_uplink_connected", "1 while connected to the centre.", registry=self._metrics.registry)
        gauge.set_function(lambda: float(is_connected()))

    def watch_line(self, is_calling: Callable[[], bool]) -> None:
        """Reads which way to the centre is taken whenever figures are asked for."""
        text = "1 while single calls replace a stream that something on the way to the centre breaks."
        gauge = Gauge("doorward_uplink_calling", text, registry=self._metrics.registry)
        gauge.set_function(lambda: float(is_calling()))

    def watch_hints(self, sent: Callable[[], int]) -> None:
        """Reads how many alarms ran ahead of the queue whenever figures are asked for."""
        text = "Alarms sent to the centre ahead of the queue since the daemon started."
        Gauge("doorward_uplink_hints", text, registry=self._metrics.registry).set_function(sent)

    def watch_outbox(self, unacknowledged: Callable[[], int], oldest_age_s: Callable[[], float]) -> None:
        """Reads the outbox whenever figures are asked for."""
        registry = self._metrics.registry
        Gauge("doorward_outbox_events", "Events the centre has not acknowledged.", registry=registry).set_function(
            unacknowledged
        )
        Gauge("doorward_outbox_oldest_age_seconds", "Age of the oldest of them.", registry=registry).set_function(
            oldest_age_s
        )


def _column(read: Callable[[str], tuple[int, int]], name: str, column: int) -> float:
    return float(read(name)[column])


def _reading(
    cameras: Callable[[], Iterable[tuple[str, str, float, int]]], name: str, column: int
) -> Callable[[], float]:
    def read() -> float:
        for camera, state, frames_per_s, reconnects in cameras():
            if camera == name:
                return (float(state == "STREAMING"), frames_per_s, float(reconnects))[column]
        return 0.0

    return read
