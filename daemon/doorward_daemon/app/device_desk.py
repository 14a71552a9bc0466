"""Tells clients about the device: how it is, what it is, which packs it knows."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from doorward_daemon.app.lifecycle import Lifecycle
from doorward_daemon.app.pipeline_watch import PipelineWatch
from doorward_daemon.app.resident_memory import resident_memory_bytes
from doorward_daemon.config import Settings
from doorward_daemon.gallery import Gallery
from doorward_daemon.identity import GallerySize, OpenSetRule
from doorward_daemon.inference import DeviceRuntime
from doorward_daemon.model.self_test import SelfTestReport
from doorward_daemon.model.subject import GalleryStatus
from doorward_daemon.packs.catalogue import catalogue
from doorward_daemon.packs.manifest import InstalledPack
from doorward_daemon.packs.store import PackStore
from doorward_daemon.rpc.device import CalibrationInForce, DeviceInfo, DeviceStatus, PackEntry


@dataclass(frozen=True, slots=True, eq=False)
class DeskSources:
    """What the desk reads from."""

    settings: Settings
    """What is configured."""
    device_id: str
    """Identity of the device."""
    lifecycle: Lifecycle
    """State of the daemon."""
    watch: PipelineWatch
    """The self-test and its last report."""
    pack: InstalledPack
    """The pack that runs."""
    store: PackStore
    """The packs on this box."""
    runtime: DeviceRuntime
    """Where its models run."""
    gallery: Gallery
    """The subjects."""
    rule: OpenSetRule
    """What names them."""


class DeviceDesk:
    """Answers DeviceService. Thread-safe."""

    def __init__(self, sources: DeskSources) -> None:
        self._sources = sources
        self._started_at = datetime.now(UTC)
        self._started_s = time.monotonic()

    def status(self) -> DeviceStatus:
        """How the device is now."""
        sources, gallery = self._sources, self._sources.gallery.status()
        return DeviceStatus(
            state=sources.lifecycle.state,
            problems=sources.lifecycle.problems,
            started_at=self._started_at,
            uptime_s=time.monotonic() - self._started_s,
            resident_memory_bytes=resident_memory_bytes(),
            pack=sources.pack.manifest.name,
            embedding_id=sources.pack.manifest.embedding_id,
            runtime=sources.runtime.truth,
            device_memory=sources.runtime.memory,
            gallery=gallery,
            self_test=sources.watch.last_report,
            calibration=self._calibration(gallery),
        )

    def _calibration(self, gallery: GalleryStatus) -> CalibrationInForce:
        manifest, rule = self._sources.pack.manifest, self._sources.rule
        return CalibrationInForce(
            origin=manifest.calibration.origin or f"pack {manifest.name}",
            data=manifest.calibration.data,
            verification_threshold=rule.verification_threshold,
            search_threshold=rule.threshold_for(GallerySize(max(1, gallery.subjects), max(1, gallery.references))),
            margin=rule.margin,
            target_fpir=rule.target_fpir,
        )

    def info(self) -> DeviceInfo:
        """What the device is."""
        settings = self._sources.settings
        return DeviceInfo(
            device_id=self._sources.device_id,
            version=version("doorward"),
            max_picture_bytes=settings.picture.max_bytes,
            max_picture_pixels=settings.picture.max_pixels,
            max_faces=settings.detection.max_faces,
        )

    def packs(self) -> Sequence[PackEntry]:
        """The packs this version knows, by name."""
        sources = self._sources
        active = sources.pack.manifest
        installed = set(sources.store.installed())
        return [
            PackEntry(
                active if manifest.name == active.name else manifest,
                installed=manifest.name in installed,
                active=manifest.name == active.name,
            )
            for manifest in sorted(catalogue(), key=lambda manifest: manifest.name)
        ]

    def run_self_test(self) -> SelfTestReport:
        """Sends the golden picture through the live pipeline."""
        return self._sources.watch.run()
