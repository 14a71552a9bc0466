"""What the device looks like to a person."""

from doorward_api.v1.device_pb2 import CalibrationInForce, DeviceState, GalleryStatus, RuntimeTruth, SelfTestReport
from doorward_api.v1.device_service_pb2 import GetInfoResponse, GetStatusResponse, ListPacksResponse
from doorward_client.cli.clock import milliseconds, time_text
from doorward_client.cli.layout import card, sections, table
from doorward_client.words import Words


def status_text(status: GetStatusResponse, words: Words) -> str:
    """How the device is."""
    tested = words.label("passed" if status.self_test.passed else "failed")
    return card(
        [
            (words.label("state"), words.value(DeviceState.DESCRIPTOR, status.state)),
            (words.label("problems"), words.label("list_separator").join(status.problems)),
            (words.label("pack"), f"{status.pack} ({status.embedding_id})" if status.pack else ""),
            (words.label("runtime"), _runtime(status.runtime, words) if status.HasField("runtime") else ""),
            (words.label("gallery"), _gallery(status.gallery, words)),
            (words.label("calibration"), _calibration(status.calibration) if status.HasField("calibration") else ""),
            (words.label("self_test"), tested if status.HasField("self_test") else ""),
            (words.label("running_since"), time_text(status.start_time)),
            (words.label("memory"), f"{status.resident_memory_bytes / 1e6:.0f} MB"),
        ]
    )


def _calibration(calibration: CalibrationInForce) -> str:
    return (
        f"{calibration.origin}: 1:1 {calibration.verification_threshold:.3f}, 1:N {calibration.search_threshold:.3f} "
        f"(+{calibration.margin:.3f}, FPIR {calibration.target_fpir:g})"
    )


def info_text(info: GetInfoResponse, words: Words) -> str:
    """What the device is."""
    limits = words.label("limits_of").format(
        bytes=info.max_picture_bytes,
        pixels=info.max_picture_pixels,
        faces=info.max_faces,
        formats=", ".join(info.picture_formats),
    )
    return card(
        [
            (words.label("device"), info.device_id),
            (words.label("version"), info.version),
            (words.label("contract"), info.api_version),
            (words.label("role"), info.role),
            (words.label("limits"), limits),
        ]
    )


def packs_text(response: ListPacksResponse, words: Words) -> str:
    """The packs, one per line."""
    labels = ("pack", "version", "installed", "active", "embedding", "licence", "models")
    rows = [
        (
            pack.name,
            pack.version,
            words.label("yes" if pack.installed else "no"),
            words.label("yes" if pack.active else "no"),
            pack.embedding_id,
            ", ".join(sorted({model.licence for model in pack.models})),
            ", ".join(model.name for model in pack.models),
        )
        for pack in response.packs
    ]
    return table([words.label(label) for label in labels], rows)


def self_test_text(report: SelfTestReport, words: Words) -> str:
    """How each check came out."""
    summary = [
        (words.label("self_test"), words.label("passed" if report.passed else "failed")),
        (words.label("time"), f"{milliseconds(report.duration):.0f} ms"),
    ]
    rows = [(check.name, words.label("passed" if check.passed else "failed"), check.detail) for check in report.checks]
    heads = [words.label(label) for label in ("check", "result", "detail")]
    return sections(card(summary), table(heads, rows) if rows else "")


def _runtime(truth: RuntimeTruth, words: Words) -> str:
    asked = words.label("asked_for").format(device=truth.requested_device, precision=truth.requested_precision)
    runs = f"{truth.runtime} {truth.runtime_version}, {truth.actual_device}, {truth.actual_precision} ({asked})"
    return f"{runs}: {truth.fallback_reason}" if truth.fallback_reason else runs


def _gallery(gallery: GalleryStatus, words: Words) -> str:
    size = words.label("gallery_size").format(
        subjects=words.counted("counted_subjects", gallery.subjects),
        references=words.counted("counted_references", gallery.references),
        revision=gallery.revision,
    )
    if not gallery.foreign_references:
        return size
    foreign = words.counted("foreign_references", gallery.foreign_references)
    return f"{size}{words.label('list_separator')}{foreign}"
