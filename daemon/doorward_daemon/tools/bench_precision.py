"""`doorwardd bench precision --to int8`: a speed mode beside f32, decision by decision in turns."""

import argparse
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from doorward_daemon.recognition.stage_clock import StageClock
from doorward_daemon.tools.command import Subcommands, add_command
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.hardware import hardware
from doorward_daemon.tools.pipeline_rig import PipelineRig, demonstration_picture, open_rig
from doorward_daemon.tools.report import print_json, print_tables, table_of
from doorward_daemon.tools.statistics import Spread
from doorward_daemon.tools.survey import progress

_WARM_UP = 5
_SUBJECTS = 1000


def add_parser(commands: Subcommands) -> argparse.ArgumentParser:
    """Adds the command to the group `bench`."""
    parser = add_command(commands, "precision", "measures a speed mode beside f32")
    parser.add_argument("--to", required=True, choices=("bf16", "int8"), help="the speed mode")
    parser.add_argument("--repeat", type=int, default=100, metavar="N", help="decisions of each (default: 100)")
    return parser


def run(arguments: argparse.Namespace, context: ToolContext) -> int:
    """Runs the command.

    Raises:
        Conflict, Fault: the pack cannot be opened in one of the precisions.
    """
    content = demonstration_picture()
    with ExitStack() as stack:
        rigs = [
            stack.enter_context(open_rig(_computing_in(context, precision), arguments.pack, content, _SUBJECTS))
            for precision in ("f32", arguments.to)
        ]
        document = measure(rigs[0], rigs[1], max(1, arguments.repeat))
    if arguments.json:
        print_json(document)
    else:
        _print(document)
    return 0


def measure(plain: PipelineRig, fast: PipelineRig, repeat: int) -> dict[str, Any]:
    """Decides in turns, so that whatever else the machine does slows both alike.

    Args:
        plain: the pipeline in f32.
        fast: the pipeline in the speed mode.
        repeat: decisions of each that count.
    """
    times: tuple[list[float], list[float]] = ([], [])
    for turn in progress(range(_WARM_UP + repeat), "Deciding in turns"):
        for rig, taken in zip((plain, fast), times, strict=True):
            started_ns = time.perf_counter_ns()
            rig.recogniser.identify_picture(rig.picture, 3, StageClock())
            if turn >= _WARM_UP:
                taken.append((time.perf_counter_ns() - started_ns) / 1e6)
    before, after = Spread.of(times[0]), Spread.of(times[1])
    truth = fast.runtime.truth
    return {
        "f32_ms": before.to_json(),
        "mode_ms": after.to_json(),
        "speed_up": round(before.p50 / after.p50, 4),
        "speed_up_fastest": round(before.min / after.min, 4),
        "precision": truth.actual_precision,
        "device": truth.actual_device,
        "runtime": f"{truth.runtime} {truth.runtime_version}",
        "pack": fast.manifest.name,
        "n": repeat,
        "hardware": hardware(),
    }


def _computing_in(context: ToolContext, precision: Any) -> ToolContext:  # noqa: ANN401 - one of the allowed words
    return replace(context, inference=replace(context.inference, precision=precision))


def _print(document: Mapping[str, Any]) -> None:
    rows = [
        (name, *(f"{document[key][part]:.2f}" for part in ("min", "p50", "p99")))
        for name, key in (("f32", "f32_ms"), (document["precision"], "mode_ms"))
    ]
    title = f"Decoded picture to decision, pack {document['pack']}"
    print_tables(table_of(title, ("precision", "fastest ms", "median ms", "99 of 100 ms"), rows))
    print(f"{document['speed_up']:.2f} times as fast; {document['hardware']}")
