"""What is heard at a gate: only frames that count, each with the time of every step, summed up as the report has it."""

import itertools

import numpy as np
import pytest

from doorward_daemon.errors import ErrorReason, NotReady
from doorward_daemon.journal import EventDraft
from doorward_daemon.model.decision import Outcome
from doorward_daemon.tools.camera_measurement import summed_up
from doorward_daemon.tools.gate_ear import DecidedFrame, GateEar, ListeningRecorder
from doorward_testing.gate_site import NotebookRecorder, frame_of

MS = 1_000_000


def decided_frame(captured_ms: int, judged_ms: int, **models: float) -> DecidedFrame:
    frame = frame_of(np.zeros((4, 4, 3), np.uint8), 1, captured_ms * MS)
    return DecidedFrame(frame, Outcome.MATCHED, {"wait": 1.0}, models, judged_ms * MS)


def heard(*totals_ms: int) -> list[DecidedFrame]:
    ear = GateEar()
    for total_ms in totals_ms:
        ear.await_record(decided_frame(100, 110, detector=4.0, embedder=6.0))
        ear.recorded(111 * MS, (100 + total_ms) * MS)
    return ear.decided


def test_a_frame_is_timed_from_its_capture_to_the_end_of_the_commit():
    (decided,) = heard(20)
    assert decided.total_ms == pytest.approx(20.0)
    assert decided.stages == pytest.approx({"wait": 1.0, "hand_over": 1.0, "record": 9.0})


@pytest.mark.parametrize("bounds_ms", [(101, 200), (50, 100)])
def test_frames_before_and_after_the_measurement_do_not_count(bounds_ms):
    ear = GateEar(counts_from_ns=bounds_ms[0] * MS, counts_until_ns=bounds_ms[1] * MS)
    ear.await_record(decided_frame(100, 110))
    ear.recorded(111 * MS, 120 * MS)
    assert ear.decided == []


def test_a_record_nobody_waits_for_is_passed_over():
    ear = GateEar()
    ear.recorded(1, 2)
    assert ear.decided == []


def test_the_report_sets_the_median_beside_the_sum_of_the_models_medians():
    report = summed_up(heard(20, 30, 10))
    assert report["frame_to_decision_ms"] == {"min": 10.0, "p50": 20.0, "p99": pytest.approx(29.8)}
    assert report["models_sum_ms"] == pytest.approx(10.0)
    assert report["overhead_ratio"] == pytest.approx(2.0)
    assert (report["n"], report["outcomes"]) == (3, ["MATCHED"])


def test_only_decisions_count_not_what_the_door_did():
    ear, notebook, numbers = GateEar(), NotebookRecorder(), itertools.count()
    recorder = ListeningRecorder(notebook, ear)
    for kind in ("door.opened", "access.granted", "door.opened"):
        if kind == "access.granted":
            ear.await_record(decided_frame(0, 0))
        recorder.append(EventDraft(kind, {}, op_id=f"test:{next(numbers)}"))
    assert notebook.kinds() == ["door.opened", "access.granted", "door.opened"]
    assert len(ear.decided) == 1
    assert recorder.event_of("test:1") is notebook.events[1]


def test_a_decision_the_disk_did_not_take_is_not_measured():
    ear, notebook = GateEar(), NotebookRecorder(disk="slow")
    ear.await_record(decided_frame(0, 0))
    with pytest.raises(NotReady) as caught:
        ListeningRecorder(notebook, ear).append(EventDraft("access.granted", {}))
    assert caught.value.reason is ErrorReason.JOURNAL_SLOW
    assert ear.decided == []
