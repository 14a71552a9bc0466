"""Device status, self-test reports and packs, as messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doorward_api.v1 import device_pb2, device_service_pb2, pack_pb2
from doorward_daemon.model.decision import DeviceMemory, DeviceTruth
from doorward_daemon.model.self_test import SelfTestCheck, SelfTestReport
from doorward_daemon.model.subject import GalleryStatus
from doorward_daemon.rpc.device import CalibrationInForce, DeviceStatus, PackEntry
from doorward_daemon.rpc.uplink_status import UplinkStatus
from doorward_daemon.rpc.wire_time import wire_duration, wire_enum, wire_timestamp

if TYPE_CHECKING:
    from doorward_daemon.packs.manifest import Calibration, ModelEntry

_DEFAULT_FMR = 1e-3


def wire_status(status: DeviceStatus) -> device_service_pb2.GetStatusResponse:
    """How the device is."""
    return device_service_pb2.GetStatusResponse(
        state=wire_enum(device_pb2.DeviceState.Value, "DEVICE_STATE_", status.state),
        problems=status.problems,
        start_time=wire_timestamp(status.started_at),
        uptime=wire_duration(status.uptime_s),
        resident_memory_bytes=status.resident_memory_bytes,
        pack=status.pack,
        embedding_id=status.embedding_id,
        runtime=None if status.runtime is None else _wire_truth(status.runtime, status.device_memory),
        gallery=None if status.gallery is None else _wire_gallery(status.gallery),
        self_test=None if status.self_test is None else wire_report(status.self_test),
        calibration=None if status.calibration is None else _wire_calibration(status.calibration),
    )


def wire_report(report: SelfTestReport) -> device_pb2.SelfTestReport:
    """Result of a self-test."""
    return device_pb2.SelfTestReport(
        passed=report.passed,
        checks=[_wire_check(check) for check in report.checks],
        run_time=wire_timestamp(report.run_at),
        duration=wire_duration(report.duration_ms / 1000.0),
    )


def wire_uplink(status: UplinkStatus) -> device_service_pb2.GetUplinkStatusResponse:
    """How the connection to the centre is."""
    age_s, since, delay_s = status.oldest_unsent_age_s, status.connected_since, status.next_attempt_delay_s
    return device_service_pb2.GetUplinkStatusResponse(
        state=wire_enum(device_pb2.UplinkState.Value, "UPLINK_STATE_", status.state),
        centre_address=status.centre_address,
        unsent_events=status.unsent_events,
        oldest_unsent_age=None if age_s is None else wire_duration(age_s),
        last_acknowledged_seq=status.last_acknowledged_seq,
        last_problem=status.last_problem,
        connected_time=None if since is None else wire_timestamp(since),
        attempts=status.attempts,
        next_attempt_delay=None if delay_s is None else wire_duration(delay_s),
        alarms=[
            device_service_pb2.UplinkAlarm(kind=kind, count=count) for kind, count in sorted(status.alarms.items())
        ],
        quarantined_events=status.quarantined_events,
    )


def wire_pack(entry: PackEntry) -> pack_pb2.Pack:
    """A pack that this version knows."""
    manifest = entry.manifest
    return pack_pb2.Pack(
        name=manifest.name,
        version=manifest.version,
        description=manifest.description,
        models=[_wire_model(model) for model in manifest.models],
        embedding_id=manifest.embedding_id,
        embedding_dimension=manifest.embedding_dimension,
        installed=entry.installed,
        active=entry.active,
        threshold_at_fmr_1e3=_threshold(manifest.calibration),
    )


def _wire_calibration(calibration: CalibrationInForce) -> device_pb2.CalibrationInForce:
    return device_pb2.CalibrationInForce(
        origin=calibration.origin,
        data=calibration.data,
        verification_threshold=calibration.verification_threshold,
        search_threshold=calibration.search_threshold,
        margin=calibration.margin,
        target_fpir=calibration.target_fpir,
    )


def _wire_check(check: SelfTestCheck) -> device_pb2.SelfTestCheck:
    return device_pb2.SelfTestCheck(name=check.name, passed=check.passed, detail=check.detail)


def _wire_truth(truth: DeviceTruth, memory: DeviceMemory | None) -> device_pb2.RuntimeTruth:
    return device_pb2.RuntimeTruth(
        runtime=truth.runtime,
        runtime_version=truth.runtime_version,
        requested_device=truth.requested_device,
        actual_device=truth.actual_device,
        requested_precision=truth.requested_precision,
        actual_precision=truth.actual_precision,
        fallback_reason=truth.fallback_reason,
        device_memory_used_bytes=None if memory is None else memory.used_bytes,
        device_memory_total_bytes=None if memory is None else memory.total_bytes,
    )


def _wire_gallery(gallery: GalleryStatus) -> device_pb2.GalleryStatus:
    return device_pb2.GalleryStatus(
        subjects=gallery.subjects,
        references=gallery.references,
        foreign_references=gallery.foreign_references,
        revision=gallery.revision,
    )


def _wire_model(model: ModelEntry) -> pack_pb2.PackModel:
    return pack_pb2.PackModel(
        name=model.name,
        role=model.role.value,
        sha256=model.sha256,
        size_bytes=model.size_bytes,
        licence=model.licence,
        sources=model.sources,
        training_data=model.training_data,
    )


def _threshold(calibration: Calibration) -> float:
    """Score at the calibrated rate that is closest to the default one; 0 where nothing is calibrated."""
    pairs = calibration.thresholds_at_fmr
    if not pairs:
        return 0.0
    return min(pairs, key=lambda pair: abs(pair[0] - _DEFAULT_FMR))[1]
