"""What the commands print: one JSON document, or a table for people."""

import json
import sys
from collections.abc import Sequence
from typing import Any

from doorward_central.error import CentreError

_COLUMNS = {
    "events": ("receive_time", "device_id", "lane", "seq", "kind", "payload_json"),
    "devices": (
        "device_id",
        "connected",
        "last_seen_time",
        "address",
        "version",
        "stored_events",
        "conflicts",
        "group",
    ),
    "group": ("group", "update_time", "device_ids"),
    "config": ("device_id", "group", "revision", "device_revision", "answered_revision", "problem", "restart_sections"),
    "origins": ("key", "source"),
    "command": ("command_id", "device_id", "kind", "door_id", "sent", "outcome", "detail"),
    "commands": ("command_id", "device_id", "kind", "door_id", "sent", "outcome", "detail"),
    "subjects": ("subject_id", "display_name", "reference_count", "version", "erased", "pending_device_ids"),
}


def print_document(document: dict[str, Any], *, as_json: bool) -> None:
    """Prints an answer on standard output.

    Args:
        document: the answer.
        as_json: as it is; else its list as a table.
    """
    if as_json:
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
        return
    name, rows = next(iter(document.items()))
    _print_table(name, rows if isinstance(rows, list) else [rows])
    if isinstance(rows, dict) and rows.get("origins"):
        sys.stdout.write("\n")
        _print_table("origins", rows["origins"])
    if isinstance(rows, dict) and rows.get("document_toml"):
        sys.stdout.write(f"\n{rows['document_toml'].rstrip()}\n")


def _print_table(name: str, rows: list[dict[str, Any]]) -> None:
    columns = _COLUMNS.get(name, _COLUMNS["subjects"])
    table = [tuple(columns), *(tuple(str(row.get(column, "")) for column in columns) for row in rows)]
    sys.stdout.write("".join(f"{line}\n" for line in _aligned(table)))


def print_figures(figures: dict[str, object], *, as_json: bool) -> None:
    """Prints what was measured on standard output.

    Args:
        figures: by name; groups of them by the name of the group.
        as_json: as it is; else one figure a line.
    """
    if as_json:
        sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")
        return
    for name, value in figures.items():
        parts = {f"{name}.{part}": one for part, one in value.items()} if isinstance(value, dict) else {name: value}
        sys.stdout.write("".join(f"{part:<32} {one}\n" for part, one in parts.items()))


def print_error(error: CentreError, *, as_json: bool) -> int:
    """Prints what went wrong.

    Returns:
        How the process ends.
    """
    if as_json:
        told = {"reason": error.reason, "message": error.message, "metadata": error.metadata}
        sys.stdout.write(json.dumps({"error": told}, ensure_ascii=False) + "\n")
    sys.stderr.write(f"doorward-central: {error.message} ({error.reason})\n")
    return error.exit_code


def _aligned(table: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[place]) for row in table) for place in range(len(table[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
