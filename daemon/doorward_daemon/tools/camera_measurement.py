"""`bench pipeline --camera`: from the capture of a frame to the decision on disk, beside the models' raw time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from doorward_daemon.camera import CameraSettings
from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.model.picture import Picture
from doorward_daemon.recognition.stage_clock import StageClock
from doorward_daemon.tools.camera_rig import CameraRig, open_camera_rig, watch_gates
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.gate_ear import DecidedFrame
from doorward_daemon.tools.hardware import hardware, usable_cores
from doorward_daemon.tools.report import print_tables, table_of
from doorward_daemon.tools.statistics import Spread

_REPLAYS = 50
"""Times the models are asked the last decided frame's questions again."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CameraRun:
    """What is to be measured."""

    sources: Sequence[str]
    """Sources of the cameras, as in the configuration."""
    seconds: float
    """How long."""
    subjects: int
    """In the gallery."""
    pack: str = ""
    """Name of an installed pack; empty = the configured, else the active one."""


def measure_cameras(run: CameraRun, context: ToolContext) -> dict[str, object]:
    """Runs the gates and sums up what was heard.

    Args:
        run: what is to be measured.
        context: home and settings.

    Raises:
        Conflict: NO_FACE, no frame with a single good face was decided about; PACK_MISSING, PACK_DAMAGED.
        NotReady: CAMERA_LOST.
        Fault: INFERENCE_FAILED, STORAGE_FAILED.
    """
    settings = [
        CameraSettings(camera_id=f"camera-{number}", source=source, door_id=f"door-{number}")
        for number, source in enumerate(run.sources, 1)
    ]
    with open_camera_rig(context, run.pack, settings, run.subjects) as rig:
        frames, dropped = watch_gates(rig, run.seconds)
        decided = [one for gate in rig.gates for one in gate.ear.decided]
        if not decided:
            raise Conflict(ErrorReason.NO_FACE, f"no frame in {run.seconds} s could be decided about; show one face")
        judged = sum(gate.ear.judged for gate in rig.gates)
        warm = _ask_again(rig, decided[-1])
        return {
            **summed_up(decided),
            "models_warm_sum_ms": round(warm, 3),
            "frames": frames,
            "dropped": dropped,
            "dropped_share": round(dropped / max(1, frames), 4),
            "judged_frames_per_s": round(judged / run.seconds, 2),
            **_described(rig, run, context),
        }


def summed_up(decided: Sequence[DecidedFrame]) -> dict[str, object]:
    """Medians and tails of decided frames, as the report has them.

    Args:
        decided: at least one.
    """
    stages = {name: Spread.of(times) for name, times in _by_name([one.stages for one in decided]).items()}
    models = {name: Spread.of(times) for name, times in _by_name([one.models for one in decided]).items()}
    total, models_sum_ms = Spread.of([one.total_ms for one in decided]), sum(one.p50 for one in models.values())
    return {
        "stages": {name: spread.to_json() for name, spread in stages.items()},
        "models": {name: spread.to_json() for name, spread in models.items()},
        "models_sum_ms": round(models_sum_ms, 3),
        "overhead_ratio": round(total.p50 / models_sum_ms, 4),
        "frame_to_decision_ms": total.to_json(),
        "n": len(decided),
        "outcomes": sorted({one.outcome.value for one in decided}),
    }


def print_cameras(document: Mapping[str, object]) -> None:
    """Prints the report for people."""

    def rows(name: str) -> list[tuple[str, str, str, str]]:
        spreads = document[name]
        if not isinstance(spreads, dict):
            raise TypeError(f"{name} is no table of spreads")
        return [(key, f"{s['min']:.3f}", f"{s['p50']:.3f}", f"{s['p99']:.3f}") for key, s in spreads.items()]

    columns = ("", "fastest ms", "median ms", "99 of 100 ms")
    total = {"spread": document["frame_to_decision_ms"]}
    print_tables(
        table_of(f"Stages, pack {document['pack']}, liveness OFF", columns, rows("stages")),
        table_of(f"Models in these frames, {document['runtime']}", columns, rows("models")),
    )
    print(f"capture to decision on disk: {total['spread']} ms over {document['n']} frames")
    print(f"{document['overhead_ratio']} times the models' {document['models_sum_ms']} ms")
    print(f"dropped {document['dropped']} of {document['frames']} frames; {document['hardware']}")


def _by_name(rows: Sequence[Mapping[str, float]]) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {}
    for row in rows:
        for name, duration_ms in row.items():
            times.setdefault(name, []).append(duration_ms)
    return times


def _ask_again(rig: CameraRig, decided: DecidedFrame) -> float:
    """Sum of the medians of the models' times when they are asked one frame's questions again and again, ms."""
    parts = rig.parts
    rig.runtime.start()
    faces = parts.detector.detect(decided.frame.bgr_hwc).largest_first()
    parts.judge.judge(Picture(decided.frame.bgr_hwc), faces[0], faces[1:], StageClock())
    calls = rig.runtime.stop()
    return sum(Spread.of([call.time_ms() for _ in range(_REPLAYS)]).p50 for call in calls)


def _described(rig: CameraRig, run: CameraRun, context: ToolContext) -> dict[str, object]:
    truth = rig.models.truth
    return {
        "precision": truth.actual_precision,
        "device": truth.actual_device,
        "threads": context.inference.threads or usable_cores(),
        "pack": rig.manifest.name,
        "runtime": f"{truth.runtime} {truth.runtime_version}",
        "hardware": hardware(),
        "subjects": run.subjects,
        "liveness": "OFF",
        "cameras": len(run.sources),
        "seconds": run.seconds,
    }
