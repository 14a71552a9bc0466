"""`doorwardd bench soak`: the real daemon before its demonstration camera for a long time, and what memory it holds."""

import argparse
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from doorward_daemon.errors import ErrorReason, Fault
from doorward_daemon.recognition.self_test import golden_picture
from doorward_daemon.tools.command import Subcommands, add_command
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.daemon_process import serving
from doorward_daemon.tools.exposition import Figures, read_figures, total_by
from doorward_daemon.tools.hardware import hardware
from doorward_daemon.tools.lab import open_pack
from doorward_daemon.tools.ledger_start import resident_mb
from doorward_daemon.tools.report import print_json, print_tables, remark, table_of

WINDOW_S = 60.0
"""Memory at a moment is the median of the samples of one minute: a picture in hand is no growth."""
_CONFIGURATION = """\
[[doors]]
door_id = "main"
[doors.policy]
liveness = "off"

[[cameras]]
camera_id = "gate"
source = "demo"
door_id = "main"
"""


@dataclass(frozen=True, slots=True)
class Sample:
    """The memory at one moment."""

    at_s: float
    """Seconds since SERVING."""
    resident_mb: float
    """Resident memory, 10^6 bytes."""


def add_parser(commands: Subcommands) -> argparse.ArgumentParser:
    """Adds the command to the group `bench`."""
    parser = add_command(commands, "soak", "lets the daemon watch its demonstration camera and weighs its memory")
    parser.add_argument("--minutes", type=float, default=60.0, metavar="N", help="how long (default: 60)")
    parser.add_argument(
        "--settle-minutes", type=float, default=5.0, metavar="N", help="before memory counts as settled (default: 5)"
    )
    parser.add_argument(
        "--every-seconds", type=float, default=10.0, metavar="N", help="between two samples (default: 10)"
    )
    return parser


def run(arguments: argparse.Namespace, context: ToolContext) -> int:
    """Runs the command.

    Raises:
        Conflict: PACK_MISSING, PACK_DAMAGED.
        Fault: INTERNAL, the daemon does not come up, or ended on the way.
    """
    pack = open_pack(context, arguments.pack).manifest.name
    with TemporaryDirectory(prefix="dw-") as folder:
        home = Path(folder)
        (home / "packs").symlink_to((context.home / "packs").resolve())
        (home / "doorward.toml").write_text(_CONFIGURATION, encoding="utf-8")
        picture = home / "astronaut.png"
        picture.write_bytes(golden_picture())
        with serving(home, pack) as served:
            _enrol(home, picture)
            samples = _watch(served.pid, arguments.minutes * 60.0, max(0.05, arguments.every_seconds))
            figures = read_figures(served.http_port)
    document = summarise(samples, arguments.settle_minutes * 60.0) | _told(figures) | {"pack": pack}
    document["hardware"] = hardware()
    if arguments.json:
        print_json(document)
    else:
        _print(document)
    return 0


def summarise(samples: Sequence[Sample], settle_s: float) -> dict[str, Any]:
    """What the samples say.

    Args:
        samples: in order, at least one.
        settle_s: seconds before memory counts as settled; half of the time where that is less.
    """
    last_s = samples[-1].at_s
    settled_s = min(settle_s, last_s / 2)
    settled = _around(samples, settled_s, settled_s + WINDOW_S)
    end = _around(samples, last_s - WINDOW_S, last_s)
    return {
        "minutes": round(last_s / 60.0, 2),
        "settled_after_minutes": round(settled_s / 60.0, 2),
        "resident_settled_mb": round(settled, 2),
        "resident_end_mb": round(end, 2),
        "resident_max_mb": round(max(sample.resident_mb for sample in samples if sample.at_s >= settled_s), 2),
        "growth_mb": round(end - settled, 2),
        "n": len(samples),
    }


def _around(samples: Sequence[Sample], begin_s: float, end_s: float) -> float:
    inside = [sample.resident_mb for sample in samples if begin_s <= sample.at_s <= end_s]
    return median(inside) if inside else samples[-1].resident_mb


def _watch(pid: int, length_s: float, every_s: float) -> list[Sample]:
    started_s = time.monotonic()
    samples: list[Sample] = []
    while not samples or samples[-1].at_s < length_s:
        time.sleep(min(every_s, max(0.0, length_s - (time.monotonic() - started_s))))
        try:
            samples.append(Sample(time.monotonic() - started_s, resident_mb(pid)))
        except (OSError, StopIteration) as error:
            raise Fault(
                ErrorReason.INTERNAL, f"the daemon ended after {time.monotonic() - started_s:.0f} s of the soak"
            ) from error
        if len(samples) % 30 == 0:
            remark(f"{samples[-1].at_s / 60.0:.1f} min: {samples[-1].resident_mb:.1f} MB")
    return samples


def _enrol(home: Path, picture: Path) -> None:
    target = f"unix:{home / 'run' / 'operator.sock'}"
    command = [sys.executable, "-m", "doorward_client.cli", "enrol", "--id", "astronaut", str(picture)]
    done = subprocess.run([*command, "--target", target], capture_output=True, text=True, check=False, timeout=60)
    if done.returncode != 0:
        raise Fault(ErrorReason.INTERNAL, f"doorward enrol ended with {done.returncode}: {done.stderr.strip()}")


def _told(figures: Figures) -> dict[str, Any]:
    return {
        "frames": int(total_by(figures, "doorward_frames_total", "camera").get("gate", 0)),
        "dropped": int(total_by(figures, "doorward_frames_dropped", "camera").get("gate", 0)),
        "decisions": {
            outcome: int(count) for outcome, count in total_by(figures, "doorward_decisions_total", "outcome").items()
        },
        "events": int(sum(figures.get("doorward_journal_events_total", {}).values())),
    }


def _print(document: Mapping[str, Any]) -> None:
    rows = [
        (f"resident after {document['settled_after_minutes']:g} min", f"{document['resident_settled_mb']:.1f} MB"),
        (f"resident after {document['minutes']:g} min", f"{document['resident_end_mb']:.1f} MB"),
        ("growth", f"{document['growth_mb']:+.1f} MB"),
        ("frames judged / dropped", f"{document['frames']} / {document['dropped']}"),
        ("decisions", ", ".join(f"{name} {count}" for name, count in document["decisions"].items())),
    ]
    print_tables(table_of(f"Demonstration camera, pack {document['pack']}", ("", "measured"), rows))
    print(document["hardware"])
