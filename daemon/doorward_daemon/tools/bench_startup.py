"""`doorwardd bench startup`: time from the start of the real daemon to SERVING, and the memory it then holds."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from doorward_daemon.tools.command import Subcommands, add_command
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.daemon_process import Start, start_once
from doorward_daemon.tools.hardware import hardware
from doorward_daemon.tools.lab import open_pack
from doorward_daemon.tools.pipeline_rig import demonstration_picture
from doorward_daemon.tools.report import print_json, print_tables, remark, table_of

LINKED = ("packs", "doorward.toml")
"""What the temporary home borrows from the real one."""


def add_parser(commands: Subcommands) -> argparse.ArgumentParser:
    """Adds the command to the group `bench`."""
    parser = add_command(commands, "startup", "measures the time from the start to SERVING and the memory held")
    parser.add_argument(
        "--repeat", type=int, default=3, metavar="N", help="warm starts; their median counts (default: 3)"
    )
    return parser


def run(arguments: argparse.Namespace, context: ToolContext) -> int:
    """Runs the command.

    Raises:
        Conflict: PACK_MISSING, PACK_DAMAGED.
        Fault: INTERNAL, the daemon does not come up; its last words are in the message.
    """
    pack = open_pack(context, arguments.pack).manifest.name
    with TemporaryDirectory(prefix="doorward-bench-") as folder:
        home = _temporary_home(context.home, Path(folder) / "home")
        picture = Path(folder) / "picture.jpg"
        picture.write_bytes(demonstration_picture())
        remark("first start, with an empty compile cache")
        cold = start_once(home, pack, picture)
        warm = []
        for number in range(max(1, arguments.repeat)):
            remark(f"warm start {number + 1}")
            warm.append(start_once(home, pack, picture))
    document = _document(pack, cold, warm)
    if arguments.json:
        print_json(document)
    else:
        _print(document)
    return 0


def _temporary_home(home: Path, temporary: Path) -> Path:
    temporary.mkdir()
    for name in LINKED:
        if (home / name).exists():
            (temporary / name).symlink_to((home / name).resolve())
    return temporary


def _document(pack: str, cold: Start, warm: list[Start]) -> dict[str, Any]:
    return {
        "start_to_serving_ms": round(median(start.to_serving_ms for start in warm), 1),
        "resident_mb": round(median(start.resident_mb for start in warm), 1),
        "cold_start_to_serving_ms": round(cold.to_serving_ms, 1),
        "identified": all(start.identified for start in (cold, *warm)),
        "pack": pack,
        "n": len(warm),
        "hardware": hardware(),
    }


def _print(document: Mapping[str, Any]) -> None:
    held = "after an identification" if document["identified"] else "after the self-test"
    rows = [
        ("start to SERVING, warm compile cache", f"{document['start_to_serving_ms']:.0f} ms"),
        ("start to SERVING, empty compile cache", f"{document['cold_start_to_serving_ms']:.0f} ms"),
        (f"resident memory {held}", f"{document['resident_mb']:.0f} MB"),
    ]
    print_tables(table_of(f"Starting, pack {document['pack']}", ("", "measured"), rows))
    print(document["hardware"])
