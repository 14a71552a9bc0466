"""Quality evaluation: good against bad pictures, by kind, and the bands of the clean ones."""

import pytest

from doorward_daemon.model.quality import QualityBand
from doorward_daemon.tools.eval_quality import measure
from doorward_daemon.tools.quality_sample import ANY_KIND, QualityEntry, QualitySample


def good(score, kind=ANY_KIND):
    return QualityEntry(kind, good=True, score=score, band=QualityBand.HIGH)


def bad(score, kind):
    return QualityEntry(kind, good=False, score=score, band=QualityBand.REJECTED if score < 0.4 else QualityBand.LOW)


def test_bad_pictures_are_judged_by_kind_against_all_good_ones_of_a_folder():
    entries = (good(0.9), good(0.5), bad(0.1, "blur"), bad(0.6, "mask"))
    report = measure("test", QualitySample(entries, (QualityBand.HIGH, QualityBand.LOW), 1))
    assert report.auroc == pytest.approx(3 / 4)
    assert report.by_kind["blur"].auroc == 1.0
    assert report.by_kind["mask"].auroc == 0.5
    assert (report.by_kind["blur"].rejected_share, report.by_kind["mask"].rejected_share) == (1.0, 0.0)
    assert report.bands == {"high": 0.5, "medium": 0.0, "low": 0.5, "rejected": 0.0}
    assert (report.n_in, report.n_out, report.n_no_face) == (2, 2, 1)


def test_spoiled_copies_are_judged_within_their_kind():
    entries = (good(0.9, "noise"), bad(0.2, "noise"), good(0.3, "blur"))
    report = measure("test", QualitySample(entries, (QualityBand.HIGH,), 0))
    assert report.by_kind["noise"].auroc == 1.0
    # No copy of this kind lost its identity: there is nothing to tell apart, and nothing is made up.
    assert (report.by_kind["blur"].auroc, report.by_kind["blur"].rejected_share) == (None, None)


def test_false_positives_are_counted_where_95_percent_of_the_good_pass():
    entries = (*(good(0.5 + step / 100) for step in range(20)), bad(0.505, "x"), bad(0.52, "x"))
    # 19 of the 20 good ones must pass: the strictest threshold is 0.51.
    report = measure("test", QualitySample(entries, (QualityBand.HIGH,), 0))
    assert report.fpr_at_95_tpr == 0.5
