"""`doorwardd bench cameras`: how many frames a box judges when several cameras run, beside what its models allow."""

import argparse

from doorward_daemon.tools.camera_measurement import CameraRun, measure_cameras, print_cameras
from doorward_daemon.tools.command import Subcommands, add_command
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.report import print_json
from doorward_daemon.tools.scene_measurement import SceneRun, measure_scene, print_scene


def add_parser(commands: Subcommands) -> argparse.ArgumentParser:
    """Adds the command to the group `bench`."""
    parser = add_command(commands, "cameras", "measures several cameras at once, each with a gate of its own")
    parser.add_argument("--cameras", type=int, default=2, metavar="N", help="cameras (default: 2)")
    parser.add_argument("--camera", default="demo", metavar="demo|FILE", help="what they show (default: demo)")
    parser.add_argument(
        "--show",
        choices=("empty", "two"),
        help="gates as in service before a wall, or before two people: age of the frames, processor time",
    )
    parser.add_argument("--rate", type=float, default=30.0, metavar="N", help="with --show: frames a second of each")
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
    if arguments.show:
        return _run_scene(arguments, context)
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


def _run_scene(arguments: argparse.Namespace, context: ToolContext) -> int:
    run = SceneRun(
        scene=arguments.show,
        cameras=max(1, arguments.cameras),
        frames_per_s=min(120.0, max(1.0, arguments.rate)),
        seconds=max(1.0, arguments.seconds),
        subjects=max(1, arguments.subjects),
        pack=arguments.pack,
    )
    document = measure_scene(run, context)
    if arguments.json:
        print_json(document)
    else:
        print_scene(document)
    return 0
