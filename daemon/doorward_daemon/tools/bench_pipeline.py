"""`doorwardd bench pipeline`: time from a decoded picture to the decision, beside the raw time of the models."""

import argparse
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from doorward_daemon.errors import ErrorReason, InvalidInput
from doorward_daemon.model.decision import DeviceTruth
from doorward_daemon.recognition.stage_clock import StageClock
from doorward_daemon.tools.camera_measurement import CameraRun, measure_cameras, print_cameras
from doorward_daemon.tools.command import Subcommands, add_command
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.hardware import hardware, usable_cores
from doorward_daemon.tools.photo_folder import unreadable
from doorward_daemon.tools.pipeline_rig import PipelineRig, demonstration_picture, open_rig
from doorward_daemon.tools.report import print_json, print_tables, table_of
from doorward_daemon.tools.statistics import Spread
from doorward_daemon.tools.survey import progress
from doorward_daemon.vision.liveness import find_screen_pattern
from doorward_daemon.vision.picture import PictureSettings, decode_picture

WARM_UP = 10
"""Decisions before the first one that counts: caches, thread pools, the allocator."""


@dataclass(slots=True)
class PipelineTimes:
    """What was measured, milliseconds."""

    outcome: str = ""
    """What came out of every decision."""
    decisions: list[float] = field(default_factory=list)
    """Decoded picture to decision."""
    stages: dict[str, list[float]] = field(default_factory=dict)
    """Per stage, decoding included."""
    models: dict[str, list[float]] = field(default_factory=dict)
    """Per call of a model, asked again directly."""
    cues: dict[str, list[float]] = field(default_factory=dict)
    """Per cue of liveness that needs no model; looked for in every round, a decision does so at close faces only."""

    @property
    def models_sum_ms(self) -> float:
        """Sum of the medians of the models' raw times."""
        return sum(Spread.of(times).p50 for times in self.models.values())

    @property
    def overhead_ratio(self) -> float:
        """Median decision over the sum of the models' medians; 1 = nothing but models."""
        return Spread.of(self.decisions).p50 / self.models_sum_ms


def add_parser(commands: Subcommands) -> argparse.ArgumentParser:
    """Adds the command to the group `bench`."""
    parser = add_command(commands, "pipeline", "measures the time from a decoded picture to the decision")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="picture to use (default: the astronaut, 640x480)")
    parser.add_argument(
        "--subjects", type=int, default=1000, metavar="N", help="subjects in the gallery (default: 1000)"
    )
    parser.add_argument("--repeat", type=int, default=200, metavar="N", help="decisions measured (default: 200)")
    parser.add_argument(
        "--camera", metavar="demo|FILE", help="measures a camera at its own pace, from capture to the decision on disk"
    )
    parser.add_argument(
        "--seconds", type=float, default=20.0, metavar="N", help="how long the camera is measured (default: 20)"
    )
    return parser


def run(arguments: argparse.Namespace, context: ToolContext) -> int:
    """Runs the command.

    Raises:
        InvalidInput: FIELD_INVALID, or a PICTURE_ reason.
        Conflict, Fault: the pack cannot be opened, or picture or camera show no face.
        NotReady: CAMERA_LOST.
    """
    if arguments.camera is not None:
        return _run_camera(arguments, context)
    content = demonstration_picture() if arguments.picture is None else _read(arguments.picture)
    with open_rig(context, arguments.pack, content, max(1, arguments.subjects)) as rig:
        times = measure(rig, context.judging.picture, max(1, arguments.repeat))
        document = _document(rig, times, context.inference.threads or usable_cores(), max(1, arguments.subjects))
        truth = rig.runtime.truth
    if arguments.json:
        print_json(document)
    else:
        _print(times, rig, truth)
    return 0


def _run_camera(arguments: argparse.Namespace, context: ToolContext) -> int:
    if arguments.picture is not None:
        raise InvalidInput(ErrorReason.FIELD_INVALID, "--camera and --picture exclude each other; give one of them")
    measured = CameraRun(
        sources=(arguments.camera,),
        seconds=max(0.5, arguments.seconds),
        subjects=max(1, arguments.subjects),
        pack=arguments.pack,
    )
    document = measure_cameras(measured, context)
    if arguments.json:
        print_json(document)
    else:
        print_cameras(document)
    return 0


