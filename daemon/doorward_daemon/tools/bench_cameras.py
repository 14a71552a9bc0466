"""`doorwardd bench cameras`: how many frames a box judges when several cameras run, beside what its models allow."""

import argparse

from doorward_daemon.tools.camera_measurement import CameraRun, measure_cameras, print_cameras
from doorward_daemon.tools.command import Subcommands, add_command
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.report import print_json


def add_parser(commands: Subcommands) -> argparse.ArgumentParser:
    """Adds the command to the group `bench`."""
    parser = add_command(commands, "cameras", "measures several cameras at once, each with a gate of its own")
    parser.add_argument("--cameras", type=int, default=2, metavar="N", help="cameras (default: 2)")
    parser.add_argument("--camera", default="demo", metavar="demo|FILE", help="what they show (default: demo)")
    parser.add_argument("--seconds", type=float, default=20.0, metavar="N", help="how long (default: 20)")
    parser.add_argument(
        "--subjects", type=int, default=1000, metavar="N", help="subjects in the gallery (default: 1000)"
    )
    return parser


def run(arguments: argparse.Namespace, context: ToolContext) -> int:
    """Runs the command.

    Raises:
        Conflict: NO_FACE, PACK_MISSING, PACK_DAMAGED.
        NotReady: CAMERA_LOST.
        Fault: INFERENCE_FAILED, STORAGE_FAILED.
    """
    measured = CameraRun(
        sources=(arguments.camera,) * max(1, arguments.cameras),
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
