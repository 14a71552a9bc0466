"""`doorwardd bench rpc`: pictures a second over the daemon's socket, beside the same pipeline in this process."""

import argparse
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import Any

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.tools.command import Subcommands, add_command
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.hardware import hardware
from doorward_daemon.tools.pipeline_rig import PipelineRig, demonstration_picture, open_rig
from doorward_daemon.tools.report import print_json, print_tables, remark, table_of
from doorward_daemon.tools.rpc_rig import ServedDaemon, open_daemon

WARM_UP_S = 0.5
"""Before the first round that counts."""


def add_parser(commands: Subcommands) -> argparse.ArgumentParser:
    """Adds the command to the group `bench`."""
    parser = add_command(commands, "rpc", "measures Identify over the socket beside the pipeline in one process")
    parser.add_argument("--concurrency", type=int, default=2, metavar="N", help="calls at once (default: 2)")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="rounds, one of each (default: 5)")
    parser.add_argument("--seconds", type=float, default=2.0, metavar="N", help="length of a round (default: 2)")
    parser.add_argument(
        "--subjects", type=int, default=1000, metavar="N", help="subjects in both galleries (default: 1000)"
    )
    return parser


def run(arguments: argparse.Namespace, context: ToolContext) -> int:
    """Runs the command.

    Raises:
        Conflict: NO_FACE, PACK_MISSING, PACK_DAMAGED.
        Fault: INTERNAL, the daemon does not come up; INFERENCE_FAILED.
    """
    content, subjects = demonstration_picture(), max(2, arguments.subjects)
    with open_rig(context, arguments.pack, content, subjects) as rig:
        judgement = rig.recogniser.sample(rig.picture).judgement
        if judgement is None or judgement.embedding is None:
            raise Conflict(ErrorReason.NO_FACE, "the demonstration picture shows no face to this pack")
        like = judgement.embedding.template
        remark("starting the daemon")
        with open_daemon(context, rig.manifest.name, content, subjects, like) as daemon:
            document = _measure(rig, daemon, arguments)
    if arguments.json:
        print_json(document)
    else:
        _print(document)
    return 0


def _measure(rig: PipelineRig, daemon: ServedDaemon, arguments: argparse.Namespace) -> dict[str, Any]:
    concurrency, seconds = max(1, arguments.concurrency), max(0.2, arguments.seconds)

    def identify() -> str:
        return rig.recogniser.identify(rig.content).outcome.value

    _rate(identify, concurrency, WARM_UP_S)
    daemon.load(concurrency, WARM_UP_S)
    direct, served = [], []
    for number in range(max(1, arguments.rounds)):
        # In turns: whatever slows the machine meets both.
        remark(f"round {number + 1}")
        direct.append(_rate(identify, concurrency, seconds))
        served.append(daemon.load(concurrency, seconds))
    ratios = [over["calls_per_s"] / alone for over, alone in zip(served, direct, strict=True)]
    return {
        "ratio": round(median(ratios), 4),
        "ratios": [round(ratio, 4) for ratio in ratios],
        "rpc_per_s": round(median(report["calls_per_s"] for report in served), 2),
        "in_process_per_s": round(median(direct), 2),
        "latency_ms": served[-1]["latency_ms"],
        "refused": sum(report["refused"] for report in served),
        "outcomes": served[-1]["outcomes"],
        "concurrency": concurrency,
        "subjects": max(2, arguments.subjects),
        "pack": rig.manifest.name,
        "picture_bytes": len(rig.content),
        "n": sum(report["calls"] for report in served),
        "hardware": hardware(),
    }


def _rate(identify: Callable[[], str], concurrency: int, seconds: float) -> float:
    started_s = time.perf_counter()

    def worker() -> int:
        done = 0
        while time.perf_counter() - started_s < seconds:
            identify()
            done += 1
        return done

    with ThreadPoolExecutor(concurrency, thread_name_prefix="doorward-bench") as pool:
        calls = sum(running.result() for running in [pool.submit(worker) for _ in range(concurrency)])
    return calls / (time.perf_counter() - started_s)


def _print(document: dict[str, Any]) -> None:
    rows = [
        ("over the socket", f"{document['rpc_per_s']:.1f}"),
        ("in this process", f"{document['in_process_per_s']:.1f}"),
        ("ratio, median of the rounds", f"{document['ratio']:.3f}"),
    ]
    title = f"Identify, {document['concurrency']} at once, {document['subjects']} subjects, pack {document['pack']}"
    print_tables(table_of(title, ("", "pictures per second"), rows))
    print(document["hardware"])
