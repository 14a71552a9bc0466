"""Opens the gates of a box: doors, cameras, and a loop between each camera and its door."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from doorward_daemon.camera import Cameras
from doorward_daemon.config import Settings
from doorward_daemon.door import Doors, open_doors
from doorward_daemon.entry import DecisionMemory, EntryDesk
from doorward_daemon.errors import ErrorReason, FieldProblem, InvalidInput
from doorward_daemon.gallery import Gallery
from doorward_daemon.gate_loop import GateLoop, GateMetrics, GateParts, TrackingIdentifier, ViewHub, open_gate_parts
from doorward_daemon.identity import OpenSetRule
from doorward_daemon.journal import Journal
from doorward_daemon.recognition.opening import PackModels
from doorward_daemon.state.lease import Lease
from doorward_daemon.state.start_record import read_boot_id

_STOP_S = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Judging:
    """What every gate judges with."""

    models: PackModels
    """The models of the pack."""
    gallery: Gallery
    """The subjects."""
    rule: OpenSetRule
    """The open-set rule."""


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """Where decisions go."""

    journal: Journal
    """Keeps them."""
    memory: DecisionMemory
    """Remembers their faces for some minutes."""


@dataclass(frozen=True, slots=True, eq=False)
class Gates:
    """The gates of a box while they are open."""

    cameras: Cameras
    """The cameras."""
    doors: Doors
    """The doors."""
    desk: EntryDesk
    """Decides, records, opens."""
    loops: dict[str, GateLoop]
    """The loop of each camera that looks at a door."""
    lease: Lease
    """How long the centre has been silent."""


def open_gates(
    settings: Settings, judging: Judging, records: Records, metrics: GateMetrics, stack: ExitStack, data: Path
) -> Gates:
    """Opens doors and cameras and starts the loops; `stack` stops them in reverse.

    Args:
        settings: the whole configuration.
        judging: what judges.
        records: where decisions go.
        metrics: where they are counted.
        stack: closes what was opened.
        data: the folder of what is kept.

    Raises:
        InvalidInput: CONFIG_INVALID, a camera names a door there is not, or a name stands twice.
    """
    _check_names(settings)
    doors = stack.enter_context(open_doors(settings.doors))
    lease = Lease(data / "lease.json", settings.uplink.lease_h * 3600.0, read_boot_id())
    denies = settings.uplink.on_lease_end == "deny"

    def is_shut() -> bool:
        return denies and lease.is_over

    policies = {door.door_id: door.policy for door in settings.doors}
    desk = EntryDesk(records.journal, doors, policies, is_shut=is_shut, remember=records.memory.keep)
    cameras = stack.enter_context(Cameras(settings.cameras))
    loops: dict[str, GateLoop] = {}
    for camera in settings.cameras:
        if not camera.door_id:
            continue
        parts = open_gate_parts(
            judging.models, judging.gallery, judging.rule, desk.policy_of(camera.door_id), settings.gate_loop
        )
        hub = ViewHub(camera.camera_id, settings.gate_loop.max_watchers)
        gate = GateParts(identifier=TrackingIdentifier(parts), desk=desk, hub=hub, metrics=metrics)
        loop = GateLoop(cameras[camera.camera_id], camera.door_id, gate, settings.gate_loop)
        loop.start()
        stack.callback(loop.stop, _STOP_S)
        loops[camera.camera_id] = loop
    return Gates(cameras, doors, desk, loops, lease)


def _check_names(settings: Settings) -> None:
    door_ids = [door.door_id for door in settings.doors]
    camera_ids = [camera.camera_id for camera in settings.cameras]
    problems = [
        FieldProblem(f"cameras.{camera.camera_id}.door_id", f"there is no door {camera.door_id!r}")
        for camera in settings.cameras
        if camera.door_id and camera.door_id not in door_ids
    ]
    for kind, names in (("doors", door_ids), ("cameras", camera_ids)):
        problems += [FieldProblem(kind, f"{name!r} stands twice") for name in set(names) if names.count(name) > 1]
    if problems:
        text = "; ".join(f"{problem.field}: {problem.problem}" for problem in problems)
        raise InvalidInput(ErrorReason.CONFIG_INVALID, text, problems=problems)
