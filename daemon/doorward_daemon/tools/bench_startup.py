"""`doorwardd bench startup`: time from the start of the real daemon to ready, and the memory it then holds."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from doorward_daemon.journal.raw_limit import leave_long_log
from doorward_daemon.tools.command import Subcommands, add_command
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.daemon_process import Start, start_once
from doorward_daemon.tools.hardware import hardware
from doorward_daemon.tools.lab import open_pack
from doorward_daemon.tools.ledger_start import import_libraries_once, start_ledger_once
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
    parser.add_argument(
        "--ledger-only",
        action="store_true",
        help="measures `serve --ledger-only`, killed and started again",
    )
    parser.add_argument(
        "--wal-mib",
        type=int,
        default=0,
        metavar="N",
        help="with --ledger-only: MiB of log a start finds (default: 0)",
    )
    return parser


def run(arguments: argparse.Namespace, context: ToolContext) -> int:
    """Runs the command.

    Raises:
        Conflict: PACK_MISSING, PACK_DAMAGED.
        Fault: INTERNAL, the daemon does not come up; its last words are in the message.
    """
    if arguments.ledger_only:
        document = _measure_ledger(max(1, arguments.repeat), max(0, arguments.wal_mib))
        print_json(document) if arguments.json else _print_ledger(document)
        return 0
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


def _measure_ledger(repeat: int, wal_mib: int) -> dict[str, Any]:
    with TemporaryDirectory(prefix="doorward-bench-") as folder:
        # The first ones make the home and the bytecode, as an installation would have.
        start_ledger_once(Path(folder), kill=True)
        import_libraries_once(Path(folder))
        starts, floors = [], []
        for number in range(repeat):
            remark(f"start {number + 1}")
            floors.append(import_libraries_once(Path(folder)))
            if wal_mib:
                leave_long_log(Path(folder) / "home" / "data" / "journal.db", wal_mib * 1024 * 1024)
            starts.append(start_ledger_once(Path(folder), kill=True))
    ready_ms = [start.to_ready_ms for start in starts]
    return {
        "start_to_ready_ms": round(median(ready_ms), 1),
        "fastest_ms": round(min(ready_ms), 1),
        "slowest_ms": round(max(ready_ms), 1),
        "libraries_only_ms": round(median(floors), 1),
        "ratio": round(median(ready_ms) / median(floors), 2),
        "resident_mb": round(median(start.resident_mb for start in starts), 1),
        "wal_mib": wal_mib,
        "n": repeat,
        "hardware": hardware(),
    }


def _print_ledger(document: Mapping[str, Any]) -> None:
    rows = [
        ("start to ready after SIGKILL", f"{document['start_to_ready_ms']:.0f} ms"),
        ("an interpreter that imports the libraries", f"{document['libraries_only_ms']:.0f} ms"),
        ("resident memory", f"{document['resident_mb']:.0f} MB"),
    ]
    print_tables(table_of("Starting, ledger only", ("", "measured"), rows))
    print(document["hardware"])


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
