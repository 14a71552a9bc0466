"""The cohort tells faces that resemble many people from faces that resemble few."""

import numpy as np
import pytest

from doorward_daemon.identity import Cohort, decode_cohort
from doorward_daemon.packs.catalogue import recipes
from doorward_daemon.recognition.opening import cohort_of
from doorward_daemon.tools.calibrate_cohort import measure
from doorward_daemon.tools.statistics import mean_faces, normal_crowding


def unit(rows):
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def population(people, seed, common=0.0):
    """Faces of different people that share a direction to some degree; one row each."""
    rng = np.random.default_rng(seed)
    shared = np.zeros(32)
    shared[0] = common
    return unit(rng.normal(size=(people, 32)) / np.sqrt(32) + shared)


def test_a_face_near_the_mean_faces_is_crowded_and_one_far_from_them_is_not():
    cohort = Cohort(np.eye(32, dtype=np.float32)[:8])
    near = unit(np.r_[np.ones(8), np.zeros(24)]).astype(np.float32)
    far = np.eye(32, dtype=np.float32)[20]
    crowding = cohort.crowding(np.stack([near, far]))
    assert crowding == pytest.approx([1 / np.sqrt(8), 0.0], abs=1e-6)


def test_a_cohort_travels_as_text_and_moves_no_score_by_a_hundredth():
    vectors = population(31, 1).astype(np.float32)
    read = decode_cohort("\n  ".join([Cohort(vectors).encoded()[:100], Cohort(vectors).encoded()[100:]]), 32)
    assert read is not None
    probes = population(50, 2).astype(np.float32)
    assert np.abs(read.crowding(probes) - Cohort(vectors).crowding(probes)).max() < 0.01


def test_no_text_is_no_cohort():
    assert decode_cohort(" \n", 32) is None


@pytest.mark.parametrize("text", ["no base64!", "AAAA", ""])
def test_what_is_no_cohort_is_refused(text):
    if text:
        with pytest.raises(ValueError, match="cohort"):
            decode_cohort(text, 32)
    with pytest.raises(ValueError, match="cohort"):
        Cohort(np.full((8, 32), np.nan, np.float32))


def test_every_pack_of_the_catalogue_carries_a_cohort_of_its_own_dimension():
    for recipe in recipes():
        cohort = cohort_of(recipe.manifest)
        assert cohort is not None
        assert len(cohort) >= 16
        assert 0.0 < recipe.manifest.calibration.crowding_normal < 1.0


def test_a_mean_face_of_few_portraits_would_be_a_template_and_is_left_out():
    crowd = unit(np.vstack([population(200, 3, common=2.0), np.repeat(np.eye(32)[[5]], 3, axis=0)]))
    means = mean_faces(crowd, 8, 12, seed=0)
    assert len(means) < 8
    assert (means @ np.eye(32)[5]).max() < 0.9


def test_the_normal_crowding_is_the_largest_that_keeps_the_rate():
    scores, crowding = np.asarray([0.5, 0.4, 0.1, 0.0]), np.asarray([0.5, 0.3, 0.1, 0.0])
    # One of four may match at 0.3: the pair at 0.4 must lose a bit more than 0.1, the one at 0.5 stays or goes with it.
    normal = normal_crowding(scores, crowding, 0.3, 0.25)
    assert normal == pytest.approx(0.3, abs=1e-3)
    assert (scores - np.maximum(0, crowding - normal) >= 0.3).mean() <= 0.25
    assert (scores - np.maximum(0, crowding - normal - 0.01) >= 0.3).mean() > 0.25


def test_the_cohort_of_a_crowded_population_brings_its_strangers_back_under_the_rate():
    crowded = population(600, 4, common=0.6)
    report = measure("test", crowded, ((1e-2, 0.4), (1e-3, 0.5)), 0.99, seed=0)
    assert report.fmr_without > 0.01
    outside = population(300, 5, common=0.6)
    cohort = decode_cohort(report.cohort, 32)
    assert cohort is not None
    crowd = cohort.crowding(outside.astype(np.float32)).astype(float)
    pairs = np.triu_indices(300, 1)
    rise = np.maximum(0, ((crowd[:, None] + crowd[None]) / 2)[pairs] - report.crowding_normal)
    assert ((outside @ outside.T)[pairs] - rise >= 0.5).mean() < 4e-3