def measure(rig: PipelineRig, limits: PictureSettings, repeat: int) -> PipelineTimes:
    """Decides again and again, and between the decisions asks each model what the decision asked it.

    Interleaving keeps the comparison fair on a machine that others use as well: whatever slows the one slows the other.

    Args:
        rig: the pipeline.
        limits: in front of the decoder.
        repeat: decisions that count.
    """
    for _ in range(WARM_UP):
        rig.recogniser.identify_picture(rig.picture, 3, StageClock())
    rig.runtime.start()
    rig.recogniser.identify_picture(rig.picture, 3, StageClock())
    calls = rig.runtime.stop()
    times = PipelineTimes(models={call.name: [] for call in calls})
    for _ in progress(range(repeat), "Measuring decisions"):
        clock = StageClock()
        with clock.stage("decode"):
            picture = decode_picture(rig.content, limits)
        started_ns = time.perf_counter_ns()
        identification = rig.recogniser.identify_picture(picture, 3, clock)
        times.decisions.append((time.perf_counter_ns() - started_ns) / 1e6)
        times.outcome = identification.outcome.value
        for stage in clock.times():
            times.stages.setdefault(stage.stage, []).append(stage.duration_ms)
        for call in calls:
            times.models[call.name].append(call.time_ms())
        started_ns = time.perf_counter_ns()
        find_screen_pattern(picture.bgr_hwc, rig.face)
        times.cues.setdefault("screen_pattern", []).append((time.perf_counter_ns() - started_ns) / 1e6)
    return times


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable("--picture", path, error) from error


def _spreads(times: Mapping[str, list[float]]) -> dict[str, dict[str, float]]:
    return {name: Spread.of(values).to_json() for name, values in times.items()}


def _document(rig: PipelineRig, times: PipelineTimes, threads: int, subjects: int) -> dict[str, object]:
    truth = rig.runtime.truth
    return {
        "stages": _spreads(times.stages),
        "models": _spreads(times.models),
        "cues": _spreads(times.cues),
        "models_sum_ms": round(times.models_sum_ms, 3),
        "overhead_ratio": round(times.overhead_ratio, 4),
        "frame_to_decision_ms": Spread.of(times.decisions).to_json(),
        "precision": truth.actual_precision,
        "device": truth.actual_device,
        "threads": threads,
        "pack": rig.manifest.name,
        "runtime": f"{truth.runtime} {truth.runtime_version}",
        "hardware": hardware(),
        "n": len(times.decisions),
        "subjects": subjects,
        "liveness": rig.liveness.value,
        "outcome": times.outcome,
        "width_px": rig.picture.width_px,
        "height_px": rig.picture.height_px,
    }


def _print(times: PipelineTimes, rig: PipelineRig, truth: DeviceTruth) -> None:
    def rows(measured: Mapping[str, list[float]]) -> list[tuple[str, str, str, str]]:
        spreads = [(name, Spread.of(values)) for name, values in measured.items()]
        return [(name, f"{s.min:.3f}", f"{s.p50:.3f}", f"{s.p99:.3f}") for name, s in spreads]

    columns = ("", "fastest ms", "median ms", "99 of 100 ms")
    where = f"{truth.runtime} {truth.runtime_version}, {truth.actual_device}, {truth.actual_precision}"
    print_tables(
        table_of(f"Stages, pack {rig.manifest.name}, liveness {rig.liveness.value}", columns, rows(times.stages)),
        table_of(f"Models alone, {where}", columns, rows(times.models)),
        table_of("Cues of liveness without a model, where they are looked for", columns, rows(times.cues)),
        table_of("Decoded picture to decision", columns, rows({times.outcome: times.decisions})),
    )
    print(f"{times.overhead_ratio:.2f} times the models' {times.models_sum_ms:.2f} ms; {hardware()}")
