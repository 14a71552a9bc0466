"""`doorwardd report DIR -o report.html`: everything `eval` measures on one folder, as one page an operator can keep."""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

from doorward_daemon.errors import ErrorReason, FieldProblem, InvalidInput
from doorward_daemon.model.liveness import LivenessPolicy
from doorward_daemon.tools.command import Subcommands, add_command, add_folder
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.evaluation.findings import Wanted, gather
from doorward_daemon.tools.evaluation.page import write_page
from doorward_daemon.tools.report import print_json, remark

SPOILED_PHOTOS = 100
"""Photos that are spoiled at most, unless told otherwise; each is looked at forty times or more."""


def add_parser(commands: Subcommands) -> argparse.ArgumentParser:
    """Adds the command."""
    parser = add_command(commands, "report", "measures everything a folder holds pictures for and writes one page")
    add_folder(parser, "DIR/person/photo, and DIR/bona_fide/photo with DIR/attack/species/photo where there are any")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="the page (default without --json: report.html)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of all that is drawn (default: 0)")
    parser.add_argument(
        "--spoiled-photos",
        type=int,
        default=SPOILED_PHOTOS,
        metavar="N",
        help=f"photos that are spoiled at most, evenly chosen; 0 for none (default: {SPOILED_PHOTOS})",
    )
    choices = [LivenessPolicy.REQUIRED.value, LivenessPolicy.PREFERRED.value]
    parser.add_argument(
        "--policy", choices=choices, default=LivenessPolicy.PREFERRED.value, help="what passes as alive"
    )
    return parser


def run(arguments: argparse.Namespace, context: ToolContext) -> int:
    """Runs the command.

    Raises:
        InvalidInput: FIELD_INVALID, the folder does not hold what is needed, or the page cannot be written.
        Conflict, Fault: the pack cannot be opened.
    """
    output: Path | None = arguments.output or (None if arguments.json else Path("report.html"))
    if output is not None and not output.resolve().parent.is_dir():
        raise _unwritable(output, "its folder does not exist")
    wanted = Wanted(
        folder=arguments.folder,
        pack=arguments.pack,
        seed=max(0, arguments.seed),
        spoiled_photos=max(0, arguments.spoiled_photos),
        liveness=LivenessPolicy(arguments.policy),
        command=sys.argv[1:],
    )
    found = gather(wanted, context)
    if output is not None:
        try:
            output.write_text(write_page(found), encoding="utf-8")
        except OSError as error:
            raise _unwritable(output, str(error.strerror)) from error
        remark(f"{output}: written")
    if arguments.json:
        print_json(asdict(found))
    return 0


def _unwritable(output: Path, problem: str) -> InvalidInput:
    return InvalidInput(
        ErrorReason.FIELD_INVALID,
        f"--output: {output} cannot be written: {problem}; name another file",
        metadata={"file": str(output)},
        problems=[FieldProblem("--output", f"{output}: {problem}")],
    )
