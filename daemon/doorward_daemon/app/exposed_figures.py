"""The figures of the running daemon: what it runs, and where they are read from."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from doorward_daemon.door import Doors
from doorward_daemon.journal import Journal
from doorward_daemon.telemetry import Metrics
from doorward_daemon.telemetry.gate_figures import GateFigures
from doorward_daemon.telemetry.metrics import GallerySize
from doorward_daemon.uplink import Uplink, UplinkState
from doorward_sync.line_choice import LineKind

if TYPE_CHECKING:
    from doorward_daemon.app.rooms import Rooms


def expose(metrics: Metrics, figures: GateFigures, rooms: Rooms, uplink: Uplink) -> None:
    """States what runs, and lets the figures read what changes.

    Args:
        metrics: figures of calls and the pipeline.
        figures: figures of gates and journal.
        rooms: the opened rooms.
        uplink: the connection to the centre.
    """
    metrics.set_runtime(running(rooms))
    metrics.watch_gallery(_gallery_size(rooms))
    figures.watch_cameras(
        lambda: [
            (status.camera_id, status.state.value, status.frames_per_s, status.reconnects)
            for status in rooms.gates.cameras.statuses()
        ]
    )
    expose_record(figures, rooms.journal, uplink)
    expose_doors(figures, rooms.gates.doors)


def expose_record(figures: GateFigures, journal: Journal, uplink: Uplink) -> None:
    """Lets the figures read how the record and its way to the centre are.

    Args:
        figures: figures of gates and journal.
        journal: the record.
        uplink: the connection to the centre.
    """
    figures.watch_outbox(lambda: journal.outbox().unacknowledged, lambda: journal.outbox().oldest_age_s or 0.0)
    figures.watch_uplink(lambda: uplink.report().state is UplinkState.CONNECTED)
    figures.watch_line(lambda: uplink.report().line is LineKind.CALLS)
    figures.watch_hints(lambda: uplink.report().hints)


def expose_doors(figures: GateFigures, doors: Doors) -> None:
    """Lets the figures read what the doors do.

    Args:
        figures: figures of gates and journal.
        doors: the doors.
    """
    figures.watch_doors(doors.ids, partial(_door_counts, doors))


def _door_counts(doors: Doors, door_id: str) -> tuple[int, int]:
    status = doors.status(door_id)
    return status.openings, status.faults


def running(rooms: Rooms) -> dict[str, str]:
    """What runs and where, for the figures."""
    truth = rooms.runtime.truth
    return {
        "pack": rooms.pack.manifest.name,
        "embedding_id": rooms.pack.manifest.embedding_id,
        "runtime": truth.runtime,
        "runtime_version": truth.runtime_version,
        "requested_device": truth.requested_device,
        "actual_device": truth.actual_device,
        "requested_precision": truth.requested_precision,
        "actual_precision": truth.actual_precision,
        "fallback_reason": truth.fallback_reason,
    }


def _gallery_size(rooms: Rooms) -> Callable[[], GallerySize]:
    def read() -> GallerySize:
        index = rooms.gallery.index()
        return GallerySize(index.subjects, index.references, index.revision)

    return read
