"""What DeviceService tells about the device, before it becomes messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from doorward_daemon.model.decision import DeviceMemory, DeviceTruth
from doorward_daemon.model.self_test import SelfTestReport
from doorward_daemon.model.subject import GalleryStatus

if TYPE_CHECKING:
    from doorward_daemon.packs.manifest import PackManifest


class DeviceState(StrEnum):
    """State of the daemon; equal to the wire contract's DeviceState."""

    STARTING = "STARTING"
    SERVING = "SERVING"
    DEGRADED = "DEGRADED"
    DRAINING = "DRAINING"
    STOPPED = "STOPPED"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationInForce:
    """What decides at which comparison score somebody is named."""

    origin: str
    """`pack NAME`, or `site DATE`."""
    data: str
    """The data and the command it was measured with."""
    verification_threshold: float
    """Comparison score needed one to one."""
    search_threshold: float
    """Comparison score needed in a search of the gallery as it is now."""
    margin: float
    """Lead over the best other subject needed in a search."""
    target_fpir: float
    """Share of searches by strangers that may name anybody, 0..1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStatus:
    """How the device is now."""

    state: DeviceState
    """State of the daemon."""
    problems: tuple[str, ...]
    """What does not work, one sentence each; empty in SERVING."""
    started_at: datetime
    """When the daemon started; aware, UTC."""
    uptime_s: float
    """How long it has run, seconds."""
    resident_memory_bytes: int
    """Resident memory."""
    pack: str = ""
    """Pack that runs; empty while none is loaded."""
    embedding_id: str = ""
    """Embedding space of that pack."""
    runtime: DeviceTruth | None = None
    """Where and how its models run; None while none is loaded."""
    device_memory: DeviceMemory | None = None
    """Memory of the accelerator in use; None on the CPU and where it is not told."""
    gallery: GalleryStatus | None = None
    """The gallery; None while it is not open."""
    self_test: SelfTestReport | None = None
    """The last self-test; None before the first."""
    calibration: CalibrationInForce | None = None
    """What decides at which comparison score somebody is named; None while no pack is loaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceInfo:
    """What the device is; the servicer adds the caller's role, the contract's version and the message limit."""

    device_id: str
    """Identity of the device, made once for its data folder."""
    version: str
    """Version of the daemon."""
    max_picture_bytes: int
    """Largest picture accepted, in bytes."""
    max_picture_pixels: int
    """Largest picture accepted, in pixels."""
    max_faces: int
    """Faces reported at most per picture."""
    picture_formats: tuple[str, ...] = ("jpeg", "png", "webp", "bmp")
    """Picture formats accepted."""


@dataclass(frozen=True, slots=True)
class PackEntry:
    """One pack that this version knows."""

    manifest: PackManifest
    """What it says about itself; hashes and sizes as installed where it is installed, else of its sources."""
    installed: bool
    """Whether its files are on this box."""
    active: bool
    """Whether the daemon runs it."""
