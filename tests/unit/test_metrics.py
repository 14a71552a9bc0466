"""Figures for Prometheus: what is counted, under which names, and that nothing is global."""

import prometheus_client
from prometheus_client.parser import text_string_to_metric_families

from doorward_daemon.telemetry import GallerySize, Metrics


def samples(metrics: Metrics) -> dict[str, float]:
    """Every sample of the exposition, as `name{label="value"}`."""
    found = {}
    for family in text_string_to_metric_families(metrics.exposition().decode()):
        for sample in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}"] = sample.value
    return found


def test_outcomes_are_counted_by_outcome_and_rule():
    metrics = Metrics()
    metrics.count_identification("MATCHED", "THRESHOLD_AND_MARGIN")
    metrics.count_identification("UNKNOWN", "BELOW_THRESHOLD")
    metrics.count_identification("UNKNOWN", "BELOW_THRESHOLD")
    metrics.count_verification("SPOOF", "LIVENESS")
    found = samples(metrics)
    assert found['doorward_identifications_total{outcome="UNKNOWN",rule="BELOW_THRESHOLD"}'] == 2
    assert found['doorward_verifications_total{outcome="SPOOF",rule="LIVENESS"}'] == 1


def test_each_reason_against_a_face_is_counted():
    metrics = Metrics()
    metrics.count_quality_reasons(["BLUR", "YAW"])
    metrics.count_quality_reasons(["BLUR"])
    assert samples(metrics)['doorward_quality_reasons_total{reason="BLUR"}'] == 2


def test_stages_come_in_milliseconds_and_are_told_in_seconds():
    metrics = Metrics()
    metrics.observe_stages([("detect", 6.0), ("embed", 40.0)])
    found = samples(metrics)
    assert found['doorward_stage_duration_seconds_bucket{le="0.005",stage="detect"}'] == 0
    assert found['doorward_stage_duration_seconds_bucket{le="0.01",stage="detect"}'] == 1
    assert abs(found['doorward_stage_duration_seconds_sum{stage="embed"}'] - 0.04) < 1e-9


def test_calls_are_counted_by_method_and_code_and_timed_by_method():
    metrics = Metrics()
    metrics.count_call("/a/B", "OK", 0.004)
    found = samples(metrics)
    assert found['doorward_rpc_calls_total{code="OK",method="/a/B"}'] == 1
    assert found['doorward_rpc_duration_seconds_bucket{le="0.005",method="/a/B"}'] == 1


def test_pack_and_device_are_told_requested_and_actual():
    metrics = Metrics()
    metrics.set_runtime({"pack": "compact", "requested_device": "gpu", "actual_device": "cpu"})
    assert samples(metrics)['doorward_runtime_info{actual_device="cpu",pack="compact",requested_device="gpu"}'] == 1


def test_the_gallery_is_read_when_it_is_asked_for():
    metrics = Metrics()
    size = [GallerySize(1, 2, 3)]
    metrics.watch_gallery(lambda: size[0])
    assert samples(metrics)["doorward_gallery_subjects{}"] == 1
    size[0] = GallerySize(5, 9, 12)
    found = samples(metrics)
    assert [found[f"doorward_gallery_{name}{{}}"] for name in ("subjects", "references", "revision")] == [5, 9, 12]


def test_the_self_test_memory_and_refused_pictures_are_told():
    metrics = Metrics()
    metrics.set_self_test(passed=True)
    metrics.count_picture_refusal("PICTURE_DAMAGED")
    found = samples(metrics)
    assert found["doorward_self_test_passed{}"] == 1
    assert found["process_resident_memory_bytes{}"] > 10_000_000
    assert found['doorward_picture_refusals_total{reason="PICTURE_DAMAGED"}'] == 1


def test_two_sets_of_figures_do_not_meet_and_nothing_is_global():
    first, second = Metrics(), Metrics()
    first.count_identification("MATCHED", "THRESHOLD_AND_MARGIN")
    assert not any(name.startswith("doorward_identifications_total{") for name in samples(second))
    names = {family.name for family in prometheus_client.REGISTRY.collect()}
    assert not any(name.startswith("doorward") for name in names)
