"""The arithmetic of the report: intervals over persons, areas with intervals, spoiled copies, discarding."""

from pathlib import Path

import numpy as np
import pytest

from doorward_daemon.model.face import Face
from doorward_daemon.model.quality import QualityAssessment, QualityBand
from doorward_daemon.model.template import Embedding, Template
from doorward_daemon.tools.evaluation.discard import find_discard
from doorward_daemon.tools.evaluation.quality import find_quality
from doorward_daemon.tools.evaluation.rate import Rate, auroc_of, histogram
from doorward_daemon.tools.evaluation.spoiling import CopySight, SpoiledSight
from doorward_daemon.tools.lab import LabFace
from doorward_daemon.tools.statistics import ErrorRates, compare_all
from doorward_daemon.tools.statistics.person_bootstrap import PersonBootstrap


def people(count: int, photos: int, spread: float, seed: int = 0) -> tuple[np.ndarray, list[str]]:
    """Templates of persons, `spread` apart from photo to photo."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(count, 32))
    vectors = np.repeat(centres, photos, axis=0) + spread * rng.normal(size=(count * photos, 32))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32), [f"p{number // photos}" for number in range(count * photos)]


def test_the_interval_over_persons_holds_what_the_whole_set_shows():
    vectors, persons = people(20, 4, 1.2)
    drawn = PersonBootstrap(vectors, persons).rates([1e-2, 1e-1])
    assert drawn is not None
    pairs = compare_all(vectors, persons, [1.0] * len(persons))
    rates = ErrorRates.of(pairs.genuine, pairs.impostor)
    assert drawn.auc[0] <= rates.auc <= drawn.auc[1]
    assert drawn.eer[0] <= rates.eer <= drawn.eer[1]
    for (low, high), fmr in zip(drawn.fnmr, (1e-2, 1e-1), strict=True):
        assert low <= rates.fnmr(rates.threshold_at_fmr(fmr)) <= high
        assert high - low > 0.02


def test_more_people_make_the_interval_narrower():
    widths = []
    for count in (8, 60):
        drawn = PersonBootstrap(*people(count, 3, 1.2)).rates([1e-1])
        assert drawn is not None
        widths.append(drawn.fnmr[0][1] - drawn.fnmr[0][0])
    assert widths[1] < 0.7 * widths[0]


def test_people_who_are_told_apart_without_error_have_an_interval_of_nothing():
    drawn = PersonBootstrap(*people(10, 3, 0.01)).rates([1e-2])
    assert drawn is not None
    assert (drawn.auc, drawn.eer, drawn.fnmr) == ((1.0, 1.0), (0.0, 0.0), ((0.0, 0.0),))


def test_a_person_who_is_drawn_twice_counts_twice_and_her_pairs_with_others_as_often_as_both_are_drawn():
    vectors, persons = people(6, 3, 1.2)
    drawn = PersonBootstrap(vectors, persons).rates([0.3], draws=1, seed=5)
    assert drawn is not None
    times = np.bincount(np.random.default_rng(5).integers(6, size=6), minlength=6)
    numbers = [int(person[1:]) for person in persons]
    mated, other = [], []
    for one in range(len(vectors)):
        for two in range(one):
            first, second = numbers[one], numbers[two]
            weight = times[first] if first == second else times[first] * times[second]
            score = float(vectors[one].astype(np.float64) @ vectors[two].astype(np.float64))
            (mated if first == second else other).extend([score] * int(weight))
    rates = ErrorRates.of(np.asarray(mated), np.asarray(other))
    assert drawn.auc[0] == pytest.approx(rates.auc)
    assert drawn.fnmr[0][0] == pytest.approx(rates.fnmr(rates.threshold_at_fmr(0.3)))


def test_one_person_makes_no_interval():
    assert PersonBootstrap(*people(1, 5, 0.5)).rates([1e-2]) is None


def test_the_same_seed_draws_the_same_people():
    one, same, other = (PersonBootstrap(*people(9, 3, 1.2)).rates([1e-1], seed=seed) for seed in (1, 1, 2))
    assert one is not None
    assert same is not None
    assert other is not None
    assert one.fnmr == same.fnmr
    assert one.auc != other.auc


def test_a_rate_of_nothing_is_no_rate():
    assert Rate.of([]) is None
    half = Rate.of([True, False])
    assert half is not None
    assert (half.share, half.trials) == (0.5, 2)


def test_the_interval_of_an_area_shrinks_with_the_sample():
    rng = np.random.default_rng(3)
    widths = []
    for count in (20, 2000):
        area = auroc_of(rng.normal(1, 1, count), rng.normal(0, 1, count))
        assert area is not None
        assert area.low is not None
        assert area.high is not None
        assert area.low < area.value < area.high
        widths.append(area.high - area.low)
    assert widths[1] < widths[0] / 5
    assert auroc_of(np.zeros(0), np.zeros(3)) is None


def test_every_value_falls_into_one_bin():
    assert histogram([0.0, 0.1, 0.99, 1.0], 0.0, 1.0, 4) == (2, 0, 0, 2)


def lab_face(score: float, angle_deg: float) -> LabFace:
    angle = np.radians(angle_deg)
    vector = np.array([np.cos(angle), np.sin(angle)], np.float32)
    band = next(band for floor, band in zip((0.8, 0.6, 0.4, 0.0), QualityBand, strict=True) if score >= floor)
    face = Face(np.array([0, 0, 10, 10], np.float32), np.zeros((5, 2), np.float32), 0.9)
    return LabFace(
        face, Embedding(Template(vector, "test", "f32"), 1.0), QualityAssessment(score, band, (), (), ()), None
    )


def copy_of(severity: float, face: LabFace | None, cosine: float) -> CopySight:
    """A copy that kept the person from a cosine of 0.5 on and lost the person below 0.3."""
    return CopySight("blur", severity, face, cosine, face is not None and cosine >= 0.5, face is None or cosine < 0.3)


def spoiled(person: str, photo: str, copies: list[tuple[float, float]]) -> SpoiledSight:
    """A photo at angle 0 and copies at an angle, with a quality score."""
    sights = tuple(
        copy_of(0.2 + 0.2 * number, lab_face(score, angle), float(np.cos(np.radians(angle))))
        for number, (score, angle) in enumerate(copies)
    )
    return SpoiledSight(Path(person) / photo, lab_face(0.95, 0.0), sights)


def test_copies_count_as_kept_or_lost_by_what_became_of_the_person():
    photo = spoiled("ada", "1.jpg", [(0.9, 10), (0.5, 65), (0.1, 85)])
    gone = SpoiledSight(Path("ada/2.jpg"), lab_face(0.9, 0), (copy_of(0.2, None, 0.0),))
    found = find_quality("p", [photo, gone], [(QualityBand.HIGH, 0.95)])
    kind = found.by_kind["blur"]
    assert (kind.n_kept, kind.n_lost, kind.n_no_face) == (1, 1, 1)
    assert found.auroc is not None
    assert found.auroc.value == 1.0
    assert found.report is not None
    assert (found.report.n_in, found.report.n_out, found.report.n_no_face) == (1, 1, 1)
    assert [cell.median_quality for cell in found.cells] == [pytest.approx(0.45), 0.5, 0.1]
    assert found.bands["clean"]["high"].share == 1.0
    assert found.bands["lost"]["rejected"].share == 1.0


def test_discarding_by_quality_is_told_beside_discarding_by_the_truth():
    clean = {Path(f"{person}/{number}.jpg"): lab_face(0.95, 0.0) for person in ("ada", "bob") for number in (1, 2)}
    # Of ada's copies the score knows which is lost, of bob's it is mistaken.
    photos = [spoiled("ada", "1.jpg", [(0.9, 5), (0.1, 80)]), spoiled("bob", "1.jpg", [(0.2, 5), (0.8, 80)])]
    found = find_discard(photos, clean, threshold=0.5, seed=0)
    assert found is not None
    assert (found.n_pairs, found.n_persons) == (4, 2)
    at = {point.discard: number for number, point in enumerate(found.quality)}[0.5]
    assert found.quality[0].fnmr == 0.5
    assert found.quality[at].fnmr == 0.5
    assert found.oracle[at].fnmr == 0.0
    assert found.low[at] < found.high[at]


def test_nobody_with_two_photos_makes_no_characteristic():
    assert find_discard([spoiled("ada", "1.jpg", [(0.9, 5)])], {Path("ada/1.jpg"): lab_face(0.9, 0)}, 0.5, 0) is None
