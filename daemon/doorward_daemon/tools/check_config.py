"""`doorwardd check-config`: validates the configuration and prints what is in force, or every key there is."""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import asdict
from enum import Enum
from typing import Any

from doorward_daemon.errors import ExitCode
from doorward_daemon.tools.command import Subcommands
from doorward_daemon.tools.report import print_json, print_tables, table_of
from doorward_daemon.tools.settings_reference import settings_reference

REFERENCE_HEAD = """# Configuration

`<home>/doorward.toml`, or the file named by `--config`; `DOORWARD__SECTION__KEY=value` in the environment wins.
Unknown keys are errors; all problems are named at once. Written by `doorwardd check-config --reference`.
"""
"""What stands above the tables of the reference."""


def add_parser(commands: Subcommands) -> argparse.ArgumentParser:
    """Adds the command."""
    parser = commands.add_parser("check-config", help="validates the configuration and prints what is in force")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    parser.add_argument("--reference", action="store_true", help="print every key there is, as Markdown")
    return parser


def run(arguments: argparse.Namespace, settings: object) -> int:
    """Prints the settings in force; that they were read at all means that they are valid.

    Args:
        arguments: of the command.
        settings: the composed settings, a dataclass of dataclasses.
    """
    if arguments.reference:
        sys.stdout.write(f"{REFERENCE_HEAD}\n{settings_reference(type(settings))}")
    elif arguments.json:
        print_json({"valid": True, "settings": plain(settings)})
    else:
        print_tables(table_of("Settings in force", ("key", "value"), list(rows(settings))))
    return ExitCode.DONE


def rows(settings: object) -> Iterator[tuple[str, str]]:
    """Every key as `section.key` with its value."""
    for section, keys in plain(settings).items():
        yield from _rows(section, keys)


def plain(settings: object) -> dict[str, Any]:
    """The settings as nested dictionaries and lists of JSON values."""
    return {key: _plain(value) for key, value in asdict(settings).items()}  # type: ignore[call-overload] # any dataclass


def _rows(place: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _rows(f"{place}.{key}", inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _rows(f"{place}.{number}", inner)
    else:
        yield place, str(value)


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value.value if isinstance(value, Enum) else value
