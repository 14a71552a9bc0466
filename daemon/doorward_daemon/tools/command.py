"""What the local commands have in common on the command line."""

import argparse
from pathlib import Path
from typing import TypeAlias

Subcommands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - it has no public name
"""What `ArgumentParser.add_subparsers()` returns."""


def add_command(commands: Subcommands, name: str, summary: str) -> argparse.ArgumentParser:
    """Adds one command with the options every local command takes.

    Args:
        commands: what `add_subparsers` of the group returned.
        name: of the command.
        summary: one sentence; stands in the list of commands and above the help.
    """
    parser = commands.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
    parser.add_argument("--pack", default="", metavar="P", help="name of an installed pack (default: the active one)")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of tables")
    return parser


def add_folder(parser: argparse.ArgumentParser, layout: str) -> None:
    """Adds the folder of pictures.

    Args:
        parser: of the command.
        layout: how the folder is laid out, e.g. `DIR/person/photo`.
    """
    parser.add_argument("folder", metavar="DIR", type=Path, help=f"pictures, laid out as {layout}")
