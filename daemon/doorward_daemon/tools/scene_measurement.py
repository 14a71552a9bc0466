"""`bench cameras --show`: what cameras cost that show nobody, or two people, before gates as they are in service."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from doorward_daemon.access import DoorPolicy
from doorward_daemon.camera import CameraSettings
from doorward_daemon.gate_loop import GateLoopSettings, GateView, SilentMetrics, ViewHub
from doorward_daemon.model.liveness import LivenessPolicy
from doorward_daemon.tools.camera_rig import Manner, check_gate, counted_frames, open_camera_rig, wait_for_frames
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.hardware import hardware
from doorward_daemon.tools.processor_time import processor_time
from doorward_daemon.tools.report import print_tables, table_of
from doorward_daemon.tools.scene_pictures import Scene, write_scene
from doorward_daemon.tools.statistics import Spread

_SETTLE_S = 2.0
# Two people before one door are no fault here, and liveness is asked where the pack has it, as a door in service does.
_POLICY = DoorPolicy(liveness=LivenessPolicy.PREFERRED, one_person_at_a_time=False)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SceneRun:
    """What is to be measured."""

    scene: Scene
    """What the cameras show."""
    cameras: int
    """How many."""
    frames_per_s: float
    """Of each."""
    seconds: float
    """How long."""
    subjects: int
    """In the gallery."""
    pack: str = ""
    """Name of an installed pack; empty = the configured, else the active one."""


class _AgeHub(ViewHub):
    """Notes how old a frame is when everything that it led to is done."""

    def __init__(self, camera_id: str) -> None:
        super().__init__(camera_id, GateLoopSettings().max_watchers)
        self.ages: list[tuple[int, float]] = []

    def publish(self, view: GateView) -> None:
        """Shows a view."""
        super().publish(view)
        captured_ns = view.frame.captured_mono_ns
        self.ages.append((captured_ns, (time.monotonic_ns() - captured_ns) / 1e6))


@dataclass(slots=True)
class _Searches(SilentMetrics):
    """Counts frames that were searched and frames that were not; every gate has a thread, so by camera."""

    searched: Counter[str] = field(default_factory=Counter)
    spared: Counter[str] = field(default_factory=Counter)

    def count_frame(self, camera_id: str, faces: int) -> None:
        """One frame was searched."""
        self.searched[camera_id] += 1

    def count_unsearched(self, camera_id: str) -> None:
        """One frame was not."""
        self.spared[camera_id] += 1


def measure_scene(run: SceneRun, context: ToolContext) -> dict[str, Any]:
    """Lets the gates look at a scene and sums up what it cost.

    Raises:
        Conflict: PACK_MISSING, PACK_DAMAGED.
        NotReady: CAMERA_LOST.
        Fault: INFERENCE_FAILED, STORAGE_FAILED.
    """
    hubs: dict[str, _AgeHub] = {}
    searches = _Searches()

    def make_hub(camera_id: str) -> ViewHub:
        hubs[camera_id] = _AgeHub(camera_id)
        return hubs[camera_id]

    manner = Manner(policy=_POLICY, loop=GateLoopSettings(), has_newcomers=False, make_hub=make_hub, metrics=searches)
    with TemporaryDirectory(prefix="doorward-bench-") as folder:
        pictures = Path(folder) / run.scene
        write_scene(pictures, run.scene)
        settings = _settings(pictures, run)
        with open_camera_rig(context, run.pack, settings, run.subjects, manner) as rig:
            wait_for_frames(rig)
            time.sleep(_SETTLE_S)
            threads = frozenset(one for gate in rig.gates if (one := gate.camera.native_id) is not None)
            before, frames, began_ns = processor_time(threads), counted_frames(rig), time.monotonic_ns()
            searched, spared = Counter(searches.searched), Counter(searches.spared)
            time.sleep(run.seconds)
            used = processor_time(threads).share_since(before)
            given, dropped = (now - then for now, then in zip(counted_frames(rig), frames, strict=True))
            searched, spared = searches.searched - searched, searches.spared - spared
            for gate in rig.gates:
                check_gate(gate)
            pack = rig.manifest.name
    judged = [searched[one.camera_id] + spared[one.camera_id] for one in settings]
    return {
        "scene": run.scene,
        "cameras": run.cameras,
        "frames_per_s": run.frames_per_s,
        **used,
        **_aged([age for hub in hubs.values() for age in hub.ages if age[0] >= began_ns], began_ns, run.seconds),
        "frames": given,
        "dropped_share": round(dropped / max(1, given), 4),
        "searched_share": round(searched.total() / max(1, sum(judged)), 4),
        "least_over_most_judged": round(min(judged) / max(1, *judged), 4),
        "seconds": run.seconds,
        "subjects": run.subjects,
        "pack": pack,
        "hardware": hardware(),
    }


def print_scene(document: Mapping[str, Any]) -> None:
    """Prints the report for people."""
    age = document["age_ms"]
    rows = [
        ("of one core, everything", f"{document['cpu_of_one_core']:.1%}"),
        ("of one core, reading the cameras", f"{document['cameras_of_one_core']:.1%}"),
        ("age of a frame when it was dealt with", f"{age['p50']:.1f} ms, 99 of 100 below {age['p99']:.1f} ms"),
        ("the same, second half over first", f"{document['late_over_early_p99']:.2f}"),
        ("frames searched for faces", f"{document['searched_share']:.1%}"),
        ("frames dropped", f"{document['dropped_share']:.1%}"),
        ("frames of the least looked at camera, over the most", f"{document['least_over_most_judged']:.2f}"),
    ]
    title = f"{document['cameras']} cameras at {document['frames_per_s']:g} per second, scene {document['scene']}"
    print_tables(table_of(title, ("", "measured"), rows))
    print(document["hardware"])


def _settings(pictures: Path, run: SceneRun) -> list[CameraSettings]:
    return [
        CameraSettings(
            camera_id=f"camera-{number}", source=str(pictures), door_id=f"door-{number}", frames_per_s=run.frames_per_s
        )
        for number in range(1, run.cameras + 1)
    ]


def _aged(ages: Sequence[tuple[int, float]], began_ns: int, seconds: float) -> dict[str, Any]:
    half_ns = began_ns + round(seconds * 5e8)
    early = [age_ms for captured_ns, age_ms in ages if captured_ns < half_ns]
    late = [age_ms for captured_ns, age_ms in ages if captured_ns >= half_ns]
    return {
        "age_ms": Spread.of([age_ms for _, age_ms in ages]).to_json(),
        "late_over_early_p99": round(Spread.of(late).p99 / Spread.of(early).p99, 3),
    }
