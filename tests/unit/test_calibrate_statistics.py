"""The constants of a pack, read off scores whose answer is known."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward_daemon.tools.statistics.calibration import LEAD_LOSS, fit_slope, parting_norm, round_up, widest_margin
from doorward_daemon.tools.statistics.cohort import Crowd, ImpostorCohort


def crowd_of(angles_deg, persons):
    angles = np.radians(angles_deg)
    return Crowd(np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32), np.asarray(persons))


def crowd_at_random(n_persons, photos_each, seed):
    vectors = np.random.default_rng(seed).standard_normal((n_persons * photos_each, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Crowd(vectors, np.repeat(np.arange(n_persons), photos_each))


def test_photos_of_one_person_are_no_impostor_pairs():
    cohort = ImpostorCohort.within(crowd_of([0, 10, 90], [0, 0, 1]))
    assert cohort.impostor() == pytest.approx([0.0, math.cos(math.radians(80))], abs=1e-6)


def test_pairs_above_the_look_alike_limit_are_left_out_and_counted():
    crowd = crowd_of([0, 1, 90], [0, 1, 2])
    cohort = ImpostorCohort.within(crowd, look_alike_limit=0.9)
    assert len(cohort.impostor()) == 2
    assert cohort.n_excluded == 1
    assert ImpostorCohort.within(crowd).n_excluded == 0


def test_two_groups_are_compared_in_full():
    cohort = ImpostorCohort.between(crowd_of([0, 5], [0, 0]), crowd_of([60, 90, 95], [0, 1, 2]))
    assert len(cohort.impostor()) == 6


def test_the_spread_of_a_threshold_holds_it_and_narrows_with_more_people():
    few, many = crowd_at_random(15, 2, seed=1), crowd_at_random(150, 2, seed=1)
    spreads = [ImpostorCohort.within(crowd).threshold_spread([1e-2], draws=40)[0] for crowd in (few, many)]
    widths = [high - low for low, high in spreads]
    assert widths[1] < widths[0]
    assert all(low <= high for low, high in spreads)


def test_a_drawn_person_is_never_compared_with_itself():
    crowd = crowd_at_random(12, 4, seed=2)
    duplicated = Crowd(crowd.vectors, crowd.persons)
    low, high = ImpostorCohort.within(duplicated).threshold_spread([1e-2], draws=40)[0]
    # A photo beside its own copy would score 1 and push the threshold there.
    assert high < 0.99
    assert low > 0.0


def test_slope_of_logistic_scores_is_found_again():
    # Scores whose odds of being genuine are exactly exp(slope * (score - threshold)), classes equally common.
    slope, threshold = 12.0, 0.3
    scores = np.linspace(threshold - 1.0, threshold + 1.0, 20_001)
    is_genuine = np.random.default_rng(5).random(len(scores)) < 1 / (1 + np.exp(-slope * (scores - threshold)))
    assert fit_slope(scores[is_genuine], scores[~is_genuine], threshold) == pytest.approx(slope, rel=0.05)


def test_slope_stays_finite_where_the_scores_do_not_overlap():
    slope = fit_slope(np.full(50, 0.7), np.full(500, 0.0), 0.35)
    assert 5.0 < slope < 100.0


def test_margin_costs_no_more_than_its_share_of_right_answers():
    leads = np.linspace(0.0, 1.0, 1001)
    margin = widest_margin(leads)
    assert np.mean(leads < margin) <= LEAD_LOSS
    assert margin == pytest.approx(LEAD_LOSS, abs=1e-3)
    assert widest_margin(np.asarray([-0.2, 0.3])) == 0.0


def test_parting_norm_lies_in_the_gap_between_kept_and_lost():
    assert parting_norm(np.asarray([8.0, 9.0, 10.0]), np.asarray([2.0, 3.0, 6.0])) == pytest.approx(7.0)


def test_parting_norm_leaves_the_fewest_misses():
    kept, lost = np.asarray([5.0, 8.0, 9.0, 10.0]), np.asarray([2.0, 3.0, 6.0, 6.5])
    assert parting_norm(kept, lost) == pytest.approx(7.25)


@given(st.floats(-1.0, 1.0))
def test_a_threshold_is_never_written_down_looser_than_measured(score):
    assert score - 1e-9 <= round_up(score) <= score + 1e-3 + 1e-9
