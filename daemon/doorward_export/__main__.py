"""`doorward-export`: makes models for packs, quantises them, and measures what that costs."""

import argparse
import sys
from collections.abc import Sequence

import cv2

from doorward_daemon.app.rooms import judging_settings
from doorward_daemon.config import load_settings, read_environment
from doorward_daemon.errors import DoorwardError, exit_code_of
from doorward_daemon.tools.context import ToolContext
from doorward_export import cues_command, detail_command, quality_command, quantize_command, rts_command


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; 0 = done, 2 = something is to be changed, as the daemon's own commands."""
    parser = argparse.ArgumentParser(prog="doorward-export", description="Makes, quantises and measures models.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    quantize_command.add_parser(commands)
    quality_command.add_parsers(commands)
    rts_command.add_parser(commands)
    cues_command.add_parser(commands)
    detail_command.add_parser(commands)
    arguments = parser.parse_args(argv)
    cv2.setNumThreads(1)
    try:
        return int(arguments.run_in(arguments, _context()))
    except DoorwardError as error:
        sys.stderr.write(f"doorward-export: {error.reason}: {error.message}\n")
        return int(exit_code_of(error))


def _context() -> ToolContext:
    environment = read_environment()
    settings = load_settings(None, environment)
    return ToolContext(
        home=environment.home,
        assets=environment.assets,
        pack=settings.pack.name,
        inference=settings.inference,
        judging=judging_settings(settings),
        gallery=settings.gallery,
    )


if __name__ == "__main__":
    sys.exit(main())
