"""Figures of a running daemon for Prometheus, in a registry of their own."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""Content type of the exposition."""

# Stages take fractions of a millisecond (align) to tens (embed); 0.033 s is one frame at 30 fps.
_STAGE_BUCKETS_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.033, 0.05, 0.1, 0.25, 0.5, 1.0)
_CALL_BUCKETS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class GallerySize:
    """How much the gallery holds."""

    subjects: int
    """Enrolled subjects."""
    references: int
    """References that are searched."""
    revision: int
    """Raised by every change."""


class Metrics:
    """Counts what happens. Thread-safe; holds nothing global, so that two daemons in one process do not meet."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._identifications = self._counter(
            "doorward_identifications", "Identifications by outcome and the rule that gave it.", "outcome", "rule"
        )
        self._remembered = Counter(
            "doorward_remembered_answers",
            "Identifications answered from memory: the same picture, the same gallery.",
            registry=self.registry,
        )
        self._verifications = self._counter(
            "doorward_verifications", "Verifications by outcome and the rule that gave it.", "outcome", "rule"
        )
        self._quality_reasons = self._counter(
            "doorward_quality_reasons", "Reasons against judged faces; one face may have several.", "reason"
        )
        self._refusals = self._counter("doorward_picture_refusals", "Pictures refused before decoding.", "reason")
        self._calls = self._counter("doorward_rpc_calls", "Calls that ended, by method and code.", "method", "code")
        self._stage_s = Histogram(
            "doorward_stage_duration_seconds",
            "Time per stage of a decision.",
            ["stage"],
            buckets=_STAGE_BUCKETS_S,
            registry=self.registry,
        )
        self._call_s = Histogram(
            "doorward_rpc_duration_seconds",
            "Time from a call's arrival to its end, waiting included.",
            ["method"],
            buckets=_CALL_BUCKETS_S,
            registry=self.registry,
        )
        self._runtime = Info("doorward_runtime", "Pack and device: requested and actual.", registry=self.registry)
        self._self_test = self._gauge("doorward_self_test_passed", "1 where the last self-test passed, else 0.")

    def count_identification(self, outcome: str, rule: str) -> None:
        """Counts one identification."""
        self._identifications.labels(outcome, rule).inc()

    def count_remembered_answer(self) -> None:
        """Counts one identification that was answered from memory."""
        self._remembered.inc()

    def count_verification(self, outcome: str, rule: str) -> None:
        """Counts one verification."""
        self._verifications.labels(outcome, rule).inc()

    def count_quality_reasons(self, reasons: Iterable[str]) -> None:
        """Counts the reasons against one judged face."""
        for reason in reasons:
            self._quality_reasons.labels(reason).inc()

    def count_picture_refusal(self, reason: str) -> None:
        """Counts one picture that was refused before it was judged."""
        self._refusals.labels(reason).inc()

    def observe_stages(self, times_ms: Iterable[tuple[str, float]]) -> None:
        """Records the stages of one decision as (name, milliseconds)."""
        for stage, duration_ms in times_ms:
            self._stage_s.labels(stage).observe(duration_ms / 1000.0)

    def count_call(self, method: str, code: str, duration_s: float) -> None:
        """Counts one call that ended; `method` must be one that exists, labels are never made by callers."""
        self._calls.labels(method, code).inc()
        self._call_s.labels(method).observe(duration_s)

    def set_runtime(self, truth: Mapping[str, str]) -> None:
        """States pack and device: names to values, e.g. pack, embedding_id, requested_device, actual_device."""
        self._runtime.info(dict(truth))

    def set_self_test(self, *, passed: bool) -> None:
        """States how the last self-test came out."""
        self._self_test.set(1.0 if passed else 0.0)

    def watch_gallery(self, read_size: Callable[[], GallerySize]) -> None:
        """Reads the gallery's size whenever the figures are asked for; `read_size` must be quick and never fail."""
        gauges: tuple[tuple[str, str, Callable[[], float]], ...] = (
            ("doorward_gallery_subjects", "Enrolled subjects.", lambda: read_size().subjects),
            ("doorward_gallery_references", "References that are searched.", lambda: read_size().references),
            ("doorward_gallery_revision", "Revision of the gallery.", lambda: read_size().revision),
        )
        for name, text, read in gauges:
            self._gauge(name, text).set_function(read)

    def exposition(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, registry=self.registry)
