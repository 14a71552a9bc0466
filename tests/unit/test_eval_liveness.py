"""How presentations are counted: what passes, per species, with intervals, and at other thresholds."""

import numpy as np
import pytest

from doorward_daemon.model.liveness import LivenessAssessment, LivenessPolicy, LivenessVerdict
from doorward_daemon.tools.eval_liveness import measure, passes
from doorward_daemon.tools.presentations import BONA_FIDE, Presentation
from doorward_daemon.tools.statistics import bpcer_at_apcer, clopper_pearson_interval

LIVE, SPOOF, UNSURE = LivenessVerdict.LIVE, LivenessVerdict.SPOOF, LivenessVerdict.UNSURE


def shown(species: str, *verdicts: LivenessVerdict | None) -> list[Presentation]:
    scores = {LIVE: 0.9, UNSURE: 0.5, SPOOF: 0.1}
    return [
        Presentation(species, None if verdict is None else LivenessAssessment(verdict, scores[verdict]))
        for verdict in verdicts
    ]


@pytest.mark.parametrize(
    ("policy", "passing"),
    [
        (LivenessPolicy.REQUIRED, {LivenessVerdict.LIVE}),
        (LivenessPolicy.PREFERRED, {LivenessVerdict.LIVE, LivenessVerdict.UNSURE, LivenessVerdict.NOT_CHECKED}),
    ],
)
def test_a_presentation_passes_as_the_doors_policy_says(policy, passing):
    assert {verdict for verdict in LivenessVerdict if passes(policy, verdict)} == passing


def test_errors_are_counted_per_species_and_the_worst_is_named():
    presented = [
        *shown(BONA_FIDE, LIVE, LIVE, UNSURE, SPOOF, None),
        *shown("print", SPOOF, SPOOF, SPOOF, LIVE),
        *shown("phone", SPOOF, UNSURE, None),
        *shown("mask", None),
    ]
    report = measure("tiny", LivenessPolicy.PREFERRED, None, presented)
    assert report.bpcer == 0.25
    assert report.apcer == {"print": 0.25, "phone": 0.5}
    assert (report.apcer_max, report.worst_species) == (0.5, "phone")
    assert (report.n_bona_fide, report.n_attack, report.n_no_response) == (4, 6, 3)
    assert report.n_by_species == {"print": 4, "phone": 2}
    assert report.verdicts["bona_fide"] == {"LIVE": 2, "UNSURE": 1, "SPOOF": 1}
    strict = measure("tiny", LivenessPolicy.REQUIRED, None, presented)
    assert strict.bpcer == 0.5
    assert strict.apcer == {"print": 0.25, "phone": 0.0}


def test_too_few_attacks_give_no_rate_at_another_threshold():
    report = measure("tiny", LivenessPolicy.PREFERRED, 3, [*shown(BONA_FIDE, LIVE), *shown("print", *[SPOOF] * 10)])
    assert (report.bpcer10, report.bpcer20, report.recapture_seed) == (0.0, None, 3)


def test_no_bona_fide_presentation_gives_no_rate():
    report = measure("tiny", LivenessPolicy.PREFERRED, None, shown("print", SPOOF))
    assert (report.bpcer, report.bpcer_interval, report.bpcer10) == (None, None, None)


def test_the_threshold_of_the_worst_species_counts():
    bona_fide = np.linspace(0.05, 0.95, 10)
    attacks = {"easy": np.full(20, 0.01), "hard": np.asarray([0.9, 0.8, *[0.3] * 18])}
    # One of ten may pass: two of twenty, so the threshold lies just above 0.3.
    assert bpcer_at_apcer(bona_fide, attacks, 0.1) == pytest.approx(0.3)
    assert bpcer_at_apcer(bona_fide, attacks, 0.05) == pytest.approx(0.8)
    assert bpcer_at_apcer(bona_fide, {}, 0.1) is None


@pytest.mark.parametrize(
    ("errors", "trials", "low", "high"),
    [(0, 10, 0.0, 0.30850), (5, 10, 0.18709, 0.81291), (1, 100, 0.00025, 0.05446), (100, 100, 0.96378, 1.0),
     (3, 437, 0.00142, 0.01993)],
)  # fmt: skip
def test_exact_intervals_are_those_of_the_tables(errors: int, trials: int, low: float, high: float):
    assert clopper_pearson_interval(errors, trials) == pytest.approx((low, high), abs=2e-5)
